/* TLS on a connected socket that never blocks: the other end must show a certificate that our
 * certificate authority signed for the name (or address) we called (RFC 5425, 9110). */
#ifndef IRONSPAN_TLS_H
#define IRONSPAN_TLS_H

#include "output/peer.h"

struct tls;

/* Reads the files of keys and certificates. NULL after a reported error. */
struct tls *tls_new(const struct sink_config *c, const struct peer *p);
/* Reads them again, as before a new connection; the old ones stay, silently, if
 * that fails: a file may have become unreadable with the privileges we gave up. */
void tls_reload(struct tls *s);
/* The handshake, within `wait_ms`. false: t->why. The socket stays the caller's. */
bool tls_connect(struct tls *s, struct transport *t, int fd, int wait_ms);
/* How many bytes went out; 0: none now, poll for *events first; -1: t->why. */
ssize_t tls_write(struct tls *s, struct transport *t, struct bytes b, short *events);
/* Takes what the other end says and forgets it. false: it is gone, t->why. */
bool tls_listen(struct tls *s, struct transport *t);
void tls_close(struct tls *s);
void tls_free(struct tls *s);

#endif
