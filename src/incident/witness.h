/* A witness remembers the newest checkpoint of each log it is shown, and cosigns a newer one
 * only if that begins with the one it holds. So a log that was rewritten cannot show its witness
 * a new history, and who trusts the witness need not trust the log.
 *
 * The request is the body of C2SP tlog-witness `add-checkpoint`: "old N", the consistency proof,
 * an empty line, the checkpoint. */
#ifndef IRONSPAN_INCIDENT_WITNESS_H
#define IRONSPAN_INCIDENT_WITNESS_H

#include "incident/checkpoint.h"

/* What a log asks its witness, to be freed. `leaves` are the log's first `c->size`; `old` is the
 * size the witness holds, 0 at first. */
char *witness_request(const struct checkpoint *c, struct bytes note,
	const struct merkle_hash *leaves, uint64_t old);

/* The witness's answer to a request from one of `logs`: a signature line to be freed, after the
 * checkpoint was kept in the folder `held`, on the disk. NULL: refused for the reason in `why`;
 * `held_size` is the size it holds (0: none), which the log may begin its proof with. */
char *witness_cosign(const struct sign_ring *logs, const struct sign_key *witness,
	const char *held, struct bytes request, uint64_t at_s, uint64_t *held_size,
	const char **why);

#endif
