/* Where packets come from: capture files, network interfaces and the kernel's queues, by one
 * interface.
 *
 * A source fills batches. The packets of a batch point into the batch's own bytes, so they
 * live until the batch is filled again, whichever thread looks at them. One thread reads a
 * source; source_wake() and source_stop() alone may be called from any thread or a signal
 * handler. */
#ifndef IRONSPAN_SOURCE_H
#define IRONSPAN_SOURCE_H

#include "base/memory.h"
#include "packet/packet.h"

enum {
	BATCH_PACKETS = 512,        /* at most so many packets a batch: with their bytes and what
	                             * comes of them they fit into a core's own cache */
	BATCH_BYTES = 128 * 1024,   /* bytes read at a time; a batch grows for a larger record */
};

struct batch {
	struct packet *packets;     /* BATCH_PACKETS of them */
	unsigned count;
	uint64_t now_ns;            /* time has come so far: the last packet's, or the clock's */
	int64_t skew_ns;            /* live: packets' time minus the wall clock (pace.h) */
	uint8_t *bytes;             /* what the packets point into; the source's business */
	size_t bytes_cap;
	void *held;                 /* inline: the source's notes on each packet, or NULL */
	struct arena arena;         /* reassembled datagrams; reset by the source's next read */
};

void batch_init(struct batch *b);
void batch_reserve(struct batch *b, size_t cap); /* room for bytes; what was there is lost */
void batch_fini(struct batch *b);

enum source_state {
	SOURCE_MORE,   /* there may be more at once */
	SOURCE_IDLE,   /* live: nothing within the wait; now_ns is set */
	SOURCE_END,    /* the last batch (it may hold packets) */
	SOURCE_FAILED, /* cannot go on; reported */
};

/* What becomes of a packet that is held: bits. */
enum {
	VERDICT_ACCEPT = 0,
	VERDICT_DROP = 1 << 0,
	VERDICT_REFUSE_SRC = 1 << 1, /* and tell its sender: a TCP reset, else ICMP */
	VERDICT_REFUSE_DST = 1 << 2, /* and reset its receiver's connection */
};

struct source_iface {
	const char *name;     /* interface name, or the file's path */
	uint16_t link_type;   /* of files; live packets tell theirs */
	bool is_file;
	bool is_away;         /* live: missing or down; the rest too, as in source_counters */
	uint64_t packets, bytes, dropped, missed, away_ns;
};

struct source_counters {
	uint64_t packets, bytes;     /* handed out */
	uint64_t filtered;           /* refused by the BPF filter */
	uint64_t dropped;            /* live: by the kernel, because we were slow */
	uint64_t missed;             /* live: by the interface, before the kernel saw them */
	uint64_t away_ns;            /* live: how long interfaces were missing or down */
	uint64_t unseen;             /* inline: let through unseen, because we were slow */
	uint64_t refusals;           /* inline: resets and ICMP errors sent */
	uint64_t unknown_link;       /* link types we do not know: counted, not decoded */
	uint64_t cut_files;          /* captures that ended inside a record */
	uint64_t total, done;        /* bytes to read and read so far; total is 0 if unknown */
};

struct source;
struct source_ops {
	/* Fill `b`. A live source waits at most `wait_ms` for the first packet. */
	enum source_state (*read)(struct source *s, struct batch *b, unsigned wait_ms);
	/* Inline sources hold packets until then: the verdicts of a batch's packets. Every batch
	 * once, in the order they were read, empty ones too; any thread, one at a time. Others
	 * have NULL here. */
	void (*settle)(struct source *s, const struct batch *b, const uint8_t *verdicts);
	/* Make a read that waits return now. NULL where reads never wait. */
	void (*wake)(struct source *s);
	/* No more than what has come until now: give it, then SOURCE_END. As wake, from any
	 * thread or a signal handler. NULL where reading may just stop. */
	void (*stop)(struct source *s);
	/* Bring the counters up to date. NULL where they always are. */
	void (*count)(struct source *s);
	void (*close)(struct source *s);
};

/* What every source begins with. */
struct source {
	const struct source_ops *ops;
	struct source_counters counters;
	bool is_live; /* packets come as they happen, and time goes on without them */
	struct source_iface *ifaces; /* more come while reading; they never move, and names
				      * stay valid until close */
	unsigned iface_count;
};

/* Replay of `count` paths, one after the other: files, folders (their captures in order of
 * first packet time), "-" for standard input. Packets are numbered from 1 over all of them,
 * as other tools number the frames of a capture: those that the filter refuses or whose link
 * type is unknown keep theirs and are missing in the batches.
 * `filter` is a BPF expression or NULL, compiled for each link type it meets. NULL after a
 * reported error (not there, not a capture, filter wrong). A capture cut short gives its
 * whole packets and one warning with the byte offset. A batch may be empty while there is
 * more to come; each interface of the source is a file and link type. */
struct source *source_open_files(const char *const *paths, unsigned count, const char *filter);

/* What -i asks for; the strings must live as long as the source. */
struct live_config {
	const char *const *names; /* interfaces */
	unsigned count;
	const char *filter;       /* a BPF expression that the kernel runs, or NULL */
	unsigned snaplen;         /* bytes of a packet that are kept */
	size_t ring;              /* bytes of the kernel's ring, an interface */
	bool promiscuous;
};

/* Network interfaces, their packets merged by time. One that is missing or goes down is waited
 * for, and told. Packet numbers begin with the microseconds since 1970, so that two runs have
 * none in common. A read with nothing to give is SOURCE_IDLE: `now_ns` is then a time that no
 * later packet is older than, some milliseconds back. NULL after a reported error (no
 * permission, filter wrong, names that cannot be or stand twice). */
struct source *source_open_live(const struct live_config *config);
/* Whether interfaces will take the BPF expression, without any at hand; reported if not. */
bool live_filter_check(const char *expression);

struct watchdog;

/* What -q asks for. */
struct queue_config {
	uint16_t first, count;     /* queues, by the firewall's numbers */
	size_t memory;             /* bytes of packets that may wait in a queue */
	bool is_open;              /* what finds the queue full passes unseen; else it is lost */
	bool repeats;              /* accepted packets go through the firewall's table again */
	uint32_t mark, mask;       /* accepted packets get these bits; mask 0: none */
	struct watchdog *watchdog; /* is told how we are; NULL: there is none */
};

/* The kernel's NFQUEUE queues. Each packet is held until it is settled; the interfaces are
 * those through which packets came. Several queues are read by one thread in turns: workers
 * share flows anyway, and on two cores a thread a queue would only wait. When it is stopped,
 * what still waits is let through. NULL after a reported error (no permission, a queue that
 * another program has). */
struct source *source_open_queues(const struct queue_config *config);

static inline enum source_state source_read(struct source *s, struct batch *b, unsigned wait_ms)
{
	return s->ops->read(s, b, wait_ms);
}

static inline void source_settle(struct source *s, const struct batch *b,
	const uint8_t *verdicts)
{
	if (s->ops->settle)
		s->ops->settle(s, b, verdicts);
}

static inline void source_wake(struct source *s)
{
	if (s->ops->wake)
		s->ops->wake(s);
}

static inline void source_stop(struct source *s)
{
	if (s->ops->stop)
		s->ops->stop(s);
}

static inline void source_count(struct source *s)
{
	if (s->ops->count)
		s->ops->count(s);
}

static inline void source_close(struct source *s)
{
	s->ops->close(s);
}

#endif
