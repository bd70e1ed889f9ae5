/* Incidents from alert lines: what joins, what does not, what is told and how often, floods,
 * restarts. */
#include <stdlib.h>

#include "base/memory.h"
#include "incident/alert.h"
#include "incident/incident.h"
#include "incident/register.h"
#include "incident/time.h"
#include "test.h"

#define SECOND UINT64_C(1000000000)
#define BEGIN (UINT64_C(1795340000) * SECOND) /* 2026-11-22 09:33:20 */

/* ---- alerts, and what comes of them ---- */

struct row {
	double at_s;
	unsigned sid, severity;
	const char *src, *dst, *verb, *outcome, *value, *user;
};

struct scene {
	struct incidents *incidents;
	json_t *docs;     /* every revision */
	unsigned alerts;
	bool is_marked;   /* as a sensor gives them */
};

static void on_document(void *context, const json_t *doc)
{
	struct scene *s = context;
	json_array_append_new(s->docs, json_deep_copy(doc));
}

static struct incidents_config config_of(struct scene *s, const struct registers *r)
{
	return (struct incidents_config){ .limit = 4096, .gap_s = 3600, .life_s = 86400,
		.registers = r, .site = "plant-01",
		.attack_file = "signatures/attack.json", .emit = on_document, .context = s };
}

static void begin_with(struct scene *s, const struct incidents_config *c)
{
	s->incidents = incidents_new(c);
}

static struct scene begin(void)
{
	return (struct scene){ .docs = json_array() };
}

static void start(struct scene *s, const struct registers *r)
{
	struct incidents_config c = config_of(s, r);
	begin_with(s, &c);
}

static void end(struct scene *s)
{
	incidents_free(s->incidents);
	s->incidents = NULL;
}

static uint64_t time_of(const struct row *r)
{
	return BEGIN + (uint64_t)(int64_t)(r->at_s * (double)SECOND);
}

static unsigned line_of(char *line, size_t size, const struct row *r, unsigned number)
{
	char at[TIME_TEXT];
	char user[256] = "";
	time_rfc3339(time_of(r), at);
	at[26] = '\0';
	if (r->user)
		snprintf(user, sizeof(user), "\"user\":\"%s\",", r->user);
	return (unsigned)snprintf(line, size, "{\"timestamp\":\"%s+0000\",\"flow_id\":%u,"
		"\"event_type\":\"alert\",\"src_ip\":\"%s\",\"dest_ip\":\"%s\",\"proto\":\"TCP\","
		"\"ether\":{\"src_mac\":\"02:00:00:00:00:01\",\"dest_mac\":\"02:00:00:00:00:02\"},"
		"\"app_proto\":\"modbus\",\"direction\":\"to_server\",\"alert\":{\"gid\":1,"
		"\"signature_id\":%u,\"signature\":\"rule %u\",\"category\":\"\",\"severity\":%u},"
		"\"ot\":{\"schema\":\"ironspan.alert/1\",\"uid\":\"%08x-0000-5000-8000-"
		"000000000000\",\"operation\":{\"verb\":\"%s\",\"unit\":1,\"object\":\"coil\","
		"\"point\":{\"addr\":\"7\"},\"value\":\"%s\",\"outcome\":\"%s\"},%s\"attack\":{"
		"\"version\":\"18.1\",\"techniques\":[{\"id\":\"T0806\",\"name\":\"Brute Force I/O\","
		"\"tactic\":\"Impair Process Control\"}]}}}\n", at, number + 1, r->src, r->dst,
		r->sid, r->sid, r->severity, number, r->verb ? r->verb : "write",
		r->value ? r->value : "1", r->outcome ? r->outcome : "rejected",
		user);
}

static struct incident_mark mark_of(const struct row *r, unsigned number)
{
	const char *outcome = r->outcome ? r->outcome : "rejected";
	struct incident_mark m = { .deed = r->value ? 0 : 1 + (r->verb ? (uint8_t)r->verb[2] : 0),
		.flow_id = number + 1, .time_ns = time_of(r), .gid = 1,
		.sid = r->sid, .outcome = (uint8_t)outcome[0] };
	address_parse(&m.src, r->src);
	address_parse(&m.dst, r->dst);
	return m;
}

static void alert(struct scene *s, const struct row *r)
{
	char line[2048];
	unsigned number = s->alerts++;
	struct bytes b = { (uint8_t *)line, line_of(line, sizeof(line), r, number) };
	struct incident_mark m = mark_of(r, number);
	if (s->is_marked)
		incidents_alert_marked(s->incidents, b, &m);
	else
		incidents_alert(s->incidents, b);
}

static void alerts(struct scene *s, const struct row *rows)
{
	for (; rows->src; rows++)
		alert(s, rows);
}

/* ---- looking at documents ---- */

static const json_t *at(const json_t *doc, const char *path)
{
	char key[64];
	while (doc && *path) {
		size_t len = strcspn(path, ".");
		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		doc = json_object_get(doc, key);
		path += len + (path[len] == '.');
	}
	return doc;
}

static const char *text(const json_t *doc, const char *path)
{
	const char *s = json_string_value(at(doc, path));
	return s ? s : "";
}

static uint64_t number(const json_t *doc, const char *path)
{
	return (uint64_t)json_integer_value(at(doc, path));
}

