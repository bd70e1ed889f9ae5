/* For builds without libnats. */
#include "base/report.h"
#include "collect.h"

bool collect_run(struct collect *c, const struct collect_source *source,
	const volatile sig_atomic_t *stop)
{
	(void)c;
	(void)source;
	(void)stop;
	report_error("this program was built without libnats; a sensor's own store works without "
		     "it");
	return false;
}
