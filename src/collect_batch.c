#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "collect.h"
#include "engine/store_line.h"
#include "incident/alert.h"
#include "incident/envelope.h"
#include "incident/health_line.h"
#include "incident/time.h"

#define NS UINT64_C(1000000000)

enum { RETAIN_EVERY_S = 3600 };

/* What is looked at before an alert is believed. */
struct seen {
	json_t *json;
	const char *type, *uid, *origin, *site, *sensor; /* NULL: not told */
	uint64_t time_ns;
	bool has_operation;
};

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool is_word(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

static bool read_event(struct seen *e, struct bytes line)
{
	*e = (struct seen){ 0 };
	if (line.len > INCIDENT_LINE_MAX)
		return false;
	e->json = json_loadb((const char *)line.at, line.len, JSON_ALLOW_NUL, NULL);
	const json_t *ot = json_object_get(e->json, "ot");
	const char *at = text_at(e->json, "timestamp");
	e->type = text_at(e->json, "event_type");
	e->uid = text_at(ot, "uid");
	e->origin = text_at(ot, "origin");
	e->site = text_at(ot, "site");
	e->sensor = text_at(json_object_get(ot, "sensor"), "id");
	e->has_operation = json_object_get(ot, "operation") != NULL;
	return e->type && at && time_read_rfc3339(at, &e->time_ns);
}

/* ---- one line ---- */

static const char *site_of(const struct collect *c, const struct seen *e)
{
	if (e->site)
		return e->site;
	return c->site ? c->site : "";
}

static void add_alert(struct collect *c, const struct seen *e, struct bytes line)
{
	struct collect_stream *s = collect_stream(
		c, site_of(c, e), e->sensor ? e->sensor : "", e->time_ns);
	const struct incidents_totals *t = incidents_totals(s->incidents);
	uint64_t unusable = t->unusable;

	incidents_alert(s->incidents, line);
	if (t->unusable > unusable) {
		c->unusable++;
		return;
	}
	c->ok = c->ok && store_line_alert(c->store, line, incidents_last(s->incidents));
	c->alerts++;
}

static void take_alert(struct collect *c, const struct seen *e, struct bytes line)
{
	bool has = false;

	if (!e->uid || !envelope_is_uid(e->uid)) {
		c->unusable++;
		return;
	}
	c->ok = c->ok && store_has_alert(c->store, e->time_ns, e->uid, &has);
	c->repeated += has;
	if (!has)
		add_alert(c, e, line);
}

static void take_health(struct collect *c, const struct seen *e)
{
	struct health_line h;

	c->healths++;
	if (health_line_read(&h, e->json))
		collect_streams_capture(c, site_of(c, e), &h.capture);
}

static void take_line(struct collect *c, struct bytes line)
{
	struct seen e;

	if (!read_event(&e, line)) {
		c->unusable++;
	} else if (!is_word(e.origin, "live")) {
		c->unreal++;
	} else if (is_word(e.type, "alert")) {
		take_alert(c, &e, line);
	} else if (is_word(e.type, "health")) {
		take_health(c, &e);
	} else if (e.has_operation) {
		c->ok = c->ok && store_line_operations(c->store, line);
		c->operations++;
	} else {
		c->others++;
	}
	json_decref(e.json);
}

/* ---- a batch ---- */

/* Who comes after another reads what that one left. */
static bool continue_streams(struct collect *c)
{
	bool was_me;

	if (!store_gathering_by(c->store, c->who, &was_me))
		return false;
	if (was_me && c->streams)
		return true;
	if (!c->streams)
		c->streams = mem_array(COLLECT_STREAMS, sizeof(*c->streams));
	collect_streams_drop(c);
	return collect_streams_load(c);
}

static void retain(struct collect *c)
{
	if (c->now_ns < c->retained_ns + RETAIN_EVERY_S * NS)
		return;
	c->retained_ns = c->now_ns;
	c->ok = c->ok && store_retain(c->store, &c->keep, c->now_ns);
}

static bool add_all(
	struct collect *c, const struct bytes *lines, unsigned count, bool more)
{
	c->ok = continue_streams(c);
	for (unsigned i = 0; i < count && c->ok; i++)
		take_line(c, lines[i]);
	if (c->ok && !more) {
		collect_streams_advance(c);
		retain(c);
	}
	if (c->ok)
		collect_streams_save(c);
	return c->ok;
}

/* Nothing of it is kept, so what is in memory is ahead of the store. */
static void give_up(struct collect *c)
{
	if (!c->has_failed)
		report_error("%s: alerts wait; they are not stored: %s", c->dir,
			store_error(c->store));
	c->has_failed = true;
	store_cancel(c->store);
	collect_streams_drop(c);
	free(c->streams);
	c->streams = NULL;
}

static void tell(struct collect *c)
{
	if (c->has_failed)
		report_news("%s: alerts are stored again", c->dir);
	c->has_failed = false;
	if (c->unreal > 0 && !c->was_told_unreal)
		report_warning(
			"events of a replay or an exercise came; they are left out");
	c->was_told_unreal = c->unreal > 0;
}

bool collect_batch(
	struct collect *c, const struct bytes *lines, unsigned count, bool more)
{
	struct collect before = *c;

	c->now_ns = time_now_ns();
	if (store_begin(c->store) && add_all(c, lines, count, more) &&
		store_commit(c->store)) {
		c->worked_ns = c->now_ns;
		tell(c);
		return true;
	}
	give_up(c);
	c->alerts = before.alerts;
	c->repeated = before.repeated;
	c->unreal = before.unreal;
	c->operations = before.operations;
	c->healths = before.healths;
	c->others = before.others;
	c->unusable = before.unusable;
	return false;
}

void collect_idle(struct collect *c)
{
	if (time_now_ns() > c->worked_ns + COLLECT_IDLE_S * NS)
		collect_batch(c, NULL, 0, false);
}

/* ---- begin and end ---- */

bool collect_begin(struct collect *c)
{
	char *path = mem_printf("%s/collect.lock", c->dir);

	envelope_new_uid(c->who);
	c->lock = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (c->lock < 0)
		report_error("%s: %s", path, strerror(errno));
	free(path);
	return c->lock >= 0;
}

/* In the order of things: what people should know of what is open. */
static void tell_last(struct collect *c)
{
	c->now_ns = time_now_ns();
	bool ok = collect_turn(c) && c->streams && store_begin(c->store);

	if (!ok)
		return;
	c->ok = continue_streams(c);
	for (unsigned i = 0; i < c->stream_count && c->ok; i++)
		if (c->streams[i].incidents)
			incidents_tell(c->streams[i].incidents);
	collect_streams_save(c);
	if (!c->ok || !store_commit(c->store))
		give_up(c);
}

void collect_end(struct collect *c)
{
	tell_last(c);
	collect_turn_end(c);
	if (c->streams)
		collect_streams_drop(c);
	free(c->streams);
	close(c->lock);
}
