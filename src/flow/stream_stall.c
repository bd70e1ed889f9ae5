/* Flows in which something waits: what is missing, and when a hole is given up and
 * becomes a gap. */
#include "flow/stream_state.h"

enum {
	STALL_ACKED_NS = 100 * 1000 * 1000,      /* the receiver has it, the mirror has not */
	STALL_ONE_SIDED_NS = 1000 * 1000 * 1000, /* nobody could tell */
	STALL_PACKETS = 16,
};
#define STALL_ANY_NS 5000000000ull

static bool is_waiting(const struct flow *f)
{
	return (f->stream[0] && f->stream[0]->first) || (f->stream[1] && f->stream[1]->first);
}

void stream_stall(struct streams *s, struct flow *f, uint64_t now_ns)
{
	if (f->is_stalled || !is_waiting(f))
		return;
	f->is_stalled = true;
	f->stalled_ns = now_ns;
	f->stalled_packets = 0;
	f->next_stalled = s->stalled;
	s->stalled = f;
}

static void unstall(struct streams *s, struct flow *f)
{
	struct flow **at = &s->stalled;
	while (*at != f)
		at = &(*at)->next_stalled;
	*at = f->next_stalled;
	f->is_stalled = false;
}

bool stream_has_hole(const struct flow *f, unsigned end)
{
	const struct stream *d = f->stream[end];
	return d && ((d->first && d->first->at > d->next) || d->acked > d->next);
}

/* Which end lacks bytes, and up to where; false if nothing is missing. */
static bool find_hole(const struct flow *f, unsigned *end, uint64_t *to)
{
	for (unsigned e = 0; e < 2; e++) {
		const struct stream *d = f->stream[e];
		if (d && d->first && d->first->at > d->next) {
			*end = e;
			*to = d->first->at;
			return true;
		}
	}
	for (unsigned e = 0; e < 2; e++) {
		const struct stream *d = f->stream[e];
		if (d && d->first && !stream_acknowledged_seen(f, e, d->first->ack)) {
			*end = !e;
			*to = d->first->ack;
			return true;
		}
	}
	return false;
}

static bool is_over_bounds(const struct stream *d)
{
	return d && (d->waiting > STREAM_WAITING_MAX || d->segments > STREAM_SEGMENTS_MAX);
}

static bool is_hopeless(const struct flow *f, unsigned end, uint64_t to, uint64_t now_ns)
{
	const struct stream *d = f->stream[end];
	uint64_t waited = now_ns > f->stalled_ns ? now_ns - f->stalled_ns : 0;
	if (is_over_bounds(f->stream[0]) || is_over_bounds(f->stream[1]))
		return true;
	if (d->acked >= to)
		return waited >= STALL_ACKED_NS || f->stalled_packets >= STALL_PACKETS;
	if (f->packets[!end] == 0)
		return waited >= STALL_ONE_SIDED_NS;
	return waited >= STALL_ANY_NS;
}

static void skip_gap(struct streams *s, struct flow *f, unsigned end, uint64_t to,
	const struct origin *o)
{
	struct stream *d = f->stream[end];
	uint64_t len = to - d->next;
	d->gap_from = d->next;
	d->gap_to = to;
	d->next = to;
	stream_forget_history(d);
	s->counters.gaps++;
	s->counters.gap_bytes += len;
	s->sink.gap(s->context, f, end, len, o);
	stream_report(s, f, end, STREAM_GAP, o);
}

static const struct origin *waiting_origin(const struct flow *f, unsigned end)
{
	const struct stream *d = f->stream[end];
	return d && d->first ? &d->first->origin : &f->stream[!end]->first->origin;
}

void stream_give_up(struct streams *s, struct flow *f, uint64_t now_ns, bool always)
{
	unsigned end;
	uint64_t to;
	while (find_hole(f, &end, &to) && (always || is_hopeless(f, end, to, now_ns))) {
		struct origin o = *waiting_origin(f, end);
		struct stream *d = f->stream[end];
		if (d->first && d->first->at < to)
			to = d->first->at;
		if (to > d->next)
			skip_gap(s, f, end, to, &o);
		else /* both ends wait for what the other acknowledges: let this one go */
			d->first->ack = 0;
		stream_drain(s, f);
		f->stalled_ns = now_ns;
		f->stalled_packets = 0;
	}
	if (f->is_stalled && !is_waiting(f))
		unstall(s, f);
}

void streams_advance(struct streams *s, uint64_t now_ns)
{
	for (struct flow *f = s->stalled, *next; f; f = next) {
		next = f->next_stalled;
		stream_give_up(s, f, now_ns, false);
	}
}
