/* Numbers: `5`, `!5`, `>=0x10`, `1-4`, `1<>4`, `[1,3,5-9]`, `&0x80`, `&0xc0=0x80`, `64kb`, or a
 * value's name. Sets of bits with names: rule_bits.c.
 *
 * Suricata reads both `a-b` and `a<>b` without their ends. Here `a-b` includes them, as
 * it does in a list and on paper; `a<>b` keeps Suricata's meaning. */
#include <ctype.h>
#include <stdlib.h>

#include "detect/rule_read.h"

static bool is_gap(char c)
{
	return c == '_' || c == '-' || c == ' ';
}

/* Names are compared in any case and without `_`, `-` and space: create_object is
 * CreateObject. What begins with a digit may be numbers, and has to be the same. */
static bool same_name(struct slice a, const char *b)
{
	bool loose = a.len && isalpha((unsigned char)*a.at);
	size_t i = 0;

	for (;; i++, b++) {
		while (loose && i < a.len && is_gap(a.at[i]))
			i++;
		while (loose && is_gap(*b))
			b++;
		if (i == a.len || !*b)
			return i == a.len && !*b;
		if (tolower((unsigned char)a.at[i]) != tolower((unsigned char)*b))
			return false;
	}
}

bool value_named(const struct name *names, struct slice text, uint64_t *value)
{
	for (; names && names->text; names++)
		if (same_name(text, names->text)) {
			*value = names->value;
			return true;
		}
	return false;
}

static bool refuse_number(struct parse *p, struct slice text, const struct name *names)
{
	struct nearest_word near = { .word = text };

	for (; names && names->text; names++)
		nearest_try(&near, names->text);
	if (near.best)
		return refuse(p, "'%s' is no value here; did you mean %s?",
			shown(p, text),
			near.best);
	return refuse(p, "'%s' is no number%s: write 5, !5, >5, <=5, 1-4, 1<>4, "
		"[1,3,5-9] or &0x80", shown(p, text), names ? " and no name" : "");
}

/* "64kb", "1MiB" */
static bool read_with_unit(struct slice text, int64_t *value)
{
	static const struct name units[] = {
		{ 1024, "kb" }, { 1024, "kib" }, { 1 << 20, "mb" }, { 1 << 20, "mib" },
		{ 1 << 30, "gb" }, { 1 << 30, "gib" }, { 0, NULL },
	};
	size_t digits = 0;
	uint64_t unit;

	while (digits < text.len && isdigit((unsigned char)text.at[digits]))
		digits++;
	return digits && name_value(units, text.at + digits, text.len - digits, &unit) &&
		slice_number((struct slice){ text.at, digits }, value) &&
		!__builtin_mul_overflow(*value, (int64_t)unit, value);
}

static bool read_one(struct parse *p, struct slice text, const struct name *names,
	int64_t *value)
{
	uint64_t named;

	text = slice_trim(text);
	if (slice_number(text, value) || read_with_unit(text, value))
		return true;
	if (!value_named(names, text, &named))
		return refuse_number(p, text, names);
	*value = (int64_t)named;
	return true;
}

static struct slice after(struct slice s, size_t skip)
{
	return (struct slice){ s.at + skip, s.len - skip };
}

/* Where "<>" or the dash between two numbers stands; 0 if there is none. */
static size_t middle_of(struct slice text, bool *open)
{
	for (size_t i = 1; i + 1 < text.len; i++) {
		*open = text.at[i] == '<' && text.at[i + 1] == '>';
		if (*open)
			return i;
		if (text.at[i] == '-' && isalnum((unsigned char)slice_trim(
			(struct slice){ text.at, i }).at[0]))
			return i;
		if (text.at[i] == '-' && text.at[0] == '-')
			return i;
	}
	return 0;
}

static bool read_span(struct parse *p, struct slice text, size_t middle, bool open,
	const struct name *names, struct number_range *out)
{
	struct slice low = { text.at, middle };

	if (!read_one(p, low, names, &out->low) ||
		!read_one(p, after(text, middle + 1 + open), names, &out->high))
		return false;
	if (out->low > out->high)
		return refuse(p, "the range runs backwards");
	if (open && (out->high - (__int128)out->low) < 2)
		return refuse(p,
			"there is nothing between the ends of the range, which <> leaves "
			"out; a-b includes them");
	out->low += open;
	out->high -= open;
	return true;
}

static bool read_compared(struct parse *p, struct slice text, const struct name *names,
	struct number_range *out)
{
	bool less = *text.at == '<', equal = text.len > 1 && text.at[1] == '=';
	int64_t value;

