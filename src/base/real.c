/* v = m·2^e is scaled to w = v·10^k, which has 17 digits before its point, as a fixed-point
 * number of 64 + 64 bits. The powers of ten are cut off after 128 bits, so w is too small by
 * a few units of its last places: no question is answered that hangs on MARGIN of them. */
#include <string.h>

#include "base/real.h"

typedef unsigned __int128 wide;

enum { MANTISSA = 52, BIAS = 1075, STEP = 27, FIRST = -11 };
#define MARGIN ((wide)1 << 16)
#define TEN_16 UINT64_C(10000000000000000)

/* 10^(27i), the first 128 bits; the last two are cut off. */
static const struct { uint64_t high, low; } powers[] = {
	{ 0xa76c582338ed2621, 0xaf2af2b80af6f24e }, /* 10^-297 */
	{ 0x873e4f75e2224e68, 0x5a7744a6e804a291 }, /* 10^-270 */
	{ 0xda7f5bf590966848, 0xaf39a475506a899e }, /* 10^-243 */
	{ 0xb080392cc4349dec, 0xbd8d794d96aacfb3 }, /* 10^-216 */
	{ 0x8e938662882af53e, 0x547eb47b7282ee9c }, /* 10^-189 */
	{ 0xe65829b3046b0afa, 0x0cb4a5a3112a5112 }, /* 10^-162 */
	{ 0xba121a4650e4ddeb, 0x92f34d62616ce413 }, /* 10^-135 */
	{ 0x964e858c91ba2655, 0x3a6a07f8d510f86f }, /* 10^-108 */
	{ 0xf2d56790ab41c2a2, 0xfae27299423fb9c3 }, /* 10^-81 */
	{ 0xc428d05aa4751e4c, 0xaa97e14c3c26b886 }, /* 10^-54 */
	{ 0x9e74d1b791e07e48, 0x775ea264cf55347d }, /* 10^-27 */
	{ 0x8000000000000000, 0x0000000000000000 }, /* 10^0 */
	{ 0xcecb8f27f4200f3a, 0x0000000000000000 }, /* 10^27 */
	{ 0xa70c3c40a64e6c51, 0x999090b65f67d924 }, /* 10^54 */
	{ 0x86f0ac99b4e8dafd, 0x69a028bb3ded71a3 }, /* 10^81 */
	{ 0xda01ee641a708de9, 0xe80e6f4820cc9495 }, /* 10^108 */
	{ 0xb01ae745b101e9e4, 0x5ec05dcff72e7f8f }, /* 10^135 */
	{ 0x8e41ade9fbebc27d, 0x14588f13be847307 }, /* 10^162 */
	{ 0xe5d3ef282a242e81, 0x8f1668c8a86da5fa }, /* 10^189 */
	{ 0xb9a74a0637ce2ee1, 0x6d953e2bd7173692 }, /* 10^216 */
	{ 0x95f83d0a1fb69cd9, 0x4abdaf101564f98e }, /* 10^243 */
	{ 0xf24a01a73cf2dccf, 0xbc633b39673c8cec }, /* 10^270 */
	{ 0xc3b8358109e84f07, 0x0a862f80ec4700c8 }, /* 10^297 */
	{ 0x9e19db92b4e31ba9, 0x6c07a2c26a8346d1 }, /* 10^324 */
};

/* 5^0 to 5^26. */
static const uint64_t fives[STEP] = {
	1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125,
	244140625, 1220703125, UINT64_C(6103515625), UINT64_C(30517578125),
	UINT64_C(152587890625), UINT64_C(762939453125), UINT64_C(3814697265625),
	UINT64_C(19073486328125), UINT64_C(95367431640625), UINT64_C(476837158203125),
	UINT64_C(2384185791015625), UINT64_C(11920928955078125),
	UINT64_C(59604644775390625), UINT64_C(298023223876953125),
	UINT64_C(1490116119384765625),
};

