/* The tiers joined by message servers: each node stands beside a NATS server of its own with
 * JetStream, and the servers are leaf nodes of the one above (tools/tiers/).
 *
 * A node publishes to its stream OUT-NODE, subjects ironspan.FROM.TO.LANE (a receipt's lane is
 * "r"), and reads its stream IN, which has such streams of its peers as sources, filtered to what
 * is addressed to it; servers do the way between. The domain of a peer's server is its node's name.
 * Message ids are uids, so what is published again within a day is known to the server; and what
 * still comes twice is known to tier_receive(). An envelope is settled by its receipt only, not by
 * the server's word.
 *
 * In tier.json:
 *
 *	"nats": { "url": "tls://127.0.0.1:4222", "user", "password_file", "ca", "cert", "key" }
 *
 * File names are relative to the node's folder. */
#ifndef IRONSPAN_INCIDENT_TIER_NATS_H
#define IRONSPAN_INCIDENT_TIER_NATS_H

#include "incident/tier_run.h"

/* Sends what waits and receives what comes until it is to stop. false after a reported error: what
 * tier.json says of the server cannot be, or the program was built without libnats. A server that
 * is away is no error; it is told once, and waited for. */
bool tier_nats_run(struct tier_run *run);

const char *tier_nats_version(void); /* of libnats; NULL: built without it */

#endif
