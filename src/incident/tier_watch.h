/* Folders that `tier run` watches: what a one-way gateway, or a person with a USB stick, takes from
 * here and brings here. In tier.json:
 *
 *	"folders": [ { "out": "/srv/gateway/up", "to": "prov-33", "one_way": true },
 *	             { "in": "/srv/gateway/down" } ]
 *
 * To `out` goes what waits, for the node `to` or for all, and again after TIER_WATCH_AGAIN_S when no
 * receipt came; with "one_way" none will, and what was written counts as sent. What lies in `in`
 * is received and removed, but for what is for other nodes. A folder that is not there is not made
 * (nobody wants a USB stick's files where it is not mounted): it is waited for. One thread. */
#ifndef IRONSPAN_INCIDENT_TIER_WATCH_H
#define IRONSPAN_INCIDENT_TIER_WATCH_H

#include "incident/tier.h"

enum { TIER_WATCH_AGAIN_S = 600 };

struct tier_watch;

/* NULL after a reported error. `*count`: how many folders there are. */
struct tier_watch *tier_watch_new(struct tier *t, unsigned *count);
void tier_watch_look(struct tier_watch *w, uint64_t now_ns); /* each of them once */
void tier_watch_free(struct tier_watch *w);

#endif
