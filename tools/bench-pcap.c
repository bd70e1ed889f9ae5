/* The bare loop that tools/bench compares with: libpcap reads a capture, we only count. */
#include <pcap/pcap.h>
#include <stdio.h>

static void count(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	unsigned long *sums = (unsigned long *)user;
	(void)bytes;
	sums[0]++;
	sums[1] += h->caplen;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	unsigned long sums[2] = { 0, 0 };
	pcap_t *p = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
	if (!p) {
		fprintf(stderr, "usage: bench-pcap FILE\n");
		return 2;
	}
	pcap_loop(p, -1, count, (u_char *)sums);
	pcap_close(p);
	printf("%lu packets, %lu bytes\n", sums[0], sums[1]);
	return 0;
}
