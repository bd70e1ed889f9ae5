/* The store: what is put in comes out, what people own stays, and every change is in the
 * trail. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "incident/canonical.h"
#include "incident/register.h"
#include "incident/store.h"
#include "incident/time.h"
#include "incident/trail_line.h"
#include "test.h"

#define T0 UINT64_C(1795000000000000000)
#define SECOND UINT64_C(1000000000)

static char root[64];
static const struct registers *registers; /* NULL: nothing is evaluated */

static const char *path_of(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static struct person person(const char *name, enum role role)
{
	struct person p = { .role = role, .auth = "local" };
	snprintf(p.id, sizeof(p.id), "%s", name);
	return p;
}

static struct store *open_as(const char *name, enum store_mode mode, struct person p)
{
	struct store_config config = { .dir = path_of(name), .mode = mode, .person = p,
		.log = "audit-test", .registers = registers };
	return store_open(&config);
}

static struct store *open_new(const char *name)
{
	return open_as(name, STORE_CREATE, person("root", ROLE_ADMINISTRATOR));
}

static json_t *machine(const char *id, unsigned revision, unsigned alerts)
{
	char first[TIME_TEXT], last[TIME_TEXT];
	time_rfc3339(T0, first);
	time_rfc3339(T0 + alerts * SECOND, last);
	return json_pack(
		"{s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s, s:s, s:n}, s:{s:i, s:[s]},"
		"s:[{s:s, s:s}], s:{s:{s:i}}, s:{s:n, s:[]}, s:[{s:s, s:s}], s:{s:i}}",
		"schema", "ironspan.incident/1", "id", id, "revision", revision, "title",
		"Write to PLC-1", "state", "detected", "times", "first_activity", first,
		"detected", first, "last_activity", last, "confirmed", "alerts", "count",
		alerts, "uids", "69ef4874-f56d-52a4-84b9-f4e8a2b9bc5c", "affected",
		"asset", "PLC-1", "ip", "10.0.0.1", "grade", "proposed", "level", 3,
		"correlation", "merged_into", "merged_from", "clocks", "status",
		"running", "due", last, "score", "value", alerts);
}

static enum store_merged merge(struct store *s, const char *id, unsigned revision,
	unsigned alerts)
{
	json_t *doc = machine(id, revision, alerts);
	enum store_merged result = store_merge(s, doc, T0 + alerts * SECOND);
	json_decref(doc);
	return result;
}

static bool change(struct store *s, const char *id, const char *action, const char *args)
{
	json_t *given = json_loads(args, 0, NULL);
	struct store_change c = { .id = id, .action = action, .args = given,
		.now_ns = T0 + 60 * SECOND };
	bool ok = store_change(s, &c);
	json_decref(given);
	return ok;
}

static long long number_at(const json_t *doc, const char *object, const char *name)
{
	const json_t *value = json_object_get(json_object_get(doc, object), name);
	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static unsigned revision_of(struct store *s, const char *id)
{
	json_t *doc = store_get(s, id);
	unsigned revision =
		(unsigned)json_integer_value(json_object_get(doc, "revision"));
	json_decref(doc);
	return revision;
}

/* ---- merging ---- */

static void test_merge(void)
{
	struct store *s = open_new("merge");
	CHECK(merge(s, "INC-1", 1, 1) == STORE_CHANGED, "%s", store_error(s));
	CHECK(merge(s, "INC-1", 1, 1) == STORE_UNCHANGED, "the same again");
	CHECK(change(s, "INC-1", "ack", "{}"), "%s", store_error(s));
	CHECK(change(s, "INC-1", "confirm", "{\"level\":2,\"reason\":\"x\"}"), "%s",
		store_error(s));
	CHECK(merge(s, "INC-1", 2, 5) == STORE_CHANGED, "%s", store_error(s));
	CHECK(merge(s, "INC-1", 1, 1) == STORE_UNCHANGED, "an old revision");
	json_t *doc = store_get(s, "INC-1");
	CHECK(life_state_of(doc) == LIFE_CONFIRMED, "people's state stays");
	CHECK(number_at(doc, "alerts", "count") == 5, "the machine's counts come");
	CHECK(number_at(json_object_get(doc, "grade"), "confirmed", "level") == 2,
		"grade");
	CHECK(number_at(json_object_get(doc, "grade"), "proposed", "level") == 3,
		"proposed");
	CHECK(json_is_string(json_object_get(json_object_get(doc, "times"), "confirmed")),
		"people's times stay");
	CHECK(json_integer_value(json_object_get(doc, "revision")) == 4,
		"revisions are the store's");
	json_decref(doc);
	CHECK(!store_get(s, "INC-2") &&
			strcmp(store_error(s), "there is no incident INC-2") == 0,
		"%s", store_error(s));
	store_close(s);
}

static void test_bad_documents(void)
{
	struct store *s = open_new("bad");
	json_t *doc = machine("INC-1", 1, 1);
	json_object_del(doc, "id");
	CHECK(store_merge(s, doc, T0) == STORE_FAILED, "no id");
	json_object_set_new(doc, "id", json_string("INC-1"));
	json_object_set_new(doc, "speed", json_real(1.5));
	CHECK(store_merge(s, doc, T0) == STORE_FAILED, "a float");
	json_decref(doc);
	CHECK(store_begin(s), "%s", store_error(s));
	CHECK(merge(s, "INC-2", 1, 1) == STORE_CHANGED, "%s", store_error(s));
	doc = machine("INC-3", 1, 1);
	json_object_set_new(doc, "speed", json_real(1.5));
	CHECK(store_merge(s, doc, T0) == STORE_FAILED, "in a batch");
	json_decref(doc);
	CHECK(merge(s, "../../4 ü", 1, 1) == STORE_CHANGED, "%s", store_error(s));
	CHECK(store_commit(s), "%s", store_error(s));
	CHECK(revision_of(s, "INC-2") == 1, "the others of the batch are kept");
	CHECK(revision_of(s, "INC-3") == 0, "the bad one leaves nothing");
	CHECK(access(path_of("bad/incidents/%2E%2E%2F.%2F4%20%C3%BC.json"), F_OK) != 0 &&
		access(path_of("bad/incidents/%2E.%2F..%2F4%20%C3%BC.json"), F_OK) == 0,
		"a name that is no path");
	store_close(s);
}

static void test_merge_incidents(void)
{
	struct store *s = open_new("join");
	merge(s, "INC-1", 1, 1);
	merge(s, "INC-2", 1, 2);
	CHECK(!change(s, "INC-1", "merge", "{\"into\":\"INC-1\",\"reason\":\"x\"}"),
		"into itself");
	CHECK(!change(s, "INC-1", "merge", "{\"into\":\"INC-9\",\"reason\":\"x\"}"),
		"into nothing");
	CHECK(revision_of(s, "INC-1") == 1, "refused: as it was");
	CHECK(change(s, "INC-1", "merge", "{\"into\":\"INC-2\",\"reason\":\"x\"}"), "%s",
		store_error(s));
	CHECK(!change(s, "INC-2", "merge", "{\"into\":\"INC-1\",\"reason\":\"x\"}"),
		"into what is merged");
	merge(s, "INC-1", 2, 3);
	merge(s, "INC-2", 2, 3);
	json_t *one = store_get(s, "INC-1"), *two = store_get(s, "INC-2");
	const json_t *into =
		json_object_get(json_object_get(one, "correlation"), "merged_into");
	CHECK(json_is_string(into) && strcmp(json_string_value(into), "INC-2") == 0,
		"the machine does not forget where it went");
	CHECK(json_array_size(json_object_get(json_object_get(two, "correlation"),
		"merged_from")) == 1, "nor what was merged");
	json_decref(one);
	json_decref(two);
	store_close(s);
}

/* With the tables that ship: what people do starts and stops clocks. */
static void test_evaluate(void)
{
	struct registers *r =
		registers_load(NULL, IRONSPAN_SOURCE_DIR "/signatures/incident");
	CHECK(r, "the shared tables");
	registers = r;
	struct store *s = open_new("evaluate");
	json_t *doc = machine("INC-1", 1, 1);
	json_object_set_new(doc, "origin", json_string("live"));
	CHECK(store_merge(s, doc, T0) == STORE_CHANGED, "%s", store_error(s));
	json_decref(doc);
	CHECK(change(s, "INC-1", "confirm", "{\"level\":3,\"reason\":\"x\"}"), "%s",
		store_error(s));
	json_t *before = store_get(s, "INC-1");
	CHECK(change(s, "INC-1", "resolve", "{\"text\":\"restored\"}"), "%s",
		store_error(s));
	json_t *after = store_get(s, "INC-1");
	CHECK(json_array_size(json_object_get(after, "clocks")) > 1 &&
			!json_equal(json_object_get(before, "clocks"),
				json_object_get(after, "clocks")),
		"the clock of the summary runs");
	json_decref(before);
	json_decref(after);
	store_close(s);
	registers = NULL;
	registers_free(r);
}

/* ---- asking ---- */

struct seen {
	char text[512];
};

static void add_row(void *context, const struct store_row *r)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof(seen->text) - len, "%s:%s:%d:%d ", r->id,
		r->state, r->level, r->score);
}