/* The last revision of each, in the order they opened; those that merged left out. */
static json_t *last_of(const struct scene *s)
{
	json_t *by_id = json_object(), *doc, *last = json_array();
	const char *id;
	size_t i;
	json_array_foreach(s->docs, i, doc)
		json_object_set(by_id, text(doc, "id"), doc);
	json_object_foreach(by_id, id, doc)
		if (strcmp(text(doc, "state"), "merged") != 0)
			json_array_append(last, doc);
	json_decref(by_id);
	return last;
}

static json_t *finish(struct scene *s)
{
	end(s);
	return last_of(s);
}

static void clean(struct scene *s, json_t *last)
{
	json_decref(last);
	json_decref(s->docs);
}

static bool has(const json_t *array, const char *s)
{
	const json_t *one;
	size_t i;
	json_array_foreach(array, i, one)
		if (strcmp(json_string_value(one), s) == 0)
			return true;
	return false;
}

static uint64_t sum(const json_t *docs, const char *path)
{
	uint64_t n = 0;
	const json_t *doc;
	size_t i;
	json_array_foreach(docs, i, doc)
		n += number(doc, path);
	return n;
}

/* ---- what joins ---- */

/* How many incidents these alerts make, and of how many alerts the first is. */
static const struct {
	const char *what;
	struct row rows[8];
	unsigned incidents, first;
} joins[] = {
	{ "the same source", { { 0, 1, 1, "10.0.0.9", "10.0.1.1" },
		{ 9, 2, 1, "10.0.0.9", "10.0.1.2" } }, 1, 2 },
	{ "the same target", { { 0, 1, 1, "10.0.0.8", "10.0.1.1" },
		{ 9, 2, 1, "10.0.0.9", "10.0.1.1" } }, 1, 2 },
	{ "what was attacked attacks", { { 0, 1, 1, "10.0.0.9", "10.0.1.1" },
		{ 9, 2, 1, "10.0.1.1", "10.0.1.2" } }, 1, 2 },
	{ "nothing", { { 0, 1, 1, "10.0.0.8", "10.0.1.1" },
		{ 9, 1, 1, "10.0.0.9", "10.0.1.2" } }, 2, 1 },
	{ "a program", { { 0, 1, 1, "10.0.0.8", "10.0.1.1", "program_download", "accepted",
		"sha256:00" }, { 9, 1, 1, "10.0.0.9", "10.0.1.2", "program_download", "accepted",
		"sha256:00" } }, 1, 2 },
	{ "another program", { { 0, 1, 1, "10.0.0.8", "10.0.1.1", "program_download", "accepted",
		"sha256:00" }, { 9, 1, 1, "10.0.0.9", "10.0.1.2", "program_download", "accepted",
		"sha256:01" } }, 2, 1 },
	{ "the gap is not over", { { 0, 1, 1, "10.0.0.9", "10.0.1.1" },
		{ 3600, 1, 1, "10.0.0.9", "10.0.1.1" } }, 1, 2 },
	{ "the gap is over", { { 0, 1, 1, "10.0.0.9", "10.0.1.1" },
		{ 3600.001, 1, 1, "10.0.0.9", "10.0.1.1" } }, 2, 1 },
	{ "severity 3 opens none", { { 0, 1, 3, "10.0.0.9", "10.0.1.1" },
		{ 1, 1, 3, "10.0.0.9", "10.0.1.1" } }, 0, 0 },
	{ "severity 3 counts in one", { { 0, 1, 3, "10.0.0.9", "10.0.1.1" },
		{ 1, 3, 2, "10.0.0.9", "10.0.1.1" }, { 2, 2, 3, "10.0.0.9", "10.0.1.1" },
		{ 3, 2, 3, "10.0.0.9", "10.0.1.1" } }, 1, 3 },
	{ "severity 3 makes no one of two", { { 0, 1, 1, "10.0.0.8", "10.0.1.1" },
		{ 1, 1, 1, "10.0.0.9", "10.0.1.2" }, { 2, 1, 3, "10.0.0.8", "10.0.1.2" } }, 2, 2 },
	{ "no ends at all", { { 0, 1, 1, "", "" }, { 1, 2, 1, "", "" } }, 1, 2 },
};

static void test_joins(void)
{
	for (unsigned c = 0; c < sizeof(joins) / sizeof(*joins); c++)
		for (int is_marked = 0; is_marked < 2; is_marked++) {
			struct scene s = begin();
			s.is_marked = is_marked;
			start(&s, NULL);
			alerts(&s, joins[c].rows);
			json_t *last = finish(&s);
			uint64_t first = number(json_array_get(last, 0), "alerts.count");
			CHECK(json_array_size(last) == joins[c].incidents, "%s: %zu incidents",
				joins[c].what, json_array_size(last));
			CHECK(first == joins[c].first, "%s: %u alerts in the first",
				joins[c].what, (unsigned)first);
			clean(&s, last);
		}
}

