/* What waits for a sink: the queue in memory and the spool on disk. Order, bounds, what goes
 * first, and what a spool looks like after a crash. */
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "output/spool.h"
#include "test.h"

static char folder[] = "/tmp/test_spool.XXXXXX";

static struct bytes bytes_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static bool is(const struct queue_entry *e, const char *line)
{
	return e && e->len == strlen(line) && memcmp(e->at, line, e->len) == 0;
}

/* ---- the queue ---- */

/* Steps of a small language: a number is an alert of that name, a letter an event, "<" takes
 * one out, "^" puts what was taken back. What comes out at the end must be `left`. */
static const struct {
	const char *what, *steps, *left;
	unsigned lost_events, lost_alerts;
} queues[] = {
	{ "in order", "a1b2", "a1b2", 0, 0 },
	{ "an event too many", "a1b2c", "a1b2", 1, 0 },
	{ "an alert takes an event's place", "a1b23", "1b23", 1, 0 },
	{ "and the next", "a1b234", "1234", 2, 0 },
	{ "an alert too many", "12345", "1234", 0, 1 },
	{ "an event among alerts", "1234e", "1234", 1, 0 },
	{ "taken", "ab<1", "b1", 0, 0 },
	{ "back in front", "ab<1^", "ab1", 0, 0 },
	{ "back, an event too many", "abcd<e^", "bcde", 1, 0 },
	{ "back, an alert finds room", "1bcd<e^", "1cde", 1, 0 },
};

static void step(struct queue *q, char c, struct queue_entry **taken)
{
	char line[] = { c, '\n' };

	if (c == '<')
		*taken = queue_pop(q);
	else if (c == '^')
		queue_return(q, *taken);
	else
		queue_push(q, (struct bytes){ (uint8_t *)line, 2 },
			c < 'a' ? LINE_ALERT : LINE_EVENT);
	if (c == '^')
		*taken = NULL;
}

static void test_queue(void)
{
	for (size_t i = 0; i < sizeof(queues) / sizeof(*queues); i++) {
		struct queue q;
		struct queue_entry *e, *taken = NULL;
		char left[16] = "";
		queue_init(&q, 4 * (sizeof(struct queue_entry) + 2));
		for (const char *s = queues[i].steps; *s; s++)
			step(&q, *s, &taken);
		free(taken);
		while ((e = queue_pop(&q)) != NULL) {
			strncat(left, (char *)e->at, 1);
			free(e);
		}
		CHECK(!strcmp(left, queues[i].left), "%s: %s", queues[i].what, left);
		CHECK(q.lost[LINE_EVENT] == queues[i].lost_events &&
			q.lost[LINE_ALERT] == queues[i].lost_alerts, "%s", queues[i].what);
		CHECK(q.used == 0, "%zu", q.used);
		queue_fini(&q);
	}
}

static void test_large_entry(void)
{
	char line[1000];
	struct queue q;

	memset(line, 'x', sizeof(line));
	line[999] = '\n';
	queue_init(&q, 500);
	queue_push(&q, (struct bytes){ (uint8_t *)line, 1000 }, LINE_EVENT);
	CHECK(!queue_is_empty(&q), "an empty queue takes any line");
	queue_push(&q, bytes_of("a\n"), LINE_EVENT);
	CHECK(q.lost[LINE_EVENT] == 1, "and no more");
	queue_push(&q, (struct bytes){ (uint8_t *)line, 1000 }, LINE_ALERT);
	CHECK(q.lost[LINE_EVENT] == 2 && q.lost[LINE_ALERT] == 0, "an alert takes it over");
	queue_fini(&q);
}

/* ---- the spool ---- */

static void forget_files(void)
{
	char pattern[64];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*", folder);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
}

