/* What a PLC sends unasked: notifications of a subscription, and system events. */
#include "s7commplus_parts.h"

enum {
	NEW_OBJECTS = 0x70000000, /* newer PLCs number objects from here (inferred) */
	HAS_VALUES = 0x0400,
};

/* What stands in front of a value tells its form (inferred). */
enum result {
	RESULT_END = 0,
	RESULT_ERROR = 0x03, RESULT_ERROR_1200 = 0x13, /* reference; it cannot be read */
	RESULT_OBJECT = 0x81,
	RESULT_VALUE = 0x83,
	RESULT_REFERENCE = 0x92, /* reference, value */
	RESULT_NUMBER = 0x9b,    /* number as VLQ, value */
	RESULT_STATUS = 0x9c,    /* four bytes of something else */
};

static bool has_no_value(uint8_t result)
{
	return result == RESULT_ERROR || result == RESULT_ERROR_1200 ||
		result == RESULT_STATUS;
}

static uint32_t number_and_value(struct plus *p, uint8_t result, struct cursor *c)
{
	if (result == RESULT_NUMBER)
		plus_put_vlq(p, FIELD_ITEM_NUMBER, c);
	else if (result != RESULT_VALUE)
		put_be32(p->d, FIELD_ITEM_NUMBER, c);
	return has_no_value(result) ? 0 : plus_value(p, FIELD_ITEM_VALUE, c, 0);
}

static bool is_result(uint8_t result)
{
	return has_no_value(result) || result == RESULT_VALUE ||
		result == RESULT_REFERENCE || result == RESULT_NUMBER;
}

static void value_list(struct plus *p, struct cursor *c)
{
	for (uint8_t result; (result = cursor_u8(c)) != RESULT_END;) {
		if (result == RESULT_OBJECT) {
			plus_objects(p, c);
			continue;
		}
		if (!is_result(result)) {
			plus_unknown(p, c);
			return;
		}
		put_begin(p->d, FIELD_ITEMS);
		put_uint(p->d, FIELD_ITEM_RESULT, result);
		uint32_t lists = number_and_value(p, result, c);
		put_end(p->d);
		plus_members(p, FIELD_ITEMS, FIELD_ITEM_VALUE, c, lists);
	}
}

/* A second list, of alarms for example, follows where its object is not 0. */
static void second_list(struct plus *p, struct cursor *c)
{
	struct cursor ahead = *c;

	if (c->left < 6 || c->at[0] == 0 || cursor_be32(&ahead) == 0)
		return;
	cursor_skip(c, 6);
	value_list(p, c);
}

/* A change counter of 0 is followed by the time and the counter (newer S7-1500). */
static void time_and_changes(struct plus *p, struct cursor *c)
{
	if (c->left && c->at[0] == 0)
		put_fixed(p->d, FIELD_NOTIFICATION_TIME, c, 8);
	put_u8(p->d, FIELD_NOTIFICATION_CHANGES, c);
}

static void counters(struct plus *p, uint32_t object, struct cursor *c)
{
	if (object < NEW_OBJECTS) {
		put_u8(p->d, FIELD_NOTIFICATION_SEQUENCE, c);
		put_u8(p->d, FIELD_NOTIFICATION_CHANGES, c);
		return;
	}
	put_u8(p->d, FIELD_NOTIFICATION_CREDIT, c);
	plus_put_vlq(p, FIELD_NOTIFICATION_SEQUENCE, c);
	time_and_changes(p, c);
}

static void first_version(struct plus *p, struct cursor *c)
{
	struct cursor ahead = *c;

	cursor_skip(c, 4);
	cursor_skip(&ahead, 4);
	if (cursor_be32(&ahead) == 0)
		return;
	cursor_skip(c, 6);
	value_list(p, c);
}

void plus_notification(struct plus *p, struct cursor *c)
{
	uint32_t object = plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);

	if (p->version == VERSION_CONNECT) {
		first_version(p, c);
		return;
	}
	uint16_t kind = cursor_be16(c);
	cursor_skip(c, 2);
	if (kind != HAS_VALUES)
		return;
	cursor_skip(c, 2);
	counters(p, object, c);
	value_list(p, c);
	second_list(p, c);
}

/* Numbers here are plain. Four words, the second counts the bytes received so far; then a
 * structure that tells an error, or words ("LOGOUT"). */
void plus_system_event(struct plus *p, struct cursor *c)
{
	struct cursor ahead;

	p->is_plain = true;
	cursor_skip(c, 4);
	put_be32(p->d, FIELD_CONFIRMED_BYTES, c);
	cursor_skip(c, 8);
	if (!cursor_ok(c) || c->left == 0)
		return;
	ahead = *c;
	if (cursor_be32(&ahead) == TYPE_STRUCT && cursor_ok(&ahead))
		plus_member(p, FIELD_ITEMS, FIELD_ITEM_VALUE, c, 0, ID_SYSTEM_EVENT,
			(struct bytes){ (const uint8_t *)"\x00\x00\x9d\x6c", 4 });
	else
		put_rest(p->d, FIELD_MESSAGE, c);
}
