/* Incidents between two revisions, so that one collector goes on where another ended. */
#include <stdlib.h>
#include <string.h>

#include "incident/store_state.h"

static const char *id_of(const struct store_gathering *g)
{
	return json_string_value(json_object_get(g->doc, "id"));
}

static void put_key(struct query *q, const struct store_gathering *g)
{
	query_text(q, g->site);
	query_text(q, g->sensor);
	query_text(q, id_of(g));
}

bool store_gathering_keep(struct store *s, const struct store_gathering *g)
{
	if (!store_may(s, RIGHT_FEED))
		return false;
	char *json = json_dumps(g->doc, JSON_COMPACT);
	struct query q = query_begin(s,
		"INSERT OR REPLACE INTO gathering (site, sensor, incident, json)"
		" VALUES (?, ?, ?, ?)");
	put_key(&q, g);
	query_text(&q, json);
	bool ok = query_run(&q);
	free(json);
	return ok;
}

bool store_gathering_end(struct store *s, const struct store_gathering *g)
{
	if (!store_may(s, RIGHT_FEED))
		return false;
	struct query q = query_begin(s,
		"DELETE FROM gathering WHERE site = ? AND sensor = ? AND incident = ?");
	put_key(&q, g);
	return query_run(&q);
}

/* What people ended takes no more alerts; one that nobody was told of yet goes on. */
static bool forget_ended(struct store *s)
{
	struct query q = query_begin(s, "DELETE FROM gathering WHERE incident IN"
					" (SELECT id FROM incident WHERE state IN "
					"('closed', 'dismissed', 'merged'))");
	return query_run(&q);
}

static bool give(struct query *q, struct store_gathering *g,
	void (*each)(void *context, const struct store_gathering *g), void *context)
{
	g->site = query_take_text(q);
	g->sensor = query_take_text(q);
	json_t *doc = json_loads(query_take_text(q), 0, NULL);
	if (!doc)
		return store_fail(q->store, "a document in the database is damaged");
	g->doc = doc;
	each(context, g);
	json_decref(doc);
	return true;
}

bool store_gatherings(struct store *s,
	void (*each)(void *context, const struct store_gathering *g), void *context)
{
	struct store_gathering g;
	bool ok = store_may(s, RIGHT_FEED) && forget_ended(s);
	if (!ok)
		return false;
	struct query q = query_begin(s,
		"SELECT site, sensor, json FROM gathering"
		" ORDER BY site, sensor, json_extract(json, '$.times.first_activity'),"
		" incident");
	while (ok && query_row(&q))
		ok = give(&q, &g, each, context);
	return query_end(&q) && ok;
}

bool store_gathering_by(struct store *s, const char *who, bool *was_me)
{
	if (!store_may(s, RIGHT_FEED))
		return false;
	struct query q = query_begin(s, "SELECT value FROM meta WHERE key = 'collector'");
	*was_me = query_row(&q) && strcmp(query_take_text(&q), who) == 0;
	if (!query_end(&q) || *was_me)
		return q.ok;
	q = query_begin(s, "INSERT OR REPLACE INTO meta VALUES ('collector', ?)");
	query_text(&q, who);
	return query_run(&q);
}
