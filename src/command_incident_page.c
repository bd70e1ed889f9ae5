#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command_incident_page.h"
#include "incident/life.h"
#include "incident/time.h"
#include "people_plain.h"

enum { LABEL = 14 };

/* ---- lines ---- */

/* A label, and words that go on in the next lines if they must. */
void incident_page_line(struct incident_page *p, const char *label, const char *words)
{
	struct text t = { 0 };
	people_plain(&t, words);
	text_char(&t, '\0');
	fprintf(p->out, "%s", table_colour(&p->table, BOLD));
	people_column(p->out, label, LABEL - 1);
	fprintf(p->out, "%s", table_colour(&p->table, PLAIN));
	table_words(&p->table, t.at, LABEL);
	text_fini(&t);
}

void incident_page_line_of(struct incident_page *p, const char *label, struct text *t)
{
	text_char(t, '\0');
	if (t->at[0])
		incident_page_line(p, label, t->at);
	text_clear(t);
}

static const json_t *at(const json_t *doc, const char *object, const char *name)
{
	return json_object_get(json_object_get(doc, object), name);
}

static const char *text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* "name: value" if there is one, with a separator before all but the first. */
void incident_page_add(struct text *t, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	text_printf(t, "%s%s%s%s", t->len ? ", " : "", name, *name ? " " : "", value);
}

/* "2026-11-20T02:14:07.412873Z" as "2026-11-20 02:14:07". */
static struct words plain_time(const char *rfc3339)
{
	uint64_t ns;
	struct words none = { "" };
	return rfc3339 && time_read_rfc3339(rfc3339, &ns) ? time_text(ns) : none;
}

/* ---- what it is ---- */

static void show_state(struct incident_page *p, struct text *t)
{
	const json_t *dismissal = json_object_get(p->doc, "dismissal");
	text_str(t, life_state_name(life_state_of(p->doc)));
	if (json_is_object(dismissal))
		text_printf(t, ": %s, by %s", text(dismissal, "reason"),
			text(dismissal, "by"));
	incident_page_add(
		t, "into", json_string_value(at(p->doc, "correlation", "merged_into")));
	incident_page_line_of(p, "State", t);
}

static const char *level_name(int level)
{
	static const char *const names[] = { "none", "especially major 特别重大", "major 重大",
		"relatively major 较大", "general 一般" };
	return level >= 1 && level <= 4 ? names[level] : names[0];
}

static void add_level(struct text *t, const char *who, const json_t *grade)
{
	const json_t *level = json_object_get(grade, "level");
	if (!json_is_integer(level))
		return;
	text_printf(t, "%s%s %d, %s", t->len ? "; " : "", who,
		(int)json_integer_value(level),
		level_name((int)json_integer_value(level)));
	if (text(grade, "reason"))
		text_printf(t, " (%s: %s)", text(grade, "by"), text(grade, "reason"));
}

static void show_level(struct incident_page *p, struct text *t)
{
	const json_t *grade = json_object_get(p->doc, "grade");
	add_level(t, "confirmed", json_object_get(grade, "confirmed"));
	add_level(t, "proposed", json_object_get(grade, "proposed"));
	incident_page_line_of(p, "Level", t);
}

static void show_score(struct incident_page *p, struct text *t)
{
	size_t i;
	const json_t *why, *score = json_object_get(p->doc, "score");
	if (!json_is_integer(json_object_get(score, "value")))
		return;
	text_printf(
		t, "%d of 100", (int)json_integer_value(json_object_get(score, "value")));
	json_array_foreach(json_object_get(score, "contributions"), i, why)
		if (text(why, "why"))
			text_printf(t, "%s %d %s", i ? "," : ":",
				(int)json_integer_value(json_object_get(why, "points")),
				text(why, "why"));
	incident_page_line_of(p, "Score", t);
}

static void show_times(struct incident_page *p, struct text *t)
{
	static const char *const names[] = { "first_activity", "last_activity",
		"detected", "acknowledged", "confirmed", "contained", "resolved",
		"closed" };
	const json_t *times = json_object_get(p->doc, "times");
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char name[24];
		snprintf(name, sizeof(name), "%s", names[i]);
		if (strchr(name, '_'))
			*strchr(name, '_') = ' ';
		incident_page_add(t, name, plain_time(text(times, names[i])).text);
	}
	incident_page_line_of(p, "Times", t);
	const char *closed = text(times, "closed"), *last = text(times, "last_activity");
	if (closed && last && strcmp(last, closed) > 0)
		incident_page_line(p, "Attention", "alerts went on after it was closed");
}

