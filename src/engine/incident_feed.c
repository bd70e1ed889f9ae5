#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "engine/incident_feed.h"
#include "engine/store_queue.h"
#include "incident/incident.h"
#include "incident/time.h"

enum { ROWS = 256 }; /* remembered for the table; beyond it the least grave is forgotten */

struct incident_feed {
	struct eve *eve;
	struct incidents *incidents;
	struct store_queue *store;
	struct text line;
	struct engine_incident rows[ROWS];
	unsigned row_count;
	uint64_t now_ns, number, total;  /* of the last alert */
	void (*write)(void *context, struct bytes line);
	void *context;
};

/* ---- rows ---- */

static uint64_t number_at(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static const char *text_at(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

static unsigned level_of(const json_t *doc)
{
	const json_t *grade = json_object_get(doc, "grade");
	return (unsigned)number_at(json_object_get(grade, "proposed"), "level");
}

/* The gravest first; level 1 is worst, and none (0) the last. */
static int compare_rows(const void *a, const void *b)
{
	const struct engine_incident *x = a, *y = b;
	if (x->level != y->level)
		return x->level - 1 < y->level - 1 ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if ((x->accepted > 0) != (y->accepted > 0))
		return x->accepted > 0 ? -1 : 1;
	if (x->alerts != y->alerts)
		return x->alerts > y->alerts ? -1 : 1;
	return strcmp(x->id, y->id);
}

static struct engine_incident *find_row(struct incident_feed *f, const char *id)
{
	for (unsigned i = 0; i < f->row_count; i++)
		if (strcmp(f->rows[i].id, id) == 0)
			return &f->rows[i];
	return NULL;
}

static void drop_row(struct incident_feed *f, struct engine_incident *row)
{
	free(row->id);
	free(row->title);
	*row = f->rows[--f->row_count];
}

static void make_room(struct incident_feed *f)
{
	struct engine_incident *least = &f->rows[0];
	for (unsigned i = 1; i < f->row_count; i++)
		if (compare_rows(&f->rows[i], least) > 0)
			least = &f->rows[i];
	if (f->row_count == ROWS)
		drop_row(f, least);
}

static void keep_row(struct incident_feed *f, const json_t *doc)
{
	const json_t *alerts = json_object_get(doc, "alerts");
	struct engine_incident *old = find_row(f, text_at(doc, "id"));
	if (old)
		drop_row(f, old);
	if (strcmp(text_at(doc, "state"), "merged") == 0)
		return;
	make_room(f);
	f->rows[f->row_count++] = (struct engine_incident){ .id = mem_string(text_at(doc, "id")),
		.title = mem_string(text_at(doc, "title")), .alerts = number_at(alerts, "count"),
		.accepted = number_at(alerts, "accepted"), .level = level_of(doc),
		.severity = (unsigned)number_at(alerts, "severity") };
}

const struct engine_incident *incident_feed_rows(struct incident_feed *f, unsigned *count,
	uint64_t *total)
{
	qsort(f->rows, f->row_count, sizeof(*f->rows), compare_rows);
	*total = f->total;
	*count = f->row_count;
	return f->rows;
}

/* ---- documents ---- */

static void on_document(void *context, const json_t *doc)
{
	struct incident_feed *f = context;
	char *body = json_dumps(doc, JSON_COMPACT);
	if (!body)
		return;
	struct eve_incident event = { .id = text_at(doc, "id"),
		.revision = (unsigned)number_at(doc, "revision"), .body = body,
		.time_ns = f->now_ns, .number = f->number };
	text_clear(&f->line);
	eve_incident(f->eve, &event, &f->line);
	f->write(f->context, (struct bytes){ (uint8_t *)f->line.at, f->line.len });
	if (f->store)
		store_queue_document(f->store, (struct bytes){ (uint8_t *)body, strlen(body) },
			f->now_ns);
	free(body);
	keep_row(f, doc);
}

static void on_open(void *context, const json_t *doc)
{
	struct incident_feed *f = context;
	incidents_resume(f->incidents, doc);
}

/* Live, what was open when the program ended goes on. */
static void resume(struct incident_feed *f, const struct config *config)
{
	uint64_t life_ns = config->incident_life_s * UINT64_C(1000000000);
	struct store *s = store_queue_store(f->store);
	if (!store_each_open(s, time_now_ns() - life_ns, on_open, f))
		report_error("%s: %s", config->store, store_error(s));
}

struct incident_feed *incident_feed_new(const struct config *config,
	const struct registers *registers, struct store_queue *store, struct eve *eve,
	void (*write)(void *context, struct bytes line), void *context)
{
	struct incident_feed *f = mem_new(sizeof(*f));
	struct incidents_config c = { .limit = config->incidents, .gap_s = config->incident_gap_s,
		.life_s = config->incident_life_s, .registers = registers,
		.site = config->site, .attack_file = config->attack,
		.is_live = config->input_count == 0, .emit = on_document, .context = f };
	f->eve = eve;
	f->write = write;
	f->context = context;
	f->incidents = incidents_new(&c);
	f->store = store;
	if (store && c.is_live)
		resume(f, config);
	return f;
}

/* ---- alerts ---- */

static struct incident_mark mark_of(const struct match *m)
{
	return (struct incident_mark){ .src = m->src, .dst = m->dst, .deed = m->deed,
		.flow_id = m->flow_id, .time_ns = m->time_ns, .gid = m->rule->gid,
		.sid = m->rule->sid, .outcome = m->outcome };
}

void incident_feed_alert(struct incident_feed *f, const struct match *m, struct bytes line)
{
	struct incident_mark mark = mark_of(m);
	f->now_ns = m->time_ns;
	f->number = m->number;
	incidents_alert_marked(f->incidents, line, &mark);
	if (f->store)
		store_queue_alert(f->store, line, incidents_last(f->incidents));
}

void incident_feed_held_back(struct incident_feed *f, const struct match *m)
{
	struct incident_mark mark = mark_of(m);
	f->now_ns = m->time_ns;
	f->number = m->number;
	incidents_held_back(f->incidents, &mark);
}

void incident_feed_capture(struct incident_feed *f, const struct incident_capture *c)
{
	incidents_capture(f->incidents, c);
}

void incident_feed_silence(struct incident_feed *f, const struct silence *silence)
{
	incidents_silence(f->incidents, &silence->server, silence->since_ns, silence->tried_ns);
}

void incident_feed_swap(struct incident_feed *f)
{
	incidents_forget_known(f->incidents);
}

void incident_feed_advance(struct incident_feed *f, uint64_t now_ns)
{
	f->now_ns = now_ns > f->now_ns ? now_ns : f->now_ns;
	incidents_advance(f->incidents, now_ns);
}

void incident_feed_finish(struct incident_feed *f)
{
	if (!f->incidents)
		return;
	const struct incidents_totals *t = incidents_totals(f->incidents);
	f->total = t->opened - t->merged;
	incidents_free(f->incidents);
	f->incidents = NULL;
}

void incident_feed_free(struct incident_feed *f)
{
	incident_feed_finish(f);
	while (f->row_count)
		drop_row(f, &f->rows[0]);
	text_fini(&f->line);
	free(f);
}
