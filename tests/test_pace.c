#include "capture/pace.h"
#include "test.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)

static bool is_near(uint64_t a, uint64_t b)
{
	uint64_t distance = a > b ? a - b : b - a;
	return distance < 5 * (uint64_t)SECOND; /* the machine may be busy */
}

/* As if the clock had been elsewhere until now. */
static bool set_clock(struct pace *p, int64_t by_ns)
{
	p->ahead_ns -= by_ns;
	return pace_look(p);
}

static void test_steps(int64_t by_ns)
{
	struct pace p;
	pace_init(&p);
	uint64_t begin = pace_now(&p);
	CHECK(!pace_look(&p) && p.skew_ns == 0, "no step");
	CHECK(pace_of(&p, begin) == begin, "stamps are taken as they are");
	uint64_t wall_before = begin - (uint64_t)by_ns; /* what the clock said until now */
	CHECK(set_clock(&p, by_ns), "a step of %lld", (long long)by_ns);
	/* Time goes on from where it was: the wall clock's before the step. */
	CHECK(is_near(pace_now(&p), wall_before), "time goes on");
	CHECK(is_near(pace_of(&p, begin), pace_now(&p)), "a stamp from after the step");
	CHECK(is_near(pace_of(&p, wall_before), pace_now(&p)), "a stamp from before it");
	CHECK(is_near(pace_of(&p, begin) - (uint64_t)p.skew_ns, begin), "what people are told");
	CHECK(!pace_look(&p), "told once");
	CHECK(set_clock(&p, -by_ns), "and back");
	CHECK(is_near((uint64_t)(p.skew_ns + 5 * SECOND), 5 * (uint64_t)SECOND), "no skew is left");
	CHECK(p.steps == 2, "two steps");
}

int main(void)
{
	test_steps(HOUR);
	test_steps(-HOUR);
	test_steps(SECOND);
	struct pace p;
	pace_init(&p);
	CHECK(!set_clock(&p, SECOND / 10) && p.skew_ns == 0, "slow corrections are followed");
	return test_end();
}
