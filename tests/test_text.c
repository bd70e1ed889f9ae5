/* Numbers, strings and bytes as JSON spells them. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "test.h"

static const char *done(struct text *t)
{
	text_char(t, 0);
	return t->at;
}

static void test_integers(void)
{
	static const struct { uint64_t v; const char *plain, *json; } cases[] = {
		{ 0, "0", "0" }, { 9, "9", "9" }, { 10, "10", "10" }, { 99, "99", "99" },
		{ 100, "100", "100" }, { 999, "999", "999" }, { 1000, "1000", "1000" },
		{ 9999, "9999", "9999" }, { 10000, "10000", "10000" },
		{ 65535, "65535", "65535" },
		{ UINT32_MAX, "4294967295", "4294967295" },
		{ (uint64_t)1 << 53, "9007199254740992", "9007199254740992" },
		{ ((uint64_t)1 << 53) + 1, "9007199254740993", "\"9007199254740993\"" },
		{ UINT64_MAX, "18446744073709551615", "\"18446744073709551615\"" },
	};
	struct text t = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text_clear(&t);
		text_uint(&t, cases[i].v);
		CHECK(!strcmp(done(&t), cases[i].plain), "%s", t.at);
		text_clear(&t);
		text_json_uint(&t, cases[i].v);
		CHECK(!strcmp(done(&t), cases[i].json), "%s", t.at);
	}
	static const struct { int64_t v; const char *json; } signs[] = {
		{ -1, "-1" }, { 1, "1" }, { -100, "-100" },
		{ -9007199254740992, "-9007199254740992" },
		{ -9007199254740993, "\"-9007199254740993\"" },
		{ 9007199254740993, "\"9007199254740993\"" },
		{ INT64_MIN, "\"-9223372036854775808\"" },
	};
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		text_clear(&t);
		text_json_int(&t, signs[i].v);
		CHECK(!strcmp(done(&t), signs[i].json), "%s", t.at);
	}
	text_fini(&t);
}

/* All that three digits and their neighbours make, and every length. */
static void test_digits(void)
{
	struct text t = { 0 };
	char want[32];
	unsigned wrong = 0;
	uint64_t power = 1;
	for (unsigned i = 0; i < 20; i++, power *= 10)
		for (uint64_t v = power - (i > 0); v < power + 1100; v++) {
			text_clear(&t);
			text_uint(&t, v);
			size_t len = (size_t)snprintf(want, sizeof(want), "%ju", (uintmax_t)v);
			wrong += t.len != len || memcmp(t.at, want, len);
		}
	for (unsigned v = 0; v < 1000; v++) {
		text_clear(&t);
		text_end(&t, raw_triple(text_room(&t, 3), v));
		snprintf(want, sizeof(want), "%03u", v);
		wrong += t.len != 3 || memcmp(t.at, want, 3);
	}
	CHECK(wrong == 0, "%u wrong", wrong);
	text_fini(&t);
}

static void test_pieces(void)
{
	static const char letters[100] = "The quick brown fox jumps over the lazy dog, twice";
	struct text t = { 0 };
	for (size_t len = 0; len < 50; len++) {
		text_fini(&t);
		char *at = text_room(&t, len + 1);
		at = raw_piece(at, letters, len);
		*at++ = '.';
		text_end(&t, at);
		CHECK(t.len == len + 1 && !memcmp(t.at, letters, len) && t.at[len] == '.',
			"%zu", len);
	}
	text_fini(&t);
}

static void test_reals(void)
{
	static const struct { double v; const char *json; } cases[] = {
		{ 0, "0.0" }, { -0.0, "-0.0" }, { 5, "5.0" }, { 0.1, "0.1" },
		{ 1e300, "1e+300" },
		{ 0.30000000000000004, "0.30000000000000004" }, { 1e15, "1e+15" },
		{ NAN, "\"NaN\"" }, { INFINITY, "\"Infinity\"" },
		{ -INFINITY, "\"-Infinity\"" },
	};
	struct text t = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text_clear(&t);
		text_json_double(&t, cases[i].v);
		CHECK(!strcmp(done(&t), cases[i].json), "%s", t.at);
	}
	text_fini(&t);
}

/* The fewest digits of 15 to 17, as printf() and strtod() find them. */
static void printed(double v, char *out, size_t room)
{
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(out, room, "%.*g", precision, v);
		if (strtod(out, NULL) == v)
			break;
	}
	if (!strpbrk(out, ".e"))
		strcat(out, ".0");
}

static void check_real(double v)
{
	struct text t = { 0 };
	char want[48];
	text_json_double(&t, v);
	printed(v, want, sizeof(want));
	if (isfinite(v))
		CHECK(!strcmp(done(&t), want), "%a: %s, want %s", v, t.at, want);
	text_fini(&t);
}

static uint64_t random_bits(void)
{
	uint64_t u = 0;
	for (int i = 0; i < 8; i++)
		u = u << 8 | (rand() & 0xff);
	return u;
}

/* A number, and those beside it. */
static void check_near(double v)
{
	check_real(v);
	check_real(nextafter(v, INFINITY));
	check_real(nextafter(v, -INFINITY));
}

/* Any number, what 32 bits can say, few digits, and the ends of ranges. */
static void test_real_digits(void)
{
	srand(1);
	for (int i = 0; i < 50000; i++) {
		uint64_t u = random_bits();
		double v;
		float single;
		memcpy(&v, &u, sizeof(v));
		memcpy(&single, &u, sizeof(single));
		check_real(v);
		check_real(single);
		check_real((double)(u % 1000000) / 100);
		check_real(ldexp((double)(u >> 11), -(int)(u % 64)));
	}
	for (int i = -1074; i < 1024; i++)
		check_near(ldexp(1, i));
	for (int i = -323; i <= 308; i++) {
		char text[16];
		snprintf(text, sizeof(text), "1e%d", i);
		check_near(strtod(text, NULL));
		snprintf(text, sizeof(text), "-5e%d", i);
		check_near(strtod(text, NULL));
	}
}

