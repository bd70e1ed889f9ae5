#include <jansson.h>
#include <string.h>

#include "base/report.h"
#include "collect.h"
#include "engine/store_line.h"
#include "incident/incident.h"
#include "incident/store.h"
#include "incident/time.h"

struct batch {
	struct collect *c;
	struct incidents *incidents;
	uint64_t now_ns;
	bool ok;
};

static void on_document(void *context, const json_t *doc)
{
	struct batch *b = context;

	b->ok = b->ok && store_merge(b->c->store, doc, b->now_ns) != STORE_FAILED;
}

static void on_open(void *context, const json_t *doc)
{
	struct batch *b = context;

	incidents_resume(b->incidents, doc);
}

static struct incidents *begin_incidents(struct batch *b)
{
	const struct collect *c = b->c;
	struct incidents_config config = { .limit = c->limit, .gap_s = c->gap_s,
		.life_s = c->life_s, .registers = c->registers, .attack_file = c->attack_file,
		.is_live = true, .emit = on_document, .context = b };

	return incidents_new(&config);
}

/* ---- one alert ---- */

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool is_word(const json_t *object, const char *key, const char *word)
{
	const char *s = text_at(object, key);

	return s && strcmp(s, word) == 0;
}

/* The time of an alert that is new here; 0 for all else, which is counted. */
static uint64_t time_of(struct batch *b, struct bytes line)
{
	json_t *event = json_loadb((const char *)line.at, line.len, 0, NULL);
	const json_t *ot = json_object_get(event, "ot");
	const char *uid = text_at(ot, "uid"), *at = text_at(event, "timestamp");
	uint64_t time_ns = 0;

	uint64_t *left_out = NULL;
	if (!is_word(event, "event_type", "alert") || !uid || !at ||
		!time_read_rfc3339(at, &time_ns))
		left_out = &b->c->unusable;
	else if (!is_word(ot, "origin", "live"))
		left_out = &b->c->unreal;
	else if (store_has_alert(b->c->store, time_ns, uid))
		left_out = &b->c->repeated;
	json_decref(event);
	if (left_out)
		(*left_out)++;
	return left_out ? 0 : time_ns;
}

static void add(struct batch *b, struct bytes line)
{
	const struct incidents_totals *t = incidents_totals(b->incidents);
	uint64_t unusable = t->unusable;

	incidents_alert(b->incidents, line);
	if (t->unusable > unusable) {
		b->c->unusable++;
		return;
	}
	b->c->alerts++;
	b->ok = b->ok && store_line_alert(b->c->store, line, incidents_last(b->incidents));
}

/* ---- a batch ---- */

/* Incidents that were open when the oldest of the alerts came: there may have been an outage. */
static void resume(struct batch *b, const uint64_t *times, unsigned count)
{
	uint64_t life_ns = b->c->life_s * UINT64_C(1000000000), oldest_ns = b->now_ns;

	for (unsigned i = 0; i < count; i++)
		if (times[i] > 0 && times[i] < oldest_ns)
			oldest_ns = times[i];
	b->ok = store_each_open(
		b->c->store, oldest_ns > life_ns ? oldest_ns - life_ns : 0, on_open, b);
}

static void add_all(struct batch *b, const struct bytes *lines, unsigned count)
{
	uint64_t times[COLLECT_BATCH];

	for (unsigned i = 0; i < count; i++)
		times[i] = time_of(b, lines[i]);
	resume(b, times, count);
	for (unsigned i = 0; i < count && b->ok; i++)
		if (times[i] > 0)
			add(b, lines[i]);
	if (count < COLLECT_BATCH) /* else more wait, and they are older than now */
		incidents_advance(b->incidents, b->now_ns);
	incidents_free(b->incidents);
}

bool collect_batch(struct collect *c, const struct bytes *lines, unsigned count, uint64_t now_ns)
{
	struct batch b = { .c = c, .now_ns = now_ns };
	struct collect before = *c;
	bool ok = store_begin(c->store);

	if (ok) {
		b.incidents = begin_incidents(&b);
		add_all(&b, lines, count);
		ok = b.ok && store_commit(c->store);
	}
	if (ok)
		return true;
	report_error("alerts are not stored: %s", store_error(c->store));
	store_cancel(c->store);
	*c = before;
	return false;
}
