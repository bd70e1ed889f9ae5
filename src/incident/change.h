/* What was written, commanded or loaded, with the values before and after; and the captures that
 * show it. Internal to src/incident. */
#ifndef IRONSPAN_INCIDENT_CHANGE_H
#define IRONSPAN_INCIDENT_CHANGE_H

#include "incident/state.h"

/* If the alert is about a change, and one that the incident does not tell of yet. */
void change_add(struct incident *n, const struct incident_alert *a);
void changes_absorb(struct incident *n, const struct incident *other);
json_t *changes_json(const struct incident *n);
void changes_resume(struct incident *n, const json_t *changes);
void changes_clear(struct incident *n);

void evidence_add(struct incident *n, const json_t *rows); /* NULL is fine */
json_t *evidence_json(const struct incident *n);

#endif
