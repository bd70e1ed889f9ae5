/* Last values, and the bounded map under them. */
#include "base/lru.h"
#include "engine/points.h"
#include "test.h"

static struct point range(uint64_t address, uint32_t count, enum value_type type)
{
	return (struct point){ .place = 7, .address = address, .count = count,
		.type = (uint8_t)type };
}

static void test_registers(void)
{
	struct points *p = points_new(4);
	struct values v;
	uint8_t in[256];
	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	struct point all = range(60, 100, VALUE_U16), one = range(61, 1, VALUE_U16);
	CHECK(!points_find(p, &one, &v), "nothing known yet");
	points_learn(p, &all, (struct bytes){ in, 200 }, NULL);
	CHECK(points_find(p, &all, &v) && v.count == 100 && v.bytes.len == 200 &&
		memcmp(v.bytes.at, in, 200) == 0, "over two pages");
	CHECK(points_find(p, &one, &v) && v.bytes.at[0] == 2 && v.bytes.at[1] == 3, "inside");
	struct point more = range(159, 2, VALUE_U16);
	CHECK(!points_find(p, &more, &v), "one of two is unknown");
	one.forgets = true;
	points_learn(p, &one, (struct bytes){ NULL, 0 }, NULL);
	CHECK(!points_find(p, &one, &v), "forgotten");
	points_learn(p, &all, (struct bytes){ in, 199 }, NULL);
	CHECK(!points_find(p, &one, &v), "too few bytes teach nothing");
	points_free(p);
}

static void test_bits(void)
{
	struct points *p = points_new(4);
	struct values v;
	const uint8_t in[] = { 0x0d, 0x01 };
	struct point nine = range(62, 9, VALUE_BITS), four = range(64, 4, VALUE_BITS);
	points_learn(p, &nine, (struct bytes){ in, 2 }, NULL);
	CHECK(points_find(p, &nine, &v) && v.bytes.at[0] == 0x0d && v.bytes.at[1] == 1, "nine");
	CHECK(points_find(p, &four, &v) && v.bytes.at[0] == 0x3, "from the third");
	struct point huge = range(0, UINT32_MAX, VALUE_BITS);
	CHECK(!points_find(p, &huge, &v), "too many");
	points_learn(p, &huge, (struct bytes){ in, 2 }, NULL);
	points_free(p);
}

/* Alone first, then the beginning of an array of the same name. */
static void test_named(void)
{
	struct points *p = points_new(4);
	struct values v;
	const uint64_t in[] = { 11, 12, 13 };
	struct point one = range(0, 1, VALUE_UINT), three = range(0, 3, VALUE_UINT);
	one.is_named = three.is_named = true;
	points_learn(p, &one, (struct bytes){ (const uint8_t *)&in[0], 8 }, NULL);
	CHECK(!points_find(p, &three, &v), "two of them are unknown");
	CHECK(points_find(p, &one, &v) && memcmp(v.bytes.at, in, 8) == 0, "alone");
	points_learn(p, &three, (struct bytes){ (const uint8_t *)in, 24 }, NULL);
	CHECK(points_find(p, &three, &v) && memcmp(v.bytes.at, in, 24) == 0, "three");
	points_learn(p, &one, (struct bytes){ (const uint8_t *)&in[2], 8 }, NULL);
	CHECK(points_find(p, &one, &v) && memcmp(v.bytes.at, &in[2], 8) == 0, "the first again");
	points_free(p);
}

/* An array, a shorter one, one number; one that is too long is forgotten, as is what is unknown. */
static void test_whole(void)
{
	struct points *p = points_new(4);
	struct values v;
	uint64_t in[65] = { 31, 32, 33 };
	struct point asked = range(0, 1, VALUE_UINT), told = asked;
	asked.is_named = asked.is_whole = told.is_named = told.is_whole = true;
	CHECK(!points_find(p, &asked, &v), "nothing yet");
	for (uint32_t count = 3; count > 0; count--) {
		told.count = count;
		points_learn(p, &told, (struct bytes){ (const uint8_t *)in, 8 * count }, NULL);
		CHECK(points_find(p, &asked, &v) && v.count == count && v.bytes.len == 8 * count &&
			memcmp(v.bytes.at, in, v.bytes.len) == 0, "%u numbers", count);
	}
	told.count = 65;
	points_learn(p, &told, (struct bytes){ (const uint8_t *)in, sizeof(in) }, NULL);
	CHECK(!points_find(p, &asked, &v), "too long");
	told.count = 64;
	points_learn(p, &told, (struct bytes){ (const uint8_t *)in, sizeof(in) - 8 }, NULL);
	CHECK(points_find(p, &asked, &v) && v.count == 64, "as long as may be");
	told.forgets = true;
	points_learn(p, &told, (struct bytes){ NULL, 0 }, NULL);
	CHECK(!points_find(p, &asked, &v), "forgotten");
	struct point bits = range(0, 9, VALUE_BITS);
	bits.is_named = bits.is_whole = true;
	points_learn(p, &bits, (struct bytes){ (const uint8_t[]){ 0x55, 1 }, 2 }, NULL);
	bits.count = 1;
	CHECK(points_find(p, &bits, &v) && v.count == 9 && v.bytes.at[0] == 0x55 &&
		v.bytes.at[1] == 1, "bits");
	points_free(p);
}

