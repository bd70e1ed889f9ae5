/* The document of an incident: ironspan.incident/1, whole on every revision. What people
 * fill is null or empty here. */
#include "incident/capture.h"
#include "incident/change.h"
#include "incident/correlate.h"
#include "incident/describe.h"
#include "incident/register.h"

/* ---- alerts ---- */

static void put_uids(json_t *array, const struct list *uids, unsigned from)
{
	char text[INCIDENT_UID_TEXT];
	for (unsigned i = 0; i < uids->count; i++) {
		incident_uid_text((const uint8_t *)uids->at +
			16 * (size_t)((from + i) % uids->count), text);
		json_array_append_new(array, json_string(text));
	}
}

static json_t *rules_json(const struct incident *n)
{
	json_t *array = json_array();
	list_each(&n->rules, struct told_rule, r)
		json_array_append_new(array, json_pack("{sI sI sI ss sI sI}",
			"gid", (json_int_t)r->gid, "signature_id", (json_int_t)r->sid,
			"severity", (json_int_t)r->severity, "signature", r->signature,
			"count", (json_int_t)r->alerts,
			"accepted", (json_int_t)r->accepted));
	return array;
}

static json_t *alerts_json(const struct incident *n)
{
	json_t *uids = json_array();
	put_uids(uids, &n->uids.first, 0);
	put_uids(uids, &n->uids.last, n->uids.next);
	return json_pack("{sI sI sI sI sI sI so so so*}", "count", (json_int_t)n->alerts,
		"severity", (json_int_t)n->severity, "accepted", (json_int_t)n->accepted,
		"raw_events", (json_int_t)(n->alerts + n->suppressed),
		"suppressed", (json_int_t)n->suppressed, "expected", (json_int_t)n->expected,
		"rules", rules_json(n), "uids", uids, "sensors", sensors_json(n));
}

/* ---- correlation ---- */

static json_t *ids_json(const struct list *ids)
{
	json_t *array = json_array();
	list_each(ids, struct id, id)
		json_array_append_new(array, json_string(id->text));
	return array;
}

static bool is_hub(const struct incident *n, const struct incident_end *e)
{
	struct address host = incident_host(e);
	list_each(&n->hubs, struct address, hub)
		if (memcmp(hub, &host, sizeof(host)) == 0)
			return true;
	return false;
}

enum { KEYS_MAX = 32 };

static void put_keys(const struct incident *n, json_t *keys,
	const char *kind, const struct list *ends)
{
	list_each(ends, struct told_end, e)
		if (json_array_size(keys) < KEYS_MAX)
			json_array_append_new(keys, json_sprintf("%s%s:%s",
				is_hub(n, &e->end) ? "hub_" : "", kind,
				incident_end_text(&e->end).text));
}

static json_t *keys_json(const struct incident *n)
{
	json_t *keys = json_array();
	if (n->is_storm && n->rules.count)
		json_array_append_new(keys, json_sprintf("rule:%u:%u",
			list_item(&n->rules, struct told_rule, 0)->gid,
			list_item(&n->rules, struct told_rule, 0)->sid));
	list_each(&n->programs, char *, program)
		json_array_append_new(keys, json_sprintf("program:%s", *program));
	put_keys(n, keys, "src", &n->actors);
	put_keys(n, keys, "asset", &n->targets);
	return keys;
}

static json_t *correlation_json(const struct incidents *i, const struct incident *n)
{
	return json_pack("{ss ss so sI sI so so so so}", "engine", "ironspan-correlate/1",
		"status", status_names[n->status], "keys", keys_json(n),
		"gap_s", (json_int_t)i->config.gap_s,
		"max_life_s", (json_int_t)i->config.life_s,
		"parent", describe_text(n->parent), "related", ids_json(&n->related),
		"merged_from", ids_json(&n->merged_from),
		"merged_into", describe_text(n->merged_into));
}

/* ---- progress ---- */

