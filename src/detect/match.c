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
 * whatever half, takes back what matched before and silences what would match later. */
#include "detect/runtime.h"

/* One evaluation: a transaction in one phase. */
struct look {
	struct detector *d;
	const struct transaction *t;
	const struct check_index *index;
	enum phase phase;
	const uint64_t *fits[2]; /* header classes by way, when they were asked for */
	struct tapes tapes;
	const struct message *newest; /* what contents are looked for in */
	const struct operation *operation; /* its tape is written when a rule gets that far */
	bool wants_scan;
};

static inline bool header_class_fits(struct look *l, enum way way, uint32_t class)
{
	if (!l->fits[way])
		l->fits[way] = flow_headers(l->d, l->t->flow,
			way == TO_SERVER ? l->t->client : !l->t->client);
	return header_bit(l->fits[way], class);
}

static inline unsigned header_ways(struct look *l, const struct check *c)
{
	unsigned ways = c->ways[l->phase];
	if ((ways & SERVER_BIT) && !header_class_fits(l, TO_SERVER, c->header))
		ways &= ~(unsigned)SERVER_BIT;
	if ((ways & CLIENT_BIT) && !header_class_fits(l, TO_CLIENT, c->header))
		ways &= ~(unsigned)CLIENT_BIT;
	return ways;
}

/* What a rule says of one message as such. */
static inline bool message_fits(const struct check *c, const struct message *m)
{
	const struct rule *r = c->rule;
	if (!m)
		return false;
	if (r->event.kind == EVENT_APP && !(m->events >> r->event.event & 1))
		return false;
	if (r->dsize.low <= r->dsize.high && !number_in(&r->dsize, 1, (int64_t)m->raw.len))
		return false;
	return contents_match(&c->raw, m->raw);
}

static inline bool tied_fits(const struct look *l, const struct check *c, unsigned ways)
{
	return ((ways & SERVER_BIT) && message_fits(c, l->t->request)) ||
		((ways & CLIENT_BIT) && message_fits(c, l->t->response));
}

static inline bool matched_before(const struct look *l, const struct check *c)
{
	for (unsigned i = 0; i < l->d->matched_count; i++)
		if (l->d->matched[i] == c)
			return true;
	return l->t->hits && hits_has(l->t, c->rule);
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
	if (!l->tapes.at[TAPE_OPERATION]) {
		operation_tape(&l->d->operation, l->operation);
		l->tapes.at[TAPE_OPERATION] = &l->d->operation;
	}
	return operations_hold(&l->tapes, c);
}

/* Whatever is left once the conditions on the halves hold. */
static __attribute__((noinline)) bool rest_fits(struct look *l, const struct check *c,
	unsigned ways)
{
	struct access_found found;
	if (c->is_tied && !tied_fits(l, c, ways))
		return false;
	if (c->operation_count > 0 && !operation_fits(l, c))
		return false;
	return !c->rule->modbus.used ||
		access_holds(l->d->set, &c->rule->modbus, l->t->request, &found);
}

/* Where the only condition is known to hold, there is nothing to look at. */
static inline bool try_conditions(struct look *l, const struct check *c,
	const struct condition *known)
{
	return c->condition_count <= (known != NULL) ||
		conditions_hold(&l->tapes, c, known);
}

static inline void try_check(struct look *l, const struct check *c,
	const struct condition *known)
{
	unsigned ways = header_ways(l, c);
	if (!ways || (c->is_shared && seen_before(l->d, c)))
		return;
	l->d->counters.checks++;
	if (try_conditions(l, c, known) && (!c->has_rest || rest_fits(l, c, ways)) &&
		!matched_before(l, c))
		matched_add(l->d, c);
}

/* Whether a message goes to be scanned: only if a rule waits whose header fits. */
static bool any_header_fits(struct look *l, const struct check_group *g)
{
	enum way way = l->phase == PHASE_REQUEST ? TO_SERVER : TO_CLIENT;
	for (unsigned i = 0; i < g->scanned_count; i++)
		if (header_class_fits(l, way, g->scanned[i]))
			return true;
	return false;
}

static void try_anchored(struct look *l, const struct check_group *g)
{
	for (unsigned i = 0; i < g->waiting.count; i++)
		if (content_stands(g->waiting.at[i]->anchor, l->newest->raw))
			try_check(l, g->waiting.at[i], NULL);
}

