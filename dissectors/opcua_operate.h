/* What OPC UA's messages mean: opcua_operate.c has the table of services and what most of
 * them need, opcua_access.c, opcua_call.c and opcua_watch.c have the others. */
#ifndef IRONSPAN_OPCUA_OPERATE_H
#define IRONSPAN_OPCUA_OPERATE_H

#include "opcua.h"
#include "opcua_element.h"

struct pair {
	const struct message *request, *response; /* either may be NULL */
};

/* A row: which elements of the request are points, and what names them. */
struct meaning {
	uint16_t service; /* the request's id */
	uint8_t verb;
	const char *object;
	void (*operate)(struct dissect *d, const struct meaning *m, struct pair p);
	uint16_t group, point; /* of the request; group 0: the message itself */
	uint16_t value;	       /* a text of it; 0: none */
};

void opcua_operate(
	struct dissect *d, const struct message *request, const struct message *response);

/* Pieces of operations. */
struct operation opcua_begin(struct dissect *d, const struct meaning *m);
struct bytes opcua_text_of(struct dissect *d, const struct item *item);
void opcua_set_text(
	struct operation *op, struct bytes text); /* as its value, if there is any */
void opcua_set_outcome(
	struct operation *op, const struct item *status); /* NULL: that of the whole */
/* The point is what the item says; a node by its bytes. NULL: none. */
void opcua_set_point(struct dissect *d, struct operation *op, const struct item *item);
void opcua_set_node(struct dissect *d, struct operation *op, struct bytes node_id);
const char *opcua_attribute_name(uint64_t attribute);
const char *opcua_attribute_of(const struct picked *from);
enum extent opcua_extent_of(const struct picked *from);

/* Services. */
void opcua_operate_read(struct dissect *d, const struct meaning *m, struct pair p);
void opcua_operate_write(struct dissect *d, const struct meaning *m, struct pair p);
void opcua_operate_call(struct dissect *d, const struct meaning *m, struct pair p);
void opcua_operate_monitor(struct dissect *d, const struct meaning *m, struct pair p);
void opcua_operate_publish(struct dissect *d, const struct meaning *m, struct pair p);

#endif
