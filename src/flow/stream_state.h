/* What the files of the streams share: stream.c takes segments in, stream_wait.c keeps
 * those that came too early and hands on, stream_stall.c gives up holes, stream_memory.c
 * holds the last bytes and bounds the memory. Nobody else includes this. */
#ifndef IRONSPAN_STREAM_STATE_H
#define IRONSPAN_STREAM_STATE_H

#include "flow/flow.h"

/* A segment that waits for the bytes before it, or for those it acknowledges. Few ever wait, and
 * not for long, so that they are the heap's and not the pool's: what they took is free for all
 * when they are gone. */
struct segment {
	struct segment *next;
	uint64_t at;      /* offset of its first byte */
	uint64_t ack;     /* offset in the other direction that it acknowledges */
	uint32_t len;     /* bytes captured */
	uint32_t wire;    /* bytes sent; what lies behind len was cut by the snap length */
	struct origin origin;
	uint32_t came;    /* packets of the flow when it came, this one too */
	uint8_t bytes[];
};

enum { ACK_AHEAD_MAX = 1 << 20 }; /* a larger step is no acknowledgement of anything */
enum { WAITING_SHARE = 64 }; /* of the memory: what waits in all flows but one */

/* Short, since every packet writes to it, and thousands of them do not fit into a cache. */
enum { HISTORY_MIN = 128, HISTORY_SEGMENTS = 3 };

struct stream {
	uint32_t base;    /* sequence number of offset 0 */
	bool is_started;  /* base is known */
	bool is_hearsay;  /* as long as there are no bytes: from the other end only */
	bool fin;         /* at fin_at */
	bool is_used;     /* since memory was last short */
	bool restarts;    /* a SYN for another base was seen; believed when data follows it */
	uint16_t history_len; /* a power of two; 0: there is none */
	uint64_t next;    /* offset of the next byte */
	uint64_t acked;   /* the other end has everything before this */
	struct segment *first;
	uint8_t *history; /* ring of the last bytes handed on */
	uint64_t history_from; /* offset of the first byte that it holds */
	uint64_t resume_at, resume; /* having gone back: at resume_at, go on at resume */
	uint64_t gap_from, gap_to; /* the last gap, to go back if its bytes come */
	uint64_t fin_at;
	uint32_t restart;
	bool is_doubted;  /* restart: only this end's own data said so */
	uint32_t former;  /* where the bytes went on before they began anew … */
	bool has_former;  /* … if they did */
	bool has_reset;   /* this end reset the connection */
	uint64_t reset_at; /* of either end: what it had sent when that happened */
	uint32_t waiting; /* bytes in segments */
	struct segment *last; /* of those that wait, where there are any */
	unsigned segments;
	struct flow *flow;
	struct stream *older, *newer; /* by last use, among those that hold memory */
};

struct streams {
	struct pool pool;     /* histories */
	size_t memory;
	size_t waiting;       /* bytes of segments that wait */
	struct stream *oldest, *newest;
	struct flow *stalled, *stalled_last; /* flows with something waiting, longest first */
	const struct packet *filler; /* the packet under way may fill a hole of its end: */
	unsigned filler_end;
	struct stream_sink sink;
	void *context;
	struct stream_counters counters;
};

/* Of both ends; wraps. */
static inline uint32_t stream_packets(const struct flow *f)
{
	return (uint32_t)(f->packets[0] + f->packets[1]);
}

/* The data without its first `count` bytes. */
static inline struct bytes stream_skip_bytes(struct bytes data, uint64_t count)
{
	size_t skip = count < data.len ? (size_t)count : data.len;
	return (struct bytes){ data.at + skip, data.len - skip };
}

/* ---- stream.c ---- */

/* Tell the sink that something is wrong with the data of this end. */
void stream_report(struct streams *s, struct flow *f, unsigned end,
	enum stream_event what, const struct origin *o);

/* ---- stream_wait.c ---- */

/* Keep those bytes of the segment that do not wait already: the first copy wins. */
void stream_keep(struct streams *s, struct flow *f, unsigned from, struct segment head,
	struct bytes data);

/* Throw away what waits. */
void stream_drop_waiting(struct streams *s, struct stream *d);

/* A byte was sent twice with different values: count and report it. */
void stream_conflict(struct streams *s, struct flow *f, unsigned from,
	const struct origin *o);

/* The other direction has come to `ack`, which a segment of `end` acknowledges, or nothing that it
 * sends is mirrored. */
bool stream_acknowledged_seen(const struct flow *f, unsigned end, uint64_t ack);

/* Hand on the next bytes: `wire` were sent; those not in `data` were cut, a gap. */
void stream_hand_on(struct streams *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t wire, const struct origin *o);

/* Hand on what need not wait any more, in both directions; whether there was any. */
bool stream_drain(struct streams *s, struct flow *f);

/* ---- stream_stall.c ---- */

/* Watch the flow from now on, if something waits in it. */
void stream_stall(struct streams *s, struct flow *f);

/* Give up the holes that are hopeless; `always`: all. */
void stream_give_up(struct streams *s, struct flow *f, uint64_t now_ns, bool always);

/* More waits than its share of the memory: the flows that waited longest give up, all but one. */
void stream_relieve(struct streams *s, uint64_t now_ns);

/* ---- stream_memory.c ---- */

/* Make room for `size` more bytes of this stream, at the cost of others; list it. */
void stream_need(struct streams *s, struct stream *d, size_t size);

/* Give back all that the stream holds, and take it off the list. */
void stream_release(struct streams *s, struct stream *d);

/* Where in the ring a byte of the stream lies. */
static inline size_t stream_history_place(const struct stream *d, uint64_t at)
{
	return at & (d->history_len - 1u);
}

/* Put bytes that are handed on at `next` into the history: slowly where they do not fit in one
 * piece into what is there. */
void stream_remember_slowly(struct streams *s, struct stream *d, struct bytes data);
static inline void stream_remember(struct streams *s, struct stream *d, struct bytes data)
{
	size_t place = stream_history_place(d, d->next);
	if (HISTORY_SEGMENTS * data.len > d->history_len || data.len > d->history_len - place) {
		stream_remember_slowly(s, d, data);
		return;
	}
	d->is_used = true;
	if (data.len)
		memcpy(d->history + place, data.at, data.len);
	uint64_t end = d->next + data.len;
	if (end - d->history_from > d->history_len)
		d->history_from = end - d->history_len;
}

/* Bytes at `at` that were handed on before: do those still remembered say the same? */
bool stream_agrees_with_history(const struct stream *d, uint64_t at, struct bytes data);

/* `next` moved without bytes: the history starts again there. */
void stream_forget_history(struct stream *d);

#endif
