#include "dissect/session.h"
#include "engine/ahead.h"

enum { TO_PACKET = 24, TO_BYTES = 18, TO_BUCKET = 16, TO_FLOW = 12, TO_PARTS = 7, TO_REST = 3 };

void ahead_init(struct ahead *a, struct shard *const *shards, const struct tools *tools)
{
	*a = (struct ahead){ .released = &tools->released };
	for (unsigned i = 0; i < SHARDS; i++)
		a->index[i] = shard_flows(shards[i]);
}

static const struct flow **place_of(struct ahead *a, unsigned at)
{
	return &a->flows[at % AHEAD_RING];
}

/* The reader has written its first line and read its bytes, maybe on another core. */
static void look_at_packet(const struct ahead *a, unsigned at)
{
	__builtin_prefetch(&a->packets[a->entries[at] & ~TICK], 1);
}

static void look_at_bytes(const struct ahead *a, unsigned at)
{
	enum { LINES = 2 }; /* headers, and what most messages begin with */
	if (a->entries[at] & TICK)
		return;
	const struct packet *p = &a->packets[a->entries[at]];
	for (unsigned line = 0; line < LINES; line++)
		__builtin_prefetch(p->frame.at + 64 * line);
}

/* A tick's packet may be another lane's. */
static struct flow *const *bucket_of(const struct ahead *a, unsigned entry)
{
	if (entry & TICK)
		return NULL;
	const struct flow_index *index = a->index[a->shard_of[entry]];
	return &index->buckets[a->packets[entry].flow_hash & index->mask];
}

static void look_at_flow(struct ahead *a, unsigned at)
{
	struct flow *const *bucket = bucket_of(a, a->entries[at]);
	const struct flow *f = bucket ? *bucket : NULL;
	if (f)
		flow_prefetch(f);
	*place_of(a, at) = f;
}

/* The first of the bucket is mostly the right one. */
static void look_at_parts(struct ahead *a, unsigned at)
{
	const struct flow *f = *place_of(a, at);
	if (f && f->hash == a->packets[a->entries[at]].flow_hash) {
		flow_prefetch_parts(f);
		session_prefetch(f);
		__builtin_prefetch(f->rules);
	} else {
		*place_of(a, at) = NULL;
	}
}

static void look_at_rest(struct ahead *a, unsigned at)
{
	const struct flow *f = *place_of(a, at);
	if (!f)
		return;
	const struct packet *p = &a->packets[a->entries[at]];
	if (p->proto == PROTO_TCP)
		stream_prefetch(f, flow_end_of(f, p));
	session_prefetch_rest(f);
}

void ahead_begin(struct ahead *a, const struct packet *packets, const uint8_t *shard_of,
	const uint16_t *entries)
{
	a->packets = packets;
	a->shard_of = shard_of;
	a->entries = entries;
	a->released_before = *a->released;
	for (unsigned at = 0; at < TO_PACKET; at++)
		look_at_packet(a, at);
	for (unsigned at = 0; at < TO_BYTES; at++)
		look_at_bytes(a, at);
	for (unsigned at = 0; at < TO_FLOW; at++)
		look_at_flow(a, at);
	for (unsigned at = 0; at < TO_PARTS; at++)
		look_at_parts(a, at);
}

void ahead_look(struct ahead *a, unsigned at)
{
	if (a->released_before != *a->released) {
		memset(a->flows, 0, sizeof(a->flows));
		a->released_before = *a->released;
	}
	look_at_packet(a, at + TO_PACKET);
	look_at_bytes(a, at + TO_BYTES);
	__builtin_prefetch(bucket_of(a, a->entries[at + TO_BUCKET]));
	look_at_flow(a, at + TO_FLOW);
	look_at_parts(a, at + TO_PARTS);
	look_at_rest(a, at + TO_REST);
}
