/* The ordered stage's incidents: alerts go in, lines come out, and what the table for people
 * tells is kept. One thread. */
#ifndef IRONSPAN_INCIDENT_FEED_H
#define IRONSPAN_INCIDENT_FEED_H

#include "engine/config.h"
#include "engine/engine.h"
#include "engine/record.h"
#include "incident/incident.h"

struct incident_feed;
struct store_queue;

/* `write` gets each incident's line, borrowed for the call. The store gets documents and
 * alerts, and live the incidents that are open in it go on; NULL: there is none. */
struct incident_feed *incident_feed_new(const struct config *config,
	const struct registers *registers, struct store_queue *store, struct eve *eve,
	void (*write)(void *context, struct bytes line), void *context);
void incident_feed_alert(struct incident_feed *f, const struct match *m, struct bytes line);
/* A threshold held the alert back. */
void incident_feed_held_back(struct incident_feed *f, const struct match *m);
/* An interval of the sensor is over. */
void incident_feed_capture(struct incident_feed *f, const struct incident_capture *c);
/* A server gave no answers; told again as it lasts. */
void incident_feed_silence(struct incident_feed *f, const struct silence *silence);
void incident_feed_swap(struct incident_feed *f); /* the rules are others */
void incident_feed_advance(struct incident_feed *f, uint64_t now_ns);
void incident_feed_finish(struct incident_feed *f); /* the last revisions; only rows follow */
/* The gravest first; *total: how many there were. Valid until incident_feed_free(). */
const struct engine_incident *incident_feed_rows(struct incident_feed *f, unsigned *count,
	uint64_t *total);
void incident_feed_free(struct incident_feed *f);

#endif
