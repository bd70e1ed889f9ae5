/* Incidents of many sites, each in its own time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "collect.h"
#include "incident/time.h"

#define NS UINT64_C(1000000000)

enum { SILENT_S = 600 }; /* of old alerts, when so long no more came, none will */

static void save(void *context, const json_t *doc)
{
	const struct collect_stream *s = context;
	struct store_gathering g = { s->site, s->sensor, doc };

	s->collect->ok = s->collect->ok && store_gathering_keep(s->collect->store, &g);
}

static bool is_open(const json_t *doc)
{
	const char *status = json_string_value(
		json_object_get(json_object_get(doc, "correlation"), "status"));

	return status && strcmp(status, "open") == 0;
}

static void on_document(void *context, const json_t *doc)
{
	const struct collect_stream *s = context;
	struct collect *c = s->collect;
	struct store_gathering g = { s->site, s->sensor, doc };

	c->ok = c->ok && store_merge(c->store, doc, c->now_ns) != STORE_FAILED &&
		(is_open(doc) || store_gathering_end(c->store, &g));
}

/* ---- making and finding ---- */

static void drop(struct collect *c, unsigned number)
{
	incidents_drop(c->streams[number].incidents);
	c->streams[number].incidents = NULL;
}

static unsigned unused_longest(const struct collect *c)
{
	unsigned least = 0;

	for (unsigned i = 1; i < c->stream_count; i++)
		if (c->streams[i].used_ns < c->streams[least].used_ns)
			least = i;
	return least;
}

/* What it knows is in the store but for this batch's. */
static struct collect_stream *make_room(struct collect *c)
{
	unsigned number = c->stream_count;

	for (unsigned i = 0; i < c->stream_count; i++)
		if (!c->streams[i].incidents)
			return &c->streams[i];
	if (number < COLLECT_STREAMS)
		return &c->streams[c->stream_count++];
	number = unused_longest(c);
	incidents_save(c->streams[number].incidents, save, &c->streams[number]);
	drop(c, number);
	return &c->streams[number];
}

static struct collect_stream *find(
	struct collect *c, const char *site, const char *sensor)
{
	for (unsigned i = 0; i < c->stream_count; i++) {
		struct collect_stream *s = &c->streams[i];
		if (s->incidents && strcmp(s->site, site) == 0 &&
			strcmp(s->sensor, sensor) == 0)
			return s;
	}
	return NULL;
}

static struct collect_stream *make(
	struct collect *c, const char *site, const char *sensor)
{
	struct collect_stream *s = make_room(c);
	struct incidents_config config = c->incidents;

	*s = (struct collect_stream){ .collect = c, .used_ns = c->now_ns };
	snprintf(s->site, sizeof(s->site), "%s", site);
	snprintf(s->sensor, sizeof(s->sensor), "%s", sensor);
	config.site = *s->site ? s->site : NULL;
	config.emit = on_document;
	config.context = s;
	s->incidents = incidents_new(&config);
	return s;
}

static void note_time(struct collect_stream *s, uint64_t time_ns)
{
	s->newest_ns = time_ns > s->newest_ns ? time_ns : s->newest_ns;
}

/* ---- the store ---- */

struct loading {
	struct collect *c;
	const char *site, *sensor; /* only these; NULL: all */
};

static void load_one(void *context, const struct store_gathering *g)
{
	const struct loading *l = context;
	const char *last = json_string_value(
		json_object_get(json_object_get(g->doc, "times"), "last_activity"));
	uint64_t last_ns;

	if (l->site &&
		(strcmp(l->site, g->site) != 0 || strcmp(l->sensor, g->sensor) != 0))
		return;
	struct collect_stream *s = find(l->c, g->site, g->sensor);
	if (!s && !l->site && l->c->stream_count == COLLECT_STREAMS)
		return; /* when it is needed */
	if (!s)
		s = make(l->c, g->site, g->sensor);
	incidents_resume(s->incidents, g->doc);
	if (time_read_rfc3339(last ? last : "", &last_ns))
		note_time(s, last_ns);
}

bool collect_streams_load(struct collect *c)
{
	struct loading all = { c, NULL, NULL };

	return store_gatherings(c->store, load_one, &all);
}

void collect_streams_drop(struct collect *c)
{
	for (unsigned i = 0; i < c->stream_count; i++)
		if (c->streams[i].incidents)
			drop(c, i);
	c->stream_count = 0;
}

void collect_streams_save(struct collect *c)
{
	for (unsigned i = 0; i < c->stream_count; i++)
		if (c->streams[i].incidents)
			incidents_save(c->streams[i].incidents, save, &c->streams[i]);
}

/* ---- in time ---- */

static struct collect_stream *use(struct collect *c, const char *site, const char *sensor)
{
	struct loading one = { c, site, sensor };
	struct collect_stream *s = find(c, site, sensor);

	if (!s) {
		bool was_full = c->stream_count == COLLECT_STREAMS;
		s = make(c, site, sensor);
		if (was_full)
			c->ok = c->ok && store_gatherings(c->store, load_one, &one);
	}
	s->used_ns = c->now_ns;
	return s;
}

struct collect_stream *collect_stream(
	struct collect *c, const char *site, const char *sensor, uint64_t time_ns)
{
	struct collect_stream *s = use(c, site, "");
	uint64_t site_ns = s->newest_ns < c->now_ns ? s->newest_ns : c->now_ns;

	if (time_ns + COLLECT_LATE_S * NS < site_ns)
		s = use(c, site, *sensor ? sensor : "?");
	note_time(s, time_ns);
	return s;
}

void collect_streams_capture(
	struct collect *c, const char *site, const struct incident_capture *capture)
{
	struct collect_stream *s = find(c, site, ""), *late = find(c, site, capture->sensor);

	incidents_capture((s ? s : use(c, site, ""))->incidents, capture);
	if (late)
		incidents_capture(late->incidents, capture);
}

/* It is read from a file, or from a stream in which much waits: the clock says nothing of
 * it. */
static bool is_behind(const struct collect_stream *s, uint64_t now_ns)
{
	return s->newest_ns + COLLECT_LATE_S * NS < now_ns &&
	       now_ns < s->used_ns + SILENT_S * NS;
}

void collect_streams_advance(struct collect *c)
{
	for (unsigned i = 0; i < c->stream_count; i++) {
		struct collect_stream *s = &c->streams[i];
		if (s->incidents && !is_behind(s, c->now_ns))
			incidents_advance(s->incidents, c->now_ns);
	}
}
