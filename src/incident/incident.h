/* Incidents: alerts about the same attacker and target belong together.
 *
 * An incident opens with its first alert (revision 1) and closes when nothing was added for
 * a while or the input ends; the last revision tells the counts. Belongs to the ordered
 * stage; bounded. Deterministic on replay. */
#ifndef IRONSPAN_INCIDENT_H
#define IRONSPAN_INCIDENT_H

#include "output/eve.h"

struct incidents;

/* `emit` gets every revision; what it points to is borrowed for the call. */
struct incidents *incidents_new(unsigned limit,
	void (*emit)(void *context, const struct eve_incident *i), void *context);
/* An alert went out. Severity 3 and higher opens no incident, but is counted in one. */
void incidents_alert(struct incidents *i, const struct rule *rule, const struct address *src,
	const struct address *dst, uint64_t time_ns, uint64_t number);
void incidents_advance(struct incidents *i, uint64_t now_ns);
void incidents_free(struct incidents *i); /* closes all that are open */

#endif
