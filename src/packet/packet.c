#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "packet/fragments.h"
#include "packet/layers.h"

const struct decode_event_info decode_events[DECODE_EVENT_COUNT] = {
#define X(name, text, what) [DECODE_##name] = { text, what },
	DECODE_EVENTS(X)
#undef X
};

static_assert(DECODE_EVENT_COUNT <= 64, "packet.events has a bit for each");

enum { FRAGMENT_MEMORY = 4 * 1024 * 1024 };

struct decoder *decoder_new(const struct decoder_config *config)
{
	struct decoder *d = mem_new(sizeof(*d));
	size_t memory = config->fragment_memory;
	d->verify_checksums = config->verify_checksums;
	d->defrag = defrag_new(memory ? memory : FRAGMENT_MEMORY);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	defrag_free(d->defrag);
	free(d);
}

const struct decoder_counters *decoder_counters(const struct decoder *d)
{
	return &d->counters;
}

static void count(struct decoder_counters *n, const struct packet *p)
{
	n->packets++;
	n->bytes += p->wire_len;
	n->ipv4 += p->ip_version == 4;
	n->ipv6 += p->ip_version == 6;
	n->not_ip += p->ip_version == 0;
	if (p->events)
		n->events += (unsigned)__builtin_popcountll(p->events);
}

/* Zero what is decoded: the end of the first line and the two others. Each by itself: gcc makes
 * plain stores of 64 bytes, but `rep stos` of more, which takes as long to begin as a quarter of
 * all decoding. */
static inline void clear(struct packet *p)
{
	enum { LINE = 64, FIRST = offsetof(struct packet, vlan) };
	static_assert(FIRST < LINE && sizeof(*p) == 3 * LINE, "three lines");
	uint8_t *at = (uint8_t *)p;
	memset(at + FIRST, 0, LINE - FIRST);
	memset(at + LINE, 0, LINE);
	memset(at + 2 * LINE, 0, LINE);
}

/* ---- TCP over IPv4 over Ethernet, nothing special: most of the traffic ---- */

enum { IP_AT = 14, TCP_AT = 34, PLAIN_MIN = 54, FRAGMENTED = 0x3fff };

/* All of it was captured, and no header has anything that the layers would look at. */
static bool is_plain(const struct decoder *d, const struct packet *p)
{
	const uint8_t *h = p->frame.at;
	if (p->link_type != 1 || p->frame.len < PLAIN_MIN || d->verify_checksums)
		return false;
	size_t total = be16_at(h + IP_AT + 2), tcp = (h[TCP_AT + 12] >> 4) * 4u;
	return be16_at(h + 12) == ETHER_IPV4 && h[IP_AT] == 0x45 && h[IP_AT + 9] == PROTO_TCP &&
		(be16_at(h + IP_AT + 6) & FRAGMENTED) == 0 && tcp >= 20 && total >= 20 + tcp &&
		total <= p->frame.len - IP_AT;
}

/* What the layers would have made of it. */
static void decode_plain(struct decoder *d, struct packet *p)
{
	const uint8_t *h = p->frame.at, *tcp = h + TCP_AT;
	size_t header = (tcp[12] >> 4) * 4u, total = be16_at(h + IP_AT + 2);
	p->has_macs = p->has_ports = true;
	memcpy(p->dst_mac, h, 6);
	memcpy(p->src_mac, h + 6, 6);
	p->ip_version = 4;
	p->ip_header = h + IP_AT;
	p->ip_id = be16_at(h + IP_AT + 4);
	p->ttl = h[IP_AT + 8];
	p->proto = PROTO_TCP;
	address_set_ipv4(&p->src, h + IP_AT + 12);
	address_set_ipv4(&p->dst, h + IP_AT + 16);
	p->sport = be16_at(tcp);
	p->dport = be16_at(tcp + 2);
	p->seq = be32_at(tcp + 4);
	p->ack = be32_at(tcp + 8);
	p->tcp_flags = tcp[13];
	p->window = be16_at(tcp + 14);
	p->payload = (struct bytes){ tcp + header, total - 20 - header };
	p->payload_wire = (uint32_t)p->payload.len;
	d->counters.packets++;
	d->counters.bytes += p->wire_len;
	d->counters.ipv4++;
	d->counters.tcp++;
}

void packet_decode(struct decoder *d, struct packet *p, struct arena *arena)
{
	clear(p);
	if (is_plain(d, p)) {
		decode_plain(d, p);
		return;
	}
	struct walk w = {
		.decoder = d,
		.packet = p,
		.arena = arena,
		.c = cursor_of(p->frame),
		.cut = p->wire_len > p->frame.len ? p->wire_len - p->frame.len : 0,
	};
	decode_link(&w);
	count(&d->counters, p);
}
