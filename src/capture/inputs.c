#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/report.h"
#include "capture/file.h"
#include "capture/inputs.h"

enum {
	LOOK = 4096, /* bytes at a time to find a first packet */
};

static void append(struct inputs *in, const struct input *one)
{
	if (in->count == in->cap) {
		in->cap = in->cap ? 2 * in->cap : 16;
		in->at = mem_resize(in->at, in->cap * sizeof(*in->at));
	}
	in->at[in->count++] = *one;
}

void inputs_fini(struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++)
		free(in->at[i].path);
	free(in->at);
	*in = (struct inputs){ 0 };
}

/* Read up to the first packet. */
static enum file_state find_packet(struct file *f, struct input *one)
{
	struct batch b;
	enum file_state state;
	batch_init(&b);
	do {
		f->block = LOOK;
		state = file_read(f, &b, 1);
	} while (state == FILE_MORE && b.count == 0);
	one->has_packets = b.count > 0;
	one->link_type = b.packets[0].link_type;
	one->first_ns = b.packets[0].time_ns;
	batch_fini(&b);
	return state;
}

/* What a regular file holds; NULL, or why it is no capture (the caller frees it). `is_else`: it
 * surely holds no packets that anybody waits for. */
static char *look(struct input *one, bool *is_else)
{
	struct file f;
	char *why = NULL;
	bool is_open = file_open(&f, one->path);
	f.quiet = true;
	if (is_open)
		(void)find_packet(&f, one);
	if (f.why)
		why = mem_string(f.why);
	*is_else = f.is_else;
	file_close(&f);
	return why;
}

/* Files without a packet last. */
static int by_time(const void *a, const void *b)
{
	const struct input *x = a, *y = b;
	if (x->has_packets != y->has_packets)
		return x->has_packets ? -1 : 1;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* Of a folder: what may hold packets and is not read. */
struct left_out {
	char *why; /* of the first */
	unsigned count;
};

/* Takes over `why`. */
static void leave_out(struct left_out *l, char *why, bool is_else)
{
	if (is_else)
		report_note("skipped: %s", why);
	else if (l->count++ == 0)
		l->why = why;
	if (l->why != why)
		free(why);
}

static void tell_left_out(struct left_out *l, const char *folder)
{
	if (l->count == 1)
		report_warning("left out: %s", l->why);
	else if (l->count > 1)
		report_warning("%s: %u files left out; the first: %s", folder, l->count, l->why);
	free(l->why);
}

static void add_member(struct inputs *in, const char *folder, const char *name,
	struct left_out *left)
{
	struct stat st;
	size_t len = strlen(folder);
	const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
	struct input one = { .path = mem_printf("%s%s%s", folder, slash, name) };
	if (stat(one.path, &st) == 0 && S_ISREG(st.st_mode)) {
		one.is_regular = true;
		one.size = (uint64_t)st.st_size;
		bool is_else;
		char *why = look(&one, &is_else);
		if (!why) {
			append(in, &one);
			return;
		}
		leave_out(left, why, is_else);
	}
	free(one.path);
}

static bool add_folder(struct inputs *in, const char *path)
{
	size_t before = in->count;
	struct left_out left = { 0 };
	DIR *folder = opendir(path);
	if (!folder) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	for (struct dirent *e = readdir(folder); e; e = readdir(folder))
		add_member(in, path, e->d_name, &left);
	closedir(folder);
	tell_left_out(&left, path);
	if (in->count == before) {
		report_error("%s: no capture in this folder", path);
		return false;
	}
	qsort(in->at + before, in->count - before, sizeof(*in->at), by_time);
	return true;
}

static bool add_file(struct inputs *in, const char *path, const struct stat *st)
{
	struct input one = { .path = mem_string(path),
		.is_regular = S_ISREG(st->st_mode),
		.size = (uint64_t)st->st_size };
	bool is_else;
	char *why = one.is_regular && strcmp(path, "-") != 0 ? look(&one, &is_else) : NULL;
	if (why) {
		report_error("%s", why);
		free(why);
		free(one.path);
		return false;
	}
	append(in, &one);
	return true;
}

bool inputs_add(struct inputs *in, const char *path)
{
	struct stat st;
	bool is_there =
		strcmp(path, "-") == 0 ? fstat(0, &st) == 0 : stat(path, &st) == 0;
	if (!is_there) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	return S_ISDIR(st.st_mode) ? add_folder(in, path) : add_file(in, path, &st);
}
