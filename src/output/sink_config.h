/* What the configuration says of one sink; the strings are the configuration's. Its keys are
 * explained in tools/ironspan.yaml. */
#ifndef IRONSPAN_SINK_CONFIG_H
#define IRONSPAN_SINK_CONFIG_H

#include "base/names.h"

enum sink_type { SINK_FILE, SINK_STDOUT, SINK_SYSLOG, SINK_UNIX_STREAM, SINK_UNIX_DGRAM,
	SINK_NATS };
extern const struct name sink_types[], syslog_facilities[];
enum { SINK_QUEUE = 16 << 20 }; /* of a sink that nobody configured */

struct sink_config {
	unsigned type;          /* enum sink_type */
	const char **events;    /* event types that go there; none: all of them */
	unsigned event_count;
	const char *path;       /* the file, the socket */
	const char *address;    /* of syslog: udp://HOST:PORT, tcp://, tls://; of nats:
				 * nats://, tls:// */
	size_t queue;           /* bytes that wait in memory */

	/* files */
	size_t rotate_size;     /* 0: never */
	unsigned rotate_s;      /* 0: never */
	unsigned keep;          /* old files */

	/* what is reached over a socket */
	const char *spool;      /* folder; NULL: none */
	size_t spool_size;

	/* syslog */
	unsigned facility;      /* RFC 5424, table 1 */
	unsigned enterprise;    /* number in the structured data's name */
	const char *ca_file;    /* NULL: the system's */
	const char *cert_file, *key_file; /* NULL: we show no certificate */

	/* nats */
	const char *user, *password_file; /* NULL: nobody in particular */
};

#endif
