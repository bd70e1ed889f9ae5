#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/sink.h"

enum { BUFFER = 1 << 20, DIRECT = 256 << 10 }; /* so much at once needs no buffer */

/* A file descriptor behind a buffer that only ever holds whole lines. */
struct fd_sink {
	struct sink sink;
	int fd;
	char *path;         /* NULL: standard output */
	const char *name;   /* for reports */
	bool is_broken;     /* reported; what comes is counted as lost */
	bool is_terminal;   /* somebody reads along: nothing waits in the buffer */
	size_t len;
	uint8_t *buffer;
};

static uint64_t count_lines(struct bytes b)
{
	uint64_t count = 0;
	const uint8_t *at = b.at, *end = b.at + b.len;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		count++;
		at++;
	}
	return count;
}

/* A reader that went away is the user's choice, not an error. */
static void report_failure(struct fd_sink *s, int error)
{
	if (s->is_broken)
		return;
	s->is_broken = true;
	if (error == EPIPE)
		report_note("%s: closed by its reader", s->name);
	else
		report_error(
			"%s: %s; events are lost from here on", s->name, strerror(error));
}

/* As much of `b` as can be written; *error is 0 if that is all. */
static size_t write_all(int fd, struct bytes b, int *error)
{
	size_t done = 0;
	while (done < b.len) {
		ssize_t n = write(fd, b.at + done, b.len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		else if (n == 0 || errno != EINTR)
			break;
	}
	*error = done < b.len ? errno : 0;
	return done;
}

/* Bytes of `written` behind its last whole line. */
static size_t half_line(struct bytes written)
{
	const uint8_t *last = written.len ? memrchr(written.at, '\n', written.len) : NULL;
	return last ? (size_t)(written.at + written.len - last - 1) : written.len;
}

/* Take the half line at the end of a regular file away again. */
static void drop_half_line(int fd, size_t half)
{
	struct stat st;
	if (half && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		st.st_size >= (off_t)half && ftruncate(fd, st.st_size - (off_t)half) != 0)
		report_warning("the last line is cut: %s", strerror(errno));
}

static void count(struct fd_sink *s, struct bytes b, struct bytes written)
{
	uint64_t lines = count_lines(written);
	s->sink.lines += lines;
	s->sink.bytes += written.len;
	s->sink.lost += written.len < b.len ? count_lines(b) - lines : 0;
}

static bool put_out(struct fd_sink *s, struct bytes b)
{
	int error = 0;
	struct bytes written = { b.at, s->is_broken ? 0 : write_all(s->fd, b, &error) };
	if (written.len < b.len) {
		size_t half = half_line(written);
		drop_half_line(s->fd, half);
		written.len -= half;
		report_failure(s, error);
	}
	count(s, b, written);
	return written.len == b.len;
}

static bool sink_fd_flush(struct sink *sink)
{
	struct fd_sink *s = (struct fd_sink *)sink;
	struct bytes b = { s->buffer, s->len };
	s->len = 0;
	return b.len ? put_out(s, b) : !s->is_broken;
}

static bool sink_fd_write(struct sink *sink, struct bytes lines, enum line_value value)
{
	struct fd_sink *s = (struct fd_sink *)sink;
	(void)value; /* this sink waits instead of dropping */
	if (s->len + lines.len > BUFFER || lines.len >= DIRECT)
		sink_fd_flush(sink);
	if (s->is_broken || lines.len >= DIRECT)
		return lines.len ? put_out(s, lines) : !s->is_broken;
	if (lines.len)
		memcpy(s->buffer + s->len, lines.at, lines.len);
	s->len += lines.len;
	return s->is_terminal ? sink_fd_flush(sink) : true;
}

static int open_append(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		report_error("%s: %s", path, strerror(errno));
	return fd;
}

/* The old file stays in use if the new one cannot be opened. */
static void sink_fd_reopen(struct sink *sink)
{
	struct fd_sink *s = (struct fd_sink *)sink;
	if (!s->path)
		return;
	sink_fd_flush(sink);
	int fd = open_append(s->path);
	if (fd < 0)
		return;
	close(s->fd);
	s->fd = fd;
	s->is_broken = false;
}

static void sink_fd_close(struct sink *sink)
{
	struct fd_sink *s = (struct fd_sink *)sink;
	sink_fd_flush(sink);
	if (s->path && close(s->fd) != 0)
		report_failure(s, errno);
	free(s->buffer);
	free(s->path);
	free(s);
}

static const struct sink_ops fd_ops = {
	.write = sink_fd_write,
	.flush = sink_fd_flush,
	.reopen = sink_fd_reopen,
	.close = sink_fd_close,
};

static struct sink *sink_new(int fd, const char *path, const char *name)
{
	struct fd_sink *s = mem_new(sizeof(*s));
	s->sink.ops = &fd_ops;
	s->fd = fd;
	s->path = path ? mem_string(path) : NULL;
	s->name = path ? s->path : name;
	s->is_terminal = isatty(fd);
	s->buffer = mem_array(1, BUFFER);
	return &s->sink;
}

struct sink *sink_open_file(const char *path)
{
	int fd = open_append(path);
	return fd < 0 ? NULL : sink_new(fd, path, NULL);
}

struct sink *sink_open_stdout(void)
{
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is write()'s EPIPE */
	return sink_new(STDOUT_FILENO, NULL, "standard output");
}
