/* Requests wait for their answers here; what comes out are transactions. */
#include "dissect/driver.h"

void operation_add(struct dissect *d, const struct operation *op)
{
	struct sessions *s = (struct sessions *)d;
	struct transaction *t = s->current;
	if (t->operation_count == OPERATIONS_MAX) {
		t->operations_left_out++;
		return;
	}
	struct operation *at = &s->operations[t->operation_count++];
	*at = *op;
	if (at->outcome == OUTCOME_NONE) {
		at->outcome = t->outcome;
		at->code = t->code;
	}
}

void identity_add(struct dissect *d, enum identity what, struct bytes value)
{
	struct sessions *s = (struct sessions *)d;
	if (!s->current->identity)
		memset(s->identity, 0, sizeof(s->identity));
	s->current->identity = s->identity;
	s->identity[what] = value;
}

static void expand(const struct dissector *d, struct message **half, struct message *room)
{
	if (*half && message_expanded(d, *half, room) == room)
		*half = room;
}

const struct transaction *transaction_expanded(
	const struct transaction *t, struct transaction *copy, struct message room[2])
{
	bool is_lazy = (t->request && t->request->is_lazy) ||
		(t->response && t->response->is_lazy);
	if (!is_lazy)
		return t;
	*copy = *t;
	expand(t->dissector, &copy->request, &room[0]);
	expand(t->dissector, &copy->response, &room[1]);
	return copy;
}

/* ---- finishing ---- */

void transaction_understand(struct sessions *s, struct transaction *t)
{
	void *state = s->d.state;
	t->operations = s->operations;
	s->current = t;
	s->d.state = session_state(session_of(t->flow), t->dissector);
	if (t->dissector->operate)
		t->dissector->operate(&s->d, t->request, t->response);
	s->d.state = state;
}

void session_understand(struct sessions *s, struct transaction *t)
{
	t->is_unread = false;
	transaction_understand(s, t);
}

static bool only_reads(const struct transaction *t)
{
	return (!t->request || t->request->is_reading) &&
		(!t->response || t->response->is_reading);
}

static void finish(struct sessions *s, struct transaction *t, enum outcome outcome)
{
	uint32_t kept_len = s->tape.kept_len;
	t->outcome = t->client_guessed && outcome == OUTCOME_ACCEPTED ? OUTCOME_NOT_SEEN : outcome;
	t->code = outcome == OUTCOME_REJECTED ? t->response->code : NULL;
	t->is_unread = s->config.skims && only_reads(t);
	if (!t->is_unread) {
		transaction_understand(s, t);
		user_learn(s, t);
	}
	struct protocol_counters *counts =
		session_count_of(s, session_of(t->flow), t->dissector);
	s->counters.transactions++;
	counts->transactions++;
	s->counters.no_reply += t->outcome == OUTCOME_NO_REPLY;
	counts->no_reply += t->outcome == OUTCOME_NO_REPLY;
	s->counters.not_seen += t->outcome == OUTCOME_NOT_SEEN;
	s->sink.finished(s->context, t);
	repeat_remember(s, t);
	s->sink.released(s->context, t);
	s->current = NULL;
	s->tape.kept_len = kept_len; /* operate's are no longer needed */
}

static void init_transaction(struct sessions *s, struct flow *f, unsigned client,
	struct transaction *t)
{
	*t = (struct transaction){ .flow = f, .dissector = session_of(f)->dissector,
		.protocol = session_of(f)->protocol,
		.id = f->transactions++, .client = client,
		.client_guessed = s->tape.side_guessed };
}

/* ---- the lists ---- */

static uint64_t wait_ns(const struct sessions *s, const struct session *ses)
{
	return s->config.outcome_wait_ns * (ses->is_slow ? SLOW_WAITS : 1);
}

static uint64_t deadline_ns(const struct sessions *s, const struct session *ses, enum wait wait)
{
	return wait == WAIT_PATIENT ? UINT64_MAX : s->now_ns + wait_ns(s, ses);
}

void due_leave(struct sessions *s, struct due *d)
{
	struct queue *q = &s->due[d->wait];
	*(d->sooner ? &d->sooner->later : &q->soonest) = d->later;
	*(d->later ? &d->later->sooner : &q->latest) = d->sooner;
}

static void enter_queue(struct sessions *s, struct due *d, struct flow *f, enum wait wait,
	bool is_light)
{
	struct queue *q = &s->due[wait];
	*d = (struct due){ .sooner = q->latest, .flow = f, .is_light = is_light,
		.wait = (uint8_t)wait, .deadline_ns = deadline_ns(s, session_of(f), wait) };
	*(q->latest ? &q->latest->later : &q->soonest) = d;
	q->latest = d;
}

