/* Word to the service manager, by systemd's protocol sd_notify(3): datagrams to the socket that
 * NOTIFY_SOCKET names. It is so small that no library is needed. One thread. */
#ifndef IRONSPAN_NOTIFY_H
#define IRONSPAN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify {
	int fd;              /* -1: nobody listens */
	uint64_t watchdog_ms; /* a sign of life is wanted so often; 0: never */
};

/* From the environment. */
void notify_open(struct notify *n);
/* "READY=1\nSTATUS=…". It never waits; what cannot be sent is lost, as sd_notify's is. */
void notify_send(const struct notify *n, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void notify_close(struct notify *n);

#endif
