/* Alerts that are known again without reading their lines. Internal to src/incident.
 *
 * A flood repeats itself: the same rule, hosts, deed and outcome, a million times. The first
 * is parsed; the others are counted where it was counted. What this leaves out of their lines
 * cannot differ (or, like values, is told of the first only); a test compares both ways. */
#ifndef IRONSPAN_INCIDENT_KNOWN_H
#define IRONSPAN_INCIDENT_KNOWN_H

#include "incident/state.h"

void known_init(struct incidents *i);
void known_fini(struct incidents *i);
/* mark NULL, or n NULL (an alert near no incident): as they come. */
void known_remember(struct incidents *i, const struct incident_mark *mark,
	const struct incident_alert *a, const struct incident *n, struct place place);
bool known_count(struct incidents *i, const struct incident_mark *mark, struct bytes line);

#endif
