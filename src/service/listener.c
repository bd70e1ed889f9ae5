#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/peer.h"
#include "service/listener.h"

enum { BACKLOG = 16 };

/* ---- Unix ---- */

static bool refuse(const char *path, const char *why)
{
	report_error("control.socket: %s: %s", path, why);
	return false;
}

static int new_unix(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A path where nobody answers is free. */
static bool make_way(const char *path)
{
	struct sockaddr_un address;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT || refuse(path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return refuse(path, "is there, and no socket");
	int fd = new_unix(path, &address);
	bool is_dead = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 &&
		errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	if (!is_dead)
		return refuse(path, "another program listens there");
	return unlink(path) == 0 || refuse(path, strerror(errno));
}

/* Nobody can connect between bind() and listen(). */
static bool bind_unix(struct listener *l, const char *path)
{
	struct sockaddr_un address;

	l->fd = new_unix(path, &address);
	return l->fd >= 0 && bind(l->fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		chmod(path, 0660) == 0 && listen(l->fd, BACKLOG) == 0 &&
		lstat(path, &l->file) == 0;
}

bool listener_open_unix(struct listener *l, const char *path)
{
	*l = (struct listener){ .fd = -1 };
	if (!make_way(path))
		return false;
	if (!bind_unix(l, path)) {
		refuse(path, strerror(errno));
		listener_close(l);
		return false;
	}
	l->path = path;
	return true;
}

/* ---- loopback ---- */

static bool is_loopback(const struct sockaddr *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;

	if (a->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static struct addrinfo *parse(const char *where)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM }, *found = NULL;
	char *text = mem_printf("tcp://%s", where);
	struct peer peer;
	bool ok = peer_parse(&peer, text) && *peer.port &&
		getaddrinfo(peer.host, peer.port, &hints, &found) == 0;

	free(text);
	if (ok && is_loopback(found->ai_addr))
		return found;
	if (found)
		freeaddrinfo(found);
	report_error("metrics.listen: %s is no address of loopback with a port, such as "
		"127.0.0.1:9469 or [::1]:9469", where);
	return NULL;
}

bool listener_check_loopback(const char *where)
{
	struct addrinfo *found = parse(where);

	if (found)
		freeaddrinfo(found);
	return found != NULL;
}

bool listener_open_loopback(struct listener *l, const char *where)
{
	struct addrinfo *a = parse(where);
	int on = 1;

	*l = (struct listener){ .fd = -1 };
	if (!a)
		return false;
	l->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok = l->fd >= 0 && setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(l->fd, a->ai_addr, a->ai_addrlen) == 0 && listen(l->fd, BACKLOG) == 0;
	if (!ok) {
		report_error("metrics.listen: %s: %s", where, strerror(errno));
		listener_close(l);
	}
	freeaddrinfo(a);
	return ok;
}

/* ---- both ---- */

/* The folder may not be ours to write any more, and the path another's. */
void listener_close(struct listener *l)
{
	struct stat now;

	if (l->fd < 0)
		return;
	close(l->fd);
	l->fd = -1;
	if (l->path && lstat(l->path, &now) == 0 && now.st_ino == l->file.st_ino &&
		now.st_dev == l->file.st_dev)
		unlink(l->path);
}

static bool has_group(int fd, gid_t wanted)
{
	gid_t groups[1024];
	socklen_t size = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
		return false;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

/* As the file's mode has it, which somebody may change. */
static bool is_trusted(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() || peer.gid == getegid() ||
		has_group(fd, getegid());
}

int listener_accept(const struct listener *l)
{
	int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0 && l->path && !is_trusted(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}
