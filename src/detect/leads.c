/* Whether a transaction reaches any rule at all: most are done with here.
 *
 * Of the fields that lead somewhere most stand in no message, so an index has, by the half, where
 * a tape would have each of them noted. Only what is noted there is looked at. */
#include "detect/compile.h"
#include "detect/look.h"

/* ---- while loading ---- */

static void lead_add(struct ruleset *set, struct check_index *index, enum tape tape,
	const struct lead *lead)
{
	struct leads *l = &index->leads[tape];
	l->at = array_grown(&set->arena, l->at, l->count, sizeof(*l->at));
	l->at[l->count++] = *lead;
}

/* The range that holds all its values; anything, where more than one number is to be seen. */
static struct lead lead_of_selector(const struct selector *s)
{
	struct lead lead = { .where = s->field % WHERE, .field = s->field, .selector = s };
	uint32_t low = 0, high = s->size;
	if (s->repeats || s->is_bits) {
		lead.span = UINT64_MAX;
		return lead;
	}
	while (low < s->size && s->group[low] == 0)
		low++;
	while (high > low + 1 && s->group[high - 1] == 0)
		high--;
	lead.low = low;
	lead.span = high > low ? high - 1 - low : 0;
	return lead;
}

void leads_note(struct ruleset *set, struct check_index *index)
{
	for (unsigned i = 0; i < index->selector_count; i++) {
		struct lead lead = lead_of_selector(&index->selectors[i]);
		lead_add(set, index, index->selectors[i].tape, &lead);
	}
	for (unsigned i = 0; i < index->gate_count; i++) {
		const struct gate *g = &index->gates[i];
		struct lead lead = { .where = g->field % WHERE, .field = g->field,
			.low = g->low, .span = g->span };
		lead_add(set, index, g->tape, &lead);
	}
}

/* ---- one message ---- */

static inline bool selector_leads(const struct check_index *index, const struct selector *s,
	const struct item *item, unsigned outcomes)
{
	if (s->is_bits)
		return item->u & s->bits;
	uint16_t group = group_for(s, item->u);
	return group && index->groups[group].outcomes & outcomes;
}

/* Of a field that does not repeat itself the first item counts. */
static __attribute__((noinline)) bool lead_holds(const struct check_index *index,
	const struct lead *l, struct run run, unsigned outcomes)
{
	if (l->selector && l->selector->repeats)
		return true;
	while (run.at < run.end && run.at->field != l->field)
		run.at++;
	if (run.at == run.end)
		return false;
	return l->selector ? selector_leads(index, l->selector, run.at, outcomes)
		: run.at->u - l->low <= l->span;
}

static inline bool half_leads(const struct check_index *index, const struct leads *l,
	const struct message *m, unsigned outcomes)
{
	if (m->count >= UINT8_MAX)
		return l->count > 0;
	for (unsigned i = 0; i < l->count; i++) {
		const struct lead *at = &l->at[i];
		unsigned where = m->where[at->where];
		if (where == 0)
			continue;
		const struct item *first = &m->items[where - 1];
		if (first->field == at->field && first->u - at->low > at->span)
			continue;
		if (lead_holds(index, at, (struct run){ first, m->items + m->count }, outcomes))
			return true;
	}
	return false;
}

/* Rules that every message reaches, on a flow that their headers fit. */
static inline bool any_always(struct detector *d, const struct check_index *index,
	const struct transaction *t)
{
	if (!index->always_fits)
		return false;
	const uint64_t *fits = flow_headers(d, t->flow);
	uint64_t any = 0;
	for (unsigned i = 0; i < d->set->header_words; i++)
		any |= fits[i] >> t->client & index->always_fits[i];
	return any;
}

bool index_leads(struct detector *d, const struct check_index *index,
	const struct transaction *t, unsigned outcomes)
{
	if (!index->is_used)
		return false;
	if (events_that_lead(index, t, newest_of(t)) || any_always(d, index, t))
		return true;
	return (t->request &&
		half_leads(index, &index->leads[TAPE_REQUEST], t->request, outcomes)) ||
		(t->response &&
		half_leads(index, &index->leads[TAPE_RESPONSE], t->response, outcomes));
}

static bool doing_leads(const struct check_index *index, const struct transaction *t)
{
	for (unsigned i = 0; i < t->operation_count; i++)
		if (group_for(&index->verb, t->operations[i].verb) ||
			group_for(&index->outcome, t->operations[i].outcome))
			return true;
	return false;
}

/* How they ended is asked where that may matter. */
bool operations_lead(struct detector *d, const struct check_index *index,
	const struct transaction *t)
{
	unsigned outcomes = 0;
	if (!index->is_used || t->operation_count == 0)
		return false;
	if ((index->verb.size || index->outcome.size) && doing_leads(index, t))
		return true;
	if (!index_leads(d, index, t, UINT8_MAX))
		return false;
	for (unsigned i = 0; i < t->operation_count; i++)
		outcomes |= 1u << t->operations[i].outcome;
	return index_leads(d, index, t, outcomes);
}
