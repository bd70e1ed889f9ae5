/* Polls repeat themselves: most of the traffic is the same question, answered with the same
 * shape, and nothing to say about it. Such an exchange is known by its bytes and need not be
 * parsed, matched and weighed again.
 *
 * The engine tells of a finished transaction until when a repetition would be just as silent
 * (t->silent_until_ns). The flow then remembers the request's bytes and those of the answer
 * before its values. A request that is the same but for its id becomes a `light` pending
 * request; an answer of the same shape to that id completes it, and only its values are
 * handed on, or, where every transaction is written, the two halves parsed once more. Requests
 * with other ids may wait beside it: join() likes none of them better. Whatever else happens on
 * the flow turns the light request into an ordinary one first, as if it had been parsed when it
 * came: nothing that comes out differs, as long as no rule looks at what changes (ids, values,
 * bytes); the engine sees to that. */
#include "dissect/driver.h"

static const struct repeat *rule_of(const struct session *ses)
{
	return &ses->dissector->repeat;
}

static bool is_in_sync(const struct direction *dir)
{
	return !(dir->skip | dir->len | dir->resync | dir->after_gap);
}

/* Few bytes, and mostly the same: whole words, the last of which may overlap, cost less than
 * memcmp(). */
static bool are_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint64_t x, y, differ = 0;
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

static uint32_t id_of(const struct repeat *r, const uint8_t *message)
{
	uint32_t id = 0;
	for (unsigned i = 0; i < r->id_len; i++)
		id = id << 8 | message[r->id_at + i];
	return id;
}

static void put_id(const struct repeat *r, uint32_t id, uint8_t *message)
{
	for (unsigned i = r->id_len; i-- > 0; id >>= 8)
		message[r->id_at + i] = (uint8_t)id;
}

static struct repeated *find(struct session *ses, struct bytes data, uint64_t now_ns)
{
	for (unsigned i = 0; i < REPEATS; i++) {
		struct repeated *known = &ses->repeats->known[(ses->repeats->next + i) % REPEATS];
		if (known->request_len == data.len && now_ns < known->until_ns &&
			is_same_but_id(rule_of(ses), known->request, data.at, data.len)) {
			ses->repeats->next = (uint8_t)((ses->repeats->next + i + 1) % REPEATS);
			return known;
		}
	}
	return NULL;
}

void repeat_wait(struct session *ses, const struct pending *p)
{
	struct repeats *r = ses->repeats;
	if (r && p->has_wire_id && r->awaited_count < AWAITED)
		r->awaited[r->awaited_count++] = (uint16_t)p->wire_id;
	else if (r)
		r->awaited_others++;
}

void repeat_wait_over(struct session *ses, const struct pending *p)
{
	struct repeats *r = ses->repeats;
	unsigned i = 0;
	if (!r)
		return;
	while (i < r->awaited_count && r->awaited[i] != (uint16_t)p->wire_id)
		i++;
	if (p->has_wire_id && i < r->awaited_count)
		r->awaited[i] = r->awaited[--r->awaited_count];
	else
		r->awaited_others--;
}

static bool may_be_awaited(const struct repeats *r, uint32_t id)
{
	bool found = r->awaited_others > 0;
	for (unsigned i = 0; i < r->awaited_count; i++)
		found |= r->awaited[i] == (uint16_t)id;
	return found;
}

/* An answer to this id might be another request's, which came first. Those that wait lie far
 * apart in memory and are only looked at where there is doubt. */
static bool id_is_awaited(const struct session *ses, const uint8_t *request)
{
	uint32_t id = id_of(rule_of(ses), request);
	if (!may_be_awaited(ses->repeats, id))
		return false;
	for (const struct pending *p = ses->first; p; p = p->next)
		if (!p->has_wire_id || p->wire_id == id)
			return true;
	return false;
}

