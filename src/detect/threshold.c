#include <stdlib.h>

#include "base/lru.h"
#include "base/memory.h"
#include "detect/threshold.h"

/* What is counted together. Without padding: it is compared as bytes. */
struct key {
	uint32_t gid, sid, twin; /* the rule, the same after a reload */
	uint32_t count, seconds, multiplier; /* changed by a reload, it begins anew */
	uint8_t type, track, is_filter, unused[5];
	uint64_t flow_id;
	struct address a, b;
};

struct window {
	uint64_t start_ns;
	uint64_t next;     /* backoff: the match that alerts next */
	uint32_t count;    /* matches, or different values */
	uint32_t room;     /* of values, a power of two; 0: none */
	bool has_begun;
	bool has_told[ORDER_OBEYED + 1]; /* by what alerts were about */
	uint64_t values[]; /* open addressing, 0 is free */
};

struct thresholds {
	struct lru *windows;
	size_t bytes, bytes_max;
	uint64_t now_ns;    /* of the newest match */
	uint64_t forgotten; /* windows that were not over */
};

enum { BYTES_A_KEY = 256 }; /* on average, values included */

static size_t window_size(uint32_t room)
{
	return sizeof(struct window) + room * sizeof(uint64_t);
}

static bool is_over(uint64_t start_ns, uint32_t seconds, uint64_t now_ns)
{
	return seconds && now_ns > start_ns + seconds * 1000000000ull;
}

static void forget(void *context, const void *key, void *body)
{
	struct thresholds *t = context;
	const struct window *w = body;
	const struct key *k = key;
	t->bytes -= window_size(w->room);
	t->forgotten += k->type == THRESHOLD_BACKOFF || !is_over(w->start_ns, k->seconds, t->now_ns);
}

struct thresholds *thresholds_new(unsigned keys)
{
	struct thresholds *t = mem_new(sizeof(*t));
	t->windows = lru_new(keys ? keys : 1, keys / 8, sizeof(struct key), forget, t);
	t->bytes_max = (keys ? keys : 1) * (size_t)BYTES_A_KEY;
	return t;
}

void thresholds_free(struct thresholds *t)
{
	if (t)
		lru_free(t->windows);
	free(t);
}

