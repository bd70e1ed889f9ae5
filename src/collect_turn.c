/* Collectors of one store take turns. */
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/report.h"
#include "collect.h"
#include "incident/time.h"

enum { LET_OTHERS_MS = 300 };

bool collect_turn(struct collect *c)
{
	if (c->turn_ns)
		return true;
	if (flock(c->lock, LOCK_EX | LOCK_NB) != 0)
		return false;
	c->turn_ns = time_now_ns();
	return true;
}

bool collect_turn_is_over(const struct collect *c)
{
	return time_now_ns() > c->turn_ns + COLLECT_TURN_S * UINT64_C(1000000000);
}

/* Who waits looks more often than we stay away. */
void collect_turn_end(struct collect *c)
{
	if (!c->turn_ns)
		return;
	flock(c->lock, LOCK_UN);
	c->turn_ns = 0;
	if (!*c->stop)
		collect_pause(LET_OTHERS_MS);
}

void collect_pause(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}
