/* Sinks: whole lines, nothing lost while it can be helped, everything lost counted; live,
 * nobody waits. What is reached over the network is in sinks.py. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/outputs.h"
#include "output/rotate.h"
#include "test.h"

static char folder[] = "/tmp/test_sink.XXXXXX";

static struct sink_config configured[2];

static struct sink *open_sinks(unsigned count, bool is_live)
{
	static struct config c;

	c = (struct config){ .sinks = configured, .sink_count = count, .sinks_on_replay = true,
		.sensor_id = "test" };
	return outputs_open(&c, is_live);
}

static struct sink *open_sink(unsigned type, const char *path, bool is_live)
{
	static char kept[128];

	snprintf(kept, sizeof(kept), "%s", path ? path : "");
	configured[0] = (struct sink_config){ .type = type, .path = kept, .queue = 1 << 20,
		.keep = 3 };
	return open_sinks(1, is_live);
}

static struct sink *open_file(const char *path)
{
	return open_sink(SINK_FILE, path, false);
}

static struct sink_counters counters(struct sink *s)
{
	struct sink_counters c = { .lines = UINT64_MAX };

	CHECK(sink_count(s, 0, &c), "there is one");
	return c;
}

static uint64_t lost(struct sink *s)
{
	struct sink_counters c = counters(s);
	return c.lost[LINE_EVENT] + c.lost[LINE_ALERT];
}

static struct bytes bytes_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static const char *path_of(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *p = path[next++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	return p;
}

/* What a file holds, at most `len` bytes of it, with a NUL. */
static size_t slurp(const char *path, char *into, size_t len)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(into, 1, len - 1, f) : 0;
	if (f)
		fclose(f);
	into[n] = 0;
	return n;
}

static void test_file(void)
{
	char content[256];
	const char *path = path_of("eve.json");
	for (int round = 0; round < 2; round++) {
		struct sink *s = open_file(path);
		CHECK(s, "open");
		CHECK(sink_write(s, bytes_of("{\"a\":1}\n"), LINE_EVENT), "write");
		CHECK(sink_write(s, bytes_of("{}\n{}\n"), LINE_ALERT), "write");
		slurp(path, content, sizeof(content));
		CHECK(strlen(content) == (round ? 14 : 0), "buffered: %s", content);
		CHECK(sink_flush(s), "flush");
		struct sink_counters c = counters(s);
		CHECK(c.lines == 3 && c.bytes == 14 && lost(s) == 0, "%lu lines",
			(unsigned long)c.lines);
		sink_close(s);
	}
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "{\"a\":1}\n{}\n{}\n{\"a\":1}\n{}\n{}\n"), "%s", content);
	CHECK(!open_file(path_of("no/such/folder")), "opened");
}

/* Many lines, some longer than the buffer: every one arrives, in order. */
static void test_large(void)
{
	enum { LINES = 3000, HUGE = 3 << 20 };
	const char *path = path_of("large.json");
	char *line = malloc(HUGE + 1);
	struct sink *s = open_file(path);
	uint64_t total = 0;
	for (int i = 0; i < LINES; i++) {
		size_t len = i % 1000 == 500 ? HUGE : 1 + (size_t)i * 7 % 4000;
		memset(line, 'a' + i % 26, len);
		line[len - 1] = '\n';
		CHECK(sink_write(s, (struct bytes){ (uint8_t *)line, len }, LINE_EVENT), "write");
		total += len;
	}
	sink_flush(s);
	struct sink_counters c = counters(s);
	CHECK(c.lines == LINES && c.bytes == total, "%lu", (unsigned long)c.bytes);
	sink_close(s);
	FILE *f = fopen(path, "r");
	int wrong = 0;
	for (int i = 0; i < LINES; i++) {
		size_t len = i % 1000 == 500 ? HUGE : 1 + (size_t)i * 7 % 4000;
		wrong += fread(line, 1, len, f) != len || line[len - 1] != '\n' ||
			(len > 1 && line[0] != 'a' + i % 26);
	}
	fclose(f);
	CHECK(wrong == 0, "%d lines are wrong", wrong);
	free(line);
}

static void test_reopen(void)
{
	char content[64];
	const char *path = path_of("rotate.json"), *old = path_of("rotate.json.1");
	struct sink *s = open_file(path);
	sink_write(s, bytes_of("one\n"), LINE_EVENT);
	CHECK(rename(path, old) == 0, "rename");
	sink_reopen(s);
	sink_flush(s);
	sink_write(s, bytes_of("two\n"), LINE_EVENT);
	sink_close(s);
	slurp(old, content, sizeof(content));
	CHECK(!strcmp(content, "one\n"), "%s", content);
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "two\n"), "%s", content);
}

