/* For builds without libnats. */
#include "base/report.h"
#include "collect.h"

bool collect_server_run(struct collect *c, const struct collect_server *server)
{
	(void)c;
	(void)server;
	report_error("this program was built without libnats; --folder works without it, "
		     "and so "
		     "does a sensor's own store");
	return false;
}
