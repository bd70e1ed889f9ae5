/* Link layers. Every one of them is a header that ends in the type of what follows, so
 * each strip function takes its header away and answers an ether type; decode_link() goes
 * on until that is IP or unknown. */
#include "packet/layers.h"

enum {
	LAYERS_MAX = 16, /* link headers in one frame: nobody nests deeper in earnest */
};

/* tcpdump.org/linktypes.html */
enum {
	LINKTYPE_NULL = 0,
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_PPP = 9,
	LINKTYPE_RAW_BSD = 12,
	LINKTYPE_RAW_OPENBSD = 14,
	LINKTYPE_PPP_HDLC = 50,
	LINKTYPE_PPP_ETHER = 51,
	LINKTYPE_RAW = 101,
	LINKTYPE_C_HDLC = 104,
	LINKTYPE_LOOP = 108,
	LINKTYPE_LINUX_SLL = 113,
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229,
	LINKTYPE_LINUX_SLL2 = 276,
};

static uint16_t strip_ethernet(struct walk *w)
{
	const uint8_t *h = walk_take(w, 14, DECODE_ETHERNET_PKT_TOO_SMALL);
	if (!h)
		return ETHER_NONE;
	struct packet *p = w->packet;
	p->has_macs = true;
	memcpy(p->dst_mac, h, 6);
	memcpy(p->src_mac, h + 6, 6);
	return be16_at(h + 12);
}

static uint16_t strip_vlan(struct walk *w)
{
	struct packet *p = w->packet;
	const uint8_t *h = walk_take(w, 4, DECODE_VLAN_HEADER_TOO_SMALL);
	if (!h)
		return ETHER_NONE;
	if (p->vlan_count == VLAN_MAX) {
		packet_event(p, DECODE_VLAN_TOO_MANY_LAYERS);
		return ETHER_NONE;
	}
	p->vlan[p->vlan_count++] = be16_at(h) & 0x0fff;
	return be16_at(h + 2);
}

/* An 802.3 frame: its length, then LLC. SNAP (AA AA 03, an OUI, a type) may carry
 * anything Ethernet can; other LLC (spanning tree, ISO) is left as it is. */
static uint16_t strip_llc(struct walk *w, uint16_t len)
{
	if (len <= walk_wire(w))
		walk_limit(w, len);
	struct cursor ahead = w->c;
	uint64_t llc_and_oui = cursor_be(&ahead, 6);
	uint16_t type = cursor_be16(&ahead);
	bool snap = llc_and_oui == 0xaaaa03000000 || llc_and_oui == 0xaaaa030000f8;
	if (!cursor_ok(&ahead) || !snap)
		return ETHER_NONE;
	w->c = ahead;
	return type;
}

/* RFC 2516: version and type, code (0: session data), session, length. */
static uint16_t strip_pppoe(struct walk *w)
{
	const uint8_t *h = walk_take(w, 6, DECODE_PPPOE_PKT_TOO_SMALL);
	if (!h || h[1] != 0)
		return ETHER_NONE;
	size_t len = be16_at(h + 4);
	if (len <= walk_wire(w))
		walk_limit(w, len);
	return ETHER_PPP;
}

static uint16_t ppp_ether_type(uint16_t protocol)
{
	switch (protocol) {
	case 0x0021:
		return ETHER_IPV4;
	case 0x0057:
		return ETHER_IPV6;
	case 0x0281:
		return ETHER_MPLS;
	case 0x0283:
		return ETHER_MPLS_UPSTREAM;
	default:
		return ETHER_NONE;
	}
}

/* RFC 1661, 1662: address and control (FF 03) may be there, and a protocol number below
 * 256 may be one byte, which is odd then. */
static uint16_t strip_ppp(struct walk *w)
{
	struct cursor ahead = w->c;
	if (cursor_be16(&ahead) == 0xff03)
		w->c = ahead;
	const uint8_t *h = walk_take(w, 1, DECODE_PPP_PKT_TOO_SMALL);
	if (!h || h[0] & 1)
		return h ? ppp_ether_type(h[0]) : ETHER_NONE;
	const uint8_t *low = walk_take(w, 1, DECODE_PPP_PKT_TOO_SMALL);
	return low ? ppp_ether_type((uint16_t)(h[0] << 8 | low[0])) : ETHER_NONE;
}

/* PPP in HDLC framing, or Cisco's: 0F (unicast) or 8F (multicast), 0, an ether type. */
static uint16_t strip_hdlc(struct walk *w)
{
	struct cursor ahead = w->c;
	uint8_t station = cursor_u8(&ahead);
	if (station != 0x0f && station != 0x8f)
		return ETHER_PPP;
	const uint8_t *h = walk_take(w, 4, DECODE_PPP_PKT_TOO_SMALL);
	return h ? be16_at(h + 2) : ETHER_NONE;
}

