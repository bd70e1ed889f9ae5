/* What the ordered stage found, on its way into a store of incidents: a bounded queue and
 * a thread that writes.
 *
 * The stage copies bytes and goes on. The thread takes all that has gathered and puts it
 * into the store as one transaction. In replay a full queue makes the stage wait, so that
 * nothing is lost; live it never waits, and what finds no room is counted. A store that
 * fails (a full disk) is told of when it begins to and when it is over. In replay what
 * should have gone in is lost then; live it is tried again, and the queue fills meanwhile.
 *
 * Functions are the stage's but for what is said; the thread is the engine's own. */
#ifndef IRONSPAN_STORE_QUEUE_H
#define IRONSPAN_STORE_QUEUE_H

#include "incident/store.h"

struct store_queue;

struct store_queue_config {
	const char *dir;
	const char *sensor_id,
		*site; /* the writer's name; the trail's, "audit-" and the site */
	const struct registers *registers; /* NULL: documents are not evaluated */
	struct store_keep keep;       /* live: old rows go, once an hour */
	bool is_live;
	size_t room;                  /* bytes that wait at most */
};

/* Opens the store and starts the thread. NULL after a reported error. */
struct store_queue *store_queue_new(const struct store_queue_config *config);
/* The store, before the first of the functions below: to read what was left open. */
struct store *store_queue_store(struct store_queue *q);

/* A document as JSON text. What is later in the queue is later in the store. */
void store_queue_document(struct store_queue *q, struct bytes json, uint64_t now_ns);
/* An alert's EVE line, and the id of the incident it counts in; NULL: in none. */
void store_queue_alert(struct store_queue *q, struct bytes line, const char *incident);
/* The EVE line of a transaction that changed something. */
void store_queue_operations(struct store_queue *q, struct bytes line);

/* The last call but the two below: returns when all that was given is in the store, or lost. */
void store_queue_finish(struct store_queue *q);
uint64_t store_queue_lost(struct store_queue *q);
void store_queue_free(struct store_queue *q); /* finishes first */

#endif
