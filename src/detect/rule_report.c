/* The load report: what was refused, what fell back, what is worth a warning. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "detect/rule_read.h"

#define SILENCE ": the rule is kept and silent"

static struct rule_note *note_add(struct parse *p, enum rule_fate fate)
{
	struct reading *r = p->load;
	struct rules_report *report = &r->list->report;

	if (report->note_count == r->note_cap) {
		r->note_cap = r->note_cap ? r->note_cap * 2 : 64;
		report->notes = mem_resize(
			report->notes, r->note_cap * sizeof(*report->notes));
	}
	struct rule_note *n = &report->notes[report->note_count++];
	*n = (struct rule_note){ .fate = fate, .file = p->statement->file,
		.sid = p->rule.sid, .option = p->name };
	statement_place(p->statement, p->at, &n->line, &n->column);
	return n;
}

static const char *sentence(struct parse *p, const char *format, va_list args)
{
	char text[512];

	int len = vsnprintf(text, sizeof(text), format, args);
	size_t kept = len < 0 ? 0 : strnlen(text, sizeof(text));
	return slice_string(&p->load->list->arena, (struct slice){ text, kept });
}

const char *shown(struct parse *p, struct slice s)
{
	s.len = s.len < 60 ? s.len : 60;
	return slice_string(&p->load->scratch, s);
}

bool refuse(struct parse *p, const char *format, ...)
{
	va_list args;

	if (p->refused)
		return false;
	p->refused = true;
	va_start(args, format);
	const char *reason = sentence(p, format, args);
	va_end(args);
	note_add(p, RULE_REFUSED)->reason = reason;
	return false;
}

/* What is the same for several options is said once. */
void fall_back(struct parse *p, const char *format, ...)
{
	const struct rules_report *report = &p->load->list->report;
	va_list args;

	va_start(args, format);
	const char *reason = sentence(p, format, args);
	va_end(args);
	for (unsigned i = p->first_note; i < report->note_count; i++)
		if (strcmp(report->notes[i].reason, reason) == 0)
			return;
	p->fell_back = true;
	note_add(p, RULE_FELL_BACK)->reason = reason;
}

bool stay_silent(struct parse *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	p->rule.silent = sentence(p, format, args);
	va_end(args);
	fall_back(p, "%s" SILENCE, p->rule.silent);
	return true;
}

void warn_once(struct parse *p, const char *key, const char *format, ...)
{
	va_list args;
	void **said = map_slot(&p->load->warned, &p->load->list->arena, key, strlen(key));

	if (*said)
		return;
	*said = p->load;
	va_start(args, format);
	const char *reason = sentence(p, format, args);
	va_end(args);
	note_add(p, RULE_LOADED)->reason = reason;
}

/* What is looked at instead does not matter in a rule that is refused, or silent. */
static bool note_matters(const struct parse *p, const struct rule_note *n)
{
	if (n->fate != RULE_FELL_BACK || p->refused)
		return n->fate != RULE_FELL_BACK;
	return !p->rule.silent || strstr(n->reason, SILENCE);
}

void notes_settle(struct parse *p)
{
	struct rules_report *report = &p->load->list->report;
	unsigned kept = p->first_note;

	for (unsigned i = kept; i < report->note_count; i++) {
		struct rule_note *n = &report->notes[i];
		n->sid = p->rule.sid;
		if (note_matters(p, n))
			report->notes[kept++] = *n;
	}
	report->note_count = kept;
}

/* ---- the nearest word ---- */

enum { WORD_MAX = 40 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;
	return ab < c ? ab : c;
}

static unsigned distance(struct slice a, struct slice b)
{
	unsigned row[WORD_MAX + 1];

	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned corner = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned above = row[j];
			bool differs = tolower((unsigned char)a.at[i - 1]) !=
				tolower((unsigned char)b.at[j - 1]);
			row[j] = least(above + 1, row[j - 1] + 1, corner + differs);
			corner = above;
		}
	}
	return row[b.len];
}

void nearest_try(struct nearest_word *n, const char *candidate)
{
	struct slice other = slice_of(candidate);

	size_t bearable = 1 + n->word.len / 5;
	if (n->word.len > WORD_MAX || other.len > WORD_MAX ||
		other.len > n->word.len + bearable || n->word.len > other.len + bearable)
		return;
	unsigned d = distance(n->word, other);
	if (d <= bearable && d < other.len && (!n->best || d < n->distance)) {
		n->best = candidate;
		n->distance = d;
	}
}
