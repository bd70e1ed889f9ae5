/* The sender of tools/bench --live and tests/soak.py: a capture, over and over, at a given rate.
 *
 *   bench-send FILE IFACE RATE PACKETS [PASS [PASSES]]      RATE 0: as fast as it goes
 *
 * Each pass has addresses of its own, so that its connections are new: both addresses begin with
 * two octets more by 2 * PASS than in FILE, which must hold Ethernet, IPv4 and TCP without
 * options of IP, as bench-capture writes it. Checksums stay right. After PASSES the first comes
 * again, which is a plant's case: always the same connections. Ends after so many PACKETS, or at
 * SIGTERM, and prints how many were sent, how many the interface refused (it was down), the
 * seconds it took, and the pass to begin the next run with. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

enum { AT_ONCE = 64, IP_SUM = 24, SOURCE = 26, TARGET = 30, TCP_SUM = 50, HEADERS = 54 };
enum { PASSES_MAX = 14000 }; /* from 10/8, and loopback addresses are not reached */
enum { ROOM = 64 << 20 }; /* a slow receiver loses packets; it does not slow us down */

struct frames {
	struct iovec *at;
	size_t count, next;
	unsigned pass, passes;
};

static volatile sig_atomic_t is_over;

static void end(int number)
{
	(void)number;
	is_over = 1;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench-send: %s: %s\n", what, why);
	exit(2);
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- frames ---- */

static void take(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct frames *f = (struct frames *)user;
	if ((f->count & (f->count - 1)) == 0)
		f->at = realloc(f->at, (f->count ? 2 * f->count : 1) * sizeof(*f->at));
	struct iovec *new = &f->at[f->count++];
	*new = (struct iovec){ malloc(h->caplen), h->caplen };
	if (h->caplen < HEADERS || bytes[14] != 0x45 || bytes[23] != IPPROTO_TCP)
		fail("the capture", "a frame is not IPv4 and TCP");
	memcpy(new->iov_base, bytes, h->caplen);
}

static void load(struct frames *f, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(path, error);
	if (!p)
		fail(path, error);
	pcap_loop(p, -1, take, (u_char *)f);
	pcap_close(p);
	if (f->count == 0)
		fail(path, "it is empty");
}

/* As RFC 1624 says: the sum after a word under it has grown by so much. */
static void add_to_sum(uint8_t *at, uint32_t more)
{
	uint32_t sum = (uint32_t)(at[0] << 8 | at[1]) ^ 0xffff;
	sum += more;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum ^= 0xffff;
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}

static uint32_t add_to_word(uint8_t *at, int more)
{
	unsigned before = (unsigned)(at[0] << 8 | at[1]), after = before + (unsigned)more;
	at[0] = (uint8_t)(after >> 8);
	at[1] = (uint8_t)after;
	return (after & 0xffff) + (before ^ 0xffff);
}

static void move(struct frames *f, int passes)
{
	for (size_t i = 0; i < f->count; i++) {
		uint8_t *frame = f->at[i].iov_base;
		uint32_t more = add_to_word(frame + SOURCE, 2 * passes) +
			add_to_word(frame + TARGET, 2 * passes);
		add_to_sum(frame + IP_SUM, more);
		add_to_sum(frame + TCP_SUM, more);
	}
}

static void begin(struct frames *f, const char *pass, const char *passes)
{
	int count = atoi(passes);
	f->passes = count > 0 && count < PASSES_MAX ? (unsigned)count : PASSES_MAX;
	f->pass = (unsigned)atoi(pass) % f->passes;
	move(f, (int)f->pass);
}

static void end_pass(struct frames *f)
{
	int step = f->pass + 1 < f->passes ? 1 : 1 - (int)f->passes;
	move(f, step);
	f->pass += (unsigned)step;
	f->next = 0;
}

/* ---- the wire ---- */

static int open_wire(const char *name)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = 0,
		.sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, room = ROOM;
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail(name, strerror(errno));
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	return fd;
}

/* How many the wire took; 0: it refused the first. */
static size_t push(int fd, const struct frames *f, size_t wanted)
{
	struct mmsghdr messages[AT_ONCE];
	if (wanted > AT_ONCE)
		wanted = AT_ONCE;
	if (wanted > f->count - f->next)
		wanted = f->count - f->next;
	for (size_t i = 0; i < wanted; i++)
		messages[i] = (struct mmsghdr){ .msg_hdr = {
			.msg_iov = &f->at[f->next + i], .msg_iovlen = 1 } };
	int sent = sendmmsg(fd, messages, (unsigned)wanted, 0);
	return sent > 0 ? (size_t)sent : 0;
}

static void sleep_until(double when_s)
{
	double left = when_s - now_s();
	if (left > 0)
		nanosleep(&(struct timespec){ (time_t)left,
			(long)((left - (double)(time_t)left) * 1e9) }, NULL);
}

/* How many are due; when none is, after a sleep. */
static size_t due(double rate, double start_s, uint64_t done, uint64_t left)
{
	if (rate <= 0)
		return left < AT_ONCE ? (size_t)left : AT_ONCE;
	double behind = (now_s() - start_s) * rate - (double)done;
	if (behind < 1) {
		sleep_until(start_s + (double)(done + 1) / rate);
		return 1;
	}
	return behind < (double)left ? (size_t)behind : (size_t)left;
}

int main(int argc, char **argv)
{
	struct frames f = { 0 };
	if (argc < 5 || argc > 7)
		fail("usage", "bench-send FILE IFACE RATE PACKETS [PASS [PASSES]]");
	double rate = atof(argv[3]);
	uint64_t wanted = strtoull(argv[4], NULL, 10), sent = 0, refused = 0;
	signal(SIGTERM, end);
	load(&f, argv[1]);
	begin(&f, argc > 5 ? argv[5] : "0", argc > 6 ? argv[6] : "");
	int fd = open_wire(argv[2]);
	double start_s = now_s();
	while (!is_over && sent + refused < wanted) {
		uint64_t done = sent + refused;
		size_t took = push(fd, &f, due(rate, start_s, done, wanted - done));
		sent += took;
		refused += took == 0;
		f.next += took ? took : 1;
		if (f.next == f.count)
			end_pass(&f);
	}
	printf("%llu sent, %llu refused, %.6f s, %u passes\n", (unsigned long long)sent,
		(unsigned long long)refused, now_s() - start_s, f.pass + 1);
	return 0;
}
