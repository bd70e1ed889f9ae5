/* By which of its conditions a check is reached. */
#include "detect/compile.h"

enum { SELECT_VALUES_MAX = 256, SELECT_VALUE_MAX = 65535 };
/* Fewer selectors than these may be added because a group is crowded. */
enum { SELECTORS_MAX = 12 };

static bool is_number(enum field_type type)
{
	return type == FIELD_UINT || type == FIELD_ENUM || type == FIELD_BOOL;
}

uint32_t values_selected(const struct condition *c)
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

const struct condition *most_selective(const struct condition *at, unsigned count)
{
	const struct condition *best = NULL;
	for (unsigned i = 0; i < count; i++)
		if (values_selected(&at[i]) > 0 && (!best || is_better(&at[i], best)))
			best = &at[i];
	return best;
}

const struct condition *verb_of(const struct check *c)
{
	for (unsigned i = 0; i < c->operation_count; i++)
		if (c->operations[i].field == OT_VERB && values_selected(&c->operations[i]) > 0)
			return &c->operations[i];
	return NULL;
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

unsigned condition_load(const struct check_index *index, const struct condition *by)
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

const struct condition *least_crowded(const struct check_index *index,
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

bool is_by_verb(const struct check_index *index, const struct check *c,
	const struct condition *verb)
{
	if (!verb || (c->by && is_kind(c->by)))
		return false;
	unsigned load = load_of(index, &index->verb, verb->predicate);
	return !c->by || load < CROWDED || !may_lead(index, c, c->by) ||
		condition_load(index, c->by) >= load;
}
