#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/real.h"
#include "base/text.h"

/* Ten, and a hundred, numbers that begin alike. */
#define TEN(p, len) { p "0", len }, { p "1", len }, { p "2", len }, { p "3", len }, \
	{ p "4", len }, { p "5", len }, { p "6", len }, { p "7", len }, \
	{ p "8", len }, { p "9", len }
#define HUNDRED(p) TEN(p "0", 3), TEN(p "1", 3), TEN(p "2", 3), TEN(p "3", 3), \
	TEN(p "4", 3), TEN(p "5", 3), TEN(p "6", 3), TEN(p "7", 3), \
	TEN(p "8", 3), TEN(p "9", 3)
const struct text_number text_numbers[1000] = {
	TEN("", 1), TEN("1", 2), TEN("2", 2), TEN("3", 2), TEN("4", 2),
	TEN("5", 2), TEN("6", 2), TEN("7", 2), TEN("8", 2), TEN("9", 2),
	HUNDRED("1"), HUNDRED("2"), HUNDRED("3"), HUNDRED("4"), HUNDRED("5"),
	HUNDRED("6"), HUNDRED("7"), HUNDRED("8"), HUNDRED("9"),
};

static const char hex_digits[] = "0123456789abcdef";

/* The largest integer up to which a double tells all integers apart. */
#define EXACT ((uint64_t)1 << 53)

void text_fini(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}

void text_shrink(struct text *t)
{
	enum { SMALL = 4096 };
	if (t->cap <= SMALL || t->len >= t->cap / 4)
		return;
	t->cap /= 2;
	t->at = mem_resize(t->at, t->cap);
}

void text_grow(struct text *t, size_t more)
{
	size_t need = t->len + more;
	size_t cap = t->cap ? t->cap : 512;
	while (cap < need)
		cap *= 2;
	t->at = mem_resize(t->at, cap);
	t->cap = cap;
}

/* Room for `len` bytes, counted as written already. */
static char *reserve(struct text *t, size_t len)
{
	if (t->cap - t->len < len)
		text_grow(t, len);
	char *at = t->at + t->len;
	t->len += len;
	return at;
}

char *raw_uint_long(char *at, uint64_t v)
{
	return raw_triple(raw_uint(at, v / 1000), (unsigned)(v % 1000));
}

void text_uint(struct text *t, uint64_t v)
{
	text_end(t, raw_uint(text_room(t, TEXT_UINT), v));
}

