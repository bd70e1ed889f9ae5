/* Operations as a table like any other: rules on `ot.` need no code of their own. */
#include "dissect/fields.h"
#include "dissect/session.h"

const struct name verb_names[] = {
	{ VERB_NONE, "none" },
	{ VERB_READ, "read" },
	{ VERB_WRITE, "write" },
	{ VERB_CONTROL, "control" },
	{ VERB_PROGRAM_DOWNLOAD, "program_download" },
	{ VERB_PROGRAM_UPLOAD, "program_upload" },
	{ VERB_MODE_CHANGE, "mode_change" },
	{ VERB_RESTART, "restart" },
	{ VERB_FIRMWARE, "firmware" },
	{ VERB_CONFIG, "config" },
	{ VERB_LOGIN, "login" },
	{ VERB_DISCOVER, "discover" },
	{ VERB_DIAGNOSE, "diagnose" },
	{ VERB_FILE, "file" },
	{ VERB_ALARM_ACK, "alarm_ack" },
	{ VERB_TIME_SYNC, "time_sync" },
	{ VERB_SESSION, "session" },
	{ VERB_SELECT, "select" },
	{ VERB_SUBSCRIBE, "subscribe" },
	{ VERB_PROGRAM_DELETE, "program_delete" },
	{ 0, NULL },
};

const struct name outcome_names[] = {
	{ OUTCOME_NONE, "none" },
	{ OUTCOME_ACCEPTED, "accepted" },
	{ OUTCOME_REJECTED, "rejected" },
	{ OUTCOME_NO_REPLY, "no_reply" },
	{ OUTCOME_NOT_SEEN, "not_seen" },
	{ OUTCOME_BLOCKED, "blocked" },
	{ 0, NULL },
};

const struct operation *transaction_operation(const struct transaction *t)
{
	const struct operation *best = t->operations, *end = best + t->operation_count;

	for (const struct operation *op = best; op < end; op++)
		if (transaction_order(t, op) > transaction_order(t, best))
			best = op;
	return t->operation_count ? best : NULL;
}

static const struct name before_names[] = {
	{ BEFORE_UNKNOWN, "unknown" },
	{ BEFORE_SAME, "same" },
	{ BEFORE_OTHER, "other" },
	{ 0, NULL },
};

static const char what[] = "what was read or written";

/* The bytes are the operation itself, which knows how its point reads. */
static size_t format_point(struct bytes value, char *out)
{
	struct operation op;

	if (value.len != sizeof(op))
		return 0;
	memcpy(&op, value.at, sizeof(op));
	return op.point_format(op.point_text, out);
}

static const struct field fields[OT_FIELD_COUNT] = {
	[OT_VERB] = { "verb", FIELD_ENUM, "what is done", verb_names,
		.flags = FIELD_SELECTS },
	[OT_UNIT] = { "unit", FIELD_UINT, "whose: a Modbus unit, a DNP3 link address" },
	[OT_UNIT_TEXT] = { "unit", FIELD_TEXT, "whose, where it is no number" },
	[OT_OBJECT] = { "object", FIELD_TEXT, "kind of thing: coil, DB" },
	[OT_POINT_ADDR] = { "point.addr", FIELD_UINT, "first, as the protocol counts" },
	[OT_POINT_COUNT] = { "point.count", FIELD_UINT, "points" },
	[OT_POINT_ID] = { "point.id", FIELD_TEXT, "the point, where it is no number" },
	[OT_POINT_CODED] = { "point.id", FIELD_TEXT, "the same, where its text is to be made",
		.format = format_point },
	[OT_VALUE] = { "value", FIELD_UINT, what },
	[OT_VALUE_INT] = { "value", FIELD_INT, what },
	[OT_VALUE_REAL] = { "value", FIELD_REAL, what },
	[OT_VALUE_TEXT] = { "value", FIELD_TEXT, what },
	[OT_VALUE_U16S] = { "value", FIELD_U16S, what },
	[OT_VALUE_BITS] = { "value", FIELD_BITS, what },
	[OT_VALUES_UINT] = { "values.value", FIELD_UINT, what, .keyword = "value" },
	[OT_VALUES_INT] = { "values.value", FIELD_INT, what, .keyword = "value" },
	[OT_VALUES_REAL] = { "values.value", FIELD_REAL, what, .keyword = "value" },
	[OT_VALUES] = { "values", FIELD_GROUP, "one element a point" },
	[OT_OUTCOME] = { "outcome", FIELD_ENUM, "how it went", outcome_names },
	[OT_CODE] = { "code", FIELD_TEXT, "why it was rejected" },
	[OT_BEFORE] = { "before", FIELD_ENUM,
		"of a write or control: are its values those that stood there?", before_names,
		.flags = FIELD_HIDDEN },
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
static void put_number(
	struct dissect *d, const struct values *v, uint32_t i, unsigned of_uint)
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
	if (v->count == 0 && v->type != VALUE_TEXT)
		return; /* a value that cannot be known */
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
	if (op->count && (op->has_point || op->point_text.len))
		put_uint(d, OT_POINT_COUNT, op->count);
	if (!op->point_text.len)
		return;
	if (op->point_format)
		put_bytes(d, OT_POINT_CODED,
			(struct bytes){ (const uint8_t *)op, sizeof(*op) });
	else
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
	if (op->before != BEFORE_NONE)
		put_uint(&d, OT_BEFORE, op->before);
}