static const char *list(struct store *s, struct store_filter f)
{
	static struct seen seen;
	seen.text[0] = '\0';
	CHECK(store_list(s, &f, add_row, &seen), "%s", store_error(s));
	return seen.text;
}

static void test_list(void)
{
	struct store *s = open_new("list");
	merge(s, "INC-a-1", 1, 1);
	merge(s, "INC-a-2", 1, 9);
	merge(s, "INC-b-2", 1, 4);
	change(s, "INC-a-1", "confirm", "{\"level\":1,\"reason\":\"x\"}");
	change(s, "INC-b-2", "assign", "{\"owner\":\"li\"}");
	CHECK(strcmp(list(s, (struct store_filter){ 0 }), "INC-a-2:detected:3:9 "
		"INC-b-2:detected:3:4 INC-a-1:confirmed:1:1 ") == 0, "by score");
	CHECK(strcmp(list(s, (struct store_filter){ .limit = 1 }),
		      "INC-a-2:detected:3:9 ") == 0,
		"one");
	CHECK(strcmp(list(s, (struct store_filter){ .states = 1u << LIFE_CONFIRMED }),
		"INC-a-1:confirmed:1:1 ") == 0, "by state");
	CHECK(strcmp(list(s, (struct store_filter){ .level = 2 }),
		      "INC-a-1:confirmed:1:1 ") == 0,
		"by level");
	CHECK(strcmp(list(s, (struct store_filter){ .owner = "li" }),
		      "INC-b-2:detected:3:4 ") == 0,
		"by owner");
	CHECK(strcmp(list(s, (struct store_filter){ .since_ns = T0 + 5 * SECOND }),
		"INC-a-2:detected:3:9 ") == 0, "by time");
	CHECK(strlen(list(s, (struct store_filter){ .asset = "PLC-1" })) > 60,
		"by asset");
	CHECK(strlen(list(s, (struct store_filter){ .asset = "10.0.0.1" })) > 60,
		"by address");
	CHECK(strcmp(list(s, (struct store_filter){ .asset = "PLC" }), "") == 0,
		"no such asset");
	store_close(s);
}

