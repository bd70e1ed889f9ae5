#include <stdarg.h>
#include <stdlib.h>

#include "packet/packet.h"
#include "hex.h"
#include "test.h"

/* Building blocks of frames, in hex. */
#define MACS "020000000002 020000000001 "
#define ETH4 MACS "0800 "
#define ETH6 MACS "86dd "
/* From 10.0.0.1 to 10.0.0.2, total length given as four digits. */
#define IP4(len, proto) "4500" len " 1234 0000 40" proto "0000 0a000001 0a000002 "
/* A tunnel's, from 192.0.2.1 to 192.0.2.9. */
#define OUT4(len, proto) "4500" len " 1234 0000 40" proto "0000 c0000201 c0000209 "
#define IP6(len, next)                                                                   \
	"60000000" len next "40"                                                         \
	"20010db8000000000000000000000001 20010db8000000000000000000000002 "
/* Port 1025 to 502, sequence 1, acknowledged 2, PSH and ACK, window 4096. */
#define TCP      "0401 01f6 00000001 00000002 5018 1000 0000 0000 "
#define UDP(len) "0401 01f6" len "0000 "
#define TCP3     IP4("002b", "06") TCP "aabbcc "
#define UDP3     IP4("001f", "11") UDP("000b") "aabbcc "

#define SAYS_TCP3  "10.0.0.1 > 10.0.0.2 6 1025>502 aabbcc"
#define SAYS_UDP3  "10.0.0.1 > 10.0.0.2 17 1025>502 aabbcc"
#define SAYS_HOSTS "10.0.0.1 > 10.0.0.2 "
#define SAYS_IPV6                                                                        \
	"2001:0db8:0000:0000:0000:0000:0000:0001 > "                                     \
	"2001:0db8:0000:0000:0000:0000:0000:0002 "

enum {
	KEPT = 0, /* nothing was cut: as long on the wire as captured */
	ETH = 1,
	NUL = 0,
	PPP = 9,
	PPP_HDLC = 50,
	PPP_ETHER = 51,
	RAW = 101,
	CISCO = 104,
	LOOP = 108,
	SLL = 113,
	SLL2 = 276,
};

