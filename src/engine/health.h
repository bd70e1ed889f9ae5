/* What the sensor did and what it could not see, told at the end of each interval of packet time
 * and, live, whenever its state changes: `stats` and `health` events.
 *
 * Belongs to the ordered stage. Shards hand over what they counted since their last report, and
 * flows that had troubles; the reader hands over its own sums. */
#ifndef IRONSPAN_HEALTH_H
#define IRONSPAN_HEALTH_H

#include "engine/config.h"
#include "engine/engine.h"
#include "incident/incident.h"

/* What was hidden of one flow since it was last told. */
struct trouble {
	struct address client, server;
	uint16_t client_port, server_port;
	uint64_t flow_id;
	const char *protocol;  /* NULL: not known */
	uint64_t blind_bytes, undecoded_bytes, gaps, copies, blind_ns;
	/* Of the flow; told once. */
	bool is_one_sided, is_midstream, is_encrypted;
};

/* The reader's sums at a moment between two packets. */
struct report {
	uint64_t time_ns, number; /* of the packet that comes next; UINT64_MAX: the end */
	uint64_t first_ns;       /* of the first packet; 0: there was none */
	uint64_t uptime_s, reloads; /* uptime: of packet time */
	struct source_counters source;
	struct decoder_counters decoder;
};

/* Whether an interval is over at now_ns; *due_ns is when the next one will be, 0 before the first
 * call. The reader and every shard ask the same at the same ticks, so that they agree. */
static inline bool report_is_due(uint64_t *due_ns, uint64_t now_ns, const struct config *config)
{
	uint64_t interval_ns = config->health_interval_s * UINT64_C(1000000000);
	bool is_first = *due_ns == 0;
	if (!is_first && now_ns < *due_ns)
		return false;
	*due_ns = now_ns + interval_ns;
	return !is_first;
}

enum health_state { HEALTH_GOOD, HEALTH_DEGRADED, HEALTH_BLIND, HEALTH_STATES };
extern const char *const health_states[HEALTH_STATES]; /* their names */

struct health;

/* Gets the members of an event, `"stats":{…}` or `"health":{…}`. `sequence` tells those of one
 * moment apart. */
typedef void health_emit(void *context, const char *type, const struct report *at,
	uint64_t sequence, struct text *body);

struct health *health_new(const struct config *config, const struct source *source,
	health_emit *emit, void *context);
void health_free(struct health *h);
void health_add(struct health *h, const struct engine_totals *since);
void health_trouble(struct health *h, const struct trouble *t);
/* An interval is over. `stage` has the stage's own counters. */
void health_report(struct health *h, const struct report *at, const struct engine_totals *stage);
/* What was hidden since the last report, for incidents; before health_report(). The hosts are
 * valid until the next call: health_capture.c. */
struct incident_capture health_capture(struct health *h, const struct report *at);
/* The members of a stats event: stats.c. */
void stats_put(struct text *out, const struct engine_totals *shards, const struct report *at,
	const struct engine_totals *stage);
/* Live, between reports: tells at once if the state has changed. */
void health_look(struct health *h, const struct report *at, const struct engine_totals *stage);

/* Of blindness: a part of a second is one. */
static inline uint64_t health_seconds(uint64_t ns)
{
	return (ns + 999999999) / 1000000000;
}

/* What it is now, and why, as members of a JSON list. What was lost since the report before the
 * last one counts: flows tell their troubles when an interval is over. */
enum health_state health_state(const struct health *h, const struct report *at,
	const struct engine_totals *stage, struct text *reasons);
/* Sums of what shards reported. */
const struct engine_totals *health_shards(const struct health *h);
/* [{"name":…,"state":"up",…},…] */
void health_put_links(const struct source *source, struct text *out);

#endif
