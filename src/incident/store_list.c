/* Questions about incidents. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/store_state.h"

json_t *store_get(struct store *s, const char *id)
{
	json_t *doc;
	if (!store_may(s, RIGHT_READ) || !store_read_document(s, id, &doc))
		return NULL;
	if (!doc)
		store_fail(s, "there is no incident %s", id);
	return doc;
}

/* ---- by a part of the id ---- */

enum { CANDIDATES = 5 }; /* that a message names */

/* What the trail names was there. */
static void tell_missing(struct store *s, const char *part)
{
	struct query q = query_begin(s, "SELECT incident FROM audit WHERE instr(incident, ?)"
		" AND incident NOT IN (SELECT id FROM incident) LIMIT 1");
	query_text(&q, part);
	if (query_row(&q))
		store_fail(s, "incidents.db is damaged: the trail names %s, which is not in it; "
			      "restore a backup", query_take_text(&q));
	else if (q.ok)
		store_fail(s, "there is no incident %s", part);
	query_end(&q);
}

static char *choose(struct store *s, const char *part, struct query *q)
{
	char *found = NULL;
	unsigned count = 0;
	struct text all = { 0 };
	for (; query_row(q); count++) {
		const char *id = query_take_text(q);
		bool whole = strcmp(id, part) == 0;
		if (count == 0 || whole) {
			free(found);
			found = mem_string(id);
		}
		if (whole) {
			count = 1;
			break;
		}
		text_printf(
			&all, "%s%s", count ? ", " : "", count < CANDIDATES ? id : "…");
	}
	text_char(&all, '\0');
	if (count == 0 && q->ok)
		tell_missing(s, part);
	if (count > 1)
		store_fail(s, "%s is not enough: it may be %s", part, all.at);
	text_fini(&all);
	if (count == 1)
		return found;
	free(found);
	return NULL;
}

char *store_find(struct store *s, const char *part)
{
	if (!store_may(s, RIGHT_READ))
		return NULL;
	struct query q = query_begin(s, "SELECT id FROM incident WHERE id = ?1"
		" OR substr(id, 1, length(?1)) = ?1 OR substr(id, -length(?1)) = ?1"
		" OR instr(id, '-' || ?1)"
		" ORDER BY id != ?1, id LIMIT 6");
	query_text(&q, part);
	char *id = *part ? choose(s, part, &q) : NULL;
	if (!*part)
		store_fail(s, "the incident has no name");
	if (query_end(&q))
		return id;
	free(id);
	return NULL;
}

/* ---- lists ---- */

/* ",detected,triaged,": what a state's name is looked for in; all of them for 0. */
static char *state_names(unsigned states)
{
	struct text t = { 0 };
	for (enum life_state i = 0; i < LIFE_STATE_COUNT; i++)
		if (states == 0 || states >> i & 1)
			text_printf(&t, ",%s", life_state_name(i));
	text_lit(&t, ",");
	text_char(&t, '\0');
	return t.at;
}

static void take_row(struct query *q, struct store_row *r)
{
	r->id = query_take_text(q);
	r->revision = (unsigned)query_take_int(q);
	r->state = query_take_text(q);
	r->level = (int)query_take_int(q);
	r->is_confirmed = query_take_int(q);
	r->score = (int)query_take_int(q);
	r->title = query_take_text(q);
	r->owner = query_take_text(q);
	r->first_ns = query_take_int(q);
	r->last_ns = query_take_int(q);
	r->due_ns = query_take_int(q);
	r->alerts = query_take_int(q);
}

bool store_list(struct store *s, const struct store_filter *filter,
	void (*row)(void *context, const struct store_row *r), void *context)
{
	struct store_row r;
	if (!store_may(s, RIGHT_READ))
		return false;
	char *states = state_names(filter->states);
	struct query q = query_begin(s,
		"SELECT id, revision, state, level, confirmed, score, title,"
		" owner, first, last, due, alerts FROM incident"
		" WHERE instr(?1, ',' || state || ',') "
		" AND (?2 = 0 OR level BETWEEN 1 AND ?2)"
		" AND (?3 IS NULL OR id IN (SELECT incident FROM asset WHERE name = ?3))"
		" AND (?4 IS NULL OR owner = ?4) AND last >= ?5"
		" ORDER BY score DESC, last DESC, id LIMIT ?6");
	query_text(&q, states);
	query_int(&q, (uint64_t)filter->level);
	query_text(&q, filter->asset);
	query_text(&q, filter->owner);
	query_int(&q, filter->since_ns);
	query_int(&q, filter->limit ? filter->limit : UINT64_MAX);
	while (query_row(&q)) {
		take_row(&q, &r);
		row(context, &r);
	}
	free(states);
	return query_end(&q);
}

static bool give_document(struct store *s, const char *json,
	void (*document)(void *context, const json_t *doc), void *context)
{
	json_t *doc = json_loads(json, 0, NULL);
	if (!doc)
		return store_fail(s, "a document in the database is damaged");
	document(context, doc);
	json_decref(doc);
	return true;
}

bool store_each_open(struct store *s, uint64_t since_ns,
	void (*document)(void *context, const json_t *doc), void *context)
{
	bool ok = true;
	if (!store_may(s, RIGHT_READ))
		return false;
	struct query q = query_begin(s, "SELECT json FROM incident JOIN document"
		" ON incident.id = document.incident WHERE last >= ?"
		" AND state NOT IN ('closed', 'dismissed', 'merged') ORDER BY first, id");
	query_int(&q, since_ns);
	while (ok && query_row(&q))
		ok = give_document(s, query_take_text(&q), document, context);
	return query_end(&q) && ok;
}

bool store_history(struct store *s, const char *id,
	void (*row)(void *context, const struct store_revision *r), void *context)
{
	if (!store_may(s, RIGHT_READ))
		return false;
	struct query q = query_begin(s, "SELECT revision, at, person, action, changes"
		" FROM revision WHERE incident = ? ORDER BY revision");
	query_text(&q, id);
	while (query_row(&q)) {
		struct store_revision r = { (unsigned)query_take_int(&q) };
		r.at_ns = query_take_int(&q);
		r.person = query_take_text(&q);
		r.action = query_take_text(&q);
		r.changes = query_take_text(&q);
		row(context, &r);
	}
	return query_end(&q);
}

/* ---- numbers ---- */

static bool count_of(struct store *s, const char *sql, uint64_t *count)
{
	struct query q = query_begin(s, sql);
	*count = query_row(&q) ? query_take_int(&q) : 0;
	return query_end(&q);
}

bool store_count(struct store *s, struct store_counts *c)
{
	return store_may(s, RIGHT_READ) &&
		count_of(s, "SELECT count(*) FROM incident", &c->incidents) &&
		count_of(s, "SELECT count(*) FROM alert", &c->alerts) &&
		count_of(s, "SELECT count(*) FROM operation", &c->operations) &&
		count_of(s, "SELECT coalesce(max(seq), 0) FROM audit", &c->entries) &&
		count_of(s, "SELECT (page_count - freelist_count) * page_size"
			" FROM pragma_page_count, pragma_freelist_count,"
			" pragma_page_size",
			&c->bytes);
}