static const struct {
	const char *what;
	unsigned link;
	unsigned wire_len;
	const char *frame, *want;
} cases[] = {
	/* Link types. */
	{ "Ethernet", ETH, KEPT, ETH4 TCP3, SAYS_TCP3 },
	{ "Ethernet padding is not payload", ETH, KEPT, ETH4 UDP3 "0000000000",
		SAYS_UDP3 },
	{ "null, little endian", NUL, KEPT, "02000000" TCP3, SAYS_TCP3 },
	{ "null, big endian", NUL, KEPT, "00000002" TCP3, SAYS_TCP3 },
	{ "null, IPv6 of macOS", NUL, KEPT, "1e000000" IP6("0000", "3b"),
		SAYS_IPV6 "59" },
	{ "null, not IP", NUL, KEPT, "07000000 0102", "type 0 0102" },
	{ "loop", LOOP, KEPT, "00000002" TCP3, SAYS_TCP3 },
	{ "loop, IPv6 of FreeBSD", LOOP, KEPT, "0000001c" IP6("0000", "3b"),
		SAYS_IPV6 "59" },
	{ "PPP", PPP, KEPT, "0021" TCP3, SAYS_TCP3 },
	{ "PPP with address and control", PPP, KEPT, "ff030021" TCP3, SAYS_TCP3 },
	{ "PPP, protocol in one byte", PPP, KEPT, "21" TCP3, SAYS_TCP3 },
	{ "PPP, IPv6", PPP, KEPT, "0057" IP6("0000", "3b"), SAYS_IPV6 "59" },
	{ "PPP, link control", PPP, KEPT, "c021 0101", "type 0 0101" },
	{ "PPP in HDLC", PPP_HDLC, KEPT, "ff030021" TCP3, SAYS_TCP3 },
	{ "Cisco HDLC in it", PPP_HDLC, KEPT, "0f000800" TCP3, SAYS_TCP3 },
	{ "Cisco HDLC", CISCO, KEPT, "8f000800" TCP3, SAYS_TCP3 },
	{ "PPPoE without Ethernet", PPP_ETHER, KEPT, "1100 0001 002d 0021" TCP3,
		SAYS_TCP3 },
	{ "raw IP", RAW, KEPT, TCP3, SAYS_TCP3 },
	{ "raw IPv6", RAW, KEPT, IP6("0000", "3b"), SAYS_IPV6 "59" },
	{ "raw IP of BSD", 12, KEPT, TCP3, SAYS_TCP3 },
	{ "raw IP of OpenBSD", 14, KEPT, TCP3, SAYS_TCP3 },
	{ "IPv4", 228, KEPT, TCP3, SAYS_TCP3 },
	{ "IPv6", 229, KEPT, IP6("0000", "3b"), SAYS_IPV6 "59" },
	{ "Linux cooked", SLL, KEPT, "0000 0001 0006 0200000000010000 0800" TCP3,
		SAYS_TCP3 },
	{ "Linux cooked 2", SLL2, KEPT,
		"0800 0000 00000002 0001 00 06 0200000000010000" TCP3, SAYS_TCP3 },
	{ "unknown link type", 147, KEPT, "4500", "type 0 4500" },

	/* Tags, labels, sessions. */
	{ "VLAN", ETH, KEPT, MACS "8100 6064 0800" TCP3, SAYS_TCP3 " vlan 100" },
	{ "QinQ", ETH, KEPT, MACS "88a8 0001 8100 0002 0800" TCP3,
		SAYS_TCP3 " vlan 1 2" },
	{ "three tags", ETH, KEPT, MACS "9100 0001 8100 0002 88a8 0003 0800" TCP3,
		SAYS_TCP3 " vlan 1 2 3" },
	{ "four tags", ETH, KEPT,
		MACS "8100 0001 8100 0002 8100 0003 8100 0004 0800 4500",
		"type 0 4500 vlan 1 2 3 vlan.too_many_layers" },
	{ "VLAN behind cooked", SLL, KEPT,
		"0000 0001 0006 0200000000010000 8100 0005 0800" TCP3,
		SAYS_TCP3 " vlan 5" },
	{ "VLAN, 802.3 length, SNAP", ETH, KEPT,
		MACS "8100 0007 0033 aaaa03000000 0800" TCP3, SAYS_TCP3 " vlan 7" },
	{ "SNAP", ETH, KEPT, MACS "0033 aaaa03000000 0800" TCP3 "0000", SAYS_TCP3 },
	{ "spanning tree", ETH, KEPT, MACS "0004 42420300 ffff", "type 0 42420300" },
	{ "MPLS", ETH, KEPT, MACS "8847 00010140" TCP3, SAYS_TCP3 },
	{ "MPLS, two labels, IPv6", ETH, KEPT,
		MACS "8848 00010040 00011140" IP6("0000", "3b"), SAYS_IPV6 "59" },
	{ "MPLS, pseudowire with control word", ETH, KEPT,
		MACS "8847 00010140 00000000" ETH4 TCP3, SAYS_TCP3 },
	{ "MPLS, pseudowire without one", ETH, KEPT, MACS "8847 00010140" ETH4 TCP3,
		SAYS_TCP3 },
	{ "MPLS, pseudowire to an address that begins like IPv4", ETH, KEPT,
		MACS "8847 00010140 450fff000002 020000000001 0800" TCP3, SAYS_TCP3 },
	{ "MPLS in PPP", PPP, KEPT, "0281 00010140" TCP3, SAYS_TCP3 },
	{ "PPPoE", ETH, KEPT, MACS "8864 1100 0001 002d 0021" TCP3 "0000", SAYS_TCP3 },
	{ "PPPoE discovery", ETH, KEPT, MACS "8863 1109", "type 34915 1109" },
	{ "PPPoE control code", ETH, KEPT, MACS "8864 11a7 0001 0000", "type 0" },
	{ "ARP", ETH, KEPT, MACS "0806 0001", "type 2054 0001" },
	{ "GOOSE", ETH, KEPT, MACS "88b8 0001", "type 35000 0001" },

	/* IPv4 and what is behind it. */
	{ "options", RAW, KEPT,
		"4600002f 1234 0000 40060000 0a000001 0a000002 01010100" TCP "aabbcc",
		SAYS_TCP3 },
	{ "options that do not parse", RAW, KEPT,
		"4600002f 1234 0000 40060000 0a000001 0a000002 01840801" TCP "aabbcc",
		SAYS_TCP3 " ipv4.opt_invalid" },
	{ "option length 1", RAW, KEPT,
		"4600002f 1234 0000 40060000 0a000001 0a000002 83010000" TCP "aabbcc",
		SAYS_TCP3 " ipv4.opt_invalid" },
	{ "total length 0: segmentation left to the card", ETH, KEPT,
		ETH4 IP4("0000", "06") TCP "aabbcc", SAYS_TCP3 },
	{ "TCP options", RAW, KEPT,
		IP4("002f", "06") "0401 01f6 00000001 00000002 6018 1000 0000 0000 "
				  "01010101 aabbcc",
		SAYS_TCP3 },
	{ "UDP shorter than its packet", RAW, KEPT,
		IP4("0020", "11") UDP("000b") "aabbccdd", SAYS_UDP3 },
	{ "UDP length 0", RAW, KEPT, IP4("001f", "11") UDP("0000") "aabbcc", SAYS_UDP3 },
	{ "ICMP", RAW, KEPT, IP4("001f", "01") "0800 0000 0001 0002 aabbcc",
		SAYS_HOSTS "1 8/0 aabbcc" },
	{ "SCTP", RAW, KEPT, IP4("0023", "84") "0401 01f6 00000000 00000000 aabbcc",
		SAYS_HOSTS "132 1025>502 aabbcc" },
	{ "another protocol", RAW, KEPT, IP4("0017", "fd") "aabbcc",
		SAYS_HOSTS "253 aabbcc" },

	/* Tunnels. */
	{ "GRE", RAW, KEPT, OUT4("0043", "2f") "0000 0800" TCP3, SAYS_TCP3 },
	{ "GRE with all its words", RAW, KEPT,
		OUT4("004f", "2f") "b000 0800 12340000 00000007 00000001" TCP3, SAYS_TCP3 },
	{ "GRE with a VLAN tag", RAW, KEPT, OUT4("0047", "2f") "0000 8100 001e 0800" TCP3,
		SAYS_TCP3 " vlan 30" },
	{ "the VLAN outside is not the packet's", ETH, KEPT,
		MACS "8100 0005 0800" OUT4("0043", "2f") "0000 0800" TCP3, SAYS_TCP3 },
	{ "GRE of another version", RAW, KEPT, OUT4("001c", "2f") "0001 880b aabbccdd",
		"192.0.2.1 > 192.0.2.9 47 0001880baabbccdd" },
	{ "GRE with a route", RAW, KEPT, OUT4("001c", "2f") "4000 0800 aabbccdd",
		"192.0.2.1 > 192.0.2.9 47 40000800aabbccdd" },
	{ "GRE that carries something else", RAW, KEPT, OUT4("001a", "2f") "0000 2000 aabb",
		"192.0.2.1 > 192.0.2.9 47 00002000aabb" },
	{ "GRE cut", RAW, KEPT, OUT4("0017", "2f") "000008",
		"192.0.2.1 > 192.0.2.9 47 000008 gre.pkt_too_small" },
	{ "GRE, a word missing", RAW, KEPT, OUT4("001a", "2f") "1000 0800 0000",
		"192.0.2.1 > 192.0.2.9 47 100008000000 gre.pkt_too_small" },
	{ "GRE with nothing", RAW, KEPT, OUT4("0018", "2f") "0000 0800", "ipv4.pkt_too_small" },
	{ "GRE cut by the capture", RAW, 71, OUT4("0047", "2f") "0000 0800 4500",
		"type 0" },
	{ "ERSPAN I", RAW, KEPT, OUT4("0051", "2f") "0000 88be" ETH4 TCP3, SAYS_TCP3 },
	{ "ERSPAN II", RAW, KEPT,
		OUT4("005d", "2f") "1000 88be 00000001 1005 0007 00000003" ETH4 TCP3, SAYS_TCP3 },
	{ "ERSPAN II of a wrong version", RAW, KEPT,
		OUT4("0024", "2f") "1000 88be 00000001 5005 0007 00000003",
		"192.0.2.1 > 192.0.2.9 47 100088be000000015005000700000003" },
	{ "ERSPAN II, the frame cut by the switch", RAW, KEPT,
		OUT4("0058", "2f") "1000 88be 00000001 1005 0407 00000003"
		ETH4 IP4("002b", "06") "0401 01f6 00000001 00000002 5018 1000 0000 00",
		SAYS_HOSTS "6" },
	{ "ERSPAN III", RAW, KEPT,
		OUT4("0061", "2f") "1000 22eb 00000001 2005 0007 00000003 0000 0000" ETH4 TCP3,
		SAYS_TCP3 },
	{ "ERSPAN III with a subheader", RAW, KEPT,
		OUT4("0069", "2f") "1000 22eb 00000001 2005 0007 00000003 0000 0001"
		"1122334455667788" ETH4 TCP3, SAYS_TCP3 },
	{ "ERSPAN III of IP", RAW, KEPT,
		OUT4("0053", "2f") "1000 22eb 00000001 2005 0007 00000003 0000 0800" TCP3,
		SAYS_TCP3 },
	{ "ERSPAN with ARP", RAW, KEPT, OUT4("0028", "2f") "0000 88be" MACS "0806 aabb",
		"type 2054 aabb" },
	{ "VXLAN", RAW, KEPT,
		OUT4("005d", "11") "c000 12b5 0049 0000 08000000 00007b00" ETH4 TCP3, SAYS_TCP3 },
	{ "VXLAN without its number is a datagram", RAW, KEPT,
		OUT4("0032", "11") "c000 12b5 001e 0000 00000000 00007b00" ETH4,
		"192.0.2.1 > 192.0.2.9 17 49152>4789"
		" 0000000000007b000200000000020200000000010800" },
	{ "no frame in VXLAN: a datagram", RAW, KEPT,
		OUT4("0032", "11") "c000 12b5 001e 0000 08000000 00007b00" MACS "1234",
		"192.0.2.1 > 192.0.2.9 17 49152>4789"
		" 0800000000007b000200000000020200000000011234" },
	{ "IP in IP", RAW, KEPT, OUT4("003f", "04") TCP3, SAYS_TCP3 },
	{ "IPv6 in IP", RAW, KEPT, OUT4("003c", "29") IP6("0000", "3b"), SAYS_IPV6 "59" },
	{ "four tunnels", RAW, KEPT,
		OUT4("007b", "04") OUT4("0067", "04") OUT4("0053", "04") OUT4("003f", "04") TCP3,
		SAYS_TCP3 },
	{ "five tunnels", RAW, KEPT,
		OUT4("0078", "04") OUT4("0064", "04") OUT4("0050", "04") OUT4("003c", "04")
		OUT4("0028", "04") IP4("0014", "06"),
		"192.0.2.1 > 192.0.2.9 4 4500001412340000400600000a0000010a000002" },

	/* IPv6. */
	{ "IPv6", ETH, KEPT, ETH6 IP6("0017", "06") TCP "aabbcc",
		SAYS_IPV6 "6 1025>502 aabbcc" },
	{ "IPv6 padding", ETH, KEPT, ETH6 IP6("000b", "11") UDP("000b") "aabbcc 0000",
		SAYS_IPV6 "17 1025>502 aabbcc" },
	{ "extension headers", ETH, KEPT,
		ETH6 IP6("003b", "00") "2b00010400000000"
				       "3300000000000000"
				       "3c01000000000000 00000000"
				       "0600010400000000" TCP "aabbcc",
		SAYS_IPV6 "6 1025>502 aabbcc" },
	{ "atomic fragment", ETH, KEPT,
		ETH6 IP6("001f", "2c") "0600000000000009" TCP "aabbcc",
		SAYS_IPV6 "6 1025>502 aabbcc" },
	{ "jumbogram", RAW, KEPT, IP6("0000", "06") TCP "aabbcc",
		SAYS_IPV6 "6 1025>502 aabbcc" },
	{ "ICMPv6", RAW, KEPT, IP6("0008", "3a") "8000 0000 0001 0002",
		SAYS_IPV6 "58 128/0" },

	/* Broken lengths. */
	{ "empty", ETH, KEPT, "", "type 0 ethernet.pkt_too_small" },
	{ "Ethernet cut", ETH, KEPT, MACS "08",
		"type 0 02000000000202000000000108"
		" ethernet.pkt_too_small" },
	{ "null cut", NUL, KEPT, "0200", "type 0 0200 ltnull.pkt_too_small" },
	{ "cooked cut", SLL, KEPT, "0000", "type 0 0000 sll.pkt_too_small" },
	{ "PPP cut", PPP, KEPT, "00", "type 0 ppp.pkt_too_small" },
	{ "PPPoE cut", ETH, KEPT, MACS "8864 1100", "type 0 1100 pppoe.pkt_too_small" },
	{ "VLAN cut", ETH, KEPT, MACS "8100 0001", "type 0 0001 vlan.header_too_small" },
	{ "MPLS cut", ETH, KEPT, MACS "8847 0000", "type 0 0000 mpls.header_too_small" },
	{ "MPLS without end", ETH, KEPT, MACS "8847 00010040",
		"type 0 mpls.header_too_small" },
	{ "MPLS with nothing", ETH, KEPT, MACS "8847 00010140",
		"type 0 mpls.pkt_too_small" },
	{ "no IP header", RAW, KEPT, "", "ipv4.pkt_too_small" },
	{ "IPv4 header cut", RAW, KEPT, "45000014 1234", "ipv4.pkt_too_small" },
	{ "header length 16", RAW, KEPT, "44000014 1234 0000 40060000 0a000001 0a000002",
		SAYS_HOSTS "6 ipv4.hlen_too_small" },
	{ "total length 19", RAW, KEPT, IP4("0013", "06"),
		SAYS_HOSTS "6 ipv4.iplen_smaller_than_hlen" },
	{ "options beyond total length", RAW, KEPT,
		"46000014 1234 0000 40060000 0a000001 0a000002 01010101",
		SAYS_HOSTS "6 ipv4.iplen_smaller_than_hlen" },
	{ "options beyond the frame", RAW, KEPT,
		"46000018 1234 0000 40060000 0a000001 0a000002",
		SAYS_HOSTS "6 ipv4.trunc_pkt" },
	{ "total length beyond the frame", RAW, KEPT, IP4("0030", "06") TCP "aabbcc",
		SAYS_TCP3 " wire 8 ipv4.trunc_pkt" },
	{ "neither 4 nor 6", RAW, KEPT, "50000000", "ipv4.wrong_ip_version" },
	{ "IPv6 header cut", RAW, KEPT, "6000000000003b40", "ipv6.pkt_too_small" },
	{ "IPv6 beyond the frame", RAW, KEPT, IP6("0018", "06") TCP "aabbcc",
		SAYS_IPV6 "6 1025>502 aabbcc wire 4 ipv6.trunc_pkt" },
	{ "extension header cut", RAW, KEPT, IP6("0004", "00") "06000104",
		SAYS_IPV6 "0 ipv6.trunc_exthdr" },
	{ "extension header too long", RAW, KEPT, IP6("0008", "00") "0601010400000000",
		SAYS_IPV6 "0 ipv6.trunc_exthdr" },
	{ "fragment header cut", RAW, KEPT, IP6("0004", "2c") "06000000",
		SAYS_IPV6 "44 ipv6.trunc_exthdr" },
	{ "TCP cut", RAW, KEPT,
		IP4("0027", "06") "0401 01f6 00000001 00000002 5018 1000 0000 00",
		SAYS_HOSTS "6 tcp.pkt_too_small" },
	{ "TCP offset 4", RAW, KEPT,
		IP4("0028", "06") "0401 01f6 00000001 00000002 4018 1000 0000 0000",
		SAYS_HOSTS "6 tcp.hlen_too_small" },
	{ "TCP header beyond the segment", RAW, KEPT,
		IP4("0028", "06") "0401 01f6 00000001 00000002 6018 1000 0000 0000",
		SAYS_HOSTS "6 tcp.invalid_optlen" },
	{ "UDP cut", RAW, KEPT, IP4("001b", "11") "0401 01f6 0008 00",
		SAYS_HOSTS "17 udp.pkt_too_small" },
	{ "UDP length 7", RAW, KEPT, IP4("001f", "11") UDP("0007") "aabbcc",
		SAYS_HOSTS "17 udp.hlen_invalid" },
	{ "UDP longer than its packet", RAW, KEPT, IP4("001f", "11") UDP("000c") "aabbcc",
		SAYS_HOSTS "17 udp.hlen_invalid" },

	/* The same lengths, but the wire had what the capture did not keep. */
	{ "cut in the payload", ETH, 60, ETH4 IP4("002e", "06") TCP "aa",
		SAYS_HOSTS "6 1025>502 aa wire 6" },
	{ "cut in the payload, with padding", ETH, 60, ETH4 IP4("002b", "06") TCP "aa",
		SAYS_HOSTS "6 1025>502 aa wire 3" },
	{ "cut in UDP", ETH, 60, ETH4 IP4("001f", "11") UDP("000b") "aa",
		SAYS_HOSTS "17 1025>502 aa wire 3" },
	{ "cut in TCP options", RAW, 60,
		IP4("002f", "06") "0401 01f6 00000001 00000002 6018 1000 0000 0000 01",
		SAYS_HOSTS "6 1025>502 wire 3" },
	{ "cut in TCP", RAW, 60, IP4("002b", "06") "0401 01f6", SAYS_HOSTS "6" },
	{ "cut in IP options", RAW, 60,
		"4600002f 1234 0000 40060000 0a000001 0a000002 01", SAYS_HOSTS "6" },
	{ "cut in IP", RAW, 60, "45000014", "type 0" },
	{ "cut in an extension header", RAW, 60, IP6("0014", "00") "06000104",
		SAYS_IPV6 "0" },
	{ "cut in Ethernet", ETH, 60, "0102", "type 0 0102 wire 60" },
	{ "cut and beyond the wire", RAW, 44, IP4("0030", "06") TCP "aa",
		SAYS_HOSTS "6 1025>502 aa wire 8 ipv4.trunc_pkt" },
};

