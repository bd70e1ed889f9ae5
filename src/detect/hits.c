/* What matched on a transaction, and how long it is remembered. */
#include "detect/runtime.h"

/* t->hits points at `hits`; the rest is ours. */
struct hit_block {
	uint32_t room;
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

void detect_carry_transaction(struct detector *d, struct transaction *t)
{
	struct hits *h = t->hits;
	unsigned kept = 0;
	t->sees_change = true; /* the new set was not asked whether it does not */
	for (unsigned i = 0; h && i < h->count; i++) {
		const struct rule *same = ruleset_same(d->set, h->rules[i]);
		if (same)
			h->rules[kept++] = same;
	}
	if (h)
		h->count = kept;
}

/* The block of t with room for `more`, grown if need be. */
static struct hit_block *block_reserve(struct detector *d, struct transaction *t,
	uint32_t more)
{
	struct hit_block *b = block_of(t);
	uint32_t want = (b ? b->hits.count : 0) + more;
	if (b && want <= b->room)
		return b;
	uint32_t room = b ? b->room : ROOM_FIRST;
	while (room < want)
		room *= 2;
	struct hit_block *grown = block_new(d, room);
	if (b) {
		grown->hits.count = b->hits.count;
		memcpy(grown->hits.rules, b->hits.rules, b->hits.count * sizeof(*b->hits.rules));
		detect_release(d, t);
	}
	t->hits = &grown->hits;
	return grown;
}

bool hits_has(const struct transaction *t, const struct rule *r)
{
	const struct hits *h = t->hits;
	for (unsigned i = 0; h && i < h->count; i++)
		if (h->rules[i] == r)
			return true;
	return false;
}

bool hits_passed(const struct transaction *t)
{
	const struct hit_block *b = block_of(t);
	return b && b->is_passed;
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

static inline bool any_passes(const struct detector *d)
{
	for (unsigned i = 0; d->set->has_passes && i < d->matched_count; i++)
		if (d->matched[i]->rule->action == ACTION_PASS)
			return true;
	return false;
}

unsigned hits_settle(struct detector *d, struct transaction *t)
{
	struct hit_block *b = block_reserve(d, t, d->matched_count);
	if (any_passes(d)) {
		b->is_passed = true;
		b->hits.count = 0;
		return 0;
	}
	sort_matched(d);
	flowbits_apply(d, t->flow);
	unsigned added = d->matched_count, count = b->hits.count;
	if (added > HITS_MAX - count)
		added = HITS_MAX - count;
	for (unsigned i = 0; i < added; i++)
		b->hits.rules[count + i] = d->matched[i]->rule;
	b->hits.count = count + added;
	d->counters.matches += added;
	return added;
}

unsigned hits_give(struct detector *d, struct flow *f, const struct rule **out, unsigned max)
{
	if (d->matched_count == 0 || any_passes(d))
		return 0;
	sort_matched(d);
	flowbits_apply(d, f);
	unsigned count = d->matched_count < max ? d->matched_count : max;
	for (unsigned i = 0; i < count; i++)
		out[i] = d->matched[i]->rule;
	d->counters.matches += count;
	return count;
}
