/* One network interface that is listened to, through libpcap's AF_PACKET ring.
 *
 * It may be missing, go down, vanish and come back at any time: tap_look() is called each
 * second and does what is needed, with one warning when it goes and one line when it is
 * back. Private to src/capture; the reader's thread only. */
#ifndef IRONSPAN_TAP_H
#define IRONSPAN_TAP_H

#include <pcap/pcap.h>

#include "capture/pace.h"
#include "capture/source.h"

enum {
	TAP_BLOCK_MS = 10, /* the kernel shows a packet at most so long after it came */
};

struct tap {
	const struct live_config *config;
	const struct pace *pace; /* the source's */
	const char *name;
	pcap_t *pcap;          /* NULL: waited for */
	int fd;                /* to poll, while there is a pcap */
	unsigned index;        /* the kernel's; another one later is another interface */
	uint16_t link_type;    /* LINKTYPE_ value */
	bool is_down;          /* no link, or switched off */
	bool is_told;          /* the user knows that it is missing or down */
	bool is_empty;         /* nothing came at the last look; the source clears it */
	struct pcap_pkthdr *head; /* the next packet, until tap_drop(); NULL: none yet */
	const uint8_t *bytes;
	uint64_t head_ns;
	struct pcap_stat last; /* libpcap's counters as they were added up */
	uint64_t dropped, missed; /* by the kernel, by the card; sums over all openings */
	uint64_t away_ns;      /* how long it was missing or down */
};

enum tap_state {
	TAP_OPEN,
	TAP_AWAY,  /* missing or down: told; tap_look() tries again */
	TAP_WRONG, /* no permission, or a filter that does not compile: reported */
};

void tap_init(struct tap *t, const char *name, const struct live_config *config,
	const struct pace *pace);
/* At start, when what is wrong can still be put right. */
enum tap_state tap_open(struct tap *t);
/* Each second, `past_ns` after the last time. */
void tap_look(struct tap *t, uint64_t past_ns);
/* Its next packet into head and bytes; false: there is none now. */
bool tap_peek(struct tap *t);
static inline void tap_drop(struct tap *t)
{
	t->head = NULL;
}
void tap_count(struct tap *t); /* brings dropped and missed up to date */
void tap_close(struct tap *t);

#endif
