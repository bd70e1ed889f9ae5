#include <stdlib.h>

#include "flow/stream_state.h"

enum { BEHIND_MAX = 1 << 16 }; /* bytes sent again from before the first that were seen */

const struct decode_event_info stream_events[STREAM_EVENT_COUNT] = {
#define X(name, text, what) { text, what },
	STREAM_EVENTS(X)
#undef X
};

struct streams *streams_new(size_t memory, const struct stream_sink *sink, void *context)
{
	struct streams *s = mem_new(sizeof(*s));
	s->memory = s->pool.limit = memory;
	s->sink = *sink;
	s->context = context;
	return s;
}

void streams_free(struct streams *s)
{
	pool_fini(&s->pool);
	free(s);
}

const struct stream_counters *streams_counters(const struct streams *s)
{
	return &s->counters;
}

void stream_report(struct streams *s, struct flow *f, unsigned end,
	enum stream_event what, const struct origin *o)
{
	s->sink.event(s->context, f, end, what, o);
}

static struct stream *open_stream(struct flow *f, unsigned from)
{
	if (!f->stream[from]) {
		struct stream *d = mem_aligned(sizeof(*d));
		d->flow = f;
		d->older = d->newer = d;
		d->former = f->former[from];
		d->has_former = f->has_former[from];
		f->stream[from] = d;
	}
	return f->stream[from];
}

static inline uint32_t next_seq(const struct stream *d)
{
	return d->base + (uint32_t)d->next;
}

static int64_t distance(const struct stream *d, uint32_t seq)
{
	return (int32_t)(seq - (d->base + (uint32_t)d->next));
}

static uint32_t segment_seq(const struct packet *p)
{
	return p->tcp_flags & TCP_SYN ? p->seq + 1 : p->seq;
}

static void start(struct stream *d, uint32_t seq)
{
	d->base = seq;
	d->next = d->acked = d->history_from = 0;
	d->gap_from = d->gap_to = d->resume_at = 0;
	d->is_started = true;
	d->fin = d->restarts = d->is_hearsay = d->has_reset = false;
}

/* Data from there on are those of a new connection. */
static void expect(struct stream *d, uint32_t seq)
{
	d->restarts = true;
	d->is_doubted = false;
	d->restart = seq;
}

/* A SYN opens the stream. One for a connection that is already under way is remembered only:
 * forged, it must not move us; real, data with its numbers follows. Some devices always begin with
 * the same number: then it is no copy of the first SYN if it comes later than those do. */
static void see_syn(const struct flow *f, struct stream *d, const struct packet *p)
{
	uint32_t first = p->seq + 1;
	bool is_late = d->next > 0 && p->time_ns > f->first_ns + FLOW_COPY_LATE_NS;
	if (!d->is_started || (d->is_hearsay && d->next == 0))
		start(d, first);
	else if (first != d->base || is_late)
		expect(d, first);
}

/* The same for a connection that begins anew on the ports of one under way: its first packets say
 * where the other end's bytes go on. */
static void hear_again(struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from];
	struct stream *other = f->stream[!from];
	if (!(p->tcp_flags & TCP_ACK) || !d->restarts || segment_seq(p) != d->restart || !other ||
		!other->is_started)
		return;
	int64_t ahead = distance(other, p->ack);
	if (ahead > 0 || (ahead < 0 && (uint64_t)-ahead >= other->next))
		expect(other, p->ack);
}

/* Whoever opens a connection says where the other end's bytes begin, if it has heard of it: its
 * SYN may be lost, and bytes behind it, which then are known to be. */
static void hear(struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from];
	if (!(p->tcp_flags & TCP_ACK) || !d->is_started || d->is_hearsay || d->next > 0 ||
		segment_seq(p) != d->base || (f->stream[!from] && f->stream[!from]->is_started))
		return;
	start(open_stream(f, !from), p->ack);
	f->stream[!from]->is_hearsay = true;
}

/* Its data are elsewhere: it was none that said so, or data of another connection. */
static bool was_misheard(const struct stream *d, uint32_t seq)
{
	int64_t ahead = distance(d, seq);
	return d->is_hearsay && d->next == 0 && (ahead < 0 || ahead > ACK_AHEAD_MAX);
}

