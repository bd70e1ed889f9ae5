/* The sender of tools/bench --live and tests/soak.py: a capture, over and over, at a given rate.
 *
 *   bench-send FILE IFACE RATE PACKETS [FIRST [PASSES]]     RATE 0: as fast as it goes
 *
 * Each pass has addresses of its own, so that its connections are new: both addresses begin with
 * two octets more by 2 * PASS than in FILE, which must hold Ethernet, IPv4 and TCP without
 * options of IP, as bench-capture writes it. After PASSES the first comes again, which is a
 * plant's case: always the same connections. They stay open and go on: nobody says SYN again, and
 * sequence numbers follow those of the time before, so that nothing is a retransmission. Checksums
 * stay right. Ends after so many PACKETS, or at SIGTERM, and prints how many were sent, how many
 * the interface refused (it was down), the seconds it took, and where the next run begins so that
 * nothing is missing between: FIRST, counted from the first frame of the first pass. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <search.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

enum { AT_ONCE = 64, IP_LEN = 16, IP_SUM = 24, SOURCE = 26, TARGET = 30, PORTS = 34, SEQ = 38,
	ACK = 42, DATA_OFFSET = 46, FLAGS = 47, TCP_SUM = 50, HEADERS = 54 };
enum { IP_HEADER = 20, SYN = 2, HAS_ACK = 16 };
enum { PASSES_MAX = 14000 }; /* from 10/8, and loopback addresses are not reached */
enum { ROOM = 64 << 20 }; /* a slow receiver loses packets; it does not slow us down */

/* One direction of a connection, and how many bytes it carries in a pass. */
struct way {
	uint8_t ends[12];
	uint32_t bytes;
};

struct frame {
	struct iovec bytes;
	const struct way *way, *back;
	unsigned pass;         /* whose addresses and numbers it has, from 0 without an end */
};

