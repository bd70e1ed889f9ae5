/* What the machine thinks of incidents: effects, grades, thresholds, clocks, safety, score. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incident/clock.h"
#include "incident/evaluate.h"
#include "incident/register.h"
#include "incident/time.h"
#include "test.h"

#define PLANT "signatures/example-plant"
#define SHARED "signatures/incident"

static const struct registers *plain; /* what ships, no plant */

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

static uint64_t at(const char *text)
{
	uint64_t ns = 0;

	CHECK(time_read_rfc3339(text, &ns), "%s", text);
	return ns;
}

static const json_t *get(const json_t *doc, const char *a, const char *b)
{
	return json_object_get(json_object_get(doc, a), b);
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

/* A plant of one site, for as long as a test needs it. */
static struct registers *plant(const char *zone, const char *regimes, const char *operator_kind)
{
	char folder[] = "/tmp/test_evaluate.XXXXXX", path[64];

	CHECK(mkdtemp(folder), "%s", folder);
	snprintf(path, sizeof(path), "%s/organization.json", folder);
	FILE *out = fopen(path, "w");
	fprintf(out, "{\"schema\": \"ironspan.organization/1\", \"version\": \"1\", \"name\": \"x\","
		" \"regimes\": %s, \"operator_kind\": %s%s%s, \"holidays\": [\"2026-10-01\"],"
		" \"workdays\": [\"2026-10-10\"],"
		" \"sites\": [{\"id\": \"s\", \"name\": \"s\", \"time_zone\": \"%s\"}]}",
		regimes, operator_kind ? "\"" : "", operator_kind ? operator_kind : "null",
		operator_kind ? "\"" : "", zone);
	fclose(out);
	struct registers *r = registers_load(folder, SHARED);
	CHECK(r, "%s loads", folder);
	unlink(path);
	rmdir(folder);
	return r;
}

/* An incident with one affected asset; texts NULL are null. `cii` and `safety`: 1, 0, -1 null. */
static json_t *incident(const char *effect, const char *criticality, int safety, int cii)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:n, s:n}, s:{s:i}, s:[{s:s, s:s?, s:o, "
		"s:o, s:s, s:[s]}], s:{s:n, s:n, s:n}, s:[]}",
		"origin", "live", "state", "detected",
		"times", "first_activity", "2026-11-20T02:00:00.000000Z",
			"detected", "2026-11-20T02:14:07.000000Z",
			"last_activity", "2026-11-20T02:20:00.000000Z", "confirmed", "resolved",
		"alerts", "severity", 1,
		"affected", "asset", "PLC-1", "criticality", criticality,
			"safety", safety < 0 ? json_null() : json_boolean(safety),
			"cii", cii < 0 ? json_null() : json_boolean(cii),
			"zone", "Z", "outcome", effect,
		"human_input", "direct_loss_cny", "pii_records", "people_affected",
		"reports");
}

static void set_time(json_t *doc, const char *which, const char *text)
{
	json_object_set_new(json_object_get(doc, "times"), which, json_string(text));
}

static int proposed(const json_t *doc)
{
	return (int)json_integer_value(json_object_get(get(doc, "grade", "proposed"), "level"));
}

/* ---- effects ---- */

static const struct {
	const char *category, *verb, *outcome, *effect;
} effect_rows[] = {
	{ "Exploration of a control system", "read", "accepted", "probed" },
	{ "Exploration of a control system", "read", "no_reply", "probed" },
	{ "Exploration of a control system", NULL, NULL, "probed" },
	{ "Command to a process or change of its values", "write", "accepted", "setpoint_changed" },
	{ "Command to a process or change of its values", "control", "accepted", "setpoint_changed" },
	{ "Command to a process or change of its values", "write", "rejected", "refused" },
	{ "Command to a process or change of its values", "write", "blocked", "refused" },
	{ "Command to a process or change of its values", "write", "no_reply", "unanswered" },
	{ "Command to a process or change of its values", "write", "not_seen", "unanswered" },
	{ "Command to a process or change of its values", "write", NULL, "unanswered" },
	{ "Command to a process or change of its values", NULL, NULL, "suspected" },
	{ "A controller's program was changed or read out", "program_download", "accepted",
		"program_changed" },
	{ "A controller's program was changed or read out", "program_upload", "accepted",
		"program_read" },
	{ "A controller was started or stopped or changed its mode", "mode_change", "accepted",
		"mode_changed" },
	{ "A device was silenced or kept from answering", "mode_change", "accepted", "silenced" },
	{ "A device was silenced or kept from answering", "mode_change", "rejected", "refused" },
	{ "A device or its communication was restarted", "restart", "accepted", "restarted" },
	{ "Counters or logs of a device were cleared", "config", "accepted", "log_cleared" },
	{ "Change of a device's firmware", "firmware", "accepted", "firmware_changed" },
	{ "Alarms or reports were suppressed", "config", "accepted", "alarms_suppressed" },
	{ "Failed attempt to gain a user's rights", "login", "rejected", "login_refused" },
	{ "Other attack", "login", "rejected", "login_refused" },
	{ "Requests that a device refuses", "read", "rejected", "refused" },
	{ "Requests that a device refuses", NULL, NULL, "refused" },
	{ "A message that breaks its protocol", NULL, NULL, "malformed" },
	{ "A message that its sender did not send", "write", "accepted", "setpoint_changed" },
	{ "A message that its sender did not send", NULL, NULL, "spoofed" },
	{ "A device reports trouble or does not answer", "write", "accepted", "device_fault" },
	{ "A control system is open to foreign networks", NULL, NULL, "exposed" },
	{ "Traffic of malware for control systems", "write", "accepted", "malware_traffic" },
	{ "words that no rule set has", "write", "accepted", "setpoint_changed" },
	{ "words that no rule set has", NULL, NULL, "noticed" },
	{ NULL, "program_download", "accepted", "program_changed" },
	{ NULL, NULL, NULL, "noticed" },
};