/* Numbers that stand together and were seen in different types. */
static void test_types(void)
{
	static const enum value_type types[] = { VALUE_UINT, VALUE_INT, VALUE_REAL, VALUE_INT };
	enum { COUNT = sizeof(types) / sizeof(*types) };
	struct points *p = points_new(4);
	struct values v;
	for (uint64_t i = 0; i < COUNT; i++) {
		struct point one = range(62 + i, 1, types[i]), same = range(62 + i, 1, VALUE_UINT);
		points_learn(p, &one, (struct bytes){ (const uint8_t *)&i, sizeof(i) }, NULL);
		CHECK(points_find(p, &same, &v) && v.type == types[i] &&
			memcmp(v.bytes.at, &i, sizeof(i)) == 0, "number %u", (unsigned)i);
	}
	struct point two = range(62, 2, VALUE_UINT), over = range(63, 2, VALUE_INT);
	CHECK(!points_find(p, &two, &v), "two types in a page");
	CHECK(!points_find(p, &over, &v), "two types in two pages");
	const uint64_t again[] = { 31, 32 };
	two.type = VALUE_REAL;
	points_learn(p, &two, (struct bytes){ (const uint8_t *)again, sizeof(again) }, NULL);
	CHECK(points_find(p, &over, &v) && v.type == VALUE_REAL, "two reals");
	struct point last = range(65, 1, VALUE_UINT);
	CHECK(points_find(p, &last, &v) && v.type == VALUE_INT, "the last as it was");
	points_free(p);
}

static void test_bound(void)
{
	struct points *p = points_new(2);
	struct values v;
	const uint8_t in[2] = { 1, 2 };
	for (unsigned i = 0; i < 3; i++) {
		struct point at = range(i * 64, 1, VALUE_U16);
		points_learn(p, &at, (struct bytes){ in, 2 }, NULL);
	}
	struct point first = range(0, 1, VALUE_U16), last = range(128, 1, VALUE_U16);
	CHECK(!points_find(p, &first, &v), "the oldest page is gone");
	CHECK(points_find(p, &last, &v), "the newest is there");
	points_free(p);
}

/* A range that knows its page: after the page grew, and after it went and came back. */
static void test_place(void)
{
	struct points *p = points_new(2);
	struct values v;
	const uint64_t in[] = { 21, 22, 23, 24 };
	struct point one = range(0, 1, VALUE_UINT), three = range(0, 3, VALUE_UINT);
	struct point_place place = { NULL, 0 };
	one.is_named = three.is_named = true;
	for (unsigned i = 0; i < 2; i++) {
		points_learn(p, &one, (struct bytes){ (const uint8_t *)&in[i], 8 }, &place);
		CHECK(points_find(p, &one, &v) && memcmp(v.bytes.at, &in[i], 8) == 0, "time %u", i);
	}
	points_learn(p, &three, (struct bytes){ (const uint8_t *)in, 24 }, NULL);
	points_learn(p, &one, (struct bytes){ (const uint8_t *)&in[3], 8 }, &place);
	CHECK(points_find(p, &three, &v) && memcmp(v.bytes.at, &in[3], 8) == 0 &&
		memcmp(v.bytes.at + 8, &in[1], 16) == 0, "where the page is now");
	for (unsigned i = 1; i < 3; i++) {
		struct point other = range(i * 64, 1, VALUE_UINT);
		points_learn(p, &other, (struct bytes){ (const uint8_t *)in, 8 }, NULL);
	}
	CHECK(!points_find(p, &one, &v), "its page went");
	points_learn(p, &one, (struct bytes){ (const uint8_t *)&in[2], 8 }, &place);
	CHECK(points_find(p, &one, &v) && memcmp(v.bytes.at, &in[2], 8) == 0, "a page again");
	points_free(p);
}

static unsigned dropped;

static void on_dropped(void *context, const void *key, void *body)
{
	(void)context;
	dropped += *(const uint64_t *)key == *(uint64_t *)body;
}

static void test_lru(void)
{
	struct lru *l = lru_new(100, 0, sizeof(uint64_t), on_dropped, NULL);
	bool is_new;
	for (uint64_t i = 0; i < 1000; i++) {
		*(uint64_t *)lru_make(l, &i, sizeof(i), &is_new) = i;
		CHECK(is_new, "key %llu", (unsigned long long)i);
		uint64_t kept = 0; /* used all the time, never dropped */
		CHECK(lru_find(l, &kept), "after %llu", (unsigned long long)i);
	}
	CHECK(dropped == 900, "dropped %u", dropped);
	lru_free(l);
	CHECK(dropped == 1000, "dropped %u in all", dropped);
}

int main(void)
{
	test_registers();
	test_bits();
	test_named();
	test_whole();
	test_types();
	test_bound();
	test_place();
	test_lru();
	return test_end();
}
