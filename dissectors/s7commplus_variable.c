/* Functions that read and write variables: one, several, or as a stream. */
#include "s7commplus_parts.h"

/* ---- lists ---- */

/* Attribute ids, an item each. */
void plus_id_list(struct plus *p, struct cursor *c, uint32_t count)
{
	for (uint32_t i = 0; i < count && cursor_ok(c); i++) {
		put_begin(p->d, FIELD_ITEMS);
		plus_put_id(p, FIELD_ITEM_VALUE + ROW_ID, FIELD_ITEM_VALUE + ROW_NAME, c);
		put_end(p->d);
	}
}

/* Numbered values up to number 0. */
void plus_value_list(struct plus *p, struct cursor *c)
{
	uint32_t number;

	while (cursor_ok(c) && (number = plus_vlq(p, c)) != 0 && cursor_ok(c)) {
		put_begin(p->d, FIELD_ITEMS);
		put_uint(p->d, FIELD_ITEM_NUMBER, number);
		uint32_t lists = plus_value(p, FIELD_ITEM_VALUE, c, 0);
		put_end(p->d);
		plus_members(p, FIELD_ITEMS, FIELD_ITEM_VALUE, c, lists);
	}
}

const char *plus_error_name(uint64_t value)
{
	const char *name = name_of(plus_errors, (uint16_t)value);

	return name ? name : "unknown";
}

/* What could not be read or written, up to number 0. */
static void error_list(struct plus *p, struct cursor *c)
{
	uint32_t number;

	while (cursor_ok(c) && (number = plus_vlq(p, c)) != 0 && cursor_ok(c)) {
		put_begin(p->d, FIELD_ITEMS);
		put_uint(p->d, FIELD_ITEM_NUMBER, number);
		uint64_t value = plus_vlq64(p, c);
		if (cursor_ok(c)) {
			put_uint(p->d, FIELD_ITEM_RETURN, value);
			put_int(p->d, FIELD_ITEM_CODE, (int16_t)value);
			put_text(p->d, FIELD_ITEM_ERROR, plus_error_name(value));
		}
		put_end(p->d);
	}
}

/* One value that has no number. */
void plus_single_value(struct plus *p, struct cursor *c)
{
	put_begin(p->d, FIELD_ITEMS);
	uint32_t lists = plus_value(p, FIELD_ITEM_VALUE, c, 0);
	put_end(p->d);
	plus_members(p, FIELD_ITEMS, FIELD_ITEM_VALUE, c, lists);
}

/* ---- several variables ----
 *
 * Object 0: addresses of variables. Another object: ids of its attributes. */

static void skip_addresses(struct plus *p, struct cursor *c, uint32_t count)
{
	for (uint32_t i = 0; i < count && cursor_ok(c); i++) {
		plus_vlq(p, c);
		plus_vlq(p, c);
		for (uint32_t n = plus_vlq(p, c); n > 0 && cursor_ok(c); n--)
			plus_vlq(p, c);
	}
}

static void skip_ids(struct plus *p, struct cursor *c, uint32_t count)
{
	for (uint32_t i = 0; i < count && cursor_ok(c); i++)
		plus_vlq(p, c);
}

void plus_get_multi_request(struct plus *p, struct cursor *c)
{
	uint32_t object = plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	uint32_t count = plus_put_vlq(p, FIELD_ITEM_COUNT, c);
	uint32_t numbers = plus_vlq(p, c);

	if (object) {
		plus_id_list(p, c, numbers);
		return;
	}
	for (uint32_t i = 0; i < count && cursor_ok(c); i++) {
		put_begin(p->d, FIELD_ITEMS);
		put_uint(p->d, FIELD_ITEM_NUMBER, (uint64_t)i + 1);
		plus_address(p, c);
		put_end(p->d);
	}
}

void plus_get_multi_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	plus_value_list(p, c);
	error_list(p, c);
}

/* Addresses stand in front, values with the numbers of their addresses behind: `at` and
 * `c` read both at once. */
struct target {
	uint32_t object;
	struct cursor at;
};

/* The id of what is written: an attribute, or of a variable the sub-area. */
static uint32_t put_target(struct plus *p, struct target *t)
{
	unsigned rows = FIELD_ITEM_VALUE;

	if (t->object)
		return plus_put_id(p, rows + ROW_ID, rows + ROW_NAME, &t->at);
	plus_address(p, &t->at);
	return 0;
}

static void set_item(struct plus *p, struct target *t, uint32_t i, struct cursor *c)
{
	put_begin(p->d, FIELD_ITEMS);
	uint32_t id = put_target(p, t);
	uint32_t number = plus_put_vlq(p, FIELD_ITEM_NUMBER, c);
	if (number != i + 1 && cursor_ok(c)) { /* it belongs to another address */
		put_end(p->d);
		put_begin(p->d, FIELD_ITEMS);
		put_uint(p->d, FIELD_ITEM_NUMBER, number);
		id = 0;
	}
	uint32_t lists = cursor_ok(c) ? plus_value(p, FIELD_ITEM_VALUE, c, id) : 0;
	put_end(p->d);
	plus_members(p, FIELD_ITEMS, FIELD_ITEM_VALUE, c, lists);
}

void plus_set_multi_request(struct plus *p, struct cursor *c)
{
	struct target t = { .object = plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c) };
	uint32_t count = plus_put_vlq(p, FIELD_ITEM_COUNT, c);
	uint32_t numbers = plus_vlq(p, c);

	t.at = *c;
	if (t.object)
		skip_ids(p, c, numbers);
	else
		skip_addresses(p, c, count);
	for (uint32_t i = 0; i < count && cursor_ok(c); i++)
		set_item(p, &t, i, c);
	cursor_skip(c, 1);
}

void plus_set_multi_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	error_list(p, c);
}

/* ---- one variable ---- */

/* A 0 among the ids is followed by the length that the value has in memory (inferred).
 * The value belongs to the first id. */
void plus_set_request(struct plus *p, struct cursor *c)
{
	unsigned rows = FIELD_ITEM_VALUE;

	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	uint32_t numbers = plus_vlq(p, c);
	if (!cursor_ok(c))
		return;
	put_begin(p->d, FIELD_ITEMS);
	uint32_t id = numbers ? plus_put_id(p, rows + ROW_ID, rows + ROW_NAME, c) : 0;
	skip_ids(p, c, numbers ? numbers - 1 : 0);
	uint32_t lists = cursor_ok(c) ? plus_value(p, rows, c, id) : 0;
	put_end(p->d);
	plus_members(p, FIELD_ITEMS, rows, c, lists);
}

void plus_get_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	plus_id_list(p, c, plus_put_vlq(p, FIELD_ITEM_COUNT, c));
}

void plus_get_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	plus_single_value(p, c);
}

/* The address is a value itself: an array of ids. */
void plus_streamed_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	uint8_t flags = cursor_u8(c), type = cursor_u8(c);
	if (flags == ADDRESS_ARRAY && type == TYPE_UDINT)
		plus_id_list(p, c, plus_vlq(p, c));
	else
		plus_unknown(p, c);
}

void plus_get_streamed_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	cursor_skip(c, 1);
	plus_single_value(p, c);
}
