/* The tier above as witness of the trails below.
 *
 * Now and then a node signs a checkpoint (checkpoint.h) of each of its trails and sends
 *it up, with proofs that the log begins with what was sent before. The node above
 *remembers the newest of each log and accepts only one that begins with it: a log that
 *was rewritten is rejected, which both ends have in their trails, and nobody below can
 *take back what was witnessed. Its receipt brings the witness's own signature.
 *
 *	{ "schema": "ironspan.checkpoint/1", "log", "size", "note", "requests": ["old
 *N\n…", …] }
 *
 * A request is the body of C2SP tlog-witness `add-checkpoint`; there is one for each of
 *the last sizes, because receipts may be late or, behind a one-way gateway, never come.
 *The origin is NODE/LOG, signed with the node's key.
 *
 * In tier.json: "trails", the logs (default: the node's own, "audit.ndjson"; a store's is
 * STORE/audit.ndjson), and "checkpoint_s", how often (default: 3600). In the node's
 *folder:
 *
 *	checkpoints/LOG.json		what was sent
 *	checkpoints/LOG.checkpoint	the newest that was witnessed, with the witness's
 *line checkpoints/LOG.pub		the key to verify it with witness/
 *the newest of those below */
#ifndef IRONSPAN_INCIDENT_TIER_CHECKPOINT_H
#define IRONSPAN_INCIDENT_TIER_CHECKPOINT_H

#include "incident/tier.h"
#include "incident/trail_line.h"

#define CHECKPOINT_SCHEMA "ironspan.checkpoint/1"

/* Sends a checkpoint of each trail that grew, if it is time (or `now` at once); how many.
 * A trail that is not whole is reported and not signed: then, and when there is no one
 * tier above to send to, -1. Nobody above, and not asked to do it now: 0. */
int tier_checkpoints(struct tier *t, uint64_t now_ns, bool now);

/* ---- for tier_receive.c and tier_witness.c ---- */

void tier_log_name(char name[TRAIL_LOG], const char *log); /* as part of a path */

/* The witness looks at a checkpoint that came. NULL and its signature's line, to be
 * freed; or why it is refused. */
const char *tier_witness(const struct tier *t, const struct envelope_head *h,
	const json_t *body, uint64_t now_ns, char **cosignature);
/* The answer to one of ours. false after a reported error. */
bool tier_witnessed(const struct tier *t, const json_t *envelope, const json_t *receipt);

#endif
