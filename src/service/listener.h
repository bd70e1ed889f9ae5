/* Sockets that a service listens on. They never block. */
#ifndef IRONSPAN_LISTENER_H
#define IRONSPAN_LISTENER_H

#include <stdbool.h>
#include <sys/stat.h>

struct listener {
	int fd;           /* -1: none */
	const char *path; /* of a Unix socket; it goes away with the listener */
	struct stat file;
};

/* A Unix socket that its owner and group alone can use. One that a dead program left is
 * replaced; one that somebody answers at is an error, and so is what is no socket. */
bool listener_open_unix(struct listener *l, const char *path);
/* ADDRESS:PORT or [ADDRESS]:PORT, of loopback. */
bool listener_open_loopback(struct listener *l, const char *where);
bool listener_check_loopback(const char *where); /* can it be? reports what cannot */
void listener_close(struct listener *l);

/* A client, or -1: none waits (any more). One that comes by a Unix socket is of our user, of our
 * group, or root. */
int listener_accept(const struct listener *l);

#endif
