/* What the tape encoder knows of a dissector beforehand. Internal to the encoder. */
#ifndef IRONSPAN_TAPE_PLAN_H
#define IRONSPAN_TAPE_PLAN_H

#include "output/tape_json.h"

/* Text that may be copied in one piece of QUICK bytes, whatever its length: its memory goes on
 * so far. */
enum { QUICK = 32 };
static inline void put_quick(struct text *out, const char *at, size_t len)
{
	if (len > QUICK) {
		text_put(out, at, len);
		return;
	}
	if (out->cap - out->len < QUICK)
		text_grow(out, QUICK);
	memcpy(out->at + out->len, at, QUICK);
	out->len += len;
}

/* A name in the tree of names: an object that others lie in, or a field's own. Sorted so that
 * what lies in an object follows it; paths[0] is the object itself, without a key. */
struct tape_path {
	const char *key; /* `,"address":`, for put_quick() from its second byte too */
	uint16_t key_len;
	uint16_t parent;
	uint16_t depth;
};

/* The JSON text of the values 0 to 255 of a field with names, for put_quick(). */
struct tape_names {
	struct quoted {
		const char *at;
		size_t len;
	} of[256];
};

struct tape_field {
	uint16_t path;
	uint16_t parent; /* path's */
	uint8_t type;
	bool is_hidden;
	struct tape_names *names; /* NULL: it has none, or they are not shown */
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
