/* A rule file, cut into statements.
 *
 * A statement is a rule with its physical lines joined: over a `\` at the end of a line,
 * as Suricata has it, and over line ends until the closing parenthesis, as Snort 3 has
 * it. It ends at the latest before a comment or the next rule, so that one broken rule
 * cannot swallow others. */
#include <ctype.h>
#include <stdlib.h>

#include "detect/rule_read.h"

static struct slice line_peek(const struct statement_reader *r)
{
	struct slice line = { (const char *)r->rest.at, r->rest.len };

	return slice_cut(&line, '\n');
}

/* The next line as it is, without its end. */
static struct slice line_take(struct statement_reader *r)
{
	const uint8_t *end = memchr(r->rest.at, '\n', r->rest.len);
	size_t len = end ? (size_t)(end - r->rest.at) : r->rest.len;
	struct slice line = { (const char *)r->rest.at, len };

	r->rest.at += len + (end != NULL);
	r->rest.len -= len + (end != NULL);
	r->line++;
	while (line.len && (line.at[line.len - 1] == '\r'))
		line.len--;
	return line;
}

static struct slice first_word(struct slice line)
{
	size_t len = 0;

	line = slice_trim(line);
	while (len < line.len && isalpha((unsigned char)line.at[len]))
		len++;
	return (struct slice){ line.at, len };
}

static bool begins_rule(struct slice line)
{
	struct slice word = first_word(line);
	const char *end = word.at + word.len;

	line = slice_trim(line);
	return is_action(word) && word.len < line.len &&
		(isspace((unsigned char)*end) || *end == '(');
}

static bool is_commented_rule(struct slice line)
{
	while (line.len && (*line.at == '#' || isspace((unsigned char)*line.at))) {
		line.at++;
		line.len--;
	}
	return begins_rule(line) && memchr(line.at, '(', line.len);
}

static void append(struct statement *s, struct slice line, unsigned number)
{
	if (s->line_count == s->line_cap) {
		s->line_cap = s->line_cap ? s->line_cap * 2 : 16;
		s->lines = mem_resize(s->lines, s->line_cap * sizeof(*s->lines));
	}
	s->lines[s->line_count++] = (struct line_start){ s->text.len, number };
	s->too_long |= s->text.len + line.len > STATEMENT_MAX;
	struct slice solid = slice_trim(line);
	if (s->too_long || solid.len == 0)
		return;
	s->solid = s->text.len + (size_t)(solid.at - line.at) + solid.len;
	text_put(&s->text, line.at, line.len);
}

/* Takes the `\` at the line's end away, and what white space follows it. */
static bool is_continued(struct slice *line)
{
	size_t len = line->len;

	while (len && isspace((unsigned char)line->at[len - 1]))
		len--;
	if (len == 0 || line->at[len - 1] != '\\')
		return false;
	line->len = len - 1;
	return true;
}

/* Whether the rule goes on in the next line though no `\` says so. */
static bool is_open(const struct statement *s, const struct statement_reader *r)
{
	struct slice text = { s->text.at, s->solid };
	struct slice next = line_peek(r);

	if (r->rest.len == 0 || text.len == 0 || text.at[text.len - 1] == ')' ||
		!begins_rule(text))
		return false;
	return next.len == 0 || (*next.at != '#' && !begins_rule(next));
}

static void collect(struct statement_reader *r, struct statement *s, struct slice line)
{
	for (;;) {
		bool continued = is_continued(&line);
		append(s, line, r->line - 1);
		if (!continued && is_open(s, r))
			text_char(&s->text, ' ');
		else if (!continued)
			break;
		if (r->rest.len == 0)
			break;
		line = line_take(r);
	}
	text_char(&s->text, 0);
	s->text.len--;
}

static void skip_mark(struct statement_reader *r) /* of UTF-8 */
{
	if (r->rest.len >= 3 && memcmp(r->rest.at, "\xef\xbb\xbf", 3) == 0) {
		r->rest.at += 3;
		r->rest.len -= 3;
	}
}

bool statement_next(struct statement_reader *r, struct statement *s)
{
	text_clear(&s->text);
	text_grow(&s->text, 256); /* even an empty one has a place */
	s->line_count = 0;
	s->solid = 0;
	s->too_long = false;
	if (r->line == 0) {
		r->line = 1;
		skip_mark(r);
	}
	while (r->rest.len) {
		struct slice line = line_take(r), trimmed = slice_trim(line);
		if (trimmed.len && *trimmed.at != '#') {
			collect(r, s, line);
			return true;
		}
		r->commented += trimmed.len && is_commented_rule(trimmed);
	}
	return false;
}

void statement_place(const struct statement *s, const char *at, unsigned *line,
	unsigned *column)
{
	size_t offset = (size_t)(at - s->text.at);
	unsigned i = s->line_count - 1;

	while (i > 0 && s->lines[i].offset > offset)
		i--;
	*line = s->lines[i].line;
	*column = 1;
	for (size_t o = s->lines[i].offset; o < offset; o++)
		*column += (s->text.at[o] & 0xc0) != 0x80; /* not inside a character */
}

void statement_fini(struct statement *s)
{
	text_fini(&s->text);
	free(s->lines);
}