static enum wait wait_of(const struct session *ses)
{
	return ses->is_slow ? WAIT_LONG : WAIT_SHORT;
}

void due_enter_light(struct sessions *s, struct due *d, struct flow *f)
{
	enter_queue(s, d, f, wait_of(session_of(f)), true);
}

/* A light request becomes an ordinary one: it keeps its turn. */
static void due_replace(struct sessions *s, struct due *d, const struct due *old)
{
	*d = *old;
	d->is_light = false;
	struct queue *q = &s->due[d->wait];
	*(d->sooner ? &d->sooner->later : &q->soonest) = d;
	*(d->later ? &d->later->sooner : &q->latest) = d;
}

static void start_waiting(struct session *ses, struct pending *p)
{
	p->prev = ses->last;
	p->next = NULL;
	*(ses->last ? &ses->last->next : &ses->first) = p;
	ses->last = p;
	ses->waiting_count++;
	repeat_wait(ses, p);
}

static void stop_waiting(struct sessions *s, struct session *ses, struct pending *p)
{
	due_leave(s, &p->due);
	*(p->prev ? &p->prev->next : &ses->first) = p->next;
	*(p->next ? &p->next->prev : &ses->last) = p->prev;
	ses->waiting_count--;
	repeat_wait_over(ses, p);
}

/* A few are kept to know their answers when they are late. */
static void keep_expired(struct session *ses, struct pending *p)
{
	unsigned at = ses->expired_count++;
	for (; at > 0 && ses->expired[at - 1]->t.id > p->t.id; at--)
		ses->expired[at] = ses->expired[at - 1];
	ses->expired[at] = p;
	p->expired = true;
}

static void forget_expired(struct sessions *s, struct session *ses, struct pending *p)
{
	unsigned at = 0;
	while (ses->expired[at] != p)
		at++;
	ses->expired_count--;
	memmove(&ses->expired[at], &ses->expired[at + 1],
		(ses->expired_count - at) * sizeof(*ses->expired));
	pool_give(&s->pool, p, p->size);
}

static void leave(struct sessions *s, struct session *ses, struct pending *p)
{
	stop_waiting(s, ses, p);
	pool_give(&s->pool, p, p->size);
}

static uint32_t gaps_of(const struct session *ses)
{
	return ses->dir[0].gaps + ses->dir[1].gaps;
}

static struct pending *enter(struct sessions *s, struct flow *f, unsigned end,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	const struct message *m = &s->tape;
	size_t size = sizeof(struct pending) + message_copy_size(m);
	struct pending *p = pool_take(&s->pool, size);
	init_transaction(s, f, end, &p->t);
	p->size = size;
	p->gaps = gaps_of(ses);
	p->answer_gaps = ses->dir[!end].gaps;
	p->end = (uint8_t)end;
	p->expired = false;
	message_copy(&p->request, p + 1, m);
	p->t.request = &p->request;
	p->t.request_origin = *origin;
	repeat_note_id(p, ses->dissector);
	start_waiting(ses, p);
	if (s->replaces)
		due_replace(s, &p->due, s->replaces);
	else
		enter_queue(s, &p->due, f, m->is_patient ? WAIT_PATIENT : wait_of(ses), false);
	s->replaces = NULL;
	return p;
}

/* ---- time and room ---- */

static enum outcome without_answer(const struct flow *f, const struct pending *p)
{
	const struct session *ses = session_of(f);
	unsigned server = !p->end;
	bool seen = f->packets[server] > 0 && !f->block && gaps_of(ses) == p->gaps &&
		!stream_has_hole(f, server);
	return seen && !p->t.client_guessed ? OUTCOME_NO_REPLY : OUTCOME_NOT_SEEN;
}

/* The request goes out without its answer. */
static void expire(struct sessions *s, struct pending *p, enum outcome outcome)
{
	struct session *ses = session_of(p->t.flow);
	stop_waiting(s, ses, p);
	keep_expired(ses, p);
	s->d.state = ses->state;
	finish(s, &p->t, outcome);
	if (ses->expired_count <= EXPIRED_MAX && has_room_to_keep(s, 0))
		return;
	if (ses->expired_count <= EXPIRED_MAX)
		ses->shed_ns = s->now_ns;
	forget_expired(s, ses, ses->expired[0]);
}

/* Whose turn is next; NULL: nobody waits, or patiently. */
static struct due *soonest_due(const struct sessions *s)
{
	struct due *a = s->due[WAIT_SHORT].soonest, *b = s->due[WAIT_LONG].soonest;
	return !a || (b && b->deadline_ns < a->deadline_ns) ? b : a;
}

