#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "detect/threshold.h"

/* What is counted together. Without padding: it is hashed and compared as bytes. */
struct key {
	uint32_t index, gid, sid, is_filter;
	uint64_t flow_id;
	struct address a, b;
};

struct entry {
	struct key key;
	struct entry *chain, *older, *newer;
	bool has_begun;      /* the window */
	uint64_t start_ns;
	uint64_t next;       /* backoff: the match that alerts next */
	uint32_t count;      /* matches, or different values, in this window */
	uint32_t room;       /* of values, a power of two; 0: none */
	uint64_t *values;    /* open addressing, 0 is free */
};

struct thresholds {
	struct entry **buckets;
	uint64_t mask;
	unsigned keys, used;
	struct entry *oldest, *newest;
	struct hash_key hash_key;
	struct pool pool;
	size_t bytes_max;
	uint64_t forgotten;
};

enum { BYTES_A_KEY = 512 }; /* on average, values included */

struct thresholds *thresholds_new(unsigned keys)
{
	struct thresholds *t = mem_new(sizeof(*t));
	uint64_t buckets = 64;
	while (buckets < keys)
		buckets *= 2;
	t->buckets = mem_array(buckets, sizeof(*t->buckets));
	t->mask = buckets - 1;
	t->keys = keys ? keys : 1;
	t->bytes_max = (size_t)t->keys * BYTES_A_KEY;
	t->hash_key = hash_key_random();
	return t;
}

uint64_t thresholds_forgotten(const struct thresholds *t)
{
	return t->forgotten;
}

/* ---- the table ---- */

static struct entry **bucket_of(struct thresholds *t, const struct key *key)
{
	return &t->buckets[hash_keyed(&t->hash_key, key, sizeof(*key)) & t->mask];
}

static void age_leave(struct thresholds *t, struct entry *e)
{
	*(e->older ? &e->older->newer : &t->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &t->newest) = e->older;
}

static void age_enter(struct thresholds *t, struct entry *e)
{
	e->newer = NULL;
	e->older = t->newest;
	*(t->newest ? &t->newest->newer : &t->oldest) = e;
	t->newest = e;
}

static void forget_oldest(struct thresholds *t)
{
	struct entry *e = t->oldest;
	struct entry **at = bucket_of(t, &e->key);
	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	age_leave(t, e);
	pool_give(&t->pool, e->values, e->room * sizeof(*e->values));
	pool_give(&t->pool, e, sizeof(*e));
	t->used--;
}

void thresholds_free(struct thresholds *t)
{
	if (!t)
		return;
	while (t->oldest)
		forget_oldest(t);
	pool_fini(&t->pool);
	free(t->buckets);
	free(t);
}

static uint32_t values_room(const struct threshold *h)
{
	uint32_t room = 8;
	if (h->type != THRESHOLD_DISTINCT)
		return 0;
	while (room < THRESHOLD_VALUES_MAX * 2u && room < h->count * 2ull)
		room *= 2;
	return room;
}

static struct entry *entry_new(struct thresholds *t, const struct key *key,
	const struct threshold *h)
{
	uint32_t room = values_room(h);
	size_t bytes = sizeof(struct entry) + room * sizeof(uint64_t);
	while (t->oldest && (t->used >= t->keys || t->pool.used + bytes > t->bytes_max)) {
		forget_oldest(t);
		t->forgotten++;
	}
	struct entry *e = pool_take(&t->pool, sizeof(*e));
	struct entry **at = bucket_of(t, key);
	*e = (struct entry){ .key = *key, .chain = *at, .next = h->count, .room = room };
	if (room)
		e->values = pool_take(&t->pool, room * sizeof(*e->values));
	*at = e;
	age_enter(t, e);
	t->used++;
	return e;
}

/* The entry of this key, now the youngest. */
static struct entry *entry_of(struct thresholds *t, const struct key *key,
	const struct threshold *h)
{
	struct entry *e = *bucket_of(t, key);
	while (e && memcmp(&e->key, key, sizeof(*key)) != 0)
		e = e->chain;
	if (!e)
		return entry_new(t, key, h);
	if (e != t->newest) {
		age_leave(t, e);
		age_enter(t, e);
	}
	return e;
}

