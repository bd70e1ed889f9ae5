/* Where events go: whole lines, in order, to one destination or to several.
 *
 * This is all that writers of events see. The ordered stage and others, such as a thread that
 * looks after incidents, share one sink; every function here may be called from any thread.
 * What is behind it is built by engine/outputs.h: an `outlet` for each destination
 * (output/outlet.h) with a `transport` that knows how to reach it (output/transport.h; a new
 * kind of destination is a new transport and nothing else).
 *
 * Live, no call waits for a destination: lines go into a bounded queue, and a thread behind
 * it does the rest. When a queue is full, events go before alerts are lost, and every loss is
 * counted. In replay a call waits instead, and nothing is lost that can be written at all. */
#ifndef IRONSPAN_SINK_H
#define IRONSPAN_SINK_H

#include "base/bytes.h"

/* What goes first when there is no room: of all lines that wait, the lowest. */
enum line_value { LINE_EVENT, LINE_ALERT, LINE_VALUES };

/* What became of the lines of one destination, since the start. A line that the destination's
 * own list of events leaves out is in none of these. */
struct sink_counters {
	char name[80];              /* as messages have it: "eve.json", "tls://siem:6514" */
	uint64_t lines, bytes;      /* handed over: written, sent */
	uint64_t lost[LINE_VALUES]; /* never handed over, and never will be */
	uint64_t queued;            /* bytes that wait in memory now */
	uint64_t spooled;           /* lines that wait on disk now, from earlier runs too */
	uint64_t repeated;          /* sent once more, because a connection broke behind them; they
			       * are in `lines` once */
	uint64_t outages;           /* how often it could not be reached, or was full */
	bool is_down;               /* it cannot be reached, or is full, now */
};

struct sink;
struct sink_ops {
	bool (*write)(struct sink *s, struct bytes lines, enum line_value value);
	bool (*flush)(struct sink *s);
	void (*reopen)(struct sink *s);
	bool (*finish)(struct sink *s);
	bool (*count)(struct sink *s, unsigned index, struct sink_counters *c);
	void (*close)(struct sink *s);
};
struct sink {
	const struct sink_ops *ops;
};

/* `lines` are whole, each with its '\n', and all of this value. They are copied. false: no
 * destination will take any more, ever (in replay a full disk; a closed pipe); reported once. */
static inline bool sink_write(struct sink *s, struct bytes lines, enum line_value value)
{
	return s->ops->write(s, lines, value);
}

/* Nothing waits for more lines to come: call it when you have no more for now. Live it does
 * not wait until they are out. false as above. */
static inline bool sink_flush(struct sink *s)
{
	return s->ops->flush(s);
}

/* After log rotation: files are opened anew, connections too. Soon, not now: this is
 * async-signal-safe, for a signal handler. */
static inline void sink_reopen(struct sink *s)
{
	s->ops->reopen(s);
}

/* The end: waits until all is out, on a spool, or given up after some seconds; then nothing
 * more may be written. false: something was lost that this run had to write. */
static inline bool sink_finish(struct sink *s)
{
	return s->ops->finish(s);
}

/* Of one destination; false: there are no more than `index`. */
static inline bool sink_count(struct sink *s, unsigned index, struct sink_counters *c)
{
	return s->ops->count(s, index, c);
}

static inline void sink_close(struct sink *s)
{
	s->ops->close(s);
}

#endif
