/* One packet: where its layers lie, and what was wrong with them.
 *
 * packet_decode() walks from the link layer to the transport payload. Nothing is copied but
 * reassembled datagrams; every pointer stays inside the frame (or the arena) and lives as
 * long as it. Broken packets are data: the events say what was wrong, the packet is still
 * counted. Of a packet in a tunnel, the inner one is meant. Addresses are kept as IPv6; IPv4 is mapped (::ffff:a.b.c.d, RFC 4291 2.5.5.2).
 *
 * One decoder a thread. */
#ifndef IRONSPAN_PACKET_H
#define IRONSPAN_PACKET_H

#include "base/bytes.h"
#include "base/memory.h"

struct address {
	uint8_t at[16];
};

/* What can be wrong below the flow: X(name, Suricata's event or our own, what it means).
 * A rule names one as `decode-event:ipv4.trunc_pkt;`. */
#define DECODE_EVENTS(X) \
	X(ETHERNET_PKT_TOO_SMALL, "ethernet.pkt_too_small", "frame too short for Ethernet") \
	X(LTNULL_PKT_TOO_SMALL, "ltnull.pkt_too_small", "frame too short for its link header") \
	X(SLL_PKT_TOO_SMALL, "sll.pkt_too_small", "frame too short for Linux cooked") \
	X(PPP_PKT_TOO_SMALL, "ppp.pkt_too_small", "frame too short for PPP") \
	X(PPPOE_PKT_TOO_SMALL, "pppoe.pkt_too_small", "frame too short for PPPoE") \
	X(VLAN_HEADER_TOO_SMALL, "vlan.header_too_small", "VLAN tag cut") \
	X(VLAN_TOO_MANY_LAYERS, "vlan.too_many_layers", "more VLAN tags than three") \
	X(MPLS_HEADER_TOO_SMALL, "mpls.header_too_small", "MPLS label stack cut") \
	X(MPLS_PKT_TOO_SMALL, "mpls.pkt_too_small", "nothing behind the MPLS labels") \
	X(IPV4_PKT_TOO_SMALL, "ipv4.pkt_too_small", "too short for an IPv4 header") \
	X(IPV4_HLEN_TOO_SMALL, "ipv4.hlen_too_small", "IPv4 header length below 20") \
	X(IPV4_IPLEN_SMALLER_THAN_HLEN, "ipv4.iplen_smaller_than_hlen", \
		"IPv4 total length below its header") \
	X(IPV4_TRUNC_PKT, "ipv4.trunc_pkt", "IPv4 total length beyond the frame on the wire") \
	X(IPV4_WRONG_IP_VER, "ipv4.wrong_ip_version", "IP version is neither 4 nor 6") \
	X(IPV4_OPT_INVALID, "ipv4.opt_invalid", "IPv4 options do not parse") \
	X(IPV4_CSUM_INVALID, "ipv4.csum_invalid", "IPv4 header checksum wrong (only with -k all)") \
	X(IPV4_FRAG_PKT_TOO_LARGE, "ipv4.frag_pkt_too_large", "fragment ends beyond 65535") \
	X(IPV4_FRAG_OVERLAP, "ipv4.frag_overlap", "fragments overlap with different data") \
	X(IPV6_PKT_TOO_SMALL, "ipv6.pkt_too_small", "too short for an IPv6 header") \
	X(IPV6_TRUNC_PKT, "ipv6.trunc_pkt", "IPv6 payload length beyond the frame on the wire") \
	X(IPV6_TRUNC_EXTHDR, "ipv6.trunc_exthdr", "IPv6 extension header cut") \
	X(IPV6_TOO_MANY_EXTHDR, "ipv6.too_many_exthdr", "more extension headers than sixteen") \
	X(IPV6_FRAG_PKT_TOO_LARGE, "ipv6.frag_pkt_too_large", "fragment ends beyond 65535") \
	X(IPV6_FRAG_OVERLAP, "ipv6.frag_overlap", "fragments overlap with different data") \
	X(FRAG_SHED, "frag.shed", "fragments given up: a limit or 30 s were reached") \
	X(GRE_PKT_TOO_SMALL, "gre.pkt_too_small", "too short for a GRE or ERSPAN header") \
	X(TCP_PKT_TOO_SMALL, "tcp.pkt_too_small", "too short for a TCP header") \
	X(TCP_HLEN_TOO_SMALL, "tcp.hlen_too_small", "TCP data offset below 5") \
	X(TCP_INVALID_OPTLEN, "tcp.invalid_optlen", "TCP header longer than the segment") \
	X(TCP_CSUM_INVALID, "tcp.csum_invalid", "TCP checksum wrong (only with -k all)") \
	X(UDP_PKT_TOO_SMALL, "udp.pkt_too_small", "too short for a UDP header") \
	X(UDP_HLEN_INVALID, "udp.hlen_invalid", "UDP length does not fit the datagram") \
	X(UDP_CSUM_INVALID, "udp.csum_invalid", "UDP checksum wrong (only with -k all)")

