#include <stdlib.h>

#include "flow/flow.h"

enum {
	STALL_ACKED_NS = 100 * 1000 * 1000,      /* the receiver has it, the mirror has not */
	STALL_ONE_SIDED_NS = 1000 * 1000 * 1000, /* nobody could tell */
	STALL_PACKETS = 16,
	ACK_AHEAD_MAX = 1 << 20, /* a larger step is no acknowledgement of anything */
};
#define STALL_ANY_NS 5000000000ull

/* A segment that waits for the bytes before it, or for those it acknowledges. */
struct segment {
	struct segment *next;
	uint64_t at;      /* offset of its first byte */
	uint64_t ack;     /* offset in the other direction that it acknowledges */
	uint32_t len;     /* bytes captured */
	uint32_t wire;    /* bytes sent; what lies behind len was cut by the snap length */
	struct origin origin;
	uint8_t bytes[];
};

struct stream {
	uint32_t base;    /* sequence number of offset 0 */
	bool is_started;  /* base is known */
	bool fin;         /* at fin_at */
	bool is_used;     /* since memory was last short */
	bool restarts;    /* a SYN for another base was seen; believed when data follows it */
	uint64_t next;    /* offset of the next byte */
	uint64_t acked;   /* the other end has everything before this */
	struct segment *first;
	uint8_t *history; /* ring of the last bytes handed on, or NULL */
	uint64_t history_from; /* offset of the first byte that it holds */
	uint64_t resume_at, resume; /* having gone back: at resume_at, go on at resume */
	uint64_t gap_from, gap_to; /* the last gap, to go back if its bytes come */
	uint64_t fin_at;
	uint32_t restart;
	uint32_t waiting; /* bytes in segments */
	unsigned segments;
	struct flow *flow;
	struct stream *older, *newer; /* by last use, among those that hold memory */
};

struct streams {
	struct pool pool;
	size_t memory;
	struct stream *oldest, *newest;
	struct flow *stalled; /* flows with something waiting */
	const struct packet *filler; /* the packet under way may fill a hole of its end: */
	unsigned filler_end;
	struct stream_sink sink;
	void *context;
	struct stream_counters counters;
};

const struct decode_event_info stream_events[STREAM_EVENT_COUNT] = {
#define X(name, text, what) { text, what },
	STREAM_EVENTS(X)
#undef X
};

