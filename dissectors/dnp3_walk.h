/* Reads objects and points back from a parsed message. */
#ifndef IRONSPAN_DNP3_WALK_H
#define IRONSPAN_DNP3_WALK_H

#include "dnp3_fields.h"

/* Groups whose meaning is special. */
enum {
	ATTRIBUTE_GROUP = 0,
	COMMAND_GROUP = 12,
	DEADBAND_GROUP = 34,
	ANALOG_COMMAND_GROUP = 41,
	TIME_GROUP = 50,
	CLASS_GROUP = 60,
	FILE_GROUP = 70,
	IIN_GROUP = 80,
	SET_GROUP = 87,
	SET_EVENT_GROUP = 88,
	AUTHENTICATION_GROUP = 120,
};

struct dnp3_walk {
	const struct message *m;
	uint32_t at;
	/* the object in hand */
	bool has_object;
	uint8_t group, variation, prefix; /* prefix: the code of what stands before points */
	uint64_t start, count;
	struct bytes measures; /* its points where they are measurements, which are lazy */
	/* the point in hand: its items are from `from` up to `end` */
	uint64_t index;
	uint32_t from, end;
};

bool dnp3_next_object(struct dnp3_walk *w);
bool dnp3_next_point(struct dnp3_walk *w); /* of the object in hand */
/* The next point of the objects that are commands; false if there is none. */
bool dnp3_next_command(struct dnp3_walk *w);
/* What points of its group are told apart by: an index, or the number of a data set. */
uint64_t dnp3_point_address(const struct dnp3_walk *w);
/* A field of the point in hand; NULL if it has none. */
const struct item *dnp3_point_item(const struct dnp3_walk *w, unsigned field);

#endif
