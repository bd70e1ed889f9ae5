/* Would the rules say the same of the next poll like this one?
 *
 * A repeated poll is the same but for its id and the values it brings (dissect/repeat.c). A
 * rule that looks at neither says of the next what it said of this one. Which rules look is
 * known beforehand; whether such a rule was reached at all, each transaction tells. */
#include "detect/runtime.h"

/* Numbers that stand beside an answer's values are the same in every repetition. */
bool field_is_steady(const struct dissector *d, unsigned field)
{
	const struct field *f = &d->fields[field];
	if (d == &ot_dissector)
		return strncmp(f->name, "value", 5) != 0;
	return (f->type == FIELD_UINT || f->type == FIELD_ENUM || f->type == FIELD_FLAGS) &&
		field != d->repeat.id_field && !(f->flags & FIELD_VALUE);
}

bool rule_clears_flowbits(const struct rule *r)
{
	for (unsigned i = 0; i < r->flowbit_count; i++)
		if (r->flowbits[i].does == FLOWBIT_UNSET || r->flowbits[i].does == FLOWBIT_TOGGLE)
			return true;
	return false;
}

/* A bit that nobody clears is set once; to set it again changes nothing. */
static bool only_sets(const struct ruleset *set, const struct rule *r)
{
	for (unsigned i = 0; i < r->flowbit_count; i++)
		if (r->flowbits[i].does != FLOWBIT_SET)
			return false;
	return !set->clears_flowbits;
}

bool rule_sees_change(const struct ruleset *set, const struct rule *r)
{
	const struct field_ref *distinct = &r->filter.distinct;
	if (r->content_count || (r->flowbit_count && !only_sets(set, r)) || r->flowint_count ||
		r->modbus.has_value || r->dsize.low <= r->dsize.high ||
		r->stream_size.of != STREAM_OF_NONE)
		return true;
	if (r->filter.type == THRESHOLD_DISTINCT &&
		r->filter.distinct_what == DISTINCT_FIELD &&
		!field_is_steady(distinct->dissector, distinct->field))
		return true;
	for (unsigned i = 0; i < r->predicate_count; i++)
		if (!field_is_steady(r->predicates[i].ref.dissector, r->predicates[i].ref.field))
			return true;
	return false;
}

/* One that must stand at one place of the request, and there, outside the id, are other bytes:
 * they will be there next time too. */
static bool never_stands(const struct content *c, const struct repeat *repeat, struct bytes request)
{
	size_t at = c->has_offset ? (size_t)c->offset : 0;
	if (c->negated || !content_is_fixed(c))
		return false;
	for (size_t i = 0; i < c->pattern.len; i++, at++) {
		bool is_id = at >= repeat->id_at && at < (size_t)repeat->id_at + repeat->id_len;
		if (!is_id && (at >= request.len || request.at[at] != c->pattern.at[i]))
			return true;
	}
	return false;
}

bool waiting_may_match_later(const struct check *c, const struct transaction *t)
{
	if (c->side != HALF_REQUEST || !t->request)
		return true;
	for (unsigned i = 0; i < c->raw.count; i++)
		if (never_stands(c->raw.at[i], &t->dissector->repeat, t->request->raw))
			return false;
	return true;
}
