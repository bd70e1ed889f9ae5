/* For builds without libnats. */
#include "base/report.h"
#include "output/transport.h"

struct transport *transport_nats(const struct sink_config *c, const char *host)
{
	(void)host;
	report_error("%s: this program was built without libnats", c->address);
	return NULL;
}
