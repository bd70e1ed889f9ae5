/* Between the files of the outlet: outlet.c is the writers' side, outlet_direct.c a file that
 * has no thread, outlet_thread.c, outlet_send.c, outlet_recent.c and outlet_pack.c the thread,
 * outlet_tell.c the messages. Nothing else includes it. */
#ifndef IRONSPAN_OUTLET_STATE_H
#define IRONSPAN_OUTLET_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "output/outlet.h"
#include "output/queue.h"
#include "output/spool.h"
#include "output/transport.h"

struct outlet {
	const struct sink_config *config;
	struct transport *transport;
	bool is_live, has_thread;
	atomic_bool reopen;

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t data, room, done; /* by the monotonic clock */
	struct queue queue;
	struct sink_counters counters;
	bool is_finishing, is_done;
	bool is_broken; /* for good: what comes is lost */
	uint64_t spool_lost[LINE_VALUES]; /* the spool's own, copied */

	/* without a thread, under the lock too: whole lines that wait for more */
	uint8_t *buffer;
	size_t buffered;

	/* the thread's own */
	struct spool *spool;
	struct queue_list sent; /* on their way, not acknowledged */
	size_t sent_bytes, window; /* and how many that may be */
	struct queue_list recent; /* acknowledged, and perhaps not read; the oldest first */
	size_t recent_bytes;
	struct queue_entry *held; /* comes first: there was no room for it; NULL: none */
	bool is_connected;
	bool is_stuck;          /* the other end takes nothing at the moment */
	struct text pack;
	int64_t connect_at_ms, wait_ms; /* when to try again, and what was waited last */
	int64_t down_since_ms, finish_by_ms;
	int64_t told_ms;        /* the last bad news; 0: none yet */
	bool is_told, is_loss_told, is_spool_told;
	bool has_refused;       /* there was a line that cannot be sent at all */
	uint64_t told_lost[LINE_VALUES];
};

int64_t outlet_now_ms(void);

/* outlet_direct.c: the lock is held. */
enum { DIRECT_BUFFER = 1 << 20 };
bool direct_write(struct outlet *o, struct bytes lines);
bool direct_flush(struct outlet *o);

/* outlet_send.c and outlet_pack.c: true if anything went on. */
bool outlet_deliver(struct outlet *o);
bool outlet_deliver_pack(struct outlet *o);
enum { SEND_MS = 50 }; /* how long a send may wait for room */

void outlet_spool_queue(struct outlet *o); /* what waits goes to disk, as far as it can */
/* What was on its way, or read from the spool, waits again. */
void outlet_unsend(struct outlet *o);
/* The same, because the connection broke; `why` is the transport's. */
void outlet_drop(struct outlet *o);
void outlet_end_sent(struct outlet *o); /* nothing more can be done: it counts as sent */

/* outlet_recent.c */
void outlet_remember(struct outlet *o, struct queue_entry *e); /* has it now */
void outlet_forget_old(struct outlet *o);
void outlet_forget(struct outlet *o); /* all of them */
void outlet_send_recent_again(struct outlet *o); /* they wait before all others */

/* outlet_thread.c */
void outlet_break(struct outlet *o);       /* for good */
void outlet_wait_longer(struct outlet *o); /* before the next attempt to connect */

/* outlet_tell.c */
void outlet_tell_down(struct outlet *o);
void outlet_tell_up(struct outlet *o);
void outlet_tell_loss(struct outlet *o); /* if there was any, and it is not told yet */
/* Lines lost, wherever; the lock is held. */
uint64_t outlet_lost(const struct outlet *o, enum line_value value);

#endif