static void test_effects(void)
{
	for (size_t i = 0; i < sizeof(effect_rows) / sizeof(*effect_rows); i++) {
		const char *effect = incident_effect(plain, effect_rows[i].category,
			effect_rows[i].verb, effect_rows[i].outcome);
		CHECK(strcmp(effect, effect_rows[i].effect) == 0, "%s, %s, %s: %s",
			or_none(effect_rows[i].category), or_none(effect_rows[i].verb),
			or_none(effect_rows[i].outcome), effect);
	}
}

static void test_category(void)
{
	json_t *doc = incident("probed", "general", 0, 0);
	json_t *words = json_object_get(json_array_get(json_object_get(doc, "affected"), 0),
		"outcome");

	json_array_append_new(words, json_string("refused"));
	json_array_append_new(words, json_string("restarted"));
	json_array_append_new(words, json_string("a word of somebody else"));
	json_array_append_new(words, json_integer(7));
	incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
	const json_t *c = get(doc, "classification", "gbt20986");
	CHECK(is_text(json_object_get(c, "subcategory"), "拒绝服务事件"), "gravest");
	CHECK(json_array_size(json_object_get(c, "secondary")) == 2, "the others, each once");
	CHECK(json_is_null(json_object_get(c, "code")), "no code was verified");
	json_object_set_new(json_object_get(doc, "classification"), "gbt20986",
		json_pack("{s:s, s:s}", "category", "违规操作事件", "by", "P-0042"));
	incident_evaluate(doc, plain, at("2026-11-20T02:40:00Z"));
	c = get(doc, "classification", "gbt20986");
	CHECK(json_object_size(c) == 2, "what a person chose is not touched");
	json_decref(doc);
}

/* ---- grade ---- */

static const struct {
	const char *effect, *criticality;
	int safety, cii, blind_s, level;
} grade_rows[] = {
	{ "probed", "especially_important", 0, 0, 0, 4 },
	{ "setpoint_changed", "general", 0, 0, 0, 4 },
	{ "setpoint_changed", "important", 0, 0, 0, 4 },
	{ "setpoint_changed", "especially_important", 0, 0, 0, 3 },
	{ "setpoint_changed", "general", 1, 0, 0, 3 },   /* a safety controller */
	{ "setpoint_changed", "general", 0, 1, 0, 3 },   /* critical infrastructure */
	{ "setpoint_changed", "general", -1, -1, 0, 4 },
	{ "restarted", "general", 0, 0, 0, 4 },
	{ "restarted", "important", 0, 0, 0, 3 },
	{ "restarted", NULL, 0, 0, 0, 3 },               /* not known is taken as important */
	{ "restarted", "especially_important", 0, 0, 0, 2 },
	{ "setpoint_changed", "important", 0, 0, 680, 3 },
	{ "probed", "important", 0, 0, 599, 4 },
	{ "probed", "important", 0, 0, 600, 3 },
	{ "probed", "general", 0, 0, 21600, 3 },
	{ "probed", "especially_important", 0, 0, 21600, 1 },
	{ "unanswered", "especially_important", 0, 0, 0, 3 }, /* unknown outcome is no refusal */
	{ "refused", "especially_important", 0, 0, 0, 4 },
	{ "a word of somebody else", "especially_important", 0, 0, 0, 4 },
};

static void test_grades(void)
{
	for (size_t i = 0; i < sizeof(grade_rows) / sizeof(*grade_rows); i++) {
		json_t *doc = incident(grade_rows[i].effect, grade_rows[i].criticality,
			grade_rows[i].safety, grade_rows[i].cii);
		if (grade_rows[i].blind_s)
			json_object_set_new(json_array_get(json_object_get(doc, "affected"), 0),
				"loss_of_view_s", json_integer(grade_rows[i].blind_s));
		incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
		CHECK(proposed(doc) == grade_rows[i].level, "row %zu: %d", i, proposed(doc));
		json_decref(doc);
	}
	json_t *empty = json_object();
	incident_evaluate(empty, plain, at("2026-11-20T02:30:00Z"));
	CHECK(proposed(empty) == 4 && incident_grade(empty) == 4, "nothing is known");
	json_decref(empty);
}

