/* Indexes: which rules a message, packet or chunk of bytes reaches at all. */
#include "detect/compile.h"

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

uint16_t group_new(struct ruleset *set, struct check_index *index)
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

/* The check is reached by every message of flows that its header fits. */
static void add_always(struct ruleset *set, struct check_index *index, const struct check *c)
{
	enum { EITHER_WAY = 7 };
	uint64_t bits = (uint64_t)EITHER_WAY << c->header % 16 * 4;
	for (unsigned i = 0; i < index->always_count; i++)
		if (index->always[i].word == c->header / 16) {
			index->always[i].bits |= bits;
			return;
		}
	index->always = array_grown(&set->arena, index->always, index->always_count,
		sizeof(*index->always));
	index->always[index->always_count++] = (struct header_set){ c->header / 16, bits };
}

void group_add(struct ruleset *set, struct check_group *g, const struct check *c,
	bool waits)
{
	g->outcomes |= c->outcomes;
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

static void add_by_event(struct ruleset *set, struct check_index *index, enum phase phase,
	struct check *c)
{
	unsigned event = c->rule->event.event;
	if (phase == PHASE_RESPONSE && c->is_completed)
		index->either_events |= (uint64_t)1 << event;
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
	bool is_by_event = phase == PHASE_REQUEST || phase == PHASE_RESPONSE;
	if (c->rule->event.kind == EVENT_APP && is_by_event) {
		add_by_event(set, index, phase, c);
	} else if (phase == PHASE_FINISHED && is_by_verb(index, c, verb)) {
		select_on(set, index, TAPE_OPERATION, verb, c, waits);
	} else if (c->by) {
		index->sees_change |= !c->dissector || !field_is_steady(c->dissector, c->by->field);
		add_by_condition(set, index, phase, c, waits);
	} else if (waits || c->buffer >= 0 || !gates_add(set, index, phase, c)) {
		add_always(set, index, c);
		group_add(set, &index->groups[0], c, waits);
	}
}
