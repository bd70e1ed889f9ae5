/* The other end of a connection: "tcp://siem.plant:514", and a socket to it. */
#ifndef IRONSPAN_PEER_H
#define IRONSPAN_PEER_H

#include "output/transport.h"

struct peer {
	char scheme[8], host[256], port[8]; /* port: a number; empty if none was given */
	bool is_ip;                         /* the host is an address, not a name */
};

/* SCHEME://HOST[:PORT]; an IPv6 address in brackets. false: it is not of that form. */
bool peer_parse(struct peer *p, const char *text);

/* A socket of this type (SOCK_STREAM, SOCK_DGRAM) that never blocks, connected within
 * `wait_ms` to the first of the host's addresses that answers; -1 with t->why. The name is
 * looked up each time, which waits as long as the resolver does. */
int peer_connect(struct transport *t, const struct peer *p, int type, int wait_ms);
/* The same for a Unix socket. */
int peer_connect_unix(struct transport *t, const char *path, int type);

#endif
