/* Alerts from files of a folder: what a gateway or a person carries. All files that wait
 * are read at once, line after line in the order of their times, as if one sensor had
 * written them; they are put away when all is stored. After a crash between, they are
 * read again. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "collect.h"
#include "incident/alert.h"
#include "incident/disk.h"
#include "incident/time.h"

enum {
	FILES = 64,    /* read at once */
	SETTLED_S = 5, /* nobody wrote to it for so long: it is whole */
	LOOK_MS = 250,
	LINE = INCIDENT_LINE_MAX + 1,
};

struct file {
	char *path, *name;
	FILE *in;
	char *line; /* the next; of one that is too long, enough to see that it is */
	size_t len;
	bool is_over; /* there is no next one */
	uint64_t time_ns;
};

struct pile {
	struct collect *c;
	const char *folder;
	bool remove;
	struct file files[FILES];
	unsigned count;
	unsigned closed, told; /* files that cannot be opened: at this look, at the last one */
	struct text bytes; /* of a batch */
	size_t ends[COLLECT_BATCH];
	unsigned lines;
};

/* ---- one file ---- */

/* EVE says it first. One that does not say is looked at next; it will be refused. */
static uint64_t time_of(const char *line)
{
	static const char key[] = "\"timestamp\"";
	char text[TIME_TEXT + 8] = "";
	uint64_t time_ns = 0;
	const char *at = strstr(line, key);

	if (!at)
		return 0;
	at += sizeof(key) - 1;
	at += strspn(at, " :\"");
	size_t len = strcspn(at, "\"");
	if (len < sizeof(text))
		memcpy(text, at, len);
	return time_read_rfc3339(text, &time_ns) ? time_ns : 0;
}

static void next_line(struct file *f)
{
	int c;

	f->len = 0;
	while ((c = getc_unlocked(f->in)) != EOF && c != '\n')
		if (f->len < LINE)
			f->line[f->len++] = (char)c;
	if (f->len > 0 && f->line[f->len - 1] == '\r')
		f->len--;
	f->line[f->len] = '\0';
	f->is_over = c == EOF && f->len == 0;
	f->time_ns = time_of(f->line);
}

static void open_file(struct pile *p, const char *name)
{
	struct file *f = &p->files[p->count];

	*f = (struct file){ .path = mem_printf("%s/%s", p->folder, name),
		.name = mem_string(name) };
	f->in = fopen(f->path, "re");
	if (!f->in) {
		if (++p->closed > p->told)
			report_error("%s: %s", f->path, strerror(errno));
		free(f->path);
		free(f->name);
		return;
	}
	f->line = mem_new(LINE + 1);
	next_line(f);
	p->count++;
}

static void close_files(struct pile *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct file *f = &p->files[i];
		fclose(f->in);
		free(f->line);
		free(f->path);
		free(f->name);
	}
	p->count = 0;
}

/* ---- which files ---- */

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), most = strlen(end);

	return len > most && strcmp(name + len - most, end) == 0;
}

static int is_eve(const struct dirent *e)
{
	return e->d_name[0] != '.' &&
	       (ends_with(e->d_name, ".json") || ends_with(e->d_name, ".ndjson") ||
		       ends_with(e->d_name, ".jsonl"));
}

static enum disk_file look_at(const struct pile *p, const char *name)
{
	char *path = mem_printf("%s/%s", p->folder, name);
	enum disk_file what = disk_look(path, SETTLED_S);

	free(path);
	return what;
}

/* `left`: others wait, or are being written still. What cannot be opened is left alone. */
static bool open_files(struct pile *p, bool *left)
{
	struct dirent **names;
	int count = scandir(p->folder, &names, is_eve, alphasort);

	if (count < 0) {
		report_error("%s: %s", p->folder, strerror(errno));
		return false;
	}
	*left = false;
	p->closed = 0;
	for (int i = 0; i < count; i++) {
		enum disk_file what = look_at(p, names[i]->d_name);
		if (what == DISK_WHOLE && p->count < FILES)
			open_file(p, names[i]->d_name);
		else if (what != DISK_NO_FILE)
			*left = true;
		free(names[i]);
	}
	p->told = p->closed;
	free(names);
	return true;
}

