#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/report.h"
#include "service/notify.h"

/* An absolute path, or a name in the abstract namespace, which begins with '@'. */
static bool to_address(const char *name, struct sockaddr_un *address, socklen_t *len)
{
	size_t size = strlen(name);

	if ((*name != '/' && *name != '@') || size >= sizeof(address->sun_path))
		return false;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, size);
	if (*name == '@')
		address->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	return true;
}

static int connect_to(const char *name)
{
	struct sockaddr_un address;
	socklen_t len;

	if (!to_address(name, &address, &len)) {
		errno = EINVAL;
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The watchdog may be meant for another process. */
static uint64_t watchdog_ms(void)
{
	const char *pid = getenv("WATCHDOG_PID"), *us = getenv("WATCHDOG_USEC");

	if (!us || (pid && strtoul(pid, NULL, 10) != (unsigned long)getpid()))
		return 0;
	return strtoull(us, NULL, 10) / 1000;
}

void notify_open(struct notify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*n = (struct notify){ .fd = -1 };
	if (!name || !*name)
		return;
	n->fd = connect_to(name);
	if (n->fd < 0)
		report_warning("NOTIFY_SOCKET %s: %s", name, strerror(errno));
	else
		n->watchdog_ms = watchdog_ms();
}

void notify_send(const struct notify *n, const char *format, ...)
{
	char text[512];
	va_list args;

	if (n->fd < 0)
		return;
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > 0 && (size_t)len < sizeof(text))
		(void)!send(n->fd, text, (size_t)len, MSG_NOSIGNAL);
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}