/* What waits in the other direction was counted in the old numbers. */
static void restart(struct streams *s, struct flow *f, unsigned end, const struct origin *o)
{
	struct stream *d = f->stream[end];
	struct segment *waits = f->stream[!end] ? f->stream[!end]->first : NULL;
	for (; waits; waits = waits->next)
		waits->ack = 0;
	stream_drop_waiting(s, d);
	s->sink.gap(s->context, f, end, 0, o);
	d->former = next_seq(d);
	d->has_former = true;
	start(d, d->restart);
}

static bool is_near(uint32_t seq, uint32_t from)
{
	return seq - from < ACK_AHEAD_MAX;
}

/* Neither among the bytes that may be sent again nor where others of the same connection may be. */
static bool is_foreign(const struct stream *d, uint32_t seq)
{
	int64_t ahead = distance(d, seq);
	return ahead > ACK_AHEAD_MAX || -ahead > ACK_AHEAD_MAX ||
		(ahead < 0 && (uint64_t)-ahead > d->next + BEHIND_MAX);
}

/* Data before the first byte that is known, or far from the last: of a connection that began
 * anew on the same ports. If its SYN was seen it goes on there, behind a hole. If not, what follows
 * these data is believed when the other end has acknowledged them: alone they may be forged. An end
 * that acknowledges what this one is expected to send confirms it, and does not say it anew. */
static void see_foreign(struct streams *s, struct flow *f, unsigned from, const struct packet *p,
	uint32_t seq)
{
	struct stream *d = f->stream[from], *other = f->stream[!from];
	int64_t ahead = distance(d, seq);
	bool is_behind = ahead < 0 && ((uint64_t)-ahead > d->next || is_foreign(d, seq));
	bool is_confirmed = other && other->restarts && other->restart == p->ack;
	if (d->restarts && !d->is_doubted && is_near(seq, d->restart) &&
		(is_behind || ahead > ACK_AHEAD_MAX)) {
		restart(s, f, from, &p->origin);
	} else if (is_behind && is_foreign(d, seq)) {
		expect(d, seq + p->payload_wire);
		d->is_doubted = f->packets[!from] > 0;
		if (p->tcp_flags & TCP_ACK && other && other->is_started && !is_confirmed &&
			is_foreign(other, p->ack)) {
			expect(other, p->ack);
			other->is_doubted = true;
		}
	}
}

/* The offset in the other direction that p acknowledges; 0 if that says nothing. A FIN takes
 * a number of its own, which is no byte. */
static uint64_t acknowledged(const struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *other = f->stream[!from];
	if (!(p->tcp_flags & TCP_ACK) || !other || !other->is_started ||
		(other->restarts && is_foreign(other, other->restart) &&
			is_near(p->ack, other->restart)))
		return 0;
	int64_t ahead = distance(other, p->ack);
	if (ahead > ACK_AHEAD_MAX || (ahead < 0 && (uint64_t)-ahead > other->next))
		return 0;
	uint64_t at = other->next + (uint64_t)ahead;
	return other->fin && at > other->fin_at ? other->fin_at : at;
}

/* The same, if these bytes were not seen yet. */
static uint64_t ack_offset(const struct flow *f, unsigned from, const struct packet *p)
{
	uint64_t at = acknowledged(f, from, p);
	return at && at > f->stream[!from]->next ? at : 0;
}

static void see_ack(struct flow *f, unsigned from, const struct packet *p)
{
	struct stream *other = f->stream[!from];
	if (p->tcp_flags & TCP_ACK && other && other->restarts && p->ack == other->restart)
		other->is_doubted = false;
	uint64_t at = acknowledged(f, from, p);
	if (at > 0 && at > f->stream[!from]->acked)
		f->stream[!from]->acked = at;
}

/* A keep-alive sends the last byte again, with any value: the other end has had it. Where the other
 * end is not heard, it is what nobody pushed. */
static bool is_probe(const struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from];
	if (p->payload_wire != 1 || distance(d, segment_seq(p)) != -1)
		return false;
	return f->packets[!from] ? d->acked >= d->next : !(p->tcp_flags & TCP_PSH);
}

/* The bytes of the last gap come after all: go back to them, and when they are complete
 * forward again to where we were. */
static bool goes_back(struct streams *s, struct flow *f, unsigned from, uint64_t at,
	const struct origin *o)
{
	struct stream *d = f->stream[from];
	if (d->gap_to == d->gap_from || at != d->gap_from)
		return false;
	d->resume = d->next;
	d->resume_at = d->gap_to;
	d->next = d->gap_from;
	d->gap_to = d->gap_from;
	stream_forget_history(d);
	s->sink.gap(s->context, f, from, 0, o);
	return true;
}

