#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "engine/nearest.h"
#include "engine/settings.h"

#define MEMBER(m) offsetof(struct config, m), sizeof(((struct config *)0)->m)
#define TEXT(key, m, help) { key, SETTING_TEXT, MEMBER(m), 0, 0, 0, "", help, NULL }
#define SWITCH(key, m, initial, help) \
	{ key, SETTING_SWITCH, MEMBER(m), 0, 0, 0, initial, help, NULL }
#define NUMBER(key, kind, m, low, high, initial, help) \
	{ key, SETTING_##kind, MEMBER(m), 0, low, high, initial, help, NULL }
#define LISTED(key, kind, m, count, initial, help) \
	{ key, SETTING_##kind, MEMBER(m), offsetof(struct config, count), 0, 0, initial, help, \
		NULL }

#define KIB UINT64_C(1024)
#define GIB (KIB * KIB * KIB)
#define YEAR_S (366 * 24 * 60 * 60)

static const struct name seccomp_words[] = {
	{ SECCOMP_YES, "yes" }, { SECCOMP_LOG, "log" }, { SECCOMP_NO, "no" }, { 0, NULL },
};
static const struct name checksum_words[] = { { 1, "all" }, { 0, "none" }, { 0, NULL } };

static const struct name mode_words[] = { { 0, "accept" }, { 1, "repeat" }, { 0, NULL } };

#define ADDRESSES "vars.address-groups.*"
#define PORTS "vars.port-groups.*"

const struct setting settings[] = {
	LISTED(ADDRESSES, VARIABLE, addresses, address_count,
		"HOME_NET=any EXTERNAL_NET=any MODBUS_CLIENT=any MODBUS_SERVER=any "
		"DNP3_CLIENT=any DNP3_SERVER=any S7_CLIENT=any S7_SERVER=any "
		"OPCUA_CLIENT=any OPCUA_SERVER=any ENIP_CLIENT=any ENIP_SERVER=any "
		"HTTP_SERVERS=any DNS_SERVERS=any SMTP_SERVERS=any SQL_SERVERS=any "
		"TELNET_SERVERS=any",
		"a group of addresses that rules name with $"),
	LISTED(PORTS, VARIABLE, ports, port_count,
		"MODBUS_PORTS=502 DNP3_PORTS=20000 S7_PORTS=102 OPCUA_PORTS=4840 "
		"ENIP_PORTS=[44818,2222] HTTP_PORTS=80 SSH_PORTS=22 FTP_PORTS=21 "
		"SHELLCODE_PORTS=!80 ORACLE_PORTS=1521 FILE_DATA_PORTS=[80,110,143]",
		"a group of ports that rules name with $"),

	TEXT("default-rule-path", rule_path, "folder of the files below; empty: the shipped rules"),
	LISTED("rule-files", LIST, rule_patterns, rule_pattern_count, "*.rules",
		"rule files, in order; * and ? stand for any letters"),
	{ "classification-file", SETTING_TEXT, MEMBER(classification), 0, 0, 0,
		"classification.config", "names and priorities of classtypes", NULL },
	{ "reference-config-file", SETTING_TEXT, MEMBER(reference), 0, 0, 0, "reference.config",
		"addresses behind a rule's references", NULL },
	{ "attack-file", SETTING_TEXT, MEMBER(attack), 0, 0, 0, "attack.json",
		"names of the ATT&CK techniques", NULL },

	TEXT("detect.cache-dir", cache_dir,
		"compiled pattern databases; empty: ~/.cache/ironspan; none: they are not kept"),

	LISTED("outputs.events", EVENTS, events, event_protocols,
		"alert,asset,health,incident",
		"what is written: alert anomaly asset flow health incident stats, protocols, or all"),
	SWITCH("outputs.sinks-on-replay", sinks_on_replay, "no",
		"yes: what -r finds goes to outputs.sinks, too"),
	SWITCH("outputs.payload", payload, "no", "payload and payload_printable in alerts"),
	SWITCH("outputs.rule-text", rule_text, "no", "the rule's own text in alerts"),
	SWITCH("outputs.community-id", community_id, "yes", "community_id in every event"),
	NUMBER("outputs.community-id-seed", COUNT, community_id_seed, 0, UINT16_MAX, "0",
		"seed of community_id; the same on all sensors"),

	NUMBER("outputs.health-interval", SECONDS, health_interval_s, 1, 86400, "1m",
		"packet time between two health and stats events"),

	TEXT("evidence.dir", evidence_dir,
		"folder of captures of what alerted; empty: none are made"),
	NUMBER("evidence.before", SECONDS, evidence_before_s, 0, 86400, "10s",
		"packets so long before the alert"),
	NUMBER("evidence.after", SECONDS, evidence_after_s, 0, 86400, "10s",
		"packets so long after the alert"),
	NUMBER("evidence.memory", SIZE, evidence_memory, 1024 * KIB, 64 * GIB, "16mb",
		"packets kept in case their flow alerts"),
	NUMBER("evidence.file-size", SIZE, evidence_file_size, 4 * KIB, 64 * GIB, "1mb",
		"bytes of one capture"),
	NUMBER("evidence.max-size", SIZE, evidence_max_size, 64 * KIB, 1024 * 1024 * GIB, "1gb",
		"bytes of all captures; the oldest are deleted"),
	NUMBER("evidence.max-age", SECONDS, evidence_max_age_s, 60, 10 * YEAR_S, "30d",
		"age at which captures are deleted"),

	TEXT("sensor.id", sensor_id, "name of this sensor in events; empty: the host's name"),
	TEXT("sensor.site", site, "name of the plant in events; empty: left out"),

	LISTED("capture.interfaces", LIST, interfaces, interface_count, "",
		"interfaces to listen to, where the command line names no capture"),
	NUMBER("capture.snaplen", SIZE, snaplen, 64, 256 * KIB, "256kb",
		"live: bytes of a packet that are kept"),
	NUMBER("capture.ring-size", SIZE, ring_size, KIB * KIB, GIB, "32mb",
		"live: memory of each interface for packets that wait for us"),
	SWITCH("capture.promiscuous", promiscuous, "yes",
		"live: frames for others too, as a mirror port sends them"),
	TEXT("capture.filter", filter, "BPF expression: packets it refuses are not looked at"),
	{ "capture.checksum-validation", SETTING_SWITCH, MEMBER(verify_checksums), 0, 0, 0,
		"none", "all: packets with a wrong checksum are events and go no further",
		checksum_words },
	SWITCH("capture.keep-duplicates", keep_duplicates, "no",
		"look at every copy of a packet that the mirror sent twice"),
	SWITCH("capture.strict", strict, "no", "a capture cut short ends with exit code 1"),

	{ "inline.queues", SETTING_QUEUES, MEMBER(queues), 0, 0, 0, "",
		"NFQUEUE queues to hold packets of: 0, or 0:3 for four", NULL },
	NUMBER("inline.queue-memory", SIZE, queue_memory, 64 * KIB, 256 * KIB * KIB, "4mb",
		"packets that may wait in a queue; it is short so that none waits for long"),
	SWITCH("inline.fail-open", fail_open, "yes",
		"no: what cannot be looked at is dropped, and no watchdog ends a stalled sensor"),
	SWITCH("inline.dry-run", dry_run, "no", "say what would be dropped, and drop nothing"),
	{ "inline.mode", SETTING_SWITCH, MEMBER(inline_repeats), 0, 0, 0, "accept",
		"what passes: accept it, or repeat the firewall's table with its mark", mode_words },
	NUMBER("inline.mark", COUNT, mark, 0, UINT32_MAX, "0", "mark of packets that pass"),
	NUMBER("inline.mark-mask", COUNT, mark_mask, 0, UINT32_MAX, "0",
		"bits of the mark that are set so; 0: it stays as it is"),

	NUMBER("engine.threads", COUNT, threads, 1, 64, "1",
		"threads that share the work; the first reads and writes as well"),
	NUMBER("engine.flows", COUNT, flows, 64, 1u << 24, "262144",
		"flows remembered; beyond it the longest silent is forgotten"),
	NUMBER("engine.stream-memory", SIZE, stream_memory, 64 * KIB, 64 * GIB, "128mb",
		"TCP: the last bytes of each direction, segments that wait; half as much for the unclaimed"),
	NUMBER("engine.session-memory", SIZE, session_memory, 64 * KIB, 64 * GIB, "64mb",
		"messages that are not whole yet, and requests that wait for their answer"),
	NUMBER("engine.fragment-memory", SIZE, fragment_memory, 64 * KIB, 64 * GIB, "4mb",
		"IP fragments that wait for the others"),
	NUMBER("engine.timeouts.tcp", SECONDS, tcp_timeout_s, 1, YEAR_S, "1h",
		"silence that ends a TCP flow"),
	NUMBER("engine.timeouts.udp", SECONDS, udp_timeout_s, 1, YEAR_S, "5m",
		"silence that ends any other flow"),
	NUMBER("engine.timeouts.closed", SECONDS, closed_timeout_s, 1, YEAR_S, "30s",
		"silence that ends a TCP flow after FIN or RST"),
	NUMBER("engine.outcome-wait", MILLISECONDS, outcome_wait_ms, 1, 3600 * 1000, "1s",
		"how long an alert waits for the answer that tells its outcome"),
	SWITCH("engine.repeats", repeats, "yes",
		"no: parse polls that repeat themselves every time, too; nothing else differs"),
	NUMBER("engine.points", COUNT, points, 16, 1u << 24, "262144",
		"last values remembered of all devices, in pages of 64 neighbouring points"),
	NUMBER("engine.thresholds", COUNT, thresholds, 16, 1u << 24, "65536",
		"counters of thresholds and distinct, one a rule and address"),
	NUMBER("engine.assets", COUNT, assets, 16, 1u << 24, "16384", "devices remembered"),
	NUMBER("engine.incidents", COUNT, incidents, 16, 1u << 20, "4096",
		"incidents kept open at a time"),

	TEXT("incident.registers", registers,
		"folder of the plant's registers: devices, who answers for them, and more"),
	TEXT("incident.store", store,
		"folder of the store of incidents, for `ironspan incident`; empty: none"),
	TEXT("incident.tier", tier,
		"folder of the node (`ironspan tier`) that gets approved reports; empty: none"),
	{ "incident.redaction", SETTING_TEXT, MEMBER(redaction), 0, 0, 0, "to-authority",
		"what is taken out before: a redaction profile, where the report's form names none" },
	NUMBER("incident.keep", SECONDS, keep_s, 0, 10 * YEAR_S, "365d",
		"live: how long alerts and operations stay in the store; 0: for ever"),
	NUMBER("incident.keep-size", SIZE, keep_size, 0, SIZE_MAX, "20gb",
		"live: the oldest go when the store is larger; 0: no bound"),
	NUMBER("incident.gap", SECONDS, incident_gap_s, 1, YEAR_S, "1h",
		"silence that ends an incident: later alerts begin another"),
	NUMBER("incident.life", SECONDS, incident_life_s, 1, YEAR_S, "24h",
		"how long an incident takes alerts at most"),
	TEXT("run-as", run_as,
		"the user to become as soon as this is read; empty: whoever starts it"),
	{ "seccomp", SETTING_WORD, MEMBER(seccomp), 0, 0, 0, "yes",
		"yes: a system call that the sensor does not need ends it; log: is logged; no",
		seccomp_words },
	TEXT("control.socket", control_socket,
		"live: Unix socket for `ironspan ctl`, for its owner and group; empty: none"),
	TEXT("metrics.listen", metrics_listen,
		"live: loopback address and port for Prometheus, 127.0.0.1:9469; empty: none"),

	{ "protocols.*.enabled", SETTING_PROTOCOL, MEMBER(disabled), 0, 0, 0, "yes",
		"no: the protocol is not looked for", NULL },
};
const unsigned setting_count = sizeof(settings) / sizeof(*settings);

const struct setting *setting_at(unsigned i)
{
	if (i < setting_count)
		return &settings[i];
	return i - setting_count < sink_setting_count ? &sink_settings[i - setting_count] : NULL;
}

/* How many letters of `key` the sign stands for; 0: none. */
static size_t sign_len(char sign, const char *key)
{
	return sign == '*' ? strcspn(key, ".") : strspn(key, "0123456789");
}

/* Whether `key` follows `pattern`, where a sign stands for one name; with `whole` unset,
 * whether it is the beginning of such a key. */
static bool follows(const char *key, const char *pattern, bool whole, struct setting_name *name)
{
	while (*key && *pattern) {
		if (*pattern == '*' || *pattern == '#') {
			*name = (struct setting_name){ key, (int)sign_len(*pattern, key) };
			if (name->len == 0)
				return false;
			key += name->len;
			pattern++;
		} else if (*key++ != *pattern++) {
			return false;
		}
	}
	return *key == '\0' && *pattern == (whole ? '\0' : '.');
}

const struct setting *setting_find(const char *key, struct setting_name *name)
{
	const struct setting *s;

	for (unsigned i = 0; (s = setting_at(i)) != NULL; i++)
		if (follows(key, s->key, true, name))
			return s;
	return NULL;
}

bool setting_is_section(const char *key)
{
	struct setting_name name;
	const struct setting *s;

	for (unsigned i = 0; (s = setting_at(i)) != NULL; i++)
		if (follows(key, s->key, false, &name))
			return true;
	return false;
}

bool setting_is_numbered(const char *key)
{
	size_t len = strlen(key);
	const struct setting *s;

	for (unsigned i = 0; (s = setting_at(i)) != NULL; i++)
		if (strncmp(s->key, key, len) == 0 && strncmp(s->key + len, ".#.", 3) == 0)
			return true;
	return false;
}

/* The row's key with the wrong key's own name in place of "*", or its number, or 1, of "#". */
static void spell(char *out, size_t size, const char *pattern, const char *key)
{
	const char *star = strpbrk(pattern, "*#");
	const char *last = strrchr(pattern, '.');

	if (!star || star > last) {
		snprintf(out, size, "%s", star ? "" : pattern);
		return;
	}
	size_t depth = 0;
	for (const char *at = pattern; at < star; at++)
		depth += *at == '.';
	for (; depth > 0 && strchr(key, '.'); depth--)
		key = strchr(key, '.') + 1;
	if (sign_len(*star, key) == 0)
		key = "1";
	snprintf(out, size, "%.*s%.*s%s", (int)(star - pattern), pattern,
		(int)strcspn(key, "."), key, star + 1);
}

/* The sections that the key lies in: "engine", then "engine.timeouts". */
static void offer_sections(struct nearest *n, const char *key)
{
	char section[128];

	snprintf(section, sizeof(section), "%s", key);
	for (char *dot = strrchr(section, '.'); dot; dot = strrchr(section, '.')) {
		*dot = '\0';
		if (!strpbrk(section, "*#"))
			nearest_offer(n, section);
	}
}

static const char *last_part(const char *key)
{
	const char *dot = strrchr(key, '.');
	return dot ? dot + 1 : key;
}

/* Keys that are right but stand in the wrong section. */
static void offer_misplaced(struct nearest *n, const char *key)
{
	for (unsigned i = 0; i < setting_count && !n->best[0]; i++) {
		const char *known = settings[i].key;
		if (!strchr(known, '*') && strcmp(last_part(known), last_part(key)) == 0)
			snprintf(n->best, sizeof(n->best), "%s", known);
	}
}

static void refuse_section(const char *where, const char *key)
{
	const struct setting *s;
	struct setting_name name;
	unsigned i = 0;

	while ((s = setting_at(i)) != NULL && !follows(key, s->key, false, &name))
		i++;
	report_error("%s: %s is a section; name a key in it, such as %s", where, key, s->key);
}

void setting_unknown(const char *where, const char *key)
{
	struct nearest n = { .word = key };
	char known[128];
	const struct setting *s;

	if (setting_is_section(key)) {
		refuse_section(where, key);
		return;
	}
	for (unsigned i = 0; (s = setting_at(i)) != NULL; i++) {
		spell(known, sizeof(known), s->key, key);
		nearest_offer(&n, known);
		offer_sections(&n, s->key);
	}
	offer_misplaced(&n, key);
	if (n.best[0])
		report_error("%s: unknown key \"%s\"; did you mean \"%s\"?", where, key, n.best);
	else
		report_error("%s: unknown key \"%s\"; `ironspan settings` lists all of them",
			where, key);
}

/* "a, b, c" or "A=x B=y", one a line. */
static void print_initial(FILE *out, const struct setting *s)
{
	if (s->type != SETTING_VARIABLE) {
		fprintf(out, "%s\n", *s->initial ? s->initial : "(empty)");
		return;
	}
	for (const char *at = s->initial; *at;) {
		int len = (int)strcspn(at, " ");
		fprintf(out, "%s%.*s\n", at == s->initial ? "" : "    ", len, at);
		at += len + (at[len] == ' ');
	}
}

void settings_print(FILE *out)
{
	const struct setting *s;

	for (unsigned i = 0; (s = setting_at(i)) != NULL; i++) {
		fprintf(out, "%s\n    %s\n    ", s->key, s->help);
		print_initial(out, s);
	}
}
