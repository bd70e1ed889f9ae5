/* Object headers, and the points behind them.
 *
 *      0       1        2          3 …
 *   +-------+-------+-----------+-----------+-----------------------------
 *   | group | var.  | qualifier | range     | points …
 *   +-------+-------+-----------+-----------+-----------------------------
 *   The qualifier's high digit says what stands before each point (an index or a size),
 * its low digit what the range is: start and stop, a count, or nothing. What a point
 * looks like follows from group and variation: a row of the tables in dnp3_layouts.c. */
#ifndef IRONSPAN_DNP3_OBJECTS_H
#define IRONSPAN_DNP3_OBJECTS_H

#include "dnp3_fields.h"
#include "dnp3_state.h"

/* ---- layouts ---- */

enum dnp3_part_kind {
	PART_END,
	PART_FLAGS, /* a byte of bits, by the layout `arg` */
	PART_U8,
	PART_U16,
	PART_U32,
	PART_S16,
	PART_S32,
	PART_F32,
	PART_F64,
	PART_TIME,        /* 48 bits: the number as `field`, and TIME */
	PART_TIME_ONLY,   /* 48 bits, as the number alone */
	PART_RELATIVE,    /* 16 bits since the last time object */
	PART_CONTROL,     /* control code of a command */
	PART_STATUS,      /* 7 bits of status, the 8th is `field` */
	PART_STATUS_BYTE, /* status, as `field` */
	PART_SEVEN,       /* 7 bits are `field`, the 8th is the field after it */
	PART_SIZE,   /* 16 bits that say how long a later part is; `arg` is its number */
	PART_TEXT,   /* as many bytes as the size `arg` says */
	PART_SECRET, /* the same; nothing of it is kept */
	PART_REST,   /* all that is left, as bytes */
	PART_SECRET_REST, /* all that is left: only how long it is */
	PART_KEY_SET,     /* 32 bits of a key: whether it is there */
	PART_BLOCK,       /* number of a file block */
	PART_FIXED,       /* `arg` bytes as text */
	PART_ATTRIBUTE,   /* type, length and value of a device attribute */
	PART_SET_ID,      /* number of a data set, behind its length */
	PART_SET_TIME,    /* when its values were so, behind its length */
	PART_ELEMENTS,    /* elements of a data set */
	PART_DESCRIPTORS, /* of its description */
	PART_POINT_TYPES, /* of the points that stand behind its elements */
};

struct dnp3_part {
	uint8_t kind, arg;
	uint16_t field;
};

enum { FLAG_BITS = 8, DNP3_TIME_SIZE = 6 };
/* From the lowest bit up; the same field twice is one value of two bits. */
extern const uint16_t dnp3_flags[][FLAG_BITS];

struct dnp3_layout {
	const struct dnp3_part *parts; /* NULL: points have no bytes */
	bool is_known;
	uint8_t bits;   /* packed: bits a point; 0: whole bytes */
	uint16_t field; /* packed: which field they are */
};

/* The layout of a variation, false if there is none. */
bool dnp3_layout(uint8_t group, uint8_t variation, struct dnp3_layout *layout);
/* Whether the group exists. */
bool dnp3_is_group(uint8_t group);

/* ---- reading ---- */

struct dnp3_header {
	const uint8_t *at; /* its first byte */
	uint8_t group, variation, prefix, range;
	uint64_t start, stop, count;
};

/* What parsing a fragment learns on its way. */
struct dnp3_reader {
	struct dissect *d;
	uint8_t function;
	uint8_t group; /* of the object in hand */
	bool stopped;  /* the rest is not understood */
	bool has_objects;
	bool had_header; /* a whole one is on the tape */
	bool does_more; /* than reading */
	bool has_base; /* a common time of occurrence was seen: */
	uint64_t base_ms;
	uint32_t authentication; /* bit a variation of group 120 that was seen */
	const char *refusal;     /* name of the first status that is not success */
	uint64_t hidden;         /* items that lazy ones will be */
	uint64_t last_ms;        /* the last absolute time */
	uint32_t sizes[3];       /* PART_SIZE's, of the point in hand */
};

/* The items of an object's header. Those of the first are the ones that are found by field. */
static inline __attribute__((always_inline)) struct item *dnp3_put_object(
	struct dnp3_reader *r, const struct item *items, uint32_t count)
{
	struct item *at = r->had_header ? put_items(r->d, items, count, true)
					: put_new_items(r->d, items, count);

	r->had_header |= at != NULL;
	return at;
}

/* All objects of a fragment. */
void dnp3_objects(struct dnp3_reader *r, struct cursor *c);

/* dnp3_header.c: begins an object with what stands before its points. */
void dnp3_put_header(struct dnp3_reader *r, struct dnp3_header *h, struct cursor *c);
/* The same without a word: of an object that was read before. */
struct dnp3_header dnp3_header_of(struct cursor *c);
/* Points are prefixed with their size; how many bytes a prefix, size or index, has. */
bool dnp3_has_size(const struct dnp3_header *h);
size_t dnp3_prefix_width(const struct dnp3_header *h);

/* dnp3_parts.c: the parts of one point; `c` ends where the point does, if that is known.
 */
void dnp3_parts(struct dnp3_reader *r, const struct dnp3_part *parts, struct cursor *c);

/* dnp3_special.c: parts that have parts. */
void dnp3_attribute(struct dissect *d, struct cursor *c);
void dnp3_set_id(struct dissect *d, unsigned field, struct cursor *c);
void dnp3_set_time(struct dissect *d, unsigned field, struct cursor *c);
void dnp3_elements(struct dissect *d, struct cursor *c, enum dnp3_part_kind kind);

/* dnp3_parts.c: 48 bits of milliseconds as a number, and the same as TIME. */
uint64_t dnp3_put_time(
	struct dissect *d, unsigned field, struct cursor *c, bool with_text);

/* dnp3_files.c: a point of group 70, whose items begin at `from` on the tape. */
void dnp3_file_point(struct dnp3_reader *r, uint8_t variation, uint32_t from);

/* The first item of a field from `from` on; NULL if there is none. */
const struct item *dnp3_item(const struct message *m, uint32_t from, unsigned field);

#endif