struct streams *streams_new(size_t memory, const struct stream_sink *sink, void *context)
{
	struct streams *s = mem_new(sizeof(*s));
	s->memory = memory;
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

/* ---- memory: the stream idle longest gives up its own first ---- */

static void use_remove(struct streams *s, struct stream *d)
{
	*(d->older ? &d->older->newer : &s->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &s->newest) = d->older;
}

static void use_append(struct streams *s, struct stream *d)
{
	d->older = s->newest;
	d->newer = NULL;
	*(s->newest ? &s->newest->newer : &s->oldest) = d;
	s->newest = d;
}

static void event(struct streams *s, struct flow *f, unsigned end, enum stream_event what,
	const struct origin *o)
{
	s->sink.event(s->context, f, end, what, o);
}

static unsigned end_of(const struct flow *f, const struct stream *d)
{
	return f->stream[1] == d;
}

static size_t segment_size(uint32_t len)
{
	return sizeof(struct segment) + len;
}

static struct segment *take_first(struct stream *d)
{
	struct segment *g = d->first;
	d->first = g->next;
	d->segments--;
	d->waiting -= g->len;
	return g;
}

static void drop_waiting(struct streams *s, struct stream *d)
{
	while (d->first) {
		struct segment *g = take_first(d);
		pool_give(&s->pool, g, segment_size(g->len));
	}
}

static void forget(struct streams *s, struct stream *d)
{
	if (d->first) {
		event(s, d->flow, end_of(d->flow, d), STREAM_SHED, &d->first->origin);
		drop_waiting(s, d);
	}
	if (d->history)
		pool_give(&s->pool, d->history, STREAM_HISTORY);
	d->history = NULL;
	use_remove(s, d);
	d->older = d->newer = d; /* in no list */
	s->counters.shed++;
}

/* Streams used since they were last looked at get a second chance, so that using one costs
 * a bit and not a move in the list. */
static void make_room(struct streams *s, size_t size, const struct stream *keeper)
{
	while (s->pool.used + size > s->memory && s->oldest &&
		!(s->oldest == keeper && s->newest == keeper)) {
		struct stream *d = s->oldest;
		if (d == keeper || d->is_used) {
			d->is_used = false;
			use_remove(s, d);
			use_append(s, d);
		} else {
			forget(s, d);
		}
	}
}

static bool is_listed(const struct stream *d)
{
	return d->older != d;
}

static void need(struct streams *s, struct stream *d, size_t size)
{
	make_room(s, size, d);
	if (!is_listed(d))
		use_append(s, d);
}

/* ---- history: the last bytes handed on ---- */

static void remember(struct streams *s, struct stream *d, struct bytes data)
{
	if (!d->history) {
		need(s, d, STREAM_HISTORY);
		d->history = pool_take(&s->pool, STREAM_HISTORY);
		d->history_from = d->next;
	}
	d->is_used = true;
	uint64_t at = d->next;
	if (data.len > STREAM_HISTORY) {
		at += data.len - STREAM_HISTORY;
		data.at += data.len - STREAM_HISTORY;
		data.len = STREAM_HISTORY;
	}
	size_t place = at % STREAM_HISTORY;
	size_t run = STREAM_HISTORY - place < data.len ? STREAM_HISTORY - place : data.len;
	memcpy(d->history + place, data.at, run);
	memcpy(d->history, data.at + run, data.len - run);
	uint64_t end = at + data.len;
	if (end - d->history_from > STREAM_HISTORY)
		d->history_from = end - STREAM_HISTORY;
}

/* Bytes at `at` that were handed on before: do those still remembered say the same? */
static bool agrees_with_history(const struct stream *d, uint64_t at, struct bytes data)
{
	if (!d->history)
		return true;
	uint64_t to = at + data.len < d->next ? at + data.len : d->next;
	for (uint64_t i = at > d->history_from ? at : d->history_from; i < to; i++)
		if (d->history[i % STREAM_HISTORY] != data.at[i - at])
			return false;
	return true;
}

/* ---- handing on ---- */

static void forget_history(struct stream *d)
{
	d->history_from = d->next;
}

static void skip_gap(struct streams *s, struct flow *f, unsigned end, uint64_t to,
	const struct origin *o)
{
	struct stream *d = f->stream[end];
	uint64_t len = to - d->next;
	d->gap_from = d->next;
	d->gap_to = to;
	d->next = to;
	forget_history(d);
	s->counters.gaps++;
	s->counters.gap_bytes += len;
	s->sink.gap(s->context, f, end, len, o);
	event(s, f, end, STREAM_GAP, o);
}

static void hand_on(struct streams *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t wire, const struct origin *o)
{
	struct stream *d = f->stream[end];
	remember(s, d, data);
	d->next += data.len;
	s->sink.data(s->context, f, end, data, o);
	if (wire > data.len) {
		uint64_t cut = wire - data.len;
		d->next += cut;
		forget_history(d);
		s->counters.cut_bytes += cut;
		s->sink.gap(s->context, f, end, cut, o);
	}
	if (d->resume_at && d->next >= d->resume_at) {
		d->next = d->resume > d->next ? d->resume : d->next;
		d->resume_at = 0;
		forget_history(d);
		s->sink.gap(s->context, f, end, 0, o);
	}
}

/* The other direction has come to what this segment acknowledges. */
static bool is_acknowledged_seen(const struct flow *f, unsigned end, uint64_t ack)
{
	const struct stream *other = f->stream[!end];
	return !other || !other->is_started || ack <= other->next;
}

static bool hand_on_first(struct streams *s, struct flow *f, unsigned end)
{
	struct stream *d = f->stream[end];
	struct segment *g = d ? d->first : NULL;
	if (!g || g->at > d->next || !is_acknowledged_seen(f, end, g->ack))
		return false;
	take_first(d);
	if (s->filler && s->filler_end == end) { /* then it completes what waited */
		g->origin.number = s->filler->number;
		g->origin.time_ns = s->filler->time_ns;
	}
	uint64_t done = d->next - g->at;
	if (done < g->wire) {
		uint32_t from = done < g->len ? (uint32_t)done : g->len;
		hand_on(s, f, end, (struct bytes){ g->bytes + from, g->len - from },
			g->wire - (uint32_t)done, &g->origin);
	}
	pool_give(&s->pool, g, segment_size(g->len));
	return true;
}

static bool drain(struct streams *s, struct flow *f)
{
	bool any = false;
	while (hand_on_first(s, f, 0) || hand_on_first(s, f, 1))
		any = true;
	return any;
}

/* ---- stalls ---- */

static bool is_waiting(const struct flow *f)
{
	return (f->stream[0] && f->stream[0]->first) || (f->stream[1] && f->stream[1]->first);
}

static void stall(struct streams *s, struct flow *f, uint64_t now_ns)
{
	if (f->is_stalled || !is_waiting(f))
		return;
	f->is_stalled = true;
	f->stalled_ns = now_ns;
	f->stalled_packets = 0;
	f->next_stalled = s->stalled;
	s->stalled = f;
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
		if (d && d->first && !is_acknowledged_seen(f, e, d->first->ack)) {
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

static void unstall(struct streams *s, struct flow *f)
{
	struct flow **at = &s->stalled;
	while (*at != f)
		at = &(*at)->next_stalled;
	*at = f->next_stalled;
	f->is_stalled = false;
}

static const struct origin *waiting_origin(const struct flow *f, unsigned end)
{
	const struct stream *d = f->stream[end];
	return d && d->first ? &d->first->origin : &f->stream[!end]->first->origin;
}

/* Give up what is hopeless; `always`: everything. */
static void give_up(struct streams *s, struct flow *f, uint64_t now_ns, bool always)
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
		drain(s, f);
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
		give_up(s, f, now_ns, false);
	}
}

/* ---- what comes in ---- */

static struct stream *open_stream(struct flow *f, unsigned from)
{
	if (!f->stream[from]) {
		struct stream *d = mem_aligned(sizeof(*d));
		d->flow = f;
		d->older = d->newer = d;
		f->stream[from] = d;
	}
	return f->stream[from];
}

static int64_t distance(const struct stream *d, uint32_t seq)
{
	return (int32_t)(seq - (d->base + (uint32_t)d->next));
}

static void start(struct stream *d, uint32_t seq)
{
	d->base = seq;
	d->next = d->acked = d->history_from = 0;
	d->gap_from = d->gap_to = d->resume_at = 0;
	d->is_started = true;
	d->fin = d->restarts = false;
}

/* A SYN opens the stream. One for a connection that is already under way is remembered only:
 * forged, it must not move us; real, data with its numbers follows. */
static void see_syn(struct stream *d, uint32_t seq)
{
	if (!d->is_started) {
		start(d, seq + 1);
	} else if (seq + 1 != d->base) {
		d->restarts = true;
		d->restart = seq + 1;
	}
}

static void restart(struct streams *s, struct flow *f, unsigned end, const struct origin *o)
{
	struct stream *d = f->stream[end];
	drop_waiting(s, d);
	s->sink.gap(s->context, f, end, 0, o);
	start(d, d->restart);
}

/* The offset in the other direction that p acknowledges; 0 if that says nothing. A FIN takes
 * a number of its own, which is no byte. */
static uint64_t ack_offset(const struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *other = f->stream[!from];
	if (!(p->tcp_flags & TCP_ACK) || !other || !other->is_started)
		return 0;
	int64_t ahead = distance(other, p->ack);
	if (ahead <= 0 || ahead > ACK_AHEAD_MAX)
		return 0;
	uint64_t at = other->next + (uint64_t)ahead;
	return other->fin && at > other->fin_at ? other->fin_at : at;
}

static void see_ack(struct flow *f, unsigned from, const struct packet *p)
{
	uint64_t at = ack_offset(f, from, p);
	if (at > 0 && at > f->stream[!from]->acked)
		f->stream[!from]->acked = at;
}

static void conflict(struct streams *s, struct flow *f, unsigned from, const struct origin *o)
{
	s->counters.overlaps++;
	event(s, f, from, STREAM_OVERLAP, o);
}

/* Bytes that wait already: does the new copy say the same? */
static bool agrees_with_waiting(const struct segment *g, uint64_t at, struct bytes data)
{
	uint64_t skip = at - g->at;
	if (skip >= g->len)
		return true;
	size_t len = g->len - skip < data.len ? g->len - skip : data.len;
	return memcmp(g->bytes + skip, data.at, len) == 0;
}

static struct bytes skip_bytes(struct bytes data, uint64_t count)
{
	size_t skip = count < data.len ? (size_t)count : data.len;
	return (struct bytes){ data.at + skip, data.len - skip };
}

static void insert(struct streams *s, struct stream *d, struct segment **place,
	struct segment head, struct bytes data)
{
	struct segment *g = pool_take(&s->pool, segment_size(head.len));
	*g = head;
	memcpy(g->bytes, data.at, head.len);
	g->next = *place;
	*place = g;
	d->segments++;
	d->waiting += g->len;
}

/* Keep those bytes of the segment that do not wait already: the first copy wins. The list
 * stays sorted and free of overlaps; one walk. */
static void keep(struct streams *s, struct flow *f, unsigned from, struct segment head,
	struct bytes data)
{
	struct stream *d = f->stream[from];
	struct segment **place = &d->first;
	bool agrees = true;
	need(s, d, segment_size((uint32_t)data.len));
	for (uint32_t done; head.wire > 0; head.at += done, head.wire -= done) {
		while (*place && (*place)->at + (*place)->wire <= head.at)
			place = &(*place)->next;
		struct segment *g = *place;
		uint64_t room = !g ? head.wire : g->at > head.at ? g->at - head.at : 0;
		if (room) {
			done = room < head.wire ? (uint32_t)room : head.wire;
			struct segment piece = head;
			piece.wire = done;
			piece.len = done < data.len ? done : (uint32_t)data.len;
			insert(s, d, place, piece, data);
		} else {
			uint64_t covered = g->at + g->wire - head.at;
			done = covered < head.wire ? (uint32_t)covered : head.wire;
			agrees &= agrees_with_waiting(g, head.at, data);
		}
		data = skip_bytes(data, done);
	}
	if (!agrees)
		conflict(s, f, from, &head.origin);
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
	forget_history(d);
	s->sink.gap(s->context, f, from, 0, o);
	return true;
}

static uint32_t segment_seq(const struct packet *p)
{
	return p->tcp_flags & TCP_SYN ? p->seq + 1 : p->seq;
}

/* Bytes before `next`: compare them with what was used, and cut them off. False if nothing
 * is left. */
static bool see_old(struct streams *s, struct flow *f, unsigned from, struct segment *head,
	struct bytes *data)
{
	struct stream *d = f->stream[from];
	uint64_t old = d->next - head->at;
	bool is_probe = head->wire <= 1 && old == 1; /* keep-alive: its byte is garbage */
	s->counters.retransmissions++;
	if (!is_probe && !agrees_with_history(d, head->at, *data))
		conflict(s, f, from, &head->origin);
	if (old >= head->wire)
		return false;
	head->wire -= (uint32_t)old;
	head->at = d->next;
	*data = skip_bytes(*data, old);
	return true;
}

/* New data in order, with nothing waiting: nearly every segment. */
static bool see_next(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from];
	if (f->is_stalled || !d->is_started || d->restarts || distance(d, segment_seq(p)) != 0 ||
		!is_acknowledged_seen(f, from, ack_offset(f, from, p)))
		return false;
	struct origin o = origin_of(p);
	hand_on(s, f, from, p->payload, p->payload_wire, &o);
	return true;
}

