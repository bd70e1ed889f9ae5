#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/trail_lines.h"
#include "incident/trail_verify.h"

struct verify {
	struct trail_verdict *v;
	struct trail_lines lines;
	struct trail_line last, here;
	const struct checkpoint *checkpoints;
	unsigned count;
};

const char *trail_result_name(enum trail_result result)
{
	static const char *const names[] = {
		[TRAIL_OK] = "ok",
		[TRAIL_BAD] = "bad",
		[TRAIL_MISSING] = "missing",
		[TRAIL_SWAPPED] = "swapped",
		[TRAIL_REPEATED] = "repeated",
		[TRAIL_FORKED] = "forked",
		[TRAIL_TRUNCATED] = "truncated",
	};

	return names[result];
}

/* The verdict, for the line that was read last; returns false, for `return say(…)`. */
__attribute__((format(printf, 3, 4))) static bool say(
	struct verify *s, enum trail_result result, const char *format, ...)
{
	va_list args;

	s->v->result = result;
	s->v->line = s->lines.number;
	s->v->seq = s->here.seq;
	va_start(args, format);
	vsnprintf(s->v->text, sizeof(s->v->text), format, args);
	va_end(args);
	return false;
}

/* ---- what is wrong with the order ---- */

/* The line further down that holds entry `seq`; 0: there is none. */
static uint64_t find_entry(struct verify *s, uint64_t seq)
{
	struct trail_line l;
	struct bytes line;

	while (trail_lines_next(&s->lines, &line))
		if (trail_line_read(&l, line) == TRAIL_FINE && l.seq == seq)
			return s->lines.number;
	return 0;
}

static bool say_gap(struct verify *s)
{
	uint64_t want = s->last.seq + 1, line = s->lines.number, seq = s->here.seq;
	uint64_t found = find_entry(s, want);

	s->lines.number = line;
	if (found > 0)
		return say(s, TRAIL_SWAPPED, "line %" PRIu64 " holds entry %" PRIu64 ", and entry %"
			PRIu64 " stands on line %" PRIu64 ": swapped", line, seq, want, found);
	if (seq == want + 1)
		return say(s, TRAIL_MISSING, "line %" PRIu64 ": entry %" PRIu64
			" is missing before it", line, want);
	return say(s, TRAIL_MISSING, "line %" PRIu64 ": entries %" PRIu64 " to %" PRIu64
		" are missing before it", line, want, seq - 1);
}

static bool say_back(struct verify *s)
{
	uint64_t line = s->lines.number, seq = s->here.seq;

	if (seq == s->last.seq && strcmp(s->here.prev, s->last.prev) == 0 &&
		strcmp(s->here.hash, s->last.hash) != 0)
		return say(s, TRAIL_FORKED, "line %" PRIu64 ": a second entry %" PRIu64
			" follows the same one: forked", line, seq);
	return say(s, TRAIL_REPEATED, "line %" PRIu64 ": entry %" PRIu64 " again", line, seq);
}

static bool check_first(struct verify *s)
{
	struct trail_verdict *v = s->v;

	snprintf(v->log, sizeof(v->log), "%s", s->here.log);
	v->first_seq = s->here.seq;
	if (s->here.prev[0])
		return say(s, TRAIL_MISSING, "line 1: entry %" PRIu64 " follows another, which is "
			"missing before it", s->here.seq);
	return true;
}

static bool check_order(struct verify *s)
{
	if (s->v->entries == 0)
		return check_first(s);
	if (strcmp(s->here.log, s->v->log) != 0)
		return say(s, TRAIL_BAD, "line %" PRIu64 ": an entry of another log, %s",
			s->lines.number, s->here.log);
	if (s->here.seq > s->last.seq + 1)
		return say_gap(s);
	if (s->here.seq <= s->last.seq)
		return say_back(s);
	if (strcmp(s->here.prev, s->last.hash) != 0)
		return say(s, TRAIL_BAD, "line %" PRIu64 ": entry %" PRIu64
			" does not follow the one before it: one of them was put there later",
			s->lines.number, s->here.seq);
	return true;
}

/* ---- checkpoints ---- */

static bool check_trees(struct verify *s)
{
	struct trail_verdict *v = s->v;

	for (unsigned i = 0; i < s->count; i++) {
		const struct checkpoint *c = &s->checkpoints[i];
		if (c->size != v->tree.size)
			continue;
		if (!merkle_equal(c->root, merkle_root(&v->tree)))
			return say(s, TRAIL_FORKED, "the chain holds, but its first %" PRIu64
				" entries are not those of the checkpoint: rewritten or forked",
				c->size);
	}
	return true;
}

static bool check_length(struct verify *s)
{
	struct trail_verdict *v = s->v;

	for (unsigned i = 0; i < s->count; i++)
		if (s->checkpoints[i].size > v->tree.size) {
			s->here.seq = v->last_seq;
			return say(s, TRAIL_TRUNCATED, "%" PRIu64 " entries, but the checkpoint "
				"counts %" PRIu64 ": the end was cut off", v->tree.size,
				s->checkpoints[i].size);
		}
	return true;
}

/* ---- line by line ---- */

static bool check_line(struct verify *s, struct bytes line)
{
	enum trail_fault fault = s->lines.is_too_long ? TRAIL_NOT_JSON :
		trail_line_read(&s->here, line);

	if (s->lines.is_cut)
		return say(s, TRAIL_TRUNCATED, "line %" PRIu64
			": the last line is cut in the middle", s->lines.number);
	if (fault != TRAIL_FINE)
		return say(s, TRAIL_BAD, "line %" PRIu64 ": %s", s->lines.number,
			trail_fault_text(fault));
	return check_order(s);
}

static void count_line(struct verify *s, struct bytes line)
{
	struct trail_verdict *v = s->v;

	merkle_add(&v->tree, merkle_leaf(line));
	v->entries++;
	v->last_seq = s->here.seq;
	snprintf(v->last_hash, sizeof(v->last_hash), "%s", s->here.hash);
	s->last = s->here;
}

static bool check_lines(struct verify *s)
{
	struct bytes line;

	if (!check_trees(s)) /* a checkpoint of nothing */
		return false;
	while (trail_lines_next(&s->lines, &line)) {
		if (!check_line(s, line))
			return false;
		count_line(s, line);
		if (!check_trees(s))
			return false;
	}
	return check_length(s);
}

bool trail_verify(struct trail_verdict *v, const char *path, const struct checkpoint *checkpoints,
	unsigned count)
{
	struct verify s = { .v = v, .checkpoints = checkpoints, .count = count };

	*v = (struct trail_verdict){ 0 };
	if (!trail_lines_open(&s.lines, path))
		return false;
	check_lines(&s);
	bool ok = !ferror(s.lines.in);
	if (!ok)
		report_error("%s: cannot be read", path);
	trail_lines_close(&s.lines);
	return ok;
}

struct merkle_hash *trail_leaves(const char *path, uint64_t count)
{
	struct merkle_hash *leaves = mem_array(count, sizeof(*leaves));
	struct trail_lines lines;
	struct bytes line;
	uint64_t n = 0;

	if (!trail_lines_open(&lines, path)) {
		free(leaves);
		return NULL;
	}
	while (n < count && trail_lines_next(&lines, &line))
		leaves[n++] = merkle_leaf(line);
	trail_lines_close(&lines);
	return leaves;
}
