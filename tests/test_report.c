/* Reports and redaction: every profile and kind from one incident, what is missing, what must
 * not be in what leaves. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/canonical.h"
#include "incident/document.h"
#include "incident/redact.h"
#include "incident/report.h"
#include "test.h"

#define DATA IRONSPAN_SOURCE_DIR "/signatures/incident/"
#define INCIDENTS IRONSPAN_SOURCE_DIR "/tests/incidents/"
enum { LIMIT = 1 << 20 };

static json_t *incident, *alerts, *labels;

static json_t *load(const char *folder, const char *name)
{
	char *path = mem_printf("%s%s.json", folder, name);
	json_t *doc = document_load(path, LIMIT);

	free(path);
	return doc;
}

static json_t *load_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	json_t *list = json_array(), *line;

	while ((line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)))
		json_array_append_new(list, line);
	fclose(file);
	return list;
}

static const struct {
	const char *id, *file;
} profiles[] = {
	{ "CN-CAC-2025/other-operator", "profiles/CN-CAC-2025-other-operator" },
	{ "CN-CAC-2025/cii-operator", "profiles/CN-CAC-2025-cii-operator" },
	{ "CN-CAC-2025/central-organ", "profiles/CN-CAC-2025-central-organ" },
	{ "CN-MIIT-2017-281/short", "profiles/CN-MIIT-2017-281-short" },
	{ "EU-NIS2", "profiles/EU-NIS2" },
	{ "GROUP/internal", "profiles/GROUP-internal" },
	{ "US-CIP-008-6", "profiles/US-CIP-008-6" },
};
static const char *const kinds[] = { "first", "progress", "final", "correction", "withdrawal" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static json_t *build(unsigned p, const char *kind, const char *language, const json_t *from)
{
	json_t *profile = load(DATA, profiles[p].file);
	struct report_request request = { .kind = kind, .profile = profile,
		.profile_id = profiles[p].id, .language = language, .labels = labels,
		.alerts = alerts, .now_ns = 1795143731000000000, .utc_offset_min = 480,
		.prepared_by = "P-0042" };
	json_t *report = report_build(from, NULL, &request);

	json_decref(profile);
	return report;
}

/* ---- what is in a report ---- */

static unsigned count_text(const char *text, const char *what)
{
	unsigned count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}

static void check_missing(const json_t *report, const char *what)
{
	const json_t *missing = document_at(report, "/missing"), *name;
	char *content = json_dumps(document_at(report, "/content"), JSON_COMPACT);
	size_t i;

	CHECK(count_text(content, SHEET_FILL) >= json_array_size(missing), "%s", what);
	json_array_foreach (missing, i, name) {
		struct text t = { 0 };
		text_lit(&t, "/content/");
		for (const char *at = json_string_value(name); *at; at++)
			text_char(&t, *at == '.' ? '/' : *at);
		text_char(&t, '\0');
		const char *value = document_string(report, t.at);
		CHECK(value && strstr(value, SHEET_FILL), "%s: %s", what, t.at);
		text_fini(&t);
	}
	free(content);
}

static void check_sheet(const json_t *report, enum sheet_format format, const char *what)
{
	char *sheet = report_sheet(report, labels, format);
	size_t missing = json_array_size(document_at(report, "/missing"));

	CHECK(strstr(sheet, document_string(report, "/incident/sha256")), "%s: hash", what);
	CHECK(count_text(sheet, SHEET_FILL) >= missing, "%s: marks", what);
	const char *script = strstr(sheet, "<script");
	CHECK(!script || script[-1] == '\\', "%s: hostile text", what);
	free(sheet);
}

static void check_report(const json_t *report, const char *what)
{
	char hash[SHA256_TEXT], own[SHA256_TEXT];

	CHECK(report != NULL, "%s", what);
	if (!report)
		return;
	canonical_sha256(incident, hash);
	CHECK(strcmp(document_string(report, "/incident/sha256"), hash) == 0, "%s", what);
	CHECK(canonical_sha256(report, own), "%s: has no canonical form", what);
	CHECK(document_string(report, "/disclaimer"), "%s", what);
	CHECK(json_array_size(document_at(report, "/annex/capture/limits")) >= 2, "%s", what);
	check_missing(report, what);
	check_sheet(report, SHEET_MARKDOWN, what);
	check_sheet(report, SHEET_HTML, what);
}

