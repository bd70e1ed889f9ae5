/* Hosts by what they do: whose incident they lead to, whom they deal with. Internal to
 * src/incident, beside correlate.c. */
#ifndef IRONSPAN_INCIDENT_HOST_H
#define IRONSPAN_INCIDENT_HOST_H

#include "incident/correlate.h"

/* What a key leads to. */
struct owner {
	uint64_t serial;
	bool joins; /* else it only tells what is related */
};

struct host {
	struct owner owner;
	uint64_t last_ns;
	bool is_wide; /* it deals with more than INCIDENT_HUB_PEERS */
	uint8_t peer_count;
	struct address peers[INCIDENT_HUB_PEERS];
};

extern const struct address host_nowhere; /* of what has no ends at all: they have that in common */
bool host_is_known(const struct address *key);
/* Made if there was none; NULL: unknown. Valid until the next one is made. Whom a host dealt
 * with is forgotten when it was silent for the gap. */
struct host *host_of(struct incidents *i, const struct address *key);
void host_note_peer(struct incidents *i, struct host *h, const struct address *peer);

/* One that does not join takes nothing away from a living incident. */
void owner_claim(struct incidents *i, struct owner *o, bool joins, const struct incident *n);

#endif
