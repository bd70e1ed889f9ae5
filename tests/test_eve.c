/* Events: what stands where, and the promises of output/eve.h. */
#include <jansson.h>
#include <stdlib.h>

#include "dissect/fields.h"
#include "output/eve.h"
#include "test.h"

/* ---- a dissector ---- */

enum { UINT, DEEP_A, GROUP, GROUP_ID, FIELDS };
static const struct field fields[FIELDS] = {
	[UINT] = { .name = "uint", .type = FIELD_UINT },
	[DEEP_A] = { .name = "deep.a", .type = FIELD_UINT },
	[GROUP] = { .name = "deep.group", .type = FIELD_GROUP },
	[GROUP_ID] = { .name = "deep.group.id", .type = FIELD_UINT },
};
static const struct dissector toy = {
	.name = "toy", .fields = fields, .field_count = FIELDS,
};

#define U(f, v) { .field = f, .u = v }
#define END { .field = ITEM_END }

static struct message message_of(const struct item *items, unsigned count)
{
	return (struct message){
		.items = (struct item *)items, .count = count, .cap = count,
	};
}

static json_t *parse(const struct text *t)
{
	json_error_t error;
	json_t *json = json_loadb(t->at, t->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
		&error);
	if (!json)
		printf("%s: %.*s\n", error.text, (int)t->len, t->at);
	return json;
}

/* ---- events ---- */

static const char *file_name(void *context, uint16_t iface)
{
	(void)context;
	return iface ? NULL : "plant \"A\".pcap";
}

static const struct eve_config config = {
	.sensor_id = "s1", .version = "0.1.0", .ruleset_sha256 = "00ff", .site = "plant-01",
	.payload = true, .rule_text = true, .community_id = true, .iface_name = file_name,
};

static const struct item request_items[] = { U(UINT, 6), U(DEEP_A, 20) };
static const uint16_t written[3] = { 0x0100, 0xffff, 0 };

struct scene {
	struct flow flow;
	struct message request, response;
	struct operation operations[2];
	struct transaction t;
	struct rule rule;
	struct text out;
};

static const struct rule_metadata metadata[] =
	{ { "tag", "a" }, { "deployment", "SPAN" }, { "tag", "b" } };
static const struct rule_reference references[] =
	{ { "url", "example.com/x", "http://example.com/x" }, { "cve", "2020-1", NULL } };
static const char *attack_ids[] = { "T0836" };

static struct origin origin_at(uint64_t number, uint64_t time_ns)
{
	return (struct origin){ .number = number, .time_ns = time_ns, .has_macs = true,
		.vlan_count = 2, .vlan = { 100, 200 }, .src_mac = { 0, 1, 2, 3, 0xab, 0xcd } };
}

static void scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	address_parse(&s->flow.end[0].address, "10.1.2.3");
	address_parse(&s->flow.end[1].address, "192.168.100.200");
	s->flow.end[0].port = 49211;
	s->flow.end[1].port = 502;
	s->flow.packets[0] = 3;
	s->flow.proto = PROTO_TCP;
	s->flow.ip_version = 4;
	s->flow.id = 1184467340117733;
	s->flow.first_ns = 1093565531000000000;
	s->request = message_of(request_items, 2);
	s->response = message_of(request_items, 1);
	s->request.raw = (struct bytes){ (const uint8_t *)"raw\"\\\n\x01", 7 };
	s->operations[0] = (struct operation){ .verb = VERB_READ, .object = "coil" };
	s->operations[1] = (struct operation){ .verb = VERB_WRITE, .object = "holding_register",
		.has_unit = true, .unit = 1, .has_point = true, .address = 20, .count = 3,
		.value = { VALUE_U16, 3, { (const uint8_t *)written, 6 } } };
	s->t = (struct transaction){ .flow = &s->flow, .dissector = &toy, .id = 2,
		.request = &s->request, .response = &s->response, .outcome = OUTCOME_ACCEPTED,
		.operations = s->operations, .operation_count = 2,
		.request_origin = origin_at(7, 1093565532148970999),
		.response_origin = origin_at(9, 1093565532149000000) };
	s->rule = (struct rule){ .gid = 1, .sid = 9100214, .rev = 3, .msg = "write \"x\"",
		.category = "c", .priority = 1, .text = "alert …", .target = TARGET_DST,
		.metadata = (struct rule_metadata *)metadata, .metadata_count = 3,
		.references = (struct rule_reference *)references, .reference_count = 2,
		.attack = attack_ids, .attack_count = 1 };
}