/* Two become one: both tell so, and nothing is lost. */
static void test_merge(void)
{
	static const struct row rows[] = { { 0, 1, 2, "10.0.0.8", "10.0.1.1" },
		{ 1, 1, 2, "10.0.0.8", "10.0.1.1" },
		{ 2, 2, 1, "10.0.0.9", "10.0.1.2", "restart", "accepted" },
		{ 3, 3, 2, "10.0.0.8", "10.0.1.2" }, { 0 } };
	struct scene s = begin();
	start(&s, NULL);
	alerts(&s, rows);
	json_t *last = finish(&s), *merged = NULL, *doc;
	size_t i;
	json_array_foreach(s.docs, i, doc)
		if (strcmp(text(doc, "state"), "merged") == 0)
			merged = doc;
	doc = json_array_get(last, 0);
	CHECK(json_array_size(last) == 1 && merged, "one stays");
	CHECK(strcmp(text(merged, "correlation.merged_into"), text(doc, "id")) == 0, "into %s",
		text(merged, "correlation.merged_into"));
	CHECK(strcmp(text(merged, "correlation.status"), "merged") == 0, "status");
	CHECK(has(at(doc, "correlation.merged_from"), text(merged, "id")), "from");
	CHECK(number(doc, "alerts.count") == 4 && number(doc, "alerts.severity") == 1 &&
		number(doc, "alerts.accepted") == 1, "counts");
	CHECK(json_array_size(at(doc, "alerts.uids")) == 4, "uids");
	CHECK(json_array_size(at(doc, "actors")) == 2 && json_array_size(at(doc, "affected")) == 2,
		"ends");
	CHECK(strcmp(text(doc, "times.first_activity"), "2026-11-22T09:33:20.000000Z") == 0, "%s",
		text(doc, "times.first_activity"));
	clean(&s, last);
}

/* A day of alerts every half hour: the second incident was split from the first. */
static void test_life(void)
{
	struct scene s = begin();
	start(&s, NULL);
	for (unsigned half = 0; half < 60; half++)
		alert(&s, &(struct row){ half * 1800, 1, 2, "10.0.0.9", "10.0.1.1" });
	json_t *last = finish(&s), *first = json_array_get(last, 0), *next = json_array_get(last, 1);
	CHECK(json_array_size(last) == 2, "%zu incidents", json_array_size(last));
	CHECK(strcmp(text(first, "correlation.status"), "life") == 0, "%s",
		text(first, "correlation.status"));
	CHECK(strcmp(text(next, "correlation.parent"), text(first, "id")) == 0, "parent %s",
		text(next, "correlation.parent"));
	CHECK(number(first, "alerts.count") == 49 && number(next, "alerts.count") == 11, "counts");
	clean(&s, last);
}

/* ---- hubs ---- */

static const json_t *incident_with(const json_t *docs, const char *actor)
{
	const json_t *doc, *row;
	size_t i, k;
	json_array_foreach(docs, i, doc)
		json_array_foreach(at(doc, "actors"), k, row)
			if (strcmp(text(row, "ip"), actor) == 0)
				return doc;
	return NULL;
}

/* A host that deals with many does not make one of what two others do. */
static void test_wide(bool is_marked)
{
	struct scene s = begin();
	s.is_marked = is_marked;
	start(&s, NULL);
	char target[16][32];
	for (unsigned t = 0; t < 40; t++) {
		snprintf(target[t % 16], sizeof(*target), "10.0.1.%u", t);
		alert(&s, &(struct row){ t, 1, 2, "10.0.0.1", target[t % 16] });
	}
	alert(&s, &(struct row){ 50, 2, 1, "10.0.0.8", "10.0.1.3" });
	alert(&s, &(struct row){ 51, 2, 1, "10.0.0.9", "10.0.1.30" });
	alert(&s, &(struct row){ 52, 3, 1, "10.0.0.1", "10.0.1.3" });
	json_t *last = finish(&s);
	const json_t *hub = incident_with(last, "10.0.0.1"), *a = incident_with(last, "10.0.0.8"),
		*b = incident_with(last, "10.0.0.9");
	CHECK(json_array_size(last) == 3 && hub != a && a != b, "%zu incidents",
		json_array_size(last));
	CHECK(number(hub, "alerts.count") == 41, "%u", (unsigned)number(hub, "alerts.count"));
	CHECK(has(at(hub, "correlation.keys"), "hub_src:10.0.0.1"), "key of a hub");
	CHECK(has(at(hub, "correlation.related"), text(a, "id")) &&
		has(at(a, "correlation.related"), text(hub, "id")), "related");
	CHECK(has(at(b, "correlation.related"), text(hub, "id")), "met by the hub");
	CHECK(!has(at(b, "correlation.related"), text(a, "id")), "unrelated");
	clean(&s, last);
}

/* An engineering station is one by its role, from the first alert on. */
static void test_role(const struct registers *r)
{
	static const struct row rows[] = { { 0, 1, 1, "10.10.5.20", "10.10.1.21" },
		{ 1, 1, 1, "10.10.5.20", "10.10.1.22" }, { 2, 1, 1, "10.10.9.77", "10.10.1.22" },
		{ 0 } };
	struct scene s = begin();
	start(&s, r);
	alerts(&s, rows);
	json_t *last = finish(&s);
	CHECK(json_array_size(last) == 2, "%zu incidents", json_array_size(last));
	CHECK(number(json_array_get(last, 1), "alerts.count") == 2, "the target's own");
	CHECK(has(at(json_array_get(last, 0), "correlation.keys"), "hub_src:ENG-020"), "key");
	clean(&s, last);
}

/* ---- registers ---- */

