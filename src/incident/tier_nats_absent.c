/* For builds without libnats. */
#include <stddef.h>

#include "base/report.h"
#include "incident/tier_nats.h"

bool tier_run(struct tier *t, const volatile sig_atomic_t *stop)
{
	(void)t;
	(void)stop;
	report_error("this program was built without libnats; `tier export` and `tier import` "
		     "work without it");
	return false;
}

const char *tier_nats_version(void)
{
	return NULL;
}
