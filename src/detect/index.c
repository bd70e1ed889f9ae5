/* Indexes: which rules a message, packet or chunk of bytes reaches at all. */
#include "detect/runtime.h"

enum { SELECT_VALUES_MAX = 256, SELECT_VALUE_MAX = 65535, GROUPS_MAX = 65535 };
/* A group with so many rules is crowded; fewer selectors than these may be added for that. */
enum { CROWDED = 8, SELECTORS_MAX = 12 };

/* Arrays in the arena double when their count is a power of two. */
void *array_grown(struct arena *a, void *at, unsigned count, size_t size)
{
	if (count & (count - 1))
		return at;
	void *more = arena_take(a, (count ? 2 * (size_t)count : 1) * size);
	if (count)
		memcpy(more, at, count * size);
	return more;
}

void check_list_add(struct arena *a, struct check_list *l, const struct check *c)
{
	l->at = array_grown(a, l->at, l->count, sizeof(*l->at));
	l->at[l->count++] = c;
}

static uint16_t group_new(struct ruleset *set, struct check_index *index)
{
	if (index->group_count == GROUPS_MAX)
		return 0;
	index->groups = array_grown(&set->arena, index->groups, index->group_count,
		sizeof(*index->groups));
	index->groups[index->group_count] = (struct check_group){ 0 };
	uint16_t group = (uint16_t)index->group_count++;
	if (set->groups_max < index->group_count)
		set->groups_max = index->group_count;
	return group;
}

static void group_add(struct ruleset *set, struct check_group *g, const struct check *c,
	bool waits)
{
	if (c->buffer >= 0) {
		g->buffers |= 1u << c->buffer;
		return;
	}
	check_list_add(&set->arena, waits ? &g->waiting : &g->direct, c);
	if (!waits)
		return;
	g->is_loose |= !c->anchor;
	for (unsigned i = 0; i < g->scanned_count; i++)
		if (g->scanned[i] == c->header)
			return;
	g->scanned = array_grown(&set->arena, g->scanned, g->scanned_count, sizeof(*g->scanned));
	g->scanned[g->scanned_count++] = c->header;
}

static bool is_number(enum field_type type)
{
	return type == FIELD_UINT || type == FIELD_ENUM || type == FIELD_BOOL;
}

/* How many values reach the rule if it is indexed by this condition; 0: it cannot be. */
static uint32_t values_selected(const struct condition *c)
{
	const struct predicate *p = c->predicate;
	if (!p || p->negated || p->mask || p->of_length || p->many || c->count > 1)
		return 0;
	if (!is_number(c->fields->type) || c->is_in_lazy)
		return 0;
	uint64_t values = 0;
	for (unsigned i = 0; i < p->range_count; i++) {
		if (p->ranges[i].low < 0 || p->ranges[i].high > SELECT_VALUE_MAX)
			return 0;
		values += (uint64_t)(p->ranges[i].high - p->ranges[i].low + 1);
	}
	return values <= SELECT_VALUES_MAX ? (uint32_t)values : 0;
}

/* Numbers with names, such as function codes, tell kinds of messages apart; others are
 * addresses, units, counts. */
static bool is_kind(const struct condition *c)
{
	return c->fields->names || c->fields->flags & FIELD_SELECTS ||
		c->fields->type != FIELD_UINT;
}

/* Whether a rule is better indexed by `a` than by `b`: kinds first, then fewer values, then
 * what the dissector's author said. */
static bool is_better(const struct condition *a, const struct condition *b)
{
	if (is_kind(a) != is_kind(b))
		return is_kind(a);
	if (values_selected(a) != values_selected(b))
		return values_selected(a) < values_selected(b);
	return (a->fields->flags & FIELD_SELECTS) > (b->fields->flags & FIELD_SELECTS);
}

static const struct condition *most_selective(const struct condition *at, unsigned count)
{
	const struct condition *best = NULL;
	for (unsigned i = 0; i < count; i++)
		if (values_selected(&at[i]) > 0 && (!best || is_better(&at[i], best)))
			best = &at[i];
	return best;
}

static const struct condition *verb_of(const struct check *c)
{
	for (unsigned i = 0; i < c->operation_count; i++)
		if (c->operations[i].field == OT_VERB && values_selected(&c->operations[i]) > 0)
			return &c->operations[i];
	return NULL;
}

static struct selector *selector_of(struct ruleset *set, struct check_index *index,
	enum tape tape, const struct condition *by)
{
	if (tape == TAPE_OPERATION)
		return &index->verb;
	for (unsigned i = 0; i < index->selector_count; i++)
		if (index->selectors[i].tape == tape && index->selectors[i].field == by->field)
			return &index->selectors[i];
	index->selectors = array_grown(&set->arena, index->selectors, index->selector_count,
		sizeof(*index->selectors));
	struct selector *s = &index->selectors[index->selector_count++];
	*s = (struct selector){ .tape = tape, .field = (uint16_t)by->field,
		.repeats = by->repeats };
	return s;
}

