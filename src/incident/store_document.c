/* A document and all that hangs on it: columns for lists, history, the audit entry. */
#include <stdlib.h>
#include <string.h>

#include "incident/canonical.h"
#include "incident/evaluate.h"
#include "incident/store_state.h"

bool store_read_document(struct store *s, const char *id, json_t **doc)
{
	struct query q = query_begin(s, "SELECT json FROM document WHERE incident = ?");
	bool ok = true;
	*doc = NULL;
	query_text(&q, id);
	if (query_row(&q)) {
		*doc = json_loads(query_take_text(&q), 0, NULL);
		ok = *doc ||
			store_fail(s, "%s: the document in the database is damaged", id);
	}
	return query_end(&q) && ok;
}

void store_evaluate(struct store *s, json_t *doc, const json_t *before, uint64_t now_ns)
{
	if (!s->registers)
		return;
	if (before)
		incident_grade_keep(doc, before);
	incident_evaluate(doc, s->registers, now_ns);
}

/* ---- columns ---- */

static const json_t *member(const json_t *doc, const char *object, const char *name)
{
	return json_object_get(json_object_get(doc, object), name);
}

static uint64_t time_of(const json_t *text)
{
	uint64_t ns;
	return json_is_string(text) && time_read_rfc3339(json_string_value(text), &ns) ?
		ns :
		0;
}

static int level_of(const json_t *grade, bool *confirmed)
{
	const json_t *level =
		json_object_get(json_object_get(grade, "confirmed"), "level");
	*confirmed = json_is_integer(level);
	if (!*confirmed)
		level = json_object_get(json_object_get(grade, "proposed"), "level");
	return json_is_integer(level) ? (int)json_integer_value(level) : 0;
}

/* Of the clocks that run, or ran out, the earliest. */
static uint64_t due_of(const json_t *doc)
{
	size_t i;
	const json_t *clock;
	uint64_t first = 0;
	json_array_foreach(json_object_get(doc, "clocks"), i, clock) {
		const char *status = json_string_value(json_object_get(clock, "status"));
		uint64_t due = time_of(json_object_get(clock, "due"));
		bool counts = status && (strcmp(status, "running") == 0 ||
			strcmp(status, "warning") == 0 || strcmp(status, "missed") == 0);
		if (counts && due && (!first || due < first))
			first = due;
	}
	return first;
}

static void put_columns(struct query *q, const json_t *doc)
{
	bool confirmed;
	const json_t *score = member(doc, "score", "value");
	int level = level_of(json_object_get(doc, "grade"), &confirmed);
	const char *title = json_string_value(json_object_get(doc, "title"));

	query_text(q, life_state_name(life_state_of(doc)));
	query_int(q, (uint64_t)level);
	query_int(q, confirmed);
	query_int(q,
		json_is_integer(score) ? (uint64_t)json_integer_value(score) :
					 UINT64_MAX);
	query_text(q, title ? title : "");
	query_text(q, json_string_value(member(doc, "assignment", "owner")));
	query_int(q, time_of(member(doc, "times", "first_activity")));
	query_int(q, time_of(member(doc, "times", "last_activity")));
	query_int(q, due_of(doc));
	query_int(q, (uint64_t)json_integer_value(member(doc, "alerts", "count")));
}

static bool write_columns(struct store *s, const struct store_write *w, const char *id,
	uint64_t revision)
{
	struct query q = query_begin(s,
		"INSERT INTO incident (id, revision, machine_revision, state, level,"
		" confirmed,"
		" score, title, owner, first, last, due, alerts)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET"
		" revision = excluded.revision,"
		" machine_revision = max(machine_revision, excluded.machine_revision),"
		" state = excluded.state, level = excluded.level,"
		" confirmed = excluded.confirmed,"
		" score = excluded.score, title = excluded.title, owner = excluded.owner,"
		" first = excluded.first, last = excluded.last, due = excluded.due,"
		" alerts = excluded.alerts");
	query_text(&q, id);
	query_int(&q, revision);
	query_int(&q, w->machine_revision);
	put_columns(&q, w->doc);
	return query_run(&q);
}

/* ---- devices, so that they can be asked for ---- */