/* floor(log2(10^k)), for |k| < 400 */
static int log2_of_power(int k)
{
	return k * 217706 >> 16;
}

static wide join(uint64_t high, uint64_t low)
{
	return (wide)high << 64 | low;
}

/* The upper half of a product of 256 bits, too small by 2 at most. */
static wide multiply_high(wide a, wide b)
{
	uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
	uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
	return (wide)a1 * b1 + ((wide)a1 * b0 >> 64) + ((wide)a0 * b1 >> 64);
}

static unsigned leading_zeros(wide a)
{
	uint64_t high = (uint64_t)(a >> 64);
	int zeros = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)a);
	return (unsigned)zeros;
}

/* m·2^e·10^k, 64 bits of it behind the point. */
static wide scale(uint64_t m, int e, int k)
{
	int coarse = (k - FIRST * STEP) / STEP + FIRST, fine = k - coarse * STEP;
	wide a = (wide)m * fives[fine];
	unsigned zeros = leading_zeros(a);
	wide product = multiply_high(a << zeros,
		join(powers[coarse - FIRST].high, powers[coarse - FIRST].low));
	int shift = e + fine + log2_of_power(coarse * STEP) + 65 - (int)zeros;
	return product >> -shift;
}

static wide distance(wide a, wide b)
{
	return a > b ? a - b : b - a;
}

/* w rounded to a multiple of `unit`; 0 if it lies in the middle between two. */
static uint64_t round_to(wide w, unsigned unit)
{
	uint64_t whole = (uint64_t)(w >> 64), rest = whole % unit;
	wide over = join(rest, (uint64_t)w), middle = (wide)unit << 63;
	if (distance(over, middle) < MARGIN)
		return 0;
	return whole - rest + (over > middle ? unit : 0);
}

enum verdict { NO, YES, UNSURE };

/* Whether `rounded` reads back as m·2^e, which is w: numbers do up to half a step of m away,
 * and of the smallest m with its exponent a quarter below. */
static enum verdict reads_back(uint64_t rounded, wide w, uint64_t m)
{
	wide at = (wide)rounded << 64;
	unsigned part = at < w && m == (uint64_t)1 << MANTISSA ? 4 : 2;
	wide off = distance(at, w);
	if (off >> 70)
		return NO;
	wide scaled = off * m * part;
	if (distance(scaled, w) < MARGIN << 55)
		return UNSURE;
	return scaled < w ? YES : NO;
}

/* The digits of `rounded`, which has 17, or is 10^17. */
static void strip(uint64_t rounded, int exponent, struct real *r)
{
	r->count = 17;
	r->exponent = exponent;
	if (rounded == 10 * TEN_16)
		r->exponent++;
	for (; rounded % 10 == 0; rounded /= 10)
		r->count--;
	r->count += r->exponent > exponent;
	r->digits = rounded;
}

bool real_digits(double v, struct real *r)
{
	static const unsigned units[] = { 100, 10, 1 };
	uint64_t bits;
	memcpy(&bits, &v, sizeof(bits));
	int biased = (int)(bits >> MANTISSA), e = biased - BIAS;
	uint64_t m = (bits & (((uint64_t)1 << MANTISSA) - 1)) | (uint64_t)1 << MANTISSA;
	if (biased == 0)
		return false;
	int exponent = (e + MANTISSA) * 78913 >> 18; /* by log10(2): one too small at most */
	wide w = scale(m, e, 16 - exponent);
	if ((uint64_t)(w >> 64) >= 10 * TEN_16)
		w = scale(m, e, 16 - ++exponent);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t rounded = round_to(w, units[i]);
		if (!rounded)
			return false;
		enum verdict verdict = units[i] > 1 ? reads_back(rounded, w, m) : YES;
		if (verdict == UNSURE)
			return false;
		if (verdict == NO)
			continue;
		strip(rounded, exponent, r);
		r->precision = 15 + i;
		return true;
	}
	return false;
}