static void check_find(
	struct store *s, const char *part, const char *id, const char *error)
{
	char *found = store_find(s, part);
	CHECK(id ? found && strcmp(found, id) == 0 : !found, "%s: %s", part,
		found ? found : store_error(s));
	CHECK(id || strcmp(store_error(s), error) == 0, "%s", store_error(s));
	free(found);
}

static void test_find(void)
{
	struct store *s = open_new("find");
	merge(s, "INC-1", 1, 1);
	merge(s, "INC-10", 1, 1);
	merge(s, "INC-11", 1, 1);
	check_find(s, "INC-1", "INC-1", NULL);
	check_find(s, "INC-10", "INC-10", NULL);
	check_find(s, "0", "INC-10", NULL);
	check_find(s, "11", "INC-11", NULL);
	check_find(s, "INC", NULL, "INC is not enough: it may be INC-1, INC-10, INC-11");
	check_find(s, "C-2", NULL, "there is no incident C-2");
	check_find(s, "%", NULL, "there is no incident %");
	check_find(s, "", NULL, "the incident has no name");
	store_close(s);
}

static void add_change(void *context, const struct store_revision *r)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof(seen->text) - len, "%u %s %s %s\n", r->revision,
		r->person, r->action, r->changes);
}

static void test_history(void)
{
	struct seen seen = { "" };
	struct store *s = open_new("history");
	merge(s, "INC-1", 1, 1);
	change(s, "INC-1", "assign", "{\"owner\":\"li\"}");
	merge(s, "INC-1", 2, 2);
	CHECK(store_history(s, "INC-1", add_change, &seen), "%s", store_error(s));
	CHECK(strstr(seen.text, "1 root incident.create {}\n"
		"2 root incident.assign {\"/assignment/owner\":[null,\"li\"]}\n"), "%s", seen.text);
	CHECK(strstr(seen.text, "\"/alerts/count\":[1,2]") && !strstr(seen.text, "uids"),
		"%s", seen.text);
	store_close(s);
}