/* The request whose turn is next; NULL if it was none after all. */
static struct pending *soonest(struct sessions *s)
{
	struct due *d = soonest_due(s);
	if (d->is_light) {
		repeat_unfold(s, d->flow);
		d = soonest_due(s);
	}
	return d && !d->is_light ? (struct pending *)d : NULL;
}

void session_advance(struct sessions *s, uint64_t now_ns)
{
	if (now_ns > s->now_ns)
		s->now_ns = now_ns;
	for (struct due *d; (d = soonest_due(s)) && d->deadline_ns < s->now_ns;) {
		struct pending *p = soonest(s);
		if (p)
			expire(s, p, without_answer(p->t.flow, p));
	}
}

static struct due *first_to_go(const struct sessions *s)
{
	struct due *d = soonest_due(s);
	return d ? d : s->due[WAIT_PATIENT].soonest;
}

bool pending_make_room(struct sessions *s, size_t bytes)
{
	struct dissect at_hand = s->d; /* a message of another flow */
	bool is_worth_it = bytes <= s->config.memory / 2;
	while (s->pool.used + bytes > s->config.memory && is_worth_it && first_to_go(s)) {
		struct pending *p = soonest_due(s) ? soonest(s) : (struct pending *)first_to_go(s);
		if (!p)
			continue;
		s->counters.pending_shed++;
		session_of(p->t.flow)->shed_ns = s->now_ns;
		expire(s, p, OUTCOME_NOT_SEEN);
	}
	s->d = at_hand;
	s->is_short |= s->pool.used + bytes > s->config.memory;
	return s->pool.used + bytes <= s->config.memory;
}

/* Of a connection that is mirrored on one side alone nobody knows what is answered. */
static bool sees_answers(const struct flow *f, unsigned client)
{
	return f->proto != PROTO_TCP || f->packets[!client] > 0;
}

/* Too many unanswered: the oldest one's answer was not seen. */
static void make_room(struct sessions *s, struct flow *f, unsigned end,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	if (ses->waiting_count >= PENDING_MAX) {
		if (!ses->told_too_many && sees_answers(f, end)) {
			session_say(s, f, end, SESSION_TOO_MANY_PENDING, origin);
			ses->told_too_many = true;
		}
		s->counters.pending_shed++;
		ses->shed_ns = s->now_ns;
		expire(s, ses->first, OUTCOME_NOT_SEEN);
	}
	pending_make_room(s, 0);
}

/* ---- requests, responses, and what is neither ---- */

/* How well the message answers the request; 0: not at all. */
static unsigned score_of(const struct dissector *d, const struct pending *p, unsigned end,
	const struct message *m)
{
	if (p->end == end || p->t.dissector != d)
		return 0;
	return d->join ? d->join(&p->request, m) : 1;
}

/* Among equals, is the answer rather to `p` than to the older one? Yes if answers were missing
 * between them: all that follow would get the answer of the one after them. */
static bool is_rather(const struct pending *p, const struct pending *older, uint32_t gaps)
{
	return older->answer_gaps != gaps && p->answer_gaps == gaps;
}

/* The request that fits best; among equals one that still waits, then the oldest whose answer can
 * still be expected. */
static struct pending *find_request(const struct session *ses, unsigned end,
	const struct message *m)
{
	struct pending *best = NULL;
	unsigned best_score = 0, score;
	uint32_t gaps = ses->dir[end].gaps;
	for (struct pending *p = ses->first; p; p = p->next)
		if ((score = score_of(ses->dissector, p, end, m)) > best_score ||
			(best && score == best_score && is_rather(p, best, gaps))) {
			best = p;
			best_score = score;
		}
	for (unsigned i = 0; i < ses->expired_count; i++)
		if ((score = score_of(ses->dissector, ses->expired[i], end, m)) > best_score) {
			best = ses->expired[i];
			best_score = score;
		}
	return best;
}

/* A request, with its operations where somebody decides by them whether it goes on. */
static void show(struct sessions *s, struct transaction *t)
{
	if (!(s->asked >> t->protocol & 1)) {
		s->sink.request(s->context, t);
		return;
	}
	uint32_t kept_len = s->tape.kept_len;
	transaction_understand(s, t);
	s->sink.request(s->context, t);
	t->operations = NULL;
	t->operation_count = t->operations_left_out = 0;
	t->identity = NULL;
	s->current = NULL;
	s->tape.kept_len = kept_len;
}

