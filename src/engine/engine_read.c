/* The reader: batches from the source, decoded, and dealt out to the lanes of their shards. */
#include "engine/engine_state.h"

enum { TICK_NS = 100 * 1000 * 1000 }; /* of packet time: how often silent shards look up */
enum { SILENCE_MS = 20 }; /* live: the same, while there are no packets */

struct report engine_report(const struct engine *e, uint64_t time_ns, uint64_t number)
{
	struct report r = { .time_ns = time_ns, .number = number, .reloads = e->reloads,
		.first_ns = e->first_ns, .source = e->source->counters,
		.decoder = *decoder_counters(e->decoder) };
	r.source.packets = r.decoder.packets; /* a batch may have been read further */
	if (e->first_ns && time_ns > e->first_ns)
		r.uptime_s = (time_ns - e->first_ns) / 1000000000;
	return r;
}

static void add_report(const struct engine *e, struct slot *s, uint64_t time_ns,
	uint64_t number)
{
	struct report r = engine_report(e, time_ns, number);
	slot_report(s, &r);
}

/* TCP and UDP without fragments: decoding needs nothing but the packet. */
static bool is_simple(const struct packet *p)
{
	return p->has_ports && !p->events && !p->is_fragment && !p->is_reassembled;
}

/* To move a cache line from core to core takes longer than to decode: of what most packets
 * say only the first line is written where a lane will look, and the lane decodes it again. */
static const struct packet *decode(struct engine *e, struct slot *s, unsigned i,
	struct packet *seen)
{
	struct packet *p = &s->batch.packets[i];
	s->is_bare[i] = false;
	if (e->lane_count > 1) {
		*seen = (struct packet){ .frame = p->frame, .wire_len = p->wire_len,
			.link_type = p->link_type, .is_unsummed = p->is_unsummed,
			.number = p->number, .time_ns = p->time_ns, .iface = p->iface };
		packet_decode(e->decoder, seen, &s->batch.arena);
		s->is_bare[i] = is_simple(seen);
		if (!s->is_bare[i])
			*p = *seen;
		return seen;
	}
	packet_decode(e->decoder, p, &s->batch.arena);
	return p;
}

static void add_packet(struct engine *e, struct slot *s, unsigned i)
{
	struct packet seen;
	const struct packet *p = decode(e, s, i, &seen);
	if (p->time_ns >= e->tick_ns) {
		e->tick_ns = p->time_ns + TICK_NS;
		for (unsigned l = 0; l < e->lane_count; l++)
			slot_entry(s, l, TICK | i);
		if (report_is_due(&e->report_ns, p->time_ns, e->config))
			add_report(e, s, p->time_ns, p->number);
	}
	unsigned shard = shard_of(p);
	s->batch.packets[i].flow_hash = flow_hash(&e->key, p);
	s->shard[i] = (uint8_t)shard;
	slot_entry(s, shard % e->lane_count, i);
	e->number = p->number + 1;
	if (!e->first_ns)
		e->first_ns = p->time_ns;
	if (p->time_ns > e->last_ns)
		e->last_ns = p->time_ns;
}

/* A live read does not wait for long while there are lines that somebody else waits for. */
static enum source_state read_batch(struct engine *e, struct batch *b)
{
	for (;;) {
		bool is_drained = e->drained >= atomic_load_explicit(&e->filled,
			memory_order_relaxed);
		enum source_state state = source_read(e->source, b,
			is_drained ? SILENCE_MS : 1);
		if (state != SOURCE_IDLE || is_drained || engine_is_stopped(e))
			return state;
		while (engine_drain_one(e))
			;
	}
}

/* One swap at a time: the next waits until the stage has gone over. */
static void take_rules(struct engine *e)
{
	bool is_over = e->rules == e->stage_rules;
	struct ruleset *rules = e->reload && is_over ? reload_take(e->reload, &e->reload_taken)
		: NULL;
	if (!rules)
		return;
	e->rules = rules;
	e->reloads++;
}

/* Live: packets that were dropped within the last seconds, for alerts to say so. */
static void see_loss(struct engine *e, struct slot *s)
{
	const uint64_t now_ns = s->batch.now_ns, near_ns = LOSS_NEAR_S * UINT64_C(1000000000);
	source_count(e->source);
	const struct source_counters *c = &e->source->counters;
	uint64_t dropped = c->dropped + c->missed + c->unseen;
	if (dropped > e->loss.dropped) {
		e->loss.lately += dropped - e->loss.dropped;
		e->loss.since_ns = now_ns;
	} else if (now_ns > e->loss.since_ns + near_ns) {
		e->loss.lately = 0;
	}
	e->loss.dropped = dropped;
	s->drops = e->loss.lately;
	s->now = engine_report(e, now_ns, e->number);
}

void engine_fill(struct engine *e, struct slot *s)
{
	enum source_state state = read_batch(e, &s->batch);
	take_rules(e);
	s->rules = e->rules;
	slot_clear(s, e->lane_count);
	if (e->source->is_live)
		see_loss(e, s);
	for (; e->iface_count < e->source->iface_count && e->iface_count < IFACES_MAX;
		e->iface_count++)
		e->iface_names[e->iface_count] = e->source->ifaces[e->iface_count].name;
	for (unsigned i = 0; i < s->batch.count; i++)
		add_packet(e, s, i);
	slot_close(s, e->lane_count);
	s->is_silent = state == SOURCE_IDLE;
	s->number = e->number;
	if (s->is_silent && report_is_due(&e->report_ns, s->batch.now_ns, e->config))
		add_report(e, s, s->batch.now_ns, s->number);
	e->ok &= state != SOURCE_FAILED;
	s->is_last = state == SOURCE_END || state == SOURCE_FAILED || !e->ok ||
		(engine_is_stopped(e) && !e->source->is_live); /* which ends by itself */
	if (s->is_last && (e->first_ns || e->source->is_live))
		add_report(e, s, e->source->is_live ? s->batch.now_ns : e->last_ns, UINT64_MAX);
}
