/* The life of an incident: every action in every state, and what each refuses. */
#include <stdlib.h>
#include <string.h>

#include "incident/life.h"
#include "incident/time.h"
#include "test.h"

#define NOW UINT64_C(1795000000000000000) /* 2026-11-18 */

static char error[512];

static json_t *document(const char *state)
{
	json_t *doc = json_pack("{s:s, s:s, s:{s:s}, s:{}}", "id", "INC-1", "state",
		state, "times", "detected", "2026-11-18T08:00:00.000000Z", "correlation");
	life_begin(doc);
	return doc;
}

static bool apply(json_t *doc, const char *action, const char *args, const char *person)
{
	json_t *given = json_loads(args, 0, NULL);
	error[0] = '\0';
	bool ok = given &&
		life_apply(doc, action, given, person, NOW, error, sizeof(error));
	json_decref(given);
	return ok;
}

/* ---- every action in every state ---- */

/* One letter a state, in their order; the letter in a row is the state afterwards, a dot
 * that it is refused. */
static const char letters[] = "dtcrfRFxsm";

static const struct {
	const char *action, *args, *after;
} matrix[] = {
	{ "ack", "{}", "t........." },
	{ "assign", "{\"owner\":\"li\"}", "dtcrfRF..." },
	{ "note", "{\"text\":\"x\"}", "dtcrfRFxs." },
	{ "confirm", "{\"level\":3,\"reason\":\"x\"}", "cccrf....." },
	{ "dismiss", "{\"reason\":\"exercise\"}", "sss......." },
	{ "reopen", "{\"reason\":\"x\"}", ".......tt." },
	{ "merge", "{\"into\":\"INC-2\",\"reason\":\"x\"}", "mmm......." },
	{ "action", "{\"kind\":\"recovery\",\"text\":\"x\"}", "dtcrfRF..." },
	{ "contain", "{\"text\":\"x\"}", "dtcrf....." },
	{ "resolve", "{\"text\":\"x\"}", "..RRR....." },
	{ "close", "{\"reason\":\"x\"}", ".....xx..." },
	{ "set", "{\"key\":\"ransom\",\"value\":\"none\"}", "dtcrfRF..." },
	{ "evidence",
		"{\"type\":\"pcap\",\"ref\":\"a\",\"bytes\":1,\"sha256\":"
		"\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}",
		"dtcrfRF..." },
	{ "rectify", "{\"item\":\"x\",\"responsible\":\"li\",\"due\":\"2026-12-31\"}",
		".....RFx.." },
	{ "rectified", "{\"number\":1}", ".....RFx.." },
	{ "lessons", "{\"text\":\"x\"}", ".....RFx.." },
	{ "report", "{\"uid\":\"new\",\"kind\":\"first\",\"profile\":\"P\"}",
		"dtcrfRF..." },
	{ "approve", "{\"report\":\"draft\"}", "..crfRF..." },
	{ "forward",
		"{\"report\":\"first\",\"to\":\"prov-33\",\"envelope\":\"e\"}",
		"..crfRF..." },
	{ "submit", "{\"report\":\"first\",\"channel\":\"phone\"}", "..rrfRF..." },
	{ "submit", "{\"report\":\"progress\",\"channel\":\"phone\"}", "..cffRF..." },
	{ "submit", "{\"report\":\"final\",\"channel\":\"phone\"}", ".....FF..." },
};

static void add_report(json_t *doc, const char *uid, bool approved)
{
	json_t *report = json_pack("{s:s, s:s, s:s, s:s, s:n}", "uid", uid, "kind",
		approved ? uid : "first", "profile", "P", "prepared_by", "wang",
		"submitted");
	if (approved)
		json_object_set_new(
			report, "approved", json_string("2026-11-18T09:00:00Z"));
	json_array_append_new(json_object_get(doc, "reports"), report);
}

/* With what the actions need to be about. */
static json_t *furnished(const char *state)
{
	json_t *doc = document(state);
	add_report(doc, "draft", false);
	add_report(doc, "first", true);
	add_report(doc, "progress", true);
	add_report(doc, "final", true);
	json_object_set_new(doc, "rectification",
		json_pack("[{s:s, s:n}]", "item", "x", "done"));
	return doc;
}