void text_int(struct text *t, int64_t v)
{
	if (v < 0)
		text_char(t, '-');
	text_uint(t, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void text_hex(struct text *t, struct bytes b)
{
	char *at = reserve(t, b.len * 2);
	for (size_t i = 0; i < b.len; i++) {
		*at++ = hex_digits[b.at[i] >> 4];
		*at++ = hex_digits[b.at[i] & 15];
	}
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len <= 0)
		return;
	if (t->cap - t->len <= (size_t)len)
		text_grow(t, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(t->at + t->len, (size_t)len + 1, format, args);
	va_end(args);
	t->len += (size_t)len;
}

/* The sequence at `in` if it is well-formed UTF-8 (Unicode 15, table 3-7): its length and
 * code point; else 0. Overlong forms, surrogates and what lies beyond U+10FFFF are not. */
static size_t utf8_sequence(const uint8_t *in, size_t left, uint32_t *point)
{
	uint8_t first = in[0];
	size_t len = 2u + (first >= 0xe0) + (first >= 0xf0);
	if (first < 0xc2 || first > 0xf4 || len > left)
		return 0;
	uint32_t v = first & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (in[i] & 0x3f);
	}
	static const uint32_t least[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*point = v;
	return len;
}

static void put_escape(struct text *t, uint32_t point)
{
	static const char letters[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	for (const char *l = letters; *l; l += 2)
		if ((uint32_t)*l == point) {
			text_char(t, '\\');
			text_char(t, l[1]);
			return;
		}
	uint8_t wide[2] = { (uint8_t)(point >> 8), (uint8_t)point };
	text_lit(t, "\\u");
	text_hex(t, (struct bytes){ wide, 2 });
}

/* JSON would allow them, but readers that split text into lines take them for line ends, and
 * terminals obey them. */
static bool is_hostile(uint32_t point)
{
	return (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

/* One character that is no plain ASCII; returns how many bytes it took. */
static size_t put_special(struct text *t, const uint8_t *in, size_t left)
{
	uint32_t point = in[0];
	size_t len = in[0] < 0x80 ? 1 : utf8_sequence(in, left, &point);
	if (len == 0) {
		text_lit(t, "\xef\xbf\xbd");
		return 1;
	}
	if (len == 1 || is_hostile(point))
		put_escape(t, point);
	else
		text_put(t, in, len);
	return len;
}

/* Printable ASCII that stands for itself between quotes. */
static const bool is_plain[256] = {
	[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true,
};

/* The same of eight at once: none is below ' ', above '~', a quote or a backslash. The
 * subtractions borrow from a neighbour only where there is a byte that is not plain. */
static bool are_plain(uint64_t bytes)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t quotes = (bytes ^ each * '"') - each, slashes = (bytes ^ each * '\\') - each;
	uint64_t below = bytes - each * ' ', above = bytes + each;
	return ((bytes | quotes | slashes | below | above) & each << 7) == 0;
}

/* The plain bytes `b` begins with; returns how many they are. */
static size_t put_plain(struct text *t, struct bytes b)
{
	char *at = text_room(t, b.len);
	size_t len = 0;
	uint64_t eight;
	for (; len + sizeof(eight) <= b.len; len += sizeof(eight)) {
		memcpy(&eight, b.at + len, sizeof(eight));
		if (!are_plain(eight))
			break;
		memcpy(at + len, &eight, sizeof(eight));
	}
	for (; len < b.len && is_plain[b.at[len]]; len++)
		at[len] = (char)b.at[len];
	text_end(t, at + len);
	return len;
}

void text_json(struct text *t, struct bytes b)
{
	text_char(t, '"');
	for (size_t i = 0; i < b.len;) {
		i += put_plain(t, (struct bytes){ b.at + i, b.len - i });
		if (i < b.len)
			i += put_special(t, b.at + i, b.len - i);
	}
	text_char(t, '"');
}

void text_json_str(struct text *t, const char *s)
{
	text_json(t, (struct bytes){ (const uint8_t *)s, strlen(s) });
}

void text_json_uint(struct text *t, uint64_t v)
{
	if (v <= EXACT) {
		text_uint(t, v);
		return;
	}
	text_char(t, '"');
	text_uint(t, v);
	text_char(t, '"');
}

void text_json_int(struct text *t, int64_t v)
{
	if (v >= -(int64_t)EXACT && v <= (int64_t)EXACT) {
		text_int(t, v);
		return;
	}
	text_char(t, '"');
	text_int(t, v);
	text_char(t, '"');
}

/* Numbers whose digits are hard to tell. */
static void put_printed(struct text *t, double v)
{
	char digits[40];
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, v);
		if (strtod(digits, NULL) == v)
			break;
	}
	text_str(t, digits);
	if (!strpbrk(digits, ".e"))
		text_lit(t, ".0");
}

static char *raw_zeros(char *at, unsigned count)
{
	return (char *)memset(at, '0', count) + count;
}

/* With as many digits before the point as there are, or one of all. */
static char *raw_point(char *at, const char *digits, unsigned count, unsigned before)
{
	at = raw_put(at, digits, before);
	*at++ = '.';
	return raw_put(at, digits + before, count - before);
}

static char *raw_exponent(char *at, int exponent)
{
	unsigned size = (unsigned)abs(exponent);
	*at++ = 'e';
	*at++ = exponent < 0 ? '-' : '+';
	if (size < 10)
		*at++ = '0';
	return raw_uint(at, size);
}

static char *raw_fixed(char *at, const struct real *r, const char *digits)
{
	unsigned before = (unsigned)r->exponent + 1;
	if (r->exponent < 0) {
		at = raw_zeros(raw_lit(at, "0."), (unsigned)-r->exponent - 1);
		return raw_put(at, digits, r->count);
	}
	if (before < r->count)
		return raw_point(at, digits, r->count, before);
	at = raw_zeros(raw_put(at, digits, r->count), before - r->count);
	return raw_lit(at, ".0");
}

/* As %g does it. */
static char *raw_real(char *at, const struct real *r)
{
	char digits[TEXT_UINT + TEXT_SPARE];
	raw_uint(digits, r->digits);
	if (r->exponent >= -4 && r->exponent < (int)r->precision)
		return raw_fixed(at, r, digits);
	at = r->count > 1 ? raw_point(at, digits, r->count, 1) : raw_put(at, digits, 1);
	return raw_exponent(at, r->exponent);
}

/* The fewest digits that read back as the same number; always with a point or an exponent,
 * so that a reader which guesses types from the first value sees a real. */
void text_json_double(struct text *t, double v)
{
	struct real r;
	if (!isfinite(v)) {
		const char *infinity = v < 0 ? "\"-Infinity\"" : "\"Infinity\"";
		text_str(t, isnan(v) ? "\"NaN\"" : infinity);
	} else if (v == 0) {
		text_str(t, signbit(v) ? "-0.0" : "0.0");
	} else if (!real_digits(fabs(v), &r)) {
		put_printed(t, v);
	} else {
		char *at = text_room(t, 40);
		if (v < 0)
			*at++ = '-';
		text_end(t, raw_real(at, &r));
	}
}

void text_base64(struct text *t, struct bytes b)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *at = reserve(t, (b.len + 2) / 3 * 4);
	for (size_t i = 0; i < b.len; i += 3) {
		size_t left = b.len - i;
		uint32_t v = (uint32_t)b.at[i] << 16;
		v |= left > 1 ? (uint32_t)b.at[i + 1] << 8 : 0;
		v |= left > 2 ? b.at[i + 2] : 0u;
		*at++ = letters[v >> 18];
		*at++ = letters[v >> 12 & 63];
		*at++ = left > 1 ? letters[v >> 6 & 63] : '=';
		*at++ = left > 2 ? letters[v & 63] : '=';
	}
}