uint64_t thresholds_forgotten(const struct thresholds *t)
{
	return t->forgotten;
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

/* The window of this key; a new one has not begun. */
static struct window *window_of(struct thresholds *t, const struct key *key,
	const struct threshold *h)
{
	struct window *w = lru_find(t->windows, key);
	uint32_t room = values_room(h);
	const void *oldest;
	bool is_new;
	if (w)
		return w;
	while (t->bytes + window_size(room) > t->bytes_max && lru_oldest(t->windows, &oldest))
		lru_drop_oldest(t->windows);
	w = lru_make(t->windows, key, window_size(room), &is_new);
	w->next = h->count;
	w->room = room;
	t->bytes += window_size(room);
	return w;
}

/* ---- what counts, and when it is enough ---- */

static bool value_is_new(struct window *w, uint64_t value)
{
	value = value ? value : 1;
	uint64_t mask = w->room - 1, at = value & mask;
	while (w->values[at] && w->values[at] != value)
		at = (at + 1) & mask;
	if (w->values[at])
		return false;
	w->values[at] = value;
	return true;
}

/* Once a window. */
static bool distinct_enough(struct window *w, const struct threshold *h, uint64_t value)
{
	if (w->count >= h->count || w->count == THRESHOLD_VALUES_MAX || !value_is_new(w, value))
		return false;
	return ++w->count == h->count;
}

static bool backoff_enough(struct window *w, const struct threshold *h)
{
	if (w->count == UINT32_MAX || ++w->count < w->next)
		return false;
	w->next = w->next * (h->multiplier > 1 ? h->multiplier : 2);
	return true;
}

static bool threshold_enough(struct window *w, const struct threshold *h)
{
	if (++w->count < h->count)
		return false;
	w->count = 0;
	return true;
}

static bool is_enough(struct window *w, const struct threshold *h, uint64_t value)
{
	switch (h->type) {
	case THRESHOLD_DISTINCT:
		return distinct_enough(w, h, value);
	case THRESHOLD_BACKOFF:
		return backoff_enough(w, h);
	case THRESHOLD_THRESHOLD:
		return threshold_enough(w, h);
	case THRESHOLD_LIMIT:
	case THRESHOLD_BOTH:
	case THRESHOLD_DETECTION_FILTER:
	case THRESHOLD_NONE:
		break;
	}
	w->count += w->count < UINT32_MAX;
	return h->type == THRESHOLD_LIMIT ? w->count <= h->count
		: h->type == THRESHOLD_BOTH ? w->count == h->count : w->count > h->count;
}

/* The first accepted command behind others. */
static bool is_awaited(const struct window *w, const struct threshold *h, enum order order)
{
	return order == ORDER_OBEYED && w->has_told[ORDER_TRIED] &&
		!w->has_told[ORDER_OBEYED] &&
		(h->type == THRESHOLD_LIMIT || h->type == THRESHOLD_BOTH ||
			h->type == THRESHOLD_BACKOFF);
}

/* A window begins with the first match, and with the first one after its end. */
static void window_follow(struct window *w, const struct threshold *h, uint64_t now_ns)
{
	if (w->has_begun &&
		(h->type == THRESHOLD_BACKOFF || !is_over(w->start_ns, h->seconds, now_ns)))
		return;
	w->has_begun = true;
	w->start_ns = now_ns;
	w->count = 0;
	memset(w->has_told, 0, sizeof(w->has_told));
	if (w->room)
		memset(w->values, 0, w->room * sizeof(*w->values));
}

static struct key key_of(const struct rule *r, const struct threshold *h,
	const struct address *src, const struct address *dst, uint64_t flow_id)
{
	struct key k = { .gid = r->gid, .sid = r->sid, .twin = r->twin, .count = h->count,
		.seconds = h->seconds, .multiplier = h->multiplier, .type = (uint8_t)h->type,
		.track = (uint8_t)h->track, .is_filter = h == &r->filter };
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

static bool has_told(const struct window *w)
{
	bool has = false;
	for (unsigned i = 0; i <= ORDER_OBEYED; i++)
		has |= w->has_told[i];
	return has;
}

enum threshold_answer threshold_pass(struct thresholds *t, const struct rule *r,
	const struct address *src, const struct address *dst, uint64_t flow_id, uint64_t time_ns,
	uint64_t value, enum order order)
{
	const struct threshold *const both[] = { &r->filter, &r->threshold };
	if (time_ns > t->now_ns)
		t->now_ns = time_ns;
	for (unsigned i = 0; i < 2; i++) {
		const struct threshold *h = both[i];
		if (h->type == THRESHOLD_NONE)
			continue;
		struct key key = key_of(r, h, src, dst, flow_id);
		struct window *w = window_of(t, &key, h);
		window_follow(w, h, time_ns);
		if (!is_enough(w, h, value) && !is_awaited(w, h, order))
			return has_told(w) ? THRESHOLD_HOLDS_BACK : THRESHOLD_COUNTS;
		w->has_told[order] = true;
	}
	return THRESHOLD_ALERTS;
}

void threshold_prefetch(const struct thresholds *t, const struct rule *r,
	const struct address *src, const struct address *dst, uint64_t flow_id, unsigned step)
{
	const struct threshold *h = r->filter.type == THRESHOLD_NONE ? &r->threshold : &r->filter;
	struct key key = key_of(r, h, src, dst, flow_id);
	if (step == 0)
		lru_prefetch_bucket(t->windows, &key);
	else
		lru_prefetch_body(t->windows, &key);
}