static void selector_reserve(struct ruleset *set, struct selector *s, uint32_t wanted)
{
	uint32_t size = 64;
	if (s->size >= wanted)
		return;
	while (size < wanted)
		size *= 2;
	uint16_t *more = arena_take(&set->arena, size * sizeof(*more));
	memset(more, 0, size * sizeof(*more));
	if (s->size)
		memcpy(more, s->group, s->size * sizeof(*more));
	s->group = more;
	s->size = size;
}

/* ---- crowds ----
 *
 * Hundreds of rules may ask for the same function code, each for an address of its own. Those
 * that come when a group is crowded are led to by the number that fewest others ask for. */

static const struct selector *selector_find(const struct check_index *index, enum tape tape,
	const struct condition *by)
{
	for (unsigned i = 0; i < index->selector_count; i++)
		if (index->selectors[i].tape == tape && index->selectors[i].field == by->field)
			return &index->selectors[i];
	return NULL;
}

/* How many rules the fullest group holds that these values lead to. */
static unsigned load_of(const struct check_index *index, const struct selector *s,
	const struct predicate *p)
{
	unsigned most = 0;
	for (unsigned i = 0; s && i < p->range_count; i++)
		for (int64_t v = p->ranges[i].low; v <= p->ranges[i].high && v < s->size; v++) {
			const struct check_group *g = &index->groups[s->group[v]];
			if (s->group[v] && g->direct.count > most)
				most = g->direct.count;
		}
	return most;
}

static const struct selector *selector_for(const struct check_index *index,
	const struct condition *by)
{
	return selector_find(index, by->half == HALF_RESPONSE ? TAPE_RESPONSE : TAPE_REQUEST, by);
}

static unsigned condition_load(const struct check_index *index, const struct condition *by)
{
	return load_of(index, selector_for(index, by), by->predicate);
}

/* Values that differ in each poll are left alone: who waits for them sees every message. */
static bool may_lead(const struct check_index *index, const struct check *c,
	const struct condition *by)
{
	uint32_t values = values_selected(by);
	return values > 0 && index->group_count + values < GROUPS_MAX / 2 &&
		(!c->dissector || field_is_steady(c->dissector, by->field)) &&
		(selector_for(index, by) || index->selector_count < SELECTORS_MAX);
}

static const struct condition *least_crowded(const struct check_index *index,
	const struct check *c, const struct condition *best, unsigned load)
{
	for (unsigned i = 0; i < c->condition_count && load >= CROWDED; i++) {
		const struct condition *other = &c->conditions[i];
		if (other == best || !may_lead(index, c, other))
			continue;
		unsigned others = condition_load(index, other);
		if (others < load) {
			best = other;
			load = others;
		}
	}
	return best;
}

/* Rules on operations are led to by the verb, unless a number does it better. */
static bool is_by_verb(const struct check_index *index, const struct check *c,
	const struct condition *verb)
{
	if (!verb || (c->by && is_kind(c->by)))
		return false;
	unsigned load = load_of(index, &index->verb, verb->predicate);
	return !c->by || load < CROWDED || !may_lead(index, c, c->by) ||
		condition_load(index, c->by) >= load;
}

/* Adds the rule to the group of each value the condition names, on one tape. */
static void select_on(struct ruleset *set, struct check_index *index, enum tape tape,
	const struct condition *by, struct check *c, bool waits)
{
	struct selector *s = selector_of(set, index, tape, by);
	for (unsigned i = 0; i < by->predicate->range_count; i++) {
		const struct number_range *r = &by->predicate->ranges[i];
		selector_reserve(set, s, (uint32_t)r->high + 1);
		for (int64_t v = r->low; v <= r->high; v++) {
			if (s->group[v] == 0)
				s->group[v] = group_new(set, index);
			struct check_group *g = &index->groups[s->group[v]];
			g->is_by_condition = s->group[v] > 0 && tape != TAPE_OPERATION;
			index->is_always |= s->group[v] == 0 || tape == TAPE_OPERATION;
			c->is_shared |= s->group[v] == 0;
			group_add(set, g, c, waits);
		}
	}
}

/* Whether in this phase Hyperscan looks at the bytes that the rule's contents are about. */
static bool waits_for_scan(const struct check *c, enum phase phase)
{
	if (!c->fast || phase == PHASE_FINISHED || c->rule->event.kind != EVENT_NONE)
		return false;
	return phase == PHASE_REQUEST || c->side == HALF_RESPONSE ||
		(c->side == HALF_ANY && !c->is_completed);
}

