/* What the tape encoder knows of a dissector beforehand. Internal to the encoder. */
#ifndef IRONSPAN_TAPE_PLAN_H
#define IRONSPAN_TAPE_PLAN_H

#include "output/tape_json.h"

/* A name in the tree of names: an object that others lie in, or a field's own. Sorted so that
 * what lies in an object follows it; paths[0] is the object itself, without a key. */
struct tape_path {
	struct text_piece key; /* `,"address":`, may be copied from its second byte too */
	uint16_t parent;
	uint16_t depth;
};

/* The JSON text of the values 0 to 255 of a field with names. */
struct tape_names {
	struct text_piece of[256];
};

/* How a field's value is written. */
enum tape_way {
	TAPE_SLOW,  /* by its type; a group; or not at all */
	TAPE_DIGITS,
	TAPE_NAME,
};

struct tape_field {
	uint16_t path;
	uint16_t parent; /* path's */
	uint8_t way;
	uint8_t type;
	bool is_hidden;
	uint32_t room; /* for the key and a value of bounded length */
	struct text_piece key;          /* path's */
	const struct tape_names *names; /* TAPE_NAME's */
	const struct name *all_names;
};

/* What was seen in the object being written, at one depth of groups: compared with the
 * generation, so that nothing is cleared between objects. */
struct tape_seen {
	uint64_t *generation; /* by path */
	uint32_t *item;       /* by path: the item to write, or TAPE_OBJECT */
};
#define TAPE_OBJECT UINT32_MAX

struct tape_plan {
	const struct dissector *dissector;
	struct tape_field *fields;
	unsigned field_count;
	struct tape_path *paths;
	unsigned path_count;
	uint64_t generation;
	struct tape_seen seen[TAPE_DEPTH_MAX + 1];
};

/* The text of a value that has names, quotes included. */
void tape_name_text(
	const struct name *names, bool are_flags, uint64_t value, struct text *out);

/* One value that is no group. false: something of it was left out. */
bool tape_value(const struct tape_field *f, const struct item *item,
	struct tape_limits limits, struct text *out);

#endif
