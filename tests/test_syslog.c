/* Lines looked into, syslog messages, addresses of receivers. */
#include <stdlib.h>

#include "output/line.h"
#include "output/peer.h"
#include "output/syslog.h"
#include "test.h"

static struct bytes bytes_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* ---- lines ---- */

static const struct {
	const char *object, *key, *want; /* NULL: there is none */
} members[] = {
	{ "{\"a\":1,\"b\":\"x\"}", "b", "\"x\"" },
	{ "{\"a\":1,\"b\":\"x\"}", "a", "1" },
	{ "{\"a\":1}", "b", NULL },
	{ "{}", "a", NULL },
	{ "", "a", NULL },
	{ "{\"a\":{\"b\":1},\"b\":2}", "b", "2" },
	{ "{\"a\":[{\"b\":1},[2]],\"b\":[3,{}]}", "b", "[3,{}]" },
	{ "{\"a\":\"\\\"b\\\":1\",\"b\":2}", "b", "2" },
	{ "{\"a\":\"}],\",\"b\":true}", "b", "true" },
	{ "{\"a\":\"\\\\\",\"b\":2}", "b", "2" },
	{ "{\"ab\":1,\"b\":2}", "b", "2" },
	{ "{\"a\": 1, \"b\": 2}", "b", "2" },
	{ "{\"a\":\"cut", "b", NULL },
	{ "{\"a\":\"cut\\", "b", NULL },
};

static void test_members(void)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		struct bytes value = { NULL, 0 };
		/* its very end, so that a sanitizer sees a step too far */
		size_t len = strlen(members[i].object);
		uint8_t *copy = malloc(len ? len : 1);
		memcpy(copy, members[i].object, len);
		bool found = line_member((struct bytes){ copy, len }, members[i].key, &value);
		const char *want = members[i].want;
		CHECK(found == (want != NULL), "%s", members[i].object);
		CHECK(!want || (value.len == strlen(want) && !memcmp(value.at, want, value.len)),
			"%s: %.*s", members[i].object, (int)value.len, (const char *)value.at);
		free(copy);
	}
}

static void test_lines(void)
{
	struct bytes lines = bytes_of("one\n\ntwo\nhalf"), line;

	CHECK(line_count(lines) == 3, "%lu", (unsigned long)line_count(lines));
	CHECK(line_next(&lines, &line) && line.len == 4, "one");
	CHECK(line_next(&lines, &line) && line.len == 1, "empty");
	CHECK(line_next(&lines, &line) && line.len == 4, "two");
	CHECK(!line_next(&lines, &line), "half a line is none");
}

/* ---- syslog ---- */

#define TIME "\"timestamp\":\"2026-11-20T02:14:07.412873+0000\""
static const struct {
	const char *line, *head; /* which the line follows */
} messages[] = {
	{ "{" TIME ",\"event_type\":\"alert\",\"alert\":{\"severity\":1},"
	  "\"ot\":{\"uid\":\"u-1\",\"zone\":\"Z-1\"}}\n",
	  "<105>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - alert "
	  "[ironspan@32473 uid=\"u-1\" sev=\"1\" zone=\"Z-1\"] " },
	{ "{" TIME ",\"event_type\":\"alert\",\"alert\":{\"severity\":2},\"ot\":{}}\n",
	  "<107>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - alert "
	  "[ironspan@32473 sev=\"2\"] " },
	{ "{" TIME ",\"event_type\":\"alert\",\"alert\":{\"severity\":3},\"ot\":{}}\n",
	  "<108>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - alert "
	  "[ironspan@32473 sev=\"3\"] " },
	{ "{" TIME ",\"event_type\":\"alert\",\"alert\":{\"severity\":4},\"ot\":{}}\n",
	  "<110>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - alert "
	  "[ironspan@32473 sev=\"4\"] " },
	{ "{" TIME ",\"event_type\":\"incident\",\"ot\":{\"uid\":\"u\",\"incident\":"
	  "{\"id\":\"INC\",\"alerts\":{\"severity\":1}}}}\n",
	  "<105>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - incident "
	  "[ironspan@32473 uid=\"u\" sev=\"1\"] " },
	{ "{" TIME ",\"event_type\":\"asset\",\"ot\":{}}\n",
	  "<109>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - asset - " },
	{ "{" TIME ",\"event_type\":\"modbus\"}\n",
	  "<110>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - modbus - " },
	{ "{\"timestamp\":\"2026-11-20T10:14:07.412873+0800\",\"event_type\":\"stats\"}\n",
	  "<110>1 2026-11-20T10:14:07.412873+08:00 sensor-a1 ironspan - stats - " },
	{ "{\"event_type\":\"a b\\u00e9 0123456789012345678901234567890\"}\n",
	  "<110>1 - sensor-a1 ironspan - a_b\\u00e9_0123456789012345678901 - " },
	{ "{\"ot\":{\"uid\":\"a]b\\\"c\\\\d\"}}\n",
	  "<110>1 - sensor-a1 ironspan - - [ironspan@32473 uid=\"a\\]b\\\"c\\\\d\"] " },
	{ "{}\n", "<110>1 - sensor-a1 ironspan - - - " },
};

