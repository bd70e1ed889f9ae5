#include "base/hash.h"
#include "incident/host.h"
#include "incident/register.h"

void owner_claim(struct incidents *i, struct owner *o, bool joins, const struct incident *n)
{
	if (!joins && incident_of(i, o->serial))
		return;
	o->serial = n->serial;
	o->joins = joins;
}

/* Registered devices go by their id, others without IP by their MAC, in a range that no
 * address comes from: RFC 6666's discard-only prefix. */
struct address incident_host(const struct incident_end *e)
{
	struct address key = { .at = { 0x01, e->asset != NULL } };
	if (e->asset) {
		uint64_t id = hash_fast(e->asset->id, strlen(e->asset->id), 0);
		memcpy(key.at + 8, &id, sizeof(id));
		return key;
	}
	if (e->has_ip)
		return e->ip;
	if (!e->has_mac)
		return (struct address){ 0 };
	memcpy(key.at + 10, e->mac, sizeof(e->mac));
	return key;
}

const struct address host_nowhere = { .at = { 0x01, 2 } };

bool host_is_known(const struct address *host)
{
	static const struct address none;
	return memcmp(host, &none, sizeof(none)) != 0;
}

static void stay(const struct incidents *i, struct host *h)
{
	if (i->now_ns > h->last_ns + gap_ns(i)) {
		h->is_wide = false;
		h->peer_count = 0;
	}
	h->last_ns = i->now_ns;
}

struct host *host_of(struct incidents *i, const struct address *key)
{
	bool is_new;
	if (!host_is_known(key))
		return NULL;
	struct host *h = lru_make(i->hosts, key, sizeof(*h), &is_new);
	stay(i, h);
	return h;
}

static bool has_peer(const struct host *h, const struct address *peer)
{
	for (unsigned p = 0; p < h->peer_count; p++)
		if (memcmp(&h->peers[p], peer, sizeof(*peer)) == 0)
			return true;
	return false;
}

/* What only met this host was joined by it: no longer. */
static void become_wide(struct incidents *i, struct host *h)
{
	h->is_wide = true;
	for (unsigned p = 0; p < h->peer_count; p++) {
		struct host *peer = lru_peek(i->hosts, &h->peers[p]);
		if (peer && peer->peer_count == 1 && !peer->is_wide)
			peer->owner.joins = false;
	}
	i->epoch++;
}

void host_note_peer(struct incidents *i, struct host *h, const struct address *peer)
{
	if (!h || h->is_wide || !host_is_known(peer) || has_peer(h, peer))
		return;
	if (h->peer_count == INCIDENT_HUB_PEERS)
		become_wide(i, h);
	else
		h->peers[h->peer_count++] = *peer;
}
