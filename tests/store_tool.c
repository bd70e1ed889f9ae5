/* A store under load, for tests/store_crash.py and tools/bench-store.
 *
 *	store_tool change DIR          changes incidents for ever and prints, one a line,
 *what the store has acknowledged: "note N", "merge N", "alert N" store_tool check DIR
 *what is in it, as JSON: notes, merges, alerts store_tool fill DIR ALERTS INCIDENTS that
 *many, as a sensor would store_tool ask DIR             asks what people ask, and prints
 *the milliseconds */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incident/store.h"
#include "incident/time.h"

#define T0 UINT64_C(1795000000000000000)
#define SECOND UINT64_C(1000000000)

enum { BATCH_OF_CHANGES = 50, BATCH = 10000 };

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct store *open_store(const char *dir, enum store_mode mode)
{
	struct store_config config = { .dir = dir,
		.mode = mode,
		.log = "audit-load",
		.person = {
			.id = "tester", .role = ROLE_ADMINISTRATOR, .auth = "local" } };
	struct store *s = store_open(&config);
	if (!s)
		exit(2);
	return s;
}

static int fail(struct store *s, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, store_error(s));
	store_close(s);
	return 1;
}

static void name_incident(char id[32], unsigned n)
{
	snprintf(id, 32, "INC-%06u", n);
}

static json_t *document(unsigned n, unsigned revision)
{
	char id[32], first[TIME_TEXT], last[TIME_TEXT], asset[32];
	name_incident(id, n);
	snprintf(asset, sizeof(asset), "PLC-%03u", n % 500);
	time_rfc3339(T0 + n * 60 * SECOND, first);
	time_rfc3339(T0 + (n * 60 + revision) * SECOND, last);
	return json_pack(
		"{s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s, s:s}, s:{s:i}, s:[{s:s, s:s}],"
		"s:{s:{s:i}}, s:{s:i}}",
		"schema", "ironspan.incident/1", "id", id, "revision", revision, "title",
		"Write accepted from an unknown source", "state", "detected", "times",
		"first_activity", first, "detected", first, "last_activity", last,
		"alerts", "count", revision, "affected", "asset", asset, "ip", "10.0.0.1",
		"grade", "proposed", "level", (int)(n % 4) + 1, "score", "value",
		(int)(n * 7919 % 101));
}

static bool merge(struct store *s, unsigned n, unsigned revision)
{
	json_t *doc = document(n, revision);
	bool ok = store_merge(s, doc, T0 + (uint64_t)n * SECOND) == STORE_CHANGED;
	json_decref(doc);
	return ok;
}

static bool add_alert(struct store *s, unsigned n, const char *incident)
{
	char uid[40], src[24], dst[24];
	snprintf(uid, sizeof(uid), "%08x-0000-5000-8000-%012x", n * 2654435761u, n);
	snprintf(src, sizeof(src), "10.0.%u.%u", n % 7, n % 200);
	snprintf(dst, sizeof(dst), "10.1.0.%u", n % 500 % 250);
	struct store_alert a = { .uid = uid,
		.sid = 9000000 + n % 300,
		.severity = n % 3 + 1,
		.msg = "OT write accepted from a source that is not in the baseline",
		.incident = incident,
		.operation = { .time_ns = T0 + n * (SECOND / 1000),
			.src = src,
			.dst = dst,
			.protocol = "modbus",
			.verb = "write",
			.unit = "1",
			.object = "holding_register",
			.point = "40021",
			.value = "1850",
			.value_prev = "1200",
			.outcome = "accepted" } };
	return store_add_alert(s, &a);
}

/* ---- change ---- */

static bool add_note(struct store *s, unsigned n)
{
	char text[24], id[32];
	name_incident(id, 0);
	snprintf(text, sizeof(text), "%u", n);
	json_t *args = json_pack("{s:s, s:s}", "owner", text, "group", text);
	struct store_change c = { .id = id, .action = "assign", .args = args,
		.now_ns = T0 + n * SECOND };
	bool ok = store_change(s, &c);
	json_decref(args);
	return ok;
}

static bool add_batch(struct store *s, unsigned n)
{
	bool ok = store_begin(s);
	for (unsigned i = 0; ok && i < BATCH_OF_CHANGES; i++)
		ok = add_alert(s, n * BATCH_OF_CHANGES + i, "INC-000000");
	return ok && store_commit(s);
}

struct found {
	unsigned note;
	struct store_counts counts;
};

static bool find(struct store *s, struct found *f)
{
	json_t *doc = store_get(s, "INC-000000");
	const char *note = json_string_value(
		json_object_get(json_object_get(doc, "assignment"), "owner"));
	f->note = note ? (unsigned)strtoul(note, NULL, 10) : 0;
	json_decref(doc);
	return store_count(s, &f->counts);
}