static void test_all(void)
{
	static const char *const languages[] = { "zh-CN", "en" };

	for (unsigned p = 0; p < COUNT(profiles); p++)
		for (unsigned k = 0; k < COUNT(kinds); k++)
			for (unsigned l = 0; l < 2; l++) {
				char *what = mem_printf("%s %s %s", profiles[p].id, kinds[k],
					languages[l]);
				json_t *report = build(p, kinds[k], languages[l], incident);
				json_t *again = build(p, kinds[k], languages[l], incident);
				check_report(report, what);
				CHECK(json_equal(report, again), "%s: twice the same", what);
				json_decref(report);
				json_decref(again);
				free(what);
			}
}

static const struct {
	const char *pointer, *value;
} facts[] = {
	{ "/content/1_unit_and_system/unit_name", "示例化工有限公司" },
	{ "/content/1_unit_and_system/contact/name", SHEET_FILL },
	{ "/content/1_unit_and_system/system", "一号厂区 区域 Z-CTRL-1，控制器 1 台" },
	{ "/content/2_event/discovered_at", "2026-11-20T10:14:07+08:00" },
	{ "/content/2_event/level", "较大" },
	{ "/content/2_event/type", "网络攻击事件 / 拒绝服务事件" },
	{ "/content/5_clues/path", "Z-ENG → Z-CTRL-1" },
	{ "/content/5_clues/attacker/0", "host-1" },
	{ "/content/7_scene_preservation/audit_log", "audit-plant-01#20841-20857" },
	{ "/clock/due", "2026-11-20T06:14:07.412873Z" },
	{ "/annex/changes/0/value_before", "1200 0.1 degC" },
	{ "/annex/changes/0/value", "1850 0.1 degC" },
	{ "/annex/changes/0/from", "host-1" },
	{ "/annex/changes/0/to", "PLC-021" },
	{ "/annex/changes/1/outcome", "no_reply" },
	{ "/annex/affected/0/responsible/department", "仪控部" },
};

static void test_facts(void)
{
	json_t *report = build(0, "first", "zh-CN", incident);
	const char *impact = document_string(report, "/content/2_event/impact");

	for (unsigned i = 0; i < COUNT(facts); i++) {
		const char *value = document_string(report, facts[i].pointer);
		CHECK(value && strcmp(value, facts[i].value) == 0, "%s: %s", facts[i].pointer,
			value ? value : "nothing");
	}
	CHECK(strstr(impact, "⟨1200→1850 0.1 degC⟩（已接受）"), "%s", impact);
	CHECK(strstr(impact, "680") && strstr(impact, "35"), "%s", impact);
	CHECK(json_array_size(document_at(report, "/annex/changes")) == 2, "of its own alerts");
	json_decref(report);
}

/* What is not known is asked for, and nothing is made up. */
static void test_unknown(void)
{
	json_t *bare = json_pack("{s:s,s:s,s:i,s:s}", "id", "INC-1", "uid", "u", "revision", 1,
		"origin", "replay");
	json_t *kept = alerts;

	alerts = NULL;
	json_t *report = build(0, "first", "en", bare);
	alerts = kept;
	CHECK(document_is_true(report, "/exercise"), "a replay is an exercise");
	CHECK(strcmp(document_string(report, "/content/2_event/impact"), SHEET_FILL) == 0, " ");
	CHECK(strcmp(document_string(report, "/content/2_event/level"), SHEET_FILL) == 0, " ");
	CHECK(!document_at(report, "/clock/due"), "no clock");
	CHECK(!document_at(report, "/annex/capture/drops"), "drops are not known");
	json_decref(report);
	json_decref(bare);
}

static void test_refusals(void)
{
	json_t *floats = json_pack("{s:s,s:f}", "id", "INC-1", "x", 0.5);

	CHECK(!build(0, "first", "en", floats), "a float has no canonical form");
	CHECK(!build(0, "second", "en", incident), "there is no such kind");
	json_decref(floats);
}

/* ---- one after the other ---- */

