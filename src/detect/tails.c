#include <stdlib.h>

#include "base/lru.h"
#include "base/text.h"
#include "detect/tails.h"

struct key {
	uint64_t flow, end;
};

struct tails {
	struct lru *streams;
	struct text large; /* what does not fit into a tail */
	unsigned room, count;
	uint64_t shed;
};

struct tails *tails_new(size_t memory)
{
	enum { OVERHEAD = 128 };
	struct tails *t = mem_new(sizeof(*t));
	size_t room = memory / (sizeof(struct tail) + OVERHEAD);
	t->room = room > 1 ? (unsigned)room : 1;
	t->streams = lru_new(t->room, t->room / 8, sizeof(struct key), NULL, NULL);
	return t;
}

void tails_free(struct tails *t)
{
	lru_free(t->streams);
	text_fini(&t->large);
	free(t);
}

uint64_t tails_shed(const struct tails *t)
{
	return t->shed;
}

struct tail *tails_of(struct tails *t, const struct flow *f, unsigned end)
{
	struct key key = { f->id, end };
	bool is_new;
	struct tail *tail = lru_make(t->streams, &key, sizeof(*tail), &is_new);
	t->shed += is_new && t->count == t->room;
	t->count += is_new && t->count < t->room;
	return tail;
}

static uint32_t kept(const struct tail *tail)
{
	return tail->len < TAIL_MAX ? tail->len : TAIL_MAX;
}

/* Where the bytes that are kept begin. */
static const uint8_t *kept_at(const struct tail *tail)
{
	return tail->bytes + tail->len - kept(tail);
}

static void keep_last(struct tail *tail, struct bytes all)
{
	tail->len = all.len < TAIL_MAX ? (uint32_t)all.len : TAIL_MAX;
	memcpy(tail->bytes, all.at + all.len - tail->len, tail->len);
}

static struct bytes join_large(struct tails *t, struct tail *tail, struct bytes data)
{
	text_clear(&t->large);
	text_put(&t->large, kept_at(tail), kept(tail));
	text_put(&t->large, data.at, data.len);
	struct bytes all = { (const uint8_t *)t->large.at, t->large.len };
	keep_last(tail, all);
	return all;
}

struct bytes tail_join(struct tails *t, struct tail *tail, struct bytes data)
{
	uint32_t before = kept(tail);
	tail->sent += data.len;
	if (before + data.len > TAIL_ROOM)
		return join_large(t, tail, data);
	if (tail->len + data.len > TAIL_ROOM) {
		memmove(tail->bytes, kept_at(tail), before);
		tail->len = before;
	}
	if (data.len)
		memcpy(tail->bytes + tail->len, data.at, data.len);
	tail->len += (uint32_t)data.len;
	return (struct bytes){ tail->bytes + tail->len - data.len - before, before + data.len };
}

void tails_gap(struct tails *t, const struct flow *f, unsigned end)
{
	struct key key = { f->id, end };
	struct tail *tail = lru_find(t->streams, &key);
	if (tail)
		tail->sent = tail->open_until = tail->len = 0;
}