static void add_by_event(struct ruleset *set, struct check_index *index, struct check *c)
{
	unsigned event = c->rule->event.event;
	if (!(index->events >> event & 1))
		index->event_group[event] = group_new(set, index);
	index->events |= (uint64_t)1 << event;
	group_add(set, &index->groups[index->event_group[event]], c, false);
}

static void add_by_condition(struct ruleset *set, struct check_index *index,
	enum phase phase, struct check *c, bool waits)
{
	const struct condition *by = c->by;
	bool request = by->half != HALF_RESPONSE;
	bool response = by->half != HALF_REQUEST && phase != PHASE_REQUEST;
	c->is_shared |= (by->repeats && values_selected(by) > 1) || (request && response);
	c->is_repeated |= c->is_shared;
	if (request)
		select_on(set, index, TAPE_REQUEST, by, c, waits);
	if (response)
		select_on(set, index, TAPE_RESPONSE, by, c, waits);
}

static bool is_crowded(const struct check_index *index, const struct check *c)
{
	unsigned load = c->by ? condition_load(index, c->by) : index->groups[0].direct.count;
	return load >= CROWDED && c->rule->event.kind == EVENT_NONE;
}

void index_add(struct ruleset *set, struct check_index *index, enum phase phase,
	struct check *c)
{
	bool waits = waits_for_scan(c, phase);
	if (!index->is_used)
		group_new(set, index);
	index->is_used = true;
	if (waits)
		check_list_add(&set->arena, &index->waiting, c);
	if (!c->by) /* the same in every phase */
		c->by = most_selective(c->conditions, c->condition_count);
	if (!c->by_is_chosen && c->by && !waits)
		c->by = least_crowded(index, c, c->by, condition_load(index, c->by));
	c->by_is_chosen = true;
	c->is_repeated |= waits || phase == PHASE_FINISHED;
	c->buffer = waits || phase == PHASE_FINISHED || !is_crowded(index, c) ? -1
		: buffer_add(set, index, c);
	const struct condition *verb = verb_of(c);
	bool is_by_event = phase == PHASE_REQUEST || (phase == PHASE_RESPONSE && !c->is_completed);
	if (c->rule->event.kind == EVENT_APP && is_by_event) {
		add_by_event(set, index, c);
	} else if (phase == PHASE_FINISHED && is_by_verb(index, c, verb)) {
		select_on(set, index, TAPE_OPERATION, verb, c, waits);
	} else if (c->by) {
		index->sees_change |= !c->dissector || !field_is_steady(c->dissector, c->by->field);
		add_by_condition(set, index, phase, c, waits);
	} else {
		index->is_always = true;
		group_add(set, &index->groups[0], c, waits);
	}
}

/* ---- packets ---- */

static void add_by_flags(struct ruleset *set, const struct check *c)
{
	for (int flags = 0; flags < 256; flags++)
		if (tcp_flags_hold(c->rule, flags))
			check_list_add(&set->arena, &set->packets.by_flags[flags], c);
}

static bool kind_fits(enum rule_proto proto, unsigned kind)
{
	switch (proto) {
	case RULE_TCP:
	case RULE_TCP_PKT:
	case RULE_TCP_STREAM:
		return kind == PACKET_TCP;
	case RULE_UDP:
		return kind == PACKET_UDP;
	case RULE_ICMP:
		return kind == PACKET_ICMP;
	case RULE_IP:
	case RULE_DISSECTOR:
		break;
	}
	return kind != PACKET_NOT_IP;
}

static void add_to_kind(struct ruleset *set, unsigned kind, const struct check *c)
{
	if (!kind_fits(c->rule->header.proto, kind))
		return;
	set->packets.is_used = true;
	check_list_add(&set->arena, &set->packets.plain[kind], c);
}

void packet_index_add_payload(struct ruleset *set, const struct check *c)
{
	add_to_kind(set, PACKET_ICMP, c);
	add_to_kind(set, PACKET_OTHER, c);
}

void packet_index_add(struct ruleset *set, const struct check *c)
{
	struct packet_index *p = &set->packets;
	const struct rule *r = c->rule;
	p->is_used = true;
	if (r->event.kind == EVENT_DECODE) {
		p->events |= (uint64_t)1 << r->event.event;
		check_list_add(&set->arena, &p->by_event[r->event.event], c);
	} else if (r->tcp_flags >= 0) {
		add_by_flags(set, c);
	} else {
		for (unsigned kind = 0; kind < PACKET_KINDS; kind++)
			add_to_kind(set, kind, c);
	}
}
