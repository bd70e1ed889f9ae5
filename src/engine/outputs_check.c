/* What a kind of sink needs, and what means nothing to it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "engine/outputs.h"
#include "engine/settings.h"
#include "output/peer.h"
#include "output/tls.h"

/* "outputs.sinks.2 (syslog): KEY WHAT"; false. */
static bool refuse(unsigned number, const struct sink_config *c, const char *key,
	const char *what)
{
	report_error("outputs.sinks.%u (%s): %s %s", number, name_of(sink_types, c->type), key,
		what);
	return false;
}

static bool check_keys(unsigned number, const struct sink_config *c)
{
	bool is_unix = c->type == SINK_UNIX_STREAM || c->type == SINK_UNIX_DGRAM;
	bool is_syslog = c->type == SINK_SYSLOG, is_file = c->type == SINK_FILE;
	bool is_nats = c->type == SINK_NATS, is_far = is_syslog || is_nats;
	const struct {
		const char *key;
		bool is_given, is_wanted, is_needed;
	} rows[] = {
		{ "path", c->path, is_file || is_unix, is_file || is_unix },
		{ "address", c->address, is_far, is_far },
		{ "spool", c->spool, is_unix || is_far, false },
		{ "rotate-size", c->rotate_size, is_file, false },
		{ "rotate-time", c->rotate_s, is_file, false },
		{ "ca-file", c->ca_file, is_far, false },
		{ "cert-file", c->cert_file, is_far, c->key_file },
		{ "key-file", c->key_file, is_far, c->cert_file },
		{ "user", c->user, is_nats, c->password_file },
		{ "password-file", c->password_file, is_nats, false },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].is_given && !rows[i].is_wanted)
			ok = refuse(number, c, rows[i].key, "means nothing to this type");
		else if (!rows[i].is_given && rows[i].is_needed)
			ok = refuse(number, c, rows[i].key, "is missing");
	}
	return ok;
}

/* Which schemes a kind of sink has, and how to say so. */
static const struct scheme_row {
	enum sink_type type;
	const char *schemes[4], *form;
} scheme_rows[] = {
	{ SINK_SYSLOG, { "udp", "tcp", "tls" },
		"is no udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT" },
	{ SINK_NATS, { "nats", "tls" }, "is no nats://HOST:PORT or tls://HOST:PORT" },
};

static bool has_scheme(const struct scheme_row *row, const char *scheme)
{
	for (unsigned i = 0; row->schemes[i]; i++)
		if (strcmp(row->schemes[i], scheme) == 0)
			return true;
	return false;
}

static bool check_address(unsigned number, const struct sink_config *c)
{
	const struct scheme_row *row = &scheme_rows[c->type == SINK_NATS];
	struct peer p;

	if (!c->address || c->type != row->type)
		return true;
	if (!peer_parse(&p, c->address) || !has_scheme(row, p.scheme))
		return refuse(number, c, c->address, row->form);
	if (strcmp(p.scheme, "tls") != 0 && (c->ca_file || c->cert_file))
		return refuse(number, c, c->address, "takes no certificates; tls:// does");
	return true;
}

static bool is_written(const struct config *c, const char *event)
{
	unsigned events = 0;
	uint64_t protocols = 0;

	event_add(event, &events, &protocols);
	return (events & c->events) || (protocols & c->event_protocols);
}

static void check_events(const struct config *c, unsigned number, const struct sink_config *s)
{
	for (unsigned i = 0; i < s->event_count; i++)
		if (!is_written(c, s->events[i]))
			report_warning("outputs.sinks.%u: %s events are not written: outputs.events "
				"leaves them out", number, s->events[i]);
}

bool outputs_check(const struct config *c)
{
	bool ok = true;

	for (unsigned i = 0; i < c->sink_count; i++) {
		const struct sink_config *s = &c->sinks[i];
		ok = check_keys(i + 1, s) && ok;
		ok = check_address(i + 1, s) && ok;
		check_events(c, i + 1, s);
	}
	return ok;
}

static bool check_tls(const struct sink_config *c)
{
	struct peer p;
	struct tls *t;

	if (!c->address || !peer_parse(&p, c->address) || strcmp(p.scheme, "tls") != 0)
		return true;
	if (!(t = tls_new(c, &p)))
		return false;
	tls_free(t);
	return true;
}

static bool check_password(const struct sink_config *c)
{
	if (!c->password_file || access(c->password_file, R_OK) == 0)
		return true;
	report_error("%s: %s", c->password_file, strerror(errno));
	return false;
}

bool outputs_check_files(const struct config *c)
{
	bool ok = true;

	for (unsigned i = 0; i < c->sink_count; i++) {
		ok = check_tls(&c->sinks[i]) && ok;
		ok = check_password(&c->sinks[i]) && ok;
	}
	return ok;
}
