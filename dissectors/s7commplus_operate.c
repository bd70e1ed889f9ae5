/* What a transaction means: one operation a variable, an object, a change of the CPU's
 * state. */
#include <stdio.h>

#include "s7commplus_parts.h"

enum { ITEMS_MAX = 64 }; /* operations of one transaction that are kept */

/* ---- what the tape says ---- */

/* An element of `items`, without members of structures. */
struct entry {
	uint64_t number, area, id;
	struct bytes address, id_bytes;
	const struct item *value, *type, *error;
	bool is_there, is_member;
};

static void take(struct entry *e, const struct item *item)
{
	switch (item->field) {
	case FIELD_ITEM_NUMBER:
		e->number = item->u;
		break;
	case FIELD_ITEM_AREA:
		e->area = item->u;
		break;
	case FIELD_ITEM_ADDRESS:
		e->address = item_bytes(item);
		break;
	case FIELD_ITEM_CODE:
		e->error = item;
		break;
	case FIELD_ITEM_VALUE + ROW_LEVEL:
		e->is_member = true;
		break;
	case FIELD_ITEM_VALUE + ROW_ID:
		e->id = item->u;
		break;
	case FIELD_ITEM_VALUE + ROW_NAME:
		e->id_bytes = item_bytes(item);
		break;
	case FIELD_ITEM_VALUE + ROW_TYPE:
		e->type = item;
		break;
	}
	if (item->field >= FIELD_ITEM_VALUE + ROW_U16S &&
	    item->field <= FIELD_ITEM_VALUE + ROW_BYTES)
		e->value = item;
}

static bool begins_group(const struct item *item)
{
	return item->field == FIELD_ITEM_VALUE + ROW_ELEMENTS ||
		item->field == FIELD_ITEM_VALUE + ROW_REFERENCES;
}

static struct entry read_entry(const struct message *m, uint32_t *at)
{
	struct entry e = { .is_there = true };
	unsigned depth = 1;

	for (; depth && *at < m->count; ++*at) {
		const struct item *item = &m->items[*at];
		if (item->field == ITEM_END)
			depth--;
		else if (begins_group(item))
			depth++;
		else if (depth == 1)
			take(&e, item);
	}
	return e;
}

/* The next one on top, from item *at on. */
static struct entry next_entry(const struct message *m, uint32_t *at)
{
	while (m && *at < m->count) {
		if (m->items[(*at)++].field != FIELD_ITEMS)
			continue;
		struct entry e = read_entry(m, at);
		if (!e.is_member)
			return e;
	}
	return (struct entry){ 0 };
}

uint64_t plus_number_of(const struct message *m, unsigned field)
{
	uint64_t value = 0;

	if (m)
		message_uint(m, field, &value);
	return value;
}

/* ---- values and points ---- */

static void set_value(struct dissect *d, struct operation *op, const struct item *value,
	const struct item *type)
{
	static const uint8_t types[] = {
		[ROW_U16S] = VALUE_U16, [ROW_BOOL] = VALUE_UINT, [ROW_UINT] = VALUE_UINT,
		[ROW_INT] = VALUE_INT, [ROW_REAL] = VALUE_REAL, [ROW_TEXT] = VALUE_TEXT,
		[ROW_TIME] = VALUE_NONE, [ROW_BYTES] = VALUE_NONE,
	};

	if (!value || (type && type->u == TYPE_STRUCT))
		return;
	op->value.type = types[value->field - FIELD_ITEM_VALUE];
	op->value.count = 1;
	if (op->value.type == VALUE_TEXT || op->value.type == VALUE_U16)
		op->value.bytes = item_bytes(value);
	else if (op->value.type != VALUE_NONE)
		op->value.bytes = keep(d,
			(struct bytes){ (const uint8_t *)&value->u, sizeof(uint64_t) });
	if (op->value.type == VALUE_U16)
		op->value.count = (uint32_t)(op->value.bytes.len / 2);
	else if (op->value.type != VALUE_NONE && op->value.bytes.len == 0)
		op->value = (struct values){ VALUE_NONE, 0, { NULL, 0 } };
}

