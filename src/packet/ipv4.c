/* IPv4 (RFC 791), and the fork to IPv6. */
#include "packet/fragments.h"
#include "packet/layers.h"

enum {
	IPV4_HEADER = 20,
	MORE_FRAGMENTS = 0x2000,
	FRAGMENT_OFFSET = 0x1fff, /* in units of eight bytes */
};

/* Kind 0 ends the list and 1 is padding; all others have a length, of at least 2. */
static void check_options(struct packet *p, struct bytes options)
{
	struct cursor c = cursor_of(options);
	while (c.left > 0) {
		uint8_t kind = cursor_u8(&c);
		if (kind == 0)
			return;
		if (kind == 1)
			continue;
		uint8_t len = cursor_u8(&c);
		cursor_skip(&c, len < 2 ? SIZE_MAX : len - 2u);
	}
	if (!cursor_ok(&c))
		packet_event(p, DECODE_IPV4_OPT_INVALID);
}

/* Options, then the checksum over the whole header. False if the packet ends here. */
static bool finish_header(struct walk *w, const uint8_t *h, size_t header)
{
	size_t options = header - IPV4_HEADER;
	if (options > 0) {
		const uint8_t *at = walk_take(w, options, DECODE_IPV4_PKT_TOO_SMALL);
		if (!at)
			return false;
		check_options(w->packet, (struct bytes){ at, options });
	}
	if (w->decoder->verify_checksums && checksum((struct bytes){ h, header }) != 0) {
		packet_event(w->packet, DECODE_IPV4_CSUM_INVALID);
		return false;
	}
	w->packet->ip_header = h;
	return true;
}

/* The header's lengths, checked and applied. False if they make no sense. Offloading
 * network cards leave the total length 0; the frame then says how long the packet is. */
static bool apply_lengths(struct walk *w, size_t header, size_t total)
{
	if (header < IPV4_HEADER) {
		packet_event(w->packet, DECODE_IPV4_HLEN_TOO_SMALL);
		return false;
	}
	if (total == 0)
		total = walk_wire(w) + IPV4_HEADER;
	if (total < header) {
		packet_event(w->packet, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN);
		return false;
	}
	if (!walk_limit(w, total - IPV4_HEADER))
		packet_event(w->packet, DECODE_IPV4_TRUNC_PKT);
	return true;
}

static void decode_ipv4(struct walk *w)
{
	struct packet *p = w->packet;
	const uint8_t *h = walk_take(w, IPV4_HEADER, DECODE_IPV4_PKT_TOO_SMALL);
	if (!h)
		return;
	p->ip_version = 4;
	p->ip_id = be16_at(h + 4);
	p->ttl = h[8];
	p->proto = h[9];
	address_set_ipv4(&p->src, h + 12);
	address_set_ipv4(&p->dst, h + 16);
	size_t header = (h[0] & 15u) * 4;
	if (!apply_lengths(w, header, be16_at(h + 2)) || !finish_header(w, h, header))
		return;
	uint16_t fragment = be16_at(h + 6);
	if (fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) {
		size_t offset = (fragment & FRAGMENT_OFFSET) * 8u;
		if (!reassemble(w, offset, fragment & MORE_FRAGMENTS, &p->proto))
			return;
	}
	decode_transport(w, p->proto);
}

void decode_ip(struct walk *w)
{
	if (w->c.left == 0) {
		if (w->cut == 0)
			packet_event(w->packet, DECODE_IPV4_PKT_TOO_SMALL);
		return;
	}
	uint8_t version = w->c.at[0] >> 4;
	if (version == 4)
		decode_ipv4(w);
	else if (version == 6)
		decode_ipv6(w);
	else
		packet_event(w->packet, DECODE_IPV4_WRONG_IP_VER);
}
