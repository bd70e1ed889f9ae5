/* content and its modifiers.
 *
 * As in Suricata: depth counts from offset on, distance and within from the end of the
 * match before (within after adding distance). A content with distance or within that has
 * no content before it in its buffer counts from the buffer's start, so it becomes offset
 * and depth here. A negated content is never what a relative one counts from. */
#include <ctype.h>

#include "detect/rule_read.h"

enum { PATTERN_MAX = 8192 };

/* ---- the pattern ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "00 1F|", from behind the first bar: bytes to `out`, and how far the text goes. */
static bool read_hex(
	struct parse *p, struct slice s, size_t *i, uint8_t *out, size_t *len)
{
	int high = -1;

	for (; *i < s.len && s.at[*i] != '|'; (*i)++) {
		int digit = hex_digit(s.at[*i]);
		if (isspace((unsigned char)s.at[*i]) && high < 0)
			continue;
		if (digit < 0)
			return refuse(p, "'%c' between the bars is no hex digit", isprint(
				(unsigned char)s.at[*i]) ? s.at[*i] : '?');
		if (high >= 0)
			out[(*len)++] = (uint8_t)(high << 4 | digit);
		high = high < 0 ? digit : -1;
	}
	if (*i == s.len)
		return refuse(p, "the closing | of the hex bytes is missing");
	return high < 0 || refuse(p, "the hex bytes have an odd number of digits");
}

static bool read_pattern(struct parse *p, struct slice s, struct bytes *pattern)
{
	size_t len = 0;

	if (s.len > PATTERN_MAX)
		return refuse(p, "the content is longer than %d characters", PATTERN_MAX);
	uint8_t *out = arena_take(&p->load->scratch, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '|') {
			i++;
			if (!read_hex(p, s, &i, out, &len))
				return false;
			continue;
		}
		if (s.at[i] == '\\' && i + 1 < s.len)
			i++;
		out[len++] = (uint8_t)s.at[i];
	}
	if (len == 0)
		return refuse(p, "the content is empty");
	pattern->at = arena_copy(&p->load->list->arena, out, len);
	pattern->len = len;
	return true;
}

bool cut_quoted(struct parse *p, struct slice *rest, struct slice *text)
{
	if (rest->len == 0 || *rest->at != '"') {
		*text = *rest;
		rest->len = 0;
		return true;
	}
	for (size_t i = 1; i < rest->len; i++) {
		if (rest->at[i] == '\\') {
			i++;
		} else if (rest->at[i] == '"') {
			*text = (struct slice){ rest->at + 1, i - 1 };
			rest->at += i + 1;
			rest->len -= i + 1;
			return true;
		}
	}
	return refuse(p, "the closing quote is missing");
}

/* ---- modifiers inside the option, as Snort 3 writes them ---- */

static bool take_inside(struct parse *p, struct slice text)
{
	struct option o = { .value = text };

	o.name = slice_word(&o.value);
	o.value = slice_trim(o.value);
	o.has_value = o.value.len > 0;
	o.row = option_find(o.name);
	if (!o.row || !(o.row->flags & OPTION_MODIFIER))
		return refuse(p, "'%s' is no modifier of a content",
			shown(p, text));
	if (o.row->flags & OPTION_VALUE && !o.has_value)
		return refuse(p, "%s needs a value", o.row->name);
	p->name = o.row->name;
	return o.row->take(p, &o);
}

static bool take_modifiers(struct parse *p, struct slice rest)
{
	while (rest.len) {
		struct slice one = slice_cut(&rest, ',');
		if (one.len && !take_inside(p, one))
			return false;
	}
	return true;
}

struct content *step_add(struct parse *p, enum content_kind kind, struct slice spelling)
{
	unsigned i = p->rule.content_count;

	if (i == CONTENTS_MAX) {
		refuse(p, "more than %d contents", CONTENTS_MAX);
		return NULL;
	}
	p->is_anywhere[i] = p->anywhere && !p->decoded;
	p->is_domain[i] = p->in_domain && !p->decoded;
	p->content_at[i] = p->at;
	p->contents[i] = (struct content){ .kind = kind, .half = p->buffer.half,
		.decoded = p->decoded,
		.field = p->buffer.dissector ? (int)p->buffer.field : -1 };
	if (spelling.len) {
		char *text = slice_string(&p->load->list->arena, spelling);
		p->contents[i].pattern = (struct bytes){ (uint8_t *)text, spelling.len };
	}
	p->rule.content_count++;
	return &p->contents[i];
}

bool take_content(struct parse *p, const struct option *o)
{
	struct slice rest = o->value, text = { 0 };
	struct content *c = step_add(p, CONTENT_BYTES, (struct slice){ 0 });

	if (!c)
		return false;
	c->negated = rest.len && *rest.at == '!';
	if (c->negated)
		rest = slice_trim((struct slice){ rest.at + 1, rest.len - 1 });
	if (!cut_quoted(p, &rest, &text) || !read_pattern(p, text, &c->pattern))
		return false;
	p->is_anywhere[p->rule.content_count - 1] |= o->row->what != NULL;
	if (o->row->what)
		fall_back(p, "HTTP is not dissected: the content is looked for in the "
			"whole payload");
	return take_modifiers(p, slice_trim(rest));
}