static void see_data(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	if (see_next(s, f, from, p))
		return;
	struct stream *d = f->stream[from];
	struct segment head = { .wire = p->payload_wire, .origin = origin_of(p) };
	struct bytes data = p->payload;
	uint32_t seq = segment_seq(p);
	if (!d->is_started) {
		start(d, seq);
		event(s, f, from, STREAM_MIDSTREAM, &head.origin);
	} else if (d->restarts && seq == d->restart) {
		restart(s, f, from, &head.origin);
	}
	int64_t ahead = distance(d, seq);
	if (ahead < 0 && (uint64_t)-ahead > d->next)
		return; /* before the first byte we know */
	head.at = d->next + (uint64_t)ahead;
	head.ack = ack_offset(f, from, p);
	if (ahead < 0 && !goes_back(s, f, from, head.at, &head.origin) &&
		!see_old(s, f, from, &head, &data))
		return;
	if (head.at == d->next && !d->first && is_acknowledged_seen(f, from, head.ack)) {
		hand_on(s, f, from, data, head.wire, &head.origin);
	} else {
		s->counters.out_of_order += head.at != d->next;
		head.len = (uint32_t)data.len;
		keep(s, f, from, head, data);
	}
	s->filler = p;
	s->filler_end = from;
	if (drain(s, f))
		f->stalled_ns = p->time_ns;
	s->filler = NULL;
	stall(s, f, p->time_ns);
}

