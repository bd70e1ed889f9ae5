/* What reports draw from a store of incidents, and leave in it. */
#ifndef IRONSPAN_REPORT_STORE_H
#define IRONSPAN_REPORT_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "incident/eve_lines.h"

/* An incident by its id, or what its id begins or ends with, and its alerts as EVE. false after
 * a reported error. */
bool report_store_incident(const char *dir, const char *part, json_t **incident,
	json_t **alerts);
/* Keeps a draft with its incident: an entry of the trail with the caller's name. false after a
 * reported error. */
bool report_store_keep(const char *dir, const json_t *report, uint64_t now_ns);
/* Control operations of a period, as events. false after a reported error. */
bool report_store_operations(const char *dir, uint64_t since_ns, uint64_t until_ns,
	struct eve_reader *r);
/* All alerts, as events. */
bool report_store_alerts(const char *dir, struct eve_reader *r);

#endif
