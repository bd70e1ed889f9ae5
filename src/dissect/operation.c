/* Operations as a table like any other, so that rules on `ot.` need no code of their own. */
#include "dissect/fields.h"

const struct name verb_names[] = {
	{ VERB_NONE, "none" }, { VERB_READ, "read" }, { VERB_WRITE, "write" },
	{ VERB_CONTROL, "control" }, { VERB_PROGRAM_DOWNLOAD, "program_download" },
	{ VERB_PROGRAM_UPLOAD, "program_upload" }, { VERB_MODE_CHANGE, "mode_change" },
	{ VERB_RESTART, "restart" }, { VERB_FIRMWARE, "firmware" }, { VERB_CONFIG, "config" },
	{ VERB_LOGIN, "login" }, { VERB_DISCOVER, "discover" }, { VERB_DIAGNOSE, "diagnose" },
	{ VERB_FILE, "file" }, { VERB_ALARM_ACK, "alarm_ack" }, { VERB_TIME_SYNC, "time_sync" },
	{ VERB_SESSION, "session" }, { 0, NULL },
};

const struct name outcome_names[] = {
	{ OUTCOME_NONE, "none" }, { OUTCOME_ACCEPTED, "accepted" },
	{ OUTCOME_REJECTED, "rejected" }, { OUTCOME_NO_REPLY, "no_reply" },
	{ OUTCOME_NOT_SEEN, "not_seen" }, { OUTCOME_BLOCKED, "blocked" }, { 0, NULL },
};

static const char value_help[] = "what was read or written";

static const struct field fields[OT_FIELD_COUNT] = {
	[OT_VERB] = { .name = "verb", .type = FIELD_ENUM, .help = "what is done",
		.names = verb_names, .flags = FIELD_SELECTS },
	[OT_UNIT] = { .name = "unit", .type = FIELD_UINT,
		.help = "to which unit: a Modbus unit, a DNP3 link address" },
	[OT_UNIT_TEXT] = { .name = "unit", .type = FIELD_TEXT,
		.help = "to which unit, where it is no number: rack and slot, an endpoint" },
	[OT_OBJECT] = { .name = "object", .type = FIELD_TEXT,
		.help = "to which kind of thing: coil, holding_register, DB" },
	[OT_POINT_ADDR] = { .name = "point.addr", .type = FIELD_UINT,
		.help = "first point, as the protocol counts" },
	[OT_POINT_COUNT] = { .name = "point.count", .type = FIELD_UINT, .help = "points" },
	[OT_POINT_ID] = { .name = "point.id", .type = FIELD_TEXT,
		.help = "the point, where it is no number: a node id" },
	[OT_VALUE] = { .name = "value", .type = FIELD_UINT, .help = value_help },
	[OT_VALUE_INT] = { .name = "value", .type = FIELD_INT, .help = value_help },
	[OT_VALUE_REAL] = { .name = "value", .type = FIELD_REAL, .help = value_help },
	[OT_VALUE_TEXT] = { .name = "value", .type = FIELD_TEXT, .help = value_help },
	[OT_VALUE_U16S] = { .name = "value", .type = FIELD_U16S, .help = value_help },
	[OT_VALUE_BITS] = { .name = "value", .type = FIELD_BITS, .help = value_help },
	[OT_VALUES_UINT] = { .name = "values.value", .type = FIELD_UINT, .help = value_help,
		.keyword = "value" },
	[OT_VALUES_INT] = { .name = "values.value", .type = FIELD_INT, .help = value_help,
		.keyword = "value" },
	[OT_VALUES_REAL] = { .name = "values.value", .type = FIELD_REAL, .help = value_help,
		.keyword = "value" },
	[OT_VALUES] = { .name = "values", .type = FIELD_GROUP, .help = "one element a point" },
	[OT_OUTCOME] = { .name = "outcome", .type = FIELD_ENUM, .help = "how it went",
		.names = outcome_names },
	[OT_CODE] = { .name = "code", .type = FIELD_TEXT, .help = "why it was rejected" },
};

const struct dissector ot_dissector = {
	.name = "ot",
	.title = "Operations: what messages of any protocol mean",
	.source = "ironspan",
	.fields = fields,
	.field_count = OT_FIELD_COUNT,
	.lone_response_event = -1,
};

/* Numbers of 64 bits, wherever they lie. */
static void put_number(struct dissect *d, const struct values *v, uint32_t i, unsigned of_uint)
{
	uint64_t u;
	double real;

	memcpy(&u, v->bytes.at + i * sizeof(u), sizeof(u));
	memcpy(&real, &u, sizeof(real));
	if (v->type == VALUE_UINT)
		put_uint(d, of_uint, u);
	else if (v->type == VALUE_INT)
		put_int(d, of_uint + 1, (int64_t)u);
	else
		put_real(d, of_uint + 2, real);
}

static void put_numbers(struct dissect *d, const struct values *v)
{
	uint32_t there = (uint32_t)(v->bytes.len / sizeof(uint64_t));
	uint32_t count = v->count < there ? v->count : there;

	if (count == 1)
		put_number(d, v, 0, OT_VALUE);
	for (uint32_t i = 0; count > 1 && i < count; i++) {
		put_begin(d, OT_VALUES);
		put_number(d, v, i, OT_VALUES_UINT);
		put_end(d);
	}
}

static struct bytes u16s(const struct values *v)
{
	size_t len = (size_t)v->count * 2;

	return (struct bytes){ v->bytes.at, len < v->bytes.len ? len : v->bytes.len };
}

static void put_value(struct dissect *d, const struct values *v)
{
	if (v->type == VALUE_BITS && v->count == 1 && v->bytes.len)
		put_uint(d, OT_VALUE, v->bytes.at[0] & 1);
	else if (v->type == VALUE_BITS)
		put_bits(d, OT_VALUE_BITS, v->bytes, v->count);
	else if (v->type == VALUE_U16 && v->count == 1 && v->bytes.len >= 2)
		put_uint(d, OT_VALUE, be16_at(v->bytes.at));
	else if (v->type == VALUE_U16)
		put_bytes(d, OT_VALUE_U16S, u16s(v));
	else if (v->type == VALUE_TEXT)
		put_bytes(d, OT_VALUE_TEXT, v->bytes);
	else if (v->type != VALUE_NONE)
		put_numbers(d, v);
}

static void put_point(struct dissect *d, const struct operation *op)
{
	if (op->has_unit)
		put_uint(d, OT_UNIT, op->unit);
	if (op->unit_text.len)
		put_bytes(d, OT_UNIT_TEXT, op->unit_text);
	if (op->object)
		put_text(d, OT_OBJECT, op->object);
	if (op->has_point)
		put_uint(d, OT_POINT_ADDR, op->address);
	if (op->count)
		put_uint(d, OT_POINT_COUNT, op->count);
	if (op->point_text.len)
		put_bytes(d, OT_POINT_ID, op->point_text);
}

void operation_tape(struct message *m, const struct operation *op)
{
	struct dissect d = { .message = m };

	message_clear(m);
	put_uint(&d, OT_VERB, op->verb);
	put_point(&d, op);
	put_value(&d, &op->value);
	if (op->outcome != OUTCOME_NONE)
		put_uint(&d, OT_OUTCOME, op->outcome);
	if (op->code)
		put_text(&d, OT_CODE, op->code);
}
