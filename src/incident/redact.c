#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/document.h"
#include "incident/redact_state.h"
#include "incident/sheet.h"

enum { SALT_DIGITS = REDACT_SALT - 1 };

/* What a value at a pointer becomes; NULL: it stays. */
static json_t *redacted(struct redaction *r, const char *pointer, enum redact_kind kind,
	const json_t *value, const char **why);

/* ---- commitments ---- */

static void note_removed(struct redaction *r, const char *pointer, const char *why,
	const json_t *value)
{
	char salt[REDACT_SALT], hash[REDACT_HASH];

	redact_mac(r->request->key, "salt", r->uid, pointer, salt, SALT_DIGITS);
	if (!redact_commitment(salt, value, hash)) {
		r->failed = true;
		return;
	}
	json_array_append_new(r->removed, json_pack("{s:s,s:s,s:s}", "pointer", pointer, "why",
		why, "commitment", hash));
	if (r->request->openings)
		json_array_append_new(r->request->openings, json_pack("{s:s,s:s,s:O}", "pointer",
			pointer, "salt", salt, "value", value));
}

/* ---- one value ---- */

/* Pointers of profiles are into incidents; a report has their parts in its annex. */
static const struct redact_rule *rule_at(const struct redaction *r, const char *pointer,
	enum redact_kind kind, struct redact_rule *room)
{
	const char *annex = "/annex";
	const struct redact_rule *rule = NULL;

	if (strncmp(pointer, annex, strlen(annex)) == 0)
		rule = redact_pointer_rule(r, pointer + strlen(annex), room);
	if (!rule)
		rule = redact_pointer_rule(r, pointer, room);
	if (!rule && kind < REDACT_KINDS)
		rule = &r->kinds[kind];
	return rule;
}

static bool is_empty(const json_t *value)
{
	const char *text = json_string_value(value);

	return json_is_null(value) || (text && (!*text || strcmp(text, SHEET_FILL) == 0)) ||
		(json_is_array(value) && json_array_size(value) == 0);
}

static json_t *redacted_text(struct redaction *r, const json_t *value, const char **why)
{
	const char *text = json_string_value(value);
	char *safe = text ? redact_text(r, text, why) : NULL;
	json_t *out = safe ? json_string(safe) : NULL;

	free(safe);
	return out;
}

static json_t *redacted(struct redaction *r, const char *pointer, enum redact_kind kind,
	const json_t *value, const char **why)
{
	struct redact_rule room;
	const struct redact_rule *rule = rule_at(r, pointer, kind, &room);

	if (is_empty(value))
		return NULL;
	if (rule && rule->action == REDACT_REMOVE) {
		*why = rule->why;
		return json_null();
	}
	if (rule && rule->action == REDACT_PSEUDONYM && json_is_string(value)) {
		char *name = redact_pseudonym(r, kind, json_string_value(value));
		json_t *out = json_string(name);
		*why = rule->why;
		free(name);
		return out;
	}
	return redacted_text(r, value, why);
}

/* ---- all values ---- */

static void walk(struct redaction *r, json_t *value, const char *pointer,
	enum redact_kind kind);

/* The new value of a member, or NULL; what stays is looked into. */
static json_t *visit(struct redaction *r, json_t *value, const char *pointer,
	enum redact_kind kind)
{
	const char *why = "";
	json_t *instead = redacted(r, pointer, kind, value, &why);

	if (instead)
		note_removed(r, pointer, why, value);
	else
		walk(r, value, pointer, kind);
	return instead;
}

/* What must stay for the report to be what it is, and holds nothing of the plant's. */
static bool is_frame(const char *pointer)
{
	static const char *const frame[] = { "/schema", "/uid", "/kind", "/profile", "/language",
		"/title", "/form", "/recipient", "/clock", "/field_status", "/disclaimer",
		"/redaction", "/signature", "/supersedes", "/missing", "/incident/uid",
		"/incident/sha256" };

	for (unsigned i = 0; i < sizeof(frame) / sizeof(*frame); i++)
		if (strcmp(pointer, frame[i]) == 0)
			return true;
	return false;
}

static void walk_object(struct redaction *r, json_t *object, const char *pointer,
	enum redact_kind kind)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe (object, next, key, value) {
		char *step = document_step(key), *here = mem_printf("%s/%s", pointer, step);
		enum redact_kind its = redact_kind_of(here);
		json_t *instead = is_frame(here) ? NULL :
			visit(r, value, here, its == REDACT_KINDS ? kind : its);
		if (instead)
			json_object_set_new(object, key, instead);
		free(here);
		free(step);
	}
}

static void walk(struct redaction *r, json_t *value, const char *pointer, enum redact_kind kind)
{
	json_t *child;
	size_t i;

	if (json_is_object(value))
		walk_object(r, value, pointer, kind);
	json_array_foreach (value, i, child) {
		char *here = mem_printf("%s/%zu", pointer, i);
		json_t *instead = visit(r, child, here, kind);
		if (instead)
			json_array_set_new(value, i, instead);
		free(here);
	}
}

/* ---- the whole ---- */

static void put_redaction(struct redaction *r, json_t *report)
{
	const json_t *profile = r->request->profile;
	char id[REDACT_KEY_ID];

	redact_key_id(r->request->key, id);
	json_object_set_new(report, "redaction", json_pack("{s:o,s:s,s:O,s:b,s:o,s:n}", "profile",
		document_or_null(document_string(profile, "/id")), "pseudonym_key_id", id,
		"removed", r->removed, "kept_process_values",
		r->kinds[REDACT_PROCESS_VALUE].action == REDACT_KEEP, "classification",
		document_or_null(document_string(profile, "/classification")), "approved_by"));
}

/* A last look at the whole, independent of where things stand. */
static bool is_clean(const struct redaction *r, const json_t *report)
{
	char *text = json_dumps(report, JSON_COMPACT);
	const char *why = NULL;
	char *changed;

	if (!text)
		return false;
	struct redaction addresses = { .request = r->request };
	memcpy(addresses.kinds, r->kinds, sizeof(r->kinds));
	addresses.kinds[REDACT_PROCESS_VALUE].action = REDACT_KEEP;
	changed = redact_text(&addresses, text, &why);
	if (changed)
		report_error("redaction left something in the report: %s", why);
	bool ok = !changed;
	free(changed);
	free(text);
	return ok;
}

static bool apply(struct redaction *r, json_t *report)
{
	if (!redact_rules(r))
		return false;
	redact_learn(r, r->request->incident);
	redact_learn(r, report);
	redact_learn_registers(r);
	redact_names_sort(r);
	walk(r, report, "", REDACT_KINDS);
	put_redaction(r, report);
	if (r->failed)
		report_error("the report cannot be redacted: too many names, or values without "
			"canonical form");
	return !r->failed && is_clean(r, report);
}

bool redact_apply(json_t *report, const struct redact_request *request)
{
	struct redaction r = { .request = request, .removed = json_array(),
		.known = json_object() };

	r.uid = document_string(report, "/uid");
	bool ok = r.uid && json_is_object(request->profile) && apply(&r, report);
	redact_names_fini(&r);
	json_decref(r.removed);
	return ok;
}
