/* Contents of names in DNS, which nobody dissects here: in a message a name has no dots, each
 * label stands behind its length, and a zero byte ends it (RFC 1035, 3.1). */
#include "detect/regex.h"
#include "detect/rule_read.h"

static void put_name(struct text *out, const struct content *c)
{
	for (size_t i = 0; i < c->pattern.len; i++)
		if (c->pattern.at[i] == '.')
			text_lit(out, "[\\x01-\\x3f]");
		else
			text_printf(out, "\\x%02x", c->pattern.at[i]);
	if (c->ends_with)
		text_lit(out, "\\x00");
}

bool domain_settle(struct parse *p, struct content *c)
{
	struct text expression = { 0 };

	if (c->relative || !memchr(c->pattern.at, '.', c->pattern.len))
		return true;
	put_name(&expression, c);
	c->kind = CONTENT_REGEX;
	bool ok = regex_compile(p, c, (struct bytes){ (const uint8_t *)expression.at,
		expression.len }, PCRE2_CASELESS, "too much to look for");
	text_fini(&expression);
	return ok;
}
