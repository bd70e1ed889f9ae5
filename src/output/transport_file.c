/* A file, or standard output. What was written ends in a whole line whatever happens: of a
 * file the half line is cut off, of a pipe the other half is kept and written first. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/rotate.h"
#include "output/transport.h"

struct file_transport {
	struct transport t;
	int fd;
	const char *path;     /* NULL: standard output */
	bool is_file;         /* a regular one */
	bool has_name;        /* which it may lose: it was deleted */
	bool keeps_cache;     /* its file system, or the kernel, cannot do otherwise */
	bool has_half;        /* the last line in it is cut, and could not be taken away */
	bool has_reserve;     /* it has room on the disk behind its end */
	uint64_t written;     /* since it was opened, and */
	uint64_t reserved;    /* how far there is room for that */
	struct rotation rotation;
	struct text rest;     /* of a line that a pipe took half of */
};

/* ---- opening ---- */

/* A program that was killed may have left half a line. */
static void end_last_line(const char *path, int fd)
{
	char last = '\n';
	int in = open(path, O_RDONLY | O_CLOEXEC);

	if (in < 0)
		return;
	off_t end = lseek(in, 0, SEEK_END);
	if (end > 0 && pread(in, &last, 1, end - 1) == 1 && last != '\n' &&
		write(fd, "\n", 1) != 1)
		report_warning("%s: its last line is cut: %s", path, strerror(errno));
	close(in);
}

/* ---- room on the disk ---- */

/* Until so much was written nothing is reserved; then as much again, within bounds. */
enum { RESERVE_MIN = 1 << 20, RESERVE_MAX = 16 << 20 };

/* XFS does that by itself, btrfs would not compress what is written there. */
static bool is_ext4(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == EXT4_SUPER_MAGIC;
}

/* Where others may append as well, giving back what is behind the end could cut off theirs. */
static void begin_reserve(struct file_transport *f, bool is_ours)
{
	f->has_reserve = false;
	f->written = 0;
	f->reserved = f->is_file && is_ours && is_ext4(f->fd) ? RESERVE_MIN : UINT64_MAX;
}

/* Takes the file's place on the disk in large pieces, behind its end: taken block by block, with
 * each write, it costs ext4 as much as half of the copying. */
static void reserve(struct file_transport *f, size_t len)
{
	uint64_t more = f->written < RESERVE_MAX ? f->written : RESERVE_MAX;
	struct stat st;

	if (f->written + len <= f->reserved)
		return;
	if (fstat(f->fd, &st) == 0 && fallocate(f->fd, FALLOC_FL_KEEP_SIZE, st.st_size,
			(off_t)(more + len)) == 0) {
		f->has_reserve = true;
		f->reserved = f->written + len + more;
	} else {
		f->reserved = UINT64_MAX; /* the disk is full, or a quota: it works without */
	}
}

static void end_reserve(struct file_transport *f)
{
	struct stat st;

	if (f->has_reserve && (fstat(f->fd, &st) != 0 || ftruncate(f->fd, st.st_size) != 0))
		report_warning("%s: keeps room on the disk that it does not use: %s", f->t.name,
			strerror(errno));
	f->has_reserve = false;
}

/* ---- a file ---- */

static void file_close(struct transport *t)
{
	struct file_transport *f = (struct file_transport *)t;

	if (f->fd >= 0) {
		end_reserve(f);
		close(f->fd);
	}
	f->fd = -1;
}