/* How many segment files there are, and the name of the last. */
static unsigned segments(const char *lane, char *last)
{
	char pattern[64];
	glob_t found;
	unsigned count = 0;

	snprintf(pattern, sizeof(pattern), "%s/%s-*", folder, lane);
	if (glob(pattern, 0, NULL, &found) == 0) {
		count = (unsigned)found.gl_pathc;
		if (last)
			strcpy(last, found.gl_pathv[count - 1]);
	}
	globfree(&found);
	return count;
}

static const char *line_text(int i)
{
	static char text[64];
	snprintf(text, sizeof(text), "{\"n\":%06d,\"text\":\"some words\"}\n", i);
	return text;
}

/* Lines `from` to `to`, each tenth an alert. */
static void add_lines(struct spool *s, int from, int to)
{
	for (int i = from; i < to; i++)
		CHECK(spool_add(s, bytes_of(line_text(i)), i % 10 == 0 ? LINE_ALERT : LINE_EVENT),
			"%d", i);
}

/* Reads `count` lines and compares the first one's number; confirms them or not. */
static void read_lines(struct spool *s, int from, int count, bool confirms)
{
	for (int i = from; i < from + count; i++) {
		struct queue_entry *e = spool_next(s);
		CHECK(is(e, line_text(i)), "line %d: %.*s", i, e ? (int)e->len : 0,
			e ? (char *)e->at : "");
		if (e && confirms)
			spool_confirm(s, e);
		free(e);
	}
}

static struct spool *open_spool(size_t limit)
{
	struct spool *s = spool_open(folder, limit);
	CHECK(s, "open");
	return s;
}

static void test_order(void)
{
	struct spool *s = open_spool(1 << 20);

	CHECK(spool_is_read(s) && !spool_next(s), "empty");
	add_lines(s, 0, 1000);
	CHECK(spool_lines(s) == 1000 && !spool_is_read(s), "%lu", (unsigned long)spool_lines(s));
	read_lines(s, 0, 100, true);
	read_lines(s, 100, 50, false);
	spool_rewind(s);
	read_lines(s, 100, 50, true);
	CHECK(spool_lines(s) == 850, "%lu", (unsigned long)spool_lines(s));
	add_lines(s, 1000, 1100);
	read_lines(s, 150, 950, true);
	CHECK(spool_is_read(s) && spool_lines(s) == 0 && !spool_next(s), "all");
	CHECK(segments("event", NULL) == 0 && segments("alert", NULL) == 0, "no file is left");
	spool_close(s);
	forget_files();
}

/* It is there again after a restart, without what had arrived. */
static void test_restart(void)
{
	struct spool *s = open_spool(1 << 20);

	add_lines(s, 0, 500);
	read_lines(s, 0, 123, true);
	read_lines(s, 123, 7, false);
	CHECK(!spool_open(folder, 1 << 20), "it is locked");
	spool_close(s);
	s = open_spool(1 << 20);
	CHECK(spool_lines(s) == 377, "%lu", (unsigned long)spool_lines(s));
	add_lines(s, 500, 600);
	read_lines(s, 123, 477, true);
	CHECK(spool_lines(s) == 0 && spool_lost(s, LINE_EVENT) == 0, "all");
	spool_close(s);
	forget_files();
}

static void append(const char *path, const char *text)
{
	FILE *f = fopen(path, "a");
	fputs(text, f);
	fclose(f);
}

/* A power failure cut the last line; and somebody wrote nonsense into a file. */
static void test_damage(void)
{
	char last[128];
	struct stat st;
	struct spool *s = open_spool(1 << 20);

	add_lines(s, 1, 10);
	spool_close(s);
	segments("event", last);
	stat(last, &st);
	CHECK(truncate(last, st.st_size - 5) == 0, "cut");
	s = open_spool(1 << 20);
	CHECK(spool_lines(s) == 8 && spool_lost(s, LINE_EVENT) == 1, "%lu",
		(unsigned long)spool_lines(s));
	spool_close(s);
	append(last, "nonsense\n0000000000000099 {\"cut\n");
	s = open_spool(1 << 20);
	add_lines(s, 9, 12);
	read_lines(s, 1, 11, true);
	CHECK(spool_lines(s) == 0 && spool_lost(s, LINE_EVENT) == 2, "%lu lost",
		(unsigned long)spool_lost(s, LINE_EVENT));
	spool_close(s);
	append(last, "only nonsense\n");
	s = open_spool(1 << 20);
	CHECK(spool_lines(s) == 0 && spool_is_read(s) && spool_lost(s, LINE_EVENT) == 1, "lost");
	spool_close(s);
	forget_files();
}