static void set_effect(json_t *doc, const char *effect)
{
	json_array_set_new(json_object_get(json_array_get(json_object_get(doc, "affected"), 0),
		"outcome"), 0, json_string(effect));
}

static void test_grade_never_falls(void)
{
	json_t *doc = incident("restarted", "especially_important", 0, 0);

	incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
	CHECK(proposed(doc) == 2, "%d", proposed(doc));
	set_effect(doc, "probed");
	incident_evaluate(doc, plain, at("2026-11-20T03:30:00Z"));
	const json_t *p = get(doc, "grade", "proposed");
	CHECK(proposed(doc) == 2 && json_integer_value(json_object_get(p, "latest_level")) == 4,
		"it stays, and says what it would be now");
	CHECK(is_text(json_object_get(p, "computed_at"), "2026-11-20T02:30:00.000000Z"), "it is the earlier one");

	json_t *fresh = incident("probed", "especially_important", 0, 0);
	incident_grade_keep(fresh, doc);
	incident_evaluate(fresh, plain, at("2026-11-20T04:30:00Z"));
	CHECK(proposed(fresh) == 2, "nor in a fresh document");
	json_t *graver = incident("restarted", "especially_important", 0, 0);
	incident_evaluate(graver, plain, at("2026-11-20T04:30:00Z"));
	incident_grade_keep(graver, fresh);
	incident_grade_keep(graver, json_object_get(fresh, "nothing"));
	CHECK(proposed(graver) == 2 && incident_grade(graver) == 2, "%d", proposed(graver));

	json_object_set_new(json_object_get(graver, "grade"), "confirmed",
		json_pack("{s:i, s:s, s:s}", "level", 4, "by", "P-0042", "reason", "a test"));
	incident_evaluate(graver, plain, at("2026-11-20T05:30:00Z"));
	CHECK(proposed(graver) == 2 && incident_grade(graver) == 4, "a person may lower it");
	json_decref(graver);
	json_decref(fresh);
	json_decref(doc);
}

/* ---- thresholds ---- */

static const struct {
	const char *rule, *input; /* of human_input; NULL: none */
	json_int_t value;
	int cii;                  /* of the asset */
	int applies;              /* 1, 0, -1: null */
	int level;                /* proposed then */
} threshold_rows[] = {
	{ "direct-loss-100M", NULL, 0, 0, -1, 4 },
	{ "direct-loss-100M", "direct_loss_cny", 99999999, 0, 0, 4 },
	{ "direct-loss-100M", "direct_loss_cny", 100000000, 0, 1, 1 },
	{ "direct-loss-20M", "direct_loss_cny", 20000000, 0, 1, 4 }, /* a draft raises nothing */
	{ "personal-data-1M", "pii_records", 1000000, 0, 1, 3 },
	{ "personal-data-10M", "pii_records", 10000000, 0, 1, 2 },
	{ "personal-data-100M", "pii_records", 100000000, 0, 1, 1 },
	{ "personal-data-1M", "pii_records", 0, 0, 0, 4 },
	{ "people-10M", "people_affected", 10000000, 0, 1, 1 },
	{ "CII-whole-outage-10min", NULL, 0, 0, 0, 4 },
	{ "CII-whole-outage-10min", NULL, 0, -1, -1, 4 },
	{ "CII-whole-outage-10min", NULL, 0, 1, -1, 4 },
	{ "CII-whole-outage-10min", "cii_outage_min", 9, 1, 0, 4 },
	{ "CII-whole-outage-10min", "cii_outage_min", 10, 1, 1, 3 },
	{ "CII-whole-outage-10min", "cii_outage_min", 10, -1, -1, 4 }, /* unknown is not no … */
	{ "CII-whole-outage-10min", "cii_outage_min", 9, -1, 0, 4 },   /* … but no is no */
	{ "CII-main-functions-24h", "cii_main_functions_min", 1440, 1, 1, 1 },
	{ "CII-whole-outage-6h", "cii_outage_min", 360, 1, 1, 1 },
};

static int tristate(const json_t *v)
{
	return json_is_boolean(v) ? json_is_true(v) : -1;
}

/* The row of a list whose member ends as said. */
static const json_t *find(const json_t *list, const char *key, const char *end)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		const char *text = json_string_value(json_object_get(row, key));
		if (text && strlen(text) >= strlen(end) &&
			strcmp(text + strlen(text) - strlen(end), end) == 0)
			return row;
	}
	return NULL;
}

static void test_thresholds(void)
{
	for (size_t i = 0; i < sizeof(threshold_rows) / sizeof(*threshold_rows); i++) {
		json_t *doc = incident("probed", "general", 0, threshold_rows[i].cii);
		if (threshold_rows[i].input)
			json_object_set_new(json_object_get(doc, "human_input"),
				threshold_rows[i].input, json_integer(threshold_rows[i].value));
		incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
		const json_t *check = find(get(doc, "grade", "threshold_checks"), "rule",
			threshold_rows[i].rule);
		CHECK(tristate(json_object_get(check, "applies")) == threshold_rows[i].applies,
			"row %zu: %s", i,
			or_none(json_string_value(json_object_get(check, "reason"))));
		CHECK(json_string_length(json_object_get(check, "reason")) > 0, "row %zu: why", i);
		CHECK(proposed(doc) == threshold_rows[i].level, "row %zu: grade %d", i,
			proposed(doc));
		json_decref(doc);
	}
}