static void test_previous(void)
{
	json_t *profile = load(DATA, profiles[0].file), *first = build(0, "first", "en", incident);
	json_t *later = json_deep_copy(incident);
	struct report_request request = { .kind = "correction", .profile = profile,
		.profile_id = profiles[0].id, .language = "en", .labels = labels, .previous = first,
		.reason = "the duration was wrong", .now_ns = 1795143731000000000 };

	json_object_set_new(json_object_get(later, "human_input"), "production_stopped_min",
		json_integer(50));
	json_t *report = report_build(later, NULL, &request);
	CHECK(strcmp(document_string(report, "/supersedes"), document_string(first, "/uid")) == 0,
		"names what it corrects");
	CHECK(strcmp(document_string(report, "/content/reason"), request.reason) == 0, " ");
	json_int_t sequence = 0;
	document_integer(report, "/sequence", &sequence);
	CHECK(sequence == 2, "%d", (int)sequence);
	char *since = json_dumps(document_at(report, "/since_previous"), JSON_COMPACT);
	CHECK(strstr(since, "2_event.impact") && strstr(since, "for 50 min"), "%s", since);
	free(since);
	json_decref(report);
	json_decref(later);
	json_decref(first);
	json_decref(profile);
}

/* What is corrected twice keeps the items of what it was at first. */
static void test_corrected_twice(void)
{
	json_t *profile = load(DATA, profiles[0].file), *before = build(0, "final", "en", incident);
	char *form = json_dumps(document_at(before, "/form"), JSON_COMPACT);

	for (unsigned times = 1; times <= 2; times++) {
		struct report_request request = { .kind = "correction", .profile = profile,
			.profile_id = profiles[0].id, .language = "en", .previous = before };
		json_t *report = report_build(incident, NULL, &request);
		char *its = json_dumps(document_at(report, "/form"), JSON_COMPACT);
		CHECK(strcmp(its, form) == 0, "corrected %u times: %s", times, its);
		free(its);
		json_decref(before);
		before = report;
	}
	free(form);
	json_decref(before);
	json_decref(profile);
}

/* ---- redaction ---- */

