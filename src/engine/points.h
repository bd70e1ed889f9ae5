/* The last known value of every point, whichever flow told it. Belongs to the ordered stage.
 * Bounded: pages of 64 points; at the limit the page used longest ago is forgotten. */
#ifndef IRONSPAN_POINTS_H
#define IRONSPAN_POINTS_H

#include "engine/record.h"

enum { POINTS_ASKED_MAX = 2048 }; /* more points than this have no previous value */

struct points;

struct points *points_new(unsigned pages);
void points_free(struct points *p);

/* The values of all points of the range, if every one is known; borrowed until the next call. */
bool points_find(struct points *p, const struct point *range, struct values *values);

/* These values were seen, or (range->forgets) what was known no longer holds. */
void points_learn(struct points *p, const struct point *range, struct bytes values);

#endif
