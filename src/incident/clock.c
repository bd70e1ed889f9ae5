/* When reports are due. A clock is a row of clocks.json: which incidents it is for, from
 * which time it runs, how long, who it goes to. Hours are hours; days and months keep the
 * site's local time of day, over leap days and changes of summer time. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incident/clock.h"
#include "incident/evaluate_state.h"
#include "incident/time.h"

/* ---- does it apply? ---- */

enum stage { NOT_MEANT, NOT_STARTED, OVER, RUNS };

struct verdict {
	enum stage stage;
	bool is_sure; /* false: it may be another's clock, nobody entered whose */
	char why[200];
};

static struct verdict __attribute__((format(printf, 3, 4))) say(enum stage stage,
	bool is_sure, const char *format, ...)
{
	struct verdict v = { stage, is_sure, "" };
	va_list args;

	va_start(args, format);
	vsnprintf(v.why, sizeof(v.why), format, args);
	va_end(args);
	return v;
}

/* The regimes that the organisation says are its own, else those of clocks.json. */
static bool is_regime(const struct evaluation *e, const char *regime)
{
	const json_t *own = evaluate_at(registers_data(e->r, "organization"), "regimes");

	return evaluate_names(own ? own :
		evaluate_at(registers_data(e->r, "clocks"), "default_regimes"), regime);
}

/* A CII operator's other incidents go where other operators' go. */
static bool is_duty_of(const char *kind, const char *wanted)
{
	return strcmp(kind, wanted) == 0 ||
		(strcmp(kind, "cii_operator") == 0 &&
		strcmp(wanted, "other_operator") == 0);
}

/* Whose duty it is: unknown leaves it standing, for unknown is not no. */
static struct verdict judge_duty(const struct evaluation *e, const json_t *clock)
{
	const char *kind = evaluate_text(registers_data(e->r, "organization"),
		"operator_kind");
	const char *wanted = evaluate_text(clock, "operator");
	const json_t *cii = json_object_get(clock, "involves_cii");

	if (cii && e->cii != KNOWN_NOT && (e->cii == KNOWN_YES) != json_is_true(cii))
		return say(NOT_MEANT, true, "%s", e->cii_why);
	if (wanted && kind && !is_duty_of(kind, wanted))
		return say(NOT_MEANT, true, "the organisation is a %s", kind);
	if (cii && e->cii == KNOWN_NOT)
		return say(RUNS, false, "%s", e->cii_why);
	if (wanted && !kind)
		return say(RUNS, false, "operator_kind is not in organization.json");
	return say(RUNS, true, "%s", "");
}

static unsigned count_open(const struct evaluation *e, int level)
{
	unsigned count = 0;
	json_t *check;
	size_t i;

	json_array_foreach(evaluate_at(e->doc, "grade.threshold_checks"), i, check)
		count += json_is_null(json_object_get(check, "applies")) &&
			json_integer_value(json_object_get(check, "level")) <= level;
	return count;
}

static bool all_refused(const struct evaluation *e)
{
	json_t *asset, *word;
	size_t i, k;

	json_array_foreach(e->affected, i, asset)
		json_array_foreach(json_object_get(asset, "outcome"), k, word) {
			const char *impact = json_is_string(word) ?
				evaluate_impact(e, json_string_value(word)) : NULL;
			if (impact && evaluate_loss_of(e, impact) > 0)
				return false;
		}
	return true;
}

static struct verdict judge_trigger(const struct evaluation *e, const json_t *clock)
{
	const json_t *trigger = json_object_get(clock, "trigger");
	const json_t *attempt = json_object_get(trigger, "attempt");
	int level = (int)json_integer_value(json_object_get(trigger, "grade"));
	int grade = incident_grade(e->doc);

