/* Gates: what leads to rules whose numbers are too large or too many for a selector, such as
 * status codes of 32 bits and counts beyond some number. One range a field holds all that its
 * rules ask for: most messages have no such field, or 0 there. */
#include "detect/compile.h"

enum { GATES_MAX = 32 };

static bool is_unsigned(const struct condition *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		enum field_type type = c->fields[i].type;
		if (type != FIELD_UINT && type != FIELD_ENUM && type != FIELD_BOOL)
			return false;
	}
	return true;
}

static bool are_steady(const struct dissector *d, const struct condition *c)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!field_is_steady(d, c->field + i))
			return false;
	return true;
}

/* It does not hold unless a number of these ranges stands there. */
static bool may_be_gate(const struct dissector *d, const struct condition *c)
{
	const struct predicate *p = c->predicate;
	return p && !p->negated && !p->mask && !p->of_length && !p->text_count && !p->many &&
		p->range_count > 0 && !c->repeats && !c->is_in_lazy && is_unsigned(c) &&
		are_steady(d, c);
}

static const struct condition *gate_of(const struct check *c)
{
	for (unsigned i = 0; c->dissector && i < c->condition_count; i++)
		if (may_be_gate(c->dissector, &c->conditions[i]))
			return &c->conditions[i];
	return NULL;
}

static struct gate *gate_on(struct ruleset *set, struct check_index *index, enum tape tape,
	unsigned field)
{
	for (unsigned i = 0; i < index->gate_count; i++)
		if (index->gates[i].tape == tape && index->gates[i].field == field)
			return &index->gates[i];
	index->gates = array_grown(&set->arena, index->gates, index->gate_count,
		sizeof(*index->gates));
	struct gate *g = &index->gates[index->gate_count++];
	*g = (struct gate){ .tape = tape, .field = (uint16_t)field,
		.group = group_new(set, index), .low = UINT64_MAX };
	return g;
}

static void gate_widen(struct gate *g, const struct predicate *p)
{
	uint64_t end = g->low == UINT64_MAX ? 0 : g->low + g->span;
	for (unsigned i = 0; i < p->range_count; i++) {
		const struct number_range *r = &p->ranges[i];
		uint64_t low = r->low < 0 ? 0 : (uint64_t)r->low;
		uint64_t high = r->high == INT64_MAX ? UINT64_MAX : (uint64_t)r->high;
		g->low = low < g->low ? low : g->low;
		if (r->high >= 0 && high > end)
			end = high;
	}
	g->span = end > g->low ? end - g->low : 0;
}

static void add_on(struct ruleset *set, struct check_index *index, enum tape tape,
	const struct condition *by, struct check *c)
{
	for (unsigned i = 0; i < by->count; i++) {
		struct gate *g = gate_on(set, index, tape, by->field + i);
		gate_widen(g, by->predicate);
		group_add(set, &index->groups[g->group], c, false);
		if (g->group == 0)
			headers_add(set, &index->always, c->header);
	}
}

bool gates_add(struct ruleset *set, struct check_index *index, enum phase phase,
	struct check *c)
{
	const struct condition *by = gate_of(c);
	if (!by || index->gate_count + 2 * by->count > GATES_MAX)
		return false;
	bool request = by->half != HALF_RESPONSE;
	bool response = by->half != HALF_REQUEST && phase != PHASE_REQUEST;
	if (request)
		add_on(set, index, TAPE_REQUEST, by, c);
	if (response)
		add_on(set, index, TAPE_RESPONSE, by, c);
	c->is_shared |= by->count > 1 || (request && response);
	c->is_repeated |= c->is_shared;
	return true;
}