static void test_cell(unsigned row, enum life_state state)
{
	char want = matrix[row].after[state];
	json_t *doc = furnished(life_state_name(state)), *before = json_deep_copy(doc);
	bool ok = apply(doc, matrix[row].action, matrix[row].args, "chen");
	char got = ok ? letters[life_state_of(doc)] : '.';
	CHECK(got == want, "%s in %s: %c, not %c (%s)", matrix[row].action,
		life_state_name(state), got, want, error);
	CHECK(ok || json_equal(doc, before), "%s in %s: refused, but changed",
		matrix[row].action, life_state_name(state));
	CHECK(ok || strstr(error, "possible now: ") || strstr(error, "final"),
		"%s in %s: %s", matrix[row].action, life_state_name(state), error);
	json_decref(doc);
	json_decref(before);
}

static void test_matrix(void)
{
	unsigned rows = sizeof(matrix) / sizeof(*matrix);
	for (const struct life_action *a = life_actions; a->name; a++) {
		bool found = false;
		for (unsigned i = 0; i < rows; i++)
			found = found || strcmp(matrix[i].action, a->name) == 0;
		CHECK(found, "%s is not tested", a->name);
	}
	for (unsigned i = 0; i < rows; i++)
		for (enum life_state s = 0; s < LIFE_STATE_COUNT; s++)
			test_cell(i, s);
}

/* ---- arguments ---- */

static const struct {
	const char *action, *args, *error;
} refused[] = {
	{ "dance", "{}", "there is no action dance" },
	{ "ack", "{\"text\":\"x\"}", "ack has no argument text" },
	{ "confirm", "{\"reason\":\"x\"}",
		"level is missing: 1 especially major … 4 general" },
	{ "confirm", "{\"level\":null,\"reason\":\"x\"}",
		"level is missing: 1 especially major … 4 general" },
	{ "confirm", "{\"level\":5,\"reason\":\"x\"}", "level is a number from 1 to 4" },
	{ "confirm", "{\"level\":\"3x\",\"reason\":\"x\"}",
		"level is a number from 1 to 4" },
	{ "confirm", "{\"level\":\"\",\"reason\":\"x\"}",
		"level is a number from 1 to 4" },
	{ "confirm", "{\"level\":\" 3\",\"reason\":\"x\"}",
		"level is a number from 1 to 4" },
	{ "confirm", "{\"level\":[3],\"reason\":\"x\"}",
		"level is no text, or too long" },
	{ "confirm", "{\"level\":3,\"reason\":\" \\n\"}", "reason is empty" },
	{ "dismiss", "{\"reason\":\"boring\"}",
		"reason is one of: false_positive, "
		"authorised_change, exercise, duplicate" },
	{ "assign", "{}", "name an owner, a backup, a group or whom to tell" },
	{ "assign", "{\"owner\":\"a\\nb\"}", "owner is more than one line" },
	{ "contain", "{\"text\":\"x\",\"at\":\"yesterday\"}",
		"at is a time like 2026-11-20T10:14:07+08:00" },
	{ "contain", "{\"text\":\"x\",\"at\":\"2027-01-01T00:00:00Z\"}",
		"at lies in the future" },
	{ "set", "{\"key\":\"weather\",\"value\":\"1\"}",
		"there is no key weather; `ironspan incident set --help` lists them" },
	{ "set", "{\"key\":\"pii_records\",\"value\":\"-1\"}",
		"human_input.pii_records is a whole number or null" },
	{ "set", "{\"key\":\"cii_operator\",\"value\":\"maybe\"}",
		"human_input.cii_operator is true, false or null" },
	{ "evidence", "{\"type\":\"pcap\",\"ref\":\"a\",\"bytes\":1,\"sha256\":\"AB\"}",
		"sha256 is 64 hexadecimal digits, lower case" },
	{ "approve", "{\"report\":\"no\"}", "the incident has no report no" },
	{ "submit", "{\"report\":\"draft\",\"channel\":\"x\"}",
		"nobody has approved this report" },
	{ "report", "{\"uid\":\"first\",\"kind\":\"first\",\"profile\":\"P\"}",
		"report first is approved: draft another" },
};