struct bytes plus_keep_text(struct dissect *d, const char *text, size_t len)
{
	return keep(d, (struct bytes){ (const uint8_t *)text, len });
}

static const char *kind_of(uint64_t area)
{
	static const char *const kinds[] = {
		"input", "output", "memory", "counter", "timer",
	};

	if (area >= ID_INPUTS && area <= ID_TIMERS)
		return kinds[area - ID_INPUTS];
	return (area & ~(uint64_t)ID_NUMBER) == ID_DB ? "db" : "object";
}

/* An address, or the asked object and its attribute. */
static void set_point(struct dissect *d, struct operation *op, const struct entry *e,
	const struct item *object)
{
	char text[2 * FORMAT_MAX];
	size_t len = 0;

	if (e->address.len) {
		op->object = kind_of(e->area);
		len = plus_address_text(e->address, text);
	} else if (object) {
		op->object = "object";
		len = plus_rid_text(item_bytes(object), text);
	}
	if (!e->address.len && e->id_bytes.len) {
		if (len)
			text[len++] = '.';
		len += plus_id_text(e->id_bytes, text + len);
	}
	op->point_text = plus_keep_text(d, text, len);
}

/* ---- variables ---- */

/* The attribute that an address names: its fourth number. */
static uint64_t attribute_of(const struct entry *e)
{
	struct bytes b = e->address;
	uint32_t number = 0;

	if (!b.len)
		return e->id;
	for (unsigned i = 0; i < 4 && b.len; i++) {
		size_t used;
		number = plus_number(b, &used);
		b = (struct bytes){ b.at + used, b.len - used };
	}
	return number;
}

struct meant {
	uint32_t id;      /* of the attribute written; no two objects share one */
	int64_t value;    /* ANY: all others */
	enum verb verb;
	const char *what; /* NULL: the value as it is */
};
#define ANY INT64_MIN

static const struct meant meant[] = {
	{ ID_OPERATING_STATE_REQ, 1, VERB_MODE_CHANGE, "stop" },
	{ ID_OPERATING_STATE_REQ, 2, VERB_RESTART, "reset_retentive" },
	{ ID_OPERATING_STATE_REQ, 3, VERB_MODE_CHANGE, "run" },
	{ ID_OPERATING_STATE_REQ, 4, VERB_MODE_CHANGE, "run_redundant" },
	{ ID_OPERATING_STATE_REQ, ANY, VERB_MODE_CHANGE, NULL },
	{ ID_AS_STATE_REQ, 3, VERB_RESTART, "factory_reset_with_address" },
	{ ID_AS_STATE_REQ, 4, VERB_RESTART, "factory_reset" },
	{ ID_AS_STATE_REQ, ANY, VERB_RESTART, NULL },
	{ ID_SYSTEM_TIME, ANY, VERB_TIME_SYNC, NULL },
};

static bool is_of_subscription(uint64_t id)
{
	return id >= ID_SUBSCRIPTION && id <= ID_SUBSCRIPTION_LAST;
}

/* Writing some attributes is more than that. */
static void set_verb(struct dissect *d, struct operation *op, const struct entry *e)
{
	uint64_t id = attribute_of(e);
	int64_t value = e->value ? e->value->i : ANY;

	if (is_of_subscription(id)) {
		op->verb = VERB_SUBSCRIBE;
		op->object = "subscription";
	}
	for (unsigned i = 0; i < sizeof(meant) / sizeof(*meant); i++) {
		const struct meant *m = &meant[i];
		if (m->id != id || (m->value != ANY && m->value != value))
			continue;
		op->verb = m->verb;
		op->object = "plc";
		if (m->what)
			op->value = (struct values){ VALUE_TEXT, 1,
				plus_keep_text(d, m->what, strlen(m->what)) };
		return;
	}
}

static struct operation operation_of(struct dissect *d, enum verb verb,
	const struct entry *e, const struct item *object)
{
	struct operation op = { .verb = verb };

	set_point(d, &op, e, object);
	return op;
}

struct operation plus_about_object(struct dissect *d, enum verb verb,
	const struct message *m)
{
	return operation_of(d, verb, &(struct entry){ 0 }, message_item(m, FIELD_OBJECT));
}

struct answer {
	const struct item *value, *type, *error;
};

