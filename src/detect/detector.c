/* A worker's detector: scratch, stamps, counters. */
#include <stdlib.h>

#include "base/report.h"
#include "detect/runtime.h"

static void use(struct detector *d, const struct ruleset *r)
{
	d->set = r;
	d->dissector = NULL;
	d->indexes = NULL;
	d->generation++;
	d->now = 0;
	d->passed = UINT64_MAX;
	d->seen = mem_array(r->list->count, sizeof(*d->seen));
	d->group_seen = mem_array(r->groups_max, sizeof(*d->group_seen));
	d->candidates = mem_array(r->list->count, sizeof(*d->candidates));
	for (unsigned i = 0; i < TAPE_COUNT; i++)
		d->places[i] = mem_array(r->fields_max + 1, sizeof(*d->places[i]));
	if (r->scratch && hs_clone_scratch(r->scratch, &d->scratch) != HS_SUCCESS) {
		report_error("cannot allocate Hyperscan scratch memory");
		abort();
	}
}

static void disuse(struct detector *d)
{
	free(d->costs);
	free(d->seen);
	free(d->group_seen);
	free(d->candidates);
	for (unsigned i = 0; i < TAPE_COUNT; i++)
		free(d->places[i]);
	hs_free_scratch(d->scratch);
	d->scratch = NULL;
}

struct detector *detector_new(const struct ruleset *r)
{
	struct detector *d = mem_new(sizeof(*d));
	message_init(&d->operation);
	use(d, r);
	return d;
}

/* Which number of the new set has the name of each of the old set's, plus 1; 0: none. */
static uint16_t *names_paired(const struct mark_names *old, const struct mark_names *new)
{
	uint16_t *paired = mem_array(old->count, sizeof(*paired));
	for (unsigned i = 0, k = 0; i < old->count && k < new->count;) {
		const struct mark_name *a = &old->at[i], *b = &new->at[k];
		int order = strcmp(a->name, b->name);
		if (order == 0)
			paired[a->number] = (uint16_t)(b->number + 1);
		i += order <= 0;
		k += order >= 0;
	}
	return paired;
}

static void pair_marks(struct detector *d)
{
	free(d->new_bits);
	free(d->new_ints);
	d->new_bits = names_paired(&d->old->list->flowbits, &d->set->list->flowbits);
	d->new_ints = names_paired(&d->old->list->flowints, &d->set->list->flowints);
}

void detector_swap(struct detector *d, const struct ruleset *r)
{
	bool is_measured = d->costs;
	d->old = d->set;
	disuse(d);
	use(d, r);
	pair_marks(d);
	d->costs = NULL;
	if (is_measured)
		detector_measure(d);
}

void detector_measure(struct detector *d)
{
	d->costs = mem_array(d->set->list->count, sizeof(*d->costs));
}

const struct rule_cost *detector_costs(const struct detector *d)
{
	return d->costs;
}

void detector_free(struct detector *d)
{
	if (!d)
		return;
	disuse(d);
	message_fini(&d->operation);
	message_fini(&d->expanded[0]);
	message_fini(&d->expanded[1]);
	pool_fini(&d->pool);
	free(d->new_bits);
	free(d->new_ints);
	free(d);
}

const struct detect_counters *detector_counters(const struct detector *d)
{
	return &d->counters;
}

_Thread_local struct detect_losses detect_lost;

void detector_begin(struct detector *d)
{
	d->matched_count = 0;
	detector_stamp(d);
}

void detector_forget(struct detector *d)
{
	memset(d->seen, 0, d->set->list->count * sizeof(*d->seen));
	memset(d->group_seen, 0, d->set->groups_max * sizeof(*d->group_seen));
	for (unsigned i = 0; i < TAPE_COUNT; i++)
		memset(d->places[i], 0, (d->set->fields_max + 1) * sizeof(*d->places[i]));
	d->now = 1;
}