static void test_refused(void)
{
	for (unsigned i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		json_t *doc = furnished(
			strcmp(refused[i].action, "ack") == 0 ? "detected" : "confirmed");
		CHECK(!apply(doc, refused[i].action, refused[i].args, "chen"), "%s %s",
			refused[i].action, refused[i].args);
		CHECK(strcmp(error, refused[i].error) == 0, "%s", error);
		json_decref(doc);
	}
}

static void test_bounds(void)
{
	json_t *doc = document("detected"), *args = json_object();
	char *much = malloc(LIFE_TEXT_MAX + 2);
	memset(much, 'x', LIFE_TEXT_MAX + 1);
	much[LIFE_TEXT_MAX + 1] = '\0';
	json_object_set_new(args, "text", json_string(much));
	CHECK(!life_apply(doc, "note", args, "li", NOW, error, sizeof(error)),
		"too long");
	json_object_set_new(args, "text", json_string(much + 1));
	for (unsigned i = 0; i < LIFE_LIST_MAX; i++)
		if (!life_apply(doc, "note", args, "li", NOW, error, sizeof(error))) {
			CHECK(false, "note %u: %s", i, error);
			break;
		}
	CHECK(!life_apply(doc, "note", args, "li", NOW, error, sizeof(error)) &&
		strstr(error, "full"), "one too many");
	CHECK(json_array_size(json_object_get(doc, "notes")) == LIFE_LIST_MAX, "notes");
	free(much);
	json_decref(args);
	json_decref(doc);
}

/* ---- what is in the document afterwards ---- */

static const char *text_at(const json_t *doc, const char *object, const char *name)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(doc, object), name));
	return text ? text : "";
}