/* ---- what counts, and when it is enough ---- */

static bool window_is_over(const struct entry *e, const struct threshold *h, uint64_t now_ns)
{
	return h->seconds && now_ns > e->start_ns + h->seconds * 1000000000ull;
}

static bool value_is_new(struct entry *e, uint64_t value)
{
	value = value ? value : 1;
	uint64_t mask = e->room - 1, at = value & mask;
	while (e->values[at] && e->values[at] != value)
		at = (at + 1) & mask;
	if (e->values[at])
		return false;
	e->values[at] = value;
	return true;
}

static bool distinct_enough(struct entry *e, const struct threshold *h, uint64_t value)
{
	if (e->count == THRESHOLD_VALUES_MAX || !value_is_new(e, value))
		return false;
	if (++e->count < h->count)
		return false;
	e->has_begun = false;
	return true;
}

static bool backoff_enough(struct entry *e, const struct threshold *h)
{
	if (e->count == UINT32_MAX || ++e->count < e->next)
		return false;
	e->next = e->next * (h->multiplier > 1 ? h->multiplier : 2);
	return true;
}

static bool threshold_enough(struct entry *e, const struct threshold *h)
{
	if (++e->count < h->count)
		return false;
	e->count = 0;
	return true;
}

static bool is_enough(struct entry *e, const struct threshold *h, uint64_t value)
{
	switch (h->type) {
	case THRESHOLD_DISTINCT:
		return distinct_enough(e, h, value);
	case THRESHOLD_BACKOFF:
		return backoff_enough(e, h);
	case THRESHOLD_THRESHOLD:
		return threshold_enough(e, h);
	case THRESHOLD_LIMIT:
	case THRESHOLD_BOTH:
	case THRESHOLD_DETECTION_FILTER:
	case THRESHOLD_NONE:
		break;
	}
	e->count += e->count < UINT32_MAX;
	return h->type == THRESHOLD_LIMIT ? e->count <= h->count
		: h->type == THRESHOLD_BOTH ? e->count == h->count : e->count > h->count;
}

/* A window begins with the first match, and with the first one after its end. Suricata
 * counts on without a pause after a `threshold` alert, `distinct` begins anew. */
static void window_follow(struct entry *e, const struct threshold *h, uint64_t now_ns)
{
	if (e->has_begun && (h->type == THRESHOLD_BACKOFF || !window_is_over(e, h, now_ns)))
		return;
	e->has_begun = true;
	e->start_ns = now_ns;
	e->count = 0;
	if (e->room)
		memset(e->values, 0, e->room * sizeof(*e->values));
}

static struct key key_of(const struct rule *r, const struct threshold *h,
	const struct address *src, const struct address *dst, uint64_t flow_id)
{
	struct key k = { .index = r->index, .gid = r->gid, .sid = r->sid,
		.is_filter = h == &r->filter };
	bool swap = memcmp(src, dst, sizeof(*src)) > 0;
	switch (h->track) {
	case TRACK_BY_SRC:
		k.a = *src;
		break;
	case TRACK_BY_DST:
		k.a = *dst;
		break;
	case TRACK_BY_BOTH:
		k.a = swap ? *dst : *src;
		k.b = swap ? *src : *dst;
		break;
	case TRACK_BY_FLOW:
		k.flow_id = flow_id;
		break;
	case TRACK_BY_RULE:
		break;
	}
	return k;
}

bool threshold_pass(struct thresholds *t, const struct rule *r, const struct address *src,
	const struct address *dst, uint64_t flow_id, uint64_t time_ns, uint64_t value)
{
	const struct threshold *const both[] = { &r->filter, &r->threshold };
	for (unsigned i = 0; i < 2; i++) {
		const struct threshold *h = both[i];
		if (h->type == THRESHOLD_NONE)
			continue;
		struct key key = key_of(r, h, src, dst, flow_id);
		struct entry *e = entry_of(t, &key, h);
		window_follow(e, h, time_ns);
		if (!is_enough(e, h, value))
			return false;
	}
	return true;
}
