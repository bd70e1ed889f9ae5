/* The trail: every decision and every change, as lines of a log that nobody can quietly edit.
 *
 * An entry is `ironspan.audit/1`, canonical JSON on one line:
 *
 *	{"action", "actor":{id, auth, from}, "at", "hash", "log", "object":{…}, "prev",
 *	 "schema", "seq"}
 *
 * `hash` is SHA-256 over the canonical entry without `hash`; `prev`, the hash of the entry
 * before, is inside. So a changed, swapped or missing line breaks the chain at its place. A
 * file that was rewritten from some entry to its end has a whole chain again: only what was
 * kept elsewhere, a checkpoint (checkpoint.h), tells. An entry without "alg" is hashed with
 * SHA-256; another hash (SM3) would be named there, and a reader that does not know it says
 * so. One thread for each open file. */
#ifndef IRONSPAN_INCIDENT_TRAIL_H
#define IRONSPAN_INCIDENT_TRAIL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "incident/canonical.h"

/* A new entry. `prev` is the hash of the entry before, NULL for the first; entries count from
 * 1. References to `actor` and `object` are taken over; "hash" is set. NULL: something in it
 * has no canonical form. */
json_t *trail_entry(const char *log, uint64_t seq, const char *prev, uint64_t at_ns,
	json_t *actor, const char *action, json_t *object);
const char *trail_hash(const json_t *entry); /* borrowed */

/* A log file, opened to be continued. */
struct trail;

/* Creates it (mode 0640) if need be. A last line without its end, which a crash left, is cut
 * off; the entry before it must be whole. `log` names the log. NULL after a reported error. */
struct trail *trail_open(const char *path, const char *log);
uint64_t trail_seq(const struct trail *t);          /* of the last entry; 0: it is empty */
const char *trail_last_hash(const struct trail *t); /* NULL: it is empty */
/* Makes the next entry and appends it. Takes over the references. false after a reported
 * error: then nothing was appended. */
bool trail_add(struct trail *t, uint64_t at_ns, json_t *actor, const char *action,
	json_t *object);
/* Appends an entry that was made with trail_entry() and kept elsewhere meanwhile. It must be
 * the next one, or the last one again, which changes nothing. */
bool trail_append(struct trail *t, const json_t *entry);
bool trail_sync(struct trail *t); /* to the disk; false after a reported error */
void trail_close(struct trail *t);

#endif