struct line {
	char text[512];
	size_t len;
};

/* One more word. */
static void add(struct line *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add(struct line *l, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (l->len > 0)
		l->text[l->len++] = ' ';
	int len = vsnprintf(l->text + l->len, sizeof(l->text) - l->len, format, args);
	va_end(args);
	l->len += (size_t)len;
}

static void add_network(struct line *l, const struct packet *p)
{
	char src[ADDRESS_TEXT], dst[ADDRESS_TEXT];
	if (p->ip_version == 0 && p->events & (1ull << DECODE_IPV4_PKT_TOO_SMALL |
						      1ull << DECODE_IPV4_WRONG_IP_VER |
						      1ull << DECODE_IPV6_PKT_TOO_SMALL))
		return;
	if (p->ip_version == 0) {
		add(l, "type %u", p->ether_type);
		return;
	}
	address_text(&p->src, src);
	address_text(&p->dst, dst);
	add(l, "%s > %s %u", src, dst, p->proto);
	if (p->has_ports)
		add(l, "%u>%u", p->sport, p->dport);
	else if (p->sport || p->dport)
		add(l, "%u/%u", p->sport, p->dport);
}

static void describe(struct line *l, const struct packet *p)
{
	add_network(l, p);
	for (size_t i = 0; i < p->payload.len; i++)
		if (i == 0)
			add(l, "%02x", p->payload.at[i]);
		else
			l->len += (size_t)sprintf(
				l->text + l->len, "%02x", p->payload.at[i]);
	if (p->payload_wire != p->payload.len)
		add(l, "wire %u", p->payload_wire);
	if (p->vlan_count)
		add(l, "vlan");
	for (unsigned i = 0; i < p->vlan_count; i++)
		add(l, "%u", p->vlan[i]);
	for (unsigned e = 0; e < DECODE_EVENT_COUNT; e++)
		if (p->events >> e & 1)
			add(l, "%s", decode_events[e].name);
}

static struct decoder *decoder;
static bool is_unsummed; /* the packets to be decoded */
static struct arena arena;

/* The frame is copied to exactly its size, so that a sanitizer sees a read beyond it. */
static void decode(struct packet *p, unsigned link, const uint8_t *frame, size_t len,
	size_t wire_len, struct line *l)
{
	uint8_t *exact = malloc(len ? len : 1);
	memcpy(exact, frame, len);
	memset(p, 0xee, sizeof(*p));
	p->frame = (struct bytes){ exact, len };
	p->wire_len = (uint32_t)(wire_len > len ? wire_len : len);
	p->link_type = (uint16_t)link;
	p->is_unsummed = is_unsummed;
	p->time_ns = 1;
	packet_decode(decoder, p, &arena);
	*l = (struct line){ .len = 0 };
	describe(l, p);
	free(exact);
}

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t frame[256];
		struct packet p;
		struct line l;
		size_t len = hex_read(cases[i].frame, frame, sizeof(frame));
		decode(&p, cases[i].link, frame, len, cases[i].wire_len, &l);
		CHECK(strcmp(l.text, cases[i].want) == 0, "%s:\n  got  %s\n  want %s",
			cases[i].what, l.text, cases[i].want);
		CHECK(cases[i].link == 147 || packet_link_known(cases[i].link),
			"link type %u", cases[i].link);
	}
}

