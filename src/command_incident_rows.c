/* Alerts and control operations of a store, line by line. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "command_incident_parts.h"
#include "incident/time.h"
#include "people.h"
#include "people_plain.h"

static const char alerts_help[] =
	"ironspan incident alerts [ID] --store DIR [options]\n"
	"\n"
	"Alerts in the order of time: of an incident, or of whatever the options say.\n"
	"\n"
	"  --src ADDRESS --dst ADDRESS --sid N\n"
	"  --since TIME    24h, 7d, 2026-11-20 or 2026-11-20T10:14:07+08:00\n"
	"  --until TIME\n"
	"  --limit N       no more than so many (1000; 0: all)\n"
	"  --newest        the newest, these first\n"
	"  --json          an object a line, as in eve.json\n";

static const char operations_help[] =
	"ironspan incident operations --store DIR [options]\n"
	"\n"
	"Everything that changed, or tried to change, something in the plant: who, to\n"
	"what, from which value to which, and whether the device took it.\n"
	"\n"
	"  --src ADDRESS --dst ADDRESS\n"
	"  --since TIME    24h, 7d, 2026-11-20 or 2026-11-20T10:14:07+08:00\n"
	"  --until TIME\n"
	"  --limit N       no more than so many (1000; 0: all)\n"
	"  --newest        the newest, these first\n"
	"  --json          an object a line, as in eve.json\n";

struct period_words {
	const char *src, *dst, *sid, *since, *until, *limit;
	bool newest;
};

static bool read_period(const struct incident_call *c, const struct period_words *w,
	struct store_period *p)
{
	*p = (struct store_period){ .src = w->src, .dst = w->dst, .limit = 1000,
		.newest = w->newest };
	return incident_number_read(c, "sid", w->sid, &p->sid) &&
		incident_number_read(c, "limit", w->limit, &p->limit) &&
		incident_time_read(c, w->since, &p->since_ns) &&
		incident_time_read(c, w->until, &p->until_ns);
}

/* ---- for people ---- */

enum { TIME = 19, ADDRESS = 15, VERB = 16, POINT = 20, VALUE = 12, OUTCOME = 9 };

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

/* One row more than the limit is asked for, to know whether there are more. */
struct rows {
	unsigned count, limit;
};

static bool is_shown(struct rows *r)
{
	return ++r->count <= r->limit || r->limit == 0;
}

static void print_operation(void *context, const struct store_operation *o)
{
	struct rows *rows = context;
	if (!is_shown(rows))
		return;
	if (rows->count == 1)
		printf("%-*s %-*s %-*s %-*s %-*s %-*s %-*s OUTCOME\n", TIME, "TIME, UTC",
			ADDRESS, "FROM", ADDRESS, "TO", VERB, "WHAT", POINT, "POINT",
			VALUE, "WAS", VALUE, "NOW");
	people_column(stdout, time_text(o->time_ns).text, TIME);
	people_column(stdout, or_dash(o->src), ADDRESS);
	people_column(stdout, or_dash(o->dst), ADDRESS);
	people_column(stdout, or_dash(o->verb), VERB);
	people_column(stdout, or_dash(o->point ? o->point : o->object), POINT);
	people_column(stdout, or_dash(o->value_prev), VALUE);
	people_column(stdout, or_dash(o->value), VALUE);
	people_column(stdout, or_dash(o->outcome), OUTCOME);
	putchar('\n');
}

static void print_alert(void *context, const struct store_alert *a)
{
	struct rows *rows = context;
	if (!is_shown(rows))
		return;
	if (rows->count == 1)
		printf("%-*s %-*s %-*s %10s %-*s ALERT\n", TIME, "TIME, UTC", ADDRESS,
			"FROM", ADDRESS, "TO", "SID", OUTCOME, "OUTCOME");
	people_column(stdout, time_text(a->operation.time_ns).text, TIME);
	people_column(stdout, or_dash(a->operation.src), ADDRESS);
	people_column(stdout, or_dash(a->operation.dst), ADDRESS);
	printf("%10u ", a->sid);
	people_column(stdout, or_dash(a->operation.outcome), OUTCOME);
	people_column(stdout, or_dash(a->msg), people_width(or_dash(a->msg)));
	putchar('\n');
}

/* ---- for programs ---- */

static void print_operation_json(void *context, const struct store_operation *o)
{
	if (!is_shown(context))
		return;
	json_t *event = store_operation_event(o);
	incident_print_json(event);
	json_decref(event);
}

static void print_alert_json(void *context, const struct store_alert *a)
{
	if (!is_shown(context))
		return;
	json_t *event = store_alert_event(a);
	incident_print_json(event);
	json_decref(event);
}

/* ---- commands ---- */

static struct rows rows_of(struct store_period *p)
{
	struct rows r = { .limit = p->limit };
	p->limit += p->limit > 0 && p->limit < UINT_MAX;
	return r;
}

/* What the rows themselves do not say. */
static bool tell_rows(const struct incident_call *c, const struct rows *r, const char *what)
{
	if (r->limit > 0 && r->count > r->limit)
		report_warning("there are more than these %u %s; --limit 0 shows all", r->limit, what);
	else if (r->count == 0 && !c->json)
		printf("no such %s\n", what);
	return true;
}

static bool print_alerts(struct incident_call *c, struct store_period *p)
{
	struct rows rows = rows_of(p);
	return store_alerts(c->store, p, c->json ? print_alert_json : print_alert, &rows) &&
		tell_rows(c, &rows, "alerts");
}

int incident_alerts(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident alerts",
		.help = alerts_help } };
	struct period_words w = { NULL };
	struct store_period p;
	char *id = NULL;
	const struct command_word rows[] = { { "src", .value = &w.src },
		{ "dst", .value = &w.dst }, { "sid", .value = &w.sid },
		{ "since", .value = &w.since }, { "until", .value = &w.until },
		{ "limit", .value = &w.limit }, { "newest", .flag = &w.newest },
		{ NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_READ) ||
		!incident_call_wants(&c, 0, 1, "[ID] --store DIR"))
		return c.words.exit_code;
	if (!read_period(&c, &w, &p) || (c.words.count == 1 &&
		!(id = incident_call_find(&c, c.words.operands[0]))))
		return incident_call_stop(&c, EXIT_MISTAKE);
	p.incident = id;
	int code = incident_call_end(&c, print_alerts(&c, &p));
	free(id);
	return code;
}

static bool print_operations(struct incident_call *c, struct store_period *p)
{
	struct rows rows = rows_of(p);
	return store_operations(c->store, p,
		       c->json ? print_operation_json : print_operation, &rows) &&
		tell_rows(c, &rows, "operations");
}

int incident_operations(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident operations",
		.help = operations_help } };
	struct period_words w = { NULL };
	struct store_period p;
	const struct command_word rows[] = { { "src", .value = &w.src },
		{ "dst", .value = &w.dst }, { "since", .value = &w.since },
		{ "until", .value = &w.until }, { "limit", .value = &w.limit },
		{ "newest", .flag = &w.newest }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_READ) ||
		!incident_call_wants(&c, 0, 0, "--store DIR"))
		return c.words.exit_code;
	if (read_period(&c, &w, &p))
		return incident_call_end(&c, print_operations(&c, &p));
	return incident_call_stop(&c, EXIT_MISTAKE);
}