struct frames {
	struct frame *at;
	size_t count, next;
	void *ways;            /* a tree */
	unsigned pass, passes; /* under way, without an end; after how many the first comes again */
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

static int compare_ways(const void *a, const void *b)
{
	return memcmp(((const struct way *)a)->ends, ((const struct way *)b)->ends,
		sizeof(((struct way *)0)->ends));
}

static struct way *way_of(struct frames *f, const uint8_t *from, const uint8_t *to,
	const uint8_t *from_port, const uint8_t *to_port)
{
	struct way *w = calloc(1, sizeof(*w));
	memcpy(w->ends, from, 4);
	memcpy(w->ends + 4, to, 4);
	memcpy(w->ends + 8, from_port, 2);
	memcpy(w->ends + 10, to_port, 2);
	struct way *known = *(struct way **)tsearch(w, &f->ways, compare_ways);
	if (known != w)
		free(w);
	return known;
}

static uint32_t carried(const uint8_t *frame)
{
	return (uint32_t)(frame[IP_LEN] << 8 | frame[IP_LEN + 1]) - IP_HEADER -
		(uint32_t)(frame[DATA_OFFSET] >> 4) * 4;
}

static void take(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct frames *f = (struct frames *)user;
	if ((f->count & (f->count - 1)) == 0)
		f->at = realloc(f->at, (f->count ? 2 * f->count : 1) * sizeof(*f->at));
	struct frame *new = &f->at[f->count++];
	if (h->caplen < HEADERS || bytes[14] != 0x45 || bytes[23] != IPPROTO_TCP)
		fail("the capture", "a frame is not IPv4 and TCP");
	struct way *way = way_of(f, bytes + SOURCE, bytes + TARGET, bytes + PORTS,
		bytes + PORTS + 2);
	*new = (struct frame){ { malloc(h->caplen), h->caplen }, way,
		way_of(f, bytes + TARGET, bytes + SOURCE, bytes + PORTS + 2, bytes + PORTS), 0 };
	memcpy(new->bytes.iov_base, bytes, h->caplen);
	way->bytes += carried(bytes);
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

static uint32_t add_to_number(uint8_t *at, uint32_t more)
{
	uint32_t word, before, after;
	memcpy(&word, at, sizeof(word));
	before = ntohl(word);
	after = before + more;
	word = htonl(after);
	memcpy(at, &word, sizeof(word));
	return (after >> 16) + (after & 0xffff) + (~before >> 16) + (~before & 0xffff);
}

/* Give a frame the addresses and numbers of the pass under way. */
static void move(const struct frames *f, struct frame *frame)
{
	uint8_t *bytes = frame->bytes.iov_base;
	int step = 2 * ((int)(f->pass % f->passes) - (int)(frame->pass % f->passes));
	uint32_t rounds = f->pass / f->passes - frame->pass / f->passes;
	uint32_t more = add_to_word(bytes + SOURCE, step) + add_to_word(bytes + TARGET, step);
	add_to_sum(bytes + IP_SUM, more);
	more += add_to_number(bytes + SEQ, rounds * frame->way->bytes);
	if (bytes[FLAGS] & HAS_ACK)
		more += add_to_number(bytes + ACK, rounds * frame->back->bytes);
	add_to_sum(bytes + TCP_SUM, more);
	frame->pass = f->pass;
}

static void begin(struct frames *f, const char *first, const char *passes)
{
	uint64_t position = strtoull(first, NULL, 10);
	int count = atoi(passes);
	f->passes = count > 0 && count < PASSES_MAX ? (unsigned)count : PASSES_MAX;
	f->pass = (unsigned)(position / f->count);
	f->next = position % f->count;
}

/* In the first round all frames are sent, then those of connections that are open. */
static int is_left_out(const struct frames *f, const struct frame *frame)
{
	return f->pass >= f->passes && ((const uint8_t *)frame->bytes.iov_base)[FLAGS] & SYN;
}

/* The next frame that is sent; NULL: the pass is over. */
static struct frame *next_frame(const struct frames *f, size_t *at)
{
	while (*at < f->count && is_left_out(f, &f->at[*at]))
		++*at;
	return *at < f->count ? &f->at[(*at)++] : NULL;
}

static void go_to(struct frames *f, size_t next)
{
	f->next = next;
	if (f->next < f->count)
		return;
	f->pass++;
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

/* Up to `wanted` frames of this pass; how many the wire took, and the first it did not. */
static void push(int fd, struct frames *f, size_t wanted, uint64_t *sent, uint64_t *refused)
{
	struct mmsghdr messages[AT_ONCE];
	size_t behind[AT_ONCE], at = f->next, count = 0;
	for (struct frame *frame; count < wanted && count < AT_ONCE &&
			(frame = next_frame(f, &at)) != NULL; count++) {
		if (frame->pass != f->pass)
			move(f, frame);
		messages[count] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &frame->bytes,
			.msg_iovlen = 1 } };
		behind[count] = at;
	}
	int took = count ? sendmmsg(fd, messages, (unsigned)count, 0) : 0;
	*sent += took > 0 ? (unsigned)took : 0;
	*refused += count && took <= 0;
	go_to(f, took > 0 ? behind[took - 1] : count ? behind[0] : f->count);
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
		fail("usage", "bench-send FILE IFACE RATE PACKETS [FIRST [PASSES]]");
	double rate = atof(argv[3]);
	uint64_t wanted = strtoull(argv[4], NULL, 10), sent = 0, refused = 0;
	signal(SIGTERM, end);
	load(&f, argv[1]);
	begin(&f, argc > 5 ? argv[5] : "0", argc > 6 ? argv[6] : "");
	int fd = open_wire(argv[2]);
	double start_s = now_s();
	while (!is_over && sent + refused < wanted) {
		uint64_t done = sent + refused;
		push(fd, &f, due(rate, start_s, done, wanted - done), &sent, &refused);
	}
	printf("%llu sent, %llu refused, %.6f s, next %llu\n", (unsigned long long)sent,
		(unsigned long long)refused, now_s() - start_s,
		(unsigned long long)f.pass * f.count + f.next);
	return 0;
}
