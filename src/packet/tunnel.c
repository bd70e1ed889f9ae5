/* Tunnels, as switches carry their mirrored frames over a network: GRE (RFC 2784, 2890), ERSPAN
 * types I, II and III in it (draft-foschiano-erspan-03), VXLAN (RFC 7348), and IP in IP
 * (RFC 2003, 4213). The packet is the one inside; what is outside only carried it. */
#include "packet/layers.h"

enum {
	TUNNELS_MAX = 4, /* one inside the other */
	VXLAN_HEADER = 8,
	VXLAN_HAS_ID = 0x08,
	ERSPAN2_HEADER = 8,
	ERSPAN3_HEADER = 12,
	ERSPAN3_PLATFORM = 8, /* a subheader that may follow */
};

/* In the first two bytes of GRE. Routing (RFC 1701) is long gone and not followed. */
enum { GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 0x0007 };

/* What the layers outside said is not the packet's. */
static void forget_outside(struct packet *p)
{
	p->ip_header = NULL;
	p->ip_version = p->proto = p->ttl = 0;
	p->ip_id = 0;
	p->vlan_count = 0;
	p->has_macs = false;
	memset(&p->src, 0, sizeof(p->src));
	memset(&p->dst, 0, sizeof(p->dst));
}

static void decode_inside(struct walk *w, uint16_t type)
{
	w->decoder->counters.tunnels++;
	w->tunnels++;
	w->is_routed = false;
	forget_outside(w->packet);
	decode_type(w, type);
}

/* Type II begins with version 1, type III with version 2; the frame follows. Bits of type III's
 * last two bytes: PDU, frame type (5), hardware (6), direction, granularity (2), and whether the
 * subheader is there. Frame types: 0 Ethernet, 2 IP. False: it is neither. */
static bool strip_erspan(struct walk *w, uint16_t *type)
{
	bool is_third = *type == ETHER_ERSPAN3;
	size_t len = is_third ? ERSPAN3_HEADER : ERSPAN2_HEADER;
	const uint8_t *h = walk_take(w, len, DECODE_GRE_PKT_TOO_SMALL);
	if (!h || h[0] >> 4 != (is_third ? 2 : 1))
		return false;
	bool was_cut = h[2] & 0x04; /* by the switch */
	unsigned frame_type = is_third ? h[10] >> 2 & 0x1f : 0;
	if (is_third && h[11] & 1 &&
		!walk_take(w, ERSPAN3_PLATFORM, DECODE_GRE_PKT_TOO_SMALL))
		return false;
	if (was_cut)
		w->cut += UINT16_MAX;
	*type = frame_type == 2 ? ETHER_IPV4 : ETHER_BRIDGED;
	return frame_type == 0 || frame_type == 2;
}

/* The optional words behind the first, and what the tunnel carries. False: not for us. */
static bool strip_gre(struct walk *w, uint16_t *type)
{
	const uint8_t *h = walk_take(w, 4, DECODE_GRE_PKT_TOO_SMALL);
	if (!h)
		return false;
	unsigned flags = be16_at(h);
	size_t words = !!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE);
	*type = be16_at(h + 2);
	if (flags & (GRE_ROUTING | GRE_VERSION) ||
		!walk_take(w, words * 4, DECODE_GRE_PKT_TOO_SMALL))
		return false;
	if (*type == ETHER_ERSPAN && !(flags & GRE_SEQUENCE)) { /* type I: nothing but the frame */
		*type = ETHER_BRIDGED;
		return true;
	}
	return (*type != ETHER_ERSPAN && *type != ETHER_ERSPAN3) || strip_erspan(w, type);
}

static bool is_carried(uint16_t type)
{
	return type == ETHER_BRIDGED || type == ETHER_IPV4 || type == ETHER_IPV6 ||
		type == ETHER_MPLS || type == ETHER_VLAN;
}

bool decode_gre(struct walk *w)
{
	struct walk ahead = *w;
	uint16_t type;
	if (w->tunnels == TUNNELS_MAX || !strip_gre(&ahead, &type) || !is_carried(type))
		return false;
	*w = ahead;
	decode_inside(w, type);
	return true;
}

bool decode_ip_in_ip(struct walk *w)
{
	if (w->tunnels == TUNNELS_MAX)
		return false;
	decode_inside(w, ETHER_IPV4);
	return true;
}

/* Port 4789 alone does not make it one: the frame inside must look like Ethernet with a type
 * that is known. */
bool decode_vxlan(struct walk *w)
{
	struct cursor ahead = w->c;
	uint8_t flags = cursor_u8(&ahead);
	cursor_skip(&ahead, VXLAN_HEADER - 1 + 12);
	uint16_t type = cursor_be16(&ahead);
	bool is_known = is_carried(type) || type == ETHER_ARP || type == ETHER_QINQ;
	if (w->tunnels == TUNNELS_MAX || !cursor_ok(&ahead) || !(flags & VXLAN_HAS_ID) || !is_known)
		return false;
	walk_skip(w, VXLAN_HEADER);
	decode_inside(w, ETHER_BRIDGED);
	return true;
}