/* Every frame cut at every length, by the wire and by the capture: what the capture cut
 * is never an event of the wire's. */
static void test_cut_everywhere(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t frame[256];
		struct packet whole, p;
		struct line l;
		size_t len = hex_read(cases[i].frame, frame, sizeof(frame));
		decode(&whole, cases[i].link, frame, len, cases[i].wire_len, &l);
		for (size_t cut = 0; cut < len; cut++) {
			decode(&p, cases[i].link, frame, cut, 0, &l);
			decode(&p, cases[i].link, frame, cut,
				cases[i].wire_len ? cases[i].wire_len : len, &l);
			CHECK((p.events & ~whole.events) == 0, "%s cut at %zu: %s",
				cases[i].what, cut, l.text);
		}
	}
}

static void test_fields(void)
{
	uint8_t frame[256];
	struct packet p;
	struct line l;
	size_t len = hex_read(ETH4 TCP3, frame, sizeof(frame));
	decode(&p, ETH, frame, len, 0, &l);
	CHECK(p.seq == 1 && p.ack == 2 && p.window == 4096, "%u %u %u", p.seq, p.ack,
		p.window);
	CHECK(p.tcp_flags == (TCP_PSH | TCP_ACK), "%u", p.tcp_flags);
	CHECK(p.ip_id == 0x1234 && p.ttl == 64, "%u %u", p.ip_id, p.ttl);
	CHECK(p.has_macs && p.src_mac[5] == 1 && p.dst_mac[5] == 2, "macs");
	CHECK(!p.is_fragment && !p.is_reassembled, "a whole packet");
}