static json_t *progress_json(const struct incidents *i, const struct incident *n)
{
	json_t *techniques = json_array(), *stages = json_array();
	const char *highest = NULL;
	uint64_t reached = 0;
	list_each(&n->techniques, struct told_technique, t) {
		json_array_append_new(techniques, json_string(t->id));
		reached |= t->tactics;
	}
	for (unsigned t = 0; t < i->tactic_count; t++) {
		if (!(reached >> t & 1))
			continue;
		json_array_append_new(stages, json_string(i->tactics[t]));
		highest = t < i->tactics_ordered ? i->tactics[t] : highest;
	}
	return json_pack("{so so so so}", "attack_version", describe_text(n->attack_version),
		"stages", stages, "techniques", techniques,
		"highest", describe_text(highest));
}

/* ---- what only people know ---- */

static json_t *blank(const struct incident *n)
{
	return json_pack("{so s{sn sn sn} s{sn sn sn sn sn sn} s{sn sn sn s[]} s[] s[] so s[]"
		" s{sn sn sn}}",
		"grade", n->grade ? json_deep_copy(n->grade)
			: json_pack("{sn s[] sn}", "proposed", "threshold_checks",
				"confirmed"),
		"safety_accident", "suspected", "note", "regime",
		"human_input", "direct_loss_cny", "people_affected", "production_stopped_min",
		"cii_operator", "pii_records", "ransom",
		"assignment", "owner", "backup", "group", "escalated_to",
		"actions", "reports", "evidence", evidence_json(n), "notes",
		"audit", "log", "first_seq", "last_seq");
}

static json_t *times_json(const struct incident *n)
{
	return json_pack("{so so so sn sn sn sn sn so}",
		"first_activity", describe_time(n->first_ns),
		"detected", describe_time(n->first_ns), "created", describe_time(n->first_ns),
		"acknowledged", "confirmed", "contained", "resolved", "closed",
		"last_activity", describe_time(n->last_ns));
}

/* Keys that the operator's file has, or null. */
static json_t *some_of(const json_t *row, const char *const *keys, unsigned count)
{
	json_t *some = json_object();
	for (unsigned k = 0; k < count; k++) {
		json_t *value = json_object_get(row, keys[k]);
		json_object_set_new(some, keys[k], value ? json_copy(value) : json_null());
	}
	return some;
}

static json_t *organization_json(const struct incidents *i)
{
	static const char *const keys[] = { "name", "unified_social_credit_code",
		"enterprise_class", "enterprise_level", "level_source" };
	const struct registers *r = i->config.registers;
	return some_of(r ? registers_data(r, "organization") : NULL, keys,
		sizeof(keys) / sizeof(*keys));
}

/* The sensor's site, else that of the device it began with. */
static const char *site_of(const struct incidents *i, const struct incident *n)
{
	const struct told_end *first = n->targets.at;
	if (i->config.site || !first || !first->end.asset)
		return i->config.site;
	return first->end.asset->site;
}

static json_t *site_json(const struct incidents *i, const struct incident *n)
{
	static const char *const keys[] = { "id", "name", "region_code" };
	const struct registers *r = i->config.registers;
	const char *id = site_of(i, n);
	json_t *site = some_of(r && id ? registers_site(r, id) : NULL, keys,
		sizeof(keys) / sizeof(*keys));
	json_object_set_new(site, "id", describe_text(id));
	return site;
}

static json_t *maintenance_json(const struct incident *n)
{
	return json_pack("{so sb}", "windows", ids_json(&n->windows),
		"expected", n->expected == n->alerts);
}

json_t *incident_document(const struct incidents *i, const struct incident *n)
{
	json_t *doc = json_pack("{ss ss ss sI ss so so ss ss ss so so so so so so so so so}",
		"schema", "ironspan.incident/1", "id", n->id, "uid", n->uid,
		"revision", (json_int_t)n->revision,
		"origin", i->config.is_live ? "live" : "replay",
		"organization", organization_json(i), "site", site_json(i, n), "title", "", "title_zh", "",
		"state", n->status == STATUS_MERGED ? "merged" : "detected",
		"times", times_json(n), "alerts", alerts_json(n),
		"correlation", correlation_json(i, n), "progress", progress_json(i, n),
		"actors", describe_actors(i, n), "affected", describe_affected(i, n),
		"changes", changes_json(n), "maintenance", maintenance_json(n),
		"capture", capture_json(i, n));
	json_t *people = blank(n);
	incident_titles(i, n, doc);
	json_object_update_missing(doc, people);
	json_decref(people);
	return doc;
}