static void add_open(void *context, const json_t *doc)
{
	struct seen *seen = context;
	strcat(seen->text, json_string_value(json_object_get(doc, "id")));
}

static void test_open(void)
{
	struct seen seen = { "" };
	struct store *s = open_new("open");
	merge(s, "INC-2", 1, 9);
	merge(s, "INC-1", 1, 5);
	merge(s, "INC-3", 1, 9);
	merge(s, "INC-4", 1, 1);
	change(s, "INC-3", "dismiss", "{\"reason\":\"duplicate\"}");
	CHECK(store_each_open(s, T0 + 5 * SECOND, add_open, &seen), "%s", store_error(s));
	CHECK(strcmp(seen.text, "INC-1INC-2") == 0, "open, and not too old: %s",
		seen.text);
	store_close(s);
}

/* ---- alerts and operations ---- */

static void put_alert(struct store *s, unsigned n, const char *incident)
{
	char uid[40];
	snprintf(uid, sizeof(uid), "%08x-0000-5000-8000-000000000000", n);
	struct store_alert a = { .uid = uid,
		.sid = 100 + n % 2,
		.severity = 1,
		.msg = "m",
		.incident = incident,
		.operation = { .time_ns = T0 + n * SECOND,
			.src = n % 3 ? "10.0.0.9" : "10.0.0.8",
			.dst = "10.0.0.1",
			.verb = "write",
			.value = "7",
			.value_prev = "6",
			.outcome = "accepted" },
		.line = { (const uint8_t *)"{}", 2 } };
	CHECK(store_add_alert(s, &a), "%s", store_error(s));
}

static void count_alert(void *context, const struct store_alert *a)
{
	unsigned *seen = context;
	unsigned n = (unsigned)((a->operation.time_ns - T0) / SECOND);
	CHECK(strtoul(a->uid, NULL, 16) == n && strlen(a->uid) == 36, "uid %s", a->uid);
	CHECK(strcmp(a->operation.value_prev, "6") == 0 && a->line.len == 2, "alert %u",
		n);
	CHECK(!a->operation.unit, "what was NULL is NULL");
	CHECK(n >= seen[1], "in the order of time");
	seen[0]++;
	seen[1] = n;
}

static unsigned count_alerts(struct store *s, struct store_period p)
{
	unsigned seen[2] = { 0 };
	CHECK(store_alerts(s, &p, count_alert, seen), "%s", store_error(s));
	return seen[0];
}

static void test_alerts(void)
{
	struct store *s = open_new("alerts");
	store_begin(s);
	for (unsigned twice = 0; twice < 2; twice++)
		for (unsigned n = 0; n < 30; n++)
			put_alert(s, n, n % 5 ? "INC-1" : NULL);
	CHECK(store_commit(s), "%s", store_error(s));
	CHECK(count_alerts(s, (struct store_period){ 0 }) == 30, "each once");
	CHECK(count_alerts(s, (struct store_period){ .incident = "INC-1" }) == 24,
		"of one");
	CHECK(count_alerts(s, (struct store_period){ .src = "10.0.0.8" }) == 10, "from");
	CHECK(count_alerts(s, (struct store_period){ .dst = "10.0.0.8" }) == 0, "to");
	CHECK(count_alerts(s, (struct store_period){ .sid = 100, .limit = 4 }) == 4,
		"four");
	CHECK(count_alerts(s, (struct store_period){ .src = "10.0.0.8", .sid = 100 }) ==
			5,
		"both");
	CHECK(count_alerts(s, (struct store_period){ .since_ns = T0 + 10 * SECOND,
		.until_ns = T0 + 12 * SECOND }) == 3, "in a period");
	struct store_alert bad = { .uid = "12" };
	CHECK(!store_add_alert(s, &bad) && strstr(store_error(s), "UUID"), "no uid");
	store_close(s);
}

