/* The incident layer for many sensors: alerts that they publish to a message server become
 * incidents in one store.
 *
 * Several collectors may share the work, on one store and one consumer of the stream ALERTS. Each
 * takes what nobody else has, and puts it into the store as one transaction: it continues the
 * incidents that are open there, adds the alerts, keeps the new revisions; only then the server is
 * told that the alerts are done. A collector that dies leaves nothing half done, and what it had
 * taken goes to another after COLLECT_PATIENCE_S. An alert that comes again is known by its
 * uid. */
#ifndef IRONSPAN_COLLECT_H
#define IRONSPAN_COLLECT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { COLLECT_BATCH = 256, COLLECT_PATIENCE_S = 10 };

struct registers;
struct store;

/* ---- alerts into incidents (collect_batch.c) ---- */

struct collect {
	struct store *store;
	const struct registers *registers; /* NULL: none */
	unsigned limit, gap_s, life_s;
	const char *attack_file;
	uint64_t alerts, repeated, unreal, unusable; /* counted */
};

/* EVE lines of a batch: one transaction. What is no alert, or not live (a replay's, an
 * exercise's), is counted and left out. false, reported: nothing of it is in the store; try again
 * later. */
bool collect_batch(struct collect *c, const struct bytes *lines, unsigned count, uint64_t now_ns);

/* ---- from the server (collect_nats.c) ---- */

struct collect_source {
	const char *url, *name, *user, *password_file, *ca_file, *cert_file, *key_file;
};

/* Until `*stop`. false after a reported error: the program was built without libnats, or what the
 * source says cannot be. */
bool collect_run(struct collect *c, const struct collect_source *source,
	const volatile sig_atomic_t *stop);

#endif
