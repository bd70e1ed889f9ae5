/* A document of the correlator meets the one that people have been working on. */
#include <string.h>

#include "incident/store_state.h"

/* What people own: never taken from the machine's document. */
static const char *const human_keys[] = { "state", "dismissal", "human_input",
	"assignment", "actions", "reports", "notes", "rectification", "accountability",
	"lessons", "revision", "audit", NULL };
static const char *const human_times[] = { "acknowledged", "confirmed", "contained",
	"resolved", "closed", NULL };
static const char *const human_grade[] = { "confirmed", NULL };
static const char *const human_safety[] = { "note", "regime", NULL };

static bool is_among(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Members of an object that both own. */
static void mix(
	json_t *doc, const char *name, const json_t *machine, const char *const *human)
{
	const char *key;
	json_t *value, *own = json_object_get(doc, name);
	if (!json_is_object(own)) {
		own = json_object();
		json_object_set_new(doc, name, own);
	}
	json_object_foreach((json_t *)machine, key, value)
		if (!is_among(human, key))
			json_object_set_new(own, key, json_deep_copy(value));
}

/* A class that a person chose stays. */
static void mix_classes(json_t *doc, const char *name, const json_t *machine)
{
	static const char *const none[] = { NULL };
	const char *key;
	json_t *value;
	mix(doc, name, NULL, none);
	json_t *own = json_object_get(doc, name);
	json_object_foreach((json_t *)machine, key, value)
		if (!json_is_string(json_object_get(json_object_get(own, key), "by")))
			json_object_set_new(own, key, json_deep_copy(value));
}

static void add_missing(json_t *list, const json_t *more)
{
	size_t i, k;
	json_t *item, *have;
	json_array_foreach(more, i, item) {
		bool found = false;
		json_array_foreach(list, k, have)
			found = found || json_equal(have, item);
		if (!found && json_array_size(list) < LIFE_LIST_MAX)
			json_array_append_new(list, json_deep_copy(item));
	}
}

/* People merge incidents as well: what they joined is not forgotten. */
static void mix_correlation(json_t *doc, const json_t *machine)
{
	json_t *before = json_incref(json_object_get(doc, "correlation"));
	json_t *own = json_deep_copy(machine);
	json_object_set_new(doc, "correlation", own);
	const json_t *into = json_object_get(before, "merged_into");
	if (json_is_string(into) && !json_is_string(json_object_get(own, "merged_into")))
		json_object_set_new(own, "merged_into", json_deep_copy(into));
	const json_t *merged = json_object_get(before, "merged_from");
	if (json_array_size(merged) > 0) {
		if (!json_is_array(json_object_get(own, "merged_from")))
			json_object_set_new(own, "merged_from", json_array());
		add_missing(json_object_get(own, "merged_from"), merged);
	}
	json_decref(before);
}

static void mix_evidence(json_t *doc, const json_t *machine)
{
	if (!json_is_array(json_object_get(doc, "evidence")))
		json_object_set_new(doc, "evidence", json_array());
	add_missing(json_object_get(doc, "evidence"), machine);
}

static void mix_key(json_t *doc, const char *key, const json_t *value)
{
	if (is_among(human_keys, key))
		return;
	if (strcmp(key, "times") == 0)
		mix(doc, key, value, human_times);
	else if (strcmp(key, "grade") == 0)
		mix(doc, key, value, human_grade);
	else if (strcmp(key, "safety_accident") == 0)
		mix(doc, key, value, human_safety);
	else if (strcmp(key, "classification") == 0)
		mix_classes(doc, key, value);
	else if (strcmp(key, "correlation") == 0)
		mix_correlation(doc, value);
	else if (strcmp(key, "evidence") == 0)
		mix_evidence(doc, value);
	else
		json_object_set_new(doc, key, json_deep_copy(value));
}

/* The correlator found that it belongs to another; what people confirmed is theirs. */
static void mix_state(json_t *doc, const json_t *machine)
{
	if (life_state_of(machine) == LIFE_MERGED && life_state_of(doc) < LIFE_CONFIRMED)
		json_object_set_new(
			doc, "state", json_string(life_state_name(LIFE_MERGED)));
}

static json_t *mixed(const json_t *before, const json_t *machine)
{
	const char *key;
	json_t *value, *doc = before ? json_deep_copy(before) : json_object();
	json_object_foreach((json_t *)machine, key, value)
		mix_key(doc, key, value);
	life_begin(doc);
	mix_state(doc, machine);
	return doc;
}

/* ---- in the store ---- */

static bool check_document(struct store *s, const json_t *machine)
{
	const char *id = json_string_value(json_object_get(machine, "id"));
	if (!id || !*id || strlen(id) > STORE_ID_MAX)
		return store_fail(s, "a document has no id, or one that is too long");
	return true;
}

static bool read_machine_revision(struct store *s, const char *id, uint64_t *revision)
{
	struct query q =
		query_begin(s, "SELECT machine_revision FROM incident WHERE id = ?");
	query_text(&q, id);
	*revision = query_row(&q) ? query_take_int(&q) : 0;
	return query_end(&q);
}

static enum store_merged write_merged(struct store *s, const json_t *before,
	const json_t *machine, uint64_t now_ns)
{
	json_t *doc = mixed(before, machine);
	enum store_merged result = STORE_UNCHANGED;
	struct store_write w = { .before = before, .doc = doc,
		.action = before ? "incident.update" : "incident.create",
		.machine_revision = (uint64_t)json_integer_value(
			json_object_get(machine, "revision")), .now_ns = now_ns };
	store_evaluate(s, doc, before, now_ns);
	if (!before || !json_equal(before, doc)) {
		w.details = json_object();
		result = store_write(s, &w) ? STORE_CHANGED : STORE_FAILED;
	}
	json_decref(doc);
	return result;
}

static enum store_merged merge_one(
	struct store *s, const json_t *machine, uint64_t now_ns)
{
	const char *id = json_string_value(json_object_get(machine, "id"));
	uint64_t known, revision =
		(uint64_t)json_integer_value(json_object_get(machine, "revision"));
	json_t *before;
	if (!read_machine_revision(s, id, &known))
		return STORE_FAILED;
	if (known && revision <= known)
		return STORE_UNCHANGED;
	if (!store_read_document(s, id, &before))
		return STORE_FAILED;
	enum store_merged result = write_merged(s, before, machine, now_ns);
	json_decref(before);
	return result;
}

enum store_merged store_merge(struct store *s, const json_t *machine, uint64_t now_ns)
{
	if (!store_may(s, RIGHT_FEED) || !check_document(s, machine) || !store_enter(s))
		return STORE_FAILED;
	enum store_merged result = merge_one(s, machine, now_ns);
	return store_leave(s, result != STORE_FAILED) ? result : STORE_FAILED;
}
