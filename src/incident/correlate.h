/* Which incident an alert belongs to: keys, hubs, storms. Internal to src/incident. */
#ifndef IRONSPAN_INCIDENT_CORRELATE_H
#define IRONSPAN_INCIDENT_CORRELATE_H

#include "incident/state.h"

enum { RELATED_MAX = 2 };

/* What an alert has in common with others. */
struct keys {
	struct address source, target; /* zero: unknown */
	bool source_is_hub, source_joins, target_joins;
	struct incident *found;        /* of several, what they merged into; NULL: none */
	uint64_t related[RELATED_MAX]; /* serials; of ends that do not join */
	unsigned related_count;
	struct id parent;              /* one that was too old to take the alert */
};

void correlate_init(struct incidents *i);
void correlate_fini(struct incidents *i);

void correlate_find(struct incidents *i, const struct incident_alert *a, struct keys *k);
/* No incident was found and one would be opened: the storm's that its rule has become, NULL
 * while it has not. */
struct incident *correlate_storm(struct incidents *i, const struct incident_alert *a,
	struct keys *k);
/* `n` is an incident that the rule had to open. */
void correlate_opened(struct incidents *i, const struct incident_alert *a, struct incident *n);
/* From now on these keys lead to `n`. */
void correlate_claim(struct incidents *i, const struct incident_alert *a, const struct keys *k,
	struct incident *n);
void correlate_claim_storm(struct incidents *i, uint32_t gid, uint32_t sid, struct incident *n);
/* All keys of one that goes on after a restart. */
void correlate_resume(struct incidents *i, struct incident *n);

/* Of alerts that are known again: these hosts are still busy, this session belongs to `n`. */
void correlate_touch(struct incidents *i, const struct address *host);
void correlate_touch_session(struct incidents *i, uint64_t flow_id, const struct incident *n);

struct address incident_host(const struct incident_end *e); /* zero: unknown */

/* The incident behind a serial, wherever it was merged into; NULL: it ended. */
struct incident *incident_of(const struct incidents *i, uint64_t serial);

/* ---- incident.c ---- */

struct incident *incident_make(struct incidents *i);
void incident_tell(struct incidents *i, struct incident *n); /* a revision */
/* What was to be told when it was saved. */
void incident_resume_news(struct incidents *i, struct incident *n, unsigned news);
void incident_end(struct incidents *i, struct incident *n, enum status status);
struct incident *incident_merge(struct incidents *i, struct incident *a, struct incident *b);

#endif
