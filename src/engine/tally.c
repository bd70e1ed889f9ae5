#include <stdlib.h>

#include "base/memory.h"
#include "engine/tally.h"

struct row {
	struct engine_rule_total total;
	struct rule same; /* gid, sid and twin only: to find it in another set */
	char *msg;
};

struct tally {
	const struct ruleset *rules;
	uint32_t *row_of; /* by rule index, plus 1; 0: it has not alerted */
	struct row *rows;
	unsigned count;
	struct engine_rule_total *sorted;
};

struct tally *tally_new(const struct ruleset *rules)
{
	struct tally *t = mem_new(sizeof(*t));
	t->rules = rules;
	t->row_of = mem_array(ruleset_count(rules), sizeof(*t->row_of));
	return t;
}

void tally_free(struct tally *t)
{
	for (unsigned i = 0; i < t->count; i++)
		free(t->rows[i].msg);
	free(t->rows);
	free(t->row_of);
	free(t->sorted);
	free(t);
}

static void add_row(struct tally *t, const struct rule *r)
{
	t->rows = mem_resize(t->rows, (t->count + 1) * sizeof(*t->rows));
	struct row *row = &t->rows[t->count++];
	*row = (struct row){ .msg = r->msg ? mem_string(r->msg) : NULL,
		.same = { .gid = r->gid, .sid = r->sid, .twin = r->twin } };
	row->total = (struct engine_rule_total){ .gid = r->gid, .sid = r->sid, .msg = row->msg };
	t->row_of[r->index] = t->count;
}

void tally_alert(struct tally *t, const struct rule *rule, enum outcome outcome)
{
	if (!t->row_of[rule->index])
		add_row(t, rule);
	struct engine_rule_total *total = &t->rows[t->row_of[rule->index] - 1].total;
	total->alerts++;
	total->accepted += outcome == OUTCOME_ACCEPTED;
	total->rejected += outcome == OUTCOME_REJECTED;
	total->no_reply += outcome == OUTCOME_NO_REPLY;
	total->not_seen += outcome == OUTCOME_NOT_SEEN;
	total->blocked += outcome == OUTCOME_BLOCKED;
}

void tally_swap(struct tally *t, const struct ruleset *rules)
{
	free(t->row_of);
	t->rules = rules;
	t->row_of = mem_array(ruleset_count(rules), sizeof(*t->row_of));
	for (unsigned i = 0; i < t->count; i++) {
		const struct rule *r = ruleset_same(rules, &t->rows[i].same);
		if (r)
			t->row_of[r->index] = i + 1;
	}
}

/* Equal counts: in the order of their numbers, whatever came first. */
static int compare(const void *a, const void *b)
{
	const struct engine_rule_total *x = a, *y = b;
	if (x->alerts != y->alerts)
		return x->alerts < y->alerts ? 1 : -1;
	if (x->gid != y->gid)
		return x->gid < y->gid ? -1 : 1;
	return x->sid < y->sid ? -1 : x->sid > y->sid;
}

const struct engine_rule_total *tally_rows(struct tally *t, unsigned *count)
{
	t->sorted = mem_resize(t->sorted, (t->count + 1) * sizeof(*t->sorted));
	for (unsigned i = 0; i < t->count; i++)
		t->sorted[i] = t->rows[i].total;
	if (t->count)
		qsort(t->sorted, t->count, sizeof(*t->sorted), compare);
	*count = t->count;
	return t->sorted;
}
