/* A shard: all mutable state of one part of the network, from flows to pending requests.
 *
 * The number of shards is fixed and which one a packet belongs to depends on the packet only,
 * so nothing that comes out of a shard depends on how many workers there are. Packets are
 * spread by the address of the end that looks like the server: all that concerns one
 * controller meets in one place. A lane lends its tools to the shards it runs. */
#ifndef IRONSPAN_SHARD_H
#define IRONSPAN_SHARD_H

#include "engine/config.h"
#include "engine/engine.h"
#include "engine/record.h"

enum { SHARD_BITS = 5, SHARDS = 1 << SHARD_BITS };

struct tools {
	struct detector *detector;
	struct eve *eve;
	enum inline_mode inline_mode;
	struct out *out;          /* where records go now */
	uint64_t released;        /* flows so far */
};

struct shard;

struct shard *shard_new(const struct config *config, const struct ruleset *rules,
	unsigned index, const struct hash_key *key, struct tools *tools);
/* Where its flows are found; valid as long as the shard. */
const struct flow_index *shard_flows(const struct shard *s);
/* What becomes of the packet if it is held: see capture/source.h. */
uint8_t shard_packet(struct shard *s, const struct packet *p);
/* Time has come to now_ns, which is just before packet `number`. */
void shard_advance(struct shard *s, uint64_t now_ns, uint64_t number);
/* The input ends: every flow ends, and what is pending comes out. */
void shard_finish(struct shard *s);
/* The tools were given other rules: what the shard keeps goes over to them. */
void shard_swap(struct shard *s, const struct ruleset *rules);
void shard_free(struct shard *s);
void shard_count(const struct shard *s, struct engine_totals *totals); /* adds */
/* Adds a struct of counters, which are all uint64_t, to another. */
void counters_add(void *to, const void *from, size_t size);

/* Which shard a decoded packet belongs to. */
unsigned shard_of(const struct packet *p);

/* 65536 bits: ports that dissectors hint at. */
const uint8_t *shard_server_ports(void);

#endif