/* The answers by their numbers. */
static void read_answers(const struct message *response, struct answer *answers)
{
	uint32_t at = 0;

	for (struct entry e; (e = next_entry(response, &at)).is_there;)
		if (e.number <= ITEMS_MAX)
			answers[e.number] = (struct answer){ e.value, e.type, e.error };
}

static void refuse(struct operation *op, const struct item *error)
{
	if (!error)
		return;
	const char *name = name_of(plus_errors, (uint16_t)error->i);
	op->outcome = OUTCOME_REJECTED;
	op->code = name ? name : "unknown";
}

static void add_item(struct dissect *d, const struct entry *e, const struct item *object,
	const struct answer *answer, bool written)
{
	struct operation op = operation_of(d, written ? VERB_WRITE : VERB_READ, e, object);

	if (written) {
		set_value(d, &op, e->value, e->type);
		set_verb(d, &op, e);
	} else {
		set_value(d, &op, answer->value, answer->type);
	}
	refuse(&op, answer->error);
	operation_add(d, &op);
}

/* `written`: the values are the request's, else the answer's under the same number. What goes
 * beyond the operations that are kept is only counted. */
static void operate_items(struct dissect *d, const struct message *request,
	const struct message *response, bool written)
{
	struct answer answers[ITEMS_MAX + 1] = { 0 };
	const struct message *m = request ? request : response;
	const struct item *object = message_item(m, FIELD_OBJECT);
	uint32_t at = 0, count = 0;

	read_answers(response, answers);
	for (struct entry e; (e = next_entry(m, &at)).is_there;) {
		uint64_t number = request && !e.address.len ? count + 1 : e.number;
		if (count++ >= ITEMS_MAX)
			operation_add(d, &(struct operation){
				.verb = written ? VERB_WRITE : VERB_READ });
		else
			add_item(d, &e, object,
				&answers[number <= ITEMS_MAX ? number : 0], written);
	}
}

static void operate_read(struct dissect *d, const struct message *request,
	const struct message *response)
{
	operate_items(d, request, response, false);
}

/* ---- one value ---- */

/* The answer has one value, whatever the request's ids are. */
static void operate_get(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	uint32_t at = 0, answer_at = 0;
	struct entry e = next_entry(m, &at), answer = next_entry(response, &answer_at);
	struct operation op = operation_of(d, VERB_READ, &e,
		message_item(m, FIELD_OBJECT));

	set_value(d, &op, answer.value, answer.type);
	operation_add(d, &op);
	if (answer.value && answer.value->field == FIELD_ITEM_VALUE + ROW_BYTES)
		plus_identify_record(d, item_bytes(answer.value));
}

/* ---- the session's own attributes ---- */

static bool is_login(uint64_t id)
{
	return id == ID_CHALLENGE_RESPONSE || id == ID_CLIENT_PASSWORD ||
		id == ID_SESSION_KEY || id == ID_LEGITIMATE;
}

bool plus_is_own_session(const struct message *request)
{
	uint64_t object = plus_number_of(request, FIELD_OBJECT_ID);

	return object && object == plus_number_of(request, FIELD_SESSION);
}

/* One operation for all: a login if a key or an answer to a challenge is there. */
static void operate_session(struct dissect *d, const struct message *request)
{
	struct operation op = { .verb = VERB_SESSION, .object = "session" };
	uint32_t at = 0;

	for (struct entry e; (e = next_entry(request, &at)).is_there;)
		if (is_login(e.id))
			op.verb = VERB_LOGIN;
	operation_add(d, &op);
}

static void operate_write(struct dissect *d, const struct message *request,
	const struct message *response)
{
	if (request && plus_is_own_session(request))
		operate_session(d, request);
	else if (request)
		operate_items(d, request, response, true);
	else
		operation_add(d, &(struct operation){ .verb = VERB_WRITE });
}

/* ---- others ---- */

static void operate_stream(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	bool is_code = plus_is_block(plus_number_of(m, FIELD_OBJECT_ID));
	uint32_t at = 0;
	struct entry e = next_entry(m, &at);
	struct operation op = operation_of(d,
		is_code ? VERB_PROGRAM_DOWNLOAD : VERB_WRITE, &e,
		message_item(m, FIELD_OBJECT));

	if (is_code)
		op.object = "block";
	else
		set_verb(d, &op, &e);
	operation_add(d, &op);
}

