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

void headers_add(struct ruleset *set, struct header_list *l, uint32_t header)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i] == header)
			return;
	l->at = array_grown(&set->arena, l->at, l->count, sizeof(*l->at));
	l->at[l->count++] = header;
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
	headers_add(set, &g->scanned, c->header);
}

static struct selector *selector_of(struct ruleset *set, struct check_index *index,
	enum tape tape, const struct condition *by)
{
	if (tape == TAPE_OPERATION)
		return by->field == OT_VERB ? &index->verb : &index->outcome;
	for (unsigned i = 0; i < index->selector_count; i++)
		if (selector_is_for(&index->selectors[i], tape, by))
			return &index->selectors[i];
	index->selectors = array_grown(&set->arena, index->selectors, index->selector_count,
		sizeof(*index->selectors));
	struct selector *s = &index->selectors[index->selector_count++];
	*s = (struct selector){ .tape = tape, .field = (uint16_t)by->field,
		.repeats = by->repeats, .is_bits = selects_bits(by) };
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
	unsigned at = 0;
	uint32_t v;
	while (next_selected(by, &at, &v)) {
		selector_reserve(set, s, v + 1);
		if (s->group[v] == 0)
			s->group[v] = group_new(set, index);
		struct check_group *g = &index->groups[s->group[v]];
		g->is_by_condition = s->group[v] > 0 && tape != TAPE_OPERATION;
		if (s->group[v] == 0)
			headers_add(set, &index->always, c->header);
		c->is_shared |= s->group[v] == 0;
		s->bits |= s->is_bits ? (uint64_t)1 << v : 0;
		group_add(set, g, c, waits);
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
	bool is_met_again = (by->repeats || selects_bits(by)) && values_selected(by) > 1;
	c->is_shared |= is_met_again || (request && response);
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
	const struct condition *doing = doing_of(c);
	bool is_by_event = phase == PHASE_REQUEST || phase == PHASE_RESPONSE;
	if (c->rule->event.kind == EVENT_APP && is_by_event) {
		add_by_event(set, index, phase, c);
	} else if (phase == PHASE_FINISHED && is_by_doing(index, c, doing)) {
		select_on(set, index, TAPE_OPERATION, doing, c, waits);
	} else if (c->by) {
		index->sees_change |= !c->dissector || !field_is_steady(c->dissector, c->by->field);
		add_by_condition(set, index, phase, c, waits);
	} else if (waits || c->buffer >= 0 || !gates_add(set, index, phase, c)) {
		group_add(set, &index->groups[0], c, waits);
		headers_add(set, &index->always, c->header);
	}
}
