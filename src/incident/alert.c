#include <stdlib.h>

#include "incident/alert.h"
#include "incident/json_pick.h"
#include "incident/time.h"

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- pieces of JSON, whatever they are ---- */

static const char *text_at(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));
	return s ? s : "";
}

static uint64_t number_at(const json_t *object, const char *key, uint64_t most)
{
	json_int_t v = json_integer_value(json_object_get(object, key));
	return v > 0 && (uint64_t)v <= most ? (uint64_t)v : 0;
}

/* An EVE integer beyond 2^53 is a string. */
static uint64_t flow_of(const json_t *root)
{
	const json_t *id = json_object_get(root, "flow_id");
	return json_is_string(id) ? strtoull(json_string_value(id), NULL, 10)
		: number_at(root, "flow_id", INT64_MAX);
}

/* ---- ends ---- */

/* Two digits; -1: others. */
static int octet(const char *text)
{
	int high = nibble(text[0]), low = high < 0 ? -1 : nibble(text[1]);
	return low < 0 ? -1 : high << 4 | low;
}

static bool read_mac(const char *text, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++, text += 3) {
		int v = octet(text);
		if (v < 0 || text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)v;
	}
	return true;
}

static struct incident_end end_of(const json_t *root, const char *ip, const char *mac)
{
	struct incident_end e = { 0 };
	e.has_ip = address_parse(&e.ip, text_at(root, ip));
	e.has_mac = read_mac(text_at(json_object_get(root, "ether"), mac), e.mac);
	return e;
}

static bool is_same_ip(const struct incident_end *e, const struct address *ip)
{
	return e->has_ip && memcmp(&e->ip, ip, sizeof(*ip)) == 0;
}

/* alert.source and alert.target say who acts on whom; where a rule does not know, whoever
 * sent. The MACs follow their addresses. */
static void read_ends(struct incident_alert *a, const json_t *alert)
{
	struct incident_end src = end_of(a->json, "src_ip", "src_mac");
	struct incident_end dst = end_of(a->json, "dest_ip", "dest_mac");
	struct address target;
	const json_t *told = json_object_get(alert, "target");
	bool is_turned = address_parse(&target, text_at(told, "ip")) &&
		is_same_ip(&src, &target) && !is_same_ip(&dst, &target);
	a->source = is_turned ? dst : src;
	a->target = is_turned ? src : dst;
}

/* ---- what was done ---- */

static bool moves_programs(const char *verb)
{
	static const char *const verbs[] = { "program_download", "program_upload",
		"firmware", "file" };
	for (unsigned i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verb, verbs[i]) == 0)
			return true;
	return false;
}

/* A rule may turn the ends: a client that gave its password away is the target, and
 * nothing was done to it. */
static bool is_done_to_target(const struct incident_alert *a)
{
	bool to_client = strcmp(text_at(a->json, "direction"), "to_client") == 0;
	const char *ip = text_at(a->json, to_client ? "src_ip" : "dest_ip");
	struct address server;
	return !address_parse(&server, ip) || is_same_ip(&a->target, &server);
}

static void read_operation(struct incident_alert *a, const json_t *ot)
{
	bool is_done = is_done_to_target(a);
	const json_t *o = is_done ? json_object_get(ot, "operation") : NULL;
	a->user = is_done ? text_at(ot, "user") : "";
	a->operation = json_is_object(o) ? o : NULL;
	a->verb = text_at(o, "verb");
	a->object = text_at(o, "object");
	a->outcome = text_at(o, "outcome");
	const char *value = text_at(o, "value");
	bool is_program = moves_programs(a->verb) && strncmp(value, "sha256:", 7) == 0;
	a->program = is_program ? value : "";
}

static void read_attack(struct incident_alert *a, const json_t *ot)
{
	const json_t *attack = json_object_get(ot, "attack");
	const json_t *techniques = json_object_get(attack, "techniques");
	a->techniques = json_is_array(techniques) ? techniques : NULL;
	a->attack_version = text_at(attack, "version");
	const json_t *evidence = json_object_get(ot, "evidence");
	a->evidence = json_is_array(evidence) ? evidence : NULL;
}

static bool read_rule(struct incident_alert *a, const json_t *alert)
{
	a->gid = (uint32_t)number_at(alert, "gid", UINT32_MAX);
	a->sid = (uint32_t)number_at(alert, "signature_id", UINT32_MAX);
	a->severity = (uint32_t)number_at(alert, "severity", 255);
	a->signature = text_at(alert, "signature");
	a->category = text_at(alert, "category");
	return a->sid && a->severity;
}

static bool read_root(struct incident_alert *a)
{
	const json_t *alert = json_object_get(a->json, "alert");
	const json_t *ot = json_object_get(a->json, "ot");
	uint8_t uid[16];
	a->uid = text_at(ot, "uid");
	a->protocol = text_at(a->json, "app_proto");
	a->flow_id = flow_of(a->json);
	if (strcmp(text_at(a->json, "event_type"), "alert") != 0 || !read_rule(a, alert) ||
		!incident_uid_read(a->uid, uid) || a->uid[INCIDENT_UID_TEXT - 1] ||
		!time_read_rfc3339(text_at(a->json, "timestamp"), &a->time_ns))
		return false;
	a->sensor = text_at(json_object_get(ot, "sensor"), "id");
	read_ends(a, alert);
	read_operation(a, ot);
	read_attack(a, ot);
	return true;
}

/* Most of a line is about other things, and reading it takes longer than all that follows. */
static json_t *load(struct bytes line)
{
	static const struct json_wanted rule[] = { { "gid" }, { "signature_id" }, { "severity" },
		{ "signature" }, { "category" }, { "target" }, { 0 } };
	static const struct json_wanted ot[] = { { "uid" }, { "sensor" }, { "operation" },
		{ "user" }, { "attack" }, { "evidence" }, { 0 } };
	static const struct json_wanted root[] = { { "timestamp" }, { "event_type" },
		{ "flow_id" }, { "src_ip" }, { "dest_ip" }, { "ether" }, { "direction" },
		{ "app_proto" }, { "alert", rule }, { "ot", ot }, { 0 } };
	struct text picked = { 0 };
	json_t *json = NULL;
	if (json_pick(line, root, &picked))
		json = json_loadb(picked.at, picked.len, JSON_ALLOW_NUL, NULL);
	text_fini(&picked);
	return json;
}

bool incident_alert_read(struct incident_alert *a, struct bytes line)
{
	*a = (struct incident_alert){ 0 };
	if (line.len > INCIDENT_LINE_MAX)
		return false;
	a->json = load(line);
	if (a->json && read_root(a))
		return true;
	incident_alert_fini(a);
	return false;
}

void incident_alert_fini(struct incident_alert *a)
{
	json_decref(a->json);
	a->json = NULL;
}

/* ---- uids ---- */

static bool is_dash(unsigned at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

bool incident_uid_read(const char *text, uint8_t uid[16])
{
	for (unsigned at = 0, byte = 0; byte < 16; at += 2) {
		if (is_dash(at) && text[at++] != '-')
			return false;
		int v = octet(text + at);
		if (v < 0)
			return false;
		uid[byte++] = (uint8_t)v;
	}
	return true;
}

void incident_uid_text(const uint8_t uid[16], char text[INCIDENT_UID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned at = 0;
	for (unsigned byte = 0; byte < 16; byte++) {
		if (is_dash(at))
			text[at++] = '-';
		text[at++] = digits[uid[byte] >> 4];
		text[at++] = digits[uid[byte] & 15];
	}
	text[at] = '\0';
}
