/* Pools: what is given back serves again, and never more than the limit is held. What workers
 * fill for the stage: what one storm took does not stay. */
#include <stdlib.h>

#include "base/memory.h"
#include "engine/record.h"
#include "test.h"

enum { LIMIT = 1 << 20, BLOCKS = LIMIT / 64 };

static void *taken[BLOCKS];

static unsigned take_all(struct pool *p, size_t size)
{
	unsigned count = 0;
	while (p->used + size <= LIMIT)
		taken[count++] = pool_take(p, size);
	return count;
}

static void give_all(struct pool *p, size_t size, unsigned count)
{
	while (count > 0)
		pool_give(p, taken[--count], size);
}

/* All of one size, then all of another: each time the limit is full. */
static void test_sizes_change(void)
{
	static const size_t sizes[] = { 64, 4096, 128, LIMIT, 256, 64, 1024 };
	struct pool p = { .limit = LIMIT };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned count = take_all(&p, sizes[i]);
		CHECK(count == LIMIT / sizes[i], "%u blocks of %zu", count, sizes[i]);
		CHECK(p.used == LIMIT && p.spare == 0, "%zu and %zu", p.used, p.spare);
		give_all(&p, sizes[i], count);
		CHECK(p.used == 0 && p.spare == LIMIT, "%zu and %zu", p.used, p.spare);
	}
	pool_fini(&p);
	CHECK(p.spare == 0, "%zu are left", p.spare);
}

static void test_same_size(void)
{
	struct pool p = { .limit = LIMIT };
	void *first = pool_take(&p, 100);
	pool_give(&p, first, 100);
	CHECK(pool_take(&p, 128) == first, "another block of the same class");
	CHECK(p.used == 128 && p.spare == 0, "%zu and %zu", p.used, p.spare);
	pool_give(&p, first, 128);
	pool_fini(&p);
}

/* Owners may have reasons to exceed their bound; then nothing is kept for later. */
static void test_beyond(void)
{
	struct pool p = { .limit = 4096 };
	void *large = pool_take(&p, 8192), *small = pool_take(&p, 64);
	pool_give(&p, small, 64);
	void *other = pool_take(&p, 256);
	CHECK(p.used == 8192 + 256 && p.spare == 0, "%zu and %zu", p.used, p.spare);
	pool_give(&p, other, 256);
	pool_give(&p, large, 8192);
	pool_fini(&p);
}

static void test_no_limit(void)
{
	struct pool p = { 0 };
	void *small = pool_take(&p, 64);
	pool_give(&p, small, 64);
	void *large = pool_take(&p, 1 << 20);
	CHECK(p.spare == 64, "%zu are kept", p.spare);
	pool_give(&p, large, 1 << 20);
	CHECK(p.used == 0 && p.spare == (1 << 20) + 64, "%zu and %zu", p.used, p.spare);
	pool_fini(&p);
}

static void fill(struct out *o, unsigned count)
{
	uint32_t index;
	out_clear(o);
	for (unsigned i = 0; i < count; i++) {
		out_record(o)->number = i;
		out_match(o, &index)->number = i;
		out_sighting(o, &index)->asset.port = (uint16_t)i;
		memset(arena_take(&o->arena, 1000), (int)i, 1000);
		text_str(&o->text, "a line\n");
		text_str(&o->values, "a value");
	}
}

static size_t room_of(const struct out *o)
{
	return o->record_cap + o->match_cap + o->sighting_cap + o->text.cap +
		o->values.cap;
}

static void test_after_a_storm(void)
{
	enum { MANY = 10000, FEW = 20, ROUNDS = 20 };
	struct out o = { 0 };
	fill(&o, FEW);
	size_t little = room_of(&o);
	fill(&o, MANY);
	size_t much = room_of(&o);
	for (unsigned i = 0; i < ROUNDS; i++)
		fill(&o, MANY);
	CHECK(room_of(&o) == much, "%zu, then %zu for as much", much, room_of(&o));
	for (unsigned i = 0; i < ROUNDS; i++)
		fill(&o, FEW);
	CHECK(room_of(&o) < 8 * little, "%zu after the storm, %zu before", room_of(&o), little);
	CHECK(o.record_count == FEW && o.records[FEW - 1].number == FEW - 1, "other records");
	out_fini(&o);
}

/* Pieces of all sizes stay where they are and do not overlap, whatever went before. */
static void test_arena(void)
{
	enum { SIZE = 3000, MOST = 100 };
	struct arena a = { 0 };
	for (unsigned count = 0; count < MOST; count += 7) {
		unsigned char *at[MOST];
		for (unsigned i = 0; i < count; i++)
			at[i] = memset(arena_take(&a, SIZE * (i % 9)), (int)i, SIZE * (i % 9));
		for (unsigned i = 0; i < count; i++)
			for (unsigned n = 0; n < SIZE * (i % 9); n += 100)
				CHECK(at[i][n] == i, "%u of %u at %u", i, count, n);
		arena_reset(&a);
	}
	arena_fini(&a);
}

int main(void)
{
	test_sizes_change();
	test_same_size();
	test_beyond();
	test_no_limit();
	test_after_a_storm();
	test_arena();
	return test_end();
}