/* With right checksums, as RFC 1071 computes them. */
#define GOOD_IP     "4500002b 1234 0000 4006 5497 0a000001 0a000002 "
#define GOOD_TCP    "0401 01f6 00000001 00000002 5018 1000 0f11 0000 aabbcc"
#define GOOD_UDP_IP "4500001f 1234 0000 4011 5498 0a000001 0a000002 "

static const struct {
	const char *what;
	unsigned wire_len;
	const char *frame, *want;
} checksums[] = {
	{ "right", KEPT, GOOD_IP GOOD_TCP, SAYS_TCP3 },
	{ "IPv4 wrong", KEPT, TCP3, SAYS_HOSTS "6 ipv4.csum_invalid" },
	{ "TCP wrong", KEPT, GOOD_IP TCP "aabbcc", SAYS_HOSTS "6 tcp.csum_invalid" },
	{ "TCP cut", 60, GOOD_IP TCP "aabb", SAYS_HOSTS "6 1025>502 aabb wire 3" },
	{ "UDP without one", KEPT, GOOD_UDP_IP UDP("000b") "aabbcc", SAYS_UDP3 },
	{ "UDP wrong", KEPT, GOOD_UDP_IP "0401 01f6 000b 0001 aabbcc",
		SAYS_HOSTS "17 udp.csum_invalid" },
	{ "UDP right", KEPT, GOOD_UDP_IP "0401 01f6 000b 6f22 aabbcc", SAYS_UDP3 },
	{ "UDP of IPv6 without one", KEPT, IP6("000b", "11") UDP("000b") "aabbcc",
		SAYS_IPV6 "17 udp.csum_invalid" },
	{ "on the way to another destination", KEPT,
		IP6("001f", "2b") "0600000100000000" TCP "aabbcc",
		SAYS_IPV6 "6 1025>502 aabbcc" },
};