static void count_operation(void *context, const struct store_operation *o)
{
	CHECK(strcmp(o->verb, "write") == 0 && !o->user, "operation");
	++*(unsigned *)context;
}

static void test_operations(void)
{
	unsigned count = 0;
	struct store_period all = { .src = "a" };
	struct store *s = open_new("operations");
	struct store_operation o = {
		.time_ns = T0, .src = "a", .dst = "b", .verb = "write", .value = "1"
	};
	CHECK(store_add_operation(s, &o) && store_add_operation(s, &o), "%s",
		store_error(s));
	o.value = NULL;
	o.value_prev = "1";
	CHECK(store_add_operation(s, &o), "%s", store_error(s));
	CHECK(store_operations(s, &all, count_operation, &count) && count == 2, "%u",
		count);
	all.src = "b";
	CHECK(store_operations(s, &all, count_operation, &count) && count == 2, "%u",
		count);
	store_close(s);
}

/* ---- the trail and the copies ---- */

/* Entries of the file: each whole, each following the one before. */
static unsigned count_entries(const char *name)
{
	char *line = NULL, hash[SHA256_TEXT] = "";
	size_t size = 0;
	unsigned count = 0;
	FILE *in = fopen(path_of(name), "r");
	for (ssize_t len; in && (len = getline(&line, &size, in)) > 0; count++) {
		struct trail_line l;
		enum trail_fault fault = trail_line_read(
			&l, (struct bytes){ (uint8_t *)line, (size_t)len - 1 });
		CHECK(fault == TRAIL_FINE, "%s:%u: %s", name, count + 1,
			trail_fault_text(fault));
		CHECK(l.seq == count + 1 && strcmp(l.prev, hash) == 0, "%s:%u: chain",
			name, count + 1);
		strcpy(hash, l.hash);
	}
	free(line);
	if (in)
		fclose(in);
	return count;
}

static void test_trail(void)
{
	struct store *s = open_new("trail");
	merge(s, "INC-1", 1, 1);
	change(s, "INC-1", "ack", "{}");
	CHECK(!change(s, "INC-1", "ack", "{}"), "twice");
	CHECK(count_entries("trail/audit.ndjson") == 2, "what was refused is no entry");
	json_t *doc = store_get(s, "INC-1");
	CHECK(number_at(doc, "audit", "first_seq") == 1 &&
			number_at(doc, "audit", "last_seq") == 2,
		"the document knows its entries");
	json_t *copy = json_load_file(path_of("trail/incidents/INC-1.json"), 0, NULL);
	CHECK(copy && json_equal(copy, doc), "the copy of the document");
	json_decref(copy);
	json_decref(doc);
	store_close(s);

	/* A crash before the copy, and one in the middle of a line. */
	unlink(path_of("trail/incidents/INC-1.json"));
	CHECK(truncate(path_of("trail/audit.ndjson"), 100) == 0, "truncate");
	s = open_new("trail");
	CHECK(s && count_entries("trail/audit.ndjson") == 2, "caught up");
	CHECK(access(path_of("trail/incidents/INC-1.json"), R_OK) == 0,
		"the document too");
	store_close(s);
}

static void test_replaced(void)
{
	struct store *s = open_new("replaced");
	merge(s, "INC-1", 1, 1);
	merge(s, "INC-2", 1, 1);
	store_close(s);
	unlink(path_of("replaced/incidents.db"));
	unlink(path_of("replaced/incidents.db-wal"));
	unlink(path_of("replaced/incidents.db-shm"));
	s = open_new("replaced");
	CHECK(!s, "a trail without its database");
	store_close(s);
}

static void execute_on_damaged(const char *sql)
{
	sqlite3 *db;
	CHECK(sqlite3_open(path_of("damaged/incidents.db"), &db) == SQLITE_OK &&
			sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sql);
	sqlite3_close(db);
}

/* What the trail names was there. */
static void test_damaged(void)
{
	struct store *s = open_new("damaged");
	merge(s, "INC-1", 1, 1);
	merge(s, "INC-2", 1, 1);
	store_close(s);
	execute_on_damaged("DELETE FROM incident WHERE id = 'INC-2'");
	s = open_new("damaged");
	CHECK(!store_find(s, "INC-2") && strstr(store_error(s), "the trail names INC-2"), "%s",
		store_error(s));
	CHECK(!store_find(s, "INC-3") && strstr(store_error(s), "there is no incident INC-3"),
		"%s", store_error(s));
	store_close(s);
}