static void scene_fini(struct scene *s)
{
	eve_flow_release(&s->flow);
	text_fini(&s->out);
}

/* The value at a path ("ot.operation.value"); numbers are array places. */
static const json_t *at(const json_t *json, const char *path)
{
	char part[64];
	while (json && *path) {
		size_t len = strcspn(path, ".");
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		json = json_is_array(json) ? json_array_get(json, strtoul(part, NULL, 10))
			: json_object_get(json, part);
		path += len + (path[len] == '.');
	}
	return json;
}

struct expected {
	const char *path, *text; /* as JSON; NULL: not there */
};

static void check_line(const char *what, const struct text *line, const struct expected *want)
{
	CHECK(line->len && line->at[line->len - 1] == '\n' &&
		memchr(line->at, '\n', line->len) == line->at + line->len - 1, "%s", what);
	json_t *json = parse(line);
	CHECK(json, "%s", what);
	for (; json && want->path; want++) {
		const json_t *value = at(json, want->path);
		char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		CHECK(!text == !want->text && (!text || !strcmp(text, want->text)),
			"%s: %s is %s",
			what, want->path, text ? text : "not there");
		free(text);
	}
	json_decref(json);
}

#define COMMON \
	{ "timestamp", "\"2004-08-27T00:12:12.149000+0000\"" }, \
	{ "flow_id", "1184467340117733" }, { "pcap_cnt", "9" }, { "vlan", "[100,200]" }, \
	{ "pcap_filename", "\"plant \\\"A\\\".pcap\"" }, { "src_ip", "\"10.1.2.3\"" }, \
	{ "src_port", "49211" }, { "dest_ip", "\"192.168.100.200\"" }, { "dest_port", "502" }, \
	{ "proto", "\"TCP\"" }, { "ip_v", "4" }, { "pkt_src", "\"wire/pcap\"" }, \
	{ "ether.dest_mac", "\"00:01:02:03:ab:cd\"" }, { "tx_id", "2" }, \
	{ "app_proto", "\"toy\"" }, { "direction", "\"to_server\"" }, { "toy.id", "2" }, \
	{ "toy.request", "{\"uint\":6,\"deep\":{\"a\":20}}" }, \
	{ "toy.response", "{\"uint\":6}" }, { "ot.packets", "[7,9]" }, \
	{ "ot.operation", "{\"verb\":\"write\",\"unit\":1,\"object\":\"holding_register\"," \
		"\"point\":{\"addr\":20,\"count\":3},\"value\":[1,65535,0]," \
		"\"outcome\":\"accepted\"}" }, \
	{ "ot.operations.0.verb", "\"read\"" }, { "ot.operations.1.verb", "\"write\"" }

static void test_transaction(struct eve *e)
{
	static const struct expected want[] = { COMMON, { "event_type", "\"toy\"" },
		{ "alert", NULL }, { "ot.direction_guessed", NULL }, { NULL, NULL } };
	struct scene s;
	scene_init(&s);
	eve_transaction(e, &s.t, &s.out);
	check_line("transaction", &s.out, want);

	static const struct expected lone[] = { { "src_ip", "\"192.168.100.200\"" },
		{ "direction", "\"to_client\"" }, { "toy.request", NULL },
		{ "ot.packets", "[9]" },
		{ "ether.src_mac", "\"00:01:02:03:ab:cd\"" },
		{ "ot.operation", NULL }, { "ot.direction_guessed", "true" }, { NULL, NULL } };
	s.t.request = NULL;
	s.t.operation_count = 0;
	s.t.client_guessed = true;
	text_clear(&s.out);
	eve_transaction(e, &s.t, &s.out);
	check_line("lone response", &s.out, lone);
	scene_fini(&s);
}

static void alert(struct eve *e, const struct rule *r, const struct transaction *t,
	struct text *out)
{
	struct eve_subject s = eve_on_transaction(e, t);
	eve_alert(e, NULL, r, &s, out);
}

static void alert_packet(struct eve *e, const struct rule *r, const struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin, struct text *out)
{
	struct eve_subject s = eve_on_packet(e, f, from, p, origin);
	eve_alert(e, NULL, r, &s, out);
}

