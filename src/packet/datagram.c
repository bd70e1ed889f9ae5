#include <assert.h>

#include "packet/datagram.h"

static_assert(sizeof(struct chunk) == 2048, "a chunk wastes nothing of the pool's class");

static size_t min_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct chunk *chunk_at(struct datagram *d, struct pool *pool, size_t offset)
{
	struct chunk **chunk = &d->chunks[offset / CHUNK_BYTES];
	if (!*chunk) {
		*chunk = pool_take(pool, sizeof(**chunk));
		memset((*chunk)->have, 0, sizeof((*chunk)->have));
	}
	return *chunk;
}

/* Keep one block, or compare it with the one that came before. */
static bool put_block(
	struct datagram *d, struct chunk *chunk, size_t at, struct bytes data)
{
	uint64_t *have = &chunk->have[at / BLOCK / 64];
	uint64_t bit = (uint64_t)1 << (at / BLOCK % 64);
	if (*have & bit)
		return memcmp(chunk->bytes + at, data.at, data.len) == 0;
	*have |= bit;
	memcpy(chunk->bytes + at, data.at, data.len);
	d->blocks++;
	return true;
}

static bool put_bytes(
	struct datagram *d, struct pool *pool, size_t offset, struct bytes data)
{
	struct cursor c = cursor_of(data);
	bool agrees = true;
	while (c.left > 0) {
		struct bytes block = cursor_bytes(&c, min_of(c.left, BLOCK));
		struct chunk *chunk = chunk_at(d, pool, offset);
		agrees &= put_block(d, chunk, offset % CHUNK_BYTES, block);
		offset += BLOCK;
	}
	return agrees;
}

/* There is one end: nothing lies behind it, and every last fragment names the same. */
static bool end_agrees(const struct datagram *d, const struct piece *piece)
{
	if (d->total > 0)
		return piece->more ? piece->end <= d->total : piece->end == d->total;
	return piece->more || piece->end >= d->highest;
}

bool datagram_put(struct datagram *d, struct pool *pool, const struct piece *piece)
{
	if (!end_agrees(d, piece))
		return false;
	if (!piece->more)
		d->total = piece->end;
	if (piece->end > d->highest)
		d->highest = piece->end;
	return put_bytes(d, pool, piece->offset, piece->data);
}

bool datagram_holds(const struct datagram *d, const struct piece *piece)
{
	struct cursor c = cursor_of(piece->data);
	size_t offset = piece->offset;
	if (!end_agrees(d, piece))
		return false;
	while (c.left > 0) {
		size_t at = offset % CHUNK_BYTES;
		struct bytes part = cursor_bytes(&c, min_of(c.left, CHUNK_BYTES - at));
		const struct chunk *chunk = d->chunks[offset / CHUNK_BYTES];
		if (memcmp(chunk->bytes + at, part.at, part.len) != 0)
			return false;
		offset += part.len;
	}
	return true;
}

bool datagram_is_whole(const struct datagram *d)
{
	return d->total > 0 && d->blocks == (d->total + BLOCK - 1) / BLOCK;
}

struct bytes datagram_copy(const struct datagram *d, struct arena *arena)
{
	uint8_t *whole = arena_take(arena, d->total);
	for (size_t at = 0; at < d->total; at += CHUNK_BYTES) {
		const struct chunk *chunk = d->chunks[at / CHUNK_BYTES];
		memcpy(whole + at, chunk->bytes, min_of(CHUNK_BYTES, d->total - at));
	}
	return (struct bytes){ whole, d->total };
}

void datagram_drop_bytes(struct datagram *d, struct pool *pool)
{
	for (size_t i = 0; i < DATAGRAM_CHUNKS; i++) {
		pool_give(pool, d->chunks[i], sizeof(struct chunk));
		d->chunks[i] = NULL;
	}
}
