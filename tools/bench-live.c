/* The bare counter that tools/bench --live compares with: libpcap listens, we only count.
 *
 *   bench-live IFACE RING_BYTES
 *
 * As many bytes of ring as the sensor has, and what else it asks of libpcap. Prints the packets
 * taken and those that the kernel dropped so far, each quarter of a second until SIGTERM. */
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SNAPLEN = 262144, BLOCK_MS = 10, TELL_MS = 250, AT_ONCE = 4096 };

static volatile sig_atomic_t is_over;

static void end(int number)
{
	(void)number;
	is_over = 1;
}

static void count(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	unsigned long *sums = (unsigned long *)user;
	(void)bytes;
	sums[0]++;
	sums[1] += h->caplen;
}

static pcap_t *listen_on(const char *name, int ring)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create(name, error);
	if (!p)
		return NULL;
	pcap_set_snaplen(p, SNAPLEN);
	pcap_set_promisc(p, 1);
	pcap_set_timeout(p, BLOCK_MS);
	pcap_set_buffer_size(p, ring);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (pcap_activate(p) < 0 || pcap_setnonblock(p, 1, error) != 0)
		return NULL;
	return p;
}

static long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void tell(pcap_t *p, const unsigned long *sums)
{
	struct pcap_stat s = { 0 };
	pcap_stats(p, &s);
	printf("%lu taken, %u dropped\n", sums[0], s.ps_drop);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned long sums[2] = { 0, 0 };
	pcap_t *p = argc == 3 ? listen_on(argv[1], atoi(argv[2])) : NULL;
	if (!p) {
		fprintf(stderr, "usage: bench-live IFACE RING_BYTES\n");
		return 2;
	}
	signal(SIGTERM, end);
	struct pollfd ready = { pcap_get_selectable_fd(p), POLLIN, 0 };
	for (long told_ms = 0; !is_over;) {
		if (pcap_dispatch(p, AT_ONCE, count, (u_char *)sums) == 0)
			poll(&ready, 1, TELL_MS);
		if (now_ms() - told_ms >= TELL_MS) {
			tell(p, sums);
			told_ms = now_ms();
		}
	}
	tell(p, sums);
	pcap_close(p);
	return 0;
}
