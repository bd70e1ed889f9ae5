/* Polls that are known: what they ask, what answers have beside their values, and what the
 * engine noted of them. REPEATS of a flow, in the pool as long as they need to be. */
#include "dissect/repeat_known.h"

/* Few bytes, and mostly the same: whole words, the last of which may overlap, cost less than
 * memcmp(). */
static bool are_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint64_t x = 0, y = 0, differ = 0;
	if (len == 4) {
		memcpy(&x, a, 4);
		memcpy(&y, b, 4);
		return x == y;
	}
	if (len < sizeof(x))
		return memcmp(a, b, len) == 0;
	for (size_t i = 0; i + sizeof(x) < len; i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		differ |= x ^ y;
	}
	memcpy(&x, a + len - sizeof(x), sizeof(x));
	memcpy(&y, b + len - sizeof(y), sizeof(y));
	return (differ | (x ^ y)) == 0;
}

static bool is_same_but_id(const struct repeat *r, const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t behind = (size_t)r->id_at + r->id_len;
	return (!r->id_at || are_same(a, b, r->id_at)) &&
		are_same(a + behind, b + behind, len - behind);
}

bool repeat_has_id(const struct repeat *r, struct bytes message)
{
	return r->id_len && message.len >= (size_t)r->id_at + r->id_len &&
		(!r->has_id || r->has_id(message));
}

static bool is_its_request(const struct session *ses, const struct repeated *known,
	struct bytes data)
{
	return known && known->request_len == data.len &&
		is_same_but_id(repeat_rule(ses), repeated_request(known), data.at, data.len);
}

struct repeated *repeat_find(struct session *ses, struct bytes request, uint64_t now_ns)
{
	for (unsigned i = 0; i < REPEATS; i++) {
		unsigned at = (ses->repeats->next + i) % REPEATS;
		struct repeated *known = ses->repeats->known[at];
		if (is_its_request(ses, known, request) && now_ns < known->until_ns) {
			ses->repeats->next = (uint8_t)((at + 1) % REPEATS);
			return known;
		}
	}
	return NULL;
}

bool repeat_is_answer(const struct session *ses, struct repeated *known, struct bytes answer,
	struct bytes *values)
{
	const struct repeated_value *v = repeated_values(known), *end = v + known->value_count;
	const uint8_t *fixed = repeated_fixed(known), *fixed_end = fixed + known->fixed_len;
	const uint8_t *at = answer.at;
	if (answer.len != known->answer_len ||
		!is_same_but_id(repeat_rule(ses), fixed, at, v->fixed))
		return false;
	for (;;) {
		at += v->fixed;
		fixed += v->fixed;
		*values++ = (struct bytes){ at, v->len };
		at += v->len + v->fill;
		if (++v == end)
			return are_same(fixed, at, (size_t)(fixed_end - fixed));
		if (!are_same(fixed, at, v->fixed))
			return false;
	}
}

static void forget(struct sessions *s, struct repeated **known)
{
	if (*known)
		pool_give(&s->pool, *known, repeated_size(*known));
	*known = NULL;
}

void repeat_forget(struct sessions *s, struct session *ses)
{
	for (unsigned i = 0; ses->repeats && i < REPEATS; i++)
		forget(s, &ses->repeats->known[i]);
	s->d.has_changed = false;
}

void repeat_free(struct sessions *s, struct session *ses)
{
	repeat_forget(s, ses);
	pool_give(&s->pool, ses->repeats, sizeof(*ses->repeats));
}

/* ---- to be known the next time ---- */

/* Of an answer like every other: its value is the end of it. */
static unsigned last_value(const struct transaction *t, struct repeat_value *value)
{
	const struct bytes *raw = &t->response->raw, *bytes = &t->operations[0].value.bytes;
	const struct operation *op = &t->operations[0];
	if (t->operation_count != 1 || op->unit_text.len || op->point_text.len ||
		!bytes->len || bytes->at < raw->at ||
		bytes->at + bytes->len != raw->at + raw->len)
		return 0;
	*value = (struct repeat_value){ .at = (uint16_t)(bytes->at - raw->at),
		.len = (uint16_t)bytes->len };
	return 1;
}

static bool is_plain_read(const struct operation *op)
{
	return op->verb == VERB_READ && op->outcome == OUTCOME_ACCEPTED;
}

/* Whether the values of operations can be made of what stands in the answer. */
static bool makes_values(struct sessions *s, const struct transaction *t,
	const struct repeat_value *v, unsigned count)
{
	const struct repeat *r = &t->dissector->repeat;
	for (unsigned i = 0; i < count; i++) {
		const struct bytes *is = &t->operations[i].value.bytes;
		struct bytes wire = { t->response->raw.at + v[i].at, v[i].len };
		struct bytes made = r->value ? r->value(&s->d, v[i].type, wire).bytes : wire;
		if (!is_plain_read(&t->operations[i]) || made.len != is->len ||
			(is->len && memcmp(made.at, is->at, is->len) != 0))
			return false;
	}
	return true;
}

