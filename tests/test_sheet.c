/* Sheets: hostile text stays text, marks stay visible, groups become tables and lists. */
#include <stdlib.h>
#include <string.h>

#include "incident/sheet.h"
#include "test.h"

static char *one_fact(enum sheet_format format, const char *value)
{
	struct sheet *s = sheet_new(format, "en", "T");

	sheet_fact(s, "label", value);
	return sheet_finish(s);
}

static const struct {
	const char *what, *value, *markdown, *html;
} cases[] = {
	{ "plain", "PLC-021", "| PLC-021 |", ">PLC-021</td>" },
	{ "nothing", "", "| — |", ">—</td>" },
	{ "no value", NULL, "| — |", ">—</td>" },
	{ "a tag", "<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>",
		"&lt;script&gt;alert(1)&lt;/script&gt;" },
	{ "an attribute", "\" onload='x'", "\" onload='x'", "&quot; onload=&#39;x&#39;" },
	{ "an entity", "&lt;", "\\&lt;", "&amp;lt;" },
	{ "a cell's end", "a|b", "a\\|b", "a|b" },
	{ "a new line", "a\nb", "| a b |", "<td>a b</td>" },
	{ "a link", "[x](javascript:1)", "\\[x\\](javascript:1)", "[x](javascript:1)" },
	{ "a link by itself", "https://x.example", "https\\://x.example", "https://x.example" },
	{ "a name", "www.x.example", "www\\.x.example", "www.x.example" },
	{ "emphasis", "*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`", "*a* _b_ `c`" },
	{ "a list", "- a", "\\- a", "<td>- a" },
	{ "reading turned round", "a\xe2\x80\xae" "b", "a\xef\xbf\xbd" "b", "a\xef\xbf\xbd" "b" },
	{ "marked as Arabic", "1\xd8\x9c" "2", "1\xef\xbf\xbd" "2", "1\xef\xbf\xbd" "2" },
	{ "isolated", "\xe2\x81\xa6", "\xef\xbf\xbd", "\xef\xbf\xbd" },
	{ "a control", "\x1b[2J", "\xef\xbf\xbd\\[2J", "\xef\xbf\xbd[2J" },
	{ "a second control set", "\xc2\x9b", "\xef\xbf\xbd", "\xef\xbf\xbd" },
	{ "Chinese", "一号厂区", "| 一号厂区 |", "<td>一号厂区</td>" },
	{ "to fill", SHEET_FILL, "**" SHEET_FILL "**", "<mark>" SHEET_FILL "</mark>" },
	{ "to fill, within", "x " SHEET_FILL "y", "x **" SHEET_FILL "**y", "x <mark>" },
};

static void test_text(void)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *markdown = one_fact(SHEET_MARKDOWN, cases[i].value);
		char *html = one_fact(SHEET_HTML, cases[i].value);
		CHECK(strstr(markdown, cases[i].markdown), "%s: %s", cases[i].what, markdown);
		CHECK(strstr(html, cases[i].html), "%s: %s", cases[i].what, html);
		free(markdown);
		free(html);
	}
}

static char *all_groups(enum sheet_format format, const char *language)
{
	static const char *const heads[] = { "one", "two" };
	static const char *const cells[] = { "a", NULL };
	struct sheet *s = sheet_new(format, language, "Title");

	sheet_banner(s, "first");
	sheet_section(s, "part");
	sheet_item(s, "x");
	sheet_item(s, "y");
	sheet_table(s, heads, 2);
	sheet_row(s, cells);
	sheet_heading(s, "within");
	sheet_paragraph(s, "words");
	return sheet_finish(s);
}

static void test_groups(void)
{
	char *markdown = all_groups(SHEET_MARKDOWN, "en");
	char *html = all_groups(SHEET_HTML, "zh-CN");

	CHECK(strcmp(markdown, "# Title\n\n> first\n\n## part\n\n- x\n- y\n\n"
		"| one | two |\n|---|---|\n| a | — |\n\n### within\n\nwords\n") == 0,
		"%s", markdown);
	CHECK(strstr(html, "<html lang=\"zh-CN\">"), "%s", html);
	CHECK(strstr(html, "<ul>\n<li>x</li>\n<li>y</li>\n</ul>\n<div"), "%s", html);
	CHECK(strstr(html, "<tr><td class=\"n\">a</td><td class=\"n\">—</td></tr>\n</tbody>"),
		"%s", html);
	CHECK(strstr(html, "default-src 'none'"), "%s", html);
	CHECK(!strstr(html, "http://") && !strstr(html, "https://"), "%s", html);
	free(markdown);
	free(html);
}

int main(void)
{
	test_text();
	test_groups();
	return test_end();
}