static void test_alert(struct eve *e)
{
	static const struct expected want[] = { COMMON, { "event_type", "\"alert\"" },
		{ "alert.action", "\"allowed\"" }, { "alert.gid", "1" },
		{ "alert.signature_id", "9100214" }, { "alert.rev", "3" },
		{ "alert.signature", "\"write \\\"x\\\"\"" }, { "alert.category", "\"c\"" },
		{ "alert.severity", "1" },
		{ "alert.source", "{\"ip\":\"10.1.2.3\",\"port\":49211}" },
		{ "alert.target", "{\"ip\":\"192.168.100.200\",\"port\":502}" },
		{ "alert.metadata", "{\"tag\":[\"a\",\"b\"],\"deployment\":[\"SPAN\"]}" },
		{ "alert.references", "[\"http://example.com/x\",\"cve,2020-1\"]" },
		{ "flow.pkts_toserver", "3" },
		{ "flow.start", "\"2004-08-27T00:12:11.000000+0000\"" },
		{ "payload", "\"cmF3IlwKAQ==\"" },
		{ "payload_printable", "\"raw\\\"\\\\\\n.\"" },
		{ "ot.schema", "\"ironspan.alert/1\"" },
		{ "ot.attack.techniques.0.id", "\"T0836\"" },
		{ "ot.sensor",
			"{\"id\":\"s1\",\"version\":\"0.1.0\",\"ruleset_sha256\":\"00ff\"}" },
		{ "ot.site", "\"plant-01\"" }, { "ot.origin", "\"replay\"" },
		{ "ot.domain", "\"control\"" }, { "ot.truncated", NULL }, { NULL, NULL } };
	static const struct { enum target target; unsigned flow; const char *ip; } targets[] = {
		{ TARGET_SRC, 0, "\"10.1.2.3\"" }, { TARGET_DST, 0, "\"192.168.100.200\"" },
		{ TARGET_SRC, FLOW_TO_CLIENT, "\"192.168.100.200\"" },
		{ TARGET_DST, FLOW_TO_CLIENT, "\"10.1.2.3\"" }, { TARGET_NONE, 0, NULL },
		{ TARGET_SRC, FLOW_TO_SERVER, "\"10.1.2.3\"" },
		{ TARGET_DST, FLOW_TO_SERVER, "\"192.168.100.200\"" },
	};
	struct scene s;
	scene_init(&s);
	alert(e, &s.rule, &s.t, &s.out);
	check_line("alert", &s.out, want);
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		for (unsigned lone = 0; lone < 2; lone++) {
			struct expected target[] =
				{ { "alert.target.ip", targets[i].ip }, { NULL, NULL } };
			s.rule.target = targets[i].target;
			s.rule.flow = targets[i].flow;
			s.t.request = lone && targets[i].flow ? NULL : &s.request;
			text_clear(&s.out);
			alert(e, &s.rule, &s.t, &s.out);
			check_line("target", &s.out, target);
		}
	scene_fini(&s);
}

/* Of the operation that is shown, and of no other. */
static void test_value_prev(struct eve *e)
{
	static const uint8_t coils[1] = { 1 };
	static const uint64_t numbers[2] = { 1, UINT64_MAX };
	static const double real = 2.5;
	static const struct { struct values v; const char *want; } cases[] = {
		{ { VALUE_U16, 1, { (const uint8_t *)"\x04\xb0", 2 } }, "1200" },
		{ { VALUE_BITS, 3, { coils, 1 } }, "[1,0,0]" },
		{ { VALUE_UINT, 2, { (const uint8_t *)numbers, 16 } },
		"[1,\"18446744073709551615\"]" },
		{ { VALUE_INT, 1, { (const uint8_t *)&numbers[1], 8 } }, "-1" },
		{ { VALUE_REAL, 1, { (const uint8_t *)&real, 8 } }, "2.5" },
		{ { VALUE_TEXT, 1, { (const uint8_t *)"a\"b", 3 } }, "\"a\\\"b\"" },
		{ { VALUE_U16, 1000, { (const uint8_t *)"\x00\x01", 2 } }, "1" },
		{ { VALUE_NONE, 0, { NULL, 0 } }, NULL },
	};
	struct scene s;
	scene_init(&s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct expected want[] =
			{ { "ot.operation.value_prev", cases[i].want },
			{ "ot.operations.0.value_prev", NULL },
			{ "ot.operations.1.value_prev", cases[i].want }, { NULL, NULL } };
		struct values prev[2] = { { VALUE_NONE, 0, { NULL, 0 } }, cases[i].v };
		s.t.values_prev = prev;
		text_clear(&s.out);
		alert(e, &s.rule, &s.t, &s.out);
		check_line("value_prev of an alert", &s.out, want);
		text_clear(&s.out);
		eve_transaction(e, &s.t, &s.out);
		check_line("value_prev of an event", &s.out, want);
	}
	scene_fini(&s);
}

