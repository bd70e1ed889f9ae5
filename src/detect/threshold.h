/* Thresholds, detection filters and `distinct`: conditions over many matches.
 *
 * Belongs to the ordered stage, the only place that sees all matches in order. Bounded in
 * keys and bytes: at the limit the key that was silent longest is forgotten, and counted if its
 * window was not over.
 * Time is packet time. What Suricata has means what it means there; windows begin with a
 * match and end `seconds` later (0: never), that moment included:
 *
 *   limit             the first `count` matches of each window alert
 *   threshold         every `count`-th match of a window alerts
 *   both              the `count`-th match of a window alerts, the rest of it is silent
 *   backoff           match number count, count*multiplier, count*multiplier^2 … alert
 *   detection_filter  every match of a window after the first `count` alerts
 *   distinct          the match that brings the `count`-th different value of a window
 *                     alerts, the rest of it is silent
 *
 * Where a window of limit, both or backoff told of commands that were not accepted, the first one
 * that is alerts too: whoever tries and fails does not hide what follows.
 *
 * The source is the sender of what the rule is about, as in Suricata: of a rule with
 * flow:to_client it is the server (detect_source()), though the alert names the client first.
 * by_both does not care which of the two is the source. */
#ifndef IRONSPAN_THRESHOLD_H
#define IRONSPAN_THRESHOLD_H

#include "detect/rule.h"
#include "dissect/session.h"

/* Of one key; a `distinct` with a larger count never alerts. */
enum { THRESHOLD_VALUES_MAX = 4096 };

struct thresholds;

enum threshold_answer {
	THRESHOLD_ALERTS,
	THRESHOLD_COUNTS,    /* it is not enough yet */
	THRESHOLD_HOLDS_BACK /* what alerted in this window says it too */
};

struct thresholds *thresholds_new(unsigned keys);
void thresholds_free(struct thresholds *t);
uint64_t thresholds_forgotten(const struct thresholds *t);

/* A reload changes nothing for a rule whose gid, sid and threshold stay.
 *
 * One match of a rule with a threshold: may it alert? `value` is the distinct value's hash
 * (else 0). `order`: what it is about. src and dst are the rule's. Rules without any threshold
 * need not ask. A rule's detection_filter or distinct is asked first; what does not pass it is
 * not counted. */
enum threshold_answer threshold_pass(struct thresholds *t, const struct rule *r,
	const struct address *src, const struct address *dst, uint64_t flow_id, uint64_t time_ns,
	uint64_t value, enum order order);
/* Fetch into the cache what that will touch: call with step 0, later with 1. */
void threshold_prefetch(const struct thresholds *t, const struct rule *r,
	const struct address *src, const struct address *dst, uint64_t flow_id, unsigned step);

#endif