/* Bytes before `next`: compare them with what was used, and cut them off. False if nothing
 * is left. */
static bool see_old(struct streams *s, struct flow *f, unsigned from, const struct packet *p,
	struct segment *head, struct bytes *data)
{
	struct stream *d = f->stream[from];
	uint64_t old = d->next - head->at;
	s->counters.retransmissions++;
	if (!is_probe(f, from, p) && !stream_agrees_with_history(d, head->at, *data))
		stream_conflict(s, f, from, &head->origin);
	if (old >= head->wire)
		return false;
	head->wire -= (uint32_t)old;
	head->at = d->next;
	*data = stream_skip_bytes(*data, old);
	return true;
}

/* New data in order, with nothing waiting: nearly every segment. */
static bool see_next(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from];
	if (f->is_stalled || !d->is_started || d->restarts || distance(d, segment_seq(p)) != 0 ||
		!stream_acknowledged_seen(f, from, ack_offset(f, from, p)))
		return false;
	stream_hand_on(s, f, from, p->payload, p->payload_wire, &p->origin);
	return true;
}

static void see_data(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	if (see_next(s, f, from, p))
		return;
	struct stream *d = f->stream[from];
	struct segment head = { .wire = p->payload_wire, .origin = p->origin,
		.came = stream_packets(f) };
	struct bytes data = p->payload;
	uint32_t seq = segment_seq(p);
	if (!d->is_started || was_misheard(d, seq)) {
		/* of an idle connection, keep-alive; who has data pushes them */
		bool is_last = head.wire == 1 && !(p->tcp_flags & TCP_PSH);
		start(d, seq + is_last);
		stream_report(s, f, from, STREAM_MIDSTREAM, &head.origin);
	} else if (d->restarts && !d->is_doubted && seq == d->restart && seq != next_seq(d)) {
		restart(s, f, from, &head.origin);
	} else if (d->has_former && seq == d->former && seq != next_seq(d)) {
		expect(d, seq); /* what began anew was forged */
		restart(s, f, from, &head.origin);
		d->has_former = false; /* two numberings do not take turns */
	} else {
		see_foreign(s, f, from, p, seq);
	}
	int64_t ahead = distance(d, seq);
	if (ahead < 0 && (uint64_t)-ahead > d->next) { /* before the first byte we know */
		uint64_t unknown = (uint64_t)-ahead - d->next;
		if (unknown >= head.wire)
			return;
		head.wire -= (uint32_t)unknown;
		data = stream_skip_bytes(data, unknown);
		ahead = -(int64_t)d->next;
	}
	head.at = d->next + (uint64_t)ahead;
	head.ack = ack_offset(f, from, p);
	if (ahead < 0 && !goes_back(s, f, from, head.at, &head.origin) &&
		!see_old(s, f, from, p, &head, &data))
		return;
	if (head.at == d->next && !d->first && stream_acknowledged_seen(f, from, head.ack)) {
		stream_hand_on(s, f, from, data, head.wire, &head.origin);
	} else {
		s->counters.out_of_order += head.at != d->next;
		head.len = (uint32_t)data.len;
		stream_keep(s, f, from, head, data);
	}
	s->filler = p;
	s->filler_end = from;
	stream_drain(s, f);
	s->filler = NULL;
	stream_stall(s, f);
}

/* A mirror may show the reset before the last data of its sender: it says where they end. */
static void see_reset(struct flow *f, unsigned from, const struct packet *p)
{
	struct stream *d = f->stream[from], *other = f->stream[!from];
	int64_t ahead = distance(d, p->seq);
	f->had_rst = f->is_closed = true;
	if (d->has_reset || !d->is_started)
		return;
	d->has_reset = true;
	d->reset_at = d->next + (ahead > 0 && ahead <= BEHIND_MAX ? (uint64_t)ahead : 0);
	if (other && !other->has_reset)
		other->reset_at = other->next;
}

static void see_end(struct flow *f, unsigned from, const struct packet *p)
{
	struct stream *d = f->stream[from];
	int64_t at = d->is_started ? distance(d, segment_seq(p)) + p->payload_wire : -1;
	if (p->tcp_flags & TCP_FIN && at >= 0 && at <= ACK_AHEAD_MAX && !d->fin) {
		d->fin = true;
		d->fin_at = d->next + (uint64_t)at;
		if (d->acked > d->fin_at) /* its own number is no byte */
			d->acked = d->fin_at;
	}
	if (p->tcp_flags & TCP_RST)
		see_reset(f, from, p);
	if (f->stream[0] && f->stream[1] && f->stream[0]->fin && f->stream[1]->fin)
		f->is_closed = true;
}

