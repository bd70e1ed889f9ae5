/* Those who are connected: one bounded request in, one answer out, and a deadline for either.
 * The service's thread only. */
#ifndef IRONSPAN_CLIENT_H
#define IRONSPAN_CLIENT_H

#include <poll.h>

#include "base/text.h"

enum {
	REQUEST_MAX = 4096,      /* bytes */
	REQUEST_MS = 10 * 1000,  /* for the next request to come */
	ANSWER_MS = 10 * 1000,   /* for the answer to be taken */
};

enum client_kind { CLIENT_CONTROL, CLIENT_HTTP };

struct client {
	int fd;
	enum client_kind kind;
	char in[REQUEST_MAX];
	size_t in_len;
	struct text out;      /* the answer; empty: there is none yet */
	size_t sent;          /* bytes of it */
	int64_t deadline_ms;
	uint64_t reload;      /* its answer waits for the end of this one; 0: it does not */
	bool ends;            /* with this answer */
};

struct client *client_new(int fd, enum client_kind kind, int64_t now_ms);
void client_free(struct client *c);

short client_events(const struct client *c); /* what to poll for */
/* Reads what is there. false: it is gone, or its request is too long. */
bool client_read(struct client *c);
/* The next whole request of those read, in place; `len` of it. NULL: there is none. */
char *client_request(struct client *c, size_t *len);
void client_drop(struct client *c, size_t len); /* that request is done with */
/* Sends what can be sent. false: it is gone, or this was its last answer. */
bool client_write(struct client *c, int64_t now_ms);

#endif
