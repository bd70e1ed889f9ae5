/* flowint:name,+,1; =, +, - change it; ==, !=, <, <=, >, >= compare it; isset, notset ask
 * whether it was ever set. The operand is a number or another name.
 *
 * So many names that what a flow keeps for them stays small. */
#include <ctype.h>

#include "detect/rule_read.h"

enum { INTS_MAX = 256 };

static bool name_read(struct parse *p, struct slice name, uint16_t *number)
{
	return mark_named(p, &p->load->flowints, &p->load->list->flowints, INTS_MAX, name, number);
}

static bool operand_of(struct parse *p, struct slice text, struct flowint *f)
{
	int64_t value;

	if (text.len && (isalpha((unsigned char)*text.at) || *text.at == '_')) {
		if (!name_read(p, text, &f->other))
			return false;
		f->other++;
		return true;
	}
	if (!slice_number(text, &value) || value < 0 || value > UINT32_MAX)
		return refuse(p, "'%s' is no number from 0 to %u and no name", shown(p, text),
			UINT32_MAX);
	f->value = (uint32_t)value;
	return true;
}

static bool does_read(struct parse *p, struct slice word, struct flowint *f)
{
	static const struct name words[] = {
		{ FLOWINT_SET, "=" }, { FLOWINT_ADD, "+" }, { FLOWINT_SUBTRACT, "-" },
		{ FLOWINT_EQUAL, "==" }, { FLOWINT_DIFFERS, "!=" }, { FLOWINT_LESS, "<" },
		{ FLOWINT_AT_MOST, "<=" }, { FLOWINT_MORE, ">" }, { FLOWINT_AT_LEAST, ">=" },
		{ FLOWINT_ISSET, "isset" }, { FLOWINT_ISNOTSET, "notset" },
		{ FLOWINT_ISNOTSET, "isnotset" }, { 0, NULL },
	};
	uint64_t does;

	if (!name_value(words, word.at, word.len, &does))
		return refuse(p, "'%s' is nothing flowint does: = + - == != < <= > >= isset notset",
			shown(p, word));
	f->does = (enum flowint_does)does;
	return true;
}

bool take_flowint(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value), name = slice_cut(&rest, ',');
	struct slice word = slice_cut(&rest, ',');
	struct flowint *f = &p->flowints[p->rule.flowint_count];

	if (p->rule.flowint_count == FLOWINTS_MAX)
		return refuse(p, "more than %d flowints", FLOWINTS_MAX);
	*f = (struct flowint){ .spelled = spelled(p, o->name, o->value) };
	if (!name_read(p, name, &f->name) || !does_read(p, word, f))
		return false;
	bool needs = f->does != FLOWINT_ISSET && f->does != FLOWINT_ISNOTSET;
	rest = slice_trim(rest);
	if (!needs && rest.len)
		return refuse(p, "nothing stands behind isset and notset");
	if (needs && !operand_of(p, rest, f))
		return false;
	p->rule.flowint_count++;
	return true;
}
