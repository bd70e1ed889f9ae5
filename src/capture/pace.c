#include <time.h>

#include "base/report.h"
#include "capture/pace.h"

enum { SECOND_NS = 1000000000, STEP_NS = SECOND_NS / 2 };

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* The steady clock counts what the machine slept as well. */
static int64_t ahead(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

void pace_init(struct pace *p)
{
	*p = (struct pace){ .ahead_ns = ahead() };
	p->now_ns = pace_now(p);
}

bool pace_look(struct pace *p)
{
	int64_t now = ahead(), step = now - p->ahead_ns;
	p->ahead_ns = now;
	p->now_ns = pace_now(p);
	if (step > -STEP_NS && step < STEP_NS)
		return false;
	p->last_skew_ns = p->skew_ns;
	p->skew_ns -= step;
	p->steps++;
	p->now_ns = pace_now(p);
	report_warning("the clock was set %s by %.1f s; what waits is not touched by it",
		step < 0 ? "back" : "forward", (double)(step < 0 ? -step : step) / SECOND_NS);
	return true;
}

uint64_t pace_now(const struct pace *p)
{
	return (uint64_t)(clock_ns(CLOCK_REALTIME) + p->skew_ns);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

uint64_t pace_of(const struct pace *p, uint64_t wall_ns)
{
	uint64_t time = wall_ns + (uint64_t)p->skew_ns;
	if (p->steps == 0)
		return time;
	uint64_t before = wall_ns + (uint64_t)p->last_skew_ns;
	return distance(before, p->now_ns) < distance(time, p->now_ns) ? before : time;
}
