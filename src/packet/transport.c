/* TCP (RFC 9293), UDP (RFC 768), SCTP and ICMP headers. */
#include "packet/layers.h"

enum {
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	SCTP_HEADER = 12,
	ICMP_HEADER = 8,
	PROTO_IPV4 = 4,
	PROTO_IPV6 = 41,
	PROTO_GRE = 47,
	PROTO_SCTP = 132,
};

static void set_ports(struct packet *p, const uint8_t *header)
{
	p->sport = be16_at(header);
	p->dport = be16_at(header + 2);
	p->has_ports = true;
}

/* Is the checksum of this segment, header and all, to be believed? What the capture cut
 * cannot be checked, nor what is filled in later. */
static bool verified(
	struct walk *w, uint8_t proto, struct bytes segment, enum decode_event event)
{
	if (!w->decoder->verify_checksums || w->cut > 0 || w->is_routed || w->packet->is_unsummed)
		return true;
	if (checksum_transport(w->packet, proto, segment) == 0)
		return true;
	packet_event(w->packet, event);
	return false;
}

static void decode_tcp(struct walk *w)
{
	struct packet *p = w->packet;
	struct bytes segment = { w->c.at, w->c.left };
	w->decoder->counters.tcp++;
	const uint8_t *h = walk_take(w, TCP_HEADER, DECODE_TCP_PKT_TOO_SMALL);
	if (!h)
		return;
	size_t header = (h[12] >> 4) * 4u;
	if (header < TCP_HEADER) {
		packet_event(p, DECODE_TCP_HLEN_TOO_SMALL);
		return;
	}
	if (header - TCP_HEADER > walk_wire(w)) {
		packet_event(p, DECODE_TCP_INVALID_OPTLEN);
		return;
	}
	if (!verified(w, PROTO_TCP, segment, DECODE_TCP_CSUM_INVALID))
		return;
	set_ports(p, h);
	p->seq = be32_at(h + 4);
	p->ack = be32_at(h + 8);
	p->tcp_flags = h[13];
	p->window = be16_at(h + 14);
	walk_skip(w, header - TCP_HEADER);
	walk_payload(w);
}

/* The length counts the header; 0 belongs to jumbograms and segmentation left to the
 * card. Bytes behind it are none of UDP's. False if it does not fit. */
static bool apply_udp_length(struct walk *w, size_t len)
{
	if (len == 0)
		return true;
	bool fits = len >= UDP_HEADER && len - UDP_HEADER <= walk_wire(w);
	if (fits)
		walk_limit(w, len - UDP_HEADER);
	else
		packet_event(w->packet, DECODE_UDP_HLEN_INVALID);
	return fits;
}

static void decode_udp(struct walk *w)
{
	struct packet *p = w->packet;
	w->decoder->counters.udp++;
	const uint8_t *h = walk_take(w, UDP_HEADER, DECODE_UDP_PKT_TOO_SMALL);
	if (!h || !apply_udp_length(w, be16_at(h + 4)))
		return;
	bool has_checksum = be16_at(h + 6) != 0 || p->ip_version == 6;
	struct bytes datagram = { h, UDP_HEADER + w->c.left };
	if (has_checksum && !verified(w, PROTO_UDP, datagram, DECODE_UDP_CSUM_INVALID))
		return;
	if (be16_at(h + 2) == VXLAN_PORT && decode_vxlan(w))
		return;
	set_ports(p, h);
	walk_payload(w);
}

static void decode_other(struct walk *w)
{
	w->decoder->counters.other++;
	walk_payload(w);
}

static void decode_sctp(struct walk *w)
{
	w->decoder->counters.other++;
	if (w->c.left < SCTP_HEADER)
		return;
	set_ports(w->packet, cursor_bytes(&w->c, SCTP_HEADER).at);
	walk_payload(w);
}

/* Type and code stand where others have ports; the payload is what follows eight bytes,
 * as in Suricata. */
static void decode_icmp(struct walk *w)
{
	struct packet *p = w->packet;
	w->decoder->counters.icmp++;
	if (w->c.left < ICMP_HEADER)
		return;
	const uint8_t *h = cursor_bytes(&w->c, ICMP_HEADER).at;
	p->sport = h[0];
	p->dport = h[1];
	p->seq = be32_at(h + 4);
	walk_payload(w);
}

void decode_transport(struct walk *w, uint8_t proto)
{
	switch (proto) {
	case PROTO_TCP:
		decode_tcp(w);
		break;
	case PROTO_UDP:
		decode_udp(w);
		break;
	case PROTO_SCTP:
		decode_sctp(w);
		break;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		decode_icmp(w);
		break;
	case PROTO_GRE:
		if (!decode_gre(w))
			decode_other(w);
		break;
	case PROTO_IPV4:
	case PROTO_IPV6:
		if (!decode_ip_in_ip(w))
			decode_other(w);
		break;
	default:
		decode_other(w);
	}
}
