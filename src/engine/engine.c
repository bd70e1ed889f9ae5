#include <sched.h>
#include <stdatomic.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/report.h"
#include "engine/ahead.h"
#include "engine/engine.h"
#include "engine/question.h"
#include "engine/reload.h"
#include "engine/shard.h"
#include "engine/stage.h"
#include "engine/view.h"

enum { SLOTS = 8, WORKERS_MAX = 64, IFACES_MAX = 65536 };
enum { TICK_NS = 100 * 1000 * 1000 }; /* of packet time: how often silent shards look up */
enum { LOSS_NEAR_S = 10 };
enum { SILENCE_MS = 20 }; /* live: the same, while there are no packets */

/* A batch on its way: the reader fills it, every worker works through its own list, the
 * ordered stage takes what they put out, and the reader has it again. Slots go round in one
 * order, so that a counter a thread says all there is to say. */
struct slot {
	struct batch batch;
	uint8_t shard[BATCH_PACKETS];
	uint8_t verdict[BATCH_PACKETS];
	struct {
		uint16_t *entries;
		unsigned count;
	} list[WORKERS_MAX];
	struct out *outs[WORKERS_MAX];
	struct ruleset *rules; /* that it is looked at with */
	struct report *reports; /* of intervals that are over in it */
	unsigned report_count, report_cap;
	struct report now;     /* the reader's sums when it was filled */
	uint64_t drops;        /* packets lost lately */
	uint64_t number; /* of the packet that comes next */
	bool is_silent;  /* live: there are no packets, but time has come to the batch's */
	bool is_last;
	atomic_uint unsettled; /* workers that have not looked at all its packets */
	atomic_uint pending; /* workers that have not finished it */
};

struct worker {
	struct engine *engine;
	unsigned index;
	struct tools tools;
	const struct ruleset *rules; /* its tools' */
	struct ahead ahead;
	pthread_t thread;
	bool is_started;
};

struct engine {
	const struct config *config;
	struct source *source;
	struct decoder *decoder;
	struct slot slots[SLOTS];
	unsigned slot_count;
	atomic_ulong filled;    /* slots filled so far; workers wait for it */
	unsigned long drained;  /* slots taken by the stage so far */
	struct worker workers[WORKERS_MAX];
	unsigned worker_count;
	struct shard *shards[SHARDS];
	struct hash_key key;    /* of all flow tables */
	struct eve *eve;        /* the stage's */
	struct stage *stage;
	struct ruleset *rules;  /* of the slots to come */
	struct ruleset *stage_rules; /* of the slot that the stage took last */
	struct reload *reload;  /* NULL: the rules stay */
	uint64_t reloads, reload_taken; /* taken: the number that `rules` answer */
	_Atomic uint64_t reload_in_use; /* that the stage has gone over to */
	struct questions *questions;
	uint64_t tick_ns;       /* when the next tick is due */
	uint64_t report_ns;     /* when the next report is */
	struct {
		uint64_t dropped, since_ns, lately;
	} loss;
	uint64_t first_ns, last_ns;
	uint64_t number;        /* of the packet that comes next */
	const char **iface_names; /* set before the slot that first uses one is published */
	unsigned iface_count;
	atomic_bool stop;
	bool ok;
	struct engine_totals totals;
};

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

static void init_slot(struct slot *s, unsigned workers)
{
	batch_init(&s->batch);
	for (unsigned i = 0; i < workers; i++) {
		s->list[i].entries = mem_array(2 * BATCH_PACKETS + AHEAD, sizeof(uint16_t));
		s->outs[i] = mem_new(sizeof(struct out));
	}
}

static void fini_slot(struct slot *s, unsigned workers)
{
	batch_fini(&s->batch);
	free(s->reports);
	for (unsigned i = 0; i < workers; i++) {
		free(s->list[i].entries);
		out_fini(s->outs[i]);
		free(s->outs[i]);
	}
}