/* Goes on from what is there. */
static int change(const char *dir)
{
	struct store *s = open_store(dir, STORE_CREATE);
	struct found f;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!find(s, &f) || (f.counts.incidents == 0 && !merge(s, 0, 1)))
		return fail(s, "first");
	unsigned merges = f.counts.incidents ? (unsigned)f.counts.incidents - 1 : 0;
	unsigned batches = (unsigned)f.counts.alerts / BATCH_OF_CHANGES;
	for (unsigned n = 1;; n++) {
		if (!add_note(s, f.note + n))
			return fail(s, "note");
		printf("note %u\n", f.note + n);
		if (!merge(s, merges + n, 1))
			return fail(s, "merge");
		printf("merge %u\n", merges + n);
		if (!add_batch(s, batches + n - 1))
			return fail(s, "alert");
		printf("alert %u\n", batches + n);
	}
}

static int check(const char *dir)
{
	struct store *s = open_store(dir, STORE_CREATE);
	struct found f;
	if (!find(s, &f))
		return fail(s, "count");
	printf("{\"note\":%u,\"incidents\":%" PRIu64 ",\"alerts\":%" PRIu64 "}\n", f.note,
		f.counts.incidents, f.counts.alerts);
	store_close(s);
	return 0;
}

/* ---- fill and ask ---- */

static int fill(const char *dir, unsigned alerts, unsigned incidents)
{
	struct store *s = open_store(dir, STORE_CREATE);
	char id[32];
	bool ok = true;
	double begin = now_ms();
	for (unsigned n = 0; ok && n < incidents; n++) {
		ok = (n % BATCH || store_begin(s)) && merge(s, n, 1) &&
			((n + 1) % BATCH && n + 1 < incidents ? true : store_commit(s));
	}
	printf("%u incidents: %.0f a second\n", incidents,
		incidents / (now_ms() - begin) * 1e3);
	begin = now_ms();
	for (unsigned n = 0; ok && n < alerts; n++) {
		name_incident(id, n / 100 % incidents);
		ok = (n % BATCH || store_begin(s)) && add_alert(s, n, id) &&
			((n + 1) % BATCH && n + 1 < alerts ? true : store_commit(s));
	}
	printf("%u alerts: %.0f a second\n", alerts, alerts / (now_ms() - begin) * 1e3);
	if (!ok)
		return fail(s, "fill");
	store_close(s);
	return 0;
}

static void count_row(void *context, const struct store_row *r)
{
	(void)r;
	++*(unsigned *)context;
}

static void count_alert(void *context, const struct store_alert *a)
{
	(void)a;
	++*(unsigned *)context;
}

static void ask_list(struct store *s, const char *what, struct store_filter f)
{
	unsigned count = 0;
	double begin = now_ms();
	if (!store_list(s, &f, count_row, &count))
		fail(s, what);
	printf("%8.2f ms %8u rows  %s\n", now_ms() - begin, count, what);
}

static void ask_alerts(struct store *s, const char *what, struct store_period p)
{
	unsigned count = 0;
	double begin = now_ms();
	if (!store_alerts(s, &p, count_alert, &count))
		fail(s, what);
	printf("%8.2f ms %8u rows  %s\n", now_ms() - begin, count, what);
}

static int ask(const char *dir)
{
	struct store *s = open_store(dir, STORE_READ);
	double begin = now_ms();
	char *id = store_find(s, "000123");
	json_t *doc = store_get(s, id ? id : "");
	printf("%8.2f ms %8u rows  one incident, by the end of its id\n",
		now_ms() - begin, doc != NULL);
	json_decref(doc);
	ask_list(s, "all incidents", (struct store_filter){ 0 });
	ask_list(s, "the 50 most urgent", (struct store_filter){ .limit = 50 });
	ask_list(s, "level 1, detected", (struct store_filter){ .level = 1,
		.states = 1u << LIFE_DETECTED });
	ask_list(s, "of a device", (struct store_filter){ .asset = "PLC-007" });
	ask_list(s, "since", (struct store_filter){ .since_ns = T0 + 500000 * SECOND });
	ask_alerts(s, "alerts of an incident", (struct store_period){ .incident = id });
	ask_alerts(s, "its newest 10", (struct store_period){ .incident = id, .limit = 10,
		.newest = true });
	ask_alerts(s, "1000 from an address", (struct store_period){ .src = "10.0.3.7",
		.limit = 1000 });
	ask_alerts(s, "1000 to an address, newest",
		(struct store_period){
			.dst = "10.1.0.7", .limit = 1000, .newest = true });
	ask_alerts(s, "1000 of a rule",
		(struct store_period){ .sid = 9000007, .limit = 1000 });
	ask_alerts(s, "10 seconds", (struct store_period){ .since_ns = T0 + 500 * SECOND,
		.until_ns = T0 + 510 * SECOND });
	ask_alerts(s, "of a rule to an address", (struct store_period){ .sid = 9000007,
		.dst = "10.1.0.7", .limit = 1000 });
	ask_alerts(s, "the newest 1000",
		(struct store_period){ .limit = 1000, .newest = true });
	free(id);
	store_close(s);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	unsigned a = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	unsigned b = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 1;
	if (strcmp(mode, "change") == 0)
		return change(argv[2]);
	if (strcmp(mode, "check") == 0)
		return check(argv[2]);
	if (strcmp(mode, "fill") == 0)
		return fill(argv[2], a, b ? b : 1);
	if (strcmp(mode, "ask") == 0)
		return ask(argv[2]);
	fprintf(stderr, "usage: store_tool change|check|fill|ask DIR …\n");
	return 2;
}