void repeat_note_id(struct pending *p, const struct dissector *d)
{
	const struct repeat *r = &d->repeat;
	size_t id_end = (size_t)r->id_at + r->id_len;
	p->has_wire_id = r->id_len && p->request.raw.len >= id_end;
	p->wire_id = p->has_wire_id ? id_of(r, p->request.raw.at) : 0;
}

static bool take_request(struct sessions *s, struct flow *f, struct bytes data,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct light *l = &ses->repeats->light;
	if (ses->waiting_count >= PENDING_MAX ||
		s->pool.used > s->config.memory)
		return false;
	l->known = find(ses, data, s->now_ns);
	if (!l->known || id_is_awaited(ses, data.at))
		return false;
	l->is_open = true;
	l->wire_id = id_of(rule_of(ses), data.at);
	ses->repeats->origin = *origin;
	f->transactions++;
	due_enter(s, &l->due, f, true);
	s->counters.messages++;
	session_count(s, f)->messages++;
	return true;
}

/* The bytes of the light request; `request` has REPEAT_REQUEST_MAX of them. */
static struct bytes request_of(const struct session *ses, uint8_t *request)
{
	const struct light *l = &ses->repeats->light;
	memcpy(request, l->known->request, REPEAT_REQUEST_MAX);
	put_id(rule_of(ses), l->wire_id, request);
	return (struct bytes){ request, l->known->request_len };
}

static void parse(struct sessions *s, struct flow *f, unsigned end, uint64_t time_ns,
	struct message *m)
{
	struct cursor c = cursor_of(m->raw);
	session_set_dissect(s, f, end, time_ns);
	s->d.message = m;
	m->kind = end == f->client ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	session_of(f)->dissector->parse(&s->d, &c);
}

/* The transaction as if nobody had known it; what it does to the rules is known. */
static void retell(struct sessions *s, struct flow *f, struct bytes answer,
	const struct origin *origin, struct bytes values)
{
	struct session *ses = session_of(f);
	struct repeats *r = ses->repeats;
	uint8_t request[REPEAT_REQUEST_MAX];
	message_clear(&s->spare);
	message_clear(&s->tape);
	s->spare.raw = request_of(ses, request);
	s->tape.raw = answer;
	struct transaction t = { .flow = f, .dissector = ses->dissector,
		.id = f->transactions - 1, .client = f->client, .request = &s->spare,
		.response = &s->tape, .request_origin = r->origin, .response_origin = *origin,
		.outcome = OUTCOME_ACCEPTED };
	if (s->sink.again && s->sink.again(s->context, &t, values)) {
		s->sink.repeated(s->context, f, &r->light.known->memo, values, NULL);
		return;
	}
	parse(s, f, f->client, r->origin.time_ns, &s->spare);
	parse(s, f, !f->client, origin->time_ns, &s->tape);
	if (ses->dissector->check)
		ses->dissector->check(&s->d, &s->spare);
	transaction_understand(s, &t);
	s->sink.repeated(s->context, f, &r->light.known->memo, values, &t);
	s->current = NULL;
}

static bool take_answer(struct sessions *s, struct flow *f, struct bytes data,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct light *l = &ses->repeats->light;
	struct repeated *known = l->known;
	const struct repeat *r = rule_of(ses);
	if (s->now_ns >= known->until_ns || data.len != known->answer_len ||
		id_of(r, data.at) != l->wire_id ||
		!is_same_but_id(r, known->head, data.at, known->head_len))
		return false;
	l->is_open = false;
	due_leave(s, &l->due);
	ses->joined_since_gap = true;
	struct protocol_counters *counts = session_count(s, f);
	s->counters.messages++;
	s->counters.transactions++;
	counts->messages++;
	counts->transactions++;
	struct bytes values = { data.at + known->head_len, data.len - known->head_len };
	if (s->config.retold >> dissector_index(ses->dissector) & 1)
		retell(s, f, data, origin, values);
	else
		s->sink.repeated(s->context, f, &known->memo, values, NULL);
	return true;
}