enum decode_event {
#define X(name, text, what) DECODE_##name,
	DECODE_EVENTS(X)
#undef X
	DECODE_EVENT_COUNT
};

struct decode_event_info {
	const char *name; /* "ipv4.trunc_pkt" */
	const char *help;
};
extern const struct decode_event_info decode_events[DECODE_EVENT_COUNT];

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58 };
enum { VLAN_MAX = 3 };

/* What is kept of a packet when the packet is gone: where an event comes from. Number, time and
 * interface are the source's, the rest is packet_decode()'s. */
#define ORIGIN_MEMBERS \
	uint64_t number;        /* from 1, over all inputs of a run */ \
	uint64_t time_ns;       /* since 1970, UTC */ \
	uint16_t iface;         /* index into the source's interfaces */ \
	uint16_t vlan[VLAN_MAX]; /* outermost first, 12-bit ids */ \
	uint8_t vlan_count; \
	bool has_macs; \
	uint8_t src_mac[6], dst_mac[6];

struct origin {
	ORIGIN_MEMBERS
};

/* Whole cache lines, the first of which is all that the source fills in. */
struct packet {
	/* Filled by the source. */
	_Alignas(64) struct bytes frame; /* what was captured */
	uint32_t wire_len;   /* what was on the wire, at least frame.len */
	uint16_t link_type;  /* LINKTYPE_ value (pcap's registry) */
	bool is_unsummed;    /* a card was to fill in the transport's checksum */

	uint64_t flow_hash;  /* flow_hash()'s, filled by whoever hands it to a flow table */

	union {              /* the same, by two names */
		struct origin origin;
		struct {
			ORIGIN_MEMBERS
		};
	};

	/* Filled by packet_decode(). */
	struct bytes payload;     /* transport payload that was captured; without IP: what
				   * follows the ether type */
	uint32_t payload_wire;    /* the same on the wire, at least payload.len */
	const uint8_t *ip_header; /* whole, IPv4 options and all; NULL: there is none */
	uint64_t events;          /* bit a decode_event */
	struct address src, dst;  /* zero when there is no IP */
	uint16_t sport, dport;    /* 0 where the protocol has none; ICMP type, code */
	uint32_t seq, ack;        /* TCP; ICMP: identifier and sequence number in `seq` */
	uint16_t window;
	uint8_t tcp_flags;
	uint8_t proto;            /* IP protocol; meaningful if ip_version is not 0 */
	uint8_t ip_version;       /* 4, 6, or 0: not IP */
	uint8_t ttl;              /* or hop limit */
	bool has_ports;           /* whole TCP, UDP (or SCTP) ports were read. Without them
				   * such a packet is broken or cut and belongs to no flow */
	bool is_reassembled;      /* from fragments; payload lies in the arena */
	bool is_fragment;         /* a fragment that completes nothing: no transport */
	uint32_t ip_id;           /* identification; IPv6 without fragment header: 0 */
	uint16_t ether_type;      /* of what the link carries when ip_version is 0 */
};

struct decoder; /* fragments under way, counters, the checksum choice */

struct decoder_config {
	bool verify_checksums;      /* -k all: a wrong one is an event, the packet goes no further */
	size_t fragment_memory;     /* bytes of fragments kept; the oldest are shed. default 4 MiB */
};

struct decoder_counters {
	uint64_t packets, bytes, ipv4, ipv6, tcp, udp, icmp, other, not_ip, fragments, reassembled,
		shed, tunnels, events;
};

struct decoder *decoder_new(const struct decoder_config *config);
void decoder_free(struct decoder *d);
const struct decoder_counters *decoder_counters(const struct decoder *d);

/* Decode what the source filled in. Reassembled bytes come from `arena` and live as long.
 * Fragment timeouts follow packet time. */
void packet_decode(struct decoder *d, struct packet *p, struct arena *arena);

/* Can frames of this LINKTYPE_ be decoded? */
bool packet_link_known(uint32_t link_type);

static inline bool address_is_ipv4(const struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	return memcmp(a->at, mapped, sizeof(mapped)) == 0;
}

static inline void address_set_ipv4(struct address *a, const uint8_t ipv4[4])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	memcpy(a->at, mapped, sizeof(mapped));
	memcpy(a->at + sizeof(mapped), ipv4, 4);
}

enum { ADDRESS_TEXT = 46 };
/* Suricata's spelling: dotted quad, or all eight groups of IPv6 in full
 * ("2001:0db8:0000:…"). Returns the length without the final NUL. */
size_t address_text(const struct address *a, char text[ADDRESS_TEXT]);
/* "10.0.0.1", "2001:db8::1"; false if it is neither. */
bool address_parse(struct address *a, const char *text);

#endif
