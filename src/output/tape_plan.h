/* What the tape encoder knows of a dissector beforehand. Internal to the encoder. */
#ifndef IRONSPAN_TAPE_PLAN_H
#define IRONSPAN_TAPE_PLAN_H

#include <assert.h>

#include "output/tape_json.h"

/* A name in the tree of names: an object that others lie in, or a field's own. Sorted so that
 * what lies in an object follows it; paths[0] is the object itself, without a key. */
struct tape_path {
	struct text_piece key; /* `,"address":`, may be copied from its second byte too */
	uint16_t parent;
	uint16_t depth;
};

/* The JSON text of the smallest values of a field with names: pieces of one text. */
enum { NAMES_KNOWN = 256 };
struct tape_names {
	struct text_piece of[NAMES_KNOWN];
	char *text;
	size_t longest;
};

struct tape_field {
	uint16_t path;
	uint16_t parent; /* path's */
	uint8_t type;
	bool is_hidden;
	struct tape_names *names; /* NULL: it has none, or they are not shown */
	const struct name *all_names;
	bool is_list;    /* flags as an array of names */
	const struct field *field;
};

/* What was seen in the object being written, at one depth of groups: compared with the
 * generation, so that nothing is cleared between objects. */
struct tape_seen {
	uint64_t *generation; /* by path */
	uint32_t *item;       /* by path: the item to write, or TAPE_OBJECT */
};
#define TAPE_OBJECT UINT32_MAX

/* The items of one object that has no groups: of a message, or of an element of a group. */
struct stretch {
	const struct item *items;
	uint32_t count;
};

/* Objects of one kind look alike: the same fields in the same order. A form is learnt from one
 * that was written: its text, with holes where the values are. The next that fits is the text
 * copied and the holes filled. */
enum { FORM_ITEMS_MAX = 48, FORMS_BITS = 7, FORMS = 1 << FORMS_BITS, FORM_CREDIT = 15 };

struct tape_form {
	unsigned count;                  /* items; 0: nothing learnt */
	unsigned credit;                 /* misses until another may take its place */
	uint16_t fields[FORM_ITEMS_MAX]; /* by item */
	size_t room;                     /* for its text, names and integers */
	unsigned hole_count;
	struct form_hole {
		uint16_t item;
		bool is_integer;
		uint32_t text_len; /* in front of it, behind the hole before */
		const struct tape_names *names; /* of its values; NULL: they have none */
	} holes[FORM_ITEMS_MAX];
	struct text text;
};

/* A form being learnt while an object is written to `out`. */
struct form_lesson {
	struct tape_form *form; /* NULL: nothing is to be learnt */
	struct stretch of;
	size_t from;            /* what was written since is still to be noted */
};

/* A value's bytes and its text, quotes included: two cache lines. */
enum { KEPT_FORMATS = 6, KEPT_TEXTS = 2048, KEPT_VALUE_MAX = 48, KEPT_TEXT_MAX = 78 };
struct kept_text {
	uint8_t value_len, text_len; /* 0: there is none yet */
	uint8_t value[KEPT_VALUE_MAX];
	char text[KEPT_TEXT_MAX];
};
static_assert(sizeof(struct kept_text) == 128, "two lines");
static_assert((unsigned)KEPT_TEXT_MAX >= (unsigned)TEXT_SPARE, "short ones are copied in one piece");

/* Those that are spelled in one way. */
struct kept_texts {
	text_format *format; /* NULL: none is, yet */
	struct kept_text *at; /* KEPT_TEXTS, by the hash of the value */
};

struct tape_plan {
	const struct dissector *dissector;
	struct tape_field *fields;
	unsigned field_count;
	struct tape_path *paths;
	unsigned path_count;
	char *keys;              /* all paths' keys */
	uint64_t generation;
	struct tape_seen seen[TAPE_DEPTH_MAX + 1];
	struct tape_form *forms; /* FORMS of them */
	struct {
		struct bytes of; /* its bytes; NULL: none was written */
		size_t at, len;  /* its place in the text */
	} last_array;
	struct kept_texts kept[KEPT_FORMATS];
};

void kept_texts_free(struct tape_plan *p);

/* Where the form of such an object is, if there is one. */
struct tape_form *form_of(const struct tape_plan *p, struct stretch s);
/* Whether the form can write it. Keeps count of that. */
bool form_fits(struct tape_form *form, struct stretch s);
/* false: something was left out because of the limits. */
bool form_write(struct tape_plan *p, const struct tape_form *form, struct stretch s,
	struct tape_limits limits, struct text *out);
/* The object does not fit: begin to learn its form, unless it has groups, or the old one keeps
 * its place. */
void form_begin(struct form_lesson *l, const struct tape_plan *p, struct tape_form *form,
	struct stretch s, const struct text *out);
/* `item` was written: its value is what stands behind `value_at`. */
void form_note(struct form_lesson *l, const struct tape_plan *p, const struct item *item,
	size_t value_at, const struct text *out);
void form_end(struct form_lesson *l, const struct text *out);

/* The text of a value that has names, quotes included. */
void tape_name_text(
	const struct name *names, bool are_flags, uint64_t value, struct text *out);

/* The names of the bits that are set, as an array. */
void tape_name_list(const struct name *names, uint64_t value, struct text *out);

/* One value that is no group. false: something of it was left out. */
bool tape_value(struct tape_plan *p, const struct tape_field *f, const struct item *item,
	struct tape_limits limits, struct text *out);

#endif
