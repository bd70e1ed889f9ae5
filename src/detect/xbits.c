#include <stdlib.h>

#include "base/lru.h"
#include "base/memory.h"
#include "detect/xbits.h"

/* Without padding: it is compared as bytes. */
struct key {
	uint64_t name, track;
	struct address a, b;
};

struct mark {
	uint64_t until_ns; /* 0: not set */
};

struct xbits {
	struct lru *marks;
	uint64_t now_ns;    /* of the newest match */
	uint64_t forgotten; /* marks that were still set */
};

static void forget(void *context, const void *key, void *body)
{
	struct xbits *x = context;
	const struct mark *m = body;
	(void)key;
	x->forgotten += m->until_ns > x->now_ns;
}

struct xbits *xbits_new(unsigned keys)
{
	struct xbits *x = mem_new(sizeof(*x));
	x->marks = lru_new(keys ? keys : 1, keys / 8, sizeof(struct key), forget, x);
	return x;
}

void xbits_free(struct xbits *x)
{
	if (x)
		lru_free(x->marks);
	free(x);
}

uint64_t xbits_forgotten(const struct xbits *x)
{
	return x->forgotten;
}

/* A pair is the same whichever end is the source. */
static struct key key_of(const struct xbit *b, const struct address *src,
	const struct address *dst)
{
	struct key k = { .name = b->name, .track = b->track == XBIT_PAIR };
	bool swap = b->track == XBIT_PAIR && memcmp(src, dst, sizeof(*src)) > 0;
	k.a = b->track == XBIT_DST || swap ? *dst : *src;
	if (b->track == XBIT_PAIR)
		k.b = swap ? *src : *dst;
	return k;
}

static bool is_set(struct xbits *x, const struct key *k, uint64_t time_ns)
{
	const struct mark *m = lru_find(x->marks, k);
	return m && time_ns < m->until_ns;
}

static void change(struct xbits *x, const struct xbit *b, const struct key *k, uint64_t time_ns)
{
	bool set = b->does == FLOWBIT_SET || (b->does == FLOWBIT_TOGGLE && !is_set(x, k, time_ns));
	struct mark *m = set ? lru_make(x->marks, k, sizeof(*m), &(bool){ false })
		: lru_find(x->marks, k);
	if (m)
		m->until_ns = set ? time_ns + b->expire_s * 1000000000ull : 0;
}

bool xbits_pass(struct xbits *x, const struct rule *r, const struct address *src,
	const struct address *dst, uint64_t time_ns)
{
	if (time_ns > x->now_ns)
		x->now_ns = time_ns;
	for (unsigned i = 0; i < r->xbit_count; i++) {
		const struct xbit *b = &r->xbits[i];
		struct key k = key_of(b, src, dst);
		if (flowbit_asks(b->does) && is_set(x, &k, time_ns) != (b->does == FLOWBIT_ISSET))
			return false;
	}
	for (unsigned i = 0; i < r->xbit_count; i++) {
		const struct xbit *b = &r->xbits[i];
		struct key k = key_of(b, src, dst);
		if (!flowbit_asks(b->does))
			change(x, b, &k, time_ns);
	}
	return true;
}

unsigned xbits_turn(const struct rule *r)
{
	bool asks = false, sets = false;
	for (unsigned i = 0; i < r->xbit_count; i++) {
		asks |= flowbit_asks(r->xbits[i].does);
		sets |= !flowbit_asks(r->xbits[i].does);
	}
	return !asks ? 0 : sets ? 1 : 2;
}