	if (attempt && json_is_true(attempt) != all_refused(e))
		return say(NOT_STARTED, true, "%s", json_is_true(attempt) ?
			"something got through" : "so far everything was refused");
	if (level == 0 || (grade > 0 && grade <= level))
		return say(RUNS, true, "%s", "");
	if (json_is_object(evaluate_at(e->doc, "grade.confirmed")))
		return say(OVER, true, "grade %d was confirmed", grade);
	return say(NOT_STARTED, true, "proposed grade is %d; %u thresholds need a person",
		grade, count_open(e, level));
}

static struct verdict judge(const struct evaluation *e, const json_t *clock)
{
	const char *state = evaluate_text(e->doc, "state");
	struct verdict v = judge_duty(e, clock);

	if (v.stage != RUNS)
		return v;
	if (state && (strcmp(state, "dismissed") == 0 || strcmp(state, "merged") == 0))
		return say(OVER, true, "the incident was %s", state);
	struct verdict t = judge_trigger(e, clock);
	return t.stage == RUNS ? v : t;
}

/* ---- from when ---- */

/* When a report of a profile and kind was first submitted. */
static bool submitted_at(const struct evaluation *e, const json_t *profiles,
	const char *kind, uint64_t *ns, const char **uid)
{
	bool found = false;
	json_t *report;
	size_t i;

	json_array_foreach(json_object_get(e->doc, "reports"), i, report) {
		const char *profile = evaluate_text(report, "profile");
		const char *its_kind = evaluate_text(report, "kind");
		uint64_t at;
		if (!profile || !its_kind || strcmp(its_kind, kind) != 0 ||
			!evaluate_names(profiles, profile) ||
			!evaluate_time(report, "submitted", &at) || (found && at >= *ns))
			continue;
		found = true;
		*ns = at;
		*uid = evaluate_text(report, "uid");
	}
	return found;
}

/* "detected" of times, or "report:PROFILE:KIND". */
static bool moment_of(const struct evaluation *e, const char *name, uint64_t *ns)
{
	char path[64], profile[128];
	const char *uid;

	if (strncmp(name, "report:", 7) != 0) {
		snprintf(path, sizeof(path), "times.%s", name);
		return evaluate_time(e->doc, path, ns);
	}
	const char *kind = strrchr(name, ':') + 1;
	snprintf(profile, sizeof(profile), "%.*s", (int)(kind - name - 8), name + 7);
	json_t *profiles = json_pack("[s]", profile);
	bool known = submitted_at(e, profiles, kind, ns, &uid);
	json_decref(profiles);
	return known;
}

static bool earliest(const struct evaluation *e, const json_t *names, uint64_t *ns)
{
	bool known = false;
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		uint64_t at;
		if (moment_of(e, json_string_value(name), &at) && (!known || at < *ns)) {
			*ns = at;
			known = true;
		}
	}
	return known;
}

/* "confirmed", "earliest_of(detected,confirmed)", "submitted(EU-NIS2:progress)". */
static json_t *rule_text(const json_t *names)
{
	const char *first = json_string_value(json_array_get(names, 0));
	json_t *text;

	if (json_array_size(names) > 1)
		text = json_sprintf("earliest_of(%s,%s)", first,
			json_string_value(json_array_get(names, 1)));
	else if (strncmp(first, "report:", 7) == 0)
		text = json_sprintf("submitted(%s)", first + 7);
	else
		text = json_string(first);
	return text;
}

/* ---- until when ---- */

static const struct time_zone *zone_of(const struct evaluation *e)
{
	const char *site = evaluate_text(e->doc, "site.id");

	return registers_time_zone(e->r, site ? site : evaluate_text(e->doc, "site"));
}

static uint64_t due_of(const struct evaluation *e, const json_t *clock, uint64_t t0)
{
	const json_t *organization = registers_data(e->r, "organization");
	const char *days = evaluate_text(clock, "days");
	struct clock_rule rule = { evaluate_text(clock, "duration"),
		days && strcmp(days, "business") == 0,
		json_object_get(clock, "until") != NULL,
		json_object_get(organization, "holidays"),
		json_object_get(organization, "workdays") };

	return clock_due(&rule, zone_of(e), t0);
}

