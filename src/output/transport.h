/* How one kind of destination is reached. An outlet (outlet.h) owns a transport and is the only
 * one to call it, from one thread at a time; it does the queueing, the spool, when to try
 * again and what to tell the user. A transport only connects, sends and closes.
 *
 * A new kind is a table of these functions, a transport_KIND() that makes one from the
 * configuration, a name in sink_types (sink_config.h) and a line in transport_new(). */
#ifndef IRONSPAN_TRANSPORT_H
#define IRONSPAN_TRANSPORT_H

#include "base/text.h"
#include "output/sink_config.h"

enum transport_state {
	TRANSPORT_SENT,   /* all of it */
	TRANSPORT_FULL,   /* no more for now: send the rest again later */
	TRANSPORT_FAILED, /* `why` says it; close, and connect again later */
	TRANSPORT_GONE,   /* the same, and it will never be back: its reader closed the pipe */
};

struct transport;
struct transport_ops {
	/* Opens or connects, in a few seconds at most. false: `why` says why not. When it is
	 * connected, anew; a file that cannot be opened anew stays open. */
	bool (*connect)(struct transport *t);
	/* Whole lines. Waits up to `wait_ms` for room (-1: for ever); *taken says how many bytes,
	 * of whole lines, it took: these are its own from here on, what it keeps of them it will
	 * write first. A line that can never be sent is taken and counted in `refused`. */
	enum transport_state (*send)(struct transport *t, struct bytes lines, int wait_ms,
		size_t *taken);
	/* Brings `settled` up to date, and notices that the other end is gone. NULL: whatever is
	 * taken is settled, and only send() can fail. */
	enum transport_state (*settle)(struct transport *t);
	/* The connection; connect() may follow. */
	void (*close)(struct transport *t);
	void (*free)(struct transport *t); /* after close() */
};

/* What every transport begins with. */
struct transport {
	const struct transport_ops *ops;
	char name[80];         /* for messages: "/var/log/eve.json", "tcp://10.1.2.3:514" */
	char why[200];
	bool is_remote;        /* may be away for long: has a spool, is tried again */
	bool is_terminal;      /* somebody reads along */
	bool is_unheard;       /* a named pipe that nobody has opened to read: somebody may */
	bool is_unread;        /* what is settled may not have been read yet */
	size_t window;         /* remote: bytes that may be on the way, not settled */
	uint64_t given, settled; /* bytes on the way since connect(), and how many of them the
				  * other end's machine has acknowledged */
	uint64_t refused;      /* lines that can never be sent: too long for a datagram */
};

/* As the configuration says, not connected yet. NULL after a reported error: a file of keys or
 * certificates that cannot be used. `host` is this sensor's name. */
struct transport *transport_new(const struct sink_config *c, const char *host);

struct transport *transport_file(const struct sink_config *c);
struct transport *transport_stdout(void);
struct transport *transport_unix(const struct sink_config *c);
struct transport *transport_syslog(const struct sink_config *c, const char *host);
struct transport *transport_nats(const struct sink_config *c, const char *host);

/* Sets t->why; returns false. */
bool transport_fail(struct transport *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