static void test_messages(void)
{
	struct syslog s;

	syslog_init(&s, 13, 32473, "sensor-a1");
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct text out = { 0 }, want = { 0 };
		const char *line = messages[i].line;
		syslog_message(&s, bytes_of(line), false, &out);
		text_printf(&want, "%s%.*s", messages[i].head, (int)strlen(line) - 1, line);
		CHECK(out.len == want.len && !memcmp(out.at, want.at, out.len), "%.*s",
			(int)out.len, out.at);
		size_t len = out.len;
		text_clear(&want);
		text_printf(&want, "before%zu %.*s", len, (int)len, out.at);
		text_clear(&out);
		text_lit(&out, "before");
		syslog_message(&s, bytes_of(line), true, &out);
		CHECK(out.len == want.len && !memcmp(out.at, want.at, out.len), "%.*s",
			(int)out.len, out.at);
		text_fini(&out);
		text_fini(&want);
	}
}

static void test_host(void)
{
	struct text out = { 0 };
	struct syslog s;
	char host[400];

	memset(host, 'h', sizeof(host));
	host[1] = ' ';
	host[2] = '\n';
	host[399] = '\0';
	syslog_init(&s, 0, 1, host);
	CHECK(strlen(s.host) == 255 && !strncmp(s.host, "h__h", 4), "%s", s.host);
	syslog_init(&s, 23, 1, "");
	syslog_message(&s, bytes_of("{}\n"), false, &out);
	CHECK(!strncmp(out.at, "<190>1 - - ironspan", 19), "%.*s", (int)out.len, out.at);
	text_fini(&out);
}

/* ---- addresses ---- */

static const struct {
	const char *text, *scheme, *host, *port; /* scheme NULL: refused */
	bool is_ip;
} peers[] = {
	{ "udp://10.1.2.3:514", "udp", "10.1.2.3", "514", true },
	{ "tls://siem.example", "tls", "siem.example", "", false },
	{ "tcp://[2001:db8::1]:6514", "tcp", "2001:db8::1", "6514", true },
	{ "tcp://[::1]", "tcp", "::1", "", true },
	{ "siem.example:514", NULL, NULL, NULL, false },
	{ "tcp://", NULL, NULL, NULL, false },
	{ "tcp://:514", NULL, NULL, NULL, false },
	{ "tcp://h:", NULL, NULL, NULL, false },
	{ "tcp://h:0", NULL, NULL, NULL, false },
	{ "tcp://h:65536", NULL, NULL, NULL, false },
	{ "tcp://h:99999999999999999999", NULL, NULL, NULL, false },
	{ "tcp://h:5x", NULL, NULL, NULL, false },
	{ "tcp://h/path", NULL, NULL, NULL, false },
	{ "tcp://[::1", NULL, NULL, NULL, false },
	{ "tcp://[::1]x", NULL, NULL, NULL, false },
	{ "averylongscheme://h", NULL, NULL, NULL, false },
	{ "", NULL, NULL, NULL, false },
};

static void test_peers(void)
{
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
		struct peer p;
		bool ok = peer_parse(&p, peers[i].text);
		CHECK(ok == (peers[i].scheme != NULL), "%s", peers[i].text);
		CHECK(!ok || (!strcmp(p.scheme, peers[i].scheme) && !strcmp(p.host, peers[i].host) &&
			!strcmp(p.port, peers[i].port) && p.is_ip == peers[i].is_ip), "%s: %s %s %s",
			peers[i].text, p.scheme, p.host, p.port);
	}
}

int main(void)
{
	test_members();
	test_lines();
	test_messages();
	test_host();
	test_peers();
	return test_end();
}
