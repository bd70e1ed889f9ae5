/* Sheets as one HTML page, for a screen and for A4. */
#include "incident/sheet_form.h"

enum { DENSE = 6 }; /* columns; more are set small */

static const char style[] =
	"@page{size:A4;margin:17mm 15mm 18mm;"
	"@bottom-right{content:counter(page) \" / \" counter(pages);font:9pt sans-serif;"
	"color:#555}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:#e9ecef;color:#15191e;"
	"font:15px/1.55 \"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\","
	"\"PingFang SC\",\"Helvetica Neue\",Arial,sans-serif;"
	"-webkit-print-color-adjust:exact;print-color-adjust:exact}"
	"main{max-width:210mm;margin:24px auto;padding:16mm 15mm;background:#fff;"
	"box-shadow:0 1px 6px #0003}"
	"h1{margin:0 0 14px;padding-bottom:10px;border-bottom:3px solid #15324f;"
	"font-size:24px;line-height:1.3;color:#15324f}"
	"h2{margin:26px 0 8px;padding-left:9px;border-left:5px solid #15324f;font-size:17px;"
	"line-height:1.35;break-after:avoid}"
	"h3{margin:16px 0 6px;font-size:15px;color:#15324f;break-after:avoid}"
	"p{margin:6px 0}ul{margin:6px 0;padding-left:22px}li{margin:2px 0}"
	".banner{margin:8px 0;padding:6px 12px;border:1px solid #dcc48a;"
	"border-left:6px solid #c79a3a;background:#fdf8ea}"
	".banner+.banner{margin-top:-9px;border-top:0}.banner:first-of-type{font-weight:600}"
	".wide{overflow-x:auto;margin:6px 0}"
	"table{width:100%;border-collapse:collapse;font-size:13.5px}"
	"th,td{padding:5px 8px;border:1px solid #b9c2cc;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}"
	"thead th{background:#15324f;color:#fff;font-weight:600;border-color:#15324f;"
	"overflow-wrap:break-word}"
	".facts th{width:27%;background:#f1f4f7;font-weight:600;overflow-wrap:break-word}"
	"tbody tr:nth-child(even) td{background:#f8fafb}"
	".facts tbody tr:nth-child(even) td{background:none}"
	".n{white-space:nowrap}"
	".dense{font-size:11.5px}.dense th,.dense td{padding:3px 5px}"
	"thead{display:table-header-group}tr,.facts{break-inside:avoid}"
	".wide:has(.facts){break-inside:avoid}"
	"mark{padding:1px 6px;border:1.5px dashed #b3261e;background:#fff1b8;color:#7a1610;"
	"font-weight:700;white-space:nowrap}"
	"@media print{body{background:none;font-size:10.5pt}"
	"main{max-width:none;margin:0;padding:0;box-shadow:none}"
	".wide{overflow:visible}table{font-size:9.5pt}.dense{font-size:8pt}}";

static void put(struct text *out, const char *at, size_t len, bool is_first)
{
	(void)is_first;
	switch (*at) {
	case '&':
		text_lit(out, "&amp;");
		break;
	case '<':
		text_lit(out, "&lt;");
		break;
	case '>':
		text_lit(out, "&gt;");
		break;
	case '"':
		text_lit(out, "&quot;");
		break;
	case '\'':
		text_lit(out, "&#39;");
		break;
	default:
		text_put(out, at, len);
	}
}

static void element(struct sheet *s, const char *name, const char *text)
{
	text_printf(&s->out, "<%s>", name);
	sheet_put(s, text);
	text_printf(&s->out, "</%.*s>", (int)strcspn(name, " "), name);
}

static void begin(struct sheet *s, const char *title)
{
	text_printf(&s->out, "<!doctype html>\n<html lang=\"%s\">\n<head>\n"
		"<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n", s->language);
	element(s, "title", title);
	text_lit(&s->out, "\n<style>");
	text_put(&s->out, style, sizeof(style) - 1);
	text_lit(&s->out, "</style>\n</head>\n<body>\n<main>\n");
	element(s, "h1", title);
	text_char(&s->out, '\n');
}

static void end(struct sheet *s)
{
	text_lit(&s->out, "</main>\n</body>\n</html>\n");
}

static void line(struct sheet *s, enum sheet_line kind, const char *text)
{
	static const char *const names[] = {
		[SHEET_BANNER] = "p class=\"banner\"",
		[SHEET_SECTION] = "h2",
		[SHEET_HEADING] = "h3",
		[SHEET_PARAGRAPH] = "p",
	};

	element(s, names[kind], text);
	text_char(&s->out, '\n');
}

/* Short ones stay on a line; in a dense table fewer do, so that it fits the paper. */
static void cell(struct sheet *s, const char *name, const char *short_name, const char *text)
{
	size_t most = s->columns > DENSE ? 12 : 26; /* bytes; a time with its offset is 26 */

	element(s, !text || strlen(text) <= most ? short_name : name, text);
}

static void open_table(struct sheet *s, const char *const *heads)
{
	text_printf(&s->out, "<div class=\"wide\"><table%s>\n<thead><tr>",
		s->columns > DENSE ? " class=\"dense\"" : "");
	for (unsigned i = 0; i < s->columns; i++)
		cell(s, "th", "th class=\"n\"", heads[i]);
	text_lit(&s->out, "</tr></thead>\n<tbody>\n");
}

static void open(struct sheet *s, const char *const *heads)
{
	if (s->group == SHEET_ITEMS)
		text_lit(&s->out, "<ul>\n");
	else if (s->group == SHEET_FACTS)
		text_lit(&s->out, "<div class=\"wide\"><table class=\"facts\">\n<tbody>\n");
	else
		open_table(s, heads);
}

static void close(struct sheet *s)
{
	if (s->group == SHEET_ITEMS)
		text_lit(&s->out, "</ul>\n");
	else
		text_lit(&s->out, "</tbody>\n</table></div>\n");
}

static void fact(struct sheet *s, const char *label, const char *value)
{
	text_lit(&s->out, "<tr>");
	element(s, "th scope=\"row\"", label);
	element(s, "td", value);
	text_lit(&s->out, "</tr>\n");
}

static void item(struct sheet *s, const char *text)
{
	element(s, "li", text);
	text_char(&s->out, '\n');
}

static void row(struct sheet *s, const char *const *cells)
{
	text_lit(&s->out, "<tr>");
	for (unsigned i = 0; i < s->columns; i++)
		cell(s, "td", "td class=\"n\"", cells[i]);
	text_lit(&s->out, "</tr>\n");
}

const struct sheet_form sheet_html = { begin, end, line, open, close, fact, item, row, put,
	"<mark>" SHEET_FILL "</mark>" };