	if (!read_one(p, after(text, 1 + equal), names, &value))
		return false;
	if (!equal && value == (less ? INT64_MIN : INT64_MAX))
		return refuse(p, "no number is beyond that");
	*out = less ? (struct number_range){ INT64_MIN, value - !equal } :
		(struct number_range){ value + !equal, INT64_MAX };
	return true;
}

static bool read_item(struct parse *p, struct slice text, const struct name *names,
	struct number_range *out)
{
	uint64_t named;
	bool open;

	text = slice_trim(text);
	if (value_named(names, text, &named)) {
		*out = (struct number_range){ (int64_t)named, (int64_t)named };
		return true;
	}
	if (text.len && (*text.at == '<' || *text.at == '>'))
		return read_compared(p, text, names, out);
	if (text.len && *text.at == '=')
		text = after(text, 1);
	size_t middle = middle_of(text, &open);
	if (middle)
		return read_span(p, text, middle, open, names, out);
	if (!read_one(p, text, names, &out->low))
		return false;
	out->high = out->low;
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct number_range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

static void merge(struct numbers *n)
{
	unsigned kept = 0;

	qsort(n->ranges, n->count, sizeof(*n->ranges), by_low);
	for (unsigned i = 1; i < n->count; i++) {
		struct number_range *last = &n->ranges[kept], *next = &n->ranges[i];
		if (last->high < INT64_MAX && next->low > last->high + 1)
			n->ranges[++kept] = *next;
		else if (next->high > last->high)
			last->high = next->high;
	}
	n->count = kept + 1;
}

static bool read_list(struct parse *p, struct slice text, const struct name *names,
	struct numbers *out)
{
	do {
		if (out->count == NUMBERS_MAX)
			return refuse(p, "the list is too long: %d numbers at most",
				NUMBERS_MAX);
		struct slice item = slice_cut(&text, ',');
		if (item.len && *item.at == '!')
			return refuse(p, "a number inside the list is negated: negate "
				"the whole list");
		if (!read_item(p, item, names, &out->ranges[out->count]))
			return false;
		out->count++;
	} while (text.len);
	merge(out);
	return true;
}

/* "&0x80": any of the bits. "&0xc0=0x80", "&0xc0!=0": what they are together. */
static bool read_mask(struct parse *p, struct slice text, const struct name *names,
	struct numbers *out)
{
	bool has_value = memchr(text.at, '=', text.len);
	struct slice mask = slice_cut(&text, '=');
	bool differs = has_value && mask.len && mask.at[mask.len - 1] == '!';
	int64_t bits, value = 0;

	mask.len -= differs;
	if (!read_one(p, mask, names, &bits) ||
		(has_value && !read_one(p, text, names, &value)))
		return false;
	if (bits == 0)
		return refuse(p, "the mask has no bit set");
	if (value & ~bits)
		return refuse(p, "the value has bits that the mask takes away: it never matches");
	bool is_one_bit = __builtin_popcountll((uint64_t)bits) == 1;
	out->mask = (uint64_t)bits;
	out->negated ^= differs ^ (has_value && value == 0);
	out->count = has_value && value != 0 && !is_one_bit;
	out->ranges[0] = (struct number_range){ value, value };
	return true;
}

bool numbers_read(struct parse *p, struct slice text, const struct name *names,
	struct numbers *out)
{
	out->negated = false;
	out->mask = 0;
	out->count = 0;
	text = slice_unquote(text);
	if (text.len && *text.at == '!') {
		out->negated = true;
		text = slice_trim(after(text, 1));
	}
	if (text.len && *text.at == '&')
		return read_mask(p, after(text, 1), names, out);
	if (text.len > 2 && *text.at == '[' && text.at[text.len - 1] == ']')
		return read_list(
			p, (struct slice){ text.at + 1, text.len - 2 }, names, out);
	if (!read_item(p, text, names, &out->ranges[0]))
		return false;
	out->count = 1;
	return true;
}

bool numbers_within(struct parse *p, const struct numbers *numbers, int64_t last)
{
	bool may_hold = numbers->negated || numbers->count == 0;

	for (unsigned i = 0; i < numbers->count; i++)
		may_hold |= numbers->ranges[i].low <= last && numbers->ranges[i].high >= 0;
	return may_hold || refuse(p, "the number is 0 to %lld: this never matches",
		(long long)last);
}

bool number_range_read(struct parse *p, struct slice text, struct number_range *out)
{
	return read_item(p, text, NULL, out);
}