static __attribute__((noinline)) void try_waiting(struct look *l, const struct check_group *g)
{
	if (!g->is_loose && g->waiting.count <= ANCHORED_MAX)
		try_anchored(l, g);
	else if (!l->wants_scan)
		l->wants_scan = any_header_fits(l, g);
}

static __attribute__((noinline)) void try_direct(struct look *l, const struct check_group *g)
{
	const struct check *const *end = g->direct.at + g->direct.count;
	for (const struct check **at = g->direct.at; at < end; at++)
		try_check(l, *at, g->is_by_condition ? (*at)->by : NULL);
}

static inline void try_group(struct look *l, uint16_t group)
{
	const struct check_group *g = &l->index->groups[group];
	if (g->direct.count > 0)
		try_direct(l, g);
	if (g->waiting.count > 0)
		try_waiting(l, g);
}

static inline uint16_t group_for(const struct selector *s, uint64_t value)
{
	return value < s->size ? s->group[value] : 0;
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

static inline void try_selector(struct look *l, const struct selector *s)
{
	struct run run = items_of(&l->tapes, s->tape, s->field);
	if (s->repeats) {
		try_repeated(l, s, run);
	} else if (run.at < run.end) {
		uint16_t group = group_for(s, run.at->u);
		if (group)
			try_group(l, group);
	}
}

/* The groups that the values on the tapes lead to. */
static inline void try_selectors(struct look *l)
{
	const struct selector *s = l->index->selectors, *end = s + l->index->selector_count;
	for (; s < end; s++)
		if (l->tapes.at[s->tape])
			try_selector(l, s);
}

/* The verb is known without a tape. */
static inline void try_verb(struct look *l)
{
	uint16_t group = group_for(&l->index->verb, l->operation->verb);
	if (group)
		try_group(l, group);
}

static void try_events(struct look *l, const struct message *m)
{
	uint64_t events = m->events & l->index->events;
	for (; events; events &= events - 1)
		try_group(l, l->index->event_group[__builtin_ctzll(events)]);
}

static void try_scanned(struct look *l)
{
	scanner_run(l->d, l->index->scanner, l->newest->raw);
	for (unsigned i = 0; i < l->d->candidate_count; i++)
		try_check(l, l->d->candidates[i], NULL);
}

static void look_begin(struct look *l, enum phase phase)
{
	struct detector *d = l->d;
	l->phase = phase;
	detector_stamp(d);
	l->tapes.stamp = d->now;
}

static inline void look_at_half(struct look *l, enum phase phase)
{
	look_begin(l, phase);
	try_group(l, 0);
	try_selectors(l);
	if (l->newest->events & l->index->events)
		try_events(l, l->newest);
	if (l->wants_scan)
		try_scanned(l);
}

static inline void look_at_operations(struct look *l)
{
	for (unsigned i = 0; i < l->t->operation_count; i++) {
		l->operation = &l->t->operations[i];
		l->tapes.at[TAPE_OPERATION] = NULL;
		look_begin(l, PHASE_FINISHED);
		try_group(l, 0);
		try_selectors(l);
		try_verb(l);
	}
}

/* The indexes of a dissector; NULL for one that is not of this build. */
static const struct check_index *indexes_of(const struct ruleset *set,
	const struct dissector *dissector)
{
	for (unsigned i = 0; i < set->dissector_count; i++)
		if (dissectors[i] == dissector)
			return set->messages[i];
	return NULL;
}

unsigned detect_transaction(struct detector *d, struct transaction *t, bool finished)
{
	const struct check_index *indexes = indexes_of(d->set, t->dissector);
	enum phase phase = t->response ? PHASE_RESPONSE : PHASE_REQUEST;
	const struct message *newest = t->response ? t->response : t->request;
	d->counters.messages++;
	d->matched_count = 0;
	if (!indexes || !newest || (t->hits && hits_passed(t)))
		return 0;
	struct look l = { .d = d, .t = t, .index = &indexes[phase],
		.newest = newest,
		.tapes = { .at = { t->request, t->response }, .places = d->places } };
	if (l.index->is_used)
		look_at_half(&l, phase);
	l.index = &indexes[PHASE_FINISHED];
	if (finished && l.index->is_used)
		look_at_operations(&l);
	return d->matched_count > 0 ? hits_settle(d, t) : 0;
}
