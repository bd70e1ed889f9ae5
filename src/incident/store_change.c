/* What people do to incidents. */
#include <stdlib.h>
#include <string.h>

#include "incident/canonical.h"
#include "incident/store_state.h"

static bool find_document(struct store *s, const char *id, json_t **doc)
{
	if (!store_read_document(s, id, doc))
		return false;
	return *doc || store_fail(s, "there is no incident %s", id);
}

/* ---- reports ---- */

static bool save_approval(struct store *s, const struct store_change *c, const char *uid)
{
	struct query q =
		query_begin(s, "INSERT OR REPLACE INTO approval VALUES (?, ?, ?, ?)");
	query_text(&q, uid);
	query_text(&q, c->action);
	query_text(&q, s->person.id);
	query_int(&q, c->now_ns);
	return query_run(&q);
}

/* It speaks of the incident as it was at some time. */
static bool check_bond(struct store *s, const struct store_change *c, uint64_t *revision)
{
	const json_t *bond = json_object_get(c->report, "incident");
	const char *hash = json_string_value(json_object_get(bond, "sha256"));
	*revision = (uint64_t)json_integer_value(json_object_get(bond, "revision"));
	struct query q = query_begin(s, "SELECT sha256 FROM revision WHERE incident = ?"
		" AND revision = ?");
	query_text(&q, c->id);
	query_int(&q, *revision);
	bool same = query_row(&q) && hash && strcmp(query_take_text(&q), hash) == 0;
	return query_end(&q) &&
		(same ||
			store_fail(s,
				"the report was not made from %s as it is "
				"here, or ever was",
				c->id));
}

/* The incident is kept as the report saw it, if it still is so. */
static bool save_json(struct store *s, const struct store_change *c, const char *uid,
	const json_t *before, uint64_t revision)
{
	bool is_current = (uint64_t)json_integer_value(
		json_object_get(before, "revision")) == revision;
	char *json = canonical_json(c->report, NULL);
	char *incident = is_current ? canonical_json(before, NULL) : NULL;
	struct query q = query_begin(s, "INSERT INTO report VALUES (?, ?, ?, ?, ?)"
		" ON CONFLICT (uid) DO UPDATE SET json = excluded.json,"
		" revision = excluded.revision,"
		" incident_json = coalesce(excluded.incident_json, incident_json)");
	query_text(&q, uid);
	query_text(&q, c->id);
	query_int(&q, revision);
	query_text(&q, json);
	query_text(&q, incident);
	bool ok = query_run(&q);
	free(json);
	free(incident);
	return ok;
}

/* Whatever was written into a draft: what a replay or an exercise found is approved as that only. */
static bool is_honest(struct store *s, const struct store_change *c, const json_t *incident)
{
	const char *origin = json_string_value(json_object_get(incident, "origin"));
	bool is_real = origin && strcmp(origin, "live") == 0;

	return strcmp(c->action, "approve") != 0 || is_real ||
		json_is_true(json_object_get(c->report, "exercise")) ||
		store_fail(s, "%s is from a replay or an exercise, and the report does not say so",
			c->id);
}

static bool save_report(struct store *s, const struct store_change *c,
	const json_t *before, json_t *details)
{
	char hash[SHA256_TEXT];
	uint64_t revision;
	const char *uid = json_string_value(json_object_get(c->report, "uid"));
	if (!c->report)
		return true;
	if (!uid || !canonical_sha256(c->report, hash))
		return store_fail(
			s, "the report has no uid, or holds what documents may not");
	json_object_set_new(details, "report_sha256", json_string(hash));
	return is_honest(s, c, before) && check_bond(s, c, &revision) && save_json(s, c, uid, before, revision) &&
		save_approval(s, c, uid);
}

