/* The last bytes of streams that no dissector claims, so that what is split over two segments
 * is found: new data is looked at together with up to TAIL_MAX bytes before it.
 *
 * One a shard, so that what is forgotten does not depend on the number of threads; bounded:
 * the stream silent longest loses its bytes first, and is counted. */
#ifndef IRONSPAN_TAILS_H
#define IRONSPAN_TAILS_H

#include "flow/flow.h"

enum { TAIL_MAX = 4096, TAIL_ROOM = TAIL_MAX + 2048 };

struct tails;

/* What one end sent since its last gap. */
struct tail {
	uint64_t sent;       /* bytes so far */
	uint64_t open_until; /* offset: up to there, older bytes may still begin a match */
	uint32_t len;
	uint8_t bytes[TAIL_ROOM];
};

struct tails *tails_new(size_t memory);
void tails_free(struct tails *t);
uint64_t tails_shed(const struct tails *t); /* streams that lost their bytes */

/* Valid until another one is asked for. */
struct tail *tails_of(struct tails *t, const struct flow *f, unsigned end);
/* What was kept with `data` behind it, which is kept from now on; valid until the next call. */
struct bytes tail_join(struct tails *t, struct tail *tail, struct bytes data);
/* Bytes are missing: what was kept does not join on to what comes. */
void tails_gap(struct tails *t, const struct flow *f, unsigned end);

#endif
