/* MPLS (RFC 3032). The label stack does not say what it carries: the first nibble does,
 * by convention (RFC 4928). 4 and 6 are IP; 0 begins the control word of a pseudowire
 * (RFC 4385), which an Ethernet frame follows. But an Ethernet pseudowire without a
 * control word begins with any address, so a nibble is believed only if what follows fits
 * it. */
#include "packet/layers.h"

static bool is_plausible_type(uint16_t type)
{
	switch (type) {
	case ETHER_IPV4:
	case ETHER_ARP:
	case ETHER_IPV6:
	case ETHER_VLAN:
	case ETHER_QINQ:
	case ETHER_QINQ_OLD:
	case ETHER_MPLS:
	case ETHER_PPPOE:
		return true;
	default:
		return false;
	}
}

static bool looks_like_ethernet(struct cursor ahead, size_t skip)
{
	cursor_skip(&ahead, skip + 12);
	return is_plausible_type(cursor_be16(&ahead));
}

static bool looks_like_ip(const struct walk *w)
{
	struct cursor ahead = w->c;
	uint8_t first = cursor_u8(&ahead);
	if (first >> 4 == 4) {
		cursor_skip(&ahead, 1);
		size_t total = cursor_be16(&ahead);
		bool fits = total == 0 || (total >= 20 && total <= walk_wire(w));
		return cursor_ok(&ahead) && (first & 15) >= 5 && fits;
	}
	cursor_skip(&ahead, 3);
	size_t len = cursor_be16(&ahead);
	return cursor_ok(&ahead) && first >> 4 == 6 && len + 40 <= walk_wire(w);
}

static uint16_t carried_type(struct walk *w)
{
	struct cursor ahead = w->c;
	uint8_t nibble = cursor_u8(&ahead) >> 4;
	if (looks_like_ip(w))
		return ETHER_IPV4;
	if (nibble == 0 && looks_like_ethernet(w->c, 4)) {
		walk_skip(w, 4);
		return ETHER_BRIDGED;
	}
	if (looks_like_ethernet(w->c, 0))
		return ETHER_BRIDGED;
	return nibble == 4 || nibble == 6 ? ETHER_IPV4 : ETHER_NONE;
}

uint16_t strip_mpls(struct walk *w)
{
	const uint8_t *label;
	do {
		label = walk_take(w, 4, DECODE_MPLS_HEADER_TOO_SMALL);
		if (!label)
			return ETHER_NONE;
	} while (!(label[2] & 1));
	if (walk_wire(w) == 0)
		packet_event(w->packet, DECODE_MPLS_PKT_TOO_SMALL);
	return w->c.left ? carried_type(w) : ETHER_NONE;
}
