#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "incident/document.h"
#include "incident/store.h"
#include "report_store.h"

enum { ALERTS_MAX = 20000 };

static struct store *open_store(const char *dir, enum store_mode mode)
{
	struct store_config config = { .dir = dir, .mode = mode };

	return person_here(&config.person, dir) ? store_open(&config) : NULL;
}

/* ---- an incident ---- */

static void take_alert(void *context, const struct store_alert *a)
{
	json_array_append_new(context, store_alert_event(a));
}

static bool read_incident(struct store *s, const char *part, json_t **incident, json_t **alerts)
{
	char *id = store_find(s, part);
	struct store_period period = { .incident = id, .limit = ALERTS_MAX };

	*incident = id ? store_get(s, id) : NULL;
	*alerts = json_array();
	bool ok = *incident && store_alerts(s, &period, take_alert, *alerts);
	if (!ok)
		report_error("%s: %s", part, store_error(s));
	free(id);
	return ok;
}

bool report_store_incident(const char *dir, const char *part, json_t **incident,
	json_t **alerts)
{
	struct store *s = open_store(dir, STORE_READ);
	bool ok = s && read_incident(s, part, incident, alerts);

	if (s)
		store_close(s);
	return ok;
}

bool report_store_keep(const char *dir, const json_t *report, uint64_t now_ns)
{
	struct store *s = open_store(dir, STORE_WRITE);
	json_t *args = json_pack("{s:O,s:O,s:O}", "uid", json_object_get(report, "uid"), "kind",
		json_object_get(report, "kind"), "profile", json_object_get(report, "profile"));
	struct store_change change = { .id = document_string(report, "/incident/id"),
		.action = "report", .args = args, .report = report, .now_ns = now_ns };
	bool ok = s && store_change(s, &change);

	if (s && !ok)
		report_error("%s: the draft was not kept: %s", dir, store_error(s));
	if (s)
		store_close(s);
	json_decref(args);
	return ok;
}

/* ---- operations ---- */

static void take_operation(void *context, const struct store_operation *o)
{
	struct eve_reader *r = context;
	json_t *event = store_operation_event(o);

	r->lines++;
	r->event(r->context, event);
	json_decref(event);
}

bool report_store_operations(const char *dir, uint64_t since_ns, uint64_t until_ns,
	struct eve_reader *r)
{
	struct store *s = open_store(dir, STORE_READ);
	struct store_period period = { .since_ns = since_ns, .until_ns = until_ns };
	bool ok = s && store_operations(s, &period, take_operation, r);

	if (s && !ok)
		report_error("%s: %s", dir, store_error(s));
	if (s)
		store_close(s);
	return ok;
}

static void take_alert_event(void *context, const struct store_alert *a)
{
	struct eve_reader *r = context;
	json_t *event = store_alert_event(a);

	r->lines++;
	r->event(r->context, event);
	json_decref(event);
}

bool report_store_alerts(const char *dir, struct eve_reader *r)
{
	struct store *s = open_store(dir, STORE_READ);
	struct store_period period = { 0 };
	bool ok = s && store_alerts(s, &period, take_alert_event, r);

	if (s && !ok)
		report_error("%s: %s", dir, store_error(s));
	if (s)
		store_close(s);
	return ok;
}