static bool write_name(struct store *s, const char *name, const char *id)
{
	if (!name)
		return true;
	struct query q = query_begin(s, "INSERT OR IGNORE INTO asset VALUES (?, ?)");
	query_text(&q, name);
	query_text(&q, id);
	return query_run(&q);
}

static bool write_assets(struct store *s, const json_t *doc, const char *id)
{
	static const char *const names[] = { "asset", "ip", "mac" };
	size_t i;
	const json_t *affected;
	bool ok = true;
	json_array_foreach(json_object_get(doc, "affected"), i, affected)
		for (unsigned n = 0; n < 3; n++)
			ok = ok && write_name(s, json_string_value(
				json_object_get(affected, names[n])), id);
	return ok;
}

/* ---- history ---- */

static bool write_revision(struct store *s, const struct store_write *w, const char *id,
	uint64_t revision, const char *hash)
{
	json_t *changes = store_changes(w->before, w->doc);
	char *json = json_dumps(changes, JSON_COMPACT);
	struct query q =
		query_begin(s, "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?)");
	query_text(&q, id);
	query_int(&q, revision);
	query_int(&q, w->now_ns);
	query_text(&q, s->person.id);
	query_text(&q, w->action);
	query_text(&q, hash);
	query_text(&q, json);
	bool ok = query_run(&q);
	free(json);
	json_decref(changes);
	return ok;
}

static bool write_json(struct store *s, const char *id, const char *json)
{
	struct query q = query_begin(s, "INSERT INTO document VALUES (?, ?)"
		" ON CONFLICT (incident) DO UPDATE SET json = excluded.json");
	query_text(&q, id);
	query_text(&q, json);
	return query_run(&q);
}

/* ---- all of it ---- */

/* The document names the entries that speak of it, this one too. */
static bool number(struct store *s, const struct store_write *w, uint64_t *revision)
{
	uint64_t seq;
	const json_t *first = member(w->before, "audit", "first_seq");
	if (!store_next_entry(s, &seq))
		return false;
	*revision =
		(uint64_t)json_integer_value(json_object_get(w->before, "revision")) + 1;
	json_object_set_new(w->doc, "revision", json_integer((json_int_t)*revision));
	json_object_set_new(w->doc, "audit", json_pack("{s:s, s:I, s:I}", "log", s->log,
		"first_seq",
		json_is_integer(first) ? json_integer_value(first) : (json_int_t)seq,
		"last_seq", (json_int_t)seq));
	return true;
}

/* What the entry says beside what the action did. */
static void complete(const struct store_write *w, const char *id, uint64_t revision,
	const char *hash)
{
	enum life_state from = life_state_of(w->before), to = life_state_of(w->doc);
	json_object_set_new(w->details, "incident", json_string(id));
	json_object_set_new(w->details, "revision", json_integer((json_int_t)revision));
	json_object_set_new(w->details, "sha256", json_string(hash));
	if (w->before && from != to) {
		json_object_set_new(
			w->details, "from", json_string(life_state_name(from)));
		json_object_set_new(w->details, "to", json_string(life_state_name(to)));
	}
}

static bool write_all(struct store *s, const struct store_write *w, const char *json)
{
	const char *id = json_string_value(json_object_get(w->doc, "id"));
	uint64_t revision =
		(uint64_t)json_integer_value(json_object_get(w->doc, "revision"));
	char hash[SHA256_TEXT];
	sha256_hex((struct bytes){ (const uint8_t *)json, strlen(json) }, hash);
	complete(w, id, revision, hash);
	return write_columns(s, w, id, revision) && write_json(s, id, json) &&
		write_assets(s, w->doc, id) && write_revision(s, w, id, revision, hash) &&
		store_add_entry(s, w->action, json_incref(w->details), id, w->now_ns);
}

bool store_write(struct store *s, const struct store_write *w)
{
	uint64_t revision;
	bool ok = number(s, w, &revision);
	char *json = ok ? canonical_json(w->doc, NULL) : NULL;
	if (ok && !json)
		ok = store_fail(s,
			"the document holds what documents may not: a float, or too "
			"deep a nesting");
	ok = ok && write_all(s, w, json);
	free(json);
	json_decref(w->details);
	return ok;
}