static void test_registers(const struct registers *r)
{
	struct scene s = begin();
	start(&s, r);
	alert(&s, &(struct row){ 0, 1, 1, "10.10.9.77", "10.10.1.21", "write", "accepted" });
	json_t *last = finish(&s);
	const json_t *doc = json_array_get(last, 0), *plc = json_array_get(at(doc, "affected"), 0);
	CHECK(strcmp(text(plc, "asset"), "PLC-021") == 0, "%s", text(plc, "asset"));
	CHECK(strcmp(text(plc, "criticality"), "important") == 0, "criticality");
	CHECK(json_is_false(at(plc, "safety")), "safety");
	CHECK(*text(plc, "responsible.department"), "somebody answers for it");
	CHECK(has(at(plc, "outcome"), "setpoint_changed"), "outcome");
	CHECK(json_is_false(at(json_array_get(at(doc, "actors"), 0), "known_asset")), "a stranger");
	CHECK(number(doc, "grade.proposed.level") > 0, "a grade");
	CHECK(number(doc, "score.value") > 0, "a score");
	CHECK(*text(doc, "organization.name"), "the organisation");
	CHECK(strstr(text(doc, "title"), "PLC-021"), "%s", text(doc, "title"));
	clean(&s, last);
}

/* Work that was announced is told as such, and told. The window of SIS-032 is over at 04:00. */
static void test_maintenance(const struct registers *r)
{
	static const struct { double at_s; bool is_expected; } cases[] = {
		{ -7 * 3600, true }, { 0, false } };
	for (unsigned c = 0; c < 2; c++) {
		struct scene s = begin();
		start(&s, r);
		alert(&s, &(struct row){ cases[c].at_s, 1, 1, "10.10.5.20", "10.10.1.32",
			"program_download", "accepted" });
		json_t *last = finish(&s);
		const json_t *doc = json_array_get(last, 0);
		CHECK(json_is_true(at(doc, "maintenance.expected")) == cases[c].is_expected,
			"case %u", c);
		CHECK(has(at(doc, "maintenance.windows"), "MW-2026-017") == cases[c].is_expected,
			"case %u: window", c);
		CHECK(!!strstr(text(doc, "title"), "maintenance") == cases[c].is_expected, "%s",
			text(doc, "title"));
		CHECK(number(doc, "alerts.expected") == cases[c].is_expected, "case %u: count", c);
		clean(&s, last);
	}
}

/* ---- floods ---- */

static void test_flood_again(void)
{
	struct scene s = begin();
	s.is_marked = true;
	start(&s, NULL);
	for (unsigned n = 0; n < 1000000; n++) {
		char target[32];
		snprintf(target, sizeof(target), "10.0.1.%u", n % 200);
		alert(&s, &(struct row){ n * 0.001, 1, 2, "10.0.0.9", target });
	}
	json_t *last = finish(&s);
	const json_t *doc = json_array_get(last, 0);
	CHECK(json_array_size(last) == 1 && number(doc, "alerts.count") == 1000000,
		"%zu incidents, %u alerts", json_array_size(last),
		(unsigned)number(doc, "alerts.count"));
	CHECK(json_array_size(at(doc, "alerts.uids")) == 1000, "uids");
	CHECK(strncmp(json_string_value(json_array_get(at(doc, "alerts.uids"), 999)), "000f423f",
		8) == 0, "the last uid");
	CHECK(strncmp(json_string_value(json_array_get(at(doc, "alerts.uids"), 500)), "000f404c",
		8) == 0, "the first of the last uids");
	CHECK(json_array_size(s.docs) < 10, "%zu revisions", json_array_size(s.docs));
	clean(&s, last);
}

/* Sources, and then both ends, that are never the same. */
static void test_flood_forged(bool both, unsigned most)
{
	enum { COUNT = 50000 };
	struct scene s = begin();
	struct incidents_config c = config_of(&s, NULL);
	s.is_marked = true;
	c.limit = 512;
	begin_with(&s, &c);
	for (unsigned n = 0; n < COUNT; n++) {
		char source[32], target[32];
		snprintf(source, sizeof(source), "10.%u.%u.9", n >> 8, n & 255);
		snprintf(target, sizeof(target), "10.%u.%u.8", both ? n >> 8 : 1, both ? n & 255 : 1);
		alert(&s, &(struct row){ n * 0.001, 1, 2, source, target });
	}
	json_t *last = finish(&s);
	CHECK(json_array_size(last) <= most, "%zu incidents", json_array_size(last));
	CHECK(sum(last, "alerts.count") == COUNT, "%u alerts", (unsigned)sum(last, "alerts.count"));
	CHECK(json_array_size(s.docs) < 4 * most, "%zu revisions", json_array_size(s.docs));
	clean(&s, last);
}

/* Beyond the limit the one that was silent longest ends, and says so. */
static void test_limit(void)
{
	struct scene s = begin();
	struct incidents_config c = config_of(&s, NULL);
	c.limit = 16;
	begin_with(&s, &c);
	for (unsigned n = 0; n < 20; n++) {
		char source[32], target[32];
		snprintf(source, sizeof(source), "10.0.0.%u", n);
		snprintf(target, sizeof(target), "10.0.1.%u", n);
		alert(&s, &(struct row){ n, n + 1, 2, source, target });
	}
	json_t *last = finish(&s);
	unsigned shed = 0;
	const json_t *doc;
	size_t i;
	json_array_foreach(last, i, doc)
		shed += strcmp(text(doc, "correlation.status"), "shed") == 0;
	CHECK(json_array_size(last) == 20 && shed == 4, "%u of %zu", shed, json_array_size(last));
	clean(&s, last);
}

/* Loose alerts are counted without being read again, until there is an incident for them. */
static void test_loose(void)
{
	struct scene s = begin();
	s.is_marked = true;
	start(&s, NULL);
	for (unsigned n = 0; n < 100; n++)
		alert(&s, &(struct row){ n, 1, 3, "10.0.0.9", "10.0.1.1" });
	CHECK(incidents_totals(s.incidents)->loose == 100, "loose");
	alert(&s, &(struct row){ 101, 2, 1, "10.0.0.9", "10.0.1.1" });
	alert(&s, &(struct row){ 102, 1, 3, "10.0.0.9", "10.0.1.1" });
	CHECK(incidents_totals(s.incidents)->alerts == 2, "counted");
	clean(&s, finish(&s));
}

