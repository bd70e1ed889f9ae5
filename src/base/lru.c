#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/lru.h"
#include "base/memory.h"

/* Starts a cache line; a key of one word lies in it too, and the body begins the next. */
struct entry {
	struct entry *chain, *older, *newer;
	uint64_t hash;
	uint64_t used;   /* the map's clock when it was last moved to the end */
	alignas(16) unsigned char key[]; /* then the body, aligned to 16 */
};
static_assert(sizeof(struct entry) + 16 == 64, "the first line");

struct lru {
	struct entry **buckets;
	unsigned bucket_count, limit, count;
	uint64_t clock;  /* moves so far */
	uint64_t epoch;
	unsigned slack;
	size_t key_len;
	struct entry *oldest, *newest;
	uint64_t seed;
	void (*dropped)(void *context, const void *key, void *body);
	void *context;
};

struct lru *lru_new(unsigned limit, unsigned slack, size_t key_len,
	void (*dropped)(void *context, const void *key, void *body), void *context)
{
	struct lru *l = mem_new(sizeof(*l));
	l->limit = limit ? limit : 1;
	l->bucket_count = 16;
	l->buckets = mem_array(l->bucket_count, sizeof(*l->buckets));
	l->key_len = key_len;
	l->seed = hash_key_random().k0;
	l->slack = slack;
	l->dropped = dropped;
	l->context = context;
	return l;
}

/* Keys of one word are as good as hashes mostly; the seed keeps their maker from choosing
 * the bucket. */
static inline uint64_t hash_of(const struct lru *l, const void *key)
{
	uint64_t word;
	if (l->key_len != sizeof(word))
		return hash_fast(key, l->key_len, l->seed);
	memcpy(&word, key, sizeof(word));
	return hash_mix(word ^ l->seed, l->seed);
}

static inline bool is_key(const struct lru *l, const struct entry *e, const void *key)
{
	if (l->key_len == sizeof(uint64_t))
		return memcmp(e->key, key, sizeof(uint64_t)) == 0;
	return memcmp(e->key, key, l->key_len) == 0;
}

static size_t head_size(const struct lru *l)
{
	return sizeof(struct entry) + ((l->key_len + 15) & ~(size_t)15);
}

static size_t entry_size(const struct lru *l, size_t body_size)
{
	return head_size(l) + body_size;
}

static void *body_of(const struct lru *l, struct entry *e)
{
	return (char *)e + head_size(l);
}

static struct entry **bucket_of(const struct lru *l, uint64_t hash)
{
	return &l->buckets[hash & (l->bucket_count - 1)];
}

static void use_remove(struct lru *l, struct entry *e)
{
	*(e->older ? &e->older->newer : &l->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &l->newest) = e->older;
}

static void use_append(struct lru *l, struct entry *e)
{
	e->older = l->newest;
	e->newer = NULL;
	*(l->newest ? &l->newest->newer : &l->oldest) = e;
	l->newest = e;
	e->used = l->clock++;
}

static struct entry *look(const struct lru *l, const void *key, uint64_t hash)
{
	struct entry *e = *bucket_of(l, hash);
	while (e && (e->hash != hash || !is_key(l, e, key)))
		e = e->chain;
	return e;
}

static struct entry *find(struct lru *l, const void *key, uint64_t hash)
{
	struct entry *e = look(l, key, hash);
	if (e && l->clock - e->used > l->slack + 1) {
		use_remove(l, e);
		use_append(l, e);
	}
	return e;
}

static void grow(struct lru *l)
{
	l->bucket_count *= 2;
	l->buckets = mem_resize(l->buckets, l->bucket_count * sizeof(*l->buckets));
	memset(l->buckets, 0, l->bucket_count * sizeof(*l->buckets));
	for (struct entry *e = l->oldest; e; e = e->newer) {
		e->chain = *bucket_of(l, e->hash);
		*bucket_of(l, e->hash) = e;
	}
}

void *lru_find(struct lru *l, const void *key)
{
	struct entry *e = find(l, key, hash_of(l, key));
	return e ? body_of(l, e) : NULL;
}

void *lru_peek(const struct lru *l, const void *key)
{
	struct entry *e = look(l, key, hash_of(l, key));
	return e ? body_of(l, e) : NULL;
}

void *lru_make(struct lru *l, const void *key, size_t body_size, bool *is_new)
{
	uint64_t hash = hash_of(l, key);
	struct entry *e = find(l, key, hash);
	*is_new = !e;
	if (e)
		return body_of(l, e);
	if (l->count == l->limit)
		lru_drop_oldest(l);
	if (l->count == l->bucket_count)
		grow(l);
	e = mem_new(entry_size(l, body_size));
	e->hash = hash;
	memcpy(e->key, key, l->key_len);
	e->chain = *bucket_of(l, hash);
	*bucket_of(l, hash) = e;
	use_append(l, e);
	l->count++;
	return body_of(l, e);
}

void *lru_grow(struct lru *l, void *body, size_t old_size, size_t size)
{
	struct entry *old = (struct entry *)((char *)body - head_size(l));
	struct entry *e = mem_aligned(entry_size(l, size)), **at = bucket_of(l, old->hash);
	memcpy(e, old, entry_size(l, old_size));
	l->epoch++;
	while (*at != old)
		at = &(*at)->chain;
	*at = e;
	*(e->older ? &e->older->newer : &l->oldest) = e;
	*(e->newer ? &e->newer->older : &l->newest) = e;
	free(old);
	return body_of(l, e);
}

uint64_t lru_epoch(const struct lru *l)
{
	return l->epoch;
}

void lru_prefetch_bucket(const struct lru *l, const void *key)
{
	__builtin_prefetch(bucket_of(l, hash_of(l, key)));
}

void lru_prefetch_body(const struct lru *l, const void *key)
{
	const struct entry *e = *bucket_of(l, hash_of(l, key));
	if (!e)
		return;
	for (size_t at = 0; at < head_size(l); at += 64)
		__builtin_prefetch((const char *)e + at);
	__builtin_prefetch((const char *)e + head_size(l), 1);
}

void *lru_oldest(struct lru *l, const void **key)
{
	if (!l->oldest)
		return NULL;
	*key = l->oldest->key;
	return body_of(l, l->oldest);
}

static void drop(struct lru *l, struct entry *e)
{
	struct entry **at = bucket_of(l, e->hash);
	if (l->dropped)
		l->dropped(l->context, e->key, body_of(l, e));
	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	use_remove(l, e);
	free(e);
	l->epoch++;
	l->count--;
}

void lru_drop_oldest(struct lru *l)
{
	drop(l, l->oldest);
}

void lru_drop(struct lru *l, const void *key)
{
	struct entry *e = look(l, key, hash_of(l, key));
	if (e)
		drop(l, e);
}

void lru_each(const struct lru *l, uint64_t *place,
	bool (*see)(void *context, const void *key, const void *body), void *context)
{
	for (struct entry *e = l->oldest; e; e = e->newer) {
		if (e->used < *place)
			continue;
		*place = e->used + 1;
		if (!see(context, e->key, body_of(l, e)) && e->newer)
			return;
	}
	*place = 0;
}

void lru_free(struct lru *l)
{
	while (l->oldest)
		lru_drop_oldest(l);
	free(l->buckets);
	free(l);
}
