/* What a transaction means: the operations and their values, and the decoded halves. */
#include "dissect/fields.h"
#include "output/eve_event.h"

static uint32_t least(uint64_t a, uint64_t b)
{
	return (uint32_t)(a < b ? a : b);
}

static void put_cut(struct bytes b, uint32_t limit, struct text *out)
{
	text_json(out, (struct bytes){ b.at, least(b.len, limit) });
}

/* ---- values ---- */

/* Bytes of one element of the types that have whole bytes. */
static const uint8_t widths[] = {
	[VALUE_U16] = 2, [VALUE_UINT] = 8, [VALUE_INT] = 8, [VALUE_REAL] = 8,
};

/* How many values there are, whatever `count` says. */
static uint32_t value_count(const struct values *v)
{
	switch (v->type) {
	case VALUE_BITS:
		return least(v->count, (uint64_t)v->bytes.len * 8);
	case VALUE_TEXT:
		return 1;
	case VALUE_NONE:
		return 0;
	default:
		return least(v->count, v->bytes.len / widths[v->type]);
	}
}

static void put_number(const struct values *v, uint32_t i, struct text *out)
{
	uint64_t u;
	memcpy(&u, v->bytes.at + 8 * (size_t)i, sizeof(u));
	if (v->type == VALUE_UINT) {
		text_json_uint(out, u);
	} else if (v->type == VALUE_INT) {
		text_json_int(out, (int64_t)u);
	} else {
		double real;
		memcpy(&real, &u, sizeof(real));
		text_json_double(out, real);
	}
}

static void put_one(const struct values *v, uint32_t i, uint32_t bytes, struct text *out)
{
	if (v->type == VALUE_BITS)
		text_char(out, (char)('0' + (v->bytes.at[i / 8] >> (i % 8) & 1)));
	else if (v->type == VALUE_U16)
		text_uint(out, be16_at(v->bytes.at + 2 * (size_t)i));
	else if (v->type == VALUE_TEXT)
		put_cut(v->bytes, bytes, out);
	else
		put_number(v, i, out);
}

static void put_many(const struct values *v, uint32_t count, struct text *out)
{
	if (v->type == VALUE_BITS) {
		json_bits(out, v->bytes, count, count);
	} else if (v->type == VALUE_U16) {
		json_u16s(out, v->bytes, count, count);
	} else {
		text_char(out, '[');
		for (uint32_t i = 0; i < count; i++) {
			if (i)
				text_char(out, ',');
			put_number(v, i, out);
		}
		text_char(out, ']');
	}
}

/* One value as such, several as an array. false: something was left out. */
static bool put_values(
	const struct values *v, struct tape_limits limits, struct text *out)
{
	uint32_t count = value_count(v);
	if (count == 1)
		put_one(v, 0, limits.bytes, out);
	else
		put_many(v, least(count, limits.elements), out);
	return v->type == VALUE_TEXT ? v->bytes.len <= limits.bytes
				     : count <= limits.elements;
}

void eve_values(const struct values *v, struct text *out)
{
	put_values(v, TAPE_UNLIMITED, out);
}

/* ---- operations ---- */

/* Operations that follow one another are mostly of one unit. */
static void put_unit_text(struct eve *e, struct bytes unit, uint32_t limit, struct text *out)
{
	if (unit.len > limit) {
		put_cut(unit, limit, out);
		return;
	}
	if (unit.len != e->unit.len || memcmp(unit.at, e->unit.at, unit.len) != 0) {
		text_clear(&e->unit);
		text_put(&e->unit, unit.at, unit.len);
		text_clear(&e->unit_text);
		text_json(&e->unit_text, unit);
	}
	text_put(out, e->unit_text.at, e->unit_text.len);
}

static void put_unit(struct eve *e, const struct operation *op, uint32_t limit,
	struct text *out)
{
	if (op->unit_text.len) {
		text_lit(out, ",\"unit\":");
		put_unit_text(e, op->unit_text, limit, out);
	} else if (op->has_unit) {
		text_end(out, raw_uint(raw_lit(text_room(out, 32), ",\"unit\":"), op->unit));
	}
}

/* Objects are few, and their names static. */
static void put_object(struct eve *e, const char *object, struct text *out)
{
	struct object_text *o = &e->objects[((uintptr_t)object >> 2) % OBJECTS];
	if (!object)
		return;
	if (o->object != object) {
		text_clear(&o->text);
		text_lit(&o->text, ",\"object\":");
		text_json_str(&o->text, object);
		o->object = object;
	}
	text_put(out, o->text.at, o->text.len);
}

/* A text that is empty is none: nothing was put, then. */
static bool put_point_text(struct eve *e, const struct transaction *t,
	const struct operation *op, uint32_t limit, struct text *out, bool *is_whole)
{
	enum { QUOTES = 2 };
	size_t begin = out->len;
	*is_whole = op->point_text.len <= limit;
	if (!op->point_text.len)
		return false;
	if (op->point_format)
		*is_whole = tape_text(eve_protocol(e, t->dissector)->plan, op->point_format,
			op->point_text, limit, out);
	else
		put_cut(op->point_text, limit, out);
	if (out->len - begin > QUOTES || !op->point_format)
		return true;
	out->len = begin;
	return false;
}

/* false: the point's text was cut. */
static bool put_point(struct eve *e, const struct transaction *t, const struct operation *op,
	uint32_t limit, struct text *out)
{
	size_t begin = out->len;
	bool is_whole = true;
	text_lit(out, ",\"point\":{\"addr\":");
	if (!put_point_text(e, t, op, limit, out, &is_whole)) {
		if (!op->has_point) {
			out->len = begin;
			return true;
		}
		text_json_uint(out, op->address);
	}
	if (op->count > 1) {
		text_lit(out, ",\"count\":");
		text_uint(out, op->count);
	}
	text_char(out, '}');
	return is_whole;
}

