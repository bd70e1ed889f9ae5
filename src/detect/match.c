/* Rules against the messages of a transaction.
 *
 * A rule is matched against one half, or both, as its words say:
 *   - flow:to_server (from_client) is about the request, to_client about the response.
 *   - A keyword without prefix looks at the rule's half; in a rule without direction at
 *     either half. request. and response. name a half whatever the direction.
 *   - The header is matched the way the message goes: a request from client to server. With
 *     contents or an event it must fit the way of the message that has them. Otherwise,
 *     without direction, either way will do once the response is there, but the request's
 *     must fit for rules on ot., because it is the client who acts.
 *   - A message on the wire is an established flow.
 *
 * A rule that matched at the request is not matched again; a pass rule that matches, at
 * whatever half or on the packet that completed it, takes back what matched before and
 * silences what would match later. */
#include "detect/look.h"

/* What a rule says of one message as such. */
static inline bool message_fits(const struct check *c, const struct message *m)
{
	const struct rule *r = c->rule;
	if (!m)
		return false;
	if (r->event.kind == EVENT_APP && !(m->events >> r->event.event & 1))
		return false;
	if (!dsize_holds(r, (int64_t)m->raw.len))
		return false;
	return contents_match(&c->raw, m->raw);
}

static inline bool tied_fits(const struct look *l, const struct check *c, unsigned ways)
{
	return ((ways & SERVER_BIT) && message_fits(c, l->t->request)) ||
		((ways & CLIENT_BIT) && message_fits(c, l->t->response));
}

static bool matched_now(const struct look *l, const struct check *c)
{
	for (unsigned i = 0; c->is_repeated && i < l->d->matched_count; i++)
		if (l->d->matched[i] == c)
			return true;
	return false;
}

/* The second time that this rule is reached in this evaluation. */
static bool seen_before(struct detector *d, const struct check *c)
{
	uint32_t *seen = &d->seen[c->rule->index];
	bool before = *seen == d->now;
	*seen = d->now;
	return before;
}

static bool operation_fits(struct look *l, const struct check *c)
{
	if (c->side == HALF_RESPONSE && !l->t->response)
		return false;
	if (!l->tapes.at[TAPE_OPERATION]) {
		operation_tape(&l->d->operation, l->operation);
		l->tapes.at[TAPE_OPERATION] = &l->d->operation;
	}
	return operations_hold(&l->tapes, c);
}

/* Whether nothing was said before in the directions that the rule is about. */
static bool is_first(const struct look *l, const struct check *c)
{
	const struct transaction *t = l->t;
	unsigned ways = (c->ways[PHASE_REQUEST] | c->ways[PHASE_RESPONSE]) &
		header_ways(l->fits, c->header, t->client);
	struct flow_rules *r = t->flow->rules;
	uint64_t *asked = &r->first[t->client], *answered = &r->first[!t->client];
	uint64_t id = t->id + 1;
	if (t->request && !*asked)
		*asked = id;
	if (t->response && !*answered)
		*answered = id;
	return !((ways & SERVER_BIT) && *asked && *asked != id) &&
		!((ways & CLIENT_BIT) && *answered && *answered != id);
}

/* Whatever is left once the conditions on the halves hold. */
static __attribute__((noinline)) bool rest_fits(struct look *l, const struct check *c,
	unsigned ways)
{
	struct access_found found;
	if (c->is_tied && !tied_fits(l, c, ways))
		return false;
	if (c->rule->header.once && !is_first(l, c))
		return false;
	if (!stream_size_fits(c, l->t))
		return false;
	if (c->operation_count > 0 && !operation_fits(l, c))
		return false;
	return !c->rule->modbus.used ||
		access_holds(l->d->set, &c->rule->modbus, l->t->request, &found);
}

/* A command whose answer comes late was told of when it was given up. */
static inline bool was_told(const struct look *l, const struct check *c)
{
	enum outcome told = l->t->told;
	return told && c->is_about_request && (c->outcomes >> told & 1) &&
		operation_is_command(l->operation);
}

static bool check_fits(struct look *l, const struct check *c, unsigned ways,
	const struct condition *known)
{
	if (c->is_shared && seen_before(l->d, c))
		return false;
	if (c->operation_count > 0 &&
	    (!(c->outcomes >> l->operation->outcome & 1) || was_told(l, c)))
		return false;
	return conditions_hold(&l->tapes, c, known) && (!c->has_rest || rest_fits(l, c, ways)) &&
		!matched_now(l, c);
}

static inline bool matches(struct look *l, const struct check *c, unsigned ways,
	const struct condition *known)
{
	return (c->is_bare || check_fits(l, c, ways, known)) &&
		!(l->t->hits && hits_has(l->t, c->rule));
}

static __attribute__((noinline)) bool match_measured(struct look *l, const struct check *c,
	unsigned ways, const struct condition *known)
{
	uint64_t since = ticks_now();
	bool matched = matches(l, c, ways, known);
	cost_add(l->d, c, since, matched);
	return matched;
}