static void test_held_back(void)
{
	static const struct row row = { 0, 1, 2, "10.0.0.9", "10.0.1.1" },
		later = { 5, 1, 2, "10.0.0.9", "10.0.1.1" },
		other = { 6, 2, 2, "10.0.0.9", "10.0.1.1" };
	struct incident_mark mark = mark_of(&later, 0), unknown = mark_of(&other, 0);
	struct scene s = begin();
	s.is_marked = true;
	start(&s, NULL);
	incidents_held_back(s.incidents, &mark); /* before the first: there is nothing yet */
	alert(&s, &row);
	incidents_held_back(s.incidents, &mark);
	incidents_held_back(s.incidents, &mark);
	incidents_held_back(s.incidents, &unknown);
	json_t *last = finish(&s);
	const json_t *doc = json_array_get(last, 0);
	CHECK(number(doc, "alerts.suppressed") == 2 && number(doc, "alerts.raw_events") == 3 &&
		number(doc, "alerts.count") == 1, "counts");
	CHECK(strcmp(text(doc, "times.last_activity"), "2026-11-22T09:33:25.000000Z") == 0, "%s",
		text(doc, "times.last_activity"));
	clean(&s, last);
}

/* ---- what is told, and when ---- */

static void test_revisions(void)
{
	static const struct row rows[] = {
		{ 0, 1, 2, "10.0.0.9", "10.0.1.1" },                    /* 1: it opens */
		{ 1, 1, 2, "10.0.0.9", "10.0.1.1" },                    /* nothing new */
		{ 2, 1, 2, "10.0.0.9", "10.0.1.2" },                    /* new, but not at once */
		{ 3, 2, 1, "10.0.0.9", "10.0.1.2" },                    /* 2: graver */
		{ 4, 2, 1, "10.0.0.9", "10.0.1.1", "write", "accepted" }, /* 3: obeyed */
		{ 5, 2, 1, "10.0.0.9", "10.0.1.1", "write", "accepted" },
		{ 10, 2, 1, "10.0.0.9", "10.0.1.3" },                   /* new */
		{ 75, 2, 1, "10.0.0.9", "10.0.1.3" },                   /* 4: a minute later */
		{ 0 } };
	struct scene s = begin();
	start(&s, NULL);
	alerts(&s, rows);
	CHECK(json_array_size(s.docs) == 4, "%zu revisions", json_array_size(s.docs));
	CHECK(number(json_array_get(s.docs, 3), "alerts.count") == 7, "it was due before the last");
	incidents_advance(s.incidents, BEGIN + 3674 * SECOND);
	CHECK(json_array_size(s.docs) == 4, "the gap is not over");
	incidents_advance(s.incidents, BEGIN + 3676 * SECOND);
	CHECK(json_array_size(s.docs) == 5, "the gap is over");
	const json_t *doc = json_array_get(s.docs, 4);
	CHECK(strcmp(text(doc, "correlation.status"), "quiet") == 0 &&
		number(doc, "revision") == 5 && number(doc, "alerts.count") == 8, "the last");
	clean(&s, finish(&s));
}

static void test_progress(void)
{
	struct scene s = begin();
	start(&s, NULL);
	alert(&s, &(struct row){ 0, 1, 1, "10.0.0.9", "10.0.1.1" });
	json_t *last = finish(&s);
	const json_t *doc = json_array_get(last, 0);
	CHECK(strcmp(text(doc, "progress.highest"), "impair-process-control") == 0, "%s",
		text(doc, "progress.highest"));
	CHECK(has(at(doc, "progress.techniques"), "T0806"), "technique");
	CHECK(strncmp(text(doc, "id"), "INC-plant-01-20261122-", 22) == 0 &&
		strncmp(text(doc, "id") + 22, text(doc, "uid"), 8) == 0, "%s", text(doc, "id"));
	clean(&s, last);
}

/* ---- the same again ---- */

/* Of everything a little, the same each time. */
static void play(struct scene *s, unsigned from, unsigned to)
{
	static const char *const verbs[] = { "write", "read", "restart" };
	static const char *const outcomes[] = { "accepted", "rejected" };
	for (unsigned n = from; n < to; n++) {
		unsigned dice = (n * UINT32_C(2654435761)) >> 8;
		char source[32], target[32];
		snprintf(source, sizeof(source), "10.0.%u.%u", dice % 3, dice % 7);
		snprintf(target, sizeof(target), "10.0.1%u.%u", dice % 3, dice / 8 % 9);
		s->alerts = n;
		unsigned sid = 1 + dice / 64 % 5;
		alert(s, &(struct row){ n * 7.5, sid, 1 + sid % 3, source, target,
			 verbs[dice / 4096 % 3], outcomes[dice / 16384 % 2] });
	}
}

static void test_repeatable(const struct registers *r)
{
	struct scene s[3] = { begin(), begin(), begin() };
	char *told[3];
	for (unsigned i = 0; i < 3; i++) {
		s[i].is_marked = i == 2;
		start(&s[i], r);
		play(&s[i], 0, 3000);
		end(&s[i]);
		told[i] = json_dumps(s[i].docs, JSON_COMPACT);
	}
	CHECK(strcmp(told[0], told[1]) == 0, "another run tells the same");
	CHECK(strcmp(told[0], told[2]) == 0, "and so does one that knows alerts again");
	for (unsigned i = 0; i < 3; i++) {
		free(told[i]);
		json_decref(s[i].docs);
	}
}

