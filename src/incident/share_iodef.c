/* IODEF in JSON: RFC 8727, names of RFC 7970. */
#include <string.h>

#include "incident/document.h"
#include "incident/share_parts.h"
#include "incident/time.h"

static json_t *make_id(const json_t *incident)
{
	json_t *id = json_object();
	const char *name = document_string(incident, "/site/id");

	share_copy(id, "id", incident, "/id");
	json_object_set_new(id, "name", json_string(name ? name : "ironspan"));
	return id;
}

static json_t *make_contact(const json_t *incident)
{
	const char *name = document_string(incident, "/organization/name");

	return json_pack("[{s:s,s:s,s:[s]}]", "role", "creator", "type", "organization",
		"ContactName", name ? name : "unknown");
}

static json_t *make_assessment(const json_t *incident)
{
	json_int_t level = share_level(incident);
	json_t *impact = json_pack("{s:s}", "type", "unknown");

	if (level)
		json_object_set_new(impact, "severity",
			json_string(level <= 2 ? "high" : level == 3 ? "medium" : "low"));
	return json_pack("[{s:s,s:[o]}]", "occurrence", "actual", "SystemImpact", impact);
}

static json_t *make_method(const json_t *incident)
{
	const json_t *technique;
	json_t *list = json_array();
	size_t i;

	json_array_foreach (document_at(incident, "/progress/techniques"), i, technique)
		if (json_is_string(technique))
			json_array_append_new(list, json_sprintf("ATT&CK for ICS %s",
				json_string_value(technique)));
	return json_pack("[{s:o}]", "Description", list);
}

static void add_address(json_t *addresses, const char *value, const char *category)
{
	if (value)
		json_array_append_new(addresses, json_pack("{s:s,s:s}", "value", value, "category",
			category));
}

/* A system has a node, and that an address; its name is an asset identifier. */
static void add_system(json_t *systems, const json_t *end, const char *category)
{
	const char *ip = document_string(end, "/ip"), *asset = document_string(end, "/asset");
	json_t *addresses = json_array();

	add_address(addresses, ip, ip && strchr(ip, ':') ? "ipv6-addr" : "ipv4-addr");
	add_address(addresses, document_string(end, "/mac"), "mac");
	if (json_array_size(addresses) == 0) {
		json_decref(addresses);
		return;
	}
	json_t *system = json_pack("{s:s,s:{s:o}}", "category", category, "Node", "Address",
		addresses);
	if (asset)
		json_object_set_new(system, "AssetID", json_pack("[s]", asset));
	json_array_append_new(systems, system);
}

static json_t *make_events(const json_t *incident)
{
	json_t *systems = json_array();
	const json_t *end;
	size_t i;

	json_array_foreach (document_at(incident, "/actors"), i, end)
		add_system(systems, end, "source");
	json_array_foreach (document_at(incident, "/affected"), i, end)
		add_system(systems, end, "target");
	if (json_array_size(systems))
		return json_pack("[{s:[{s:o}]}]", "Flow", "System", systems);
	json_decref(systems);
	return NULL;
}

json_t *share_iodef(const json_t *incident, const struct share_request *request)
{
	json_t *o = json_pack("{s:s,s:s,s:o}", "purpose", "reporting", "restriction", "private",
		"IncidentID", make_id(incident));
	const char *title = document_string(incident, "/title");
	json_t *events = make_events(incident);
	char now[TIME_TEXT];

	time_rfc3339(request->now_ns, now);
	json_object_set_new(o, "GenerationTime", json_string(now));
	share_copy(o, "StartTime", incident, "/times/first_activity");
	share_copy(o, "EndTime", incident, "/times/last_activity");
	share_copy(o, "DetectTime", incident, "/times/detected");
	if (title)
		json_object_set_new(o, "Description", json_pack("[o]", json_sprintf("%s%s",
			share_is_live(incident) ? "" : "EXERCISE: ", title)));
	json_object_set_new(o, "Assessment", make_assessment(incident));
	if (json_array_size(document_at(incident, "/progress/techniques")))
		json_object_set_new(o, "Method", make_method(incident));
	json_object_set_new(o, "Contact", make_contact(incident));
	if (events)
		json_object_set_new(o, "EventData", events);
	return json_pack("{s:s,s:s,s:[o]}", "version", "2.0", "lang", "en", "Incident", o);
}
