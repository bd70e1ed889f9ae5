/* What the ends of a dropped packet are told, so that they do not wait: a reset of
 * their TCP connection (RFC 9293 3.10.7.1), or that the packet was forbidden on its way
 * (RFC 792 and RFC 1812 5.2.7.1: type 3, code 13; RFC 4443 3.1: type 1, code 1).
 *
 * A reset goes out under the other end's name, with the sequence number that is due.
 * ICMP goes to senders only: it is about a packet that somebody sent. Nobody is told of
 * an error (RFC 1122 3.2.2) or of a reset. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/report.h"
#include "capture/queue.h"
#include "packet/checksum.h"

enum {
	IPV4_LEN = 20, IPV6_LEN = 40, TCP_LEN = 20, ICMP_LEN = 8,
	QUOTED_V4 = 548,  /* the whole error stays below 576 bytes */
	QUOTED_V6 = 1232, /* and below 1280 */
	ROOM = 1500,
	HOPS = 64,
};

struct refuser {
	int v4, v6; /* raw sockets, or -1 */
};

/* ---- packets ---- */

/* One that is being written: from src to dst, `at` has the IP header's room before
 * `body`. */
struct draft {
	struct packet ends; /* what checksums need */
	uint8_t at[ROOM];
	size_t head, len;   /* bytes of the IP header, and of all */
};

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static void begin(struct draft *d, const struct packet *p, bool to_src)
{
	*d = (struct draft){ .head = p->ip_version == 4 ? IPV4_LEN : IPV6_LEN };
	d->ends.ip_version = p->ip_version;
	d->ends.src = to_src ? p->dst : p->src;
	d->ends.dst = to_src ? p->src : p->dst;
}

static void finish_v4(struct draft *d, uint8_t proto)
{
	uint8_t *at = d->at;

	at[0] = 0x45;
	put16(at + 2, (unsigned)d->len);
	at[6] = 0x40; /* not to be cut into fragments */
	at[8] = HOPS;
	at[9] = proto;
	memcpy(at + 12, d->ends.src.at + 12, 4);
	memcpy(at + 16, d->ends.dst.at + 12, 4);
	put16(at + 10, checksum((struct bytes){ at, IPV4_LEN }));
}

static void finish_v6(struct draft *d, uint8_t proto)
{
	uint8_t *at = d->at;

	at[0] = 0x60;
	put16(at + 4, (unsigned)(d->len - IPV6_LEN));
	at[6] = proto;
	at[7] = HOPS;
	memcpy(at + 8, d->ends.src.at, 16);
	memcpy(at + 24, d->ends.dst.at, 16);
}

static void finish(struct draft *d, uint8_t proto)
{
	if (d->ends.ip_version == 4)
		finish_v4(d, proto);
	else
		finish_v6(d, proto);
}

/* What the dropped segment would have moved the sequence number by. */
static uint32_t length_of(const struct packet *p)
{
	return p->payload_wire + !!(p->tcp_flags & TCP_SYN) + !!(p->tcp_flags & TCP_FIN);
}

/* The sender expects what it acknowledged, the receiver the dropped segment itself. */
static void draft_reset(struct draft *d, const struct packet *p, bool to_src)
{
	begin(d, p, to_src);
	uint8_t *tcp = d->at + d->head;
	bool has_ack = p->tcp_flags & TCP_ACK;
	bool acknowledges = to_src ? !has_ack : has_ack;
	put16(tcp, to_src ? p->dport : p->sport);
	put16(tcp + 2, to_src ? p->sport : p->dport);
	put32(tcp + 4, !to_src ? p->seq : has_ack ? p->ack : 0);
	put32(tcp + 8, !acknowledges ? 0 : to_src ? p->seq + length_of(p) : p->ack);
	tcp[12] = TCP_LEN / 4 << 4;
	tcp[13] = TCP_RST | (acknowledges ? TCP_ACK : 0);
	d->len = d->head + TCP_LEN;
	put16(tcp + 16, checksum_transport(&d->ends, PROTO_TCP,
		(struct bytes){ tcp, TCP_LEN }));
	finish(d, PROTO_TCP);
}