static json_t *time_text(uint64_t ns)
{
	char text[TIME_TEXT];

	time_rfc3339(ns, text);
	return json_string(text);
}

/* ---- a row of the document ---- */

static const char *status_of(const struct evaluation *e, const json_t *clock,
	uint64_t due)
{
	uint64_t warn_ns = (uint64_t)json_integer_value(json_object_get(clock,
		"warn_s")) * 1000000000;
	const char *origin = evaluate_text(e->doc, "origin");

	if (origin && strcmp(origin, "live") != 0)
		return "simulated";
	if (e->now_ns > due)
		return "missed";
	return e->now_ns + warn_ns >= due ? "warning" : "running";
}

/* Sets t0, due and status of a clock that runs; a report that came in time meets it, one
 * that came late is named and the clock stays missed. */
static void run(const struct evaluation *e, const json_t *clock, json_t *row, uint64_t t0)
{
	const json_t *reports = json_object_get(clock, "reports");
	uint64_t due = due_of(e, clock, t0), sent, alt;
	const char *uid = NULL, *status = status_of(e, clock, due);

	if (submitted_at(e, json_object_get(reports, "profiles"),
		evaluate_text(reports, "kind"), &sent, &uid)) {
		status = sent <= due ? "met" : "missed";
		json_object_set_new(row, "satisfied_by", uid ? json_string(uid) :
			json_null());
		json_object_set_new(row, "satisfied_at", time_text(sent));
	}
	json_object_set_new(row, "t0", time_text(t0));
	json_object_set_new(row, "due", time_text(due));
	json_object_set_new(row, "status", json_string(status));
	const json_t *names = json_object_get(clock, "alt");
	if (names && earliest(e, names, &alt))
		json_object_set_new(row, "alt",
			json_pack("{s:o, s:o}", "t0_rule", rule_text(names),
			"due", time_text(due_of(e, clock, alt))));
}

static json_t *row_of(const struct evaluation *e, const json_t *clock,
	const struct verdict *v)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:n, s:n, s:s, s:n, s:o, s:s?, "
		"s:s}",
		"clock", evaluate_text(clock, "id"),
		"profile", evaluate_text(clock, "profile"),
		"kind", evaluate_text(clock, "reports.kind"),
		"trigger", evaluate_text(clock, "trigger.label"),
		"recipient", evaluate_text(clock, "recipient"),
		"t0_rule", rule_text(json_object_get(clock, "t0")),
		"duration", evaluate_text(clock, "duration"),
		"time_zone", time_zone_name(zone_of(e)), "t0", "due",
		"status", v->stage == OVER ? "not_applicable" : "not_started", "satisfied_by",
		"applies", v->is_sure ? json_true() : json_null(),
		"why", v->why[0] ? v->why : NULL,
		"source_status", evaluate_text(clock, "status"));
}

static void add_clock(const struct evaluation *e, const json_t *clock, json_t *out)
{
	struct verdict v = judge(e, clock);
	uint64_t t0;

	if (v.stage == NOT_MEANT)
		return;
	json_t *row = row_of(e, clock, &v);
	if (v.stage == RUNS && earliest(e, json_object_get(clock, "t0"), &t0))
		run(e, clock, row, t0);
	json_array_append_new(out, row);
}

void evaluate_clocks(struct evaluation *e)
{
	json_t *out = json_array(), *clock;
	size_t i;

	json_array_foreach(evaluate_at(registers_data(e->r, "clocks"), "clocks"), i,
		clock)
		if (json_is_true(json_object_get(clock, "enabled")) &&
			is_regime(e, evaluate_text(clock, "regime")))
			add_clock(e, clock, out);
	json_object_set_new(e->doc, "clocks", out);
}