static void put_outcome(const struct eve *e, const struct transaction *t,
	const struct operation *op, struct text *out)
{
	enum outcome outcome = op->outcome ? op->outcome : t->outcome;
	if (outcome)
		text_put(out, e->outcomes[outcome].at, e->outcomes[outcome].len);
	const char *code = op->code || outcome == OUTCOME_ACCEPTED ? op->code : t->code;
	if (code) {
		text_lit(out, ",\"code\":");
		text_json_str(out, code);
	}
}

static void put_value(struct eve *e, const struct transaction *t,
	const struct values *v, struct tape_limits limits, struct text *out, bool *is_whole)
{
	if (!value_count(v))
		return;
	text_lit(out, ",\"value\":");
	size_t at = out->len;
	if (v->type != VALUE_U16 || v->count < 2 ||
		!tape_again(eve_protocol(e, t->dissector)->plan, v->bytes, v->count, out))
		*is_whole &= put_values(v, limits, out);
	tape_mark(e->marks, (struct tape_mark){ .kind = MARK_VALUES, .type = v->type,
		.bytes = v->bytes, .count = v->count, .at = at, .len = out->len - at });
}

static void put_operation(struct eve *e, const struct transaction *t,
	const struct operation *op, struct tape_limits limits, struct text *out, bool *is_whole)
{
	const struct values *prev =
		t->values_prev ? &t->values_prev[op - t->operations] : NULL;
	text_put(out, e->verbs[op->verb].at, e->verbs[op->verb].len);
	put_unit(e, op, limits.bytes, out);
	put_object(e, op->object, out);
	*is_whole &= put_point(e, t, op, limits.bytes, out);
	put_value(e, t, &op->value, limits, out, is_whole);
	if (prev && value_count(prev)) {
		text_lit(out, ",\"value_prev\":");
		*is_whole &= put_values(prev, limits, out);
	}
	put_outcome(e, t, op, out);
	text_char(out, '}');
	*is_whole &= op->unit_text.len <= limits.bytes;
}

static void put_all(struct eve *e, const struct transaction *t,
	struct tape_limits limits, struct text *out, bool *is_whole)
{
	text_lit(out, ",\"operations\":[");
	for (unsigned i = 0; i < t->operation_count; i++) {
		if (i >= limits.elements) {
			*is_whole = false;
			break;
		}
		if (i)
			text_char(out, ',');
		put_operation(e, t, &t->operations[i], limits, out, is_whole);
	}
	text_char(out, ']');
	if (t->operations_left_out) {
		text_lit(out, ",\"operations_left_out\":");
		text_uint(out, t->operations_left_out);
	}
}

void eve_operations(struct eve *e, const struct transaction *t, const struct operation *op,
	struct tape_limits limits, struct text *out, bool *is_whole)
{
	if (!op)
		return;
	text_lit(out, "\"operation\":");
	put_operation(e, t, op, limits, out, is_whole);
	if (t->operation_count > 1)
		put_all(e, t, limits, out, is_whole);
}

/* ---- the decoded halves ---- */

void eve_half(struct eve *e, const struct transaction *t, struct text *out)
{
	const struct protocol_text *p = eve_protocol(e, t->dissector);
	tape_forget(p->plan);
	text_put(out, p->key.at, p->key.len);
	tape_json(p->plan, t->request ? t->request : t->response, TAPE_UNLIMITED, out);
}

bool eve_halves(struct eve *e, const struct transaction *t, struct tape_limits limits,
	struct text *out)
{
	const struct protocol_text *p = eve_protocol(e, t->dissector);
	bool is_whole = true;
	tape_forget(p->plan);
	char *at = text_room(out, p->body.len + TEXT_UINT);
	at = raw_piece(at, p->body.at, p->body.len);
	size_t id = (size_t)(at - out->at);
	text_end(out, raw_uint(at, t->id));
	tape_mark(e->marks, (struct tape_mark){ .kind = MARK_TX, .at = id,
		.len = out->len - id });
	if (t->request) {
		text_lit(out, ",\"request\":");
		is_whole &= tape_json_marked(p->plan, t->request, limits, e->marks, out);
	}
	if (t->response) {
		text_lit(out, ",\"response\":");
		is_whole &= tape_json_marked(p->plan, t->response, limits, e->marks, out);
	}
	text_char(out, '}');
	return is_whole;
}

void eve_packets(const struct transaction *t, struct text *out)
{
	char *at = text_room(out, 64);
	at = raw_lit(at, "\"packets\":[");
	if (t->request)
		at = raw_uint(at, t->request_origin.number);
	if (t->request && t->response)
		*at++ = ',';
	if (t->response)
		at = raw_uint(at, t->response_origin.number);
	*at++ = ']';
	text_end(out, at);
}

void eve_user(const struct flow *f, struct text *out)
{
	if (!f || !f->user)
		return;
	text_lit(out, ",\"user\":");
	text_json(out, (struct bytes){ f->user->name, f->user->len });
}

static bool is_cut(const struct message *m)
{
	return m && m->is_cut;
}

void eve_doubts(const struct transaction *t, struct text *out)
{
	if (t->client_guessed)
		text_lit(out, ",\"direction_guessed\":true");
	if (is_cut(t->request) || is_cut(t->response))
		text_lit(out, ",\"message_cut\":true");
}
