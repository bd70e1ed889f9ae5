#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "packet/datagram.h"
#include "packet/fragments.h"
#include "packet/layers.h"

enum {
	IPV4_DATA_MAX = 65535 - 20,
	IPV6_DATA_MAX = 65535,
};

static const uint64_t timeout_ns =
	30 * (uint64_t)1000000000; /* RFC 1122: 60 to 120, Linux 30 */
static const uint64_t duplicate_ns = 50 * (uint64_t)1000000; /* copies of mirror ports */

static_assert(sizeof(struct datagram_key) == 44, "hashed as bytes: no padding");

TAILQ_HEAD(datagrams, datagram);

struct defrag {
	struct hash_key key;
	struct datagram **buckets;
	size_t bucket_mask;
	struct datagrams waiting, complete; /* oldest first */
	struct pool pool;
	size_t memory;
};

struct defrag *defrag_new(size_t memory)
{
	struct defrag *g = mem_new(sizeof(*g));
	size_t buckets = 16;
	while (buckets < memory / sizeof(struct chunk))
		buckets *= 2;
	g->key = hash_key_random();
	g->buckets = mem_array(buckets, sizeof(struct datagram *));
	g->bucket_mask = buckets - 1;
	g->memory = g->pool.limit = memory;
	TAILQ_INIT(&g->waiting);
	TAILQ_INIT(&g->complete);
	return g;
}

static struct datagram **bucket_of(struct defrag *g, const struct datagram_key *key)
{
	return &g->buckets[hash_keyed(&g->key, key, sizeof(*key)) & g->bucket_mask];
}

static struct datagrams *list_of(struct defrag *g, const struct datagram *d)
{
	return d->state == DATAGRAM_COMPLETE ? &g->complete : &g->waiting;
}

static void datagram_free(struct defrag *g, struct datagram *d)
{
	struct datagram **at = bucket_of(g, &d->key);
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	TAILQ_REMOVE(list_of(g, d), d, by_age);
	datagram_drop_bytes(d, &g->pool);
	pool_give(&g->pool, d, sizeof(*d));
}

void defrag_free(struct defrag *g)
{
	while (!TAILQ_EMPTY(&g->waiting))
		datagram_free(g, TAILQ_FIRST(&g->waiting));
	while (!TAILQ_EMPTY(&g->complete))
		datagram_free(g, TAILQ_FIRST(&g->complete));
	pool_fini(&g->pool);
	free(g->buckets);
	free(g);
}

static struct datagram *datagram_find(struct defrag *g, const struct datagram_key *key)
{
	struct datagram *d = *bucket_of(g, key);
	while (d && memcmp(&d->key, key, sizeof(*key)) != 0)
		d = d->next;
	return d;
}

static struct datagram *datagram_new(
	struct defrag *g, const struct datagram_key *key, uint64_t now_ns)
{
	struct datagram **bucket = bucket_of(g, key);
	struct datagram *d = pool_take(&g->pool, sizeof(*d));
	*d = (struct datagram){ .next = *bucket, .key = *key, .since_ns = now_ns };
	*bucket = d;
	TAILQ_INSERT_TAIL(&g->waiting, d, by_age);
	return d;
}

/* One that waits is given up: counted, and told on the packet in hand. */
static void shed(struct walk *w, struct datagram *d)
{
	if (d->state == DATAGRAM_WAITING) {
		w->decoder->counters.shed++;
		packet_event(w->packet, DECODE_FRAG_SHED);
	}
	datagram_free(w->decoder->defrag, d);
}

static void expire_list(struct walk *w, struct datagrams *list, uint64_t age_ns)
{
	struct datagram *d;
	uint64_t now_ns = w->packet->time_ns;
	while ((d = TAILQ_FIRST(list)) && now_ns > d->since_ns &&
		now_ns - d->since_ns > age_ns)
		shed(w, d);
}

/* Make room for more bytes of `d`. False if there is none but its own. */
static bool make_room(struct walk *w, const struct datagram *d, size_t len)
{
	struct defrag *g = w->decoder->defrag;
	size_t need = (len / CHUNK_BYTES + 2) * sizeof(struct chunk);
	while (g->pool.used + need > g->memory) {
		struct datagram *oldest = TAILQ_FIRST(&g->complete);
		if (!oldest)
			oldest = TAILQ_FIRST(&g->waiting);
		if (oldest == d)
			oldest = TAILQ_NEXT(d, by_age);
		if (!oldest)
			return false;
		shed(w, oldest);
	}
	return true;
}

