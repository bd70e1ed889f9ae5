/* Names of fields: what a rule may say, what the manual prints, and the `ot` table.
 *
 * A keyword is "proto.name" (or the field's own keyword, or an alias), optionally after
 * "request." or "response.". Operations are a table like any other: operation_tape() writes
 * an operation with ot_dissector's fields, so the encoder and the matcher need nothing new.
 * All of this is constant after the program began; any thread. */
#ifndef IRONSPAN_FIELDS_H
#define IRONSPAN_FIELDS_H

#include <stdio.h>

#include "dissect/dissect.h"

enum half { HALF_ANY, HALF_REQUEST, HALF_RESPONSE };

/* Rows that share a keyword because only their type differs (a coil's bits, a register's
 * numbers) stand together in the table: `count` rows from `field`. An item is meant when
 * item->field - ref.field < ref.count; its own row tells its type. */
struct field_ref {
	const struct dissector *dissector;
	unsigned field;
	enum half half;
	unsigned count;
};

/* "modbus.read.address", "modbus.request.read.address", "modbus_func", "ot.verb". */
bool field_find(const char *keyword, size_t len, struct field_ref *ref);
/* Whether some row of it may be hidden in a lazy item. */
bool field_in_lazy(const struct field_ref *ref);
/* This row and those behind it that share its keyword. */
unsigned field_rows(const struct dissector *d, unsigned field);
const char *field_keyword(const struct field *f); /* without "proto.": keyword or name */
const struct dissector *dissector_find(const char *name, size_t len);
unsigned dissector_index(const struct dissector *d); /* place in dissectors[] */

/* The pseudo-protocol `ot`: one tape an operation. A value stands alone where the operation
 * has one point, else as an array (bits, u16s) or a group with one element a point. */
enum {
	OT_VERB, OT_UNIT, OT_UNIT_TEXT, OT_OBJECT, OT_POINT_ADDR, OT_POINT_COUNT, OT_POINT_ID,
	OT_POINT_CODED,
	OT_VALUE, OT_VALUE_INT, OT_VALUE_REAL, OT_VALUE_TEXT, OT_VALUE_U16S, OT_VALUE_BITS,
	OT_VALUES_UINT, OT_VALUES_INT, OT_VALUES_REAL, OT_VALUES,
	OT_OUTCOME, OT_CODE, OT_BEFORE, OT_FIELD_COUNT
};
extern const struct dissector ot_dissector;

/* The text of a FIELD_TEXT, FIELD_DATA or FIELD_BYTES item, written to `room` (FORMAT_MAX
 * bytes) where its bytes are an encoding. */
struct bytes item_text(const struct field *f, const struct item *item, char *room);

/* Clears and fills `m`; values are borrowed from the operation, which must stay. */
void operation_tape(struct message *m, const struct operation *op);

void message_init(struct message *m);
void message_clear(struct message *m);
void message_fini(struct message *m);

/* A message of its own, in `room` of message_copy_size() bytes: items, raw bytes, what
 * was kept. Items that point into the message's bytes point into the copy; others are static or the
 * flow's and stay as they are. */
size_t message_copy_size(const struct message *m);
void message_copy(struct message *to, void *room, const struct message *from);

/* The message with what is lazy on its tape expanded: `m` itself where nothing is, else
 * `room` (a message of the caller's, zeroed or initialised), which borrows from `m`. */
const struct message *message_expanded(
	const struct dissector *d, const struct message *m, struct message *room);

/* The manual of one dissector or (NULL) all of them and `ot`. */
void fields_print(FILE *out, const struct dissector *d, bool json);

#endif
