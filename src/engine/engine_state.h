/* What the files of the engine share; nobody else includes this. engine.c has its life and what
 * others ask of it, engine_read.c the reader, engine_run.c the threads. */
#ifndef IRONSPAN_ENGINE_STATE_H
#define IRONSPAN_ENGINE_STATE_H

#include <pthread.h>

#include "engine/engine.h"
#include "engine/lane.h"
#include "engine/reload.h"
#include "engine/stage.h"

enum { SLOTS = 8, THREADS_MAX = 64, IFACES_MAX = 65536 };

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
		uint64_t dropped, since_ns, lately, swept;
	} loss;
	uint64_t first_ns, last_ns;
	uint64_t number;        /* of the packet that comes next */
	const char **iface_names; /* set before the slot that first uses one is published */
	unsigned iface_count;
	atomic_bool stop;
	bool ok;
	struct engine_totals totals;
};

/* ---- engine_read.c: on the caller's thread ---- */

/* The next batch, decoded and dealt out to the lanes, with the rules it is for. */
void engine_fill(struct engine *e, struct slot *s);
/* How it stands at this time, before packet `number`. */
struct report engine_report(const struct engine *e, uint64_t time_ns, uint64_t number);

/* ---- engine_run.c: on the caller's thread ---- */

/* The stage takes the oldest slot if all lanes are done with it; false: not yet, or none. */
bool engine_drain_one(struct engine *e);

static inline bool engine_is_stopped(const struct engine *e)
{
	return atomic_load_explicit(&e->stop, memory_order_relaxed);
}

#endif
