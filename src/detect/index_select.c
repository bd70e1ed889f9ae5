/* By which of its conditions a check is reached. */
#include "detect/compile.h"

enum { SELECT_VALUES_MAX = 256, SELECT_VALUE_MAX = 65535 };
/* Fewer selectors than these may be added because a group is crowded. */
enum { SELECTORS_MAX = 12 };

static bool is_number(enum field_type type)
{
	return type == FIELD_UINT || type == FIELD_ENUM || type == FIELD_BOOL;
}

bool selects_bits(const struct condition *c)
{
	const struct predicate *p = c->predicate;
	return p && c->fields->type == FIELD_FLAGS && p->mask && p->range_count == 0 && !c->repeats;
}

uint32_t values_selected(const struct condition *c)
{
	const struct predicate *p = c->predicate;
	bool is_bits = selects_bits(c);
	if (!p || p->negated || (p->mask && !is_bits) || p->of_length || p->many || c->count > 1)
		return 0;
	if (!(is_bits || is_number(c->fields->type)) || c->is_in_lazy)
		return 0;
	uint64_t values = is_bits ? (uint64_t)__builtin_popcountll(p->mask) : 0;
	for (unsigned i = 0; i < p->range_count; i++) {
		if (p->ranges[i].low < 0 || p->ranges[i].high > SELECT_VALUE_MAX)
			return 0;
		values += (uint64_t)(p->ranges[i].high - p->ranges[i].low + 1);
	}
	return values <= SELECT_VALUES_MAX ? (uint32_t)values : 0;
}

static bool next_bit(uint64_t mask, unsigned *at, uint32_t *value)
{
	uint64_t left = *at < 64 ? mask >> *at << *at : 0;
	if (left == 0)
		return false;
	*value = (uint32_t)__builtin_ctzll(left);
	*at = *value + 1;
	return true;
}

bool next_selected(const struct condition *c, unsigned *at, uint32_t *value)
{
	const struct predicate *p = c->predicate;
	unsigned left = *at;
	if (selects_bits(c))
		return next_bit(p->mask, at, value);
	for (unsigned i = 0; i < p->range_count; i++) {
		unsigned here = (unsigned)(p->ranges[i].high - p->ranges[i].low) + 1;
		*value = (uint32_t)p->ranges[i].low + left;
		if (left < here) {
			++*at;
			return true;
		}
		left -= here;
	}
	return false;
}

/* Numbers with names, such as function codes, tell kinds of messages apart; others are
 * addresses, units, counts. */
static bool is_kind(const struct condition *c)
{
	return c->fields->names || c->fields->flags & FIELD_SELECTS ||
		c->fields->type != FIELD_UINT;
}

/* Whether a rule is better indexed by `a` than by `b`: flags first, as few are set, then
 * kinds, then fewer values, then what the dissector's author said. */
static bool is_better(const struct condition *a, const struct condition *b)
{
	if (selects_bits(a) != selects_bits(b))
		return selects_bits(a);
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

/* The verb tells more than the outcome, which is mostly the same. */
const struct condition *doing_of(const struct check *c)
{
	const struct condition *outcome = NULL;
	for (unsigned i = 0; i < c->operation_count; i++) {
		const struct condition *at = &c->operations[i];
		if (values_selected(at) == 0)
			continue;
		if (at->field == OT_VERB)
			return at;
		if (at->field == OT_OUTCOME)
			outcome = at;
	}
	return outcome;
}

/* ---- crowds ----
 *
 * Hundreds of rules may ask for the same function code, each for an address of its own. Those
 * that come when a group is crowded are led to by the number that fewest others ask for. */

bool selector_is_for(const struct selector *s, enum tape tape, const struct condition *by)
{
	return s->tape == tape && s->field == by->field && s->is_bits == selects_bits(by);
}

static const struct selector *selector_find(const struct check_index *index, enum tape tape,
	const struct condition *by)
{
	for (unsigned i = 0; i < index->selector_count; i++)
		if (selector_is_for(&index->selectors[i], tape, by))
			return &index->selectors[i];
	return NULL;
}

/* How many rules the fullest group holds that the condition's values lead to. */
static unsigned load_of(const struct check_index *index, const struct selector *s,
	const struct condition *by)
{
	unsigned most = 0, at = 0;
	uint32_t value;
	while (s && next_selected(by, &at, &value)) {
		uint16_t group = value < s->size ? s->group[value] : 0;
		if (group && index->groups[group].direct.count > most)
			most = index->groups[group].direct.count;
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
	return load_of(index, selector_for(index, by), by);
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

bool is_by_doing(const struct check_index *index, const struct check *c,
	const struct condition *doing)
{
	if (!doing || (c->by && (is_kind(c->by) || doing->field == OT_OUTCOME)))
		return false;
	const struct selector *s = doing->field == OT_VERB ? &index->verb : &index->outcome;
	unsigned load = load_of(index, s, doing);
	return !c->by || load < CROWDED || !may_lead(index, c, c->by) ||
		condition_load(index, c->by) >= load;
}
