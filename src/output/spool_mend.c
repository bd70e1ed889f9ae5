/* What an earlier run left in a spool: found, counted, and mended where a crash cut it. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/spool_lane.h"

enum { NUMBER_LEN = SPOOL_HEAD - 1 };

char *lane_path(const struct lane *l, uint64_t number)
{
	return mem_printf("%s/%s-%010" PRIu64, l->folder, l->name, number);
}

bool lane_is_record(const char *text, size_t len)
{
	for (size_t i = 0; i < NUMBER_LEN; i++)
		if (i >= len || !isxdigit((unsigned char)text[i]))
			return false;
	return len > SPOOL_HEAD + 2 && text[NUMBER_LEN] == ' ' && text[SPOOL_HEAD] == '{' &&
		text[len - 2] == '}' && text[len - 1] == '\n';
}

void lane_add_segment(struct lane *l, uint64_t number)
{
	l->segments = mem_resize(l->segments, (l->count + 1) * sizeof(*l->segments));
	l->segments[l->count] = (struct segment){ .number = number };
	l->count++;
}

static int compare_segments(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;
	return x->number < y->number ? -1 : x->number > y->number;
}

static bool find_segments(struct lane *l)
{
	DIR *folder = opendir(l->folder);
	size_t len = strlen(l->name);

	if (!folder) {
		report_error("%s: %s", l->folder, strerror(errno));
		return false;
	}
	for (struct dirent *d; (d = readdir(folder)) != NULL;)
		if (strncmp(d->d_name, l->name, len) == 0 && d->d_name[len] == '-' &&
			strspn(d->d_name + len + 1, "0123456789") == 10 &&
			d->d_name[len + 11] == '\0')
			lane_add_segment(l, strtoull(d->d_name + len + 1, NULL, 10));
	closedir(folder);
	if (l->count > 1)
		qsort(l->segments, l->count, sizeof(*l->segments), compare_segments);
	return true;
}

/* Counts its records; the half line at its end is cut off, and a file without any removed. */
static void mend(struct lane *l, struct segment *s, const char *path, FILE *in, uint64_t *last)
{
	uint64_t whole = 0, others = 0;

	for (ssize_t len; (len = getline(&l->text, &l->text_cap, in)) > 0;) {
		if (l->text[len - 1] != '\n') {
			l->damaged++;
			break;
		}
		whole += (uint64_t)len;
		if (!lane_is_record(l->text, (size_t)len)) {
			others++;
			continue;
		}
		s->lines++;
		uint64_t number = strtoull(l->text, NULL, 16);
		*last = number > *last ? number : *last;
	}
	s->size = whole;
	if (s->lines == 0)
		l->damaged += others; /* else they are counted when they are read */
	if ((s->lines ? truncate(path, (off_t)whole) : unlink(path)) != 0)
		report_warning("%s: %s", path, strerror(errno));
}

static bool mend_segment(struct lane *l, struct segment *s, uint64_t *last)
{
	char *path = lane_path(l, s->number);
	FILE *in = fopen(path, "re");

	if (in) {
		mend(l, s, path, in, last);
		fclose(in);
		l->size += s->size;
		l->lines += s->lines;
	} else {
		report_error("%s: %s", path, strerror(errno));
	}
	free(path);
	return in != NULL;
}

bool lane_open(struct lane *l, uint64_t *last)
{
	bool ok = find_segments(l);
	unsigned kept = 0;

	l->next_segment = l->count ? l->segments[l->count - 1].number + 1 : 1;
	for (unsigned i = 0; ok && i < l->count; i++) {
		struct segment *s = &l->segments[i];
		ok = mend_segment(l, s, last);
		if (s->lines > 0)
			l->segments[kept++] = *s;
	}
	l->count = kept;
	return ok;
}
