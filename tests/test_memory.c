/* Pools: what is given back serves again, and never more than the limit is held. */
#include <stdlib.h>

#include "base/memory.h"
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

int main(void)
{
	test_sizes_change();
	test_same_size();
	test_beyond();
	test_no_limit();
	return test_end();
}