struct engine *engine_new(const struct config *config, struct ruleset *rules,
	const struct engine_rules *reloads, const struct registers *registers,
	struct store_queue *store, struct source *source, struct sink *sink,
	struct evidence *evidence)
{
	struct engine *e = mem_new(sizeof(*e));
	struct decoder_config decoder = { config->verify_checksums, config->fragment_memory };
	e->key = hash_key_random();
	e->config = config;
	e->source = source;
	e->rules = e->stage_rules = rules;
	e->reload = reloads ? reload_new(reloads) : NULL;
	e->questions = questions_new();
	e->ok = true;
	e->decoder = decoder_new(&decoder);
	e->iface_names = mem_array(IFACES_MAX, sizeof(*e->iface_names));
	e->worker_count = config->threads < 1 ? 1 : config->threads;
	if (e->worker_count > WORKERS_MAX)
		e->worker_count = WORKERS_MAX;
	e->slot_count = e->worker_count == 1 ? 1 : SLOTS;
	for (unsigned i = 0; i < e->slot_count; i++)
		init_slot(&e->slots[i], e->worker_count);
	for (unsigned i = 0; i < e->worker_count; i++) {
		struct worker *w = &e->workers[i];
		*w = (struct worker){ .engine = e, .index = i, .rules = rules };
		w->tools.detector = detector_new(rules);
		if (config->profile)
			detector_measure(w->tools.detector);
		w->tools.eve = new_eve(e, rules);
		w->tools.inline_mode = inline_mode(e);
	}
	for (unsigned i = 0; i < SHARDS; i++)
		e->shards[i] = shard_new(config, rules, i, &e->key,
			&e->workers[i % e->worker_count].tools);
	for (unsigned i = 0; i < e->worker_count; i++)
		ahead_init(&e->workers[i].ahead, e->shards, &e->workers[i].tools);
	e->eve = new_eve(e, rules);
	e->stage = stage_new(config, rules, registers, store, source, e->eve, sink, evidence);
	return e;
}