static void test_device_full(void)
{
	struct sink *s = open_file("/dev/full");
	CHECK(s && sink_write(s, bytes_of("one\ntwo\n"), LINE_EVENT), "buffered");
	CHECK(!sink_flush(s) && lost(s) == 2 && counters(s).lines == 0, "%lu lost",
		(unsigned long)lost(s));
	CHECK(!sink_write(s, bytes_of("{\"event_type\":\"alert\"}\n"), LINE_ALERT), "write");
	CHECK(!sink_flush(s) && counters(s).lost[LINE_ALERT] == 1, "%lu lost",
		(unsigned long)lost(s));
	CHECK(!sink_finish(s) && lost(s) == 3, "%lu lost", (unsigned long)lost(s));
	sink_close(s);
}

/* A limit in the middle of a line: the file ends in the line before. */
static void test_half_line(void)
{
	char content[256];
	const char *path = path_of("half.json");
	struct rlimit before, limit = { 0 };
	struct sink *s = open_file(path);
	getrlimit(RLIMIT_FSIZE, &before);
	limit.rlim_cur = 13;
	limit.rlim_max = before.rlim_max;
	sink_write(s, bytes_of("1234\n1234\n12345\n1\n"), LINE_EVENT);
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(!sink_flush(s), "flushed");
	setrlimit(RLIMIT_FSIZE, &before);
	struct sink_counters c = counters(s);
	CHECK(c.lines == 2 && lost(s) == 2 && c.bytes == 10, "%lu lines, %lu lost",
		(unsigned long)c.lines, (unsigned long)lost(s));
	sink_close(s);
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "1234\n1234\n"), "%s", content);
}

/* Standard output is a pipe that takes little at a time, and is set not to block. */
static void test_slow_pipe(void)
{
	enum { LEN = 3 << 20 };
	int ends[2], status, kept = dup(STDOUT_FILENO);
	char *line = malloc(LEN);
	fflush(stdout);
	CHECK(pipe(ends) == 0, "pipe");
	pid_t reader = fork();
	if (reader == 0) {
		size_t total = 0;
		close(ends[1]);
		for (ssize_t n; (n = read(ends[0], line, 50000)) > 0; total += (size_t)n)
			usleep(100);
		_exit(total != LEN);
	}
	close(ends[0]);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	memset(line, 'x', LEN);
	line[LEN - 1] = '\n';
	struct sink *s = open_sink(SINK_STDOUT, NULL, false);
	bool is_written = sink_write(s, (struct bytes){ (uint8_t *)line, LEN }, LINE_EVENT);
	uint64_t lines = counters(s).lines;
	sink_close(s);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	waitpid(reader, &status, 0);
	CHECK(is_written && lines == 1 && status == 0, "status %d", status);
	free(line);
}

static void test_closed_pipe(void)
{
	int ends[2], kept = dup(STDOUT_FILENO);
	fflush(stdout);
	CHECK(pipe(ends) == 0, "pipe");
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
	struct sink *s = open_sink(SINK_STDOUT, NULL, false);
	sink_write(s, bytes_of("one\n"), LINE_EVENT);
	bool is_flushed = sink_flush(s);
	uint64_t gone = lost(s);
	sink_close(s);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	CHECK(!is_flushed && gone == 1, "%lu lost", (unsigned long)gone);
}

/* ---- rotation ---- */

static const struct {
	const char *what;
	struct rotation r;
	const char *lines;
	uint64_t now_s;
	size_t want;
} fits[] = {
	{ "never", { .size = 100 }, "1\n22\n", 5, 5 },
	{ "all fit", { .size_limit = 10, .size = 5 }, "1\n22\n", 5, 5 },
	{ "the first fits", { .size_limit = 10, .size = 6 }, "1\n22\n", 5, 2 },
	{ "none fits", { .size_limit = 10, .size = 9 }, "1\n22\n", 5, 0 },
	{ "a long line alone", { .size_limit = 3 }, "12345\n1\n", 5, 6 },
	{ "a long line later", { .size_limit = 3, .size = 1 }, "12345\n1\n", 5, 0 },
	{ "same hour", { .period_s = 3600, .period = 1, .size = 1 }, "1\n", 7199, 2 },
	{ "next hour", { .period_s = 3600, .period = 1, .size = 1 }, "1\n", 7200, 0 },
	{ "next hour, empty", { .period_s = 3600, .period = 1 }, "1\n", 7200, 2 },
	{ "the clock goes back", { .period_s = 3600, .period = 9, .size = 1 }, "1\n", 7200, 2 },
	{ "it failed", { .size_limit = 3, .size = 3, .not_before_s = 9 }, "1\n", 8, 2 },
	{ "it failed long ago", { .size_limit = 3, .size = 3, .not_before_s = 9 }, "1\n", 9, 0 },
};

