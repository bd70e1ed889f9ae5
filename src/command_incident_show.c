/* `ironspan incident show`: the page of an incident, its newest alerts, its history. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "command_incident_page.h"
#include "command_incident_parts.h"
#include "incident/time.h"
#include "people.h"
#include "people_plain.h"

static const char help[] =
	"ironspan incident show ID --store DIR [options]\n"
	"\n"
	"What happened, to what, from where; how grave it is and why; who works on\n"
	"it; which report is due when; what only a person can say; and what can be\n"
	"done next. Times are UTC.\n"
	"\n"
	"  --alerts N      the newest N alerts (10)\n"
	"  --history       every change: who, when, what\n"
	"  --json          the document\n";

/* ---- alerts and history ---- */

static void show_alert(void *context, const struct store_alert *a)
{
	struct incident_page *p = context;
	const struct store_operation *o = &a->operation;
	struct text t = { 0 };
	text_printf(&t, "%s %u", time_text(o->time_ns).text, a->sid);
	incident_page_add(&t, "", a->msg);
	incident_page_add(&t, "from", o->src);
	incident_page_add(&t, "user", o->user);
	incident_page_add(&t, "to", o->dst);
	incident_page_add(&t, "", o->verb);
	incident_page_add(&t, "", o->object);
	incident_page_add(&t, "", o->point);
	incident_page_add(&t, "was", o->value_prev);
	incident_page_add(&t, "now", o->value);
	incident_page_add(&t, "", o->outcome);
	incident_page_line_of(p, "", &t);
	text_fini(&t);
}

/* What stood there, in a few words. */
static void add_value(struct text *t, const json_t *value)
{
	enum { SHOWN = 40 };
	char *json = json_is_string(value) ? NULL :
		json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *words = json ? json : json_string_value(value);
	size_t len = strnlen(words, SHOWN);
	while (words[len] && ((unsigned char)words[len] & 0xc0) == 0x80)
		len--; /* not within a character */
	text_put(t, words, len);
	text_str(t, words[len] ? "…" : "");
	free(json);
}

static void add_changes(struct text *t, const char *json)
{
	enum { SHOWN = 6 };
	unsigned count = 0;
	const char *pointer;
	json_t *both, *changes = json_loads(json, 0, NULL);
	json_object_foreach(changes, pointer, both) {
		if (count++ >= SHOWN)
			continue;
		text_printf(t, "; %s ", pointer + 1);
		add_value(t, json_array_get(both, 0));
		text_lit(t, " → ");
		add_value(t, json_array_get(both, 1));
	}
	if (count > SHOWN)
		text_printf(t, "; and %u more", count - SHOWN);
	json_decref(changes);
}

static void show_revision(void *context, const struct store_revision *r)
{
	struct incident_page *p = context;
	struct text t = { 0 };
	text_printf(&t, "%u  %s  %s  %s", r->revision, time_text(r->at_ns).text,
		r->person, r->action);
	add_changes(&t, r->changes);
	incident_page_line_of(p, r->revision == 1 ? "History" : "", &t);
	text_fini(&t);
}

static bool show_alerts(struct incident_call *c, struct incident_page *p, const char *id,
	unsigned count)
{
	struct store_period period = { .incident = id, .limit = count, .newest = true };
	const json_t *alerts = json_object_get(p->doc, "alerts");
	struct words all = number_text(
		(uint64_t)json_integer_value(json_object_get(alerts, "count")));
	if (count == 0)
		return true;
	incident_page_line(p, "Alerts", all.text);
	return store_alerts(c->store, &period, show_alert, p);
}

static bool show(struct incident_call *c, const char *id, unsigned alerts, bool history)
{
	json_t *doc = store_get(c->store, id);
	struct incident_page p = { stdout, { stdout, people_see_colours(stdout),
		people_columns(stdout), "" }, doc };
	if (!doc)
		return false;
	if (c->json) {
		incident_print_json(doc);
		json_decref(doc);
		return true;
	}
	incident_page_show(&p);
	bool ok = show_alerts(c, &p, id, alerts) &&
		(!history || store_history(c->store, id, show_revision, &p));
	json_decref(doc);
	return ok;
}

int incident_show(int argc, char **argv)
{
	struct incident_call c = { .words = {
					   .command = "incident show", .help = help } };
	const char *alerts = NULL;
	bool history = false;
	unsigned count = 10;
	const struct command_word rows[] = { { "alerts", .value = &alerts },
		{ "history", .flag = &history }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_READ) ||
		!incident_call_wants(&c, 1, 1, "ID --store DIR"))
		return c.words.exit_code;
	char *id = incident_number_read(&c, "alerts", alerts, &count) ?
		incident_call_find(&c, c.words.operands[0]) : NULL;
	int code = id ? incident_call_end(&c, show(&c, id, count, history)) :
		incident_call_stop(&c, EXIT_MISTAKE);
	free(id);
	return code;
}