/* ---- a restart in the middle ---- */

static void resume(struct scene *s, const struct scene *before)
{
	json_t *last = last_of(before), *doc;
	size_t i;
	json_array_foreach(last, i, doc) {
		bool was_open = strcmp(text(doc, "correlation.status"), "open") == 0;
		CHECK(incidents_resume(s->incidents, doc) == was_open, "%s", text(doc, "id"));
	}
	json_decref(last);
}

static void compare(const json_t *whole, const json_t *parts)
{
	static const char *const keys[] = { "id", "uid", "title", "title_zh", "state", "times",
		"alerts", "correlation", "progress", "actors", "affected", "changes",
		"maintenance", "score" };
	const json_t *doc, *other;
	size_t i;
	CHECK(json_array_size(whole) == json_array_size(parts), "%zu and %zu",
		json_array_size(whole), json_array_size(parts));
	json_array_foreach(whole, i, doc) {
		other = json_array_get(parts, i);
		for (unsigned k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			CHECK(json_equal(at(doc, keys[k]), at(other, keys[k])) ||
				(!at(doc, keys[k]) && !at(other, keys[k])), "%s: %s",
				text(doc, "id"), keys[k]);
	}
}

static void test_resume(const struct registers *r)
{
	static const unsigned cuts[] = { 1, 17, 300, 1500 };
	struct scene whole = begin();
	start(&whole, r);
	play(&whole, 0, 2000);
	json_t *last = finish(&whole);
	for (unsigned c = 0; c < sizeof(cuts) / sizeof(*cuts); c++) {
		struct scene first = begin(), then = begin();
		start(&first, r);
		play(&first, 0, cuts[c]);
		end(&first);
		start(&then, r);
		resume(&then, &first);
		play(&then, cuts[c], 2000);
		end(&then);
		json_array_extend(first.docs, then.docs);
		json_t *parts = last_of(&first);
		compare(last, parts);
		clean(&first, parts);
		json_decref(then.docs);
	}
	clean(&whole, last);
}

/* What is no open incident of ours does not go on. */
static void test_resume_refused(void)
{
	static const struct { const char *path, *key, *value; } cases[] = {
		{ "", "schema", "other/1" }, { "", "id", "" }, { "", "uid", "no" },
		{ "", "state", "closed" }, { "", "state", "dismissed" }, { "", "origin", "live" },
		{ "correlation", "status", "quiet" }, { "times", "first_activity", "yesterday" } };
	struct scene s = begin(), t = begin();
	start(&s, NULL);
	start(&t, NULL);
	alert(&s, &(struct row){ 0, 1, 1, "10.0.0.9", "10.0.1.1" });
	for (unsigned c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		json_t *doc = json_deep_copy(json_array_get(s.docs, 0));
		json_object_set_new((json_t *)at(doc, cases[c].path), cases[c].key,
			json_string(cases[c].value));
		CHECK(!incidents_resume(t.incidents, doc), "%s", cases[c].key);
		json_decref(doc);
	}
	CHECK(incidents_resume(t.incidents, json_array_get(s.docs, 0)), "the real one");
	clean(&s, finish(&s));
	clean(&t, finish(&t));
}

/* ---- bad lines ---- */

static const struct row download = { 0, 1, 1, "10.0.0.9", "10.0.1.1", "program_download",
	"accepted", "sha256:00" };

/* Every cut and every altered byte of a line. */
static void test_bad_lines(void)
{
	struct scene s = begin();
	char line[2048];
	start(&s, NULL);
	unsigned len = line_of(line, sizeof(line), &download, 0);
	for (unsigned cut = 0; cut < len - 1; cut++)
		incidents_alert(s.incidents, (struct bytes){ (uint8_t *)line, cut });
	CHECK(incidents_totals(s.incidents)->unusable == len - 1, "cut lines are counted");
	for (unsigned i = 0; i < len; i++) {
		line[i] ^= 0x15;
		incidents_alert(s.incidents, (struct bytes){ (uint8_t *)line, len });
		line[i] ^= 0x15;
	}
	const struct incidents_totals *t = incidents_totals(s.incidents);
	CHECK(t->unusable + t->alerts + t->loose == 2 * len - 1, "nothing is lost");
	clean(&s, finish(&s));
}

/* Nobody hides by a NUL in what he writes. */
static void test_nul(void)
{
	struct scene s = begin();
	char line[2048];
	start(&s, NULL);
	unsigned len = line_of(line, sizeof(line), &download, 0);
	char *end = strrchr(line, '}');
	len = (unsigned)(end - line) + (unsigned)sprintf(end, ",\"x\":\"a\\u0000b\"}\n");
	incidents_alert(s.incidents, (struct bytes){ (uint8_t *)line, len });
	const struct incidents_totals *t = incidents_totals(s.incidents);
	CHECK(t->unusable == 0 && t->alerts == 1, "%u unusable", (unsigned)t->unusable);
	clean(&s, finish(&s));
}

/* ---- who was logged in ---- */

/* The latest is the user; all are told, once each, and after a restart and a merge as well. */
static void test_users(void)
{
	static const struct row rows[] = {
		{ 0, 1, 2, "10.0.0.8", "10.0.1.1", .user = "li.na" },
		{ 1, 1, 2, "10.0.0.8", "10.0.1.1", .user = "zhao.min" },
		{ 2, 1, 2, "10.0.0.8", "10.0.1.1", .user = "li.na" },
		{ 3, 1, 2, "10.0.0.8", "10.0.1.1" },
		{ 4, 2, 1, "10.0.0.9", "10.0.1.2", .user = "zhao.min" }, { 0 } };
	struct scene first = begin(), then = begin();
	start(&first, NULL);
	alerts(&first, rows);
	json_t *before = finish(&first);
	start(&then, NULL);
	resume(&then, &first);
	alert(&then, &(struct row){ 9, 1, 1, "10.0.0.8", "10.0.1.2", .user = "wang.wei" });
	json_t *last = finish(&then);
	const json_t *one = json_array_get(at(json_array_get(before, 0), "actors"), 0);
	CHECK(strcmp(text(one, "user"), "li.na") == 0 && json_array_size(at(one, "users")) == 2 &&
		has(at(one, "users"), "zhao.min"), "two: %s", text(one, "user"));
	const json_t *other = json_array_get(at(json_array_get(before, 1), "actors"), 0);
	CHECK(strcmp(text(other, "user"), "zhao.min") == 0 && !at(other, "users"), "one");
	const json_t *merged = json_array_get(at(json_array_get(last, 0), "actors"), 0);
	CHECK(json_array_size(last) == 1 && strcmp(text(merged, "user"), "wang.wei") == 0 &&
		json_array_size(at(merged, "users")) == 3, "three: %s", text(merged, "user"));
	const json_t *changes = at(json_array_get(before, 0), "changes");
	CHECK(json_array_size(changes) == 3, "a change each, and one by nobody: %zu",
		json_array_size(changes));
	clean(&first, before);
	clean(&then, last);
}

static void test_many_users(void)
{
	struct scene s = begin();
	char name[16];
	start(&s, NULL);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		alert(&s, &(struct row){ i, 1, 2, "10.0.0.8", "10.0.1.1", .user = name });
	}
	json_t *last = finish(&s);
	const json_t *actor = json_array_get(at(json_array_get(last, 0), "actors"), 0);
	CHECK(json_array_size(at(actor, "users")) == 8 &&
		strcmp(text(actor, "user"), "user19") == 0, "the last of many: %s",
		text(actor, "user"));
	clean(&s, last);
}

