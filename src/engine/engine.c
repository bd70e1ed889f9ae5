#include <stdlib.h>

#include "engine/engine_state.h"

enum { WORKER_LANES = 3 };

static const char *iface_name(void *context, uint16_t iface)
{
	const struct engine *e = context;
	return e->iface_names[iface];
}

static enum inline_mode inline_mode(const struct engine *e)
{
	if (e->config->dry_run)
		return INLINE_DRY;
	return e->source->ops->settle ? INLINE_ON : INLINE_OFF;
}

static struct eve *new_eve(struct engine *e, const struct ruleset *rules)
{
	const struct config *c = e->config;
	struct eve_config config = { .sensor_id = c->sensor_id, .version = IRONSPAN_VERSION,
		.ruleset_sha256 = ruleset_sha256(rules), .site = c->site, .payload = c->payload,
		.rule_text = c->rule_text, .evidence = c->evidence_dir,
		.inline_mode = inline_mode(e), .community_id = c->community_id,
		.community_id_seed = c->community_id_seed, .is_live = e->source->is_live,
		.iface_name = iface_name, .context = e };
	return eve_new(&config, rules);
}

static void open_lane(struct engine *e, unsigned index)
{
	struct lane *l = &e->lanes[index];
	l->tools.detector = detector_new(e->rules);
	if (e->config->profile)
		detector_measure(l->tools.detector);
	l->tools.eve = new_eve(e, e->rules);
	l->tools.inline_mode = inline_mode(e);
	for (unsigned i = index; i < SHARDS; i += e->lane_count)
		e->shards[i] = shard_new(e->config, e->rules, i, &e->key, &l->tools);
}

/* The last lane is the caller's thread's. Alone, it needs no other, and one slot. */
static void open_lanes(struct engine *e, const struct decoder_config *decoder)
{
	unsigned threads = e->config->threads;
	bool is_alone = threads <= 1;
	e->worker_count = is_alone ? 0 : threads < THREADS_MAX ? threads - 1 : THREADS_MAX - 1;
	e->lane_count = 1 + WORKER_LANES * e->worker_count;
	if (e->lane_count > LANES_MAX)
		e->lane_count = LANES_MAX;
	e->lanes = mem_aligned(e->lane_count * sizeof(*e->lanes));
	for (unsigned i = 0; i < e->lane_count; i++)
		open_lane(e, i);
	for (unsigned i = 0; i < e->lane_count; i++)
		lane_init(&e->lanes[i], i, e->lane_count, e->shards, e->source, e->rules, decoder);
	e->slot_count = is_alone ? 1 : SLOTS;
	for (unsigned i = 0; i < e->slot_count; i++)
		slot_init(&e->slots[i], e->lane_count);
}

struct engine *engine_new(const struct engine_parts *parts)
{
	struct engine *e = mem_new(sizeof(*e));
	const struct config *config = parts->config;
	struct decoder_config decoder = { config->verify_checksums, config->fragment_memory };
	e->key = hash_key_random();
	e->config = config;
	e->source = parts->source;
	e->rules = e->stage_rules = parts->rules;
	e->reload = parts->reloads ? reload_new(parts->reloads) : NULL;
	e->questions = questions_new();
	e->ok = true;
	e->decoder = decoder_new(&decoder);
	e->iface_names = mem_array(IFACES_MAX, sizeof(*e->iface_names));
	open_lanes(e, &decoder);
	e->eve = new_eve(e, parts->rules);
	e->stage = stage_new(parts, e->eve);
	return e;
}

/* Every flow has ended when the input did; a lane's shards are freed with its tools. */
void engine_free(struct engine *e)
{
	struct out rest = { 0 };
	for (unsigned i = 0; i < e->lane_count; i++)
		e->lanes[i].tools.out = &rest;
	for (unsigned i = 0; i < SHARDS; i++)
		shard_free(e->shards[i]);
	out_fini(&rest);
	for (unsigned i = 0; i < e->lane_count; i++) {
		detector_free(e->lanes[i].tools.detector);
		eve_free(e->lanes[i].tools.eve);
		lane_fini(&e->lanes[i]);
	}
	free(e->lanes);
	for (unsigned i = 0; i < e->slot_count; i++)
		slot_fini(&e->slots[i], e->lane_count);
	stage_free(e->stage);
	if (e->rules != e->stage_rules)
		ruleset_free(e->rules);
	ruleset_free(e->stage_rules);
	reload_free(e->reload);
	questions_free(e->questions);
	eve_free(e->eve);
	decoder_free(e->decoder);
	free(e->iface_names);
	free(e);
}

void engine_stop(struct engine *e)
{
	atomic_store_explicit(&e->stop, true, memory_order_relaxed);
	source_stop(e->source);
}

uint64_t engine_reload(struct engine *e)
{
	return e->reload ? reload_ask(e->reload) : 0;
}

uint64_t engine_reload_asked(const struct engine *e)
{
	return e->reload ? reload_asked(e->reload) : 0;
}

bool engine_reload_done(struct engine *e, uint64_t number, struct engine_reload *what)
{
	if (!e->reload)
		return false;
	reload_outcome(e->reload, what);
	if (what->number < number)
		return false;
	return !what->ok || atomic_load(&e->reload_in_use) >= number;
}

bool engine_ask(struct engine *e, question *ask, void *context, unsigned wait_ms)
{
	return questions_ask(e->questions, ask, context, wait_ms);
}

const struct ruleset *engine_rules(const struct engine *e)
{
	return e->rules;
}

const struct engine_totals *engine_totals(struct engine *e)
{
	struct engine_totals *t = &e->totals;
	source_count(e->source);
	*t = (struct engine_totals){ .source = e->source->counters,
		.decoder = *decoder_counters(e->decoder), .reloads = e->reloads,
		.first_ns = e->first_ns, .last_ns = e->last_ns };
	for (unsigned i = 0; i < SHARDS; i++)
		shard_count(e->shards[i], t);
	for (unsigned i = 0; i < e->lane_count; i++)
		counters_add(&t->detect, detector_counters(e->lanes[i].tools.detector),
			sizeof(t->detect));
	stage_count(e->stage, t);
	return t;
}

struct rule_cost *engine_rule_costs(const struct engine *e, unsigned rules)
{
	struct rule_cost *sums = mem_array(rules, sizeof(*sums));
	for (unsigned l = 0; l < e->lane_count; l++) {
		const struct rule_cost *costs = detector_costs(e->lanes[l].tools.detector);
		for (unsigned i = 0; costs && i < rules; i++) {
			sums[i].ticks += costs[i].ticks;
			sums[i].checks += costs[i].checks;
			sums[i].matches += costs[i].matches;
		}
	}
	return sums;
}

const struct engine_incident *engine_incidents(struct engine *e, unsigned *count,
	uint64_t *total)
{
	return stage_incidents(e->stage, count, total);
}

const struct engine_rule_total *engine_rule_totals(struct engine *e, unsigned *count)
{
	return stage_rule_totals(e->stage, count);
}
