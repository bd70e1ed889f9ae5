#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "base/report.h"
#include "engine/engine.h"
#include "engine/lane.h"
#include "engine/question.h"
#include "engine/reload.h"
#include "engine/stage.h"
#include "engine/view.h"

enum { SLOTS = 8, THREADS_MAX = 64, WORKER_LANES = 3, IFACES_MAX = 65536 };
enum { TICK_NS = 100 * 1000 * 1000 }; /* of packet time: how often silent shards look up */
enum { SILENCE_MS = 20 }; /* live: the same, while there are no packets */

/* A thread beside the caller's. */
struct worker {
	struct engine *engine;
	unsigned index;
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
	atomic_bool ended;      /* no slot will be filled any more */
	struct worker workers[THREADS_MAX - 1];
	unsigned worker_count;
	struct lane *lanes;
	unsigned lane_count;
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
	open_lanes(e, &decoder);
	e->eve = new_eve(e, rules);
	e->stage = stage_new(config, rules, registers, store, source, e->eve, sink, evidence);
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

/* ---- a worker ---- */

/* Work at one of the lanes first, first + step, … before `end`; false: they are done, or in
 * other hands. */
static bool work(struct engine *e, unsigned first, unsigned step, unsigned end)
{
	unsigned long filled = atomic_load_explicit(&e->filled, memory_order_acquire);
	struct lane *l = lane_take(e->lanes, first, step, end, filled);
	if (!l)
		return false;
	lane_work(l, &e->slots[l->turn % e->slot_count]);
	lane_leave(l);
	return true;
}

/* A thread has lanes of its own, whose shards stay in its core's cache, and helps with the
 * others when these are done. */
static bool work_as_caller(struct engine *e)
{
	return work(e, e->lane_count - 1, 1, e->lane_count) || work(e, 0, 1, e->lane_count);
}

static bool work_as(const struct worker *w)
{
	struct engine *e = w->engine;
	return work(e, w->index, e->worker_count, e->lane_count - 1) ||
		work(e, 0, 1, e->lane_count);
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
	for (unsigned rounds = 0;;) {
		bool has_ended = atomic_load_explicit(&w->engine->ended, memory_order_acquire);
		if (work_as(w))
			rounds = 0;
		else if (has_ended)
			return NULL;
		else
			rest(&rounds);
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

static void add_report(const struct engine *e, struct slot *s, uint64_t time_ns,
	uint64_t number)
{
	struct report r = report_of(e, time_ns, number);
	slot_report(s, &r);
}

/* TCP and UDP without fragments: decoding needs nothing but the packet. */
static bool is_simple(const struct packet *p)
{
	return p->has_ports && !p->events && !p->is_fragment && !p->is_reassembled;
}

/* To move a cache line from core to core takes longer than to decode: of what most packets
 * say only the first line is written where a lane will look, and the lane decodes it again. */
static const struct packet *decode(struct engine *e, struct slot *s, unsigned i,
	struct packet *seen)
{
	struct packet *p = &s->batch.packets[i];
	s->is_bare[i] = false;
	if (e->lane_count > 1) {
		*seen = (struct packet){ .frame = p->frame, .wire_len = p->wire_len,
			.link_type = p->link_type, .number = p->number, .time_ns = p->time_ns,
			.iface = p->iface };
		packet_decode(e->decoder, seen, &s->batch.arena);
		s->is_bare[i] = is_simple(seen);
		if (!s->is_bare[i])
			*p = *seen;
		return seen;
	}
	packet_decode(e->decoder, p, &s->batch.arena);
	return p;
}

static void add_packet(struct engine *e, struct slot *s, unsigned i)
{
	struct packet seen;
	const struct packet *p = decode(e, s, i, &seen);
	if (p->time_ns >= e->tick_ns) {
		e->tick_ns = p->time_ns + TICK_NS;
		for (unsigned l = 0; l < e->lane_count; l++)
			slot_entry(s, l, TICK | i);
		if (report_is_due(&e->report_ns, p->time_ns, e->config))
			add_report(e, s, p->time_ns, p->number);
	}
	unsigned shard = shard_of(p);
	s->batch.packets[i].flow_hash = flow_hash(&e->key, p);
	s->shard[i] = (uint8_t)shard;
	slot_entry(s, shard % e->lane_count, i);
	e->number = p->number + 1;
	if (!e->first_ns)
		e->first_ns = p->time_ns;
	if (p->time_ns > e->last_ns)
		e->last_ns = p->time_ns;
}

/* All lanes are done with the slot, and so with the old rules. */
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
	e->ok &= stage_take(e->stage, s->outs, e->lane_count, s->reports, s->report_count);
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

/* Meanwhile the caller works too. */
static void drain_until(struct engine *e, unsigned long turn)
{
	for (unsigned rounds = 0; e->drained < turn;)
		if (drain_one(e) || work_as_caller(e))
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
	slot_clear(s, e->lane_count);
	if (e->source->is_live)
		see_loss(e, s);
	for (; e->iface_count < e->source->iface_count && e->iface_count < IFACES_MAX;
		e->iface_count++)
		e->iface_names[e->iface_count] = e->source->ifaces[e->iface_count].name;
	for (unsigned i = 0; i < s->batch.count; i++)
		add_packet(e, s, i);
	slot_close(s, e->lane_count);
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

static bool start_workers(struct engine *e)
{
	for (unsigned i = 0; i < e->worker_count; i++) {
		struct worker *w = &e->workers[i];
		*w = (struct worker){ .engine = e, .index = i };
		w->is_started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
		if (w->is_started)
			continue;
		report_error("cannot start thread %u of %u: use fewer --threads", i + 2,
			e->worker_count + 1);
		return false;
	}
	return true;
}

static void join_workers(struct engine *e)
{
	atomic_store_explicit(&e->ended, true, memory_order_release);
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
		atomic_store_explicit(&e->filled, turn + 1, memory_order_release);
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
		lane_work(&e->lanes[0], s);
		drain(e, s);
		if (progress)
			progress(context, &e->source->counters);
	} while (!s->is_last);
}

bool engine_run(struct engine *e, void (*progress)(void *context,
	const struct source_counters *c), void *context)
{
	if (e->worker_count == 0) {
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