bool repeat_take(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	if (!ses->repeats || !is_in_sync(&ses->dir[0]) || !is_in_sync(&ses->dir[1]))
		return false;
	bool is_open = ses->repeats->light.is_open, is_request = end == f->client;
	bool taken = is_open != is_request && (is_request ? take_request(s, f, data, origin)
		: take_answer(s, f, data, origin));
	if (taken)
		ses->repeats->seen_ns[end] = origin->time_ns;
	return taken;
}

void repeat_unfold(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	struct light *l = ses->repeats ? &ses->repeats->light : NULL;
	if (!l || !l->is_open)
		return;
	uint8_t room[REPEAT_REQUEST_MAX];
	struct bytes request = request_of(ses, room);
	l->is_open = false;
	struct message tape = s->tape; /* a message may be under way */
	uint64_t next_id = f->transactions;
	s->tape = s->spare;
	s->replaces = &l->due;
	f->transactions--; /* nothing else began on the flow meanwhile */
	session_reparse(s, f, f->client, request, &ses->repeats->origin);
	f->transactions = next_id;
	if (s->replaces) /* not parsed as a request this time: it cannot wait for an answer */
		due_leave(s, &l->due);
	s->replaces = NULL;
	s->spare = s->tape;
	s->tape = tape;
}

void session_forget_polls(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	if (!ses || !ses->repeats)
		return;
	repeat_unfold(s, f);
	for (unsigned i = 0; i < REPEATS; i++)
		ses->repeats->known[i].until_ns = 0;
}

/* The values fill the answer from somewhere near its start to its end. */
static bool is_plain_read(const struct transaction *t, size_t *head_len)
{
	const struct operation *op = &t->operations[0];
	const struct bytes *raw = &t->response->raw, *values = &op->value.bytes;
	if (t->operation_count != 1 || op->verb != VERB_READ || !op->value.count || !values->len ||
		op->unit_text.len || op->point_text.len || op->outcome != OUTCOME_ACCEPTED ||
		values->at < raw->at || values->at + values->len != raw->at + raw->len)
		return false;
	*head_len = (size_t)(values->at - raw->at);
	return *head_len <= REPEAT_HEAD_MAX;
}

void repeat_remember(struct sessions *s, const struct transaction *t)
{
	struct session *ses = session_of(t->flow);
	const struct repeat *r = rule_of(ses);
	size_t head_len, id_end = (size_t)r->id_at + r->id_len;
	if (!s->config.repeats || !r->id_len || t->silent_until_ns <= s->now_ns ||
		!t->request || !t->response ||
		t->request->events || t->response->events || t->response->is_cut ||
		t->request->raw.len > REPEAT_REQUEST_MAX || t->request->raw.len < id_end ||
		!is_plain_read(t, &head_len) || head_len < id_end ||
		r->id_len > REPEAT_ID_MAX || t->response->raw.len > UINT16_MAX || t->client != t->flow->client)
		return;
	if (!ses->repeats) {
		if (s->pool.used + sizeof(*ses->repeats) > s->config.memory)
			return;
		ses->repeats = pool_take(&s->pool, sizeof(*ses->repeats));
		memset(ses->repeats, 0, sizeof(*ses->repeats));
		for (const struct pending *p = ses->first; p; p = p->next)
			repeat_wait(ses, p);
	}
	struct repeated *known = &ses->repeats->known[ses->repeats->oldest++ % REPEATS];
	known->until_ns = t->silent_until_ns;
	s->sink.remembered(s->context, t, &known->memo);
	known->answer_len = (uint16_t)t->response->raw.len;
	known->request_len = (uint8_t)t->request->raw.len;
	known->head_len = (uint8_t)head_len;
	memcpy(known->request, t->request->raw.at, known->request_len);
	memcpy(known->head, t->response->raw.at, head_len);
}