static void show_safety(struct incident_page *p, struct text *t)
{
	const json_t *safety = json_object_get(p->doc, "safety_accident");
	if (!json_is_true(json_object_get(safety, "suspected")))
		return;
	text_lit(t, "a safety accident is possible: tell the people in charge of safety");
	incident_page_add(t, "", text(safety, "why"));
	incident_page_add(t, "", text(safety, "note"));
	incident_page_line_of(p, "Safety", t);
}

/* ---- who and what ---- */

static void add_responsible(struct text *t, const json_t *asset)
{
	const json_t *who = json_object_get(asset, "responsible");
	if (!json_is_object(who))
		return;
	incident_page_add(t, "responsible:", text(who, "department"));
	incident_page_add(t, "", text(who, "person_id"));
}

static void show_actors(struct incident_page *p, struct text *t)
{
	size_t i;
	const json_t *actor;
	json_array_foreach(json_object_get(p->doc, "actors"), i, actor) {
		incident_page_add(t, "", text(actor, "ip"));
		incident_page_add(t, "", text(actor, "mac"));
		incident_page_add(t, "zone", text(actor, "zone"));
		incident_page_add(t, "user", text(actor, "user"));
		if (json_is_false(json_object_get(actor, "known_asset")))
			incident_page_add(t, "", "not in the register");
		incident_page_line_of(p, i ? "" : "From", t);
	}
}

/* A code as words: "setpoint_changed". */
static void add_words(struct text *t, const char *label, const char *code)
{
	size_t from = t->len;
	incident_page_add(t, label, code);
	for (; from < t->len; from++)
		if (t->at[from] == '_')
			t->at[from] = ' ';
}

static void add_outcomes(struct text *t, const json_t *asset)
{
	size_t i;
	const json_t *outcome;
	json_array_foreach(json_object_get(asset, "outcome"), i, outcome)
		add_words(t, i ? "" : "what:", json_string_value(outcome));
}

static void add_silence(struct text *t, const json_t *asset)
{
	json_int_t lost_s = json_integer_value(json_object_get(asset, "loss_of_view_s"));
	char words[48];
	snprintf(words, sizeof(words), "no answers for %lld s", (long long)lost_s);
	if (lost_s > 0)
		incident_page_add(t, "", words);
}

static void show_affected(struct incident_page *p, struct text *t)
{
	static const char *const names[] = { "asset", "ip", "role", "vendor", "model" };
	size_t i;
	const json_t *asset;
	json_array_foreach(json_object_get(p->doc, "affected"), i, asset) {
		for (unsigned n = 0; n < sizeof(names) / sizeof(*names); n++)
			incident_page_add(t, "", text(asset, names[n]));
		incident_page_add(t, "zone", text(asset, "zone"));
		incident_page_add(t, "", text(asset, "criticality"));
		add_outcomes(t, asset);
		add_silence(t, asset);
		add_responsible(t, asset);
		incident_page_line_of(p, i ? "" : "Affected", t);
	}
}

/* What the sensor could not see meanwhile; nothing is said of what nobody counted. */
static void show_capture(struct incident_page *p, struct text *t)
{
	static const struct {
		const char *key, *words;
	} rows[] = {
		{ "drops", "packets lost in capture" },
		{ "missed", "lost by the interface" },
		{ "unseen", "let through unseen" },
		{ "cut_captures", "captures that end midway" },
		{ "shed", "sessions forgotten for want of room" },
		{ "blind_s", "s without a link" },
		{ "off_s", "s without a sensor" },
		{ "gaps", "gaps" },
		{ "blind_bytes", "bytes not followed" },
		{ "undecoded_bytes", "bytes not decoded" },
		{ "one_sided_flows", "flows seen from one side" },
		{ "encrypted_flows", "encrypted flows" },
	};
	const json_t *capture = json_object_get(p->doc, "capture");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_int_t count = json_integer_value(json_object_get(capture, rows[i].key));
		if (count > 0)
			text_printf(t, "%s%lld %s", t->len ? ", " : "", (long long)count,
				rows[i].words);
	}
	if (json_is_object(capture) && !t->len)
		text_lit(t, "nothing that the sensor knows of");
	incident_page_line_of(p, "Not seen", t);
}

static void show_progress(struct incident_page *p, struct text *t)
{
	static const char *const lists[] = { "stages", "techniques" };
	for (unsigned n = 0; n < 2; n++) {
		size_t i;
		const json_t *item;
		json_array_foreach(at(p->doc, "progress", lists[n]), i, item)
			incident_page_add(t, "", json_string_value(item));
		incident_page_line_of(p, n ? "ATT&CK" : "Progress", t);
	}
}