static const struct {
	const char *text, *found; /* NULL: nothing */
	enum redact_found kind;
} found[] = {
	{ "10.10.5.77", "10.10.5.77", REDACT_ADDRESS },
	{ "at 192.168.1.9:502.", "192.168.1.9", REDACT_ADDRESS },
	{ "(172.31.255.1)", "172.31.255.1", REDACT_ADDRESS },
	{ "源10.1.2.3目", "10.1.2.3", REDACT_ADDRESS },
	{ "opc.tcp://10.10.1.41:4840/plant", "10.10.1.41", REDACT_ADDRESS },
	{ "127.0.0.1", "127.0.0.1", REDACT_ADDRESS },
	{ "fd00:12:34::77", "fd00:12:34::77", REDACT_ADDRESS },
	{ "fe80::1%eth0", "fe80::1", REDACT_ADDRESS },
	{ "fd00:0012:0034:0000:0000:0000:0000:0077", "fd00:0012:0034:0000:0000:0000:0000:0077",
		REDACT_ADDRESS },
	{ "src_mac:3c:ec:ef:10:77:01", "3c:ec:ef:10:77:01", REDACT_MAC },
	{ "3C-EC-EF-10-77-01", "3C-EC-EF-10-77-01", REDACT_MAC },
	{ "3cec.ef10.7701", "3cec.ef10.7701", REDACT_MAC },
	{ "IP 10.10.7.33.49152 > it", "10.10.7.33", REDACT_ADDRESS }, /* as tcpdump has it */
	{ "10.10.7.44.502;", "10.10.7.44", REDACT_ADDRESS },
	{ "fw_10.10.7.55.log", "10.10.7.55", REDACT_ADDRESS },
	{ "x10.10.7.99", "10.10.7.99", REDACT_ADDRESS },
	{ "010.010.007.088", "010.010.007.088", REDACT_ADDRESS },
	{ "10[.]10[.]7[.]33", "10[.]10[.]7[.]33", REDACT_ADDRESS },
	{ "ip-10-10-7-33.plant", "10-10-7-33", REDACT_ADDRESS },
	{ "log_10_10_7_33", "10_10_7_33", REDACT_ADDRESS },
	{ "plc_fd00:12::7", "fd00:12::7", REDACT_ADDRESS },
	{ "ipfe80::7.502", "fe80::7", REDACT_ADDRESS },
	{ "::ffff:10.1.2.3", "::ffff:10.1.2.3", REDACT_ADDRESS },
	{ "plc_3c:ec:ef:10:77:01", "3c:ec:ef:10:77:01", REDACT_MAC },
	{ "mac3cec.ef10.7701", "3cec.ef10.7701", REDACT_MAC },
	{ "3cec-ef10-7701", "3cec-ef10-7701", REDACT_MAC },
	{ "3c.ec.ef.10.77.01", "3c.ec.ef.10.77.01", REDACT_MAC },
	{ "3c_ec_ef_10_77_01.pcap", "3c_ec_ef_10_77_01", REDACT_MAC },
	{ "at 0:80:f4:a:15:21", "0:80:f4:a:15:21", REDACT_MAC },
	{ "call 0571-8888-1234", NULL, REDACT_NOTHING },
	{ "capture-2026-11-22-10-18-14.pcap", NULL, REDACT_NOTHING },
	{ "2001:db8:1:2:3:4:5:6", NULL, REDACT_NOTHING },
	{ "2001:db8::1", NULL, REDACT_NOTHING },
	{ "firmware 1.2.3.4, 2.10.10.12", NULL, REDACT_NOTHING },
	{ "203.0.113.66", NULL, REDACT_NOTHING },
	{ "8.8.8.8 2001:db8::5", NULL, REDACT_NOTHING },
	{ "172.32.0.1", NULL, REDACT_NOTHING },
	{ "10.10.5.777", NULL, REDACT_NOTHING },
	{ "1.10.10.5.77", "10.10.5.77", REDACT_ADDRESS }, /* rather too much */
	{ "2026-11-20T02:14:07.412873Z", NULL, REDACT_NOTHING },
	{ "35605ec0-cf5f-514a-98d5-6464ed4926ea", NULL, REDACT_NOTHING },
	{ "", NULL, REDACT_NOTHING },
};

static void test_find(void)
{
	for (unsigned i = 0; i < COUNT(found); i++) {
		const char *at = NULL;
		size_t len = 0;
		enum redact_found kind = redact_find(found[i].text, found[i].text, NULL, &at, &len);
		CHECK(kind == found[i].kind, "%s: %d", found[i].text, kind);
		if (found[i].found && kind == found[i].kind)
			CHECK(len == strlen(found[i].found) && memcmp(at, found[i].found, len) == 0,
				"%s: %.*s", found[i].text, (int)len, at);
	}
}

static const char *const secrets[] = { "10.10.5.77", "10.10.1.21", "10.10.7.4",
	"3c:ec:ef:10:77:01", "3c-ec-ef-10-77-01", "00:80:f4:0a:15:21", "fd00:12:34::77", "P-0137",
	"P-0042", "P-0051", "wang.wei", "li.na", "zhao.min", "AAcAAAAGAQYAFAc6" };

static void check_openings(const json_t *report, const json_t *openings, const char *name)
{
	const json_t *removed = document_at(report, "/redaction/removed"), *opening;
	char hash[REDACT_HASH];
	size_t i;

	CHECK(json_array_size(removed) > 3 && json_array_size(removed) == json_array_size(openings),
		"%s", name);
	json_array_foreach (openings, i, opening) {
		const char *commitment = document_string(json_array_get(removed, i), "/commitment");
		bool ok = redact_commitment(document_string(opening, "/salt"),
			json_object_get(opening, "value"), hash);
		CHECK(ok && strcmp(hash, commitment) == 0, "%s: %s", name,
			document_string(opening, "/pointer"));
		ok = redact_commitment(document_string(opening, "/salt"), json_true(), hash);
		CHECK(ok && strcmp(hash, commitment) != 0, "of another value");
	}
}

