/* An open incident from its document, so that it goes on after a restart. */
#include "base/memory.h"
#include "incident/capture.h"
#include "incident/change.h"
#include "incident/correlate.h"
#include "incident/register.h"
#include "incident/time.h"

static const char *text_at(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));
	return s ? s : "";
}

static uint64_t count_at(const json_t *object, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(object, key));
	return v > 0 ? (uint64_t)v : 0;
}

static bool time_at(const json_t *object, const char *key, uint64_t *ns)
{
	return time_read_rfc3339(text_at(object, key), ns);
}

/* ---- may it go on? ---- */

static bool is_over(const char *state)
{
	static const char *const over[] = { "closed", "dismissed", "merged" };
	for (unsigned s = 0; s < sizeof(over) / sizeof(*over); s++)
		if (strcmp(state, over[s]) == 0)
			return true;
	return false;
}

static bool goes_on(const struct incidents *i, const json_t *doc)
{
	const json_t *correlation = json_object_get(doc, "correlation");
	const json_t *times = json_object_get(doc, "times");
	uint8_t uid[16];
	uint64_t ns;
	const char *id = text_at(doc, "id");
	return strcmp(text_at(doc, "schema"), "ironspan.incident/1") == 0 && *id &&
		strlen(id) < ID_TEXT && incident_uid_read(text_at(doc, "uid"), uid) &&
		strcmp(text_at(doc, "origin"), i->config.is_live ? "live" : "replay") == 0 &&
		strcmp(text_at(correlation, "status"), status_names[STATUS_OPEN]) == 0 &&
		!is_over(text_at(doc, "state")) && time_at(times, "first_activity", &ns) &&
		time_at(times, "last_activity", &ns);
}

/* ---- what it knew ---- */

static bool read_mac(const char *text, uint8_t mac[6])
{
	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2],
		&mac[3], &mac[4], &mac[5]) == 6;
}

static void read_users(struct incident *n, struct told_end *e, const json_t *row)
{
	const json_t *user;
	size_t u;
	json_array_foreach(json_object_get(row, "users"), u, user)
		if (json_is_string(user))
			incident_add_user(n, e, json_string_value(user));
	incident_add_user(n, e, text_at(row, "user"));
}

static void read_end(struct incidents *i, struct incident *n, struct list *ends,
	const json_t *row)
{
	struct incident_end end = { 0 };
	uint64_t first_ns = n->first_ns;
	const json_t *word;
	size_t w;
	end.has_ip = address_parse(&end.ip, text_at(row, "ip"));
	end.has_mac = read_mac(text_at(row, "mac"), end.mac);
	if (i->config.registers)
		end.asset = registers_asset_by_id(i->config.registers, text_at(row, "asset"));
	time_at(row, "first_activity", &first_ns);
	struct told_end *e = incident_end_of(n, ends, &end, first_ns);
	if (!e)
		return;
	e->alerts = count_at(row, "alerts");
	e->accepted = count_at(row, "accepted");
	time_at(row, "last_activity", &e->last_ns);
	read_users(n, e, row);
	view_resume(e, count_at(row, "loss_of_view_s"));
	json_array_foreach(json_object_get(row, "outcome"), w, word)
		if (json_is_string(word))
			e->effects |= effect_bit(i, json_string_value(word));
}

static void read_ends(struct incidents *i, struct incident *n, const json_t *doc)
{
	const json_t *row;
	size_t r;
	json_array_foreach(json_object_get(doc, "actors"), r, row)
		read_end(i, n, &n->actors, row);
	json_array_foreach(json_object_get(doc, "affected"), r, row)
		read_end(i, n, &n->targets, row);
}

static void read_alerts(struct incident *n, const json_t *alerts)
{
	const json_t *row;
	uint8_t uid[16];
	size_t r;
	n->alerts = count_at(alerts, "count");
	n->severity = (unsigned)count_at(alerts, "severity");
	n->accepted = count_at(alerts, "accepted");
	n->suppressed = count_at(alerts, "suppressed");
	n->expected = count_at(alerts, "expected");
	json_array_foreach(json_object_get(alerts, "uids"), r, row)
		if (json_is_string(row) && incident_uid_read(json_string_value(row), uid))
			incident_add_uid(&n->uids, uid);
	json_array_foreach(json_object_get(alerts, "rules"), r, row) {
		struct told_rule *rule = incident_rule(n, (uint32_t)count_at(row, "gid"),
			(uint32_t)count_at(row, "signature_id"),
			(uint32_t)count_at(row, "severity"), text_at(row, "signature"));
		if (rule) {
			rule->alerts = count_at(row, "count");
			rule->accepted = count_at(row, "accepted");
		}
	}
}