static json_t *bound_report(struct store *s, const char *uid)
{
	char hash[SHA256_TEXT];
	json_t *doc = store_get(s, "INC-1");
	CHECK(canonical_sha256(doc, hash), "hash");
	json_t *report = json_pack("{s:s, s:s, s:b, s:{s:O, s:s}}", "uid", uid, "text",
		"draft", "exercise", 1, "incident", "revision", json_object_get(doc, "revision"),
		"sha256", hash);
	json_decref(doc);
	return report;
}

static void test_reports(void)
{
	struct store *s = open_new("reports");
	struct store *chen =
		(merge(s, "INC-1", 1, 1), open_as("reports", STORE_WRITE, person("chen",
			ROLE_APPROVER)));
	json_t *args = json_pack(
		"{s:s, s:s, s:s}", "uid", "r1", "kind", "first", "profile", "P");
	struct store_change c = { .id = "INC-1", .action = "report", .args = args,
		.now_ns = T0 + 60 * SECOND };
	CHECK(change(s, "INC-1", "confirm", "{\"level\":3,\"reason\":\"x\"}"), "%s",
		store_error(s));
	json_t *report = bound_report(s, "r1");
	c.report = report;
	CHECK(store_change(s, &c), "%s", store_error(s));
	CHECK(store_change(s, &c), "again, with what people filled in: %s",
		store_error(s));
	json_object_set_new(
		json_object_get(report, "incident"), "sha256", json_string("00"));
	CHECK(!store_change(s, &c) && strstr(store_error(s), "was not made from INC-1"),
		"%s", store_error(s));
	json_decref(report);
	report = bound_report(s, "r1");
	c.report = report;
	json_object_set_new(report, "text", json_string("approved"));
	json_t *which = json_pack("{s:s}", "report", "r1");
	c.action = "approve";
	json_object_set_new(report, "exercise", json_false());
	c.args = which;
	CHECK(!store_change(chen, &c) && strstr(store_error(chen), "does not say so"), "%s",
		store_error(chen));
	json_object_set_new(report, "exercise", json_true());
	c.args = which;
	CHECK(!store_change(s, &c), "by who drafted it");
	json_t *kept = store_report(s, "r1");
	CHECK(strcmp(json_string_value(json_object_get(kept, "text")), "draft") == 0,
		"as it was");
	json_decref(kept);
	CHECK(store_change(chen, &c), "%s", store_error(chen));
	kept = store_report(s, "r1");
	CHECK(strcmp(json_string_value(json_object_get(kept, "text")), "approved") == 0,
		"kept");
	json_decref(kept);
	CHECK(!store_report(s, "r2"), "there is none");
	json_decref(which);
	json_decref(args);
	json_decref(report);
	store_close(chen);
	store_close(s);
}

/* ---- the gate ---- */

static void test_gate(void)
{
	struct store *s = open_new("gate");
	merge(s, "INC-1", 1, 1);
	store_close(s);
	CHECK(!open_as("gate", STORE_READ, person("eve", ROLE_NONE)), "nobody");
	s = open_as("gate", STORE_WRITE, person("li", ROLE_VIEWER));
	CHECK(!change(s, "INC-1", "ack", "{}"), "a viewer");
	CHECK(strcmp(store_error(s), "li (viewer) may not change incidents") == 0, "%s",
		store_error(s));
	CHECK(merge(s, "INC-1", 2, 2) == STORE_FAILED, "a viewer feeds nothing");
	CHECK(!store_backup(s, path_of("gate-copy"), T0), "nor copies it");
	store_close(s);
	s = open_as("gate", STORE_WRITE, person("li", ROLE_ANALYST));
	CHECK(change(s, "INC-1", "dismiss", "{\"reason\":\"duplicate\"}"), "%s",
		store_error(s));
	CHECK(!change(s, "INC-1", "reopen", "{\"reason\":\"x\"}"), "an approver's");
	store_close(s);
	s = open_as("gate", STORE_WRITE, person_sensor("s1"));
	CHECK(merge(s, "INC-1", 2, 2) == STORE_CHANGED, "%s", store_error(s));
	CHECK(!change(s, "INC-1", "note", "{\"text\":\"x\"}"),
		"a sensor decides nothing");
	store_close(s);
	CHECK(!open_as("nothing", STORE_WRITE, person("root", ROLE_ADMINISTRATOR)),
		"no store");
	s = open_as("gate", STORE_READ, person("li", ROLE_ANALYST));
	CHECK(s && !change(s, "INC-1", "note", "{\"text\":\"x\"}"), "opened for reading");
	store_close(s);
}