static inline void try_check(struct look *l, const struct check *c, bool by_condition)
{
	unsigned ways = c->ways[l->phase] & header_ways(l->fits, c->header, l->t->client);
	if (!ways)
		return;
	l->t->sees_change |= c->sees_change && !c->fast;
	l->d->counters.checks++;
	const struct condition *known = by_condition ? c->by : NULL;
	if (__builtin_expect(l->d->costs != NULL, 0) ? match_measured(l, c, ways, known)
		: matches(l, c, ways, known))
		matched_add(l->d, c);
}

void look_at_check(struct look *l, const struct check *c)
{
	try_check(l, c, false);
}

/* Whether a message goes to be scanned: only if a rule waits whose header fits. */
static bool any_header_fits(const struct look *l, const struct check_group *g)
{
	unsigned way = l->phase == PHASE_REQUEST ? SERVER_BIT : CLIENT_BIT;
	for (unsigned i = 0; i < g->scanned.count; i++)
		if (header_ways(l->fits, g->scanned.at[i], l->t->client) & way)
			return true;
	return false;
}

static void try_anchored(struct look *l, const struct check_group *g)
{
	for (unsigned i = 0; i < g->waiting.count; i++)
		if (content_stands(g->waiting.at[i]->anchor, l->newest->raw))
			try_check(l, g->waiting.at[i], false);
}

/* Bytes that a rule waits for may come next time, unless they are known not to. */
static void note_waiting(struct look *l, const struct check_group *g)
{
	for (unsigned i = 0; i < g->waiting.count && !l->t->sees_change; i++) {
		const struct check *c = g->waiting.at[i];
		l->t->sees_change = header_ways(l->fits, c->header, l->t->client) &&
			waiting_may_match_later(c, l->t);
	}
}

static __attribute__((noinline)) void try_waiting(struct look *l, const struct check_group *g)
{
	note_waiting(l, g);
	if (!g->is_loose && g->waiting.count <= ANCHORED_MAX)
		try_anchored(l, g);
	else if (!l->wants_scan)
		l->wants_scan = any_header_fits(l, g);
}

static __attribute__((noinline)) void try_direct(struct look *l, const struct check_group *g)
{
	const struct check *const *end = g->direct.at + g->direct.count;
	for (const struct check **at = g->direct.at; at < end; at++)
		try_check(l, *at, g->is_by_condition);
}

static inline void try_group(struct look *l, uint16_t group)
{
	const struct check_group *g = &l->index->groups[group];
	if (l->operation && !(g->outcomes >> l->operation->outcome & 1))
		return;
	l->buffers |= g->buffers;
	if (g->direct.count > 0)
		try_direct(l, g);
	if (g->waiting.count > 0)
		try_waiting(l, g);
}

/* Items of a repeated group may lead to the same rules again and again. */
static void try_repeated(struct look *l, const struct selector *s, struct run run)
{
	for (; run.at < run.end; run.at++) {
		uint16_t group = run.at->field == s->field ? group_for(s, run.at->u) : 0;
		if (group == 0 || l->d->group_seen[group] == l->d->now)
			continue;
		l->d->group_seen[group] = l->d->now;
		try_group(l, group);
	}
}

static __attribute__((noinline)) void try_bits(struct look *l, const struct selector *s,
	uint64_t bits)
{
	for (bits &= s->bits; bits; bits &= bits - 1)
		try_group(l, s->group[__builtin_ctzll(bits)]);
}

static inline void try_selector(struct look *l, const struct selector *s)
{
	struct run run = items_of(&l->tapes, s->tape, s->field);
	if (s->repeats) {
		try_repeated(l, s, run);
	} else if (s->is_bits) {
		if (run.at < run.end && run.at->u & s->bits)
			try_bits(l, s, run.at->u);
	} else if (run.at < run.end) {
		uint16_t group = group_for(s, run.at->u);
		if (group)
			try_group(l, group);
	}
}

/* The groups that the values on the tapes lead to. */
static inline void try_selectors(struct look *l)
{
	for (unsigned i = 0; i < l->index->selector_count; i++) {
		const struct selector *s = &l->index->selectors[i];
		if (l->tapes.at[s->tape])
			try_selector(l, s);
	}
}

/* Of a field that does not repeat itself the first item counts. */
static inline bool gate_opens(const struct gate *g, struct run run)
{
	while (run.at < run.end && run.at->field != g->field)
		run.at++;
	return run.at < run.end && run.at->u - g->low <= g->span;
}

static inline void try_gates(struct look *l)
{
	for (unsigned i = 0; i < l->index->gate_count; i++) {
		const struct gate *g = &l->index->gates[i];
		if (!l->tapes.at[g->tape])
			continue;
		if (gate_opens(g, items_of(&l->tapes, g->tape, g->field)))
			try_group(l, g->group);
	}
}