/* ---- what was hidden ---- */

static struct incident_capture interval(double from_s, double until_s, uint64_t gaps)
{
	return (struct incident_capture){ .from_ns = BEGIN + (uint64_t)(from_s * (double)SECOND),
		.until_ns = BEGIN + (uint64_t)(until_s * (double)SECOND),
		.loss = { .packets = 100, .gaps = gaps } };
}

static void hide(struct scene *s, double from_s, double until_s, uint64_t gaps)
{
	struct incident_capture c = interval(from_s, until_s, gaps);
	incidents_capture(s->incidents, &c);
}

/* Counted from the interval it began in until it ends, and told when it is new or much more. */
static void test_capture(void)
{
	struct scene s = begin();
	start(&s, NULL);
	alert(&s, &(struct row){ 70, 1, 1, "10.0.0.9", "10.0.1.1" });
	CHECK(json_is_null(at(json_array_get(s.docs, 0), "capture")), "not known yet");
	hide(&s, 60, 120, 0);
	alert(&s, &(struct row){ 190, 1, 1, "10.0.0.9", "10.0.1.1" });
	const json_t *told = json_array_get(s.docs, 1);
	CHECK(json_is_true(at(told, "capture.complete")) && number(told, "capture.packets") == 100 &&
		number(told, "capture.gaps") == 0, "none is not the same");
	hide(&s, 120, 180, 1);
	alert(&s, &(struct row){ 250, 1, 1, "10.0.0.9", "10.0.1.1" });
	told = json_array_get(s.docs, 2);
	CHECK(json_is_false(at(told, "capture.complete")) && number(told, "capture.gaps") == 1,
		"a gap is told");
	hide(&s, 180, 240, 1);
	alert(&s, &(struct row){ 390, 1, 1, "10.0.0.9", "10.0.1.1" });
	CHECK(json_array_size(s.docs) == 3, "as much again is not: %zu", json_array_size(s.docs));
	json_t *last = finish(&s);
	told = json_array_get(last, 0);
	CHECK(number(told, "capture.gaps") == 2 && number(told, "capture.packets") == 300 &&
		strcmp(text(told, "capture.from"), "2026-11-22T09:34:20.000000Z") == 0 &&
		strcmp(text(told, "capture.until"), "2026-11-22T09:37:20.000000Z") == 0, "the sum");
	clean(&s, last);
}

static void hide_from(struct scene *s, const char *sensor, double from_s, uint64_t gaps)
{
	struct incident_capture c = interval(from_s, from_s + 60, gaps);
	c.sensor = sensor;
	incidents_capture(s->incidents, &c);
}