static uint64_t disk_use(void)
{
	char pattern[64];
	glob_t found;
	struct stat st;
	uint64_t sum = 0;

	snprintf(pattern, sizeof(pattern), "%s/*-*", folder);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			sum += stat(found.gl_pathv[i], &st) == 0 ? (uint64_t)st.st_size : 0;
	globfree(&found);
	return sum;
}

/* Events that find no room are lost; alerts take the place of old events, then are lost too. */
static void test_bound(void)
{
	enum { LIMIT = 64 << 10 };
	struct spool *s = open_spool(LIMIT);
	uint64_t lines = 0, alerts = 0;

	for (int i = 0; i < 3000; i++)
		spool_add(s, bytes_of(line_text(i)), LINE_EVENT);
	CHECK(disk_use() <= LIMIT, "%lu", (unsigned long)disk_use());
	lines = spool_lines(s);
	CHECK(lines > 1000 && spool_lost(s, LINE_EVENT) == 3000 - lines, "%lu",
		(unsigned long)lines);
	for (int i = 0; i < 3000; i++)
		spool_add(s, bytes_of(line_text(i)), LINE_ALERT);
	CHECK(disk_use() <= LIMIT, "%lu", (unsigned long)disk_use());
	CHECK(spool_lost(s, LINE_EVENT) == 3000, "all events made room for alerts");
	alerts = spool_lines(s);
	CHECK(alerts > 1000 && spool_lost(s, LINE_ALERT) == 3000 - alerts, "%lu",
		(unsigned long)alerts);
	read_lines(s, 0, (int)alerts, true);
	CHECK(spool_lines(s) == 0 && !spool_next(s), "the oldest alerts, in order");
	spool_close(s);
	forget_files();
}

/* What is given up while it is on its way is confirmed later all the same. */
static void test_shed_on_the_way(void)
{
	enum { LIMIT = 64 << 10 };
	struct spool *s = open_spool(LIMIT);

	for (int i = 0; i < 3000; i++)
		spool_add(s, bytes_of(line_text(i)), LINE_EVENT);
	struct queue_entry *e = spool_next(s);
	for (int i = 0; i < 3000; i++)
		spool_add(s, bytes_of(line_text(i)), LINE_ALERT);
	spool_confirm(s, e);
	free(e);
	read_lines(s, 0, (int)spool_lines(s), true);
	CHECK(spool_is_read(s), "nothing is left");
	spool_close(s);
	forget_files();
}

/* A full disk: the record is not there, and the next one after it is whole. */
static void test_disk_full(void)
{
	struct rlimit before, limit;
	struct spool *s = open_spool(1 << 20);

	add_lines(s, 1, 3);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 120, before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &limit);
	bool ok = spool_add(s, bytes_of(line_text(3)), LINE_EVENT);
	setrlimit(RLIMIT_FSIZE, &before);
	CHECK(!ok && spool_lines(s) == 2, "%lu", (unsigned long)spool_lines(s));
	add_lines(s, 3, 6);
	read_lines(s, 1, 5, true);
	spool_close(s);
	forget_files();
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	if (!mkdtemp(folder))
		return 1;
	test_queue();
	test_large_entry();
	test_order();
	test_restart();
	test_damage();
	test_bound();
	test_shed_on_the_way();
	test_disk_full();
	rmdir(folder);
	return test_end();
}