/* Who is said to have reset the connection sends more, or takes what was sent to it since: the
 * reset was forged. The other end alone may not have heard of it yet. */
static bool goes_on(const struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from], *other = f->stream[!from];
	if (!d->has_reset || p->tcp_flags & TCP_RST)
		return false;
	int64_t end = (int64_t)d->next + distance(d, p->seq) + p->payload_wire;
	return (p->payload_wire && !is_foreign(d, p->seq) && end > (int64_t)d->reset_at) ||
		(other && acknowledged(f, from, p) > other->reset_at);
}

static void see_after_reset(struct streams *s, struct flow *f, unsigned from,
	const struct packet *p)
{
	const struct stream *d = f->stream[from];
	bool is_another = p->payload_wire && d->is_started && is_foreign(d, p->seq);
	bool is_forged = goes_on(f, from, p);
	if (!is_another && !is_forged)
		return;
	f->had_rst = f->is_closed = false;
	for (unsigned end = 0; end < 2; end++)
		if (f->stream[end])
			f->stream[end]->has_reset = false;
	if (is_forged)
		stream_report(s, f, from, STREAM_RST_DATA, &p->origin);
}

/* The next bytes of an open connection, with an acknowledgement that tells nothing new: what
 * the ordinary way does with them, without its questions. */
static bool is_plain(const struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from], *other = f->stream[!from];
	return d && other && d->is_started && other->is_started &&
		(p->tcp_flags & ~TCP_PSH) == TCP_ACK && p->seq == next_seq(d) &&
		p->ack == next_seq(other) && p->payload_wire &&
		p->payload_wire == p->payload.len && !d->first && !d->restarts && !d->resume_at &&
		!f->had_rst && !f->is_stalled;
}

void stream_segment(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	if (__builtin_expect(is_plain(f, from, p), 1)) {
		struct stream *other = f->stream[!from];
		if (other->acked < other->next)
			other->acked = other->next;
		stream_remember(s, f->stream[from], p->payload);
		f->stream[from]->next += p->payload.len;
		s->sink.data(s->context, f, from, p->payload, &p->origin);
		return;
	}
	struct stream *d = open_stream(f, from);
	if (p->tcp_flags & TCP_SYN)
		see_syn(f, d, p);
	hear_again(f, from, p);
	hear(f, from, p);
	see_ack(f, from, p);
	if (f->had_rst)
		see_after_reset(s, f, from, p);
	if (p->payload_wire && !(p->tcp_flags & TCP_RST))
		see_data(s, f, from, p);
	see_end(f, from, p);
	if (f->is_stalled) {
		stream_give_up(s, f, p->time_ns, f->is_closed);
		stream_relieve(s, p->time_ns);
	}
}

static void report_one_sided(struct streams *s, struct flow *f)
{
	struct origin o = { .time_ns = f->last_ns };
	for (unsigned end = 0; end < 2; end++)
		if (f->stream[end] && f->stream[end]->next > 0 && f->packets[!end] == 0)
			stream_report(s, f, end, STREAM_ONE_SIDED, &o);
}

void stream_settle(struct streams *s, struct flow *f)
{
	if (f->is_stalled)
		stream_give_up(s, f, f->last_ns, true);
	report_one_sided(s, f);
}

void stream_end(struct streams *s, struct flow *f)
{
	for (unsigned end = 0; end < 2; end++) {
		struct stream *d = f->stream[end];
		if (!d)
			continue;
		stream_release(s, d);
		free(d);
		f->stream[end] = NULL;
	}
}

bool stream_began_at(const struct flow *f, unsigned end, uint32_t seq)
{
	const struct stream *d = f->stream[end];
	return d && d->is_started && d->base == seq + 1;
}

bool stream_is_expected(const struct flow *f, unsigned end, uint32_t seq)
{
	const struct stream *d = f->stream[end];
	return d && d->restarts && d->restart == seq;
}

bool stream_goes_on_at(const struct flow *f, unsigned end, uint32_t *seq)
{
	const struct stream *d = f->stream[end];
	if (!d || !d->is_started)
		return false;
	*seq = next_seq(d);
	return true;
}

uint64_t stream_bytes(const struct flow *f, unsigned end)
{
	return f->stream[end] ? f->stream[end]->next : 0;
}
