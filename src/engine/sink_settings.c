/* Keys of one of outputs.sinks. */
#include "engine/settings.h"

#define SINK "outputs.sinks.#."
#define MEMBER(m) offsetof(struct sink_config, m), sizeof(((struct sink_config *)0)->m)
#define TEXT(key, m, help) { SINK key, SETTING_TEXT, MEMBER(m), 0, 0, 0, "", help, NULL }
#define NUMBER(key, kind, m, low, high, initial, help) \
	{ SINK key, SETTING_##kind, MEMBER(m), 0, low, high, initial, help, NULL }
#define WORD(key, m, initial, help, words) \
	{ SINK key, SETTING_WORD, MEMBER(m), 0, 0, 0, initial, help, words }

#define KIB UINT64_C(1024)
#define GIB (KIB * KIB * KIB)
#define YEAR_S (366 * 24 * 60 * 60)

const struct setting sink_settings[] = {
	WORD("type", type, "file", "file, stdout, syslog, unix_stream, unix_dgram or nats", sink_types),
	{ SINK "events", SETTING_EVENT_NAMES, MEMBER(events),
		offsetof(struct sink_config, event_count), 0, 0, "",
		"only these of outputs.events; empty: all", NULL },
	TEXT("path", path, "the file or the Unix socket"),
	TEXT("address", address, "syslog: udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT; "
		"nats: nats://HOST:PORT or tls://HOST:PORT"),
	NUMBER("queue", SIZE, queue, 64 * KIB, GIB, "16mb",
		"live: memory for lines that wait; when it is full events go before alerts"),
	NUMBER("rotate-size", SIZE, rotate_size, 0, 1024 * GIB, "0",
		"file: a new one before this size; 0: never"),
	NUMBER("rotate-time", SECONDS, rotate_s, 0, YEAR_S, "0",
		"file: a new one so often, in step with UTC; 0: never"),
	NUMBER("keep", COUNT, keep, 1, 1000, "10", "file: old ones that are kept, .1 the newest"),
	TEXT("spool", spool, "folder of lines that wait for a socket; each sink its own"),
	NUMBER("spool-size", SIZE, spool_size, 64 * KIB, 1024 * GIB, "256mb",
		"the spool's bound; when it is full events go before alerts"),
	WORD("facility", facility, "audit", "syslog: kern, user, …, audit, …, local7",
		syslog_facilities),
	NUMBER("enterprise", COUNT, enterprise, 1, UINT32_MAX, "32473",
		"syslog: number behind the name of the structured data"),
	TEXT("ca-file", ca_file, "tls: who signs the receiver's certificate; empty: the system's"),
	TEXT("cert-file", cert_file, "tls: our own certificate, if the receiver wants one"),
	TEXT("key-file", key_file, "tls: its key, without a password"),
	TEXT("user", user, "nats: the account's user"),
	TEXT("password-file", password_file, "nats: a file of mode 0600 with the user's password"),
};
const unsigned sink_setting_count = sizeof(sink_settings) / sizeof(*sink_settings);
