#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/time.h"
#include "incident/trail.h"
#include "incident/trail_line.h"

struct trail {
	int fd;
	char *path, *log;
	uint64_t seq;
	char hash[SHA256_TEXT];
	off_t size;
	bool is_broken; /* an append could not be taken back: no more of them */
};

json_t *trail_entry(const char *log, uint64_t seq, const char *prev, uint64_t at_ns,
	json_t *actor, const char *action, json_t *object)
{
	char at[TIME_TEXT], hash[SHA256_TEXT];

	time_rfc3339(at_ns, at);
	json_t *entry = json_pack("{ss ss sI ss so ss so ss?}", "schema", TRAIL_SCHEMA, "log", log,
		"seq", (json_int_t)seq, "at", at, "actor", actor, "action", action, "object",
		object, "prev", prev);
	if (!entry || !canonical_sha256(entry, hash)) {
		json_decref(entry);
		return NULL;
	}
	json_object_set_new(entry, "hash", json_string(hash));
	return entry;
}

const char *trail_hash(const json_t *entry)
{
	return json_string_value(json_object_get(entry, "hash"));
}

/* ---- the file ---- */

static bool report_trail(const struct trail *t, const char *why)
{
	report_error("%s: %s", t->path, why);
	return false;
}

/* Where the last whole line begins, and behind which byte it ends; false after an error. */
static bool find_last_line(struct trail *t, off_t *begin, off_t *end)
{
	char block[4096];
	unsigned ends = 0;

	*begin = *end = 0;
	for (off_t at = t->size; at > 0;) {
		off_t from = at > (off_t)sizeof(block) ? at - (off_t)sizeof(block) : 0;
		if (pread(t->fd, block, (size_t)(at - from), from) != at - from)
			return report_trail(t, "cannot be read");
		for (; at > from; at--) {
			if (block[at - 1 - from] != '\n')
				continue;
			*(ends++ == 0 ? end : begin) = at;
			if (ends == 2)
				return true;
		}
	}
	return true;
}

static bool read_last(struct trail *t, off_t begin, off_t end)
{
	size_t len = (size_t)(end - begin);
	struct trail_line line;

	if (len == 0)
		return true;
	if (len > TRAIL_LINE)
		return report_trail(t, "the last line is no audit entry");
	uint8_t *at = mem_array(len, 1);
	bool ok = pread(t->fd, at, len, begin) == (ssize_t)len;
	enum trail_fault fault =
		ok ? trail_line_read(&line, (struct bytes){ at, len - 1 }) : TRAIL_NOT_JSON;
	free(at);
	if (fault != TRAIL_FINE)
		return report_trail(t, "the last line is no whole audit entry; `ironspan audit "
			"verify` says more");
	ok = strcmp(line.log, t->log) == 0;
	if (!ok)
		report_error("%s: this is the log %s, not %s", t->path, line.log, t->log);
	t->seq = line.seq;
	memcpy(t->hash, line.hash, sizeof(t->hash));
	return ok;
}

/* What follows the last line's end is half an entry: its writer died, and whoever asked for it
 * was told nothing. */
static bool cut_tail(struct trail *t, off_t end)
{
	if (end == t->size)
		return true;
	report_warning("%s: %lld bytes of an unfinished entry at the end are cut off", t->path,
		(long long)(t->size - end));
	if (ftruncate(t->fd, end) != 0)
		return report_trail(t, strerror(errno));
	t->size = end;
	return true;
}

static bool resume(struct trail *t)
{
	struct stat st;
	off_t begin, end;

	t->fd = open(t->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (t->fd < 0 || fstat(t->fd, &st) != 0)
		return report_trail(t, strerror(errno));
	t->size = st.st_size;
	return find_last_line(t, &begin, &end) && read_last(t, begin, end) && cut_tail(t, end);
}

struct trail *trail_open(const char *path, const char *log)
{
	struct trail *t = mem_new(sizeof(*t));

	t->path = mem_string(path);
	t->log = mem_string(log);
	if (resume(t))
		return t;
	trail_close(t);
	return NULL;
}

uint64_t trail_seq(const struct trail *t)
{
	return t->seq;
}

const char *trail_last_hash(const struct trail *t)
{
	return t->seq > 0 ? t->hash : NULL;
}

/* All of it or nothing. */
static bool write_line(struct trail *t, const char *line, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(t->fd, line + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == len) {
		t->size += (off_t)len;
		return true;
	}
	report_trail(t, strerror(errno));
	t->is_broken = ftruncate(t->fd, t->size) != 0;
	return false;
}

static bool is_next(const struct trail *t, const json_t *entry)
{
	const char *prev = json_string_value(json_object_get(entry, "prev"));
	json_int_t seq = json_integer_value(json_object_get(entry, "seq"));

	return seq == (json_int_t)t->seq + 1 &&
		(t->seq > 0 ? prev && strcmp(prev, t->hash) == 0 : !prev);
}

static bool is_last(const struct trail *t, const json_t *entry)
{
	const char *hash = trail_hash(entry);
	json_int_t seq = json_integer_value(json_object_get(entry, "seq"));

	return t->seq > 0 && seq == (json_int_t)t->seq && hash && strcmp(hash, t->hash) == 0;
}

bool trail_append(struct trail *t, const json_t *entry)
{
	struct text line = { 0 };

	if (is_last(t, entry))
		return true;
	if (t->is_broken || !is_next(t, entry) || !canonical_put(&line, entry) ||
		line.len >= TRAIL_LINE) {
		text_fini(&line);
		return report_trail(
			t, "an entry is refused: it does not follow the last one");
	}
	text_char(&line, '\n');
	bool ok = write_line(t, line.at, line.len);
	text_fini(&line);
	if (!ok)
		return false;
	t->seq++;
	snprintf(t->hash, sizeof(t->hash), "%s", trail_hash(entry));
	return true;
}

bool trail_add(struct trail *t, uint64_t at_ns, json_t *actor, const char *action,
	json_t *object)
{
	json_t *entry = trail_entry(
		t->log, t->seq + 1, trail_last_hash(t), at_ns, actor, action, object);

	if (!entry)
		return report_trail(t, "an entry has no canonical form");
	bool ok = trail_append(t, entry);
	json_decref(entry);
	return ok;
}

bool trail_sync(struct trail *t)
{
	return fdatasync(t->fd) == 0 || report_trail(t, strerror(errno));
}

void trail_close(struct trail *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	free(t->path);
	free(t->log);
	free(t);
}