static void test_fits(void)
{
	for (size_t i = 0; i < sizeof(fits) / sizeof(*fits); i++) {
		size_t got = rotation_fit(&fits[i].r, bytes_of(fits[i].lines), fits[i].now_s);
		CHECK(got == fits[i].want, "%s: %zu", fits[i].what, got);
	}
}

/* Ten lines, two a file, three old files kept: the last eight are there. */
static void test_rotation(bool is_live)
{
	static const char *const want[] = { "8\n9\n", "6\n7\n", "4\n5\n", "2\n3\n", "" };
	char content[64], line[] = "0\n";
	struct stat st;

	char path[128];
	snprintf(path, sizeof(path), "%s", path_of("log"));
	configured[0] = (struct sink_config){ .type = SINK_FILE, .path = path,
		.queue = 1 << 20, .rotate_size = 4, .keep = 3 };
	struct sink *s = open_sinks(1, is_live);
	for (int i = 0; i < 10; i++, line[0]++)
		sink_write(s, bytes_of(line), LINE_EVENT);
	CHECK(sink_finish(s) && counters(s).lines == 10, "all of them");
	sink_close(s);
	for (int i = 0; i < 5; i++) {
		char name[16];
		snprintf(name, sizeof(name), i ? "log.%d" : "log", i);
		slurp(path_of(name), content, sizeof(content));
		CHECK(!strcmp(content, want[i]), "%s: %s", name, content);
		CHECK(!*want[i] || (stat(path_of(name), &st) == 0 && (st.st_mode & 0777) == 0640),
			"%s: mode %o", name, st.st_mode & 0777);
		unlink(path_of(name));
	}
}

/* A program that was killed left half a line. */
static void test_cut_file(void)
{
	char content[64];
	FILE *f = fopen(path_of("cut.json"), "w");

	fputs("{}\n{\"a", f);
	fclose(f);
	struct sink *s = open_file(path_of("cut.json"));
	sink_write(s, bytes_of("{}\n"), LINE_EVENT);
	sink_close(s);
	slurp(path_of("cut.json"), content, sizeof(content));
	CHECK(!strcmp(content, "{}\n{\"a\n{}\n"), "%s", content);
}

/* ---- several ---- */

static void test_several(void)
{
	static const char *wanted[] = { "incident", "alert" };
	static const char lines[] = "{\"t\":\"\\\"event_type\\\":\\\"alert\\\"\",\"event_type\":"
		"\"asset\"}\n{\"event_type\":\"modbus\"}\n";
	static const char alert[] = "{\"event_type\":\"alert\"}\n";
	char content[256], all[128], some[128];

	snprintf(all, sizeof(all), "%s", path_of("all.json"));
	snprintf(some, sizeof(some), "%s", path_of("some.json"));
	configured[0] = (struct sink_config){ .type = SINK_FILE, .path = all,
		.queue = 1 << 20 };
	configured[1] = configured[0];
	configured[1].path = some;
	configured[1].events = wanted;
	configured[1].event_count = 2;
	for (int is_live = 0; is_live < 2; is_live++) {
		struct sink *s = open_sinks(2, is_live);
		sink_write(s, bytes_of(lines), LINE_EVENT);
		sink_write(s, bytes_of(alert), LINE_ALERT);
		CHECK(sink_finish(s), "nothing is lost");
		struct sink_counters c;
		CHECK(sink_count(s, 1, &c) && c.lines == 1 && !sink_count(s, 2, &c), "two");
		sink_close(s);
		slurp(some, content, sizeof(content));
		CHECK(!strcmp(content, alert), "%s", content);
		slurp(all, content, sizeof(content));
		CHECK(!strncmp(content, lines, strlen(lines)) &&
			!strcmp(content + strlen(lines), alert), "%s", content);
		unlink(some);
		unlink(all);
	}
}

/* ---- live ---- */

enum { WRITERS = 3, LINES_EACH = 20000 };

static void *write_many(void *sink)
{
	for (int i = 0; i < LINES_EACH; i++) {
		bool is_alert = i % 100 == 0;
		sink_write(sink, bytes_of(is_alert ? "{\"event_type\":\"alert\"}\n"
			: "{\"event_type\":\"modbus\",\"a\":\"some more text\"}\n"), is_alert);
		if (i % 10 == 0)
			sink_flush(sink);
		if (i % 5000 == 0)
			sink_reopen(sink);
	}
	return NULL;
}

static void write_from_threads(struct sink *s)
{
	pthread_t writers[WRITERS];

	for (int i = 0; i < WRITERS; i++)
		pthread_create(&writers[i], NULL, write_many, s);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
}

static uint64_t lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	uint64_t lines = 0;

	for (int c; f && (c = getc(f)) != EOF;)
		lines += c == '\n';
	if (f)
		fclose(f);
	return lines;
}

