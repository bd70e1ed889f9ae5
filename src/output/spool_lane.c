#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "output/spool_lane.h"

enum { NUMBER_LEN = SPOOL_HEAD - 1 };

/* ---- writing ---- */

static void end_segment(struct lane *l)
{
	if (l->out < 0)
		return;
	fdatasync(l->out);
	close(l->out);
	l->out = -1;
}

static bool begin_segment(struct lane *l)
{
	char *path = lane_path(l, l->next_segment);

	end_segment(l);
	l->out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	int error = errno;
	free(path);
	if (l->out < 0) {
		errno = error;
		return false;
	}
	lane_add_segment(l, l->next_segment++);
	return true;
}

/* A record that went in half way is taken out again; where that fails, nothing follows it. */
static bool refuse(struct lane *l, const struct segment *s, int error)
{
	if (ftruncate(l->out, (off_t)s->size) != 0)
		end_segment(l);
	errno = error;
	return false;
}

bool lane_add(struct lane *l, struct bytes line, uint64_t number)
{
	const struct segment *last = l->count ? &l->segments[l->count - 1] : NULL;

	if ((l->out < 0 || !last || last->size >= l->segment_max) && !begin_segment(l))
		return false;
	struct segment *s = &l->segments[l->count - 1];
	text_clear(&l->record);
	text_printf(&l->record, "%0*" PRIx64 " ", NUMBER_LEN, number);
	text_put(&l->record, line.at, line.len);
	ssize_t done = write(l->out, l->record.at, l->record.len);
	if (done != (ssize_t)l->record.len)
		return refuse(l, s, done < 0 ? errno : ENOSPC);
	s->size += l->record.len;
	s->lines++;
	l->size += l->record.len;
	l->lines++;
	return true;
}

/* ---- reading ---- */

static void stop_reading(struct lane *l)
{
	if (l->in)
		fclose(l->in);
	l->in = NULL;
}

/* What is written behind this place may not be in the buffer of an open file. */
static bool open_reading(struct lane *l)
{
	if (l->in)
		return true;
	char *path = lane_path(l, l->segments[l->reading].number);
	l->in = fopen(path, "re");
	free(path);
	if (l->in && fseeko(l->in, (off_t)l->read_at, SEEK_SET) == 0)
		return true;
	stop_reading(l);
	return false;
}

/* The next record of the segment that is being read; 0: it has no more. */
static size_t read_record(struct lane *l)
{
	const struct segment *s = &l->segments[l->reading];

	while (l->read_at < s->size && open_reading(l)) {
		clearerr(l->in);
		ssize_t len = getline(&l->text, &l->text_cap, l->in);
		if (len <= 0)
			return 0;
		l->read_at += (uint64_t)len;
		if (lane_is_record(l->text, (size_t)len))
			return (size_t)len;
		l->damaged++;
	}
	return 0;
}

const struct queue_entry *lane_peek(struct lane *l)
{
	size_t len = 0;

	while (!l->next && l->reading < l->count && (len = read_record(l)) == 0) {
		if (l->reading + 1 == l->count)
			return NULL;
		stop_reading(l);
		l->reading++;
		l->read_at = 0;
	}
	if (l->next || len == 0)
		return l->next;
	struct bytes line = { (uint8_t *)l->text + SPOOL_HEAD, len - SPOOL_HEAD };
	l->next = queue_entry_new(line, l->value);
	l->next->number = strtoull(l->text, NULL, 16);
	l->next->is_spooled = true;
	l->next->segment = l->segments[l->reading].number;
	l->next->segment_end = l->read_at;
	return l->next;
}

struct queue_entry *lane_pass(struct lane *l)
{
	struct queue_entry *e = l->next;
	l->next = NULL;
	return e;
}

void lane_rewind(struct lane *l)
{
	stop_reading(l);
	free(l->next);
	l->next = NULL;
	l->reading = 0;
	l->read_at = l->confirmed;
}

/* ---- forgetting ---- */

static void remove_first(struct lane *l)
{
	char *path = lane_path(l, l->segments[0].number);

	if (l->count == 1)
		end_segment(l);
	if (l->reading == 0)
		stop_reading(l);
	unlink(path);
	free(path);
	l->size -= l->segments[0].size;
	memmove(l->segments, l->segments + 1, --l->count * sizeof(*l->segments));
	l->confirmed = l->confirmed_lines = 0;
	if (l->reading > 0)
		l->reading--;
	else
		l->read_at = 0;
}

static bool is_confirmed(const struct lane *l)
{
	return l->count > 0 && l->confirmed >= l->segments[0].size;
}

void lane_confirm(struct lane *l, const struct queue_entry *e)
{
	while (l->count > 0 && l->segments[0].number < e->segment)
		remove_first(l);
	if (l->count == 0 || l->segments[0].number != e->segment)
		return; /* it was shed meanwhile */
	l->confirmed = e->segment_end;
	l->confirmed_lines++;
	l->lines--;
	if (is_confirmed(l))
		remove_first(l);
}

bool lane_shed(struct lane *l)
{
	if (l->count == 0)
		return false;
	uint64_t rest = l->segments[0].lines - l->confirmed_lines;
	if (l->next && l->next->segment == l->segments[0].number) {
		free(l->next);
		l->next = NULL;
	}
	l->lost += rest;
	l->lines -= rest;
	remove_first(l);
	return true;
}

/* What was confirmed need not be sent again by the next run: the rest moves to a file of its
 * own, which then takes the old one's place. */
static void keep_rest(struct lane *l)
{
	char *path = lane_path(l, l->segments[0].number);
	char *rest = mem_printf("%s/rest", l->folder);
	FILE *in = fopen(path, "re"), *out = fopen(rest, "we");
	bool ok = in && out && fseeko(in, (off_t)l->confirmed, SEEK_SET) == 0;

	for (ssize_t len; ok && (len = getline(&l->text, &l->text_cap, in)) > 0;)
		ok = fwrite(l->text, 1, (size_t)len, out) == (size_t)len;
	ok = ok && fflush(out) == 0 && fdatasync(fileno(out)) == 0;
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	if (!ok || rename(rest, path) != 0)
		unlink(rest);
	free(path);
	free(rest);
}

void lane_close(struct lane *l)
{
	lane_rewind(l);
	end_segment(l);
	if (l->count > 0 && l->confirmed > 0)
		keep_rest(l);
	free(l->segments);
	free(l->text);
	text_fini(&l->record);
}
