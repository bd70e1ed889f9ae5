#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "command_incident_parts.h"
#include "incident/time.h"
#include "people.h"
#include "people_plain.h"

static const char help[] =
	"ironspan incident list --store DIR [options]\n"
	"\n"
	"Incidents, the most urgent first. A level in brackets is the program's\n"
	"proposal; without them a person confirmed it. 1 is especially major, 2\n"
	"major, 3 relatively major, 4 general.\n"
	"\n"
	"  --state LIST    detected,triaged …; `open`, as without, or `all`\n"
	"  --level N       this level and graver\n"
	"  --asset NAME    that affect this device: its id or address\n"
	"  --owner NAME    of this person\n"
	"  --since TIME    since 24h, 7d, 2026-11-20 or 2026-11-20T10:14:07+08:00\n"
	"  --limit N       no more than so many\n"
	"  --json          an object a line\n";

struct filter_words {
	const char *state, *level, *asset, *owner, *since, *limit;
};

/* ---- which ---- */

static unsigned open_states(void)
{
	unsigned states = 0;
	for (enum life_state s = 0; s < LIFE_STATE_COUNT; s++)
		states |= (unsigned)life_state_is_open(s) << s;
	return states;
}

static bool add_state(const char *name, unsigned *states)
{
	enum life_state state;
	if (strcmp(name, "all") == 0)
		*states |= (1u << LIFE_STATE_COUNT) - 1;
	else if (strcmp(name, "open") == 0)
		*states |= open_states();
	else if (life_state_find(name, &state))
		*states |= 1u << state;
	else
		report_error("incident list: there is no state %s", name);
	return *states != 0;
}

static bool read_states(const char *list, unsigned *states)
{
	char name[32];
	bool ok = true;
	if (!list)
		list = "open";
	for (size_t len; ok && *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		unsigned one = 0;
		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		ok = add_state(name, &one);
		*states |= one;
	}
	return ok;
}

static bool read_filter(const struct incident_call *c, const struct filter_words *w,
	struct store_filter *f)
{
	unsigned level = 0;
	f->asset = w->asset;
	f->owner = w->owner;
	if (!read_states(w->state, &f->states) ||
		!incident_number_read(c, "level", w->level, &level) ||
		!incident_number_read(c, "limit", w->limit, &f->limit) ||
		!incident_time_read(c, w->since, &f->since_ns))
		return false;
	f->level = (int)level;
	return true;
}

/* ---- for people ---- */

enum {
	LEVEL = 5,
	SCORE = 5,
	STATE = 14,
	TIME = 19,
	ALERTS = 8,
	OWNER = 10,
	DUE = 14,
	ID = 26
};

struct page {
	const struct incident_call *call;
	bool colours;
	unsigned count;
};

static void print_heads(void)
{
	static const struct {
		const char *name;
		unsigned width;
	} heads[] = { { "LEVEL", LEVEL }, { "SCORE", SCORE }, { "STATE", STATE },
		{ "LAST, UTC", TIME }, { "ALERTS", ALERTS }, { "OWNER", OWNER },
		{ "REPORT DUE", DUE }, { "ID", ID } };
	for (unsigned i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		printf("%-*s ", (int)heads[i].width, heads[i].name);
	puts("WHAT");
}

static struct words level_text(const struct store_row *r)
{
	struct words w;
	snprintf(w.text, sizeof(w.text),
		r->level == 0		? "-" :
			r->is_confirmed ? "%d" :
					  "(%d)",
		r->level);
	return w;
}

static struct words due_text(uint64_t due_ns, uint64_t now_ns)
{
	struct words w = { "-" };
	if (!due_ns)
		return w;
	bool late = due_ns < now_ns;
	struct words left =
		duration_text((late ? now_ns - due_ns : due_ns - now_ns) / 1000000000);
	snprintf(w.text, sizeof(w.text), late ? "%.30s late" : "in %.30s", left.text);
	return w;
}

static void print_row(void *context, const struct store_row *r)
{
	struct page *p = context;
	bool late = r->due_ns && r->due_ns < p->call->now_ns;
	if (p->count++ == 0)
		print_heads();
	people_column(stdout, level_text(r).text, LEVEL);
	printf("%*d ", SCORE, r->score);
	people_column(stdout, r->state, STATE);
	people_column(stdout, time_text(r->last_ns).text, TIME);
	printf("%*s ", ALERTS, number_text(r->alerts).text);
	people_column(stdout, r->owner ? r->owner : "-", OWNER);
	fputs(late && p->colours ? RED : "", stdout);
	people_column(stdout, due_text(r->due_ns, p->call->now_ns).text, DUE);
	fputs(late && p->colours ? PLAIN : "", stdout);
	people_column(stdout, r->id, people_width(r->id) > ID ? people_width(r->id) : ID);
	people_column(stdout, r->title, people_width(r->title));
	putchar('\n');
}

/* ---- for programs ---- */

static json_t *time_or_null(uint64_t ns)
{
	char text[TIME_TEXT];
	time_rfc3339(ns, text);
	return ns ? json_string(text) : json_null();
}

static void print_object(void *context, const struct store_row *r)
{
	(void)context;
	json_t *row = json_pack(
		"{s:s, s:s, s:s, s:s?, s:i, s:b, s:i, s:o, s:o, s:o, s:I, s:i}", "id",
		r->id, "state", r->state, "title", r->title, "owner", r->owner, "level",
		r->level, "confirmed", r->is_confirmed, "score", r->score,
		"first_activity", time_or_null(r->first_ns), "last_activity",
		time_or_null(r->last_ns), "due", time_or_null(r->due_ns), "alerts",
		(json_int_t)r->alerts, "revision", (int)r->revision);
	incident_print_json(row);
	json_decref(row);
}

static bool print_list(struct incident_call *c, const struct store_filter *f)
{
	struct page page = { .call = c, .colours = people_see_colours(stdout) };
	if (c->json)
		return store_list(c->store, f, print_object, NULL);
	if (!store_list(c->store, f, print_row, &page))
		return false;
	if (page.count == 0)
		puts("no such incidents");
	return true;
}

int incident_list(int argc, char **argv)
{
	struct incident_call c = { .words = {
					   .command = "incident list", .help = help } };
	struct filter_words w = { NULL };
	struct store_filter f = { 0 };
	const struct command_word rows[] = { { "state", .value = &w.state },
		{ "level", .value = &w.level }, { "asset", .value = &w.asset },
		{ "owner", .value = &w.owner }, { "since", .value = &w.since },
		{ "limit", .value = &w.limit }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_READ) ||
		!incident_call_wants(&c, 0, 0, "--store DIR"))
		return c.words.exit_code;
	if (read_filter(&c, &w, &f))
		return incident_call_end(&c, print_list(&c, &f));
	return incident_call_stop(&c, EXIT_CANNOT_RUN);
}
