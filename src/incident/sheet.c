#include <stdlib.h>

#include "base/memory.h"
#include "incident/sheet_form.h"

/* ---- text ---- */

static size_t character_len(const char *at)
{
	unsigned char c = (unsigned char)*at;
	size_t want = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return strnlen(at, want);
}

/* Code points that have no shape of their own but change how others are read: controls, the
 * Arabic letter mark, zero-width and line separators (U+2000 block), directions, the byte order
 * mark. */
static bool is_invisible(const char *at, size_t len)
{
	const unsigned char *c = (const unsigned char *)at;

	if (len == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (len == 2)
		return (c[0] == 0xc2 && (c[1] < 0xa0 || c[1] == 0xad)) ||
			(c[0] == 0xd8 && c[1] == 0x9c);
	if (len != 3)
		return false;
	if (c[0] == 0xef)
		return c[1] == 0xbb && c[2] == 0xbf;
	if (c[0] != 0xe2)
		return false;
	return (c[1] == 0x80 && (c[2] >= 0xa8 ? c[2] <= 0xae : c[2] >= 0x8b && c[2] <= 0x8f)) ||
		(c[1] == 0x81 && c[2] >= 0xa0 && c[2] <= 0xaf);
}

static void put_character(struct sheet *s, const char *at, size_t len, bool is_first)
{
	if (!is_invisible(at, len))
		s->form->put(&s->out, at, len, is_first);
	else if (*at == '\n' || *at == '\t' || *at == '\r')
		text_char(&s->out, ' ');
	else
		text_lit(&s->out, "\xef\xbf\xbd"); /* U+FFFD */
}

void sheet_put(struct sheet *s, const char *value)
{
	const size_t fill_len = strlen(SHEET_FILL);
	const char *begin = value;

	if (!value || !*value)
		text_lit(&s->out, "—");
	for (const char *at = value; at && *at;) {
		bool is_fill = strncmp(at, SHEET_FILL, fill_len) == 0;
		size_t len = is_fill ? fill_len : character_len(at);
		if (is_fill)
			text_str(&s->out, s->form->fill);
		else
			put_character(s, at, len, at == begin);
		at += len;
	}
}

/* ---- the pen ---- */

static void enter(struct sheet *s, enum sheet_group group, const char *const *heads)
{
	if (s->group == group && group != SHEET_TABLE)
		return;
	if (s->group != SHEET_ALONE)
		s->form->close(s);
	s->group = group;
	if (group != SHEET_ALONE)
		s->form->open(s, heads);
}

struct sheet *sheet_new(enum sheet_format format, const char *language, const char *title)
{
	struct sheet *s = mem_new(sizeof(*s));

	s->form = format == SHEET_HTML ? &sheet_html : &sheet_markdown;
	s->language = strcmp(language, "en") == 0 ? "en" : "zh-CN";
	s->form->begin(s, title);
	return s;
}

static void line(struct sheet *s, enum sheet_line kind, const char *text)
{
	enter(s, SHEET_ALONE, NULL);
	s->form->line(s, kind, text);
}

void sheet_banner(struct sheet *s, const char *text)
{
	line(s, SHEET_BANNER, text);
}

void sheet_section(struct sheet *s, const char *title)
{
	line(s, SHEET_SECTION, title);
}

void sheet_heading(struct sheet *s, const char *title)
{
	line(s, SHEET_HEADING, title);
}

void sheet_paragraph(struct sheet *s, const char *text)
{
	line(s, SHEET_PARAGRAPH, text);
}

void sheet_fact(struct sheet *s, const char *label, const char *value)
{
	enter(s, SHEET_FACTS, NULL);
	s->form->fact(s, label, value);
}

void sheet_item(struct sheet *s, const char *text)
{
	enter(s, SHEET_ITEMS, NULL);
	s->form->item(s, text);
}

void sheet_table(struct sheet *s, const char *const *heads, unsigned columns)
{
	s->columns = columns;
	enter(s, SHEET_TABLE, heads);
}

void sheet_row(struct sheet *s, const char *const *cells)
{
	s->form->row(s, cells);
}

char *sheet_finish(struct sheet *s)
{
	enter(s, SHEET_ALONE, NULL);
	s->form->end(s);
	text_char(&s->out, '\0');
	char *out = s->out.at;
	free(s);
	return out;
}