/* Alerts on what no line could hold. */
static void test_truncation(struct eve *e)
{
	enum { ELEMENTS = 20000, OPERATIONS = 64 };
	static uint8_t values[64 * 1024];
	static struct item items[3 * ELEMENTS];
	static struct operation operations[OPERATIONS];
	static struct values prev[OPERATIONS];
	static char words[8192];
	struct scene s;
	scene_init(&s);
	memset(values, 0xff, sizeof(values));
	memset(words, '\x01', sizeof(words) - 1);
	for (unsigned i = 0; i < ELEMENTS; i++) {
		items[3 * i] = (struct item)U(GROUP, 0);
		items[3 * i + 1] = (struct item)U(GROUP_ID, i);
		items[3 * i + 2] = (struct item)END;
	}
	for (unsigned i = 0; i < OPERATIONS; i++) {
		operations[i] = s.operations[1];
		operations[i].value = (struct values){ VALUE_U16, 32768, { values,
			sizeof(values) } };
		operations[i].point_text = (struct bytes){ values, sizeof(values) };
		prev[i] = operations[i].value;
	}
	for (unsigned mask = 1; mask < 64; mask++) {
		struct expected want[] = { { "ot.truncated", "true" }, { NULL, NULL } };
		struct message m = message_of(items, mask & 1 ? 3 * ELEMENTS : 0);
		m.raw = (struct bytes){ values, mask & 2 ? sizeof(values) : 1 };
		s.t.request = &m;
		s.t.operations = mask & 4 ? operations : s.operations;
		s.t.operation_count = mask & 4 ? OPERATIONS : 2;
		s.rule.msg = mask & 8 ? words : "short";
		s.rule.text = mask & 16 ? words : "short";
		s.rule.index = mask; /* another rule, another text */
		text_clear(&s.out);
		s.t.values_prev = mask & 32 ? prev : NULL;
		alert(e, &s.rule, &s.t, &s.out);
		if ((mask & ~8u) == 0)
			want[0].path = NULL;
		check_line("long", &s.out, want);
		CHECK(s.out.len <= EVE_ALERT_MAX, "%u: %zu", mask, s.out.len);
	}
	scene_fini(&s);
}

static void test_packets(struct eve *e)
{
	struct scene s;
	struct packet p = { .number = 5, .time_ns = 1, .sport = 8, .proto = PROTO_ICMP,
		.ip_version = 4, .payload = { (const uint8_t *)"x", 1 } };
	scene_init(&s);
	address_parse(&p.src, "192.168.0.89");
	address_parse(&p.dst, "192.168.0.1");
	s.rule.target = TARGET_SRC;

	static const struct expected icmp[] = { { "flow_id", NULL }, { "src_port", NULL },
		{ "icmp_type", "8" }, { "icmp_code", "0" }, { "proto", "\"ICMP\"" },
		{ "timestamp", "\"1970-01-01T00:00:00.000000+0000\"" },
		{ "community_id", "\"1:X0snYXpgwiv9TZtqg64sgzUn6Dk=\"" },
		{ "alert.target", "{\"ip\":\"192.168.0.89\"}" }, { "payload", NULL },
		{ "ot.domain", "\"network\"" }, { "ot.packets", "[5]" }, { NULL, NULL } };
	alert_packet(e, &s.rule, NULL, 0, &p, NULL, &s.out);
	check_line("packet", &s.out, icmp);

	static const struct expected stream[] = { { "src_ip", "\"192.168.100.200\"" },
		{ "direction", "\"to_client\"" }, { "pcap_cnt", "9" }, { "payload", NULL },
		{ "flow_id", "1184467340117733" }, { "flow.src_ip", "\"10.1.2.3\"" },
		{ "alert.target.ip", "\"192.168.100.200\"" }, { NULL, NULL } };
	text_clear(&s.out);
	alert_packet(e, &s.rule, &s.flow, 1, NULL, &s.t.response_origin, &s.out);
	check_line("stream", &s.out, stream);

	static const struct expected arp[] = { { "src_ip", NULL }, { "proto", NULL },
		{ "community_id", NULL }, { "pcap_cnt", "5" }, { "alert.target", NULL },
		{ NULL, NULL } };
	p.ip_version = 0;
	text_clear(&s.out);
	alert_packet(e, &s.rule, NULL, 0, &p, NULL, &s.out);
	check_line("no IP", &s.out, arp);

	static const struct expected late[] = { { "pcap_cnt", NULL },
		{ "timestamp", "\"1970-01-01T00:00:09.000000+0000\"" }, { NULL, NULL } };
	s.flow.last_ns = 9000000000;
	text_clear(&s.out);
	alert_packet(e, &s.rule, &s.flow, 0, NULL, NULL, &s.out);
	check_line("no packet", &s.out, late);
	scene_fini(&s);
}

