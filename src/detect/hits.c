/* What matched on a transaction, and how long it is remembered. */
#include <stdlib.h>

#include "detect/runtime.h"

/* t->hits points at `hits`; the rest is ours. Rules that make no alert but left a mark, and do
 * so once a transaction, or that were too many, stand at the end of the room, from the last place
 * down. */
struct hit_block {
	uint32_t room, quiet;
	bool is_passed; /* a pass rule matched: nothing else counts on this transaction */
	struct hits hits;
};

enum { ROOM_FIRST = 5 }; /* fills the smallest block of the pool */

static size_t block_size(uint32_t room)
{
	return sizeof(struct hit_block) + room * sizeof(const struct rule *);
}

static struct hit_block *block_of(const struct transaction *t)
{
	if (!t->hits)
		return NULL;
	return (struct hit_block *)((char *)t->hits - offsetof(struct hit_block, hits));
}

static struct hit_block *block_new(struct detector *d, uint32_t room)
{
	struct hit_block *b = pool_take(&d->pool, block_size(room));
	b->room = room;
	b->quiet = 0;
	b->is_passed = false;
	b->hits.count = 0;
	return b;
}

void detect_release(struct detector *d, struct transaction *t)
{
	struct hit_block *b = block_of(t);
	if (b)
		pool_give(&d->pool, b, block_size(b->room));
	t->hits = NULL;
}

static const struct rule **quiet_at(struct hit_block *b, uint32_t i)
{
	return &b->hits.rules[b->room - 1 - i];
}

static void carry_block(const struct detector *d, struct hit_block *b)
{
	unsigned kept = 0, quiet = 0;
	for (unsigned i = 0; i < b->hits.count; i++) {
		const struct rule *same = ruleset_same(d->set, b->hits.rules[i]);
		if (same)
			b->hits.rules[kept++] = same;
	}
	for (uint32_t i = 0; i < b->quiet; i++) {
		const struct rule *same = ruleset_same(d->set, *quiet_at(b, i));
		if (same)
			*quiet_at(b, quiet++) = same;
	}
	b->hits.count = kept;
	b->quiet = quiet;
}

void detect_carry_transaction(struct detector *d, struct transaction *t)
{
	t->sees_change = true; /* the new set was not asked whether it does not */
	if (t->hits)
		carry_block(d, block_of(t));
}

/* The block of t with room for `more`, grown if need be. */
static struct hit_block *block_reserve(struct detector *d, struct transaction *t,
	uint32_t more)
{
	struct hit_block *b = block_of(t);
	uint32_t want = (b ? b->hits.count + b->quiet : 0) + more;
	if (b && want <= b->room)
		return b;
	uint32_t room = b ? b->room : ROOM_FIRST;
	while (room < want)
		room *= 2;
	struct hit_block *grown = block_new(d, room);
	if (b) {
		grown->hits.count = b->hits.count;
		memcpy(grown->hits.rules, b->hits.rules, b->hits.count * sizeof(*b->hits.rules));
		for (; grown->quiet < b->quiet; grown->quiet++)
			*quiet_at(grown, grown->quiet) = *quiet_at(b, grown->quiet);
		detect_release(d, t);
	}
	t->hits = &grown->hits;
	return grown;
}

bool hits_has(const struct transaction *t, const struct rule *r)
{
	struct hit_block *b = block_of(t);
	for (unsigned i = 0; b && i < b->hits.count; i++)
		if (b->hits.rules[i] == r)
			return true;
	for (uint32_t i = 0; b && i < b->quiet; i++)
		if (*quiet_at(b, i) == r)
			return true;
	return false;
}

bool hits_passed(const struct transaction *t)
{
	const struct hit_block *b = block_of(t);
	return b && b->is_passed;
}

void hits_pass(struct detector *d, struct transaction *t)
{
	struct hit_block *b = block_reserve(d, t, 0);
	b->is_passed = true;
	b->hits.count = 0;
}

/* In the rules' order, whatever the order in which they were reached. */
static void sort_matched(struct detector *d)
{
	for (unsigned i = 1; i < d->matched_count; i++) {
		const struct check *c = d->matched[i];
		unsigned k = i;
		for (; k > 0 && d->matched[k - 1] > c; k--) /* they are in the rules' order */
			d->matched[k] = d->matched[k - 1];
		d->matched[k] = c;
	}
}

/* What stops something or leaves a mark comes first, then what is gravest. */
static unsigned gravity(const struct rule *r)
{
	return rule_drops(r) || rule_leaves_xbits(r) ? 0 : r->priority;
}

static int compare_gravity(const void *a, const void *b)
{
	const struct check *x = *(const struct check *const *)a;
	const struct check *y = *(const struct check *const *)b;
	unsigned of_x = gravity(x->rule), of_y = gravity(y->rule);
	return of_x != of_y ? (of_x > of_y) - (of_x < of_y) : (x > y) - (x < y);
}

/* Of more than `max` the gravest, still in the rules' order; the others stand behind them. */
static void keep_gravest(struct detector *d, unsigned max)
{
	if (d->matched_count <= max)
		return;
	detect_lost.alerts += d->matched_count - max;
	qsort(d->matched, d->matched_count, sizeof(struct check *), compare_gravity);
	d->matched_count = max;
	sort_matched(d);
}

bool matched_passes(const struct detector *d)
{
	for (unsigned i = 0; d->set->has_passes && i < d->matched_count; i++)
		if (d->matched[i]->rule->action == ACTION_PASS)
			return true;
	return false;
}

unsigned hits_settle(struct detector *d, struct transaction *t)
{
	struct hit_block *b = block_reserve(d, t, d->matched_count);
	sort_matched(d);
	marks_apply(d, t->flow);
	if (matched_passes(d)) {
		hits_pass(d, t);
		return 0;
	}
	unsigned all = d->matched_count;
	keep_gravest(d, DETECT_ALERTS_MAX);
	for (unsigned i = d->matched_count; i < all; i++)
		*quiet_at(b, b->quiet++) = d->matched[i]->rule;
	unsigned added = d->matched_count, count = b->hits.count;
	for (unsigned i = 0; i < added; i++)
		b->hits.rules[count + i] = d->matched[i]->rule;
	for (unsigned i = 0; i < d->quiet_count; i++)
		*quiet_at(b, b->quiet++) = d->quiet[i]->rule;
	b->hits.count = count + added;
	d->counters.matches += added;
	return added;
}

unsigned hits_give(struct detector *d, struct flow *f, const struct rule **out, unsigned max)
{
	if (d->matched_count == 0 || (f && d->set->has_passes && flow_passes(d, f)))
		return 0;
	sort_matched(d);
	marks_apply(d, f);
	if (matched_passes(d))
		return 0;
	keep_gravest(d, max);
	for (unsigned i = 0; i < d->matched_count; i++)
		out[i] = d->matched[i]->rule;
	d->counters.matches += d->matched_count;
	return d->matched_count;
}