static void oneway(struct sessions *s, struct flow *f, unsigned client,
	const struct origin *origin)
{
	struct transaction t;
	init_transaction(s, f, client, &t);
	t.request = &s->tape;
	t.request_origin = *origin;
	show(s, &t);
	finish(s, &t, t.is_blocked ? OUTCOME_BLOCKED : OUTCOME_NONE);
}

static void response_alone(struct sessions *s, struct flow *f, unsigned client,
	enum outcome told, const struct origin *origin)
{
	struct transaction t;
	init_transaction(s, f, client, &t);
	t.response = &s->tape;
	t.response_origin = *origin;
	t.told = told;
	finish(s, &t, s->tape.code ? OUTCOME_REJECTED : OUTCOME_ACCEPTED);
}

/* What was sent then has been answered by now, or never will be. */
static bool is_past(const struct sessions *s, const struct session *ses, uint64_t time_ns)
{
	return s->now_ns > time_ns + wait_ns(s, ses);
}

/* Nothing that could have been the request was missed, as what came before the first packet is. */
static bool saw_all_requests(const struct sessions *s, const struct flow *f, unsigned client)
{
	const struct session *ses = session_of(f);
	uint64_t gap_ns = ses->dir[client].gap_ns;
	uint64_t missed_ns = f->is_midstream && gap_ns < f->first_ns ? f->first_ns : gap_ns;
	bool from_start = f->client_known == CLIENT_BY_SYN && gaps_of(ses) == 0;
	return f->packets[client] > 0 && !stream_has_hole(f, client) &&
		(from_start || (ses->joined_since_gap && is_past(s, ses, missed_ns))) &&
		(!ses->shed_ns || is_past(s, ses, ses->shed_ns));
}

static void response(struct sessions *s, struct flow *f, unsigned end,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct message *m = &s->tape;
	struct pending *p = m->is_continuation ? NULL : find_request(ses, end, m);
	enum outcome told = p ? p->t.outcome : OUTCOME_NONE;
	if (p && !p->expired) {
		p->t.response = m;
		p->t.response_origin = *origin;
		p->t.client_guessed |= m->side_guessed;
		if (ses->dissector->check && p->gaps == gaps_of(ses))
			ses->dissector->check(&s->d, &p->request);
		ses->joined_since_gap = true;
		finish(s, &p->t, m->code ? OUTCOME_REJECTED : OUTCOME_ACCEPTED);
		leave(s, ses, p);
		return;
	}
	if (p) {
		/* with bytes missing, it may answer another request that looked the same */
		bool is_its = p->gaps == gaps_of(ses) && !stream_has_hole(f, !end);
		s->counters.late += is_its;
		ses->is_slow |= is_its;
		if (is_its)
			session_say(s, f, end, SESSION_LATE_RESPONSE, origin);
		forget_expired(s, ses, p);
	} else if (ses->dissector->lone_response_event >= 0 && !m->is_continuation && m->events == 0 &&
		!m->side_guessed && saw_all_requests(s, f, !end)) {
		put_event(&s->d, (unsigned)ses->dissector->lone_response_event);
		told = OUTCOME_NOT_SEEN;
	}
	response_alone(s, f, !end, told, origin);
}

static void request(struct sessions *s, struct pending *p)
{
	struct transaction *t = &p->t;
	show(s, t);
	if (!t->is_blocked)
		return;
	finish(s, t, OUTCOME_BLOCKED);
	leave(s, session_of(t->flow), p);
}

void pending_message(struct sessions *s, struct flow *f, unsigned end,
	const struct origin *origin)
{
	if (s->tape.kind == MESSAGE_RESPONSE) {
		response(s, f, end, origin);
	} else if (s->tape.kind == MESSAGE_ONEWAY) {
		oneway(s, f, end, origin);
	} else {
		if (!s->replaces) /* there was room when it came */
			make_room(s, f, end, origin);
		request(s, enter(s, f, end, origin));
	}
}

void session_each_pending(struct flow *f, void (*visit)(void *context, struct transaction *t),
	void *context)
{
	struct session *ses = session_of(f);
	if (!ses)
		return;
	for (unsigned i = 0; i < ses->expired_count; i++)
		visit(context, &ses->expired[i]->t);
	for (struct pending *p = ses->first; p; p = p->next)
		visit(context, &p->t);
}

void pending_end(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	repeat_unfold(s, f);
	for (struct pending *p; (p = ses->first); leave(s, ses, p)) {
		s->d.state = ses->state;
		finish(s, &p->t, f->is_closed ? without_answer(f, p) : OUTCOME_NOT_SEEN);
	}
	while (ses->expired_count)
		forget_expired(s, ses, ses->expired[0]);
}