static void test_anomalies(struct eve *e)
{
	static const struct expected decode[] = { { "event_type", "\"anomaly\"" },
		{ "anomaly", "{\"type\":\"decode\",\"event\":\"decoder.ipv4.trunc_pkt\"}" },
		{ NULL, NULL } };
	static const struct expected stream[] = {
		{ "anomaly", "{\"type\":\"stream\",\"event\":\"stream.midstream\"}" },
		{ NULL, NULL } };
	static const struct expected message[] = { { "src_ip", "\"10.1.2.3\"" },
		{ "pcap_cnt", "7" },
		{ "ether.src_mac", "\"00:01:02:03:ab:cd\"" },
		{ "anomaly",
			"{\"type\":\"applayer\",\"event\":\"bad\",\"layer\":\"proto_parser\"}" },
		{ "tx_id", "2" }, { "app_proto", "\"toy\"" }, { NULL, NULL } };
	struct scene s;
	struct packet p = { .number = 5, .time_ns = 1 };
	scene_init(&s);
	eve_anomaly(e, "decode", "ipv4.trunc_pkt", NULL, NULL, 0, &p, NULL, &s.out);
	check_line("decode", &s.out, decode);
	text_clear(&s.out);
	eve_anomaly(e, "stream", "midstream", NULL, NULL, 0, &p, NULL, &s.out);
	check_line("stream", &s.out, stream);
	text_clear(&s.out);
	eve_anomaly_message(e, &s.t, "bad", false, &s.out);
	check_line("message", &s.out, message);
	scene_fini(&s);
}

static void test_tcp_states(struct eve *e)
{
	static const struct {
		uint8_t flags[2];
		bool is_closed;
		const char *state;
	} rows[] = { { { 0, 0 }, false, "\"none\"" }, { { TCP_SYN, 0 }, false, "\"syn_sent\"" },
		{ { TCP_PSH | TCP_ACK, 0 }, false, "\"established\"" },
		{ { TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK }, false, "\"established\"" },
		{ { TCP_SYN, TCP_RST | TCP_ACK }, true, "\"closed\"" } };
	struct scene s;
	scene_init(&s);
	s.flow.proto = PROTO_TCP;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct expected state[] = { { "tcp.state", rows[i].state }, { NULL, NULL } };
		s.flow.tcp_flags[0] = rows[i].flags[0];
		s.flow.tcp_flags[1] = rows[i].flags[1];
		s.flow.is_closed = rows[i].is_closed;
		text_clear(&s.out);
		eve_flow(e, &s.flow, 1, (struct bytes){ 0 }, &s.out);
		check_line("TCP's state", &s.out, state);
	}
	scene_fini(&s);
}