/* ---- how long clocks run ---- */

static const struct {
	const char *zone, *duration;
	bool business, end_of_day;
	const char *t0, *due;
} due_rows[] = {
	{ "Asia/Shanghai", "PT1H", false, false, "2026-11-20T02:14:07.412873Z",
		"2026-11-20T03:14:07.412873Z" },
	{ "Asia/Shanghai", "PT30M", false, false, "2026-12-31T15:45:00Z", "2026-12-31T16:15:00Z" },
	{ "Asia/Shanghai", "P30D", false, false, "2028-02-01T04:00:00Z", "2028-03-02T04:00:00Z" },
	{ "Asia/Shanghai", "P30D", false, false, "2027-02-01T04:00:00Z", "2027-03-03T04:00:00Z" },
	{ "Asia/Shanghai", "P30D", false, false, "2028-02-28T16:30:00Z", "2028-03-29T16:30:00Z" },
	{ "Europe/Berlin", "PT24H", false, false, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z" },
	{ "Europe/Berlin", "PT72H", false, false, "2026-10-24T10:00:00Z", "2026-10-27T10:00:00Z" },
	{ "Europe/Berlin", "P30D", false, false, "2026-03-10T12:00:00Z", "2026-04-09T11:00:00Z" },
	{ "Europe/Berlin", "P30D", false, false, "2026-10-10T10:00:00Z", "2026-11-09T11:00:00Z" },
	{ "Europe/Berlin", "P1M", false, false, "2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z" },
	{ "Europe/Berlin", "P1M", false, false, "2028-01-31T12:00:00Z", "2028-02-29T12:00:00Z" },
	{ "Europe/Berlin", "P1M", false, false, "2026-12-15T12:00:00Z", "2027-01-15T12:00:00Z" },
	{ "Europe/Berlin", "P1M", false, false, "2026-03-15T12:00:00Z", "2026-04-15T11:00:00Z" },
	{ "Europe/Berlin", "P1D", false, false, "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z" },
	{ "America/New_York", "P1D", false, true, "2026-11-20T18:00:00Z", "2026-11-22T05:00:00Z" },
	{ "America/New_York", "P1D", false, true, "2026-11-21T04:59:00Z", "2026-11-22T05:00:00Z" },
	{ "America/New_York", "P1D", false, true, "2026-11-21T05:00:00Z", "2026-11-23T05:00:00Z" },
	{ "America/New_York", "P1D", false, true, "2026-03-07T18:00:00Z", "2026-03-09T04:00:00Z" },
	{ "America/New_York", "P1D", false, true, "2028-02-28T18:00:00Z", "2028-03-01T05:00:00Z" },
	{ "America/New_York", "P7D", false, false, "2026-10-30T18:00:00Z", "2026-11-06T19:00:00Z" },
	/* a Wednesday; Thursday 1 October is a holiday, Saturday 10 October a working day */
	{ "Asia/Shanghai", "P1D", true, false, "2026-09-30T04:00:00Z", "2026-10-02T04:00:00Z" },
	{ "Asia/Shanghai", "P7D", true, true, "2026-09-30T04:00:00Z", "2026-10-10T16:00:00Z" },
	{ "Asia/Shanghai", "P8D", true, true, "2026-09-30T04:00:00Z", "2026-10-12T16:00:00Z" },
	{ "UTC", "PT4H", false, true, "2026-12-31T19:59:59Z", "2027-01-01T00:00:00Z" },
	{ "UTC", "PT4H", false, true, "2026-12-31T20:00:00Z", "2027-01-02T00:00:00Z" },
};

static void test_dues(void)
{
	json_t *holidays = json_pack("[s]", "2026-10-01"), *workdays = json_pack("[s]", "2026-10-10");

	for (size_t i = 0; i < sizeof(due_rows) / sizeof(*due_rows); i++) {
		struct time_zone *z = time_zone_load(due_rows[i].zone);
		struct clock_rule rule = { due_rows[i].duration, due_rows[i].business,
			due_rows[i].end_of_day, holidays, workdays };
		char text[TIME_TEXT];
		time_rfc3339(clock_due(&rule, z, at(due_rows[i].t0)), text);
		CHECK(at(text) == at(due_rows[i].due), "row %zu: %s", i, text);
		time_zone_free(z);
	}
	json_decref(workdays);
	json_decref(holidays);
}

/* ---- clocks ---- */

/* regime, whose, where; the incident; the clock, when it is due (NULL: it does not run) */
static const struct {
	const char *regime, *operator_kind, *zone;
	const char *effect;
	int cii;
	const char *confirmed, *resolved; /* NULL: not yet */
	const char *clock, *status, *due;
} clock_rows[] = {
	{ "CN-CAC-2025", "cii_operator", "Asia/Shanghai", "restarted", 1, NULL, NULL,
		"CN-CAC-2025/cii-operator", "warning", "2026-11-20T03:14:07Z" },
	{ "CN-CAC-2025", "central_organ", "Asia/Shanghai", "restarted", 0, NULL, NULL,
		"CN-CAC-2025/central-organ", "running", "2026-11-20T04:14:07Z" },
	{ "CN-CAC-2025", "other_operator", "Asia/Shanghai", "restarted", 0, NULL, NULL,
		"CN-CAC-2025/other-operator", "running", "2026-11-20T06:14:07Z" },
	{ "CN-CAC-2025", "cii_operator", "Asia/Shanghai", "restarted", 0, NULL, NULL,
		"CN-CAC-2025/other-operator", "running", "2026-11-20T06:14:07Z" },
	{ "CN-CAC-2025", "other_operator", "Asia/Shanghai", "probed", 0, NULL, NULL,
		"CN-CAC-2025/other-operator", "not_started", NULL },
	{ "CN-CAC-2025", "other_operator", "Asia/Shanghai", "restarted", 0, NULL, NULL,
		"CN-CAC-2025/summary", "not_started", NULL },
	{ "CN-CAC-2025", "other_operator", "Asia/Shanghai", "restarted", 0, NULL,
		"2028-02-01T04:00:00Z", "CN-CAC-2025/summary", "running", "2028-03-02T04:00:00Z" },
	{ "EU-NIS2", "other_operator", "Europe/Berlin", "restarted", 0, NULL, NULL,
		"EU-NIS2/early-warning", "running", "2026-11-21T02:14:07Z" },
	{ "EU-NIS2", "other_operator", "Europe/Berlin", "restarted", 0, NULL, NULL,
		"EU-NIS2/notification", "running", "2026-11-23T02:14:07Z" },
	{ "EU-NIS2", "other_operator", "Europe/Berlin", "restarted", 0, NULL, NULL,
		"EU-NIS2/final", "not_started", NULL },
	{ "US-CIP-008-6", "other_operator", "America/New_York", "restarted", 0, NULL, NULL,
		"US-CIP-008-6/initial", "not_started", NULL },
	{ "US-CIP-008-6", "other_operator", "America/New_York", "restarted", 0,
		"2026-11-20T02:15:00Z", NULL, "US-CIP-008-6/initial", "warning",
		"2026-11-20T03:15:00Z" },
	{ "US-CIP-008-6", "other_operator", "America/New_York", "restarted", 0,
		"2026-11-20T02:15:00Z", NULL, "US-CIP-008-6/attempt", "not_started", NULL },
	{ "US-CIP-008-6", "other_operator", "America/New_York", "refused", 0,
		"2026-11-20T02:15:00Z", NULL, "US-CIP-008-6/attempt", "running",
		"2026-11-21T05:00:00Z" }, /* the 19th there, so the end of the 20th */
	{ "US-CIP-008-6", "other_operator", "America/New_York", "refused", 0,
		"2026-11-20T02:15:00Z", NULL, "US-CIP-008-6/initial", "not_started", NULL },
	{ "GROUP", "other_operator", "Asia/Shanghai", "restarted", 0, NULL, NULL,
		"GROUP/first", "missed", "2026-11-20T02:44:07Z" },
	{ "GROUP", "other_operator", "Asia/Shanghai", "probed", 0, NULL, "2026-09-30T04:00:00Z",
		"GROUP/lessons", "missed", "2026-10-14T16:00:00Z" },
};

static void test_clocks(void)
{
	for (size_t i = 0; i < sizeof(clock_rows) / sizeof(*clock_rows); i++) {
		char regimes[64];
		snprintf(regimes, sizeof(regimes), "[\"%s\"]", clock_rows[i].regime);
		struct registers *r = plant(clock_rows[i].zone, regimes,
			clock_rows[i].operator_kind);
		json_t *doc = incident(clock_rows[i].effect, "important", 0, clock_rows[i].cii);
		if (clock_rows[i].confirmed)
			set_time(doc, "confirmed", clock_rows[i].confirmed);
		if (clock_rows[i].resolved)
			set_time(doc, "resolved", clock_rows[i].resolved);
		incident_evaluate(doc, r, at("2026-11-20T02:55:00Z"));
		const json_t *c = find(json_object_get(doc, "clocks"), "clock", clock_rows[i].clock);
		const char *due = json_string_value(json_object_get(c, "due"));
		const char *status = json_string_value(json_object_get(c, "status"));
		CHECK(strcmp(or_none(status), clock_rows[i].status) == 0, "row %zu: %s, %s", i,
			or_none(status), or_none(json_string_value(json_object_get(c, "why"))));
		CHECK(due ? clock_rows[i].due && at(due) == at(clock_rows[i].due) :
			!clock_rows[i].due, "row %zu: %s", i, or_none(due));
		json_decref(doc);
		registers_free(r);
	}
}

/* A clock that is somebody else's is left out; one that might be ours is not. */
static void test_whose_clock(void)
{
	static const struct {
		const char *operator_kind;
		int cii;
		const char *clock;
		int applies; /* 1, -1: null, -2: no row */
	} rows[] = {
		{ "other_operator", 0, "/cii-operator", -2 },
		{ "other_operator", 0, "/central-organ", -2 },
		{ "other_operator", 0, "/other-operator", 1 },
		{ "other_operator", -1, "/cii-operator", -2 },
		{ "other_operator", 1, "/cii-operator", 1 }, /* the asset says more than the office */
		{ "other_operator", 1, "/other-operator", -2 },
		{ "cii_operator", -1, "/cii-operator", -1 },
		{ "cii_operator", -1, "/other-operator", -1 },
		{ "cii_operator", 1, "/other-operator", -2 },
		{ NULL, 0, "/cii-operator", -2 },
		{ NULL, 0, "/other-operator", -1 },
		{ NULL, 0, "/central-organ", -1 },
		{ NULL, -1, "/cii-operator", -1 },
		{ NULL, 1, "/cii-operator", 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct registers *r = plant("UTC", "[\"CN-CAC-2025\"]", rows[i].operator_kind);
		json_t *doc = incident("restarted", "important", 0, rows[i].cii);
		incident_evaluate(doc, r, at("2026-11-20T02:30:00Z"));
		const json_t *c = find(json_object_get(doc, "clocks"), "clock", rows[i].clock);
		int applies = c ? tristate(json_object_get(c, "applies")) : -2;
		CHECK(applies == rows[i].applies, "row %zu: %d", i, applies);
		json_decref(doc);
		registers_free(r);
	}
}

static json_t *report(const char *uid, const char *profile, const char *kind, const char *sent)
{
	return json_pack("{s:s, s:s, s:s, s:s?}", "uid", uid, "profile", profile, "kind", kind,
		"submitted", sent);
}

#define OTHER "CN-CAC-2025/other-operator"

static const struct {
	const char *what, *now, *origin, *state;
	const char *profile, *kind, *sent; /* a report; NULL: none */
	const char *status, *satisfied_by;
} status_rows[] = {
	{ "runs", "2026-11-20T02:30:00Z", "live", "detected", NULL, NULL, NULL, "running", NULL },
	{ "an hour before", "2026-11-20T05:14:06Z", "live", "detected", NULL, NULL, NULL, "running",
		NULL },
	{ "warns", "2026-11-20T05:14:07Z", "live", "detected", NULL, NULL, NULL, "warning", NULL },
	{ "the last moment", "2026-11-20T06:14:07Z", "live", "detected", NULL, NULL, NULL, "warning",
		NULL },
	{ "missed", "2026-11-20T06:14:08Z", "live", "detected", NULL, NULL, NULL, "missed", NULL },
	{ "missed is missed", "2027-11-20T06:14:08Z", "live", "closed", NULL, NULL, NULL, "missed",
		NULL },
	{ "met", "2026-11-20T07:00:00Z", "live", "reported_first", OTHER, "first",
		"2026-11-20T06:14:07Z", "met", "u-1" },
	{ "came late", "2026-11-20T07:00:00Z", "live", "reported_first", OTHER, "first",
		"2026-11-20T06:14:08Z", "missed", "u-1" },
	{ "only drafted", "2026-11-20T07:00:00Z", "live", "confirmed", OTHER, "first", NULL,
		"missed", NULL },
	{ "another kind", "2026-11-20T07:00:00Z", "live", "confirmed", OTHER, "progress",
		"2026-11-20T03:00:00Z", "missed", NULL },
	{ "another's", "2026-11-20T07:00:00Z", "live", "confirmed", "EU-NIS2", "first",
		"2026-11-20T03:00:00Z", "missed", NULL },
	{ "dismissed", "2026-11-20T07:00:00Z", "live", "dismissed", NULL, NULL, NULL,
		"not_applicable", NULL },
	{ "merged", "2026-11-20T07:00:00Z", "live", "merged", NULL, NULL, NULL, "not_applicable",
		NULL },
	{ "replay", "2026-11-20T07:00:00Z", "replay", "detected", NULL, NULL, NULL, "simulated",
		NULL },
	{ "exercise", "2026-11-20T02:30:00Z", "exercise", "detected", NULL, NULL, NULL,
		"simulated", NULL },
};

static void test_statuses(void)
{
	struct registers *r = plant("Asia/Shanghai", "[\"CN-CAC-2025\"]", "other_operator");

	for (size_t i = 0; i < sizeof(status_rows) / sizeof(*status_rows); i++) {
		json_t *doc = incident("restarted", "important", 0, 0);
		json_t *reports = json_object_get(doc, "reports");
		json_object_set_new(doc, "origin", json_string(status_rows[i].origin));
		json_object_set_new(doc, "state", json_string(status_rows[i].state));
		json_array_append_new(reports, json_string("a plain uid says nothing"));
		if (status_rows[i].profile)
			json_array_append_new(reports, report("u-1", status_rows[i].profile,
				status_rows[i].kind, status_rows[i].sent));
		incident_evaluate(doc, r, at(status_rows[i].now));
		const json_t *c = find(json_object_get(doc, "clocks"), "clock", OTHER);
		const char *status = json_string_value(json_object_get(c, "status"));
		const char *by = json_string_value(json_object_get(c, "satisfied_by"));
		CHECK(strcmp(or_none(status), status_rows[i].status) == 0, "%s: %s",
			status_rows[i].what, or_none(status));
		CHECK(strcmp(or_none(by), or_none(status_rows[i].satisfied_by)) == 0, "%s: %s",
			status_rows[i].what, or_none(by));
		json_decref(doc);
	}
	registers_free(r);
}

static void test_chained_clock(void)
{
	struct registers *r = plant("Europe/Berlin", "[\"EU-NIS2\"]", NULL);
	json_t *doc = incident("restarted", "important", 0, 0);
	json_t *reports = json_object_get(doc, "reports");

	json_array_append_new(reports, report("u-2", "EU-NIS2", "progress", "2027-01-31T12:00:00Z"));
	json_array_append_new(reports, report("u-1", "EU-NIS2", "progress", "2026-11-22T12:00:00Z"));
	incident_evaluate(doc, r, at("2026-12-20T12:00:00Z"));
	const json_t *clocks = json_object_get(doc, "clocks");
	const json_t *notification = find(clocks, "clock", "/notification");
	CHECK(is_text(json_object_get(notification, "satisfied_by"), "u-1"),
		"the earliest counts");
	const json_t *last = find(clocks, "clock", "/final");
	CHECK(is_text(json_object_get(last, "due"), "2026-12-22T12:00:00.000000Z"),
		"a month after: %s", json_string_value(json_object_get(last, "due")));
	CHECK(is_text(json_object_get(last, "status"), "warning"), "near");
	CHECK(is_text(json_object_get(last, "t0_rule"), "submitted(EU-NIS2:progress)"), "why");
	json_decref(doc);
	registers_free(r);
}

static void test_earliest(void)
{
	struct registers *r = plant("UTC", "[\"CN-CAC-2025\"]", "other_operator");
	json_t *doc = incident("restarted", "important", 0, 0);

	set_time(doc, "confirmed", "2026-11-20T02:31:40Z");
	incident_evaluate(doc, r, at("2026-11-20T02:40:00Z"));
	const json_t *c = find(json_object_get(doc, "clocks"), "clock", OTHER);
	const char *alt = json_string_value(get(c, "alt", "due"));
	CHECK(is_text(json_object_get(c, "due"), "2026-11-20T06:14:07.000000Z"),
		"the stricter reading runs");
	CHECK(alt && at(alt) == at("2026-11-20T06:31:40Z"), "the other is shown: %s", or_none(alt));
	json_object_set_new(json_object_get(doc, "grade"), "confirmed",
		json_pack("{s:i}", "level", 4));
	incident_evaluate(doc, r, at("2026-11-20T02:41:00Z"));
	c = find(json_object_get(doc, "clocks"), "clock", OTHER);
	CHECK(is_text(json_object_get(c, "status"), "not_applicable"),
		"a person said 4");
	json_decref(doc);
	registers_free(r);
}

/* ---- safety, score ---- */

static void test_safety(void)
{
	static const struct {
		const char *effect;
		int safety, suspected;
	} rows[] = {
		{ "probed", 0, 0 }, { "probed", 1, 0 }, { "exposed", 1, 0 },
		{ "refused", 0, 0 }, { "refused", 1, 1 }, { "refused", -1, -1 },
		{ "unanswered", 0, 0 }, { "unanswered", 1, 1 }, { "unanswered", -1, -1 },
		{ "setpoint_changed", 0, 1 }, { "setpoint_changed", -1, 1 },
		{ "program_changed", 0, 1 }, { "restarted", 0, 1 }, { "program_read", 0, 0 },
		{ "a word of somebody else", 1, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *doc = incident(rows[i].effect, "general", rows[i].safety, 0);
		incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
		CHECK(tristate(get(doc, "safety_accident", "suspected")) == rows[i].suspected,
			"%s on %d", rows[i].effect, rows[i].safety);
		CHECK((json_array_size(get(doc, "safety_accident", "why")) > 0) ==
			(rows[i].suspected != 0), "%s on %d: why", rows[i].effect, rows[i].safety);
		CHECK(json_is_null(get(doc, "safety_accident", "regime")), "a person's to say");
		json_decref(doc);
	}
}

static json_int_t score_of(const json_t *doc, const char *factor)
{
	return json_integer_value(json_object_get(find(get(doc, "score", "contributions"), "factor",
		factor), "points"));
}

static void test_score(void)
{
	json_t *doc = incident("setpoint_changed", "important", 0, 0);

	json_object_set_new(doc, "progress", json_pack("{s:[s,s]}", "stages", "discovery",
		"Impair Process Control"));
	json_object_set_new(json_array_get(json_object_get(doc, "affected"), 0), "loss_of_view_s",
		json_integer(680));
	incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
	CHECK(score_of(doc, "alert_severity") == 30 && score_of(doc, "asset_criticality") == 20 &&
		score_of(doc, "outcome") == 20 && score_of(doc, "stage") == 15 &&
		score_of(doc, "breadth") == 2 && score_of(doc, "loss_of_view") == 5, "each factor");
	CHECK(json_integer_value(get(doc, "score", "value")) == 92, "their sum");
	for (int i = 0; i < 5; i++)
		json_array_append_new(json_object_get(doc, "affected"), json_pack("{s:s, s:s, s:[s]}",
			"criticality", "especially_important", "zone", "Z2", "outcome", "restarted"));
	incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
	CHECK(json_integer_value(get(doc, "score", "value")) == 100, "never above 100");
	json_decref(doc);

	json_t *empty = json_object();
	incident_evaluate(empty, plain, at("2026-11-20T02:30:00Z"));
	CHECK(json_integer_value(get(empty, "score", "value")) == 0 &&
		json_array_size(get(empty, "score", "contributions")) == 0, "nothing is known");
	json_decref(empty);
}

/* Announced work lowers the score of what lies wholly inside it; grade and clocks stay. */
static void test_expected(void)
{
	static const struct {
		const char *asset, *first, *last;
		int points;
	} rows[] = {
		{ "SIS-032", "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z", -30 },
		{ "SIS-032", "2026-11-22T01:00:00Z", "2026-11-22T04:00:00Z", 0 },
		{ "SIS-032", "2026-11-21T23:00:00Z", "2026-11-22T02:00:00Z", 0 },
		{ "PLC-021", "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z", 0 },
	};
	struct registers *r = registers_load(PLANT, SHARED);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *doc = incident("program_changed", "especially_important", 1, 0);
		json_object_set_new(json_array_get(json_object_get(doc, "affected"), 0), "asset",
			json_string(rows[i].asset));
		set_time(doc, "first_activity", rows[i].first);
		set_time(doc, "last_activity", rows[i].last);
		incident_evaluate(doc, r, at(rows[i].last));
		CHECK(score_of(doc, "expected") == rows[i].points, "row %zu: %lld", i,
			(long long)score_of(doc, "expected"));
		CHECK(proposed(doc) == 2, "row %zu: nothing is hidden", i);
		json_decref(doc);
	}
	registers_free(r);
}

/* ---- the whole ---- */

static void test_idempotent(void)
{
	struct registers *r = registers_load(PLANT, SHARED);
	json_t *doc = incident("setpoint_changed", "important", 0, 0);

	json_object_set_new(doc, "site", json_pack("{s:s}", "id", "plant-01"));
	incident_evaluate(doc, r, at("2026-11-20T02:30:00Z"));
	json_t *once = json_deep_copy(doc);
	incident_evaluate(doc, r, at("2026-11-20T02:30:00Z"));
	CHECK(json_equal(once, doc), "twice is once");
	incident_evaluate(doc, r, at("2026-11-20T02:31:00Z"));
	CHECK(json_equal(json_object_get(once, "grade"), json_object_get(doc, "grade")),
		"a grade that stays is not computed anew");
	json_decref(once);
	json_decref(doc);
	registers_free(r);
}

/* Documents come from stores and other tiers too: any value may be of any type. */
static void test_wrong_types(void)
{
	static const char *const wrong[] = { "null", "[]", "{}", "7", "\"x\"", "[[1],{},\"y\",null]",
		"{\"level\":99,\"outcome\":{},\"asset\":[]}" };
	static const char *const keys[] = { "affected", "times", "grade", "classification",
		"safety_accident", "clocks", "reports", "human_input", "progress", "alerts", "state",
		"origin", "site", "score" };
	unsigned evaluated = 0;

	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		for (size_t w = 0; w < sizeof(wrong) / sizeof(*wrong); w++) {
			json_t *doc = incident("restarted", "important", 0, 0);
			json_object_set_new(doc, keys[k], json_loads(wrong[w], JSON_DECODE_ANY, NULL));
			incident_evaluate(doc, plain, at("2026-11-20T02:30:00Z"));
			int level = proposed(doc);
			evaluated += level >= 1 && level <= 4 &&
				json_is_array(json_object_get(doc, "clocks"));
			json_decref(doc);
		}
	CHECK(evaluated == sizeof(keys) / sizeof(*keys) * (sizeof(wrong) / sizeof(*wrong)),
		"%u documents have a grade", evaluated);
}

int main(void)
{
	struct registers *r = registers_load(NULL, SHARED);

	CHECK(r, "what ships loads");
	if (!r)
		return test_end();
	plain = r;
	test_effects();
	test_category();
	test_grades();
	test_grade_never_falls();
	test_thresholds();
	test_dues();
	test_clocks();
	test_whose_clock();
	test_statuses();
	test_chained_clock();
	test_earliest();
	test_safety();
	test_score();
	test_expected();
	test_idempotent();
	test_wrong_types();
	registers_free(r);
	return test_end();
}