static void see_end(struct flow *f, unsigned from, const struct packet *p)
{
	struct stream *d = f->stream[from];
	if (p->tcp_flags & TCP_FIN && d->is_started && !d->fin) {
		d->fin = true;
		d->fin_at = d->next + (uint64_t)distance(d, segment_seq(p)) + p->payload_wire;
	}
	if (p->tcp_flags & TCP_RST)
		f->had_rst = f->is_closed = true;
	if (f->stream[0] && f->stream[1] && f->stream[0]->fin && f->stream[1]->fin)
		f->is_closed = true;
}

void stream_prefetch(const struct stream *d)
{
	if (d->history)
		__builtin_prefetch(d->history + d->next % STREAM_HISTORY, 1);
}

static void reopen(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	struct origin o = origin_of(p);
	f->had_rst = f->is_closed = false;
	event(s, f, from, STREAM_RST_DATA, &o);
}

bool stream_is_next(const struct flow *f, unsigned from, const struct packet *p)
{
	const struct stream *d = f->stream[from];
	return p->payload_wire && d && d->is_started && !d->first && distance(d, p->seq) == 0;
}

bool stream_has_hole(const struct flow *f, unsigned end)
{
	const struct stream *d = f->stream[end];
	return d && ((d->first && d->first->at > d->next) || d->acked > d->next);
}

