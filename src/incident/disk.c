#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/disk.h"

static bool report_file(const char *path)
{
	report_error("%s: %s", path, strerror(errno));
	return false;
}

static bool write_all(int fd, struct bytes b)
{
	while (b.len > 0) {
		ssize_t n = write(fd, b.at, b.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		b = (struct bytes){ b.at + n, b.len - (size_t)n };
	}
	return true;
}

static bool write_new(const char *path, struct bytes content, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	bool ok = fd >= 0 && write_all(fd, content) && fsync(fd) == 0;

	if (!ok)
		report_file(path);
	if (fd >= 0)
		close(fd);
	if (!ok && fd >= 0)
		unlink(path);
	return ok;
}

bool disk_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		report_file(path);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool sync_folder_of(const char *path)
{
	char *copy = mem_string(path);
	bool ok = disk_sync_folder(dirname(copy));

	free(copy);
	return ok;
}

bool disk_replace(const char *path, struct bytes content, unsigned mode)
{
	char *new = mem_printf("%s.tmp", path);
	bool ok = write_new(new, content, mode);

	if (ok && rename(new, path) != 0) {
		ok = report_file(path);
		unlink(new);
	}
	free(new);
	return ok && sync_folder_of(path);
}

/* A device, a pipe, or a link to either stays what it is. */
static bool is_replaceable(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static bool write_into(const char *path, struct bytes content, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	bool ok = fd >= 0 && write_all(fd, content);

	if (!ok)
		report_file(path);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool disk_write_out(const char *path, struct bytes content, unsigned mode)
{
	return is_replaceable(path) ? disk_replace(path, content, mode)
				    : write_into(path, content, mode);
}

static bool read_all(struct text *t, int fd, size_t limit)
{
	for (size_t done = 0;;) {
		size_t room = limit + 1 - done < 65536 ? limit + 1 - done : 65536;
		ssize_t n = read(fd, text_room(t, room), room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		done += (size_t)n;
		t->len += (size_t)n;
		if (done > limit) {
			errno = EFBIG;
			return false;
		}
	}
}

bool disk_read(struct text *t, const char *path, size_t limit, bool may_miss)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return may_miss && errno == ENOENT ? false : report_file(path);
	bool ok = read_all(t, fd, limit) || report_file(path);
	close(fd);
	return ok;
}

/* It may have the time of another machine, whose clock is ahead: when it came is known here. */
enum disk_file disk_look(const char *path, unsigned settle_s)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return DISK_NO_FILE;
	time_t written = st.st_mtime < st.st_ctime ? st.st_mtime : st.st_ctime;
	return settle_s == 0 || written + (time_t)settle_s <= time(NULL) ? DISK_WHOLE
									 : DISK_GROWING;
}

bool disk_make_folder(const char *path, unsigned mode)
{
	return mkdir(path, mode) == 0 || errno == EEXIST || report_file(path);
}
