/* Measurements: objects whose points all have one size and say nothing beyond themselves.
 *
 * They are most of what outstations send, and hardly ever is one point looked at by itself.
 * So they stay on the tape as bytes, from the object's header on (MEASURES, a lazy field),
 * and the values that operations need are read where they lie. */
#ifndef IRONSPAN_DNP3_MEASURES_H
#define IRONSPAN_DNP3_MEASURES_H

#include "dnp3_objects.h"

/* The points of one object, and how far they have been read. */
struct dnp3_measures {
	uint8_t group;
	uint16_t field;     /* which field of a point is its value */
	uint8_t kind;       /* what part of a point that is */
	uint8_t bits;       /* packed: bits a point; 0: whole bytes */
	uint8_t prefix;     /* bytes of the index before each point */
	size_t size;        /* bytes of a point, with its index */
	size_t value_at;    /* where in them the value is */
	uint32_t items;     /* that a point makes on the tape */
	uint64_t start, count;
	const uint8_t *at;  /* the first point */
	uint64_t next;      /* number of the next point */
};

/* Points of this group are measured and counted: nobody can write them. */
bool dnp3_is_read_only(uint8_t group);
/* Whether an object is one of measurements, whose first point is at `at`. */
bool dnp3_are_measures(struct dnp3_measures *m, const struct dnp3_header *h,
	const struct dnp3_layout *layout, const uint8_t *at);
/* Bytes of all points that the header promises. */
uint64_t dnp3_measures_size(const struct dnp3_measures *m);
/* What MEASURES has on the tape. */
struct dnp3_measures dnp3_measures_of(struct bytes object);
/* The values of the next points, up to `max`, whose indexes follow each other; *first is the
 * first index. Integers as 64 bits, reals as double. Returns how many, 0 at the end. */
uint32_t dnp3_measures_read(
	struct dnp3_measures *m, uint64_t *values, uint32_t max, uint64_t *first);

#endif
