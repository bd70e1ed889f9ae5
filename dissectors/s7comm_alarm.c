/* Messages of the CPU: alarms, their locks and acknowledgements, and who subscribes to
 * what.
 *
 * An alarm indication is a time, a function, and objects: an address specification each,
 * with the event's id, the state of its signals (a bit each) and the values that go with
 * it. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum {
	ALARM_8 = 5, NOTIFY = 6, ALARM_8_LOCK = 7, ALARM_8_UNLOCK = 8, SCAN = 9,
	ALARM_ACK = 11, ALARM_ACK_IND = 12, ALARM_SQ = 17, ALARM_S = 18,
	ALARM_QUERY_FUNCTION = 19, NOTIFY_8 = 22, QUERY_BY_TYPE = 1, QUERY_BY_EVENT = 3,
	KIND_ALARM_S = 4, CLOCK_LENGTH = 8, QUERY_OPEN_END = 0xffff, DATASET_MIN = 12,
	USERNAME_LENGTH = 8, EVENT_ALARM = 0x80,
};

/* ---- one object ---- */

static void put_states(struct dissect *d, uint8_t syntax, struct cursor *c)
{
	if (syntax == S7_SYNTAX_ALARM_IND || syntax == S7_SYNTAX_NOTIFY_IND) {
		put_u8(d, ALARM_SIGNAL, c);
		put_u8(d, ALARM_STATE, c);
	}
	if (syntax != S7_SYNTAX_ALARM_LOCK) {
		put_u8(d, ALARM_ACK_GOING, c);
		put_u8(d, ALARM_ACK_COMING, c);
	}
	if (syntax == S7_SYNTAX_NOTIFY_IND) {
		put_u8(d, ALARM_EVENT_GOING, c);
		put_u8(d, ALARM_EVENT_COMING, c);
		put_u8(d, ALARM_LAST_CHANGED, c);
		cursor_skip(c, 1);
	}
}

static void put_query(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 1);
	uint8_t query = put_u8(d, ALARM_QUERY, c);
	cursor_skip(c, 1);
	uint32_t what = cursor_be32(c);
	if (cursor_ok(c) && query == QUERY_BY_TYPE)
		put_uint(d, ALARM_KIND, what);
	else if (cursor_ok(c) && query == QUERY_BY_EVENT)
		put_uint(d, ALARM_EVENT_ID, what);
}

/* The values that go with an event stand behind its object. */
static void put_object(struct dissect *d, struct cursor *c)
{
	uint8_t kind = cursor_u8(c), length = cursor_u8(c), syntax = cursor_u8(c),
		values = 0;

	if (!cursor_ok(c) || kind != S7_VARIABLE_SPECIFICATION || length == 0) {
		s7_wrong(d, INVALID_ITEM);
		c->failed = true;
		return;
	}
	put_begin(d, ALARMS);
	put_uint(d, ALARM_SYNTAX, syntax);
	put_uint(d, ALARM_SYNTAX_RAW, syntax);
	if (syntax == S7_SYNTAX_ALARM_QUERY) {
		put_query(d, c);
	} else if (syntax == S7_SYNTAX_ALARM_IND || syntax == S7_SYNTAX_NOTIFY_IND ||
		   syntax == S7_SYNTAX_ALARM_ACK || syntax == S7_SYNTAX_ALARM_LOCK) {
		values = cursor_u8(c);
		put_be32(d, ALARM_EVENT_ID, c);
		put_states(d, syntax, c);
	} else {
		cursor_skip(c, length - 1u);
	}
	put_end(d);
	if ((syntax == S7_SYNTAX_ALARM_IND || syntax == S7_SYNTAX_NOTIFY_IND) && values)
		s7_put_data(d, c, values, NULL);
}

static void put_result(struct dissect *d, struct cursor *c)
{
	put_begin(d, ALARMS);
	uint8_t code = put_u8(d, ALARM_CODE_RAW, c);
	if (cursor_ok(c))
		put_uint(d, ALARM_CODE, code);
	put_end(d);
}

/* ---- answers to queries ---- */

/* Zeros: it has not gone yet. */
static void put_going_time(struct dissect *d, struct bytes time)
{
	static const uint8_t never[CLOCK_LENGTH];

	if (!time.len || memcmp(time.at, never, CLOCK_LENGTH) == 0)
		return;
	put_begin(d, ALARMS);
	put_bytes(d, ALARM_GOING_TIME, time);
	put_end(d);
}

static void put_dataset(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 3);
	put_begin(d, ALARMS);
	uint8_t kind = put_u8(d, ALARM_KIND, c);
	put_be32(d, ALARM_EVENT_ID, c);
	cursor_skip(c, 1);
	put_u8(d, ALARM_SIGNAL, c);
	put_u8(d, ALARM_ACK_GOING, c);
	put_u8(d, ALARM_ACK_COMING, c);
	if (kind != KIND_ALARM_S) {
		put_end(d);
		return;
	}
	put_fixed(d, ALARM_COMING_TIME, c, CLOCK_LENGTH);
	put_end(d);
	s7_put_data(d, c, 1, NULL);
	put_going_time(d, cursor_bytes(c, CLOCK_LENGTH));
	if (cursor_ok(c))
		s7_put_data(d, c, 1, NULL);
}

static void put_query_answer(struct dissect *d, struct cursor *c)
{
	uint8_t code;

	put_u8(d, ALARM_FUNCTION, c);
	put_u8(d, ALARM_COUNT, c);
	uint32_t length = s7_put_data_head(d, c, &code);
	if (!cursor_ok(c) || code != S7_SUCCESS)
		return;
	bool is_open = length == QUERY_OPEN_END;
	struct cursor sets = cursor_of(is_open ? cursor_rest(c) : s7_up_to(c, length));
	while (sets.left >= DATASET_MIN && !(is_open && sets.at[0] == 0))
		put_dataset(d, &sets);
}

/* ---- the functions ---- */

static void put_time(struct dissect *d, uint8_t sub, struct cursor *c)
{
	switch (sub) {
	case SCAN:
		cursor_skip(c, 2);
		put_fixed(d, ALARM_TIME, c, CLOCK_LENGTH);
		cursor_skip(c, 2);
		break;
	case ALARM_8:
	case NOTIFY:
	case ALARM_ACK_IND:
	case ALARM_SQ:
	case ALARM_S:
	case NOTIFY_8:
		put_fixed(d, ALARM_TIME, c, CLOCK_LENGTH);
	}
}

void s7_put_alarm(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->sub == ALARM_QUERY_FUNCTION && u->type == S7_ANSWER) {
		put_query_answer(d, c);
		return;
	}
	put_time(d, u->sub, c);
	put_u8(d, ALARM_FUNCTION, c);
	unsigned count = put_u8(d, ALARM_COUNT, c);
	for (unsigned i = 0; i < count && cursor_ok(c); i++) {
		if (c->left == 0) {
			s7_wrong(d, INVALID_ITEM_COUNT);
			return;
		}
		if (u->type == S7_ANSWER)
			put_result(d, c);
		else
			put_object(d, c);
	}
}

void s7_put_message_service(
	struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->type == S7_ANSWER) {
		put_u8(d, SERVICE_RESULT, c);
		cursor_skip(c, 1);
		if (c->left > 0)
			put_u8(d, ALARM_TYPE, c);
		return;
	}
	uint8_t events = put_u8(d, EVENTS, c);
	cursor_skip(c, 1);
	put_run(d, USERNAME, c, USERNAME_LENGTH);
	if (events & EVENT_ALARM && c->left > 0)
		put_u8(d, ALARM_TYPE, c);
}