/* Two incidents with losses of their own sensors become one; no room for more than so many. */
static void test_capture_sensors(void)
{
	struct scene s = begin();
	struct incidents_config c = config_of(&s, NULL);
	char name[16];
	c.has_sensors = true;
	begin_with(&s, &c);
	alert(&s, &(struct row){ 10, 1, 1, "10.0.0.8", "10.0.1.1" });
	hide_from(&s, "a", 0, 2);
	alert(&s, &(struct row){ 70, 1, 1, "10.0.0.9", "10.0.1.2" });
	hide_from(&s, "a", 60, 1);
	hide_from(&s, "b", 60, 5);
	hide_from(&s, "c", 60, 0);
	alert(&s, &(struct row){ 130, 1, 1, "10.0.0.8", "10.0.1.2" });
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "sensor%u", i);
		hide_from(&s, name, 120, 1);
	}
	json_t *last = finish(&s);
	const json_t *doc = json_array_get(last, 0);
	CHECK(json_array_size(last) == 1 && number(doc, "capture.gaps") == 3 + 5 + 30, "%u gaps",
		(unsigned)number(doc, "capture.gaps"));
	CHECK(json_array_size(at(doc, "capture.sensors")) == 32, "bounded");
	CHECK(strcmp(text(json_array_get(at(doc, "capture.sensors"), 0), "sensor"), "a") == 0 &&
		number(json_array_get(at(doc, "capture.sensors"), 0), "gaps") == 3, "the first");
	clean(&s, last);
}

/* How a host's flows are seen is told once, before there was an incident. */
static void test_capture_hosts(void)
{
	struct scene s = begin();
	struct incident_host_loss host = { .loss = { .one_sided = 1, .gaps = 7 } };
	struct incident_capture early = interval(0, 60, 7), late = interval(60, 120, 3);
	address_parse(&host.host, "10.0.1.1");
	early.hosts = late.hosts = &host;
	early.host_count = late.host_count = 1;
	start(&s, NULL);
	incidents_capture(s.incidents, &early);
	alert(&s, &(struct row){ 70, 1, 1, "10.0.0.9", "10.0.1.1" });
	host.loss = (struct incident_loss){ .gaps = 3, .encrypted = 2 };
	incidents_capture(s.incidents, &late);
	json_t *last = finish(&s);
	const json_t *row = json_array_get(at(json_array_get(last, 0), "capture.assets"), 0);
	CHECK(strcmp(text(row, "asset"), "10.0.1.1") == 0 && number(row, "gaps") == 3 &&
		number(row, "one_sided_flows") == 1 && number(row, "encrypted_flows") == 2 &&
		json_object_size(row) == 4, "the host's own");
	clean(&s, last);
}

/* While the sensor was off it saw nothing, and says so. */
static void test_capture_resumed(void)
{
	struct scene first = begin(), then = begin();
	start(&first, NULL);
	alert(&first, &(struct row){ 1, 1, 1, "10.0.0.9", "10.0.1.1" });
	hide(&first, 0, 60, 4);
	json_t *before = finish(&first);
	start(&then, NULL);
	resume(&then, &first);
	hide(&then, 200, 260, 0);
	json_t *last = finish(&then);
	const json_t *doc = json_array_get(last, 0);
	CHECK(number(doc, "capture.off_s") == 140 && number(doc, "capture.gaps") == 4 &&
		number(doc, "capture.packets") == 200, "the time between counts as lost");
	clean(&first, before);
	clean(&then, last);
}

/* Names in a title belong together. */
static void test_titles(const struct registers *r)
{
	static const struct {
		struct row rows[4];
		const char *want;
	} cases[] = {
		{ { { 0, 1, 2, "10.0.0.1", "10.0.1.1", "read" },
			{ 1, 1, 2, "10.0.0.1", "10.0.1.2", "read" } },
			"rule 1: 10.0.0.1 → 10.0.1.1; 2 targets" },
		{ { { 0, 1, 2, "10.0.0.1", "10.0.1.1", "read" },
			{ 1, 2, 2, "10.0.0.1", "10.0.1.1", "read" } },
			"rule 1: 10.0.0.1 → 10.0.1.1" },
		{ { { 0, 1, 2, "10.0.0.1", "10.0.1.1", "read" },
			{ 1, 2, 2, "10.0.0.1", "10.0.1.2", "read" } },
			"rule 1: 10.0.0.1; 2 targets" },
		{ { { 0, 1, 1, "10.0.1.1", "10.0.1.2", "write", "accepted" },
			{ 1, 1, 1, "10.0.1.1", "10.0.1.2", "write", "accepted" },
			{ 2, 2, 1, "10.0.0.1", "10.0.1.1", "mode_change", "accepted" } },
			"10.0.1.1 had its mode changed, source 10.0.0.1; 2 targets, 2 sources" },
	};
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		struct scene s = begin();
		start(&s, r);
		alerts(&s, cases[c].rows);
		json_t *last = finish(&s);
		const char *title = text(json_array_get(last, 0), "title");
		CHECK(strcmp(title, cases[c].want) == 0, "%s", title);
		clean(&s, last);
	}
}

int main(void)
{
	struct registers *r = registers_load("signatures/example-plant", "signatures/incident");
	CHECK(r, "the example plant");
	test_joins();
	test_titles(r);
	test_merge();
	test_life();
	test_wide(false);
	test_wide(true);
	test_role(r);
	test_registers(r);
	test_maintenance(r);
	test_flood_again();
	test_flood_forged(false, 1);
	test_flood_forged(true, INCIDENT_STORM + 1);
	test_limit();
	test_loose();
	test_held_back();
	test_revisions();
	test_progress();
	test_repeatable(NULL);
	test_repeatable(r);
	test_resume(NULL);
	test_resume(r);
	test_resume_refused();
	test_bad_lines();
	test_nul();
	test_users();
	test_many_users();
	test_capture();
	test_capture_sensors();
	test_capture_hosts();
	test_capture_resumed();
	registers_free(r);
	return test_end();
}
