/* A connection to a NATS server, with its JetStream; for whoever was built with libnats. The
 * library reconnects by itself for ever, on threads of its own. */
#ifndef IRONSPAN_NATS_LINK_H
#define IRONSPAN_NATS_LINK_H

#include <nats/nats.h>
#include <stdbool.h>

/* NULL where nothing is said. Paths are the caller's; all is borrowed until the link is freed. */
struct nats_link_config {
	const char *url;             /* tls://HOST:4222 */
	const char *name;            /* how the server's log names us */
	const char *user, *password_file;
	const char *ca_file, *cert_file, *key_file;
};

struct nats_link {
	natsConnection *connection;
	jsCtx *js;
	char why[256];
};

/* Does not wait for the server to be there. false: `why`; then nothing is to be freed. */
bool nats_link_open(struct nats_link *l, const struct nats_link_config *c);
bool nats_link_is_up(const struct nats_link *l);
void nats_link_close(struct nats_link *l);

/* Creates the stream, or makes it as it is said here. false: `why`. */
bool nats_link_stream(struct nats_link *l, jsStreamConfig *stream);
/* Sets `why` from a status; returns false. */
bool nats_link_fail(struct nats_link *l, const char *what, natsStatus status);

#endif
