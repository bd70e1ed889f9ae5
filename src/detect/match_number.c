/* Numbers in the payload: byte_test, byte_jump, byte_extract, byte_math.
 *
 * As Suricata has it: what does not lie in the bytes does not match, whatever the comparison;
 * the last step's end moves behind an extracted number, to where a jump leads, and not at all
 * by a test. Arithmetic is unsigned, 64 bits, and wraps. */
#include <ctype.h>

#include "detect/search.h"

static bool digit_of(uint8_t c, unsigned base, unsigned *digit)
{
	*digit = isdigit(c) ? c - 0x30u : isalpha(c) ? (c | 0x20u) - 0x61 + 10 : 99;
	return *digit < base;
}

/* As strtoull() reads it: white space, a sign, "0x". How many bytes it took; 0: no number. */
static size_t text_number(struct bytes text, unsigned base, uint64_t *value)
{
	size_t i = 0, digits = 0;
	unsigned digit;

	while (i < text.len && isspace(text.at[i]))
		i++;
	bool negative = i < text.len && text.at[i] == '-';
	i += i < text.len && (text.at[i] == '-' || text.at[i] == '+');
	bool has_0x = text.len - i > 2 && text.at[i] == '0' && (text.at[i + 1] | 0x20) == 'x';
	if (base == 0)
		base = has_0x ? 16 : i < text.len && text.at[i] == '0' ? 8 : 10;
	i += base == 16 && has_0x ? 2 : 0;
	for (*value = 0; i < text.len && digit_of(text.at[i], base, &digit); i++, digits++)
		*value = *value * base + digit;
	if (negative)
		*value = -*value;
	return digits ? i : 0;
}

static uint64_t binary_number(struct bytes b, bool is_little)
{
	struct cursor c = cursor_of(b);
	return is_little ? cursor_le(&c, b.len) : cursor_be(&c, b.len);
}

/* The number, and where it ends. */
static bool number_read(const struct search *s, const struct number_at *at, size_t base,
	size_t *end, uint64_t *value)
{
	int64_t from = operand_value(s, &at->offset) + (at->is_relative ? (int64_t)base : 0);
	int64_t width = operand_value(s, &at->width), most = at->is_text ? 23 : 8;
	if (from < 0 || width < 0 || width > most || from > (int64_t)s->data.len ||
		width > (int64_t)s->data.len - from)
		return false;
	struct bytes b = { s->data.at + from, (size_t)width };
	*end = (size_t)from + b.len;
	if (at->is_text) {
		size_t used = text_number(b, at->base, value);
		*end = (size_t)from + used;
		if (!used)
			return false;
	} else {
		*value = binary_number(b, at->is_little);
	}
	if (at->mask)
		*value = (*value & at->mask) >> __builtin_ctzll(at->mask);
	return true;
}

static bool compares(char op, uint64_t a, uint64_t b)
{
	switch (op) {
	case '<':
		return a < b;
	case '>':
		return a > b;
	case 'l':
		return a <= b;
	case 'g':
		return a >= b;
	case '&':
		return (a & b) != 0;
	case '^':
		return (a ^ b) != 0;
	default:
		return a == b;
	}
}

static bool compute(char op, uint64_t a, uint64_t b, uint64_t *result)
{
	switch (op) {
	case '+':
		*result = a + b;
		return true;
	case '-':
		*result = a - b;
		return true;
	case '*':
		*result = a * b;
		return true;
	case '/':
		*result = b ? a / b : 0;
		return b != 0;
	case 'l':
		*result = b < 64 ? a << b : 0;
		return true;
	default:
		*result = b < 64 ? a >> b : 0;
		return true;
	}
}

static uint64_t adjusted(const struct number_step *n, uint64_t value)
{
	value *= (uint64_t)n->multiplier;
	if (n->align && value % n->align)
		value += n->align - value % n->align;
	return value + (uint64_t)n->post_offset;
}

/* A place before the start is the start; one behind the end is none. */
static bool jump_to(const struct search *s, const struct number_step *n, size_t end,
	uint64_t value, size_t *base)
{
	uint64_t from = n->jump == JUMP_FROM_BEGINNING ? 0
		: n->jump == JUMP_FROM_END ? s->data.len : end;
	int64_t at;
	if (__builtin_add_overflow((int64_t)from, (int64_t)value, &at) || at > (int64_t)s->data.len)
		return false;
	*base = at < 0 ? 0 : (size_t)at;
	return true;
}

bool number_step_holds(struct search *s, const struct content *c, size_t *base)
{
	const struct number_step *n = c->number;
	uint64_t value, other = operand_raw(s, &n->value);
	size_t end;
	if (!number_read(s, &n->at, *base, &end, &value))
		return false;
	switch (n->use) {
	case USE_TEST:
		return compares(n->op, value, other) != c->negated;
	case USE_JUMP:
		return jump_to(s, n, end, adjusted(n, value), base);
	case USE_EXTRACT:
		s->extracted[n->result - 1] = adjusted(n, value);
		break;
	case USE_MATH:
		if (!compute(n->op, value, other, &s->extracted[n->result - 1]))
			return false;
		break;
	}
	*base = end;
	return true;
}