json_t *store_report(struct store *s, const char *uid)
{
	json_t *report = NULL;
	struct query q = query_begin(s, "SELECT json FROM report WHERE uid = ?");
	query_text(&q, uid);
	if (query_row(&q))
		report = json_loads(query_take_text(&q), 0, NULL);
	if (query_end(&q) && !report)
		store_fail(s, "there is no report %s", uid);
	return report;
}

/* ---- the other half of a merge ---- */

static bool absorb(struct store *s, const struct store_change *c, json_t *into)
{
	json_t *correlation = json_object_get(into, "correlation");
	json_t *before = json_deep_copy(into);
	if (!json_is_object(correlation)) {
		correlation = json_object();
		json_object_set_new(into, "correlation", correlation);
	}
	if (!json_is_array(json_object_get(correlation, "merged_from")))
		json_object_set_new(correlation, "merged_from", json_array());
	json_t *list = json_object_get(correlation, "merged_from");
	if (json_array_size(list) < LIFE_LIST_MAX)
		json_array_append_new(list, json_string(c->id));
	store_evaluate(s, into, before, c->now_ns);
	struct store_write w = { .before = before,
		.doc = into,
		.action = "incident.absorb",
		.details = json_pack("{s:s}", "merged", c->id),
		.now_ns = c->now_ns };
	bool ok = store_write(s, &w);
	json_decref(before);
	return ok;
}

static bool merge_into(struct store *s, const struct store_change *c)
{
	const char *id = json_string_value(json_object_get(c->args, "into"));
	json_t *into;
	if (!find_document(s, id, &into))
		return false;
	bool ok = strcmp(id, c->id) != 0 ||
		store_fail(s, "an incident is not part of itself");
	if (ok && !life_state_is_open(life_state_of(into)))
		ok = store_fail(s, "%s is %s: nothing can be merged into it", id,
			life_state_name(life_state_of(into)));
	ok = ok && absorb(s, c, into);
	json_decref(into);
	return ok;
}

/* ---- any action ---- */

static char *action_name(const char *action)
{
	struct text t = { 0 };
	bool of_report = strcmp(action, "report") == 0 ||
		strcmp(action, "approve") == 0 || strcmp(action, "submit") == 0 ||
		strcmp(action, "forward") == 0;
	text_str(&t, !of_report ? "incident." : "report.");
	text_str(&t, strcmp(action, "report") == 0 ? "prepare" : action);
	text_char(&t, '\0');
	return t.at;
}

static bool write_change(
	struct store *s, const struct store_change *c, const json_t *before, json_t *doc)
{
	char *name = action_name(c->action);
	struct store_write w = { .before = before, .doc = doc, .action = name,
		.details = json_object(), .now_ns = c->now_ns };
	if (json_object_size(c->args) > 0)
		json_object_set_new(w.details, "given", json_deep_copy(c->args));
	store_evaluate(s, doc, before, c->now_ns);
	bool ok = save_report(s, c, before, w.details);
	if (ok)
		ok = store_write(s, &w);
	else
		json_decref(w.details);
	free(name);
	return ok;
}

static bool change_document(struct store *s, const struct store_change *c, json_t *doc)
{
	char error[STORE_ERROR - 64];
	json_t *before = json_deep_copy(doc);
	bool ok = life_apply(doc, c->action, c->args, s->person.id, c->now_ns, error,
		sizeof(error)) || store_fail(s, "%s", error);
	ok = ok && (strcmp(c->action, "merge") != 0 || merge_into(s, c)) &&
		write_change(s, c, before, doc);
	json_decref(before);
	return ok;
}

bool store_change(struct store *s, const struct store_change *c)
{
	const struct life_action *action = life_action_find(c->action);
	json_t *doc = NULL;
	if (!action)
		return store_fail(s, "there is no action %s", c->action);
	if (!store_may(s, action->right) || !store_enter(s))
		return false;
	bool ok = find_document(s, c->id, &doc) && change_document(s, c, doc);
	json_decref(doc);
	return store_leave(s, ok);
}
