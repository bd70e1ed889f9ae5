/* pcre: a regular expression, compiled once with PCRE2.
 *
 * Letters behind the closing slash: i s m x A E G as in Perl, R counts from the last match,
 * O is a hint. Those that name a buffer of HTTP (U I P H D M C S Y B K V W) stand for the
 * whole payload, and the rule says so. */
#include "detect/regex.h"
#include "detect/rule_read.h"

static const struct name options[] = {
	{ PCRE2_CASELESS, "i" }, { PCRE2_DOTALL, "s" }, { PCRE2_MULTILINE, "m" },
	{ PCRE2_EXTENDED, "x" }, { PCRE2_ANCHORED, "A" }, { PCRE2_DOLLAR_ENDONLY, "E" },
	{ PCRE2_UNGREEDY, "G" }, { 0, "O" }, { 0, "B" }, { 0, NULL },
};

static bool take_letters(struct parse *p, struct slice letters, struct content *c, uint32_t *bits)
{
	uint64_t bit;

	*bits = 0;
	for (size_t i = 0; i < letters.len; i++) {
		char letter = letters.at[i];
		if (letter == 'R') {
			c->relative = true;
		} else if (strchr("UIPHDMCSYKVW", letter)) {
			p->is_anywhere[p->rule.content_count - 1] = true;
			fall_back(p, "HTTP is not dissected: the expression is looked for in the "
				"whole payload");
		} else if (name_value(options, &letter, 1, &bit)) {
			*bits |= (uint32_t)bit;
		} else {
			return refuse(p, "'%c' is no letter of pcre: i s m x A E G R O",
				letter);
		}
	}
	return true;
}

/* Where the closing delimiter stands. */
static bool find_end(struct parse *p, struct slice text, size_t *end)
{
	for (*end = text.len; *end > 1; (*end)--)
		if (text.at[*end - 1] == text.at[0])
			break;
	if (*end > 1)
		return true;
	return refuse(p, "write pcre:\"/expression/letters\"");
}

bool regex_compile(struct parse *p, struct content *c, struct bytes expression, uint32_t bits,
	const char *what)
{
	char why[128];

	c->regex = regex_new(&p->load->list->arena, expression, bits, why, sizeof(why));
	return c->regex || refuse(p, "%s: %s", what, why);
}

bool take_pcre(struct parse *p, const struct option *o)
{
	struct slice rest = o->value, text = { 0 };
	struct content *c = step_add(p, CONTENT_REGEX, o->value);
	uint32_t bits;
	size_t end;

	if (!c)
		return false;
	c->negated = rest.len && *rest.at == '!';
	if (c->negated)
		rest = slice_trim((struct slice){ rest.at + 1, rest.len - 1 });
	if (!cut_quoted(p, &rest, &text))
		return false;
	if (text.len && *text.at == '!') { /* Snort 3 has it inside the quotes */
		c->negated = true;
		text = (struct slice){ text.at + 1, text.len - 1 };
	}
	if (text.len > 1 && *text.at == 'm') /* m/…/, m!…! */
		text = (struct slice){ text.at + 1, text.len - 1 };
	if (text.len < 2 || !find_end(p, text, &end) ||
		!take_letters(p, (struct slice){ text.at + end, text.len - end }, c, &bits))
		return text.len >= 2 ? false : refuse(p, "write pcre:\"/expression/letters\"");
	return regex_compile(p, c, (struct bytes){ (const uint8_t *)text.at + 1, end - 2 }, bits,
		"the expression is wrong");
}
