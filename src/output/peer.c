#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "output/peer.h"

static bool copy(char *to, size_t size, const char *from, size_t len)
{
	if (len == 0 || len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* The bytes of an IPv6 address without their brackets, or all up to the port. */
static const char *host_end(const char **host)
{
	if (**host != '[')
		return *host + strcspn(*host, ":/");
	(*host)++;
	return *host + strcspn(*host, "]");
}

static bool parse_port(struct peer *p, const char *at)
{
	char *end;

	if (*at == '\0')
		return true;
	if (*at != ':' || !isdigit((unsigned char)at[1]))
		return false;
	unsigned long port = strtoul(at + 1, &end, 10);
	snprintf(p->port, sizeof(p->port), "%lu", port);
	return *end == '\0' && port > 0 && port < 65536;
}

bool peer_parse(struct peer *p, const char *text)
{
	struct in6_addr address;
	const char *host = strstr(text, "://");

	*p = (struct peer){ 0 };
	if (!host || !copy(p->scheme, sizeof(p->scheme), text, (size_t)(host - text)))
		return false;
	host += 3;
	bool is_bracketed = *host == '[';
	const char *end = host_end(&host);
	if (!copy(p->host, sizeof(p->host), host, (size_t)(end - host)) ||
		(is_bracketed && *end != ']'))
		return false;
	p->is_ip = inet_pton(AF_INET, p->host, &address) == 1 ||
		inet_pton(AF_INET6, p->host, &address) == 1;
	return parse_port(p, end + is_bracketed);
}

/* An error of connect(), 0 when connected. */
static int wait_connected(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);

	if (poll(&p, 1, wait_ms) != 1)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* A descriptor, or -1 with errno. */
static int open_socket(int family, int type, const struct sockaddr *to, socklen_t len,
	int wait_ms)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	error = connect(fd, to, len) == 0 ? 0 : errno;
	if (error == EINPROGRESS)
		error = wait_connected(fd, wait_ms);
	if (error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

int peer_connect(struct transport *t, const struct peer *p, int type, int wait_ms)
{
	struct addrinfo wants = { .ai_socktype = type, .ai_flags = AI_NUMERICSERV }, *all;
	int fd = -1, error = getaddrinfo(p->host, p->port, &wants, &all);

	if (error != 0) {
		transport_fail(t, "%s", gai_strerror(error));
		return -1;
	}
	for (struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
		fd = open_socket(a->ai_family, type, a->ai_addr, a->ai_addrlen, wait_ms);
	if (fd < 0)
		transport_fail(t, "%s", strerror(errno));
	freeaddrinfo(all);
	return fd;
}

int peer_connect_unix(struct transport *t, const char *path, int type)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (!copy(to.sun_path, sizeof(to.sun_path), path, strlen(path))) {
		transport_fail(t, "the path is too long for a socket");
		return -1;
	}
	int fd = open_socket(AF_UNIX, type, (struct sockaddr *)&to, sizeof(to), 0);
	if (fd < 0)
		transport_fail(t, "%s", strerror(errno));
	return fd;
}
