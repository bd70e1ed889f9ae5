/* What the service manager hears, and when: that the sensor is ready, that it reloads, how it
 * is, and that it lives. "Ready" and "lives" are not said before the engine has answered a
 * question: a thread that talks while the packets stand is no sign of life. */
#ifndef IRONSPAN_MANAGER_H
#define IRONSPAN_MANAGER_H

#include "service/notify.h"
#include "service/service.h"

struct manager {
	struct notify notify;
	bool is_ready, is_reloading;
	uint64_t reload;        /* the last that was told of */
	int64_t next_ms;        /* when the next sign of life is due */
};

/* From the environment; false: nobody listens. */
bool manager_open(struct manager *m);
void manager_tick(struct manager *m, const struct service_of *of, int64_t now_ms);
void manager_close(struct manager *m);

#endif