#define BAD "\xef\xbf\xbd"

static void test_strings(void)
{
	static const struct { const char *what, *in; size_t len; const char *want; } cases[] = {
		{ "empty", "", 0, "\"\"" },
		{ "plain", "pump 7", 6, "\"pump 7\"" },
		{ "escapes", "\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\b\\f\\n\\r\\t\"" },
		{ "controls", "\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"" },
		{ "two bytes", "\xc3\xa9", 2, "\"\xc3\xa9\"" },
		{ "three bytes", "\xe5\x8e\x82", 3, "\"\xe5\x8e\x82\"" },
		{ "four bytes", "\xf0\x9f\x94\xa5", 4, "\"\xf0\x9f\x94\xa5\"" },
		{ "last code point", "\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\"" },
		{ "beyond it", "\xf4\x90\x80\x80", 4, "\"" BAD BAD BAD BAD "\"" },
		{ "surrogate", "\xed\xa0\x80", 3, "\"" BAD BAD BAD "\"" },
		{ "before the surrogates", "\xed\x9f\xbf", 3, "\"\xed\x9f\xbf\"" },
		{ "overlong two", "\xc0\xaf", 2, "\"" BAD BAD "\"" },
		{ "overlong three", "\xe0\x80\xaf", 3, "\"" BAD BAD BAD "\"" },
		{ "overlong four", "\xf0\x80\x80\xaf", 4, "\"" BAD BAD BAD BAD "\"" },
		{ "cut", "a\xe5\x8e", 3, "\"a" BAD BAD "\"" },
		{ "lone continuation", "\x80z", 2, "\"" BAD "z\"" },
		{ "no lead byte", "\xff\xfe", 2, "\"" BAD BAD "\"" },
		{ "line separators", "\xe2\x80\xa8\xe2\x80\xa9\xc2\x85", 8,
			"\"\\u2028\\u2029\\u0085\"" },
	};
	struct text t = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text_clear(&t);
		text_json(&t, (struct bytes){ (const uint8_t *)cases[i].in, cases[i].len });
		CHECK(!strcmp(done(&t), cases[i].want), "%s: %s", cases[i].what, t.at);
	}
	text_fini(&t);
}

/* What a byte becomes does not depend on its neighbours. */
static void test_each_byte(void)
{
	struct text t = { 0 }, alone = { 0 };
	for (unsigned i = 0; i < 256 * 16; i++) {
		uint8_t byte = (uint8_t)(i / 16), in[] = "~ZZ !#[]^ZZZ ~ZZ";
		char want[64];
		text_clear(&t);
		text_clear(&alone);
		text_json(&alone, (struct bytes){ &byte, 1 });
		snprintf(want, sizeof(want), "\"%.*s%.*s%s\"", (int)(i % 16), in,
			(int)alone.len - 2, alone.at + 1, in + i % 16 + 1);
		in[i % 16] = byte;
		text_json(&t, (struct bytes){ in, sizeof(in) - 1 });
		CHECK(!strcmp(done(&t), want), "%s, want %s", t.at, want);
	}
	text_fini(&t);
	text_fini(&alone);
}

/* Whatever the bytes are, a JSON reader takes them, and they stay one line. */
static void test_hostile_strings(void)
{
	struct text t = { 0 };
	uint8_t in[64];
	unsigned refused = 0;
	srand(2);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(in);
		for (size_t i = 0; i < len; i++)
			in[i] = (uint8_t)(rand() & 1 ? rand() : 0x80 | (rand() & 0x7f));
		text_clear(&t);
		text_char(&t, '[');
		text_json(&t, (struct bytes){ in, len });
		text_char(&t, ']');
		json_t *json = json_loadb(t.at, t.len, JSON_ALLOW_NUL, NULL);
		refused += !json || memchr(t.at, '\n', t.len);
		json_decref(json);
	}
	CHECK(refused == 0, "%u refused", refused);
	text_fini(&t);
}

static void test_bytes(void)
{
	static const struct { const char *in, *hex, *base64; } cases[] = {
		{ "", "", "" }, { "f", "66", "Zg==" }, { "fo", "666f", "Zm8=" },
		{ "foo", "666f6f", "Zm9v" }, { "foob", "666f6f62", "Zm9vYg==" },
		{ "fooba", "666f6f6261", "Zm9vYmE=" }, { "foobar", "666f6f626172", "Zm9vYmFy" },
		{ "\xff\xfe\x3f", "fffe3f", "//4/" },
	};
	struct text t = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes b = { (const uint8_t *)cases[i].in, strlen(cases[i].in) };
		text_clear(&t);
		text_hex(&t, b);
		CHECK(!strcmp(done(&t), cases[i].hex), "%s", t.at);
		text_clear(&t);
		text_base64(&t, b);
		CHECK(!strcmp(done(&t), cases[i].base64), "%s", t.at);
	}
	text_clear(&t);
	for (int i = 0; i < 1000; i++)
		text_printf(&t, "%d,%s;", i, "x");
	CHECK(t.len == 5890 && !memcmp(t.at + t.len - 6, "999,x;", 6), "%zu", t.len);
	text_fini(&t);
}

int main(void)
{
	test_integers();
	test_digits();
	test_pieces();
	test_reals();
	test_real_digits();
	test_strings();
	test_each_byte();
	test_hostile_strings();
	test_bytes();
	return test_end();
}
