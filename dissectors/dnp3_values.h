/* Operations that carry values, and those on files. */
#ifndef IRONSPAN_DNP3_VALUES_H
#define IRONSPAN_DNP3_VALUES_H

#include "dnp3_walk.h"

/* An operation on the outstation that the message is for, or that sent it. */
struct operation dnp3_operation_of(
	const struct message *m, enum verb verb, const char *object);
void dnp3_set_text(struct operation *op, const char *text); /* static, or NULL */
/* The points that the header of the object in hand names. */
void dnp3_set_range(struct operation *op, const struct dnp3_walk *w);
/* Adds the operation for each run of them. */
void dnp3_add_range(struct dissect *d, struct dnp3_walk *w, struct operation *op);

/* What a group's points are: static data and their events share a name. NULL: nothing
 * that is read or written. */
const char *dnp3_object(uint8_t group);

/* One operation a run of points with consecutive indexes, each like `op`. */
void dnp3_values(struct dissect *d, struct dnp3_walk *w, const struct operation *op);

/* What a device attribute tells of the device that sent it. */
void dnp3_identify(struct dissect *d, struct dnp3_walk w);

/* One operation a row of event classes, each like `op`. */
void dnp3_add_classes(struct dissect *d, const struct message *m, struct operation *op);

/* By function. */
void dnp3_operate_freeze(struct dissect *d, const struct message *m, uint64_t function);
void dnp3_operate_unsolicited(
	struct dissect *d, const struct message *m, uint64_t function);
void dnp3_operate_assign(struct dissect *d, const struct message *m);
void dnp3_operate_command(struct dissect *d, const struct message *request,
	const struct message *response, enum verb verb);
/* One operation an object of group 70. */
void dnp3_operate_files(struct dissect *d, const struct message *request);

#endif