/* Values as they change, each known by its subscription and reference. */
static void operate_notification(struct dissect *d, const struct message *m)
{
	const struct item *object = message_item(m, FIELD_OBJECT);
	char text[FORMAT_MAX + 16];
	uint32_t at = 0, count = 0;

	for (struct entry e; (e = next_entry(m, &at)).is_there;) {
		struct operation op = { .verb = VERB_READ, .object = "subscription" };
		size_t len = object ? plus_rid_text(item_bytes(object), text) : 0;
		if (!e.value)
			continue;
		if (count++ >= ITEMS_MAX) {
			operation_add(d, &op);
			continue;
		}
		len += (size_t)sprintf(text + len, ".%u", (unsigned)e.number);
		op.point_text = plus_keep_text(d, text, len);
		set_value(d, &op, e.value, e.type);
		operation_add(d, &op);
	}
}

/* ---- connections ---- */

static void operate_connection(struct dissect *d, const struct message *m)
{
	const struct item *type = message_item(m, FIELD_COTP + COTP_PDU_TYPE);
	const struct item *called = message_item(m, FIELD_COTP + COTP_DST_TSAP);
	struct operation op = { .verb = VERB_SESSION, .object = "connection" };
	char text[FORMAT_MAX];

	if (!type || type->u < COTP_DR)
		return;
	if (called)
		op.point_text = plus_keep_text(d, text,
			cotp_tsap_text(item_bytes(called), text));
	operation_add(d, &op);
}

/* ---- the table ---- */

static const struct {
	uint16_t function;
	void (*operate)(struct dissect *d, const struct message *request,
		const struct message *response);
	enum verb verb;     /* where there is no more to it */
	const char *object; /* of it */
} meanings[] = {
	{ EXPLORE, plus_operate_explore, 0, NULL },
	{ CREATE_OBJECT, plus_operate_create, 0, NULL },
	{ DELETE_OBJECT, plus_operate_delete, 0, NULL },
	{ SET_VARIABLE, operate_write, 0, NULL },
	{ GET_VARIABLE, operate_get, 0, NULL },
	{ ADD_LINK, NULL, VERB_CONFIG, "link" },
	{ REMOVE_LINK, NULL, VERB_CONFIG, "link" },
	{ GET_LINK, NULL, VERB_DISCOVER, "link" },
	{ SET_MULTI_VARIABLES, operate_write, 0, NULL },
	{ GET_MULTI_VARIABLES, operate_read, 0, NULL },
	{ BEGIN_SEQUENCE, NULL, VERB_CONFIG, "sequence" },
	{ END_SEQUENCE, NULL, VERB_CONFIG, "sequence" },
	{ INVOKE, NULL, VERB_CONTROL, "method" },
	{ SET_VAR_SUBSTREAMED, operate_stream, 0, NULL },
	{ GET_VAR_SUBSTREAMED, operate_get, 0, NULL },
	{ GET_VARIABLES_ADDRESS, NULL, VERB_DISCOVER, "address" },
	{ ABORT, NULL, VERB_SESSION, "session" },
	{ INIT_SSL, NULL, VERB_SESSION, "tls" },
};

static void operate_simple(struct dissect *d, const struct message *m, unsigned meaning)
{
	struct operation op = plus_about_object(d, meanings[meaning].verb, m);

	op.object = meanings[meaning].object;
	operation_add(d, &op);
}

void plus_operate(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	uint64_t function = plus_number_of(m, FIELD_FUNCTION_RAW);

	for (unsigned i = 0; i < sizeof(meanings) / sizeof(*meanings); i++) {
		if (meanings[i].function != function)
			continue;
		if (meanings[i].operate)
			meanings[i].operate(d, request, response);
		else
			operate_simple(d, m, i);
		return;
	}
	if (plus_number_of(m, FIELD_OPCODE_RAW) == OPCODE_NOTIFICATION)
		operate_notification(d, m);
	else if (!function)
		operate_connection(d, m);
}
