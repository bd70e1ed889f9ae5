/* Polls repeat themselves: most of the traffic is the same question, answered with the same
 * shape, and nothing to say about it. Such an exchange is known by its bytes and need not be
 * parsed, matched and weighed again.
 *
 * The engine tells of a finished transaction until when a repetition would be just as silent
 * (t->silent_until_ns). The flow then remembers the request's bytes and those of the answer
 * but its values. A request that is the same but for its id becomes a `light` pending
 * request; an answer to that id that is the same but for its values completes it, and only
 * those are handed on, or, where every transaction is written, the two halves parsed once
 * more. Requests with other ids may wait beside it: join() likes none of them better. Whatever
 * else happens on the flow turns the light request into an ordinary one first, as if it had
 * been parsed when it came: nothing that comes out differs, as long as no rule looks at what
 * changes (ids, values, bytes); the engine sees to that. repeat_known.c keeps what is known. */
#include "dissect/repeat_known.h"

static bool is_in_sync(const struct direction *dir)
{
	return !(dir->skip | dir->len | dir->resync | dir->after_gap | dir->in_pieces) &&
		dir->sure == SURE;
}

static void put_id(const struct repeat *r, uint32_t id, uint8_t *message)
{
	for (unsigned i = r->id_len; i-- > 0; id >>= 8)
		message[r->id_at + i] = (uint8_t)id;
}

/* ---- who waits ---- */

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
	uint32_t id = repeat_id(repeat_rule(ses), request);
	if (!may_be_awaited(ses->repeats, id))
		return false;
	for (const struct pending *p = ses->first; p; p = p->next)
		if (!p->has_wire_id || p->wire_id == id)
			return true;
	return false;
}

void repeat_note_id(struct pending *p, const struct dissector *d)
{
	p->has_wire_id = repeat_has_id(&d->repeat, p->request.raw);
	p->wire_id = p->has_wire_id ? repeat_id(&d->repeat, p->request.raw.at) : 0;
}

/* ---- repetitions ---- */

static bool take_request(struct sessions *s, struct flow *f, struct bytes data,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct light *l = &ses->repeats->light;
	if (ses->waiting_count >= PENDING_MAX ||
		s->pool.used > s->config.memory)
		return false;
	l->known = repeat_find(ses, data, s->now_ns);
	if (!l->known || id_is_awaited(ses, data.at))
		return false;
	l->is_open = true;
	l->lines = repeated_lines(l->known);
	l->wire_id = repeat_id(repeat_rule(ses), data.at);
	ses->repeats->origin = *origin;
	f->transactions++;
	due_enter_light(s, &l->due, f);
	s->counters.messages++;
	session_count(s, f)->messages++;
	return true;
}

/* The bytes of the light request; `request` has REPEAT_REQUEST_MAX of them. */
static struct bytes request_of(const struct session *ses, uint8_t *request)
{
	const struct light *l = &ses->repeats->light;
	memcpy(request, repeated_request(l->known), l->known->request_len);
	put_id(repeat_rule(ses), l->wire_id, request);
	return (struct bytes){ request, l->known->request_len };
}

static void parse(struct sessions *s, struct flow *f, unsigned end, uint64_t time_ns,
	struct message *m)
{
	struct cursor c = cursor_of(m->raw);
	const struct dissector *dissector = session_of(f)->dissector;
	struct piece piece = { 0 };
	session_set_dissect(s, f, end, time_ns);
	s->d.message = m;
	m->kind = end == f->client ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	if (dissector->assemble) /* the whole message that it was the first time */
		dissector->assemble(&s->d, m->raw, &piece);
	dissector->parse(&s->d, &c);
}

/* The transaction with the bytes of its halves; `request` has REPEAT_REQUEST_MAX of them. */
static void recall(struct sessions *s, struct flow *f, struct bytes answer,
	const struct origin *origin, uint8_t *request, struct transaction *t)
{
	struct session *ses = session_of(f);
	message_clear(&s->spare);
	message_clear(&s->tape);
	s->spare.raw = request_of(ses, request);
	s->tape.raw = answer;
	*t = (struct transaction){ .flow = f, .dissector = ses->dissector,
		.protocol = ses->protocol,
		.id = f->transactions - 1, .client = f->client, .request = &s->spare,
		.response = &s->tape, .request_origin = ses->repeats->origin,
		.response_origin = *origin, .outcome = OUTCOME_ACCEPTED };
}

/* The same as if nobody had known it; what it does to the rules is known. */
static void retell(struct sessions *s, struct flow *f, struct transaction *t)
{
	struct session *ses = session_of(f);
	parse(s, f, f->client, t->request_origin.time_ns, &s->spare);
	parse(s, f, !f->client, t->response_origin.time_ns, &s->tape);
	if (ses->dissector->check)
		ses->dissector->check(&s->d, &s->spare);
	transaction_understand(s, t);
	s->current = NULL;
}

/* What the answer says, as the operations' values. */
static void widen(struct sessions *s, const struct session *ses, struct repeat_news *news,
	struct bytes *values)
{
	const struct repeated_value *v = repeated_values(ses->repeats->light.known);
	if (!repeat_rule(ses)->value)
		return;
	s->tape.kept_len = 0;
	s->d.message = &s->tape;
	for (unsigned i = 0; i < news->count; i++)
		values[i] = repeat_rule(ses)->value(&s->d, v[i].type, news->said[i]).bytes;
	news->values = values;
}

static void hand_on(struct sessions *s, struct flow *f, struct bytes answer,
	const struct origin *origin, const struct bytes *said)
{
	struct session *ses = session_of(f);
	struct repeated *known = ses->repeats->light.known;
	struct repeat_news news = { repeated_memos(known), said, said, known->value_count,
		known->unit };
	struct bytes values[REPEAT_VALUES_MAX];
	widen(s, ses, &news, values);
	if (!(s->config.retold >> ses->protocol & 1)) {
		s->sink.repeated(s->context, f, &news, NULL);
		return;
	}
	struct transaction t;
	uint8_t request[REPEAT_REQUEST_MAX]; /* the tape is about its bytes */
	recall(s, f, answer, origin, request, &t);
	if (s->sink.again && s->sink.again(s->context, &t, &news)) {
		s->sink.repeated(s->context, f, &news, NULL);
		return;
	}
	retell(s, f, &t);
	for (unsigned i = 0; i < t.operation_count && i < news.count; i++)
		values[i] = t.operations[i].value.bytes;
	news.values = values;
	s->sink.repeated(s->context, f, &news, &t);
}

static bool take_answer(struct sessions *s, struct flow *f, struct bytes data,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct light *l = &ses->repeats->light;
	struct bytes values[REPEAT_VALUES_MAX];
	if (s->now_ns >= l->known->until_ns || !repeat_is_answer(ses, l->known, data, values) ||
		repeat_id(repeat_rule(ses), data.at) != l->wire_id)
		return false;
	l->is_open = false;
	due_leave(s, &l->due);
	ses->joined_since_gap = true;
	struct protocol_counters *counts = session_count(s, f);
	s->counters.messages++;
	s->counters.transactions++;
	counts->messages++;
	counts->transactions++;
	hand_on(s, f, data, origin, values);
	l->known = ses->repeats->known[ses->repeats->next];
	l->lines = REQUEST_LINES;
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
	repeat_forget(s, ses);
}