/* Every flow has ended when the input did; a worker's shards are freed with its tools. */
void engine_free(struct engine *e)
{
	struct out rest = { 0 };
	for (unsigned i = 0; i < e->worker_count; i++)
		e->workers[i].tools.out = &rest;
	for (unsigned i = 0; i < SHARDS; i++)
		shard_free(e->shards[i]);
	out_fini(&rest);
	for (unsigned i = 0; i < e->worker_count; i++) {
		detector_free(e->workers[i].tools.detector);
		eve_free(e->workers[i].tools.eve);
	}
	for (unsigned i = 0; i < e->slot_count; i++)
		fini_slot(&e->slots[i], e->worker_count);
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

/* ---- a worker ---- */

static void advance(struct worker *w, uint64_t time_ns, uint64_t number)
{
	for (unsigned i = w->index; i < SHARDS; i += w->engine->worker_count)
		shard_advance(w->engine->shards[i], time_ns, number);
}

/* Between two slots: what the worker's shards know goes over to the new rules. */
static void swap_rules(struct worker *w, const struct ruleset *rules)
{
	struct engine *e = w->engine;
	detector_swap(w->tools.detector, rules);
	eve_swap(w->tools.eve, rules);
	for (unsigned i = w->index; i < SHARDS; i += e->worker_count)
		shard_swap(e->shards[i], rules);
	w->rules = rules;
}

static void work(struct worker *w, struct slot *s)
{
	struct engine *e = w->engine;
	const uint16_t *entries = s->list[w->index].entries;
	w->tools.out = s->outs[w->index];
	if (w->rules != s->rules)
		swap_rules(w, s->rules);
	eve_set_loss(w->tools.eve, s->drops, LOSS_NEAR_S);
	eve_set_skew(w->tools.eve, s->batch.skew_ns);
	ahead_begin(&w->ahead, s->batch.packets, s->shard, entries);
	for (unsigned i = 0; i < s->list[w->index].count; i++) {
		ahead_look(&w->ahead, i);
		const struct packet *p = &s->batch.packets[entries[i] & ~TICK];
		if (entries[i] & TICK) {
			advance(w, p->time_ns, p->number);
		} else {
			s->verdict[entries[i]] =
				shard_packet(e->shards[s->shard[entries[i]]], p);
		}
	}
	if (atomic_fetch_sub_explicit(&s->unsettled, 1, memory_order_acq_rel) == 1)
		source_settle(e->source, &s->batch, s->verdict);
	if (s->is_silent)
		advance(w, s->batch.now_ns, s->number);
	if (s->is_last)
		for (unsigned i = w->index; i < SHARDS; i += e->worker_count)
			shard_finish(e->shards[i]);
}

/* Wait a little, then a little longer; the two cores of a small box have other work, and a
 * quiet wire should cost nothing. */
static void rest(unsigned *rounds)
{
	enum { YIELDS = 64, DOUBLINGS = 6, SHORTEST_NS = 20000 };
	unsigned slept = *rounds < YIELDS ? 0 : *rounds - YIELDS;
	if (slept > DOUBLINGS)
		slept = DOUBLINGS;
	if (++*rounds <= YIELDS)
		sched_yield();
	else
		nanosleep(&(struct timespec){ .tv_nsec = SHORTEST_NS << slept }, NULL);
}

static void *worker_main(void *context)
{
	struct worker *w = context;
	struct engine *e = w->engine;
	for (unsigned long turn = 0;; turn++) {
		unsigned rounds = 0;
		while (atomic_load_explicit(&e->filled, memory_order_acquire) == turn)
			rest(&rounds);
		struct slot *s = &e->slots[turn % e->slot_count];
		bool is_last = s->is_last;
		work(w, s);
		atomic_fetch_sub_explicit(&s->pending, 1, memory_order_acq_rel);
		if (is_last)
			return NULL;
	}
}

/* ---- the reader ---- */

static struct report report_of(const struct engine *e, uint64_t time_ns, uint64_t number)
{
	struct report r = { .time_ns = time_ns, .number = number, .reloads = e->reloads,
		.first_ns = e->first_ns, .source = e->source->counters, .decoder = *decoder_counters(e->decoder) };
	r.source.packets = r.decoder.packets; /* a batch may have been read further */
	if (e->first_ns && time_ns > e->first_ns)
		r.uptime_s = (time_ns - e->first_ns) / 1000000000;
	return r;
}

static void add_report(struct engine *e, struct slot *s, uint64_t time_ns, uint64_t number)
{
	if (s->report_count == s->report_cap) {
		s->report_cap = s->report_cap ? 2 * s->report_cap : 4;
		s->reports = mem_resize(s->reports, s->report_cap * sizeof(*s->reports));
	}
	s->reports[s->report_count++] = report_of(e, time_ns, number);
}

static void add_entry(struct slot *s, unsigned worker, unsigned entry)
{
	s->list[worker].entries[s->list[worker].count++] = (uint16_t)entry;
}

static void end_list(struct slot *s, unsigned worker)
{
	for (unsigned i = 0; i < AHEAD; i++)
		s->list[worker].entries[s->list[worker].count + i] = TICK;
}

static void add_packet(struct engine *e, struct slot *s, unsigned i)
{
	struct packet *p = &s->batch.packets[i];
	packet_decode(e->decoder, p, &s->batch.arena);
	if (p->time_ns >= e->tick_ns) {
		e->tick_ns = p->time_ns + TICK_NS;
		for (unsigned w = 0; w < e->worker_count; w++)
			add_entry(s, w, TICK | i);
		if (report_is_due(&e->report_ns, p->time_ns, e->config))
			add_report(e, s, p->time_ns, p->number);
	}
	unsigned shard = shard_of(p);
	p->flow_hash = flow_hash(&e->key, p);
	s->shard[i] = (uint8_t)shard;
	add_entry(s, shard % e->worker_count, i);
	e->number = p->number + 1;
	if (!e->first_ns)
		e->first_ns = p->time_ns;
	if (p->time_ns > e->last_ns)
		e->last_ns = p->time_ns;
}

/* All workers are done with the slot, and so with the old rules. */
static void swap_stage(struct engine *e, struct ruleset *rules)
{
	stage_swap(e->stage, rules);
	ruleset_free(e->stage_rules);
	e->stage_rules = rules;
	atomic_store(&e->reload_in_use, e->reload_taken);
}

static void answer(struct engine *e)
{
	struct engine_view view = { .config = e->config, .rules = e->stage_rules,
		.source = e->source };
	struct text reasons = { 0 };
	source_count(e->source);
	view.now = report_of(e, e->slots[e->drained % e->slot_count].batch.now_ns, e->number);
	stage_view(e->stage, &view, &reasons);
	questions_answer(e->questions, &view);
	text_fini(&reasons);
}

static void drain(struct engine *e, struct slot *s)
{
	if (s->rules != e->stage_rules)
		swap_stage(e, s->rules);
	eve_set_skew(e->eve, s->batch.skew_ns);
	stage_packets(e->stage, &s->batch);
	e->ok &= stage_take(e->stage, s->outs, e->worker_count, s->reports, s->report_count);
	if (e->source->is_live)
		e->ok &= stage_settle(e->stage, &s->now);
	if (questions_wait(e->questions))
		answer(e);
	e->drained++;
}

static bool drain_one(struct engine *e)
{
	struct slot *s = &e->slots[e->drained % e->slot_count];
	if (e->drained == atomic_load_explicit(&e->filled, memory_order_relaxed) ||
		atomic_load_explicit(&s->pending, memory_order_acquire) != 0)
		return false;
	drain(e, s);
	return true;
}

static void drain_until(struct engine *e, unsigned long turn)
{
	for (unsigned rounds = 0; e->drained < turn;)
		if (drain_one(e))
			rounds = 0;
		else
			rest(&rounds);
}

static bool is_stopped(struct engine *e)
{
	return atomic_load_explicit(&e->stop, memory_order_relaxed);
}

/* A live read does not wait for long while there are lines that somebody else waits for. */
static enum source_state read_batch(struct engine *e, struct batch *b)
{
	for (;;) {
		bool is_drained = e->drained >= atomic_load_explicit(&e->filled,
			memory_order_relaxed);
		enum source_state state = source_read(e->source, b,
			is_drained ? SILENCE_MS : 1);
		if (state != SOURCE_IDLE || is_drained || is_stopped(e))
			return state;
		while (drain_one(e))
			;
	}
}

/* One swap at a time: the next waits until the stage has gone over. */
static void take_rules(struct engine *e)
{
	bool is_over = e->rules == e->stage_rules;
	struct ruleset *rules = e->reload && is_over ? reload_take(e->reload, &e->reload_taken)
		: NULL;
	if (!rules)
		return;
	e->rules = rules;
	e->reloads++;
}

/* Live: packets that were dropped within the last seconds, for alerts to say so. */
static void see_loss(struct engine *e, struct slot *s)
{
	const uint64_t now_ns = s->batch.now_ns, near_ns = LOSS_NEAR_S * UINT64_C(1000000000);
	source_count(e->source);
	const struct source_counters *c = &e->source->counters;
	uint64_t dropped = c->dropped + c->missed + c->unseen;
	if (dropped > e->loss.dropped) {
		e->loss.lately += dropped - e->loss.dropped;
		e->loss.since_ns = now_ns;
	} else if (now_ns > e->loss.since_ns + near_ns) {
		e->loss.lately = 0;
	}
	e->loss.dropped = dropped;
	s->drops = e->loss.lately;
	s->now = report_of(e, now_ns, e->number);
}

static void fill(struct engine *e, struct slot *s)
{
	enum source_state state = read_batch(e, &s->batch);
	take_rules(e);
	s->rules = e->rules;
	s->report_count = 0;
	if (e->source->is_live)
		see_loss(e, s);
	for (; e->iface_count < e->source->iface_count && e->iface_count < IFACES_MAX;
		e->iface_count++)
		e->iface_names[e->iface_count] = e->source->ifaces[e->iface_count].name;
	for (unsigned w = 0; w < e->worker_count; w++) {
		s->list[w].count = 0;
		out_clear(s->outs[w]);
	}
	for (unsigned i = 0; i < s->batch.count; i++)
		add_packet(e, s, i);
	for (unsigned w = 0; w < e->worker_count; w++)
		end_list(s, w);
	atomic_store_explicit(&s->unsettled, e->worker_count, memory_order_relaxed);
	s->is_silent = state == SOURCE_IDLE;
	s->number = e->number;
	if (s->is_silent && report_is_due(&e->report_ns, s->batch.now_ns, e->config))
		add_report(e, s, s->batch.now_ns, s->number);
	e->ok &= state != SOURCE_FAILED;
	s->is_last = state == SOURCE_END || state == SOURCE_FAILED || !e->ok ||
		(is_stopped(e) && !e->source->is_live); /* which ends by itself */
	if (s->is_last && (e->first_ns || e->source->is_live))
		add_report(e, s, e->first_ns ? e->last_ns : s->batch.now_ns, UINT64_MAX);
}

static void publish(struct engine *e, unsigned long turn)
{
	struct slot *s = &e->slots[turn % e->slot_count];
	atomic_store_explicit(&s->pending, e->worker_count, memory_order_relaxed);
	atomic_store_explicit(&e->filled, turn + 1, memory_order_release);
}

/* All workers, or none: an empty last slot ends those that did start. */
static bool start_workers(struct engine *e)
{
	for (unsigned i = 0; i < e->worker_count; i++) {
		struct worker *w = &e->workers[i];
		w->is_started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
		if (w->is_started)
			continue;
		report_error("cannot start worker %u of %u: use fewer --threads", i + 1,
			e->worker_count);
		e->slots[0].is_last = true;
		publish(e, 0);
		return false;
	}
	return true;
}

static void join_workers(struct engine *e)
{
	for (unsigned i = 0; i < e->worker_count; i++)
		if (e->workers[i].is_started)
			pthread_join(e->workers[i].thread, NULL);
}

static void run_threads(struct engine *e, void (*progress)(void *context,
	const struct source_counters *c), void *context)
{
	bool is_last = false;
	for (unsigned long turn = 0; !is_last; turn++) {
		struct slot *s = &e->slots[turn % e->slot_count];
		if (turn >= e->slot_count)
			drain_until(e, turn - e->slot_count + 1);
		fill(e, s);
		is_last = s->is_last;
		publish(e, turn);
		while (drain_one(e))
			;
		if (progress)
			progress(context, &e->source->counters);
	}
	drain_until(e, atomic_load(&e->filled));
}

static void run_alone(struct engine *e, void (*progress)(void *context,
	const struct source_counters *c), void *context)
{
	struct slot *s = &e->slots[0];
	do {
		fill(e, s);
		work(&e->workers[0], s);
		drain(e, s);
		if (progress)
			progress(context, &e->source->counters);
	} while (!s->is_last);
}

bool engine_run(struct engine *e, void (*progress)(void *context,
	const struct source_counters *c), void *context)
{
	if (e->worker_count == 1) {
		run_alone(e, progress, context);
	} else {
		bool started = start_workers(e);
		if (started)
			run_threads(e, progress, context);
		join_workers(e);
		e->ok &= started;
	}
	questions_end(e->questions);
	e->ok &= stage_finish(e->stage);
	return e->ok;
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
	for (unsigned i = 0; i < e->worker_count; i++)
		counters_add(&t->detect, detector_counters(e->workers[i].tools.detector),
			sizeof(t->detect));
	stage_count(e->stage, t);
	return t;
}

struct rule_cost *engine_rule_costs(const struct engine *e, unsigned rules)
{
	struct rule_cost *sums = mem_array(rules, sizeof(*sums));
	for (unsigned w = 0; w < e->worker_count; w++) {
		const struct rule_cost *costs = detector_costs(e->workers[w].tools.detector);
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
