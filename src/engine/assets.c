#include <stdlib.h>

#include "base/hash.h"
#include "base/lru.h"
#include "base/memory.h"
#include "engine/assets.h"

enum { TEXT_MAX = 256 }; /* bytes kept of each thing a device says of itself */
enum { KEPT_S = 3600 };  /* nobody is forgotten so early for a new one */

struct key {
	struct address address;
	uint64_t protocol, role, port;
};

struct asset {
	struct eve_asset seen; /* at first sight; texts are below */
	uint8_t *text[IDENTITY_COUNT];
	size_t len[IDENTITY_COUNT];
	uint64_t last_ns;
};

struct assets {
	struct lru *known;
	unsigned count, limit;
	uint64_t left_out;
	void (*emit)(void *context, const struct eve_asset *a);
	void *context;
};

/* What is known of it, the texts included. */
static struct eve_asset now_of(const struct asset *a)
{
	struct eve_asset now = a->seen;
	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		now.identity[i] = (struct bytes){ a->text[i], a->len[i] };
	return now;
}

static void on_dropped(void *context, const void *key, void *body)
{
	struct assets *all = context;
	struct asset *a = body;
	(void)key;
	all->count--;
	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		free(a->text[i]);
}

struct assets *assets_new(unsigned limit,
	void (*emit)(void *context, const struct eve_asset *a), void *context)
{
	struct assets *a = mem_new(sizeof(*a));
	a->limit = limit;
	a->known = lru_new(limit, 0, sizeof(struct key), on_dropped, a);
	a->emit = emit;
	a->context = context;
	return a;
}

void assets_free(struct assets *a)
{
	lru_free(a->known);
	free(a);
}

uint64_t assets_left_out(const struct assets *a)
{
	return a->left_out;
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

/* Made up addresses would push out the real ones, and these be new again. */
static bool has_room(const struct assets *a, uint64_t now_ns)
{
	const void *key;
	const struct asset *oldest = a->count < a->limit ? NULL : lru_oldest(a->known, &key);
	return !oldest || now_ns > oldest->last_ns + KEPT_S * UINT64_C(1000000000);
}

static struct asset *find_or_make(struct assets *a, const struct key *key, uint64_t now_ns,
	bool *is_new)
{
	struct asset *known = lru_find(a->known, key);
	*is_new = !known;
	if (!known && !has_room(a, now_ns)) {
		a->left_out++;
		return NULL;
	}
	if (!known)
		known = lru_make(a->known, key, sizeof(*known), is_new);
	a->count += *is_new;
	if (now_ns > known->last_ns)
		known->last_ns = now_ns;
	return known;
}

void assets_see(struct assets *a, const struct eve_asset *seen)
{
	struct key key = { seen->address,
		hash_fast(seen->protocol, strlen(seen->protocol), 0),
		hash_fast(seen->role, strlen(seen->role), 0), seen->port };
	bool is_new;
	struct asset *known = find_or_make(a, &key, seen->time_ns, &is_new);
	if (!known || (!learn(known, seen->identity) && !is_new))
		return;
	if (is_new)
		known->seen = *seen;
	struct eve_asset event = now_of(known);
	event.is_new = is_new;
	event.has_mac = seen->has_mac;
	memcpy(event.mac, seen->mac, sizeof(event.mac));
	event.time_ns = seen->time_ns;
	event.number = seen->number;
	a->emit(a->context, &event);
}

struct show {
	bool (*see)(void *context, const struct eve_asset *a);
	void *context;
};

static bool show(void *context, const void *key, const void *body)
{
	const struct show *s = context;
	struct eve_asset now = now_of(body);
	(void)key;
	return s->see(s->context, &now);
}

void assets_each(const struct assets *a, uint64_t *place,
	bool (*see)(void *context, const struct eve_asset *a), void *context)
{
	lru_each(a->known, place, show, &(struct show){ see, context });
}