static void test_modes(void)
{
	struct stat st;
	store_close(open_new("modes"));
	CHECK(stat(path_of("modes"), &st) == 0 && (st.st_mode & 0777) == 0750, "folder");
	CHECK(stat(path_of("modes/incidents.db"), &st) == 0 &&
			(st.st_mode & 0777) == 0640,
		"database");
}

/* ---- care ---- */

static void test_retain(void)
{
	struct store_counts n;
	struct store *s = open_new("retain");
	merge(s, "INC-1", 1, 1);
	merge(s, "INC-2", 1, 1);
	change(s, "INC-2", "dismiss", "{\"reason\":\"duplicate\"}");
	for (unsigned i = 0; i < 30; i++)
		put_alert(s, i, i % 3 == 0 ? NULL : i % 3 == 1 ? "INC-1" : "INC-2");
	struct store_operation o = { .time_ns = T0, .verb = "write" };
	store_add_operation(s, &o);
	struct store_keep keep = { .days = 1 };
	uint64_t now = T0 + (86400 + 15) * SECOND; /* half of them are older than a day */
	CHECK(store_retain(s, &keep, now), "%s", store_error(s));
	CHECK(store_count(s, &n) && n.alerts == 20 && n.operations == 0, "%llu alerts",
		(unsigned long long)n.alerts);
	CHECK(store_retain(s, &keep, now) && store_count(s, &n) && n.alerts == 20,
		"again");
	keep = (struct store_keep){ .bytes = 1 };
	CHECK(store_retain(s, &keep, now) && store_count(s, &n) && n.alerts == 0,
		"by size");
	CHECK(n.incidents == 2 && n.entries == 5, "incidents and the trail stay");
	store_close(s);
	CHECK(count_entries("retain/audit.ndjson") == 5, "and it is told");
}

static void test_backup(void)
{
	struct store_counts n;
	struct store *s = open_new("original");
	merge(s, "INC-1", 1, 1);
	put_alert(s, 1, "INC-1");
	CHECK(store_backup(s, path_of("copy"), T0), "%s", store_error(s));
	CHECK(!store_backup(s, path_of("copy"), T0), "it is there already");
	merge(s, "INC-2", 1, 1);
	store_close(s);
	s = open_as("copy", STORE_READ, person("root", ROLE_ADMINISTRATOR));
	CHECK(s && store_count(s, &n) && n.incidents == 1 && n.alerts == 1 &&
			n.entries == 2,
		"as it was");
	store_close(s);
	CHECK(count_entries("copy/audit.ndjson") == 2, "with its trail");
}

static void test_versions(void)
{
	sqlite3 *db;
	store_close(open_new("version"));
	sqlite3_open(path_of("version/incidents.db"), &db);
	sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
	sqlite3_close(db);
	CHECK(!open_new("version"), "of a newer program");
	unlink(path_of("version/incidents.db-wal"));
	unlink(path_of("version/incidents.db-shm"));
	FILE *out = fopen(path_of("version/incidents.db"), "w");
	fputs("this is no database, but it is a file of some length\n", out);
	fclose(out);
	CHECK(!open_new("version"), "no database");
}

int main(void)
{
	snprintf(root, sizeof(root), "/tmp/test_store.XXXXXX");
	if (!mkdtemp(root))
		return 1;
	test_merge();
	test_bad_documents();
	test_merge_incidents();
	test_evaluate();
	test_list();
	test_find();
	test_history();
	test_open();
	test_alerts();
	test_operations();
	test_trail();
	test_replaced();
	test_damaged();
	test_reports();
	test_gate();
	test_modes();
	test_retain();
	test_backup();
	test_versions();
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return test_end();
}
