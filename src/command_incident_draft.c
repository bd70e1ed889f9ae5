/* The draft of a report, from what the store knows. */
#include "command_incident_parts.h"
#include "command_report.h"
#include "incident/register.h"
#include "incident/report.h"
#include "incident/time_zone.h"

enum { ALERTS = 2000 }; /* that a report is made from at most, the first */

static void add_alert(void *context, const struct store_alert *a)
{
	json_array_append_new(context, store_alert_event(a));
}

static json_t *alerts_of(struct incident_call *c, const char *id)
{
	struct store_period period = { .incident = id, .limit = ALERTS };
	json_t *alerts = json_array();
	store_alerts(c->store, &period, add_alert, alerts);
	return alerts;
}

static int offset_at(struct incident_call *c, const json_t *doc)
{
	const json_t *site = json_object_get(json_object_get(doc, "site"), "id");
	const struct time_zone *zone =
		registers_time_zone(c->registers, json_string_value(site));
	return report_offset(zone, c->now_ns);
}

json_t *incident_draft(struct incident_call *c, const json_t *doc, const struct draft_words *w)
{
	json_t *labels = report_labels();
	json_t *alerts = alerts_of(c, json_string_value(json_object_get(doc, "id")));
	struct report_request request = { .kind = w->kind ? w->kind : "first",
		.profile_id = w->profile ? w->profile : "GROUP/internal",
		.language = w->language, .labels = labels, .alerts = alerts,
		.prepared_by = store_person(c->store)->id, .now_ns = c->now_ns,
		.utc_offset_min = offset_at(c, doc) };
	json_t *report = labels ? report_build(doc, c->registers, &request) : NULL;
	json_decref(alerts);
	json_decref(labels);
	return report;
}
