/* Sheets as Markdown: CommonMark with the tables of GitHub's dialect (GFM 0.29). A backslash
 * before punctuation makes it text (CommonMark 2.4). */
#include "incident/sheet_form.h"

/* What begins markup anywhere, and ':' and '.' that make links of "https:" and "www.". */
static bool is_markup(char c)
{
	return strchr("\\`*_[]<>|#!&~$", c) != NULL;
}

static void put(struct text *out, const char *at, size_t len, bool is_first)
{
	bool is_link = (*at == ':' && at[1] == '/') || (*at == '@') ||
		(*at == '.' && out->len >= 3 && memcmp(out->at + out->len - 3, "www", 3) == 0);

	if (len == 1 && (is_markup(*at) || is_link || (is_first && strchr("-+=:", *at))))
		text_char(out, '\\');
	text_put(out, at, len);
}

static void begin(struct sheet *s, const char *title)
{
	text_lit(&s->out, "# ");
	sheet_put(s, title);
	text_lit(&s->out, "\n");
}

static void end(struct sheet *s)
{
	(void)s;
}

static void line(struct sheet *s, enum sheet_line kind, const char *text)
{
	static const char *const before[] = {
		[SHEET_BANNER] = "\n> ",
		[SHEET_SECTION] = "\n## ",
		[SHEET_HEADING] = "\n### ",
		[SHEET_PARAGRAPH] = "\n",
	};

	text_str(&s->out, before[kind]);
	sheet_put(s, text);
	text_char(&s->out, '\n');
}

static void rule(struct sheet *s, unsigned columns)
{
	for (unsigned i = 0; i < columns; i++)
		text_lit(&s->out, "|---");
	text_lit(&s->out, "|\n");
}

static void row(struct sheet *s, const char *const *cells)
{
	for (unsigned i = 0; i < s->columns; i++) {
		text_lit(&s->out, "| ");
		sheet_put(s, cells[i]);
		text_char(&s->out, ' ');
	}
	text_lit(&s->out, "|\n");
}

static void open(struct sheet *s, const char *const *heads)
{
	text_char(&s->out, '\n');
	if (s->group == SHEET_FACTS) {
		text_lit(&s->out, "| | |\n");
		rule(s, 2);
	}
	if (s->group == SHEET_TABLE) {
		row(s, heads);
		rule(s, s->columns);
	}
}

static void close(struct sheet *s)
{
	(void)s;
}

static void fact(struct sheet *s, const char *label, const char *value)
{
	text_lit(&s->out, "| **");
	sheet_put(s, label);
	text_lit(&s->out, "** | ");
	sheet_put(s, value);
	text_lit(&s->out, " |\n");
}

static void item(struct sheet *s, const char *text)
{
	text_lit(&s->out, "- ");
	sheet_put(s, text);
	text_char(&s->out, '\n');
}

const struct sheet_form sheet_markdown = { begin, end, line, open, close, fact, item, row, put,
	"**" SHEET_FILL "**" };
