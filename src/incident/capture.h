/* What could not be seen while an incident ran: key `capture` of its document.
 *
 * A sensor tells in intervals what it saw and what was hidden from it (engine/health.h). An
 * incident adds up the intervals since the one in which it began, until it ends: what an
 * attacker does unseen after the last alert belongs to it as well. Of its own hosts it keeps
 * apart what was hidden of their flows. Nothing told yet: `capture` is null, which is not known,
 * not none.
 *
 * With many sensors (incidents_config.has_sensors) sums are kept of each, and the document has a
 * row for each under `sensors`: those that gave alerts, and those that lost something meanwhile,
 * for a sensor that sees nothing gives no alerts either. One that gave alerts and did not tell
 * how it saw them makes `complete` false. Internal to src/incident. */
#ifndef IRONSPAN_INCIDENT_CAPTURE_H
#define IRONSPAN_INCIDENT_CAPTURE_H

#include "incident/state.h"

json_t *capture_json(const struct incidents *i, const struct incident *n);
/* A sensor gave an alert. */
void capture_note_sensor(const struct incidents *i, struct incident *n, const char *sensor);
json_t *sensors_json(const struct incident *n); /* their ids; NULL: there is but one */
/* An interval that this incident was open in; what it tells of hosts is in `i` already. false:
 * it does not concern the incident, or was counted before. */
bool capture_add(struct incident *n, const struct incident_capture *c);
/* What is known of hosts, whoever has to do with them later. */
void capture_note_hosts(struct incidents *i, const struct incident_capture *c);
/* How much of a revision the sums are worth; a revision was told. */
unsigned capture_news(const struct incident *n);
void capture_told(struct incident *n);
void capture_absorb(struct incident *n, const struct incident *other);
void capture_absorb_end(struct told_end *e, const struct told_end *other);
void capture_resume(const struct incidents *i, struct incident *n, const json_t *doc);

#endif