/* The datagram this piece is to go into, NULL if it is a copy, comes too late or finds no
 * room. */
static struct datagram *claim(struct walk *w, const struct piece *piece, uint8_t proto)
{
	const struct packet *p = w->packet;
	struct defrag *g = w->decoder->defrag;
	struct datagram_key key = { p->src, p->dst, p->ip_id,
		{ p->vlan[0], p->vlan[1], p->vlan[2] }, p->ip_version, proto };
	struct datagram *d = datagram_find(g, &key);
	if (d && d->state == DATAGRAM_COMPLETE && !datagram_holds(d, piece)) {
		datagram_free(g, d); /* its number is used again */
		d = NULL;
	}
	if (d && d->state != DATAGRAM_WAITING)
		return NULL;
	if (!d)
		d = datagram_new(g, &key, p->time_ns);
	if (make_room(w, d, piece->data.len))
		return d;
	shed(w, d);
	return NULL;
}

/* Fragments that contradict each other. IPv6 hosts must discard the whole datagram then
 * (RFC 5722); IPv4 hosts differ, and the first data wins. */
static void overlap(struct walk *w, struct datagram *d)
{
	bool is_ipv6 = d->key.ip_version == 6;
	if (!d->told_overlap)
		packet_event(w->packet,
			is_ipv6 ? DECODE_IPV6_FRAG_OVERLAP : DECODE_IPV4_FRAG_OVERLAP);
	d->told_overlap = true;
	if (is_ipv6) {
		datagram_drop_bytes(d, &w->decoder->defrag->pool);
		d->state = DATAGRAM_DEAD;
	}
}

static void hand_on(struct walk *w, struct datagram *d, uint8_t *next)
{
	struct defrag *g = w->decoder->defrag;
	w->c = cursor_of(datagram_copy(d, w->arena));
	w->cut = 0;
	*next = d->next_header;
	w->packet->is_fragment = false;
	w->packet->is_reassembled = true;
	w->decoder->counters.reassembled++;
	TAILQ_REMOVE(&g->waiting, d, by_age);
	TAILQ_INSERT_TAIL(&g->complete, d, by_age);
	d->state = DATAGRAM_COMPLETE;
	d->since_ns = w->packet->time_ns;
}

/* All fragments but the last are multiples of eight bytes long; the odd rest of one that
 * is not is of no use, as in Linux. Neither is a block that was only captured in part. */
static struct piece piece_of(const struct walk *w, size_t offset, bool more)
{
	size_t len = walk_wire(w);
	if (more)
		len -= len % BLOCK;
	size_t kept = len < w->c.left ? len : w->c.left;
	if (kept < len)
		kept -= kept % BLOCK;
	return (struct piece){ offset, offset + len, more, { w->c.at, kept } };
}

static bool is_too_large(struct walk *w, size_t offset)
{
	bool is_ipv6 = w->packet->ip_version == 6;
	if (offset + walk_wire(w) <= (is_ipv6 ? IPV6_DATA_MAX : IPV4_DATA_MAX))
		return false;
	packet_event(w->packet, is_ipv6 ? DECODE_IPV6_FRAG_PKT_TOO_LARGE
					: DECODE_IPV4_FRAG_PKT_TOO_LARGE);
	return true;
}

bool reassemble(struct walk *w, size_t offset, bool more, uint8_t *next)
{
	struct defrag *g = w->decoder->defrag;
	struct piece piece = piece_of(w, offset, more);
	w->packet->is_fragment = true;
	w->decoder->counters.fragments++;
	expire_list(w, &g->waiting, timeout_ns);
	expire_list(w, &g->complete, duplicate_ns);
	if (is_too_large(w, offset) || piece.end == offset)
		return false;
	struct datagram *d = claim(w, &piece, w->packet->ip_version == 4 ? *next : 0);
	if (!d)
		return false;
	if (offset == 0 && !d->has_first)
		d->next_header = *next;
	d->has_first |= offset == 0;
	if (!datagram_put(d, &g->pool, &piece))
		overlap(w, d);
	if (d->state != DATAGRAM_WAITING || !datagram_is_whole(d))
		return false;
	hand_on(w, d, next);
	return true;
}
