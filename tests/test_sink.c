/* Sinks: whole lines, nothing lost while it can be helped, everything lost counted. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/sink.h"
#include "test.h"

static char folder[] = "/tmp/test_sink.XXXXXX";

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
		struct sink *s = sink_open_file(path);
		CHECK(s, "open");
		CHECK(sink_write(s, bytes_of("{\"a\":1}\n"), LINE_EVENT), "write");
		CHECK(sink_write(s, bytes_of("{}\n{}\n"), LINE_ALERT), "write");
		slurp(path, content, sizeof(content));
		CHECK(strlen(content) == (round ? 14 : 0), "buffered: %s", content);
		CHECK(sink_flush(s), "flush");
		CHECK(s->lines == 3 && s->bytes == 14 && s->lost == 0, "%lu lines",
			(unsigned long)s->lines);
		sink_close(s);
	}
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "{\"a\":1}\n{}\n{}\n{\"a\":1}\n{}\n{}\n"), "%s", content);
	CHECK(!sink_open_file(path_of("no/such/folder")), "opened");
}

/* Many lines, some longer than the buffer: every one arrives, in order. */
static void test_large(void)
{
	enum { LINES = 3000, HUGE = 3 << 20 };
	const char *path = path_of("large.json");
	char *line = malloc(HUGE + 1);
	struct sink *s = sink_open_file(path);
	uint64_t total = 0;
	for (int i = 0; i < LINES; i++) {
		size_t len = i % 1000 == 500 ? HUGE : 1 + (size_t)i * 7 % 4000;
		memset(line, 'a' + i % 26, len);
		line[len - 1] = '\n';
		CHECK(sink_write(s, (struct bytes){ (uint8_t *)line, len }, LINE_EVENT), "write");
		total += len;
	}
	sink_flush(s);
	CHECK(s->lines == LINES && s->bytes == total, "%lu", (unsigned long)s->bytes);
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
	struct sink *s = sink_open_file(path);
	sink_write(s, bytes_of("one\n"), LINE_EVENT);
	CHECK(rename(path, old) == 0, "rename");
	s->ops->reopen(s);
	sink_write(s, bytes_of("two\n"), LINE_EVENT);
	sink_close(s);
	slurp(old, content, sizeof(content));
	CHECK(!strcmp(content, "one\n"), "%s", content);
	slurp(path, content, sizeof(content));
	CHECK(!strcmp(content, "two\n"), "%s", content);
}

static void test_device_full(void)
{
	struct sink *s = sink_open_file("/dev/full");
	CHECK(s && sink_write(s, bytes_of("one\ntwo\n"), LINE_EVENT), "buffered");
	CHECK(!sink_flush(s) && s->lost == 2 && s->lines == 0, "%lu lost",
		(unsigned long)s->lost);
	CHECK(!sink_write(s, bytes_of("three\n"), LINE_ALERT) && s->lost == 3, "%lu lost",
		(unsigned long)s->lost);
	CHECK(!sink_flush(s) && s->lost == 3, "%lu lost", (unsigned long)s->lost);
	sink_close(s);
}

/* A limit in the middle of a line: the file ends in the line before. */
static void test_half_line(void)
{
	char content[256];
	const char *path = path_of("half.json");
	struct rlimit before, limit = { 0 };
	struct sink *s = sink_open_file(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit.rlim_cur = 13;
	limit.rlim_max = before.rlim_max;
	sink_write(s, bytes_of("1234\n1234\n12345\n1\n"), LINE_EVENT);
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(!sink_flush(s), "flushed");
	setrlimit(RLIMIT_FSIZE, &before);
	CHECK(s->lines == 2 && s->lost == 2 && s->bytes == 10, "%lu lines, %lu lost",
		(unsigned long)s->lines, (unsigned long)s->lost);
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
	struct sink *s = sink_open_stdout();
	bool is_written = sink_write(s, (struct bytes){ (uint8_t *)line, LEN }, LINE_EVENT);
	uint64_t lines = s->lines;
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
	struct sink *s = sink_open_stdout();
	sink_write(s, bytes_of("one\n"), LINE_EVENT);
	bool is_flushed = sink_flush(s);
	uint64_t lost = s->lost;
	sink_close(s);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	CHECK(!is_flushed && lost == 1, "%lu lost", (unsigned long)lost);
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
	static const char *const names[] =
		{ "eve.json", "large.json", "rotate.json", "rotate.json.1", "half.json" };
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(path_of(names[i]));
	rmdir(folder);
	return test_end();
}
