#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/spool_lane.h"

enum { SEGMENTS = 16, SEGMENT_MIN = 4 << 10, SEGMENT_MAX = 4 << 20 };

struct spool {
	char *folder;
	int lock;
	uint64_t limit, last; /* bytes; number of the last record */
	uint64_t refused[LINE_VALUES]; /* lines that found no room */
	struct lane lanes[LINE_VALUES];
};

/* Two programs on one spool would each delete what the other wrote. */
static bool lock_folder(struct spool *s)
{
	char *path = mem_printf("%s/lock", s->folder);
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	bool ok = s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) == 0;

	if (!ok && errno == EWOULDBLOCK)
		report_error("%s: this spool is in use by another sink or program", s->folder);
	else if (!ok)
		report_error("%s: %s", path, strerror(errno));
	free(path);
	return ok;
}

static bool open_lanes(struct spool *s)
{
	static const char *const names[] =
		{ [LINE_EVENT] = "event", [LINE_ALERT] = "alert" };
	uint64_t segment = s->limit / SEGMENTS;
	bool ok = true;

	segment = segment < SEGMENT_MIN ? SEGMENT_MIN : segment;
	for (unsigned i = 0; i < LINE_VALUES; i++) {
		s->lanes[i] = (struct lane){ .folder = s->folder, .name = names[i], .value = i, .out = -1,
			.segment_max = segment < SEGMENT_MAX ? segment : SEGMENT_MAX };
		ok = lane_open(&s->lanes[i], &s->last) && ok;
	}
	return ok;
}

struct spool *spool_open(const char *folder, size_t limit)
{
	struct spool *s = mem_new(sizeof(*s));

	s->folder = mem_string(folder);
	s->limit = limit;
	s->lock = -1;
	for (unsigned i = 0; i < LINE_VALUES; i++)
		s->lanes[i].out = -1;
	if (mkdir(folder, 0750) != 0 && errno != EEXIST)
		report_error("%s: %s", folder, strerror(errno));
	else if (lock_folder(s) && open_lanes(s))
		return s;
	spool_close(s);
	return NULL;
}

void spool_close(struct spool *s)
{
	for (unsigned i = 0; i < LINE_VALUES; i++)
		lane_close(&s->lanes[i]);
	if (s->lock >= 0)
		close(s->lock);
	free(s->folder);
	free(s);
}

static uint64_t size_of(const struct spool *s)
{
	uint64_t size = 0;
	for (unsigned i = 0; i < LINE_VALUES; i++)
		size += s->lanes[i].size;
	return size;
}

static bool make_room(struct spool *s, size_t len, enum line_value value)
{
	bool has_more = true;

	while (size_of(s) + len > s->limit && has_more) {
		has_more = false;
		for (unsigned lower = 0; lower < value && !has_more; lower++)
			has_more = lane_shed(&s->lanes[lower]);
	}
	return size_of(s) + len <= s->limit;
}

bool spool_add(struct spool *s, struct bytes line, enum line_value value)
{
	if (!make_room(s, SPOOL_HEAD + line.len, value)) {
		s->refused[value]++;
		return true;
	}
	if (lane_add(&s->lanes[value], line, s->last + 1)) {
		s->last++;
		return true;
	}
	return false;
}

struct queue_entry *spool_next(struct spool *s)
{
	struct lane *first = NULL;
	const struct queue_entry *oldest = NULL;

	for (unsigned i = 0; i < LINE_VALUES; i++) {
		const struct queue_entry *e = lane_peek(&s->lanes[i]);
		if (e && (!oldest || e->number < oldest->number)) {
			oldest = e;
			first = &s->lanes[i];
		}
	}
	return first ? lane_pass(first) : NULL;
}

void spool_confirm(struct spool *s, const struct queue_entry *e)
{
	lane_confirm(&s->lanes[e->value], e);
}

void spool_rewind(struct spool *s)
{
	for (unsigned i = 0; i < LINE_VALUES; i++)
		lane_rewind(&s->lanes[i]);
}

bool spool_is_read(const struct spool *s)
{
	for (unsigned i = 0; i < LINE_VALUES; i++) {
		const struct lane *l = &s->lanes[i];
		if (l->next || l->reading + 1 < l->count ||
			(l->count > 0 && l->read_at < l->segments[l->reading].size))
			return false;
	}
	return true;
}

uint64_t spool_lines(const struct spool *s)
{
	uint64_t lines = 0;
	for (unsigned i = 0; i < LINE_VALUES; i++)
		lines += s->lanes[i].lines;
	return lines;
}

uint64_t spool_lost(const struct spool *s, enum line_value value)
{
	const struct lane *l = &s->lanes[value];
	return s->refused[value] + l->lost + l->damaged;
}
