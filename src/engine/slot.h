/* A slot: a batch of packets on its way through the engine. The reader fills it, every lane
 * works through its own list of it, the ordered stage takes what they put out, and the reader
 * has it again. Slots go round in one order, so that a counter says all there is to say. */
#ifndef IRONSPAN_SLOT_H
#define IRONSPAN_SLOT_H

#include <stdatomic.h>

#include "capture/source.h"
#include "engine/health.h"
#include "engine/record.h"
#include "engine/shard.h"

enum { LANES_MAX = SHARDS };
enum { LOSS_NEAR_S = 10 };

/* An entry of a lane's list: a packet's index, or with TICK: time comes to that packet's. So
 * many entries behind the end of a list are read too, by ahead.h: TICKs. */
enum { TICK = 0x8000, AHEAD = 32 };

struct slot {
	struct batch batch;
	uint8_t shard[BATCH_PACKETS];
	bool is_bare[BATCH_PACKETS]; /* as the source gave it but for its hash: the lane decodes it */
	uint8_t verdict[BATCH_PACKETS]; /* accepted, unless a lane says otherwise */
	struct {
		uint16_t *entries;
		unsigned count;
	} list[LANES_MAX];
	struct out *outs[LANES_MAX];
	struct ruleset *rules; /* that it is looked at with */
	struct report *reports; /* of intervals that are over in it */
	unsigned report_count, report_cap;
	struct report now;     /* the reader's sums when it was filled */
	uint64_t drops;        /* packets lost within the last LOSS_NEAR_S */
	uint64_t number; /* of the packet that comes next */
	bool is_silent;  /* live: there are no packets, but time has come to the batch's */
	bool is_last;
	atomic_uint unsettled; /* lanes that have not looked at all its packets */
	atomic_uint pending; /* lanes that have not finished it */
};

void slot_init(struct slot *s, unsigned lanes);
void slot_fini(struct slot *s, unsigned lanes);

/* The reader's: the slot is empty again; a report more; a list gets an entry; the lists are
 * complete. */
void slot_clear(struct slot *s, unsigned lanes);
void slot_report(struct slot *s, const struct report *r);
static inline void slot_entry(struct slot *s, unsigned lane, unsigned entry)
{
	s->list[lane].entries[s->list[lane].count++] = (uint16_t)entry;
}
void slot_close(struct slot *s, unsigned lanes);

#endif