static json_t *redacted(const char *name, uint8_t seed, json_t *openings)
{
	uint8_t key[REDACT_KEY] = { seed };
	json_t *profile = load(DATA "redaction/", name);
	json_t *report = build(0, "first", "en", incident);
	struct redact_request request = { profile, incident, NULL, key, openings };

	CHECK(redact_apply(report, &request), "%s", name);
	json_decref(profile);
	return report;
}

static void check_redacted(const char *name)
{
	json_t *openings = json_array(), *report = redacted(name, 1, openings);
	char *text = json_dumps(report, JSON_COMPACT);

	for (unsigned i = 0; i < COUNT(secrets); i++)
		CHECK(!strstr(text, secrets[i]), "%s: %s is left", name, secrets[i]);
	CHECK(strstr(text, "5a745dc590a0b37beb62189ae159a7baad389b9a3ac0e2b861d2f412f97a1766"),
		"%s: evidence keeps its hash", name);
	check_openings(report, openings, name);
	for (enum sheet_format f = SHEET_MARKDOWN; f <= SHEET_HTML; f++) {
		char *sheet = report_sheet(report, labels, f);
		for (unsigned i = 0; i < COUNT(secrets); i++)
			CHECK(!strstr(sheet, secrets[i]), "%s: %s is on the sheet", name,
				secrets[i]);
		free(sheet);
	}
	free(text);
	json_decref(report);
	json_decref(openings);
}

static void test_sharing(void)
{
	static const char *const more[] = { "PLC-021", "示例化工", "一号厂区", "plant-01", "1850",
		"1200", "unplugged", "batch stopped" };
	json_t *report = redacted("to-sharing", 1, NULL);
	char *text = json_dumps(report, JSON_COMPACT);

	for (unsigned i = 0; i < COUNT(more); i++)
		CHECK(!strstr(text, more[i]), "%s is left", more[i]);
	free(text);
	json_decref(report);
}

/* The same key gives the same pseudonyms, another key others. */
static void test_pseudonyms(void)
{
	json_t *one = redacted("to-group", 1, NULL), *same = redacted("to-group", 1, NULL);
	json_t *other = redacted("to-group", 2, NULL);
	const char *ip = document_string(one, "/annex/actors/0/ip");

	CHECK(json_equal(one, same), "the same again");
	CHECK(ip && strncmp(ip, "addr-", 5) == 0, "%s", ip ? ip : "nothing");
	CHECK(strcmp(ip, document_string(other, "/annex/actors/0/ip")) != 0, "another key");
	CHECK(strcmp(document_string(one, "/annex/actors/1/ip"), "203.0.113.66") == 0,
		"an address outside stays");
	CHECK(strcmp(document_string(one, "/annex/affected/0/asset"), "PLC-021") == 0, "kept");
	json_decref(one);
	json_decref(same);
	json_decref(other);
}

static void test_broken_profiles(void)
{
	static const char *const broken[] = { "{}", "{\"rules\":[{}]}", "[]",
		"{\"rules\":[{\"kind\":\"mac\",\"action\":\"hide\",\"why\":\"x\"}]}",
		"{\"rules\":[{\"kind\":\"all\",\"action\":\"remove\",\"why\":\"x\"}]}" };
	uint8_t key[REDACT_KEY] = { 0 };

	for (unsigned i = 0; i < COUNT(broken); i++) {
		json_t *profile = json_loads(broken[i], 0, NULL);
		json_t *report = build(0, "first", "en", incident);
		struct redact_request request = { profile, incident, NULL, key, NULL };
		CHECK(!redact_apply(report, &request), "%s", broken[i]);
		json_decref(report);
		json_decref(profile);
	}
}

int main(void)
{
	static const char *const names[] = { "to-authority", "to-group", "to-sharing" };

	incident = load(INCIDENTS, "write");
	alerts = load_lines(INCIDENTS "write.alerts.json");
	labels = load(DATA, "labels");
	test_all();
	test_facts();
	test_unknown();
	test_refusals();
	test_previous();
	test_corrected_twice();
	test_find();
	for (unsigned i = 0; i < COUNT(names); i++)
		check_redacted(names[i]);
	test_sharing();
	test_pseudonyms();
	test_broken_profiles();
	json_decref(incident);
	json_decref(alerts);
	json_decref(labels);
	return test_end();
}