/* Whatever is written meanwhile and from wherever, what is counted is what is there. */
static void test_threads(void)
{
	const char *path = path_of("threads.json");
	struct sink *s = open_sink(SINK_FILE, path, true);

	write_from_threads(s);
	CHECK(sink_finish(s), "finish");
	struct sink_counters c = counters(s);
	CHECK(c.lines + lost(s) == WRITERS * LINES_EACH && c.lost[LINE_ALERT] == 0,
		"%lu lines, %lu lost", (unsigned long)c.lines, (unsigned long)lost(s));
	CHECK(lines_of(path) == c.lines, "%lu lines", (unsigned long)lines_of(path));
	sink_close(s);
}

/* A reader that has stopped reading: nobody waits for it, and no alert is lost. */
static void test_stopped_reader(void)
{
	const char *path = path_of("fifo");

	CHECK(mkfifo(path, 0600) == 0, "mkfifo");
	int reader = open(path, O_RDONLY | O_NONBLOCK);
	struct sink *s = open_sink(SINK_FILE, path, true);
	write_from_threads(s);
	struct sink_counters c = counters(s);
	CHECK(c.lost[LINE_ALERT] == 0 && c.lost[LINE_EVENT] > 10000, "%lu lost",
		(unsigned long)lost(s));
	CHECK(c.queued <= 1 << 20, "%lu", (unsigned long)c.queued);
	sink_finish(s);
	c = counters(s);
	CHECK(c.lines + lost(s) == WRITERS * LINES_EACH, "%lu lines, %lu lost",
		(unsigned long)c.lines, (unsigned long)lost(s));
	sink_write(s, bytes_of("late\n"), LINE_EVENT);
	CHECK(lost(s) == c.lost[LINE_EVENT] + c.lost[LINE_ALERT] + 1, "it is over");
	sink_close(s);
	close(reader);
}

/* A limit that a line does not fit under; later it is lifted. */
static void test_full_and_back(void)
{
	char content[256];
	const char *path = path_of("back.json");
	struct rlimit before, limit;

	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 7, before.rlim_max };
	struct sink *s = open_sink(SINK_FILE, path, true);
	setrlimit(RLIMIT_FSIZE, &limit);
	sink_write(s, bytes_of("1234\n1234\n"), LINE_EVENT);
	for (int i = 0; i < 2000 && !counters(s).is_down; i++) {
		sink_flush(s);
		usleep(10000);
	}
	CHECK(counters(s).is_down && counters(s).outages == 1, "it is full");
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "1234\n"), "%s", content);
	setrlimit(RLIMIT_FSIZE, &before);
	sink_write(s, bytes_of("12\n"), LINE_EVENT);
	for (int i = 0; i < 2000 && counters(s).is_down; i++) {
		sink_flush(s);
		usleep(10000);
	}
	CHECK(!counters(s).is_down && sink_finish(s) && lost(s) == 0, "it works again");
	sink_close(s);
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "1234\n1234\n12\n"), "%s", content);
}

/* A line that no datagram holds is counted, and the next one arrives. */
static void test_too_long(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	static char line[70000], address[64], got[300];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(bind(fd, (struct sockaddr *)&at, len) == 0, "bind");
	getsockname(fd, (struct sockaddr *)&at, &len);
	snprintf(address, sizeof(address), "udp://127.0.0.1:%u", ntohs(at.sin_port));
	configured[0] = (struct sink_config){ .type = SINK_SYSLOG, .address = address,
		.queue = 1 << 20, .facility = 13, .enterprise = 1 };
	memset(line, ' ', sizeof(line));
	line[0] = '{';
	memcpy(line + sizeof(line) - 3, "}\n", 3);
	struct sink *s = open_sinks(1, true);
	sink_write(s, bytes_of(line), LINE_ALERT);
	sink_write(s, bytes_of("{}\n"), LINE_ALERT);
	sink_finish(s);
	struct sink_counters c = counters(s);
	CHECK(c.lines == 1 && c.lost[LINE_ALERT] == 1, "%lu lines, %lu lost",
		(unsigned long)c.lines, (unsigned long)lost(s));
	CHECK(recv(fd, got, sizeof(got), 0) > 0 && strstr(got, "- - - {}"), "%s", got);
	sink_close(s);
	close(fd);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	test_file();
	test_large();
	test_reopen();
	test_device_full();
	test_half_line();
	test_slow_pipe();
	test_closed_pipe();
	test_fits();
	test_rotation(false);
	test_rotation(true);
	test_cut_file();
	test_several();
	test_threads();
	test_stopped_reader();
	test_full_and_back();
	test_too_long();
	static const char *const names[] = { "eve.json", "large.json", "rotate.json",
		"rotate.json.1", "half.json", "cut.json", "threads.json", "fifo", "back.json" };
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(path_of(names[i]));
	rmdir(folder);
	return test_end();
}
