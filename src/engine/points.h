/* The last known value of every point, whichever flow told it. Belongs to the ordered stage.
 * Bounded: pages of 64 points (of one, where points have names); at the limit the page used longest ago is forgotten. */
#ifndef IRONSPAN_POINTS_H
#define IRONSPAN_POINTS_H

#include "engine/record.h"

enum { POINTS_ASKED_MAX = 2048 }; /* more points than this have no previous value */

struct points;

struct points *points_new(unsigned pages);
void points_free(struct points *p);

/* The values of all points of the range, if every one is known; borrowed until the next call. */
bool points_find(struct points *p, const struct point *range, struct values *values);

/* Fetch into the cache what either of these will touch: call with step 0, later with 1. */
void points_prefetch(const struct points *p, const struct point *range, unsigned step);

/* These values were seen, or (range->forgets) what was known no longer holds. */
void points_learn(struct points *p, const struct point *range, struct bytes values);

#endif
