/* The last known value of every point, whichever flow told it. Belongs to a shard: what concerns
 * one device meets there. Bounded: pages of 64 points (of one, where points have names); at the
 * limit the page used longest ago is forgotten. */
#ifndef IRONSPAN_POINTS_H
#define IRONSPAN_POINTS_H

#include "dissect/dissect.h"

enum { POINTS_ASKED_MAX = 2048 }; /* more points than this have no previous value */

/* A range of points of one device. */
struct point {
	uint64_t place;    /* keyed hash of the device, its unit, the kinds of object and of type */
	uint64_t address;
	uint32_t count;
	uint8_t type;      /* enum value_type */
	bool is_named : 1; /* it has a text for an address, which is in the place */
	bool is_whole : 1; /* one point with `count` values: all that it has */
	bool is_memory : 1; /* bits of a memory: values are its bytes */
	bool forgets : 1;  /* written with a value we cannot know */
};

struct points;

struct points *points_new(unsigned pages);
void points_free(struct points *p);

/* The values of all points of the range, if every one is known, or all that a whole point has,
 * which may be more or fewer; borrowed until the next call. Numbers (UINT, INT, REAL) are of the
 * type that they were seen in, whatever type the range has; those of several are not given. */
bool points_find(struct points *p, const struct point *range, struct values *values);

/* Where the page of a range was, for its next values. All zero: nowhere yet. */
struct point_place {
	void *page;
	uint64_t epoch;
};

/* Fetch into the cache what points_learn() will touch: with step 0, and, if that says so, later
 * with 1. */
bool points_prefetch(const struct points *p, const struct point *range,
	const struct point_place *place, unsigned step);

/* These values were seen, or (range->forgets) what was known no longer holds. `place` (or NULL) is
 * the range's own, used and kept up to date. */
void points_learn(struct points *p, const struct point *range, struct bytes values,
	struct point_place *place);

#endif
