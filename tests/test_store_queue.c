/* The way from the ordered stage into a store. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "engine/store_queue.h"
#include "test.h"

static char root[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static char *folder(const char *name)
{
	return mem_printf("%s/%s", root, name);
}

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static struct store_queue *open_queue(const char *dir, bool is_live, size_t room)
{
	struct store_queue_config config = { .dir = dir,
		.sensor_id = "s1",
		.site = "plant",
		.is_live = is_live,
		.room = room };
	return store_queue_new(&config);
}

static struct store *open_store(const char *dir)
{
	struct store_config config = { .dir = dir, .mode = STORE_READ,
		.person = person_sensor("test") };
	return store_open(&config);
}

static char *alert_line(unsigned n)
{
	return mem_printf(
		"{\"timestamp\":\"2026-11-18T10:00:00.%06u+0000\",\"src_ip\":\"10.0.0.9\","
		"\"dest_ip\":\"10.0.0.1\",\"app_proto\":\"modbus\",\"alert\":{\"signature_id\":7,"
		"\"severity\":1,\"signature\":\"m\"},\"ot\":{\"uid\":"
		"\"%08x-0000-5000-8000-000000000000\",\"operation\":{\"verb\":\"write\",\"unit\":3,"
		"\"object\":\"coil\",\"point\":{\"addr\":20,\"count\":4},\"value\":[1,0,1,1],"
		"\"value_prev\":\"x\",\"code\":\"a\\u0000b\",\"outcome\":\"accepted\"}}}\n",
		n, n);
}

static void push_alert(struct store_queue *q, unsigned n)
{
	char *line = alert_line(n);
	store_queue_alert(q, bytes_of(line), n % 2 ? "INC-1" : NULL);
	free(line);
}

/* ---- replay: everything goes in, however small the queue is ---- */

static void check_alert(void *context, const struct store_alert *a)
{
	const struct store_operation *o = &a->operation;
	CHECK(a->sid == 7 && strcmp(a->msg, "m") == 0 && strcmp(o->src, "10.0.0.9") == 0,
		"rule");
	CHECK(strcmp(o->unit, "3") == 0 && strcmp(o->point, "20 (4)") == 0, "point %s",
		o->point);
	CHECK(strcmp(o->value, "[1,0,1,1]") == 0 && strcmp(o->value_prev, "x") == 0,
		"values");
	++*(unsigned *)context;
}

static void test_replay(void)
{
	unsigned count = 0;
	struct store_counts counts;
	char *dir = folder("replay");
	struct store_queue *q = open_queue(dir, false, 1000);
	for (unsigned n = 0; n < 500; n++)
		push_alert(q, n);
	store_queue_document(q, bytes_of("{\"id\":\"INC-1\",\"revision\":1}"), 1);
	store_queue_alert(q, bytes_of("{\"no\":\"alert\"}"), NULL);
	store_queue_document(q, bytes_of("{\"broken"), 1);
	store_queue_finish(q);
	CHECK(store_queue_lost(q) == 2, "what is no alert, and no document");
	struct store *s = open_store(dir);
	CHECK(s && store_count(s, &counts) && counts.alerts == 500 &&
			counts.incidents == 1,
		"all of it is there");
	struct store_period of_one = { .incident = "INC-1" };
	CHECK(store_alerts(s, &of_one, check_alert, &count) && count == 250, "%u", count);
	store_close(s);
	store_queue_free(q);
	free(dir);
}

/* ---- live: what has no room is counted ---- */

static void test_live(void)
{
	struct store_counts counts;
	char *dir = folder("live");
	struct store_queue *q = open_queue(dir, true, 20000);
	for (unsigned n = 0; n < 500; n++)
		push_alert(q, n);
	store_queue_finish(q);
	uint64_t lost = store_queue_lost(q);
	store_queue_free(q);
	struct store *s = open_store(dir);
	CHECK(s && store_count(s, &counts), "open");
	CHECK(lost > 0 && counts.alerts > 0, "some had no room: %u", (unsigned)lost);
	CHECK(counts.alerts + lost == 500, "none is neither there nor counted");
	store_close(s);
	free(dir);
}

/* ---- somebody else writes for longer than is waited: no piece goes in by itself ---- */

static void test_busy(void)
{
	enum { LONGER_MS = 10500, COUNT = 3 };
	struct store_counts counts;
	sqlite3 *other;
	char *dir = folder("busy"), *path = mem_printf("%s/incidents.db", dir);
	struct store_queue *q = open_queue(dir, false, 20000);
	CHECK(sqlite3_open(path, &other) == SQLITE_OK &&
			!sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), "lock");
	for (unsigned n = 0; n < COUNT; n++)
		push_alert(q, n);
	usleep(LONGER_MS * 1000);
	sqlite3_close(other);
	store_queue_finish(q);
	uint64_t lost = store_queue_lost(q);
	store_queue_free(q);
	struct store *s = open_store(dir);
	CHECK(s && store_count(s, &counts) && lost > 0 && counts.alerts + lost == COUNT,
		"busy: %u there and %u lost", (unsigned)counts.alerts, (unsigned)lost);
	store_close(s);
	free(path);
	free(dir);
}

/* ---- operations ---- */

static void add_operation(void *context, const struct store_operation *o)
{
	struct text *t = context;
	text_printf(t, "%s %s %s>%s; ", o->verb, o->point ? o->point : "-",
		o->value_prev ? o->value_prev : "-", o->value ? o->value : "-");
}

static void test_operations(void)
{
	static const char many[] = "{\"timestamp\":\"2026-11-18T10:00:00+0000\",\"ot\":{"
		"\"operation\":{\"verb\":\"write\",\"point\":{\"addr\":2},\"value\":7,"
		"\"value_prev\":6},\"operations\":[{\"verb\":\"read\",\"point\":{\"addr\":1}},"
		"{\"verb\":\"write\",\"point\":{\"addr\":2},\"value\":7},"
		"{\"verb\":\"write\",\"point\":{\"addr\":3},\"value\":8}]}}";
	struct text seen = { 0 };
	struct store_period all = { 0 };
	char *dir = folder("operations");
	struct store_queue *q = open_queue(dir, false, 1000);
	store_queue_operations(q, bytes_of(many));
	store_queue_operations(q, bytes_of(many));
	store_queue_free(q);
	struct store *s = open_store(dir);
	CHECK(s && store_operations(s, &all, add_operation, &seen), "open");
	text_char(&seen, '\0');
	CHECK(strstr(seen.at, "write 2 6>7; ") && strstr(seen.at, "write 3 ->8; ") &&
		strlen(seen.at) == 26, "each once, and none that reads: %s", seen.at);
	text_fini(&seen);
	store_close(s);
	free(dir);
}

static void test_refused(void)
{
	char *dir = folder("missing/folder");
	CHECK(!open_queue(dir, false, 1000), "where no folder can be made");
	free(dir);
}

int main(void)
{
	snprintf(root, sizeof(root), "/tmp/test_store_queue.XXXXXX");
	if (!mkdtemp(root))
		return 1;
	test_replay();
	test_live();
	test_busy();
	test_operations();
	test_refused();
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return test_end();
}