static void draft_error(struct draft *d, const struct packet *p)
{
	bool is_v4 = p->ip_version == 4;
	size_t quoted = (size_t)(p->frame.at + p->frame.len - p->ip_header);
	size_t most = is_v4 ? QUOTED_V4 : QUOTED_V6;

	begin(d, p, true);
	uint8_t *icmp = d->at + d->head;
	quoted = quoted < most ? quoted : most;
	icmp[0] = is_v4 ? 3 : 1;
	icmp[1] = is_v4 ? 13 : 1;
	memcpy(icmp + ICMP_LEN, p->ip_header, quoted);
	d->len = d->head + ICMP_LEN + quoted;
	struct bytes body = { icmp, ICMP_LEN + quoted };
	put16(icmp + 2, is_v4 ? checksum(body)
		: checksum_transport(&d->ends, PROTO_ICMPV6, body));
	finish(d, is_v4 ? PROTO_ICMP : PROTO_ICMPV6);
}

/* ---- sending ---- */

static bool send_v4(const struct refuser *r, const struct draft *d)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	memcpy(&to.sin_addr, d->ends.dst.at + 12, 4);
	return sendto(r->v4, d->at, d->len, MSG_DONTWAIT, (struct sockaddr *)&to,
		       sizeof(to)) >= 0;
}

static bool send_v6(const struct refuser *r, const struct draft *d)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

	memcpy(&to.sin6_addr, d->ends.dst.at, 16);
	return sendto(r->v6, d->at, d->len, MSG_DONTWAIT, (struct sockaddr *)&to,
		       sizeof(to)) >= 0;
}

static unsigned give(const struct refuser *r, const struct draft *d)
{
	return d->ends.ip_version == 4 ? send_v4(r, d) : send_v6(r, d);
}

static bool is_tcp(const struct packet *p)
{
	return p->proto == PROTO_TCP && p->has_ports;
}

static unsigned reset(const struct refuser *r, const struct packet *p, uint8_t verdict)
{
	struct draft d;
	unsigned told = 0;

	if (p->tcp_flags & TCP_RST)
		return 0;
	for (unsigned to_src = 0; to_src < 2; to_src++) {
		if (!(verdict & (to_src ? VERDICT_REFUSE_SRC : VERDICT_REFUSE_DST)))
			continue;
		draft_reset(&d, p, to_src);
		told += give(r, &d);
	}
	return told;
}

unsigned refuser_tell(const struct refuser *r, const struct packet *p, uint8_t verdict)
{
	struct draft d;

	if (p->ip_header != p->frame.at) /* within a tunnel, whose ends are others */
		return 0;
	if (is_tcp(p))
		return reset(r, p, verdict);
	if (!(verdict & VERDICT_REFUSE_SRC) || p->proto == PROTO_ICMP ||
		p->proto == PROTO_ICMPV6)
		return 0;
	draft_error(&d, p);
	return give(r, &d);
}

/* ---- sockets ---- */

static int open_raw(int family, uint32_t mark)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd >= 0 && mark)
		setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	return fd;
}

struct refuser *refuser_new(uint32_t mark)
{
	struct refuser *r = mem_new(sizeof(*r));

	r->v6 = open_raw(AF_INET6, mark); /* there may be no IPv6 at all */
	r->v4 = open_raw(AF_INET, mark);
	if (r->v4 < 0)
		report_warning("no raw socket: %s; reject rules drop and tell nobody",
			strerror(errno));
	return r;
}

void refuser_free(struct refuser *r)
{
	if (r->v4 >= 0)
		close(r->v4);
	if (r->v6 >= 0)
		close(r->v6);
	free(r);
}
