#include <stdlib.h>

#include "incident/change.h"
#include "incident/time.h"

enum { VALUE_TEXT_MAX = 256 };

static bool is_change(const char *verb)
{
	static const char *const verbs[] = { "write", "control", "program_download",
		"program_delete", "mode_change", "firmware", "restart", "config", "time_sync",
		"alarm_ack" };
	for (unsigned i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verb, verbs[i]) == 0)
			return true;
	return false;
}

/* Cut where a character begins. */
static json_t *cut_text(const char *s)
{
	size_t len = strnlen(s, VALUE_TEXT_MAX + 1);
	if (len <= VALUE_TEXT_MAX)
		return json_string(s);
	for (len = VALUE_TEXT_MAX; len > 0 && (s[len] & 0xc0) == 0x80;)
		len--;
	return json_stringn(s, len);
}

/* Whatever an alert has as a value is text in a document: 1850, [1,2,3]. */
static json_t *value_text(const json_t *value)
{
	if (!value || json_is_null(value))
		return json_null();
	if (json_is_string(value))
		return cut_text(json_string_value(value));
	char *s = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	json_t *text = s ? cut_text(s) : json_null();
	free(s);
	return text;
}

static json_t *point_text(const json_t *operation)
{
	const json_t *point = json_object_get(operation, "point");
	return value_text(json_object_get(point, "addr"));
}

static json_t *change_json(const struct incident_alert *a)
{
	const json_t *o = a->operation;
	char at[TIME_TEXT];
	time_rfc3339(a->time_ns, at);
	return json_pack("{ss ss ss so* ss so so so so so so}", "at", at, "alert", a->uid,
		"asset", incident_end_text(&a->target).text,
		"user", *a->user ? cut_text(a->user) : NULL, "verb", a->verb,
		"object", value_text(json_object_get(o, "object")),
		"unit", value_text(json_object_get(o, "unit")), "point", point_text(o),
		"value_prev", value_text(json_object_get(o, "value_prev")),
		"value", value_text(json_object_get(o, "value")),
		"outcome", value_text(json_object_get(o, "outcome")));
}

static bool is_same_change(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "asset", "user", "verb", "object", "unit", "point",
		"outcome" };
	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
		if (x != y && !json_equal(x, y))
			return false;
	}
	return true;
}

/* Takes the reference. */
static void add(struct incident *n, json_t *change)
{
	bool is_told = false;
	list_each(&n->changes, json_t *, known)
		is_told |= is_same_change(*known, change);
	json_t **at = is_told ? NULL : list_add(&n->changes, sizeof(*at), CHANGES_MAX);
	if (at)
		*at = change;
	else
		json_decref(change);
}

void change_add(struct incident *n, const struct incident_alert *a)
{
	json_t *change = n->changes.count < CHANGES_MAX && a->operation && is_change(a->verb)
		? change_json(a) : NULL;
	if (change)
		add(n, change);
}

/* ---- captures ---- */

static bool is_told(const struct incident *n, const char *ref)
{
	list_each(&n->evidence, json_t *, known)
		if (strcmp(json_string_value(json_object_get(*known, "ref")), ref) == 0)
			return true;
	return false;
}

static void add_evidence(struct incident *n, const json_t *row)
{
	static const char *const keys[] = { "type", "ref", "sha256", "bytes" };
	const char *ref = json_string_value(json_object_get(row, "ref"));
	json_t **at = ref && strlen(ref) < 256 && !is_told(n, ref)
		? list_add(&n->evidence, sizeof(*at), EVIDENCE_MAX) : NULL;
	if (!at)
		return;
	*at = json_object();
	for (unsigned k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		json_t *value = json_object_get(row, keys[k]);
		json_object_set_new(*at, keys[k], json_is_integer(value) ? json_copy(value) :
			json_is_string(value) ? json_string(json_string_value(value)) : json_null());
	}
}

void evidence_add(struct incident *n, const json_t *rows)
{
	const json_t *row;
	size_t r;
	json_array_foreach(rows, r, row)
		add_evidence(n, row);
}

/* ---- the whole ---- */

void changes_absorb(struct incident *n, const struct incident *other)
{
	list_each(&other->evidence, json_t *, row)
		add_evidence(n, *row);
	list_each(&other->changes, json_t *, change)
		add(n, json_incref(*change));
}

static json_t *array_of(const struct list *l)
{
	json_t *array = json_array();
	list_each(l, json_t *, row)
		json_array_append(array, *row);
	return array;
}

json_t *changes_json(const struct incident *n)
{
	return array_of(&n->changes);
}

json_t *evidence_json(const struct incident *n)
{
	return array_of(&n->evidence);
}

void changes_resume(struct incident *n, const json_t *changes)
{
	json_t *change;
	size_t i;
	json_array_foreach(changes, i, change)
		add(n, json_deep_copy(change));
}

static void clear(struct list *l)
{
	list_each(l, json_t *, row)
		json_decref(*row);
	free(l->at);
}

void changes_clear(struct incident *n)
{
	clear(&n->changes);
	clear(&n->evidence);
}