static bool is_known_by_bytes(const struct transaction *t)
{
	const struct repeat *r = &t->dissector->repeat;
	const struct message *request = t->request, *response = t->response;
	return request && response && t->client == t->flow->client &&
		!request->events && !response->events && !request->is_cut && !response->is_cut &&
		r->id_len <= REPEAT_ID_MAX && repeat_has_id(r, request->raw) &&
		repeat_has_id(r, response->raw) &&
		request->raw.len <= REPEAT_REQUEST_MAX && response->raw.len <= UINT16_MAX;
}

/* Lengths and the values' places; the bytes are copied after. False: too long. */
static bool lay_out(struct repeated *known, const struct transaction *t,
	const struct repeat_value *v, unsigned count)
{
	size_t at = 0, fixed_len = 0, end = t->response->raw.len;
	struct repeated_value *values = repeated_values(known);
	for (unsigned i = 0; i < count; i++) {
		size_t behind = (size_t)v[i].at + v[i].len + v[i].fill;
		if (v[i].at < at || behind > end)
			return false;
		values[i] = (struct repeated_value){ (uint16_t)(v[i].at - at), v[i].len,
			v[i].fill, v[i].type };
		fixed_len += v[i].at - at;
		at = behind;
	}
	fixed_len += end - at;
	if (fixed_len > REPEAT_FIXED_MAX)
		return false;
	known->request_len = (uint16_t)t->request->raw.len;
	known->answer_len = (uint16_t)end;
	known->fixed_len = (uint8_t)fixed_len;
	known->value_count = (uint8_t)count;
	size_t len = (size_t)(repeated_fixed(known) - (uint8_t *)known) + fixed_len;
	known->memos_at = (uint16_t)((len + LINE - 1) / LINE * LINE);
	return true;
}

static void copy_bytes(struct repeated *known, const struct transaction *t)
{
	const struct repeated_value *v = repeated_values(known);
	uint8_t *to = repeated_fixed(known), *to_end = to + known->fixed_len;
	const uint8_t *from = t->response->raw.at;
	memcpy(repeated_request(known), t->request->raw.at, known->request_len);
	for (unsigned i = 0; i < known->value_count; i++) {
		to = mempcpy(to, from, v[i].fixed);
		from += v[i].fixed + v[i].len + v[i].fill;
	}
	memcpy(to, from, (size_t)(to_end - to));
}

static uint64_t unit_of(const struct transaction *t)
{
	uint64_t hash = 0;
	for (unsigned i = 0; i < t->operation_count; i++) {
		struct bytes unit = t->operations[i].unit_text;
		hash = unit.len ? hash_fast(unit.at, unit.len, hash) : hash;
	}
	return hash;
}

static struct repeats *open_repeats(struct sessions *s, struct session *ses)
{
	if (ses->repeats)
		return ses->repeats;
	ses->repeats = pool_take(&s->pool, sizeof(*ses->repeats));
	memset(ses->repeats, 0, sizeof(*ses->repeats));
	for (const struct pending *p = ses->first; p; p = p->next)
		repeat_wait(ses, p);
	return ses->repeats;
}

/* The place of the same request, if it was known, else of the one known longest. */
static struct repeated **place_of(struct session *ses, struct bytes request)
{
	struct repeats *r = ses->repeats;
	for (unsigned i = 0; i < REPEATS; i++)
		if (is_its_request(ses, r->known[i], request))
			return &r->known[i];
	return &r->known[r->oldest++ % REPEATS];
}

void repeat_remember(struct sessions *s, const struct transaction *t)
{
	struct session *ses = session_of(t->flow);
	const struct repeat *r = repeat_rule(ses);
	struct repeat_value values[REPEAT_VALUES_MAX];
	_Alignas(struct repeated) uint8_t room[REPEATED_HEAD_MAX];
	struct repeated *known = (struct repeated *)room;
	if (!s->config.repeats || t->silent_until_ns <= s->now_ns || !is_known_by_bytes(t))
		return;
	unsigned count = r->values ? r->values(t->request, t->response, values) :
		last_value(t, values);
	if (!count || count != t->operation_count || t->operations_left_out ||
		values[0].at < r->id_at + r->id_len || !makes_values(s, t, values, count) ||
		!lay_out(known, t, values, count) ||
		!has_room_to_keep(s, sizeof(*ses->repeats) + repeated_size(known)))
		return;
	open_repeats(s, ses);
	struct repeated **place = place_of(ses, t->request->raw);
	forget(s, place);
	*place = memcpy(pool_take(&s->pool, repeated_size(known)), known,
		sizeof(*known) + count * sizeof(struct repeated_value));
	copy_bytes(*place, t);
	(*place)->until_ns = t->silent_until_ns;
	(*place)->unit = unit_of(t);
	s->sink.remembered(s->context, t, repeated_memos(*place));
}
