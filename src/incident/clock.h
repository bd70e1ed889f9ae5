/* How long a clock runs. Any thread. */
#ifndef IRONSPAN_INCIDENT_CLOCK_H
#define IRONSPAN_INCIDENT_CLOCK_H

#include <jansson.h>

#include "incident/time_zone.h"

struct clock_rule {
	/* ISO 8601: PT4H and PT30M are spans of time; P30D and P1M are counted in local
	 * days and months and keep the time of day. A month without that day ends on its
	 * last. */
	const char *duration;
	bool business;          /* days are business days: Monday to Friday but for those below */
	bool until_end_of_day;  /* midnight that ends the local day */
	const json_t *holidays, *workdays; /* dates "2026-10-01"; NULL: none */
};

uint64_t clock_due(const struct clock_rule *rule, const struct time_zone *z, uint64_t t0);

#endif
