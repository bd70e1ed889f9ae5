/* OCSF 1.8: incident finding, class 2005. */
#include "incident/document.h"
#include "incident/share_parts.h"
#include "incident/time.h"

/* Milliseconds since 1970; left out where there is no time. */
static void set_ms(json_t *to, const char *key, const json_t *incident, const char *pointer)
{
	const char *text = document_string(incident, pointer);
	uint64_t ns;

	if (text && time_read_rfc3339(text, &ns))
		json_object_set_new(to, key, json_integer((json_int_t)(ns / 1000000)));
}

/* 1 new, 2 in progress, 4 resolved, 5 closed (OCSF, incident finding, status_id). */
static json_int_t ocsf_status(const char *state)
{
	if (share_is_any(state, " detected "))
		return 1;
	if (share_is_any(state, " resolved reported_final "))
		return 4;
	if (share_is_any(state, " closed dismissed merged "))
		return 5;
	return state ? 2 : 0;
}

/* Severity and impact by level: 1 is the gravest. 5 critical, 4 high, 3 medium, 2 low. */
static json_int_t ocsf_severity(json_int_t level)
{
	static const json_int_t severities[] = { 0, 5, 5, 4, 3 };

	return level >= 1 && level <= 4 ? severities[level] : 0;
}

static json_t *ocsf_findings(const json_t *incident)
{
	json_t *list = json_array();
	const json_t *uid;
	size_t i;

	json_array_foreach (document_at(incident, "/alerts/uids"), i, uid)
		if (json_is_string(uid))
			json_array_append_new(list, json_pack("{s:O,s:s}", "uid", uid, "title",
				"OT alert"));
	return list;
}

static json_t *ocsf_attacks(const json_t *incident)
{
	const char *version = document_string(incident, "/progress/attack_version");
	json_t *list = json_array();
	const json_t *technique;
	size_t i;

	json_array_foreach (document_at(incident, "/progress/techniques"), i, technique)
		if (json_is_string(technique))
			json_array_append_new(list, json_pack("{s:s,s:{s:O}}", "version",
				version ? version : "18.1", "technique", "uid", technique));
	return list;
}

static json_t *ocsf_metadata(const json_t *incident)
{
	json_t *metadata = json_pack("{s:s,s:{s:s,s:s,s:s},s:[s]}", "version", "1.8.0", "product",
		"name", "ironspan", "vendor_name", "ironspan project", "version", IRONSPAN_VERSION,
		"profiles", "incident");

	share_copy(metadata, "uid", incident, "/uid");
	share_copy(metadata, "original_event_uid", incident, "/id");
	return metadata;
}

/* A group or a person has to be named: until somebody is assigned, whoever answers for the
 * device. */
static const char *ocsf_group(const json_t *incident)
{
	const char *group = document_string(incident, "/assignment/group");

	if (!group)
		group = document_string(incident, "/affected/0/responsible/department");
	return group ? group : "unassigned";
}

static void put_ocsf_people(json_t *o, const json_t *incident)
{
	const char *owner = document_string(incident, "/assignment/owner");
	const char *id = document_string(incident, "/id");

	json_object_set_new(o, "assignee_group",
		json_pack("{s:s}", "name", ocsf_group(incident)));
	if (owner)
		json_object_set_new(o, "assignee", json_pack("{s:s}", "uid", owner));
	if (id)
		json_object_set_new(o, "tickets", json_pack("[{s:s}]", "uid", id));
}

static json_t *ocsf_unmapped(const json_t *incident)
{
	const json_t *type = document_at(incident, "/classification/gbt20986");
	const char *due = document_string(incident, "/clocks/0/due");
	json_t *o = json_object();

	if (type)
		json_object_set(o, "gbt20986", (json_t *)type);
	if (share_level(incident))
		json_object_set_new(o, "grade", json_integer(share_level(incident)));
	if (due)
		json_object_set_new(o, "report_due", json_string(due));
	return o;
}

/* 0 unknown, 1 false positive, 2 true positive, 3 disregard, 6 test. */
static json_int_t ocsf_verdict(const json_t *incident, const char *state)
{
	const char *reason = document_string(incident, "/dismissal/reason");

	if (!share_is_live(incident))
		return 6;
	if (share_is_any(state, " dismissed "))
		return share_is_any(reason, " false_positive ") ? 1 : 3;
	return share_is_any(state, " detected triaged ") ? 0 : 2;
}

json_t *share_ocsf(const json_t *incident, const struct share_request *request)
{
	const char *state = document_string(incident, "/state");
	json_int_t status = ocsf_status(state), severity = ocsf_severity(share_level(incident));
	json_int_t revision = 0;

	document_integer(incident, "/revision", &revision);
	json_int_t activity = status == 5 ? 3 : revision > 1 ? 2 : 1;
	json_t *o = json_pack("{s:i,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "category_uid", 2,
		"class_uid", 2005, "activity_id", activity,
		"type_uid", (json_int_t)200500 + activity, "time", (json_int_t)(request->now_ns / 1000000), "severity_id", severity,
		"status_id", status, "impact_id", severity ? severity - 1 : (json_int_t)0,
		"verdict_id", ocsf_verdict(incident, state));

	json_object_set_new(o, "metadata", ocsf_metadata(incident));
	share_copy(o, "desc", incident, "/title");
	set_ms(o, "start_time", incident, "/times/first_activity");
	set_ms(o, "end_time", incident, "/times/last_activity");
	json_object_set_new(o, "finding_info_list", ocsf_findings(incident));
	json_object_set_new(o, "attacks", ocsf_attacks(incident));
	put_ocsf_people(o, incident);
	json_object_set_new(o, "unmapped", ocsf_unmapped(incident));
	return o;
}
