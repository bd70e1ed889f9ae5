/* A message's tape as one JSON object.
 *
 * Dotted names nest: `read.address` and `read.quantity` share the object `read`. A field that
 * belongs to a group (`objects.id` in `objects`) is named relative to the element. Groups are
 * arrays of objects. Whatever is on the tape, the object is valid and no key comes twice: of
 * a field that is repeated the first is written, and names that come apart are brought
 * together again. The time is linear in the tape.
 *
 * A plan holds what is known of a dissector beforehand (quoted keys, the tree of names, names
 * of values) and the room to work in: one a thread. */
#ifndef IRONSPAN_TAPE_JSON_H
#define IRONSPAN_TAPE_JSON_H

#include "base/text.h"
#include "dissect/dissect.h"

/* Groups inside groups; deeper ones are left out. OPC UA nests 16 values, in a few lists. */
enum { TAPE_DEPTH_MAX = 24 };

struct tape_limits {
	uint32_t elements; /* of an array */
	uint32_t bytes;    /* of a text or data value, before escaping */
};
#define TAPE_UNLIMITED ((struct tape_limits){ UINT32_MAX, UINT32_MAX })

/* Where what an event tells stands in its text: noted while somebody wants to know. */
enum tape_mark_kind {
	MARK_BODY,    /* the header ends */
	MARK_TX,      /* the transaction's number */
	MARK_ID,      /* an item of the field `id_field` */
	MARK_BYTES,   /* any other item that is bytes */
	MARK_NUMBER,  /* a number that is a value, or may be */
	MARK_VALUES,  /* the value of an operation; type is its enum value_type */
	MARK_PACKETS,
};
struct tape_mark {
	enum tape_mark_kind kind;
	unsigned type;      /* enum field_type */
	struct bytes bytes; /* the item's, or the value's */
	uint64_t u;         /* MARK_ID */
	uint32_t count;     /* bits of a FIELD_BITS, values */
	size_t at, len;     /* in the text */
};
enum { TAPE_MARKS_MAX = 80 };
struct tape_marks {
	uint16_t id_field;
	unsigned count;
	bool is_full;       /* some are missing, or wrong */
	struct tape_mark of[TAPE_MARKS_MAX];
};

static inline void tape_mark(struct tape_marks *marks, struct tape_mark mark)
{
	if (marks && marks->count < TAPE_MARKS_MAX)
		marks->of[marks->count++] = mark;
	else if (marks)
		marks->is_full = true;
}

struct tape_plan;

struct tape_plan *tape_plan_new(const struct dissector *d);
void tape_plan_free(struct tape_plan *p);

/* Appends {…}. false: something was left out because of the limits. */
bool tape_json(struct tape_plan *p, const struct message *m, struct tape_limits limits,
	struct text *out);
/* The same, with marks (unless they are NULL). */
bool tape_json_marked(struct tape_plan *p, const struct message *m, struct tape_limits limits,
	struct tape_marks *marks, struct text *out);

/* What a message says is often said again: appends the last array of 16-bit numbers that
 * tape_json() appended to `out` since tape_forget(), if it was of these very bytes. */
bool tape_again(const struct tape_plan *p, struct bytes b, uint32_t count, struct text *out);
void tape_forget(struct tape_plan *p);

/* The text that a field's format, or a point's, makes of a value, at most `limit` bytes of it, as
 * JSON. false: it was longer. */
typedef size_t text_format(struct bytes value, char *out);
bool tape_text(struct tape_plan *p, text_format *format, struct bytes value, uint32_t limit,
	struct text *out);

/* An array of numbers, or of 0 and 1, at most `limit` of them. */
void json_u16s(struct text *out, struct bytes b, uint32_t count, uint32_t limit);
void json_bits(struct text *out, struct bytes b, uint32_t count, uint32_t limit);
/* Bytes as Suricata prints them: printable ASCII, the rest as \xHH; a JSON string. */
void json_data(struct text *out, struct bytes b);
void json_hex(struct text *out, struct bytes b);

#endif
