/* IPv6 and its extension headers (RFC 8200). */
#include "packet/fragments.h"
#include "packet/layers.h"

enum {
	EXTENSIONS_MAX = 16,
};

/* www.iana.org/assignments/ipv6-parameters */
enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	NO_NEXT_HEADER = 59,
	DESTINATION = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140,
};

/* One extension header: next header, length in units of eight bytes (AH: of four) without
 * the first eight. False if the packet ends in it. */
static bool skip_extension(struct walk *w, uint8_t *next)
{
	const uint8_t *h = walk_take(w, 8, DECODE_IPV6_TRUNC_EXTHDR);
	if (!h)
		return false;
	if (*next == ROUTING && h[3] > 0)
		w->is_routed = true;
	if (!walk_take(w, h[1] * (*next == AUTHENTICATION ? 4u : 8u),
		    DECODE_IPV6_TRUNC_EXTHDR))
		return false;
	*next = h[0];
	return true;
}

/* A fragment header with neither offset nor more to come is an atomic fragment (RFC
 * 6946), whole by itself. What a reassembled datagram holds is not reassembled again. */
static bool read_fragment(struct walk *w, uint8_t *next)
{
	struct packet *p = w->packet;
	const uint8_t *h = walk_take(w, 8, DECODE_IPV6_TRUNC_EXTHDR);
	if (!h)
		return false;
	size_t offset = be16_at(h + 2) & 0xfff8;
	bool more = h[3] & 1;
	p->ip_id = be32_at(h + 4);
	*next = h[0];
	if (offset == 0 && !more)
		return true;
	if (p->is_reassembled) {
		p->is_fragment = true;
		return false;
	}
	return reassemble(w, offset, more, next);
}

/* False if the walk ended, true if *next was an extension header: on to the next. */
static bool step_header(struct walk *w, uint8_t *next)
{
	switch (*next) {
	case HOP_BY_HOP:
	case ROUTING:
	case AUTHENTICATION:
	case DESTINATION:
	case MOBILITY:
	case HIP:
	case SHIM6:
		return skip_extension(w, next);
	case FRAGMENT:
		return read_fragment(w, next);
	case NO_NEXT_HEADER:
		return false;
	default:
		decode_transport(w, *next);
		return false;
	}
}

void decode_ipv6(struct walk *w)
{
	struct packet *p = w->packet;
	const uint8_t *h = walk_take(w, 40, DECODE_IPV6_PKT_TOO_SMALL);
	if (!h)
		return;
	p->ip_version = 6;
	p->ip_header = h;
	p->ttl = h[7];
	p->proto = h[6];
	memcpy(p->src.at, h + 8, 16);
	memcpy(p->dst.at, h + 24, 16);
	size_t len = be16_at(h + 4);
	if (len == 0 && p->proto != NO_NEXT_HEADER)
		len = walk_wire(w); /* a jumbogram, or segmentation left to the card */
	if (!walk_limit(w, len))
		packet_event(p, DECODE_IPV6_TRUNC_PKT);
	for (unsigned n = 0; n <= EXTENSIONS_MAX; n++)
		if (!step_header(w, &p->proto))
			return;
	packet_event(p, DECODE_IPV6_TOO_MANY_EXTHDR);
}
