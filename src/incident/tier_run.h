/* A node at work: envelopes go and come through its message server (tier_nats.h), the folders it
 * watches (tier_watch.h), or both. One thread. */
#ifndef IRONSPAN_INCIDENT_TIER_RUN_H
#define IRONSPAN_INCIDENT_TIER_RUN_H

#include <signal.h>

#include "incident/tier.h"
#include "incident/tier_watch.h"

struct tier_run {
	struct tier *t;
	struct tier_watch *watch;
	const volatile sig_atomic_t *stop;
	uint64_t expired_ns; /* when it was looked for what expired */
};

/* Until `*stop`. false after a reported error: tier.json names neither, or the program was built
 * without libnats. */
bool tier_run(struct tier *t, const volatile sig_atomic_t *stop);

/* What is done whatever envelopes go through, a few times a second: what expired is given up,
 * checkpoints are signed, folders are looked at. */
void tier_run_look(struct tier_run *r);
void tier_run_pause(void);

#endif