void stream_segment(struct streams *s, struct flow *f, unsigned from, const struct packet *p)
{
	struct stream *d = open_stream(f, from);
	if (p->tcp_flags & TCP_SYN)
		see_syn(d, p->seq);
	see_ack(f, from, p);
	if (p->payload_wire && !(p->tcp_flags & TCP_RST)) {
		if (f->had_rst)
			reopen(s, f, from, p);
		see_data(s, f, from, p);
	}
	see_end(f, from, p);
	if (f->is_stalled) {
		f->stalled_packets += f->stalled_packets < UINT8_MAX;
		give_up(s, f, p->time_ns, f->is_closed);
	}
}

static void report_one_sided(struct streams *s, struct flow *f)
{
	struct origin o = { .time_ns = f->last_ns };
	for (unsigned end = 0; end < 2; end++)
		if (f->stream[end] && f->stream[end]->next > 0 && f->packets[!end] == 0)
			event(s, f, end, STREAM_ONE_SIDED, &o);
}

void stream_end(struct streams *s, struct flow *f)
{
	if (f->is_stalled)
		give_up(s, f, f->last_ns, true);
	report_one_sided(s, f);
	for (unsigned end = 0; end < 2; end++) {
		struct stream *d = f->stream[end];
		if (!d)
			continue;
		drop_waiting(s, d);
		if (d->history)
			pool_give(&s->pool, d->history, STREAM_HISTORY);
		if (is_listed(d))
			use_remove(s, d);
		free(d);
		f->stream[end] = NULL;
	}
}