static void test_stage(struct eve *e)
{
	static const struct expected asset[] = { { "event_type", "\"asset\"" },
		{ "pcap_cnt", "4" },
		{ "ot.asset",
			"{\"change\":\"new\",\"ip\":\"10.0.0.9\",\"mac\":\"00:00:00:00:00:00\","
			"\"role\":\"server\",\"protocol\":\"toy\",\"port\":502,"
			"\"vendor\":\"A\xef\xbf\xbd\"}" },
		{ "ot.site", "\"plant-01\"" }, { NULL, NULL } };
	static const struct expected incident[] = { { "event_type", "\"incident\"" },
		{ "timestamp", "\"1970-01-01T00:00:02.000000+0000\"" }, { "pcap_cnt", "8" },
		{ "ot.schema", "\"ironspan.incident/1\"" }, { "ot.incident.id", "\"INC-1\"" },
		{ "ot.incident.alerts", "{\"count\":3}" }, { "ot.site", "\"plant-01\"" },
		{ NULL, NULL } };
	struct eve_asset a = { .is_new = true, .has_mac = true, .role = "server",
		.protocol = "toy",
		.port = 502, .time_ns = 1, .number = 4 };
	struct eve_incident i = { .id = "INC-1", .revision = 2, .time_ns = 2000000000,
		.number = 8, .body = "{\"id\":\"INC-1\",\"alerts\":{\"count\":3}}" };
	struct text out = { 0 };
	address_parse(&a.address, "10.0.0.9");
	a.identity[IDENTITY_VENDOR] = (struct bytes){ (const uint8_t *)"A\xff", 2 };
	eve_asset(e, &a, &out);
	check_line("asset", &out, asset);
	text_clear(&out);
	eve_incident(e, &i, &out);
	check_line("incident", &out, incident);
	text_fini(&out);
}

/* Another encoder, after other events, writes the same bytes. */
static void test_determinism(struct eve *e)
{
	struct eve *other = eve_new(&config, NULL);
	struct scene s;
	struct text again = { 0 };
	scene_init(&s);
	alert(e, &s.rule, &s.t, &s.out);
	eve_flow_release(&s.flow);
	alert(other, &s.rule, &s.t, &again);
	CHECK(again.len == s.out.len && !memcmp(again.at, s.out.at, again.len), "differs");
	text_clear(&again);
	s.t.id++;
	alert(other, &s.rule, &s.t, &again);
	const char *uid = strstr(again.at, "\"uid\":"), *first = strstr(s.out.at, "\"uid\":");
	CHECK(uid && first && memcmp(uid, first, 44), "same uid");
	text_fini(&again);
	scene_fini(&s);
	eve_free(other);
}

/* What the flow's text was written for before makes no difference. */
static void test_surroundings(struct eve *e)
{
	static const struct change {
		const char *what;
		struct origin origin;
		bool is_lone;
	} changes[] = {
		{ "as before", { .number = 9, .time_ns = 1093565532149000000 }, false },
		{ "number, time", { .number = 12345678, .time_ns = 1093565999000001000 }, false },
		{ "no number", { .time_ns = 1 }, false },
		{ "a tag", { .number = 9, .vlan_count = 1, .vlan = { 7 } }, false },
		{ "another", { .number = 9, .vlan_count = 1, .vlan = { 8 } }, false },
		{ "MACs", { .number = 9, .has_macs = true, .src_mac = { 1 } }, false },
		{ "the other MAC", { .number = 9, .has_macs = true, .dst_mac = { 1 } }, false },
		{ "nobody answers", { .number = 9, .has_macs = true, .dst_mac = { 1 } }, true },
		{ "another interface", { .number = 9, .iface = 1 }, false },
		{ "the first again", { .number = 9 }, false },
	};
	struct scene s, fresh;
	scene_init(&s);
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct eve *other = eve_new(&config, NULL);
		scene_init(&fresh);
		s.t.response = changes[i].is_lone ? NULL : &s.response;
		fresh.t.response = changes[i].is_lone ? NULL : &fresh.response;
		s.t.request_origin = s.t.response_origin = changes[i].origin;
		fresh.t.request_origin = fresh.t.response_origin = changes[i].origin;
		text_clear(&s.out);
		eve_transaction(e, &s.t, &s.out);
		eve_transaction(other, &fresh.t, &fresh.out);
		CHECK(s.out.len == fresh.out.len &&
			!memcmp(s.out.at, fresh.out.at, s.out.len), "%s: %.*s",
			changes[i].what, (int)s.out.len, s.out.at);
		scene_fini(&fresh);
		eve_free(other);
	}
	scene_fini(&s);
}

int main(void)
{
	struct eve *e = eve_new(&config, NULL);
	test_transaction(e);
	test_alert(e);
	test_value_prev(e);
	test_truncation(e);
	test_packets(e);
	test_anomalies(e);
	test_tcp_states(e);
	test_stage(e);
	test_determinism(e);
	test_surroundings(e);
	eve_free(e);
	return test_end();
}