/* ---- their lines ---- */

static struct file *earliest(struct pile *p)
{
	struct file *first = NULL;

	for (unsigned i = 0; i < p->count; i++) {
		struct file *f = &p->files[i];
		if (!f->is_over && (!first || f->time_ns < first->time_ns))
			first = f;
	}
	return first;
}

static bool store(struct pile *p, bool more)
{
	struct bytes lines[COLLECT_BATCH];
	const uint8_t *at = (const uint8_t *)p->bytes.at;

	for (unsigned i = 0, from = 0; i < p->lines; from = (unsigned)p->ends[i++])
		lines[i] = (struct bytes){ at + from, p->ends[i] - from };
	bool ok = p->lines == 0 || collect_batch(p->c, lines, p->lines, more);
	text_clear(&p->bytes);
	p->lines = 0;
	return ok;
}

static void add(struct pile *p, const struct file *f)
{
	if (f->len == 0)
		return;
	text_put(&p->bytes, f->line, f->len);
	p->ends[p->lines++] = p->bytes.len;
}

static bool read_files(struct pile *p)
{
	struct file *f;

	while ((f = earliest(p)) != NULL && !*p->c->stop) {
		add(p, f);
		next_line(f);
		if (p->lines == COLLECT_BATCH && !store(p, true))
			return false;
	}
	return !f && store(p, false);
}

/* ---- afterwards ---- */

/* A file of that name may be there from another day: then NAME.1, NAME.2 and so on. */
static bool move_to_done(const struct pile *p, const struct file *f)
{
	char *to = mem_printf("%s/done/%s", p->folder, f->name);
	struct stat st;

	for (unsigned n = 1; lstat(to, &st) == 0; n++) {
		free(to);
		to = mem_printf("%s/done/%s.%u", p->folder, f->name, n);
	}
	bool ok = rename(f->path, to) == 0;
	free(to);
	return ok;
}

static bool put_away(struct pile *p, const struct file *f)
{
	bool ok = !ferror(f->in) &&
		  (p->remove ? unlink(f->path) == 0 : move_to_done(p, f));

	if (!ok)
		report_error("%s: it cannot be put away: %s", f->path, strerror(errno));
	return ok;
}

static bool put_all_away(struct pile *p)
{
	bool ok = true;

	for (unsigned i = 0; i < p->count; i++)
		ok = put_away(p, &p->files[i]) && ok;
	return ok;
}

/* false: it makes no sense to go on. A store that fails may be mended meanwhile, but
 * nobody waits for that with `once`. */
static bool look(struct pile *p, bool *left)
{
	bool ok = open_files(p, left);

	if (ok && p->count == 0)
		collect_idle(p->c);
	else if (ok && read_files(p))
		ok = put_all_away(p);
	else if (ok && !*p->c->stop)
		ok = !p->c->once;
	close_files(p);
	text_clear(&p->bytes);
	p->lines = 0;
	return ok;
}

static bool loop(struct pile *p)
{
	struct collect *c = p->c;
	bool left = true;

	while (!*c->stop && (left || !c->once)) {
		if (collect_turn(c) && !look(p, &left))
			return false;
		if (c->turn_ns && collect_turn_is_over(c))
			collect_turn_end(c);
		if (left || !c->once)
			collect_pause(LOOK_MS);
	}
	return !c->once || p->closed == 0;
}

bool collect_folder_run(struct collect *c, const char *folder, bool remove)
{
	struct pile p = { .c = c, .folder = folder, .remove = remove };
	char *done = mem_printf("%s/done", folder);
	bool ok = (remove || disk_make_folder(done, 0750)) && loop(&p);

	text_fini(&p.bytes);
	free(done);
	return ok;
}
