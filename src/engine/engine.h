/* The engine: source, lanes, ordered stage.
 *
 * State lives in shards, a fixed number of them, whatever the number of threads; a lane runs
 * some shards, and nothing in a shard knows which. That makes the output of a replay the same
 * for any number of threads. With one thread everything runs on the caller's; otherwise the
 * caller's thread reads and writes (it is also the ordered stage), and dissects and detects as
 * the workers do when there is nothing to read or write. */
#ifndef IRONSPAN_ENGINE_H
#define IRONSPAN_ENGINE_H

#include "capture/source.h"
#include "engine/config.h"
#include "engine/question.h"
#include "output/sink.h"

/* Where a reload gets its rules. `load` runs on a thread of its own; NULL, after it told why,
 * leaves those that run. */
struct engine_rules {
	struct ruleset *(*load)(void *context);
	void (*ready)(void *context); /* the next batch will be looked at with what was loaded */
	void *context;
};

/* What a reload came to. */
struct engine_reload {
	uint64_t number;  /* that engine_reload() gave, or a later one */
	bool ok;
	char reason[512]; /* why not */
};

/* What a run counted; sums over all shards. */
struct engine_totals {
	struct source_counters source;
	struct decoder_counters decoder;
	struct stream_counters streams;
	struct session_counters sessions;
	struct flow_counters flows;
	struct detect_counters detect;
	struct detect_losses losses;
	uint64_t blocked, would_block; /* packets dropped by rules; with dry-run not dropped */
	uint64_t duplicates, stream_events, alerts, alerts_suppressed, events;
	uint64_t forgotten; /* thresholds' windows and xbits for which there was no room */
	uint64_t assets_left_out; /* sightings of devices for which there was no room */
	uint64_t lines_lost, alerts_lost; /* by sinks: of all lines, of alerts and incidents */
	uint64_t lines_spooled;           /* they wait on disk for a sink */
	uint64_t store_lost;    /* live: alerts, operations and incidents the store did not take */
	uint64_t evidence_lost; /* alerts whose packets could not be kept */
	uint64_t reloads; /* of the rules */
	uint64_t first_ns, last_ns;
};

/* One row of the table for people: alerts by rule. */
struct engine_rule_total {
	uint32_t gid, sid;
	const char *msg; /* NULL: none */
	uint64_t alerts;
	uint64_t accepted, rejected, no_reply, not_seen, blocked;
};

/* One row of the table for people: an incident as its last revision told it. */
struct engine_incident {
	char *id, *title;
	uint64_t alerts, accepted; /* accepted: a device did what it was told */
	unsigned severity, level;  /* level: the proposed grade, 1 is gravest; 0: none */
};

struct evidence;
struct registers;
struct store_queue;

/* What an engine is made of. */
struct engine_parts {
	const struct config *config;
	struct ruleset *rules;             /* becomes the engine's */
	struct source *source;
	struct sink *sink;
	const struct engine_rules *reloads;  /* NULL: the rules stay */
	const struct registers *registers; /* incidents are graded by them; NULL: there are none */
	struct store_queue *store;         /* incidents, alerts and operations are kept; or NULL */
	struct evidence *evidence;         /* becomes the engine's; NULL: none is kept */
};

struct engine;

struct engine *engine_new(const struct engine_parts *parts);
/* Until the source ends or engine_stop(). false: the source or the sink failed. */
bool engine_run(struct engine *e, void (*progress)(void *context,
	const struct source_counters *c), void *context);
/* These two are async-signal-safe: end cleanly with what was found; load the rules anew, to be
 * swapped between two batches. Flows, thresholds and requests that wait keep their state. */
void engine_stop(struct engine *e);
uint64_t engine_reload(struct engine *e); /* this reload's number; 0: there are none */
/* The number of the reload that was asked for last; 0: none was. Any thread. */
uint64_t engine_reload_asked(const struct engine *e);
/* Whether reload `number` has come to an end: failed, or packets are looked at with its rules.
 * Any thread. */
bool engine_reload_done(struct engine *e, uint64_t number, struct engine_reload *what);
/* Shows `ask` what the engine knows, see question.h. Any thread but the engine's own. */
bool engine_ask(struct engine *e, question *ask, void *context, unsigned wait_ms);
const struct ruleset *engine_rules(const struct engine *e); /* in use; until the next reload */
const struct engine_totals *engine_totals(struct engine *e);
/* Rules that alerted, most first; *count of them. Valid until engine_free(). */
const struct engine_rule_total *engine_rule_totals(struct engine *e, unsigned *count);
/* Incidents, the gravest first: *count rows of *total. Valid until engine_free(). */
const struct engine_incident *engine_incidents(struct engine *e, unsigned *count,
	uint64_t *total);
/* Sums over all lanes, by rule index, for config->profile; the caller frees them. */
struct rule_cost *engine_rule_costs(const struct engine *e, unsigned rules);
void engine_free(struct engine *e);

#endif