/* Verb and outcome are known without a tape. */
static inline void try_doing(struct look *l)
{
	uint16_t by_verb = group_for(&l->index->verb, l->operation->verb);
	uint16_t by_outcome = group_for(&l->index->outcome, l->operation->outcome);
	if (by_verb)
		try_group(l, by_verb);
	if (by_outcome)
		try_group(l, by_outcome);
}

static void try_events(struct look *l, uint64_t events)
{
	for (; events; events &= events - 1)
		try_group(l, l->index->event_group[__builtin_ctzll(events)]);
}

static void try_scanned(struct look *l)
{
	scanner_run(l->d, l->index->scanner, l->newest->raw);
	for (unsigned i = 0; i < l->d->candidate_count; i++)
		try_check(l, l->d->candidates[i], false);
}

static inline void look_begin(struct look *l)
{
	detector_stamp(l->d);
	l->tapes.operation_stamp = l->d->now;
	if (!l->tapes.stamp)
		l->tapes.stamp = l->d->now;
}

static inline void look_at_half(struct look *l)
{
	look_begin(l);
	try_group(l, 0);
	try_selectors(l);
	try_gates(l);
	uint64_t events = events_that_lead(l->index, l->t, l->newest);
	if (events)
		try_events(l, events);
	if (l->buffers)
		look_into_buffers(l);
	if (l->wants_scan)
		try_scanned(l);
}

static inline void look_at_operations(struct look *l)
{
	l->phase = PHASE_FINISHED;
	for (unsigned i = 0; i < l->t->operation_count; i++) {
		l->operation = &l->t->operations[i];
		l->tapes.at[TAPE_OPERATION] = NULL;
		look_begin(l);
		try_group(l, 0);
		try_selectors(l);
		try_gates(l);
		try_doing(l);
	}
}

/* The indexes of a dissector; NULL for one that is not of this build. Mostly it is the one of
 * the transaction before. */
static inline const struct check_index *indexes_of(struct detector *d,
	const struct dissector *dissector)
{
	if (d->dissector == dissector)
		return d->indexes;
	d->dissector = dissector;
	d->indexes = NULL;
	for (unsigned i = 0; i < d->set->dissector_count; i++)
		if (dissectors[i] == dissector)
			d->indexes = d->set->messages[i];
	return d->indexes;
}

static inline enum phase phase_of(const struct transaction *t)
{
	return t->response ? PHASE_RESPONSE : PHASE_REQUEST;
}

static __attribute__((noinline)) unsigned look_at(struct detector *d, struct transaction *t,
	const struct check_index *half, const struct check_index *operations)
{
	struct look l = { .d = d, .t = t, .fits = flow_headers(d, t->flow),
		.newest = newest_of(t), .phase = phase_of(t),
		.tapes = { .at = { t->request, t->response }, .places = d->places,
			.dissector = t->dissector, .room = d->expanded } };
	if (half) {
		l.index = half;
		look_at_half(&l);
	}
	if (operations) {
		l.index = operations;
		look_at_operations(&l);
	}
	return d->matched_count > 0 ? hits_settle(d, t) : 0;
}

static __attribute__((noinline)) bool is_passed(struct detector *d, struct transaction *t)
{
	if (detect_passed(d, transaction_origin(t)->number))
		hits_pass(d, t);
	return hits_passed(t) || flow_passes(d, t->flow);
}

/* A request that waited in vain was looked at when it came: what it asked of its flow then, of
 * bits, numbers and bytes, is not as it was. */
static inline bool was_looked_at(const struct detector *d, struct transaction *t)
{
	if (t->response)
		return false;
	bool was = t->looked_at == d->generation;
	if (d->set->has_stream_sizes && !was)
		streams_sent(t->flow, t->sent);
	t->looked_at = d->generation;
	return was;
}

unsigned detect_transaction(struct detector *d, struct transaction *t, bool finished)
{
	const struct check_index *indexes = indexes_of(d, t->dissector);
	bool was = was_looked_at(d, t);
	d->counters.messages++;
	d->matched_count = 0;
	if (!indexes || !newest_of(t) || (d->set->has_passes && is_passed(d, t)))
		return 0;
	const struct check_index *half = &indexes[phase_of(t)];
	t->sees_change |= half->sees_change || indexes[PHASE_FINISHED].sees_change;
	const struct check_index *operations = &indexes[finished ? PHASE_FINISHED : PHASE_ASKED];
	if (was || !index_leads(d, half, t, UINT8_MAX))
		half = NULL;
	if (!operations_lead(d, operations, t))
		operations = NULL;
	return half || operations ? look_at(d, t, half, operations) : 0;
}

bool detect_looks_at_reads(struct detector *d, const struct transaction *t)
{
	const struct check_index *indexes = indexes_of(d, t->dissector);
	const struct check_index *index = indexes ? &indexes[PHASE_FINISHED] : NULL;
	return index && (index_leads(d, index, t, 1u << t->outcome) ||
		group_for(&index->verb, VERB_READ) || group_for(&index->outcome, t->outcome));
}