static void test_checksums(void)
{
	struct decoder *lenient = decoder;
	decoder = decoder_new(&(struct decoder_config){ .verify_checksums = true });
	for (size_t i = 0; i < sizeof(checksums) / sizeof(*checksums); i++) {
		uint8_t frame[256];
		struct packet p;
		struct line l;
		size_t len = hex_read(checksums[i].frame, frame, sizeof(frame));
		decode(&p, RAW, frame, len, checksums[i].wire_len, &l);
		CHECK(strcmp(l.text, checksums[i].want) == 0, "%s:\n  got  %s\n  want %s",
			checksums[i].what, l.text, checksums[i].want);
	}
	decoder_free(decoder);
	decoder = lenient;
}

static void test_unsummed(void)
{
	static const char frame[] = GOOD_IP TCP "aabbcc";
	struct decoder *lenient = decoder;
	struct packet p;
	uint8_t bytes[256];
	struct line l;
	decoder = decoder_new(&(struct decoder_config){ .verify_checksums = true });
	is_unsummed = true;
	decode(&p, RAW, bytes, hex_read(frame, bytes, sizeof(bytes)), KEPT, &l);
	CHECK(strcmp(l.text, SAYS_TCP3) == 0, "a checksum to be filled in: %s", l.text);
	is_unsummed = false;
	decoder_free(decoder);
	decoder = lenient;
}

