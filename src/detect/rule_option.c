/* The options of a rule: where one ends and the next begins. Which there are: rule_rows.c.
 *
 * Public rule files are dirty, so a `;` may be doubled, a `,`, or missing before the next option's
 * name. */
#include <ctype.h>

#include "detect/rule_read.h"

/* ---- where an option ends ---- */

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static struct slice name_at(struct slice rest)
{
	size_t len = 0;

	while (len < rest.len && is_name_char(rest.at[len]))
		len++;
	return (struct slice){ rest.at, len };
}

static struct slice from(struct slice s, size_t skip)
{
	return (struct slice){ s.at + skip, s.len - skip };
}

/* NULL where a field's keyword is meant. */
static const struct option_row *row_of(struct slice name)
{
	const struct option_row *row = option_find(name);
	struct field_ref ref;

	return row && row->flags & OPTION_STANDIN && keyword_find(name, &ref) ? NULL : row;
}

static bool is_known(struct slice name)
{
	struct field_ref ref;

	return name.len && (option_find(name) || keyword_find(name, &ref));
}

/* Only a comment may follow the closing parenthesis. */
static bool closes(struct slice rest)
{
	if (rest.len == 0 || *rest.at != ')')
		return false;
	rest = slice_trim(from(rest, 1));
	return rest.len == 0 || *rest.at == '#';
}

/* Whether another option begins here though no `;` stands before it. */
static bool begins_option(struct slice rest, bool bare_too)
{
	struct slice name = name_at(rest);
	struct slice behind = slice_trim(from(rest, name.len));
	const struct option_row *row = option_find(name);

	if (name.len == 0 || behind.len == 0)
		return false;
	if (*behind.at == ':')
		return is_known(name);
	return bare_too && row && row->flags & OPTION_BARE &&
		(*behind.at == ';' || closes(behind));
}

/* The length of the quoted text here, quotes and all; 0 if it does not end. */
static size_t quoted(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.at[i] == '\\')
			i++;
		else if (s.at[i] == '"')
			return i + 1;
	}
	return 0;
}

static size_t value_end(const struct option_row *row, struct slice s)
{
	bool bare_too = !row || !(row->flags & OPTION_TEXT);
	bool at_word = false;
	size_t i = 0;

	while (i < s.len && s.at[i] != ';' && !closes(from(s, i))) {
		char c = s.at[i];
		if (at_word && isalpha((unsigned char)c) &&
			begins_option(from(s, i), bare_too))
			break;
		at_word = c == ',' || c == '"' || isspace((unsigned char)c) ||
			isdigit((unsigned char)c);
		size_t text = c == '"' ? quoted(from(s, i)) : 0;
		i += text ? text : c == '\\' && i + 1 < s.len ? 2 : 1;
	}
	return i;
}

/* `msg:"a; content:"b";`: what was meant to end the text begins another, and what stands between
 * them would be lost. */
static bool lacks_quote(struct slice value)
{
	bool inside = false, holds_end = false;

	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '\\')
			i++;
		else if (value.at[i] == '"')
			inside = !inside;
		else if (value.at[i] == ';')
			holds_end = true;
	}
	return inside && holds_end;
}

/* ---- options one by one ---- */

static const char *printable(struct parse *p, struct slice name)
{
	name.len = name.len < 60 ? name.len : 60;
	return slice_string(&p->load->list->arena, name);
}

static bool take(struct parse *p, const struct option *o)
{
	struct field_ref ref;

	if (!o->row && keyword_find(o->name, &ref))
		return take_field(p, o, &ref);
	if (!o->row)
		return take_unknown(p, o, option_nearest(p, o->name));
	if (o->row->flags & OPTION_VALUE && !o->has_value)
		return refuse(p, "%s needs a value: %s:…;", p->name, p->name);
	if (o->row->flags & OPTION_BARE && o->has_value && o->value.len)
		return refuse(p, "%s takes no value", p->name);
	return o->row->take(p, o);
}

/* The value behind the colon, if there is one, off the front of `rest`. */
static void cut_value(struct option *o, struct slice *rest)
{
	o->has_value = rest->len && *rest->at == ':';
	if (!o->has_value)
		return;
	*rest = from(*rest, 1);
	size_t end = value_end(o->row, *rest);
	o->value = slice_trim((struct slice){ rest->at, end });
	while (o->value.len && o->value.at[o->value.len - 1] == ',')
		o->value.len--;
	*rest = from(*rest, end);
}

static bool is_separated(struct slice rest)
{
	return rest.len == 0 || strchr(";,", *rest.at) || closes(rest) ||
		is_known(name_at(rest));
}

static bool option_next(struct parse *p, struct slice *rest)
{
	struct option o = { .name = name_at(*rest) };

	p->at = rest->at;
	p->name = NULL;
	if (o.name.len == 0)
		return refuse(p, "an option's name has to stand here: is a quote or a ; "
			"missing before it?");
	o.row = row_of(o.name);
	p->name = o.row && !strchr(o.row->name, '*') ? o.row->name : printable(p, o.name);
	*rest = slice_trim(from(*rest, o.name.len));
	cut_value(&o, rest);
	if (lacks_quote(o.value))
		return refuse(p, "a closing quote is missing: the text goes on up to the next "
			"option's quote");
	if (!o.has_value && !is_separated(*rest))
		return refuse(p, "a ; is missing behind %s", p->name);
	return take(p, &o);
}

bool options_read(struct parse *p, struct slice rest)
{
	for (;;) {
		while (rest.len &&
			(strchr(";,", *rest.at) || isspace((unsigned char)*rest.at)))
			rest = from(rest, 1);
		if (closes(rest))
			return true;
		if (rest.len == 0) {
			p->name = NULL;
			p->at = rest.at;
			return refuse(p, "the rule does not end: the closing "
				"parenthesis, or a closing quote before it, is missing");
		}
		if (!option_next(p, &rest))
			return false;
	}
}
