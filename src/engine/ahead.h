/* The packets of a batch are known ahead: what each will touch is fetched into the cache while
 * others are worked on. Four steps, some packets apart, because each finds the next one's
 * address: the bucket, the flow, what hangs on the flow, what hangs on that. It changes
 * nothing and may be wrong. One for each lane. */
#ifndef IRONSPAN_AHEAD_H
#define IRONSPAN_AHEAD_H

#include "engine/slot.h"

/* So many packets ahead are decoded. */
enum { AHEAD_RING = 16, DECODED = 6 };

struct ahead {
	const struct flow_index *index[SHARDS];
	const uint64_t *released;              /* the lane's tools' */
	const struct flow *flows[AHEAD_RING];  /* found, by entry */
	uint64_t released_before;              /* when they were */
	const struct packet *packets;
	const uint8_t *shard_of;
	const uint16_t *entries;
};

void ahead_init(struct ahead *a, struct shard *const *shards, const struct tools *tools);

/* A list begins: where its packets are, the shard of each, the entries. */
void ahead_begin(struct ahead *a, const struct packet *packets, const uint8_t *shard_of,
	const uint16_t *entries);
/* Its entry `at` is the one under way. */
void ahead_look(struct ahead *a, unsigned at);

#endif
