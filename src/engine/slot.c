#include <stdlib.h>

#include "engine/slot.h"

void slot_init(struct slot *s, unsigned lanes)
{
	batch_init(&s->batch);
	for (unsigned i = 0; i < lanes; i++) {
		s->list[i].entries = mem_array(2 * BATCH_PACKETS + AHEAD, sizeof(uint16_t));
		s->outs[i] = mem_new(sizeof(struct out));
	}
}

void slot_fini(struct slot *s, unsigned lanes)
{
	batch_fini(&s->batch);
	free(s->reports);
	for (unsigned i = 0; i < lanes; i++) {
		free(s->list[i].entries);
		out_fini(s->outs[i]);
		free(s->outs[i]);
	}
}

void slot_clear(struct slot *s, unsigned lanes)
{
	s->report_count = 0;
	memset(s->verdict, VERDICT_ACCEPT, sizeof(s->verdict));
	for (unsigned i = 0; i < lanes; i++) {
		s->list[i].count = 0;
		out_clear(s->outs[i]);
	}
}

void slot_report(struct slot *s, const struct report *r)
{
	if (s->report_count == s->report_cap) {
		s->report_cap = s->report_cap ? 2 * s->report_cap : 4;
		s->reports = mem_resize(s->reports, s->report_cap * sizeof(*s->reports));
	}
	s->reports[s->report_count++] = *r;
}

void slot_close(struct slot *s, unsigned lanes)
{
	for (unsigned i = 0; i < lanes; i++)
		for (unsigned behind = 0; behind < AHEAD; behind++)
			s->list[i].entries[s->list[i].count + behind] = TICK;
	atomic_store_explicit(&s->unsettled, lanes, memory_order_relaxed);
	atomic_store_explicit(&s->pending, lanes, memory_order_relaxed);
}
