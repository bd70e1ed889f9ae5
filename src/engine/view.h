/* What an engine shows to a question (question.h) between two batches, and how it is told:
 * as JSON for the control socket, as text for Prometheus.
 *
 * Everything is borrowed for the call and constant. Packets, drops, alerts and events are those
 * of this moment; what shards count (flows, messages, bytes not decoded) is as of the end of the
 * last interval (outputs.health-interval), because their counters are their workers'. */
#ifndef IRONSPAN_VIEW_H
#define IRONSPAN_VIEW_H

#include "engine/health.h"
#include "engine/question.h"

struct assets;

struct engine_view {
	const struct config *config;
	const struct ruleset *rules;        /* in use */
	const struct source *source;
	struct sink *sink;
	const struct assets *assets;
	struct report now;                  /* time_ns: as far as it has come */
	const struct engine_totals *shards; /* as of the last interval */
	struct engine_totals stage;
	enum health_state state;
	struct bytes reasons;               /* members of a JSON list */
};

/* Each writes one JSON object. */
void view_status(const struct engine_view *v, struct text *out);
void view_rules(const struct engine_view *v, struct text *out);
void view_stats(const struct engine_view *v, struct text *out);
void view_interfaces(const struct engine_view *v, struct text *out);
/* Some devices, those first that were heard of longest ago. *place is 0 at first, then where to
 * go on; 0 again when all were told. One heard of meanwhile may come twice. */
void view_assets(const struct engine_view *v, uint64_t *place, struct text *out);

/* Prometheus' text format, version 0.0.4. */
void view_metrics(const struct engine_view *v, struct text *out);

#endif
