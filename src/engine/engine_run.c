/* The threads: lanes are worked at by whoever is free, and the caller's thread is reader and
 * ordered stage as well. */
#include <malloc.h>
#include <sched.h>
#include <time.h>

#include "base/report.h"
#include "engine/engine_state.h"
#include "engine/view.h"

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

/* ---- what is done goes to the stage ---- */

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
	view.now = engine_report(e, e->slots[e->drained % e->slot_count].batch.now_ns, e->number);
	stage_view(e->stage, &view, &reasons);
	questions_answer(e->questions, &view);
	text_fini(&reasons);
}

/* More than we could take came since the last report, and filled what waits for lanes and stage.
 * That left holes in the heap, which nothing else gives back; it takes some milliseconds. */
static void sweep(struct engine *e)
{
	malloc_trim(0);
	e->loss.swept = e->loss.dropped;
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
	if (s->report_count && e->loss.dropped > e->loss.swept)
		sweep(e);
	if (questions_wait(e->questions))
		answer(e);
	e->drained++;
}

bool engine_drain_one(struct engine *e)
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
		if (engine_drain_one(e) || work_as_caller(e))
			rounds = 0;
		else
			rest(&rounds);
}

/* ---- a run ---- */

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
		engine_fill(e, s);
		is_last = s->is_last;
		atomic_store_explicit(&e->filled, turn + 1, memory_order_release);
		while (engine_drain_one(e))
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
		engine_fill(e, s);
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
