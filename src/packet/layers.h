/* What the files of this folder share: the walk through one packet's layers.
 *
 * Every layer reads its header with walk_take(), which tells two things apart that look
 * alike: bytes the sender never sent (an event) and bytes the capture did not keep (none;
 * the walk just ends). Private to src/packet. */
#ifndef IRONSPAN_LAYERS_H
#define IRONSPAN_LAYERS_H

#include "packet/checksum.h"

struct defrag;

struct decoder {
	bool verify_checksums;
	struct decoder_counters counters;
	struct defrag *defrag;
};

struct walk {
	struct decoder *decoder;
	struct packet *packet;
	struct arena *arena;
	struct cursor c; /* captured bytes of the layer in hand */
	size_t cut;      /* how many more of them were on the wire */
	unsigned tunnels; /* that it came out of */
	bool is_routed;  /* IPv6: dst is not yet the last one, as checksums want it */
};

static inline void packet_event(struct packet *p, enum decode_event event)
{
	p->events |= (uint64_t)1 << event;
}

static inline size_t walk_wire(const struct walk *w)
{
	return w->c.left + w->cut;
}

/* The next `len` bytes, consumed. NULL when they were not captured; `too_small` is raised
 * if they were not on the wire either. */
static inline const uint8_t *walk_take(
	struct walk *w, size_t len, enum decode_event too_small)
{
	if (__builtin_expect(len > w->c.left, 0)) {
		if (len > walk_wire(w))
			packet_event(w->packet, too_small);
		return NULL;
	}
	return cursor_bytes(&w->c, len).at;
}

/* Step over `len` bytes that were on the wire, captured or not. */
static inline void walk_skip(struct walk *w, size_t len)
{
	size_t kept = len < w->c.left ? len : w->c.left;
	cursor_skip(&w->c, kept);
	w->cut -= len - kept;
}

/* The layer in hand is `len` bytes long, says its header: what follows is padding. False
 * if the wire did not hold so many; the missing ones then count as cut. */
static inline bool walk_limit(struct walk *w, size_t len)
{
	bool fits = len <= walk_wire(w);
	if (len <= w->c.left) {
		w->c.left = len;
		w->cut = 0;
	} else {
		w->cut = len - w->c.left;
	}
	return fits;
}

/* What is left of the walk is the packet's payload. */
static inline void walk_payload(struct walk *w)
{
	w->packet->payload = (struct bytes){ w->c.at, w->c.left };
	w->packet->payload_wire = (uint32_t)walk_wire(w);
}

/* Each of these decodes its layer and all behind it. */
void decode_link(struct walk *w);
void decode_type(struct walk *w, uint16_t type); /* what follows an ether type */
void decode_ip(struct walk *w); /* IPv4 or IPv6, by the version nibble */
void decode_ipv6(struct walk *w);
void decode_transport(struct walk *w, uint8_t proto);

/* What a tunnel carries; false: it is none that we can look into, and nothing was consumed. */
bool decode_gre(struct walk *w);
bool decode_ip_in_ip(struct walk *w);
bool decode_vxlan(struct walk *w); /* the payload of a datagram to VXLAN_PORT */

/* Step over an MPLS label stack; a guess at the ether type of what follows. */
uint16_t strip_mpls(struct walk *w);

enum {
	ETHER_NONE = 0,            /* nothing that has an ether type */
	ETHER_LENGTH_MAX = 0x05ff, /* below: an 802.3 length */
	ETHER_IPV4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_BRIDGED = 0x6558, /* a whole Ethernet frame */
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	ETHER_PPP = 0x880b,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_UPSTREAM = 0x8848,
	ETHER_PPPOE = 0x8864,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100,
	ETHER_ERSPAN = 0x88be, /* types I and II */
	ETHER_ERSPAN3 = 0x22eb,
};

enum { VXLAN_PORT = 4789 };

#endif
