/* What could not be seen while an incident ran: key `capture` of its document.
 *
 * A sensor tells in intervals what it saw and what was hidden from it (engine/health.h). An
 * incident adds up the intervals since the one in which it began, until it ends: what an
 * attacker does unseen after the last alert belongs to it as well. Of its own hosts it keeps
 * apart what was hidden of their flows. Nothing told yet: `capture` is null, which is not known,
 * not none. Internal to src/incident. */
#ifndef IRONSPAN_INCIDENT_CAPTURE_H
#define IRONSPAN_INCIDENT_CAPTURE_H

#include "incident/state.h"

json_t *capture_json(const struct incidents *i, const struct incident *n);
/* An interval that this incident was open in; what it tells of hosts is in `i` already. */
void capture_add(struct incident *n, const struct incident_capture *c);
/* What is known of hosts, whoever has to do with them later. */
void capture_note_hosts(struct incidents *i, const struct incident_capture *c);
/* How much of a revision the sums are worth; a revision was told. */
unsigned capture_news(const struct incident *n);
void capture_told(struct incident *n);
void capture_absorb(struct incident *n, const struct incident *other);
void capture_absorb_end(struct told_end *e, const struct told_end *other);
void capture_resume(struct incident *n, const json_t *capture);

#endif
