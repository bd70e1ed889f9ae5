#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "engine/evidence_folder.h"

struct entry {
	char *name;
	uint64_t bytes;
	time_t made;
};

struct evidence_folder {
	int dir;
	uint64_t bytes, max_bytes;
	unsigned max_age_s;
	struct entry *entries; /* oldest first */
	unsigned first, count, cap;
	uint64_t dropped;      /* ids of the first so many are gone */
};

static void add(struct evidence_folder *f, const char *name, uint64_t bytes, time_t made)
{
	if (f->first && f->first + f->count == f->cap) { /* room at the front */
		memmove(f->entries, f->entries + f->first, f->count * sizeof(*f->entries));
		f->first = 0;
	}
	if (f->first + f->count == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		f->entries = mem_resize(f->entries, f->cap * sizeof(*f->entries));
	}
	f->entries[f->first + f->count++] = (struct entry){ mem_string(name), bytes, made };
	f->bytes += bytes;
}

static int by_age(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return x->made != y->made ? x->made < y->made ? -1 : 1 : strcmp(x->name, y->name);
}

static bool is_capture(const char *name)
{
	size_t len = strlen(name);
	return len > 5 && strcmp(name + len - 5, ".pcap") == 0;
}

static void count_files(struct evidence_folder *f)
{
	DIR *dir = fdopendir(dup(f->dir));
	struct stat st;
	for (struct dirent *d; dir && (d = readdir(dir));)
		if (is_capture(d->d_name) && fstatat(f->dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode))
			add(f, d->d_name, (uint64_t)st.st_size, st.st_mtime);
	if (dir)
		closedir(dir);
	if (f->count)
		qsort(f->entries, f->count, sizeof(*f->entries), by_age);
}

struct evidence_folder *evidence_folder_open(const char *path, uint64_t max_bytes,
	unsigned max_age_s)
{
	bool is_there = mkdir(path, 0750) == 0 || errno == EEXIST;
	int dir = is_there ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir < 0 || faccessat(dir, ".", W_OK, 0) != 0) {
		report_error("evidence.dir: %s: %s", path, strerror(errno));
		if (dir >= 0)
			close(dir);
		return NULL;
	}
	struct evidence_folder *f = mem_new(sizeof(*f));
	f->dir = dir;
	f->max_bytes = max_bytes;
	f->max_age_s = max_age_s;
	count_files(f);
	return f;
}

static void drop_oldest(struct evidence_folder *f)
{
	struct entry *oldest = &f->entries[f->first++];
	f->count--;
	f->dropped++;
	f->bytes -= oldest->bytes;
	unlinkat(f->dir, oldest->name, 0);
	free(oldest->name);
}

/* The newest may be written still and stays. */
static void make_room(struct evidence_folder *f)
{
	while (f->count > 1 && f->bytes > f->max_bytes)
		drop_oldest(f);
}

void evidence_folder_tidy(struct evidence_folder *f)
{
	time_t now = time(NULL);
	while (f->count > 0 && now - f->entries[f->first].made > (time_t)f->max_age_s)
		drop_oldest(f);
	make_room(f);
}

int evidence_folder_create(struct evidence_folder *f, const char *name, uint64_t *id)
{
	evidence_folder_tidy(f);
	int fd = openat(f->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		0640);
	*id = f->dropped + f->count;
	if (fd >= 0)
		add(f, name, 0, time(NULL));
	return fd;
}

/* One that was deleted meanwhile takes no more room. */
static void count_bytes(struct evidence_folder *f, uint64_t id, size_t len)
{
	if (id < f->dropped)
		return;
	f->entries[f->first + (id - f->dropped)].bytes += len;
	f->bytes += len;
	if (f->bytes > f->max_bytes)
		make_room(f);
}

bool evidence_folder_write(struct evidence_folder *f, uint64_t id, int fd, const void *at,
	size_t len)
{
	const char *from = at;
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, from + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	count_bytes(f, id, len);
	return true;
}

void evidence_folder_free(struct evidence_folder *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->count; i++)
		free(f->entries[f->first + i].name);
	free(f->entries);
	close(f->dir);
	free(f);
}
