/* The ordered stage: the one place that sees everything in packet order, and the only writer
 * of state wider than a flow (thresholds, last values, devices, incidents) and of the sink.
 * One thread. */
#ifndef IRONSPAN_STAGE_H
#define IRONSPAN_STAGE_H

#include "engine/config.h"
#include "engine/engine.h"
#include "engine/evidence.h"
#include "engine/health.h"
#include "engine/record.h"
#include "engine/view.h"

struct stage;

/* The encoder is lent; the evidence becomes the stage's. */
struct stage *stage_new(const struct engine_parts *parts, struct eve *eve);
/* Packets whose records will be taken next, for evidence. */
void stage_packets(struct stage *s, const struct batch *b);
/* Take all records of these outs, which cover the same packets, in order; and where an interval
 * of theirs is over, the reader's report. False: the sink takes no more. */
bool stage_take(struct stage *s, struct out *const *outs, unsigned count,
	const struct report *reports, unsigned report_count);
/* Live: time has come so far, as the report says. What has been quiet for long enough is closed,
 * and lines go out at once. False as above. */
bool stage_settle(struct stage *s, const struct report *now);
bool stage_finish(struct stage *s); /* what is open is closed, the sink is flushed */
/* The rules were swapped: what follows was found by these. */
void stage_swap(struct stage *s, const struct ruleset *rules);
void stage_count(const struct stage *s, struct engine_totals *totals);
const struct engine_rule_total *stage_rule_totals(struct stage *s, unsigned *count);
const struct engine_incident *stage_incidents(struct stage *s, unsigned *count,
	uint64_t *total);
/* Its part of what a question is shown; `now` and `source` are the caller's. */
void stage_view(struct stage *s, struct engine_view *view, struct text *reasons);
void stage_free(struct stage *s);

#endif
