/* IDMEFv2. */
#include "incident/document.h"
#include "incident/share_parts.h"
#include "incident/time.h"

static const char *idmef_priority(json_int_t level)
{
	return level == 0 ? "Unknown" : level <= 2 ? "High" : level == 3 ? "Medium" : "Low";
}

static json_t *idmef_ends(const json_t *list)
{
	json_t *ends = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		json_t *end = json_object();
		share_copy(end, "IP", one, "/ip");
		share_copy(end, "Hostname", one, "/asset");
		if (json_object_size(end))
			json_array_append_new(ends, end);
		else
			json_decref(end);
	}
	return ends;
}

static json_t *idmef_analyzer(const json_t *incident)
{
	const char *site = document_string(incident, "/site/id");

	return json_pack("{s:o,s:s,s:[s],s:[s],s:[s],s:[s,s,s]}", "Name",
		json_sprintf("ironspan%s%s", site ? "." : "", site ? site : ""), "Model",
		"ironspan " IRONSPAN_VERSION, "Type", "Cyber", "Category", "NIDS", "Data",
		"Protocol", "Method", "Signature", "Policy", "Correlation");
}

/* By how far it went; NULL: nothing fits. */
static const char *idmef_category(const json_t *incident)
{
	const char *stage = document_string(incident, "/progress/highest");

	if (share_is_any(stage, " impact impair-process-control "))
		return "Information.UnauthorizedModification";
	if (share_is_any(stage, " inhibit-response-function "))
		return "Availability.DoS";
	if (share_is_any(stage, " discovery collection "))
		return "Recon.Scanning";
	return NULL;
}

static json_t *idmef_techniques(const json_t *incident)
{
	json_t *list = json_array();
	const json_t *technique;
	size_t i;

	json_array_foreach (document_at(incident, "/progress/techniques"), i, technique)
		if (json_is_string(technique))
			json_array_append_new(list, json_sprintf("mitre-attack-ics:%s",
				json_string_value(technique)));
	return list;
}

static void put_about(json_t *o, const json_t *incident)
{
	const char *category = idmef_category(incident);
	const char *title = document_string(incident, "/title");

	share_copy(o, "ID", incident, "/uid");
	share_copy(o, "OrganisationName", incident, "/organization/name");
	share_copy(o, "EntityName", incident, "/site/name");
	if (category)
		json_object_set_new(o, "Category", json_pack("[s]", category));
	json_object_set_new(o, "Cause", json_string("Unknown"));
	if (title)
		json_object_set_new(o, "Description", json_sprintf("%s%s",
			share_is_live(incident) ? "" : "EXERCISE: ", title));
	json_object_set_new(o, "Status", json_string("Incident"));
	json_object_set_new(o, "Priority", json_string(idmef_priority(share_level(incident))));
}

json_t *share_idmef(const json_t *incident, const struct share_request *request)
{
	json_t *o = json_pack("{s:s}", "Version", "2.D.V06");
	const char *id = document_string(incident, "/id");
	char now[TIME_TEXT];

	time_rfc3339(request->now_ns, now);
	put_about(o, incident);
	json_object_set_new(o, "CreateTime", json_string(now));
	share_copy(o, "StartTime", incident, "/times/first_activity");
	share_copy(o, "EndTime", incident, "/times/last_activity");
	if (id)
		json_object_set_new(o, "AltNames", json_pack("[s]", id));
	json_object_set_new(o, "AltCategory", idmef_techniques(incident));
	json_object_set_new(o, "Analyzer", idmef_analyzer(incident));
	json_object_set_new(o, "Source", idmef_ends(document_at(incident, "/actors")));
	json_object_set_new(o, "Target", idmef_ends(document_at(incident, "/affected")));
	return o;
}
