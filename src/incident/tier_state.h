/* What the files of tier.h share. */
#ifndef IRONSPAN_INCIDENT_TIER_STATE_H
#define IRONSPAN_INCIDENT_TIER_STATE_H

#include "incident/tier.h"
#include "incident/trail.h"

/* The node's lock, its outbox and its trail, for as long as something changes. */
struct tier_work {
	struct tier *t;
	struct outbox out;
	struct trail *trail;
};

/* false after a reported error. */
bool tier_begin(struct tier_work *w, struct tier *t);
void tier_end(struct tier_work *w);
/* An entry of the trail. `by` may be NULL: the program. Takes over `object`. */
bool tier_note(struct tier_work *w, uint64_t now_ns, const char *by, const char *action,
	json_t *object);

/* The only peer of the tier above; NULL, without a report: none or several are. */
const struct envelope_end *tier_find_upper(const struct tier *t, unsigned *count);

char *tier_path(const struct tier *t, const char *part, const char *name, const char *end);
bool tier_keep(const char *path, const json_t *doc); /* canonical, whole or not at all */
json_t *tier_load(const char *path);                 /* NULL: none, or no document */

/* A notice, or the answer to one, that was accepted; before it is kept as such. NULL, or why it
 * cannot be accepted. */
const char *notice_check(const struct tier *t, const struct envelope_head *h, const json_t *body);
bool notice_take(struct tier *t, const struct envelope_head *h, const json_t *body);

#endif
