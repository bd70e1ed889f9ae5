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

void stream_stall(struct streams *s, struct flow *f)
{
	if (f->is_stalled || !is_waiting(f))
		return;
	f->is_stalled = true;
	f->stalled_before = s->stalled_last;
	f->stalled_after = NULL;
	*(s->stalled_last ? &s->stalled_last->stalled_after : &s->stalled) = f;
	s->stalled_last = f;
}

static void unstall(struct streams *s, struct flow *f)
{
	struct flow *before = f->stalled_before, *after = f->stalled_after;
	*(before ? &before->stalled_after : &s->stalled) = after;
	*(after ? &after->stalled_before : &s->stalled_last) = before;
	f->is_stalled = false;
}

bool stream_has_hole(const struct flow *f, unsigned end)
{
	const struct stream *d = f->stream[end];
	/* one more may be a FIN's number: no message is that short */
	return d && ((d->first && d->first->at > d->next) || d->acked > d->next + 1 ||
		(d->fin && d->fin_at > d->next));
}

/* Bytes that are missing. */
struct hole {
	unsigned end;   /* who sent them */
	uint64_t to;    /* where they end */
	const struct segment *shown_by; /* that waits for them */
};

/* False if nothing is missing. */
static bool find_hole(const struct flow *f, struct hole *h)
{
	for (unsigned e = 0; e < 2; e++) {
		const struct stream *d = f->stream[e];
		if (d && d->first && d->first->at > d->next) {
			*h = (struct hole){ e, d->first->at, d->first };
			return true;
		}
	}
	for (unsigned e = 0; e < 2; e++) {
		const struct stream *d = f->stream[e];
		if (d && d->first && !stream_acknowledged_seen(f, e, d->first->ack)) {
			*h = (struct hole){ !e, d->first->ack, d->first };
			return true;
		}
	}
	return false;
}

static bool is_over_bounds(const struct stream *d)
{
	return d && (d->waiting > STREAM_WAITING_MAX || d->segments > STREAM_SEGMENTS_MAX);
}

/* Each hole has a time of its own: where many are missing, none waits for the one before it. */
static bool is_hopeless(const struct flow *f, const struct hole *h, uint64_t now_ns)
{
	const uint64_t since_ns = h->shown_by->origin.time_ns;
	uint64_t waited = now_ns > since_ns ? now_ns - since_ns : 0;
	if (is_over_bounds(f->stream[0]) || is_over_bounds(f->stream[1]))
		return true;
	if (f->stream[h->end]->acked >= h->to)
		return waited >= STALL_ACKED_NS ||
			stream_packets(f) - h->shown_by->came >= STALL_PACKETS;
	if (f->packets[!h->end] == 0)
		return waited >= STALL_ONE_SIDED_NS;
	return waited >= STALL_ANY_NS;
}

static void skip_gap(struct streams *s, struct flow *f, unsigned end, uint64_t to,
	const struct origin *o)
{
	struct stream *d = f->stream[end];
	uint64_t len = to - d->next <= ACK_AHEAD_MAX ? to - d->next : 0; /* 0: nobody knows */
	d->gap_from = d->next;
	d->gap_to = to;
	d->next = to;
	stream_forget_history(d);
	s->counters.gaps++;
	s->counters.gap_bytes += len;
	s->sink.gap(s->context, f, end, len, o);
	stream_report(s, f, end, STREAM_GAP, o);
}

void stream_give_up(struct streams *s, struct flow *f, uint64_t now_ns, bool always)
{
	struct hole h;
	while (find_hole(f, &h) && (always || is_hopeless(f, &h, now_ns))) {
		struct stream *d = f->stream[h.end];
		struct origin o = d->first ? d->first->origin : h.shown_by->origin;
		if (d->first && d->first->at < h.to)
			h.to = d->first->at;
		if (h.to > d->next)
			skip_gap(s, f, h.end, h.to, &o);
		else /* both ends wait for what the other acknowledges: let this one go */
			d->first->ack = 0;
		stream_drain(s, f);
	}
	if (f->is_stalled && !is_waiting(f))
		unstall(s, f);
}

void streams_advance(struct streams *s, uint64_t now_ns)
{
	for (struct flow *f = s->stalled, *next; f; f = next) {
		next = f->stalled_after;
		stream_give_up(s, f, now_ns, false);
	}
}

void stream_relieve(struct streams *s, uint64_t now_ns)
{
	for (struct flow *f = s->stalled, *next; s->waiting > s->memory / WAITING_SHARE &&
			f != s->stalled_last; f = next) {
		next = f->stalled_after;
		stream_give_up(s, f, now_ns, true);
	}
}