static long long number_at(const json_t *doc, const char *object, const char *name)
{
	const json_t *value = json_object_get(json_object_get(doc, object), name);
	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void test_begin(void)
{
	json_t *doc = json_object();
	life_begin(doc);
	CHECK(life_state_of(doc) == LIFE_DETECTED, "state");
	CHECK(json_is_null(
		      json_object_get(json_object_get(doc, "human_input"), "ransom")),
		"unknown is null");
	CHECK(json_is_null(json_object_get(json_object_get(doc, "grade"), "confirmed")),
		"grade");
	json_object_set_new(
		json_object_get(doc, "human_input"), "ransom", json_string("none"));
	life_begin(doc);
	CHECK(strcmp(text_at(doc, "human_input", "ransom"), "none") == 0,
		"what is there stays");
	json_decref(doc);
}

static void test_two_persons(void)
{
	json_t *doc = document("confirmed");
	CHECK(apply(doc, "report", "{\"uid\":\"r\",\"kind\":\"first\",\"profile\":\"P\"}",
		      "li"),
		"%s", error);
	CHECK(!apply(doc, "approve", "{\"report\":\"r\"}", "li"), "by the same person");
	CHECK(strcmp(error, "li drafted this report; another person must approve it") ==
			0,
		"%s", error);
	CHECK(apply(doc, "approve", "{\"report\":\"r\"}", "chen"), "%s", error);
	CHECK(!apply(doc, "approve", "{\"report\":\"r\"}", "wang"), "twice");
	json_t *report = json_array_get(json_object_get(doc, "reports"), 0);
	json_object_set_new(report, "approved", json_string("2026-11-18T02:00:00.000000Z"));
	CHECK(!apply(doc, "submit",
		      "{\"report\":\"r\",\"channel\":\"12387\","
		      "\"at\":\"2026-11-18T09:59:59+08:00\"}",
		      "li"),
		"before anybody approved it");
	CHECK(strcmp(error, "at is 2026-11-18T01:59:59.000000Z, but the report was approved at "
		"2026-11-18T02:00:00.000000Z") == 0, "%s", error);
	CHECK(apply(doc, "submit",
		      "{\"report\":\"r\",\"channel\":\"12387\",\"receipt\":\"7\","
		      "\"at\":\"2026-11-18T10:00:00+08:00\"}",
		      "li"),
		"%s", error);
	report = json_array_get(json_object_get(doc, "reports"), 0);
	CHECK(strcmp(json_string_value(json_object_get(report, "submitted")),
		"2026-11-18T02:00:00.000000Z") == 0, "when it really was");
	CHECK(!apply(doc, "submit", "{\"report\":\"r\",\"channel\":\"x\"}", "li"),
		"twice");
	CHECK(apply(doc, "resolve", "{\"text\":\"x\"}", "li"), "%s", error);
	CHECK(!apply(doc, "close", "{\"reason\":\"x\"}", "li"), "without a final report");
	CHECK(strstr(error, "the final one is not"), "%s", error);
	json_decref(doc);
}

/* ---- when it really was ---- */

/* Began at 07:55, detected at 08:00, acknowledged at 08:05. */
static const struct {
	const char *state, *action, *args, *error; /* NULL: it is done */
} moments[] = {
	{ "detected", "ack", "{\"at\":\"2026-11-18T07:54:59Z\"}", "the incident began" },
	{ "detected", "ack", "{\"at\":\"2026-11-18T07:55:00Z\"}", NULL },
	{ "triaged", "confirm", "{\"level\":3,\"reason\":\"x\",\"at\":\"2026-11-18T08:04:59Z\"}",
		"it was acknowledged" },
	{ "triaged", "confirm", "{\"level\":3,\"reason\":\"x\",\"at\":\"2026-11-18T08:05:00Z\"}",
		NULL },
	{ "confirmed", "confirm",
		"{\"level\":3,\"reason\":\"x\",\"at\":\"2026-11-18T08:09:00Z\"}",
		"it was confirmed" },
	{ "triaged", "contain", "{\"text\":\"x\",\"at\":\"2020-01-01T00:00:00Z\"}",
		"the incident began" },
	{ "triaged", "contain", "{\"text\":\"x\",\"at\":\"2026-11-18T07:59:00Z\"}", NULL },
	{ "confirmed", "resolve", "{\"text\":\"x\",\"at\":\"2026-11-18T08:09:00Z\"}",
		"it was confirmed" },
	{ "confirmed", "resolve", "{\"text\":\"x\",\"at\":\"2026-11-18T08:12:00Z\"}",
		"it was contained" },
	{ "confirmed", "resolve", "{\"text\":\"x\",\"at\":\"2026-11-18T08:15:00Z\"}", NULL },
	{ "confirmed", "resolve", "{\"text\":\"x\"}", NULL },
};

static json_t *at_times(const char *state)
{
	json_t *doc = document(state), *times = json_object_get(doc, "times");
	json_object_set_new(times, "first_activity", json_string("2026-11-18T07:55:00.000000Z"));
	if (strcmp(state, "detected") != 0)
		json_object_set_new(
			times, "acknowledged", json_string("2026-11-18T08:05:00.000000Z"));
	if (strcmp(state, "confirmed") == 0) {
		json_object_set_new(
			times, "confirmed", json_string("2026-11-18T08:10:00.000000Z"));
		json_object_set_new(
			times, "contained", json_string("2026-11-18T08:15:00.000000Z"));
	}
	return doc;
}

static void test_moments(void)
{
	for (unsigned i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		json_t *doc = at_times(moments[i].state);
		bool ok = apply(doc, moments[i].action, moments[i].args, "li");
		CHECK(ok == !moments[i].error && (ok || strstr(error, moments[i].error)),
			"%s %s: %s", moments[i].action, moments[i].args, error);
		json_decref(doc);
	}
}

/* What was done before the sensor saw it took no time that could be told. */
static void test_before_detection(void)
{
	json_t *doc = at_times("confirmed");
	CHECK(apply(doc, "contain", "{\"text\":\"x\",\"at\":\"2026-11-18T07:59:00Z\"}", "li"),
		"%s", error);
	CHECK(apply(doc, "resolve", "{\"text\":\"x\"}", "li"), "%s", error);
	CHECK(json_is_null(json_object_get(
		      json_object_get(doc, "accountability"), "contain_s")),
		"no duration");
	CHECK(number_at(doc, "accountability", "ack_s") == 300, "ack_s");
	CHECK(apply(doc, "close", "{\"reason\":\"x\"}", "li"), "%s", error);
	CHECK(apply(doc, "reopen", "{\"reason\":\"x\"}", "li"), "%s", error);
	CHECK(strcmp(text_at(doc, "times", "resolved"), "") == 0 &&
		strcmp(text_at(doc, "times", "closed"), "") == 0, "it is open again");
	json_decref(doc);
}

/* From the first look to the files. */
static void test_whole_life(void)
{
	json_t *doc = document("detected");
	CHECK(apply(doc, "ack", "{\"at\":\"2026-11-18T08:05:00Z\"}", "li"), "%s", error);
	CHECK(strcmp(text_at(doc, "assignment", "owner"), "li") == 0, "it is li's");
	CHECK(apply(doc, "assign", "{\"owner\":\"wang\",\"escalate\":\"chen\"}", "li"),
		"%s", error);
	CHECK(apply(doc, "assign", "{\"escalate\":\"chen\"}", "li"), "%s", error);
	CHECK(json_array_size(json_object_get(json_object_get(doc, "assignment"),
		"escalated_to")) == 1, "told once");
	CHECK(apply(doc, "confirm", "{\"level\":\"2\",\"reason\":\"batch lost\"}",
		      "wang"),
		"%s", error);
	CHECK(apply(doc, "confirm", "{\"level\":3,\"reason\":\"less\"}", "wang"), "%s",
		error);
	CHECK(number_at(json_object_get(doc, "grade"), "confirmed", "level") == 3,
		"level");
	CHECK(apply(doc, "contain",
		      "{\"text\":\"port off\",\"at\":\"2026-11-18T08:36:00Z\"}", "wang"),
		"%s", error);
	CHECK(apply(doc, "set", "{\"key\":\"human_input.cii_operator\",\"value\":\"no\"}",
		      "wang"),
		"%s", error);
	CHECK(json_is_false(json_object_get(json_object_get(doc, "human_input"),
		"cii_operator")), "no is false");
	CHECK(apply(doc, "set", "{\"key\":\"pii_records\",\"value\":0}", "wang") &&
		number_at(doc, "human_input", "pii_records") == 0, "%s", error);
	CHECK(apply(doc, "set", "{\"key\":\"pii_records\",\"value\":\"null\"}", "wang") &&
		number_at(doc, "human_input", "pii_records") == -1, "unknown again");
	CHECK(apply(doc, "set",
		      "{\"key\":\"classification.gbt20986.category\",\"value\":\"k\"}",
		      "wang"),
		"%s", error);
	CHECK(strcmp(text_at(json_object_get(doc, "classification"), "gbt20986", "by"),
		      "wang") == 0,
		"who chose it");
	CHECK(apply(doc, "resolve", "{\"text\":\"restored\"}", "wang"), "%s", error);
	CHECK(apply(doc, "close", "{\"reason\":\"done\",\"lessons\":\"patch\"}", "wang"),
		"%s", error);
	CHECK(number_at(doc, "accountability", "ack_s") == 300, "ack_s");
	CHECK(number_at(doc, "accountability", "contain_s") == 2160, "contain_s");
	CHECK(number_at(doc, "accountability", "first_report_s") == -1, "there was none");
	CHECK(json_array_size(json_object_get(doc, "actions")) == 2, "measures");
	CHECK(apply(doc, "rectify", "{\"item\":\"ACL\",\"responsible\":\"li\",\"due\":"
		"\"2026-12-31\"}", "wang"), "%s", error);
	CHECK(!apply(doc, "rectified", "{\"number\":2}", "wang"), "there is one");
	CHECK(apply(doc, "rectified", "{\"number\":1}", "wang"), "%s", error);
	CHECK(!apply(doc, "rectified", "{\"number\":1}", "wang"), "done already");
	json_decref(doc);
}

int main(void)
{
	test_begin();
	test_matrix();
	test_refused();
	test_bounds();
	test_two_persons();
	test_moments();
	test_before_detection();
	test_whole_life();
	return test_end();
}