/* Which technique reached which stage is not told: together they reached all of them. */
static void read_progress(struct incidents *i, struct incident *n, const json_t *progress)
{
	const json_t *row;
	uint64_t stages = 0;
	size_t r;
	snprintf(n->attack_version, sizeof(n->attack_version), "%s",
		text_at(progress, "attack_version"));
	json_array_foreach(json_object_get(progress, "stages"), r, row)
		if (json_is_string(row))
			stages |= tactics_of(i, json_string_value(row));
	json_array_foreach(json_object_get(progress, "techniques"), r, row)
		if (json_is_string(row) &&
			json_string_length(row) < sizeof(((struct told_technique *)0)->id))
			incident_add_technique(n, json_string_value(row), stages);
}

static void read_ids(struct list *ids, const json_t *array)
{
	const json_t *row;
	size_t r;
	json_array_foreach(array, r, row)
		if (json_is_string(row) && json_string_length(row) < ID_TEXT)
			incident_note_id(ids, json_string_value(row));
}

/* ---- keys ---- */

static void read_hub(struct incident *n, const struct list *ends, const char *text)
{
	list_each(ends, struct told_end, e) {
		struct address host = incident_host(&e->end);
		if (strcmp(incident_end_text(&e->end).text, text) == 0)
			incident_note_hub(n, &host);
	}
}

static void read_key(struct incidents *i, struct incident *n, const char *key)
{
	unsigned gid, sid;
	const char *value = strchr(key, ':');
	if (!value)
		return;
	if (sscanf(key, "rule:%u:%u", &gid, &sid) == 2)
		correlate_claim_storm(i, gid, sid, n);
	else if (strncmp(key, "program:", 8) == 0)
		incident_add_program(n, value + 1);
	else if (strncmp(key, "hub_src:", 8) == 0)
		read_hub(n, &n->actors, value + 1);
	else if (strncmp(key, "hub_asset:", 10) == 0)
		read_hub(n, &n->targets, value + 1);
}

static void read_correlation(struct incidents *i, struct incident *n, const json_t *c)
{
	const json_t *row;
	size_t r;
	snprintf(n->parent, sizeof(n->parent), "%s", text_at(c, "parent"));
	read_ids(&n->related, json_object_get(c, "related"));
	read_ids(&n->merged_from, json_object_get(c, "merged_from"));
	json_array_foreach(json_object_get(c, "keys"), r, row)
		if (json_is_string(row))
			read_key(i, n, json_string_value(row));
}

bool incidents_resume(struct incidents *i, const json_t *doc)
{
	if (!goes_on(i, doc))
		return false;
	const json_t *times = json_object_get(doc, "times");
	struct incident *n = incident_make(i);
	snprintf(n->id, sizeof(n->id), "%s", text_at(doc, "id"));
	snprintf(n->uid, sizeof(n->uid), "%s", text_at(doc, "uid"));
	n->revision = (unsigned)count_at(doc, "revision");
	time_at(times, "first_activity", &n->first_ns);
	time_at(times, "last_activity", &n->last_ns);
	read_alerts(n, json_object_get(doc, "alerts"));
	read_ends(i, n, doc);
	read_progress(i, n, json_object_get(doc, "progress"));
	changes_resume(n, json_object_get(doc, "changes"));
	evidence_add(n, json_object_get(doc, "evidence"));
	capture_resume(i, n, doc);
	read_correlation(i, n, json_object_get(doc, "correlation"));
	read_ids(&n->windows, json_object_get(json_object_get(doc, "maintenance"), "windows"));
	n->grade = json_deep_copy(json_object_get(doc, "grade"));
	i->now_ns = n->last_ns > i->now_ns ? n->last_ns : i->now_ns;
	correlate_resume(i, n);
	incident_resume_news(i, n, (unsigned)count_at(doc, "news"));
	return true;
}