/* An address family in the byte order of the machine that captured; LOOP in network
 * order. IPv6 has another number on every system. Some put an ether type there. */
static uint16_t strip_family(struct walk *w)
{
	const uint8_t *h = walk_take(w, 4, DECODE_LTNULL_PKT_TOO_SMALL);
	if (!h)
		return ETHER_NONE;
	uint32_t family = be32_at(h);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	if (family > ETHER_LENGTH_MAX && family <= 0xffff)
		return (uint16_t)family;
	switch (family) {
	case 2:
		return ETHER_IPV4;
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return ETHER_IPV6;
	default:
		return ETHER_NONE;
	}
}

/* Packet type, ARPHRD type, address length, address (8), protocol. */
static uint16_t strip_sll(struct walk *w)
{
	const uint8_t *h = walk_take(w, 16, DECODE_SLL_PKT_TOO_SMALL);
	return h ? be16_at(h + 14) : ETHER_NONE;
}

/* Protocol, reserved, interface (4), ARPHRD type, packet type, address with length. */
static uint16_t strip_sll2(struct walk *w)
{
	const uint8_t *h = walk_take(w, 20, DECODE_SLL_PKT_TOO_SMALL);
	return h ? be16_at(h) : ETHER_NONE;
}

/* Nothing but IP. */
static uint16_t strip_raw(struct walk *w)
{
	(void)w;
	return ETHER_IPV4;
}

static uint16_t strip_as_ppp(struct walk *w)
{
	(void)w;
	return ETHER_PPP;
}

static uint16_t (*const links[])(struct walk *w) = {
	[LINKTYPE_NULL] = strip_family,
	[LINKTYPE_ETHERNET] = strip_ethernet,
	[LINKTYPE_PPP] = strip_as_ppp,
	[LINKTYPE_RAW_BSD] = strip_raw,
	[LINKTYPE_RAW_OPENBSD] = strip_raw,
	[LINKTYPE_PPP_HDLC] = strip_hdlc,
	[LINKTYPE_PPP_ETHER] = strip_pppoe,
	[LINKTYPE_RAW] = strip_raw,
	[LINKTYPE_C_HDLC] = strip_hdlc,
	[LINKTYPE_LOOP] = strip_family,
	[LINKTYPE_LINUX_SLL] = strip_sll,
	[LINKTYPE_IPV4] = strip_raw,
	[LINKTYPE_IPV6] = strip_raw,
	[LINKTYPE_LINUX_SLL2] = strip_sll2,
};

bool packet_link_known(uint32_t link_type)
{
	return link_type < sizeof(links) / sizeof(*links) && links[link_type];
}

static uint16_t strip_link(struct walk *w, uint16_t link_type)
{
	if (link_type == LINKTYPE_ETHERNET) /* nearly always */
		return strip_ethernet(w);
	return packet_link_known(link_type) ? links[link_type](w) : ETHER_NONE;
}

/* Take one header away and set *type to what follows; false if *type is none we know. */
static bool strip_type(struct walk *w, uint16_t *type)
{
	switch (*type) {
	case ETHER_VLAN:
	case ETHER_QINQ:
	case ETHER_QINQ_OLD:
		*type = strip_vlan(w);
		return true;
	case ETHER_MPLS:
	case ETHER_MPLS_UPSTREAM:
		*type = strip_mpls(w);
		return true;
	case ETHER_PPPOE:
		*type = strip_pppoe(w);
		return true;
	case ETHER_PPP:
		*type = strip_ppp(w);
		return true;
	case ETHER_BRIDGED:
		*type = strip_ethernet(w);
		return true;
	default:
		if (*type == ETHER_NONE || *type > ETHER_LENGTH_MAX)
			return false;
		*type = strip_llc(w, *type);
		return true;
	}
}

static bool is_ip(uint16_t type)
{
	return type == ETHER_IPV4 || type == ETHER_IPV6;
}

void decode_type(struct walk *w, uint16_t type)
{
	struct packet *p = w->packet;
	for (unsigned n = 0; n < LAYERS_MAX && !is_ip(type); n++)
		if (!strip_type(w, &type))
			break;
	if (is_ip(type)) {
		decode_ip(w);
	} else {
		p->ether_type = type;
		walk_payload(w);
	}
}

void decode_link(struct walk *w)
{
	decode_type(w, strip_link(w, w->packet->link_type));
}