static void show_assignment(struct incident_page *p, struct text *t)
{
	static const char *const names[] = { "owner", "backup", "group" };
	size_t i;
	const json_t *told, *who = json_object_get(p->doc, "assignment");
	for (unsigned n = 0; n < 3; n++)
		incident_page_add(t, names[n], text(who, names[n]));
	json_array_foreach(json_object_get(who, "escalated_to"), i, told)
		incident_page_add(t, "told", json_string_value(told));
	if (!t->len)
		text_lit(t, "nobody");
	incident_page_line_of(p, "Assigned", t);
}

/* ---- what is due, and missing ---- */

static void show_clocks(struct incident_page *p, struct text *t)
{
	size_t i;
	const json_t *clock;
	bool first = true;

	json_array_foreach(json_object_get(p->doc, "clocks"), i, clock) {
		const char *status = text(clock, "status");
		if (!status || strcmp(status, "not_applicable") == 0)
			continue;
		incident_page_add(t, "", text(clock, "profile"));
		incident_page_add(t, "", status);
		incident_page_add(t, "due", plain_time(text(clock, "due")).text);
		incident_page_add(t, "to", text(clock, "recipient"));
		incident_page_line_of(p, first ? "Reports due" : "", t);
		first = false;
	}
}

static void show_missing(struct incident_page *p, struct text *t)
{
	size_t i;
	const json_t *check;
	const char *key;
	json_t *value;
	json_object_foreach(json_object_get(p->doc, "human_input"), key, value)
		if (json_is_null(value))
			incident_page_add(t, "", key);
	if (t->len && life_state_is_open(life_state_of(p->doc)))
		incident_page_line_of(p, "Not known", t);
	text_clear(t);
	unsigned open = 0;
	json_array_foreach(at(p->doc, "grade", "threshold_checks"), i, check) {
		open += json_is_null(json_object_get(check, "applies"));
		if (json_is_true(json_object_get(check, "applies")))
			incident_page_add(t, "met:", text(check, "rule"));
	}
	if (open)
		text_printf(
			t, "%s%u wait for what is not known", t->len ? ", " : "", open);
	incident_page_line_of(p, "Thresholds", t);
}

/* ---- what people did ---- */

static void show_entries(struct incident_page *p, struct text *t, const char *list,
	const char *label, const char *const *names)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(json_object_get(p->doc, list), i, entry) {
		struct words when = plain_time(text(entry, "at"));
		text_str(t, when.text);
		for (unsigned n = 0; names[n]; n++)
			incident_page_add(t, "", text(entry, names[n]));
		incident_page_line_of(p, i ? "" : label, t);
	}
}

static void show_reports(struct incident_page *p, struct text *t)
{
	size_t i;
	const json_t *r;
	json_array_foreach(json_object_get(p->doc, "reports"), i, r) {
		incident_page_add(t, "", text(r, "kind"));
		incident_page_add(t, "", text(r, "profile"));
		incident_page_add(t, "", text(r, "uid"));
		incident_page_add(t, "drafted by", text(r, "prepared_by"));
		incident_page_add(t, "approved by", text(r, "approved_by"));
		incident_page_add(t, "filed", plain_time(text(r, "submitted")).text);
		incident_page_add(t, "receipt", text(r, "receipt"));
		incident_page_line_of(p, i ? "" : "Reports", t);
	}
}

static void show_work(struct incident_page *p, struct text *t)
{
	static const char *const measures[] = { "by", "kind", "text", "effect", NULL };
	static const char *const notes[] = { "by", "text", NULL };
	static const char *const evidence[] = { "type", "ref", "sha256", NULL };
	show_entries(p, t, "actions", "Measures", measures);
	show_reports(p, t);
	show_entries(p, t, "notes", "Notes", notes);
	show_entries(p, t, "evidence", "Evidence", evidence);
	incident_page_add(t, "", text(p->doc, "lessons"));
	incident_page_line_of(p, "Lessons", t);
	life_possible(p->doc, t);
	incident_page_line_of(p, "Possible now", t);
}

/* ---- all of it ---- */

void incident_page_show(struct incident_page *p)
{
	struct text t = { 0 };
	fprintf(p->out, "%s", table_colour(&p->table, BOLD));
	people_plain(&t, text(p->doc, "id"));
	text_lit(&t, "  ");
	people_plain(&t, text(p->doc, "title") ? text(p->doc, "title") : "");
	fprintf(p->out, "%.*s%s\n\n", (int)t.len, t.at, table_colour(&p->table, PLAIN));
	text_clear(&t);
	show_state(p, &t);
	show_level(p, &t);
	show_safety(p, &t);
	show_score(p, &t);
	show_assignment(p, &t);
	show_times(p, &t);
	show_actors(p, &t);
	show_affected(p, &t);
	show_capture(p, &t);
	show_progress(p, &t);
	show_clocks(p, &t);
	show_missing(p, &t);
	show_work(p, &t);
	text_fini(&t);
}
