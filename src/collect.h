/* The incident layer for many sensors: their alerts become incidents in one store.
 *
 * Alerts come from the stream ALERTS of a message server (collect_nats.c), or as files in
 * a folder, where a one-way gateway joins the networks (collect_folder.c). What was taken
 * is put into the store as one transaction: the alerts, the incidents they make, and what
 * those are between two revisions (store_gathering_keep()). Only then the server is told,
 * or the file is put away. A collector that dies leaves nothing half done; an alert that
 * comes again is known by its time and uid.
 *
 * Several collectors may stand on one store, all on its machine. They share the work in
 * turns: who holds the lock collect.lock in the store's folder takes alerts for up to
 * COLLECT_TURN_S, then lets the others. The lock goes with its process, so that another
 * goes on at once when one dies. Within a turn incidents are kept in memory; a collector
 * that comes after another reads them from the store.
 *
 * Sites do not mix: each has incidents of its own (the same private addresses are other
 * devices there). Time is the alerts', and the clock's where they come as they happen.
 * For what a sensor sends after its link was down for long it is too late: alerts that
 * are COLLECT_LATE_S behind the site's go to incidents of that sensor's own until it has
 * caught up.
 *
 * Health events tell what a sensor could not see; they count in the incidents of its site, by
 * sensor (incident/capture.h). Which flows are seen from one side only is told once in a flow's
 * life: a collector that begins later does not know it.
 *
 * Alerts of a replay or an exercise are counted, told of and left out. One thread. */
#ifndef IRONSPAN_COLLECT_H
#define IRONSPAN_COLLECT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "incident/incident.h"
#include "incident/store.h"

enum {
	COLLECT_BATCH = 256, /* alerts a transaction */
	COLLECT_PATIENCE_S =
		10, /* then what a dead collector had taken goes to another */
	COLLECT_TURN_S = 10,
	COLLECT_IDLE_S = 10, /* without alerts, incidents that are quiet end so late */
	COLLECT_LATE_S = 900,
	COLLECT_STREAMS =
		64, /* sites, and sensors that are late; others wait in the store */
	COLLECT_NAME = 64,
};

/* Incidents of one site, or of one sensor there that is late. */
struct collect_stream {
	char site[COLLECT_NAME], sensor[COLLECT_NAME]; /* "": the site's; not told */
	struct collect *collect;
	struct incidents *incidents;
	uint64_t newest_ns; /* of its alerts */
	uint64_t used_ns;   /* by the clock */
};

struct collect {
	struct store *store;
	const char *dir; /* the store's */
	struct incidents_config
		incidents; /* what all have in common; site and emit are ours */
	struct store_keep keep;
	const char *site; /* of alerts that do not say theirs; NULL: none */
	const volatile sig_atomic_t *stop;
	bool once; /* ends when nothing is left */

	uint64_t alerts, repeated, unreal, operations, healths, others, unusable; /* counted */

	/* collect_batch.c's and collect_turn.c's */
	struct collect_stream *streams;
	unsigned stream_count;
	char who[37];
	int lock;
	uint64_t turn_ns, worked_ns, retained_ns, now_ns;
	bool has_failed, was_told_unreal, ok;
};

/* ---- alerts into incidents (collect_batch.c, collect_streams.c) ---- */

/* Fills what is ours. false after a reported error. */
bool collect_begin(struct collect *c);
void collect_end(struct collect *c);

/* EVE lines: one transaction. `more`: others wait behind them, so that the clock is not
 * asked who is quiet. false: nothing of it is in the store, which was reported; try again
 * later. */
bool collect_batch(
	struct collect *c, const struct bytes *lines, unsigned count, bool more);
/* With nothing to add, now and then: what was quiet for long ends. */
void collect_idle(struct collect *c);

/* The incidents an alert goes to. */
struct collect_stream *collect_stream(
	struct collect *c, const char *site, const char *sensor, uint64_t time_ns);
void collect_streams_drop(struct collect *c);
/* An interval of a sensor: in the site's incidents, and those of its own time. */
void collect_streams_capture(
	struct collect *c, const char *site, const struct incident_capture *capture);
bool collect_streams_load(struct collect *c); /* from the store */
void collect_streams_advance(struct collect *c);
void collect_streams_save(struct collect *c);

/* ---- turns (collect_turn.c) ---- */

/* Does not wait. true: it is ours, until collect_turn_end(). */
bool collect_turn(struct collect *c);
bool collect_turn_is_over(const struct collect *c);
void collect_turn_end(struct collect *c);
void collect_pause(unsigned ms);

/* ---- where alerts come from ---- */

struct collect_server {
	const char *url, *name, *user, *password_file, *ca_file, *cert_file, *key_file;
};

/* Until *stop, or with `once` until nothing is left. false after a reported error: the
 * program was built without libnats, or what the server's row says cannot be. */
bool collect_server_run(struct collect *c, const struct collect_server *server);
/* Files of the folder, in the order of their names, when nobody has written to them for a
 * while: put into the folder done/ afterwards, or removed. */
bool collect_folder_run(struct collect *c, const char *folder, bool remove);

#endif
