/* Sets of bits with names: `a,b` any of them, `+a,b` all, `=a,b` these and no others, `-a,b` and
 * `!a,b` none, `a,!b` as each says. */
#include "detect/rule_read.h"

/* "a,!b" */
static bool read_bit(const struct name *names, struct slice item, uint64_t *set, uint64_t *unset)
{
	bool negated = item.len && *item.at == '!';
	uint64_t bit;

	item.at += negated;
	item.len -= negated;
	if (!value_named(names, slice_trim(item), &bit))
		return false;
	*(negated ? unset : set) |= bit;
	return true;
}

static char cut_sign(struct slice *text)
{
	bool any_negated = text->len > 1 && memchr(text->at + 1, '!', text->len - 1);

	if (text->len == 0 || !strchr("+*=-!", *text->at) || (*text->at == '!' && any_negated))
		return 0;
	char sign = *text->at;
	*text = slice_trim((struct slice){ text->at + 1, text->len - 1 });
	return sign;
}

/* All named bits, or with `=` all bits there are, have to be as the names say. */
static void compare_bits(struct numbers *out, char sign, uint64_t set, uint64_t unset)
{
	bool is_exact = sign == '=' || (set | unset) == 0;

	out->negated = sign == '!' || sign == '-';
	out->mask = is_exact ? 0 : set | unset;
	out->count = is_exact || sign == '+' || unset;
	out->ranges[0] = (struct number_range){ (int64_t)set, (int64_t)set };
}

bool bits_read(const struct name *names, struct slice text, struct numbers *out)
{
	uint64_t set = 0, unset = 0;

	text = slice_unquote(text);
	char sign = cut_sign(&text);
	if (text.len > 2 && *text.at == '[' && text.at[text.len - 1] == ']')
		text = (struct slice){ text.at + 1, text.len - 2 };
	if (text.len == 0 || !names)
		return false;
	while (text.len)
		if (!read_bit(names, slice_cut(&text, ','), &set, &unset))
			return false;
	compare_bits(out, sign, set, unset);
	return true;
}
