/* For builds without libnats. */
#include <stddef.h>

#include "base/report.h"
#include "incident/tier_nats.h"

bool tier_nats_run(struct tier_run *run)
{
	report_error("%s/tier.json: this program was built without libnats; \"folders\" work "
		     "without it", run->t->folder);
	return false;
}

const char *tier_nats_version(void)
{
	return NULL;
}