/* Opening one that nobody reads would wait until somebody does, and fails instead. */
static bool is_pipe(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static bool file_connect(struct transport *t)
{
	struct file_transport *f = (struct file_transport *)t;
	struct stat st;
	int fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);

	t->is_unheard = fd < 0 && errno == ENXIO && is_pipe(f->path);
	if (fd < 0 || fstat(fd, &st) != 0) {
		transport_fail(t, "%s", t->is_unheard ? "nobody reads it" : strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	file_close(t);
	f->fd = fd;
	f->is_file = S_ISREG(st.st_mode);
	f->has_name = f->is_file && st.st_nlink > 0;
	begin_reserve(f, true);
	f->t.is_terminal = isatty(fd);
	if (f->is_file && !f->has_half)
		end_last_line(f->path, fd);
	rotation_begin(&f->rotation, &st);
	return true;
}

/* ---- writing ---- */

/* A pipe that takes no more is not an error; its reader's end is the user's choice. */
static enum transport_state failed(struct file_transport *f, int error)
{
	if (error == EAGAIN)
		return TRANSPORT_FULL;
	transport_fail(&f->t, "%s", error == EPIPE ? "closed by its reader" : strerror(error));
	return error == EPIPE && !f->path ? TRANSPORT_GONE : TRANSPORT_FAILED;
}

/* Waits for room in a pipe. Once poll() has found some, so many bytes do not block. */
static size_t room(const struct file_transport *f, size_t len, int wait_ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLOUT };

	if (wait_ms < 0 || f->is_file)
		return len;
	if (poll(&p, 1, wait_ms) <= 0)
		return 0;
	return len < PIPE_BUF ? len : PIPE_BUF;
}

/* Linux 6.14 (include/uapi/linux/fs.h): write through the page cache and leave nothing there. */
#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080
#endif

/* May write less than `len`, as write(2). The page cache gives a piece of a file its memory in
 * one block: larger ones are hard to find, and several times as slow. */
static ssize_t write_cached(const struct file_transport *f, const uint8_t *at, size_t len)
{
	enum { PIECE = 128 << 10 };

	return write(f->fd, at, f->is_file && len > PIECE ? PIECE : len);
}

/* The same. Gigabytes of events would push out of memory what other programs have there, and
 * new memory for each of them costs more than the copy; so whole pages of large pieces stay
 * there only until they are on the disk, where the kernel and the file system can do that. */
static ssize_t write_some(struct file_transport *f, const uint8_t *at, size_t len)
{
	enum { LARGE = 256 << 10, PAGE = 4096 };

	if (!f->is_file || len < LARGE || f->keeps_cache)
		return write_cached(f, at, len);
	size_t in_page = (size_t)lseek(f->fd, 0, SEEK_CUR) % PAGE;
	if (in_page)
		return write_cached(f, at, PAGE - in_page);
	struct iovec pages = { (void *)(uintptr_t)at, len - len % PAGE };
	ssize_t n = pwritev2(f->fd, &pages, 1, -1, RWF_DONTCACHE);
	f->keeps_cache = n < 0 && errno != EINTR;
	return f->keeps_cache ? write_cached(f, at, len) : n;
}

/* As much of `b` as can be written; *error is 0 if that is all. */
static size_t write_all(struct file_transport *f, struct bytes b, int wait_ms, int *error)
{
	size_t done = 0;

	*error = 0;
	while (done < b.len) {
		size_t len = room(f, b.len - done, wait_ms);
		ssize_t n = len ? write_some(f, b.at + done, len) : 0;
		if (n > 0) {
			done += (size_t)n;
		} else if (len && n < 0 && errno == EAGAIN && wait_ms < 0) {
			poll(&(struct pollfd){ .fd = f->fd, .events = POLLOUT }, 1, -1);
		} else if (!len || n == 0 || errno != EINTR) {
			*error = !len ? EAGAIN : n == 0 ? ENOSPC : errno;
			break;
		}
	}
	return done;
}

static size_t half_line(struct bytes written)
{
	const uint8_t *last = written.len ? memrchr(written.at, '\n', written.len) : NULL;
	return last ? (size_t)(written.at + written.len - last - 1) : written.len;
}

static void cut_half_line(struct file_transport *f, size_t half)
{
	struct stat st;

	if (fstat(f->fd, &st) != 0 || st.st_size < (off_t)half ||
		ftruncate(f->fd, st.st_size - (off_t)half) != 0)
		f->has_half = true;
}

/* The line that a pipe has begun is ours to end. */
static size_t keep_rest(struct file_transport *f, struct bytes lines, size_t done)
{
	const uint8_t *end = memchr(lines.at + done, '\n', lines.len - done);
	size_t len = (size_t)(end - lines.at) + 1 - done;

	text_clear(&f->rest);
	text_put(&f->rest, lines.at + done, len);
	return done + len;
}

/* Whole lines of these; *error is 0 if that is all of them. */
static size_t write_lines(struct file_transport *f, struct bytes lines, int wait_ms, int *error)
{
	reserve(f, lines.len);
	size_t done = write_all(f, lines, wait_ms, error);
	size_t half = half_line((struct bytes){ lines.at, done });

	if (half && *error == EAGAIN)
		done = keep_rest(f, lines, done);
	else if (half)
		done -= half;
	if (half && *error != EAGAIN && f->is_file)
		cut_half_line(f, half);
	f->rotation.size += done;
	f->written += done;
	return done;
}

/* What an earlier call left to be written first; 0, or an error. */
static int write_rest(struct file_transport *f, int wait_ms)
{
	struct bytes rest = { (uint8_t *)f->rest.at, f->rest.len };
	int error = 0;

	if (f->has_half && write_all(f, (struct bytes){ (uint8_t *)"\n", 1 }, wait_ms, &error))
		f->has_half = false;
	if (error == 0 && rest.len > 0) {
		size_t done = write_all(f, rest, wait_ms, &error);
		memmove(f->rest.at, f->rest.at + done, rest.len - done);
		f->rest.len -= done;
	}
	return error;
}

static void rotate(struct file_transport *f, uint64_t now_s)
{
	if (!rotation_shift(&f->rotation, f->path) || !file_connect(&f->t)) {
		rotation_put_off(&f->rotation, now_s);
		report_warning("%s: cannot be rotated: %s", f->path, strerror(errno));
	}
}

/* What is written to it now is lost with it. */
static bool is_deleted(const struct file_transport *f)
{
	struct stat st;

	return f->has_name && fstat(f->fd, &st) == 0 && st.st_nlink == 0;
}

static uint64_t clock_s(const struct file_transport *f)
{
	return f->rotation.period_s || f->rotation.size_limit ? (uint64_t)time(NULL) : 0;
}

static enum transport_state file_send(struct transport *t, struct bytes lines, int wait_ms,
	size_t *taken)
{
	struct file_transport *f = (struct file_transport *)t;

	*taken = 0;
	if (is_deleted(f)) {
		transport_fail(t, "it was deleted");
		return TRANSPORT_FAILED;
	}
	int error = write_rest(f, wait_ms);
	uint64_t now_s = clock_s(f);

	while (error == 0 && *taken < lines.len) {
		struct bytes left = { lines.at + *taken, lines.len - *taken };
		left.len = f->is_file ? rotation_fit(&f->rotation, left, now_s) : left.len;
		if (left.len == 0)
			rotate(f, now_s);
		else
			*taken += write_lines(f, left, wait_ms, &error);
	}
	return error ? failed(f, error) : TRANSPORT_SENT;
}

static void file_free(struct transport *t)
{
	struct file_transport *f = (struct file_transport *)t;

	text_fini(&f->rest);
	free(f);
}

static const struct transport_ops file_ops = {
	.connect = file_connect,
	.send = file_send,
	.close = file_close,
	.free = file_free,
};

struct transport *transport_file(const struct sink_config *c)
{
	struct file_transport *f = mem_new(sizeof(*f));

	f->t.ops = &file_ops;
	f->fd = -1;
	f->path = c->path;
	f->rotation = (struct rotation){ .size_limit = c->rotate_size,
		.period_s = c->rotate_s, .keep = c->keep };
	snprintf(f->t.name, sizeof(f->t.name), "%s", c->path);
	return &f->t;
}

/* ---- standard output: it is open, and stays so ---- */

static bool stdout_connect(struct transport *t)
{
	struct file_transport *f = (struct file_transport *)t;
	struct stat st;

	f->is_file = fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	begin_reserve(f, !(fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND));
	t->is_terminal = isatty(STDOUT_FILENO);
	return true;
}

static void stdout_close(struct transport *t)
{
	end_reserve((struct file_transport *)t);
}

static const struct transport_ops stdout_ops = {
	.connect = stdout_connect,
	.send = file_send,
	.close = stdout_close,
	.free = file_free,
};

struct transport *transport_stdout(void)
{
	struct file_transport *f = mem_new(sizeof(*f));

	f->t.ops = &stdout_ops;
	f->fd = STDOUT_FILENO;
	snprintf(f->t.name, sizeof(f->t.name), "standard output");
	return &f->t;
}
