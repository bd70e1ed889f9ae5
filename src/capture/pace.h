/* A time that goes on whatever is done to the machine's clock.
 *
 * Timeouts and windows follow the time of packets, and live packets carry the wall clock. When
 * somebody sets it by an hour, everything that waits would end at once, or wait an hour. So live
 * packets get the wall clock plus a skew that takes up each step; who writes a time for people
 * takes the skew away again. Slow corrections, as NTP makes them, are no steps. One thread. */
#ifndef IRONSPAN_PACE_H
#define IRONSPAN_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t ahead_ns; /* wall clock minus the steady one, at the last look */
	int64_t skew_ns;  /* of packets from now on: their time minus the wall clock */
	int64_t last_skew_ns; /* of packets stamped before the last step */
	uint64_t now_ns;  /* when it was looked last */
	uint64_t steps;
};

void pace_init(struct pace *p);
/* At least each second. Whether the clock was set; it is told then. */
bool pace_look(struct pace *p);
uint64_t pace_now(const struct pace *p); /* ns */
/* Of a packet's stamp. One from before a step is known by how far off it would be. */
uint64_t pace_of(const struct pace *p, uint64_t wall_ns);

#endif
