/* Elements of groups on a finished tape, and the values in them. */
#ifndef IRONSPAN_OPCUA_ELEMENT_H
#define IRONSPAN_OPCUA_ELEMENT_H

#include "dissect/dissect.h"

/* A stretch of a message's items: the whole message, or an element of a group. */
struct stretch {
	const struct message *m; /* NULL: empty */
	uint32_t at, end;
	uint32_t done;           /* bytes of the plain elements at `at` that were picked */
};

struct stretch opcua_whole(const struct message *m);

/* Whether more of the message stands behind an item of its tape: if it is cut, a text may lack its
 * end. */
bool opcua_is_whole(const struct message *m, const struct item *item);
/* The first item of a field, if it is whole. The message may be NULL. */
const struct item *opcua_whole_item(const struct message *m, unsigned field);

/* The next element of `group` that begins in the stretch, which goes on behind it. */
bool opcua_next(struct stretch *in, unsigned group, struct stretch *element);

/* The same without looking for its end: the stretch goes on inside the element. */
bool opcua_enter(struct stretch *in, unsigned group);

/* What operations ask of an element that is one of many: the first item of each kind that
 * stands in the element itself. NULL: there is none. */
enum pick { PICK_NONE, PICK_NODE, PICK_ATTRIBUTE, PICK_HANDLE, PICK_STATUS, PICK_VALUE,
	PICK_RANGE, PICKS };

struct picked {
	const struct item *item[PICKS];
	struct stretch element; /* empty of a plain one, whose items are in */
	struct item room[PICKS];
};

/* The bytes of a number, which live as long as the transaction. */
struct bytes opcua_number(struct dissect *d, const struct picked *picked, enum pick what);

/* Picks from the next element, which is walked once. False, and nothing picked: there is none
 * before the stretch, or the element that was entered, ends. */
bool opcua_pick(struct stretch *in, unsigned group, struct picked *picked);

/* The first item of a field that stands in the stretch itself, not in an element of it.
 */
const struct item *opcua_item_in(struct stretch in, unsigned field);
/* The same of any of several rows that stand together in the table. */
const struct item *opcua_rows_in(struct stretch in, unsigned field, unsigned rows);

/* What a variant in the element, or in the stretch, holds. Texts are made with keep(). */
struct values opcua_values_of(struct dissect *d, const struct picked *from);
struct values opcua_values_in(struct dissect *d, struct stretch in);

/* Text that lives as long as the transaction. */
struct bytes opcua_kept_text(struct dissect *d, size_t (*format)(struct bytes, char *),
	const struct item *item);

#endif