static const struct {
	const char *in, *want; /* want NULL: refused */
} addresses[] = {
	{ "10.0.0.1", "10.0.0.1" },
	{ "255.249.99.100", "255.249.99.100" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "::ffff:1.2.3.4", "1.2.3.4" },
	{ "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001" },
	{ "::", "0000:0000:0000:0000:0000:0000:0000:0000" },
	{ "10.0.0", NULL },
	{ "10.0.0.256", NULL },
	{ "", NULL },
	{ "2001:db8:::1", NULL },
	{ "host", NULL },
};

static void test_addresses(void)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		struct address a;
		char text[ADDRESS_TEXT];
		bool parsed = address_parse(&a, addresses[i].in);
		CHECK(parsed == (addresses[i].want != NULL), "%s", addresses[i].in);
		if (!parsed || !addresses[i].want)
			continue;
		size_t len = address_text(&a, text);
		CHECK(strcmp(text, addresses[i].want) == 0 && len == strlen(text),
			"%s: %s", addresses[i].in, text);
	}
}

static void test_counters(void)
{
	const struct decoder_counters *n = decoder_counters(decoder);
	CHECK(n->packets == n->ipv4 + n->ipv6 + n->not_ip, "%llu",
		(unsigned long long)n->packets);
	CHECK(n->tcp && n->udp && n->icmp && n->other && n->events, "all kinds seen");
}

int main(void)
{
	decoder = decoder_new(&(struct decoder_config){ .fragment_memory = 0 });
	test_cases();
	test_cut_everywhere();
	test_fields();
	test_checksums();
	test_unsummed();
	test_addresses();
	test_counters();
	decoder_free(decoder);
	arena_fini(&arena);
	return test_end();
}
