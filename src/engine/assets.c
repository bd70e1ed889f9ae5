#include <stdlib.h>

#include "base/hash.h"
#include "base/lru.h"
#include "base/memory.h"
#include "engine/assets.h"

enum { TEXT_MAX = 256 }; /* bytes kept of each thing a device says of itself */

struct key {
	struct address address;
	uint64_t protocol, role, port;
};

struct asset {
	uint8_t *text[IDENTITY_COUNT];
	size_t len[IDENTITY_COUNT];
};

struct assets {
	struct lru *known;
	void (*emit)(void *context, const struct eve_asset *a);
	void *context;
};

static void on_dropped(void *context, const void *key, void *body)
{
	struct asset *a = body;
	(void)context;
	(void)key;
	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		free(a->text[i]);
}

struct assets *assets_new(unsigned limit,
	void (*emit)(void *context, const struct eve_asset *a), void *context)
{
	struct assets *a = mem_new(sizeof(*a));
	a->known = lru_new(limit, limit / 8, sizeof(struct key), on_dropped, NULL);
	a->emit = emit;
	a->context = context;
	return a;
}

void assets_free(struct assets *a)
{
	lru_free(a->known);
	free(a);
}

/* Keep what is told now; true if it is not what was known. */
static bool learn(struct asset *a, const struct bytes identity[IDENTITY_COUNT])
{
	bool changed = false;
	for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
		size_t len = identity[i].len < TEXT_MAX ? identity[i].len : TEXT_MAX;
		if (len == 0 || (len == a->len[i] && memcmp(a->text[i], identity[i].at, len) == 0))
			continue;
		a->text[i] = mem_resize(a->text[i], len);
		memcpy(a->text[i], identity[i].at, len);
		a->len[i] = len;
		changed = true;
	}
	return changed;
}

void assets_see(struct assets *a, const struct eve_asset *seen)
{
	struct key key = { seen->address,
		hash_fast(seen->protocol, strlen(seen->protocol), 0),
		hash_fast(seen->role, strlen(seen->role), 0), seen->port };
	bool is_new;
	struct asset *known = lru_make(a->known, &key, sizeof(*known), &is_new);
	if (!learn(known, seen->identity) && !is_new)
		return;
	struct eve_asset event = *seen;
	event.is_new = is_new;
	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		event.identity[i] = (struct bytes){ known->text[i], known->len[i] };
	a->emit(a->context, &event);
}
