#include <stdarg.h>
#include <stdio.h>

#include "output/transport.h"

const struct name sink_types[] = {
	{ SINK_FILE, "file" }, { SINK_STDOUT, "stdout" }, { SINK_SYSLOG, "syslog" },
	{ SINK_UNIX_STREAM, "unix_stream" }, { SINK_UNIX_DGRAM, "unix_dgram" },
	{ SINK_NATS, "nats" }, { 0, NULL },
};

struct transport *transport_new(const struct sink_config *c, const char *host)
{
	switch (c->type) {
	case SINK_FILE:
		return transport_file(c);
	case SINK_STDOUT:
		return transport_stdout();
	case SINK_SYSLOG:
		return transport_syslog(c, host);
	case SINK_NATS:
		return transport_nats(c, host);
	default:
		return transport_unix(c);
	}
}

bool transport_fail(struct transport *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t->why, sizeof(t->why), format, args);
	va_end(args);
	return false;
}
