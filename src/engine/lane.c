#include "engine/lane.h"

void lane_init(struct lane *l, unsigned index, unsigned count, struct shard *const *shards,
	struct source *source, const struct ruleset *rules, const struct decoder_config *decoder)
{
	l->index = index;
	l->count = count;
	l->shards = shards;
	l->source = source;
	l->rules = rules;
	l->decoder = decoder_new(decoder);
	ahead_init(&l->ahead, shards, &l->tools);
}

void lane_fini(struct lane *l)
{
	decoder_free(l->decoder);
}

/* ---- who works at it ---- */

static unsigned long turn_of(const struct lane *l)
{
	return atomic_load_explicit(&l->turn, memory_order_relaxed);
}

static bool is_free(const struct lane *l)
{
	return !atomic_load_explicit(&l->is_taken, memory_order_relaxed);
}

static struct lane *furthest_behind(struct lane *lanes, unsigned first, unsigned step,
	unsigned end, unsigned long filled)
{
	struct lane *behind = NULL;
	for (unsigned i = first; i < end; i += step)
		if (is_free(&lanes[i]) && turn_of(&lanes[i]) < filled &&
			(!behind || turn_of(&lanes[i]) < turn_of(behind)))
			behind = &lanes[i];
	return behind;
}

/* Others look at the same lanes: one that somebody was quicker to take may be done. */
struct lane *lane_take(struct lane *lanes, unsigned first, unsigned step, unsigned end,
	unsigned long filled)
{
	struct lane *l;
	while ((l = furthest_behind(lanes, first, step, end, filled))) {
		if (atomic_exchange_explicit(&l->is_taken, true, memory_order_acquire))
			continue;
		if (turn_of(l) < filled)
			return l;
		lane_leave(l);
	}
	return NULL;
}

void lane_leave(struct lane *l)
{
	atomic_store_explicit(&l->is_taken, false, memory_order_release);
}

/* ---- work ---- */

static void advance(struct lane *l, uint64_t time_ns, uint64_t number)
{
	for (unsigned i = l->index; i < SHARDS; i += l->count)
		shard_advance(l->shards[i], time_ns, number);
}

/* Between two slots: what the lane's shards know goes over to the new rules. */
static void swap_rules(struct lane *l, const struct ruleset *rules)
{
	detector_swap(l->tools.detector, rules);
	eve_swap(l->tools.eve, rules);
	for (unsigned i = l->index; i < SHARDS; i += l->count)
		shard_swap(l->shards[i], rules);
	l->rules = rules;
}

static void prepare(struct lane *l, const struct slot *s)
{
	l->tools.out = s->outs[l->index];
	if (l->rules != s->rules)
		swap_rules(l, s->rules);
	eve_set_loss(l->tools.eve, s->drops, LOSS_NEAR_S);
	eve_set_skew(l->tools.eve, s->batch.skew_ns);
}

static void decode(struct lane *l, struct slot *s, unsigned entry)
{
	if (!(entry & TICK) && s->is_bare[entry])
		packet_decode(l->decoder, &s->batch.packets[entry], NULL);
}

/* Lanes that work through the same slot write nothing to a line that another reads, as long as
 * packets are accepted. */
static void entry(struct lane *l, struct slot *s, unsigned entry)
{
	const struct packet *p = &s->batch.packets[entry & ~TICK];
	if (entry & TICK) {
		advance(l, p->time_ns, p->number);
		return;
	}
	uint8_t verdict = shard_packet(l->shards[s->shard[entry]], p);
	if (verdict != VERDICT_ACCEPT)
		s->verdict[entry] = verdict;
}

void lane_work(struct lane *l, struct slot *s)
{
	const uint16_t *entries = s->list[l->index].entries;
	prepare(l, s);
	ahead_begin(&l->ahead, s->batch.packets, s->shard, entries);
	for (unsigned i = 0; i < DECODED; i++)
		decode(l, s, entries[i]);
	for (unsigned i = 0; i < s->list[l->index].count; i++) {
		decode(l, s, entries[i + DECODED]);
		ahead_look(&l->ahead, i);
		entry(l, s, entries[i]);
	}
	if (atomic_fetch_sub_explicit(&s->unsettled, 1, memory_order_acq_rel) == 1)
		source_settle(l->source, &s->batch, s->verdict);
	if (s->is_silent)
		advance(l, s->batch.now_ns, s->number);
	if (s->is_last)
		for (unsigned i = l->index; i < SHARDS; i += l->count)
			shard_finish(l->shards[i]);
	atomic_store_explicit(&l->turn, turn_of(l) + 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&s->pending, 1, memory_order_acq_rel);
}
