/* Indicators of others: patterns, and the rules they become. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/stix_import.h"
#include "incident/stix_pattern.h"
#include "incident/uid.h"
#include "test.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HASH "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721"

static const struct {
	const char *pattern;
	unsigned ways; /* 0: refused */
} patterns[] = {
	{ "[ipv4-addr:value = '203.0.113.5']", 1 },
	{ "[ ipv4-addr:value='203.0.113.5' ]", 1 },
	{ "[ipv4-addr:value = '203.0.113.5' OR ipv4-addr:value = '203.0.113.6']", 2 },
	{ "[ipv4-addr:value = '203.0.113.5'] OR [ipv6-addr:value = '2001:db8::5']", 2 },
	{ "[ipv4-addr:value IN ('203.0.113.5','203.0.113.6', '203.0.113.7')]", 3 },
	{ "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", 1 },
	{ "[ipv6-addr:value ISSUBSET '2001:db8::/32']", 1 },
	{ "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = "
	  "'203.0.113.5' AND network-traffic:dst_port = 502 AND "
	  "network-traffic:protocols[*] = 'tcp']", 1 },
	{ "[network-traffic:dst_port IN (102, 502) AND network-traffic:src_ref.value IN "
	  "('203.0.113.5', '203.0.113.6')]", 4 },
	{ "[file:hashes.'SHA-256' = '" HASH "']", 1 },

	{ "", 0 },
	{ "[]", 0 },
	{ "ipv4-addr:value = '203.0.113.5'", 0 },
	{ "[ipv4-addr:value = '203.0.113.5'", 0 },
	{ "[ipv4-addr:value = '203.0.113.5]", 0 },
	{ "[ipv4-addr:value = '203.0.113.5'] x", 0 },
	{ "[ipv4-addr:value = '203.0.113.5'] AND [ipv4-addr:value = '203.0.113.6']", 0 },
	{ "[ipv4-addr:value = '203.0.113.5'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.6']", 0 },
	{ "[ipv4-addr:value = '203.0.113.5'] REPEATS 5 TIMES", 0 },
	{ "[ipv4-addr:value = '203.0.113.5'] WITHIN 60 SECONDS", 0 },
	{ "[ipv4-addr:value != '203.0.113.5']", 0 },
	{ "[NOT ipv4-addr:value = '203.0.113.5']", 0 },
	{ "[ipv4-addr:value LIKE '203.0.113.%']", 0 },
	{ "[(ipv4-addr:value = '203.0.113.5')]", 0 },
	{ "[domain-name:value = 'example.com']", 0 },
	{ "[ipv4-addr:value = 'any']", 0 },
	{ "[ipv4-addr:value = '203.0.113.5] any -> any any (sid:1;)']", 0 },
	{ "[ipv4-addr:value = '203.0.113.500']", 0 },
	{ "[ipv4-addr:value = '0.0.0.0/0']", 0 },
	{ "[ipv4-addr:value ISSUBSET '198.51.100.0/33']", 0 },
	{ "[network-traffic:dst_port = 65536]", 0 },
	{ "[network-traffic:dst_port = 99999999999999999999]", 0 },
	{ "[network-traffic:protocols[*] = 'any any']", 0 },
	{ "[network-traffic:dst_ref.type = 'ipv4-addr']", 0 },
	{ "[file:hashes.'SHA-256' = 'bef5']", 0 },
	{ "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", 0 },
};

static void test_patterns(void)
{
	for (unsigned i = 0; i < COUNT(patterns); i++) {
		struct stix_pattern p;
		bool ok = stix_pattern_read(&p, patterns[i].pattern, strlen(patterns[i].pattern));
		CHECK(p.count == patterns[i].ways, "%s: %u ways", patterns[i].pattern, p.count);
		CHECK(ok ? p.ways && !p.refused : !p.ways && p.refused, "%s", patterns[i].pattern);
		free(p.ways);
	}
}

/* Bounds: ways, tests, length. */
static void test_bounds(void)
{
	struct text t = { 0 };
	struct stix_pattern p;

	text_lit(&t, "[network-traffic:dst_port IN (1");
	for (unsigned i = 2; i < 200; i++)
		text_printf(&t, ",%u", i);
	text_lit(&t, ") AND network-traffic:src_port IN (1,2,3,4,5,6)]");
	CHECK(!stix_pattern_read(&p, t.at, t.len) && strstr(p.refused, "alternatives"), " ");
	text_clear(&t);
	text_lit(&t, "[network-traffic:dst_port = 1");
	for (unsigned i = 0; i < STIX_TESTS; i++)
		text_lit(&t, " AND network-traffic:dst_port = 1");
	text_lit(&t, "]");
	CHECK(!stix_pattern_read(&p, t.at, t.len) && strstr(p.refused, "conditions"), " ");
	text_clear(&t);
	text_grow(&t, STIX_PATTERN_MAX + 1);
	memset(t.at, ' ', STIX_PATTERN_MAX + 1);
	CHECK(!stix_pattern_read(&p, t.at, STIX_PATTERN_MAX + 1) && strstr(p.refused, "long"), " ");
	text_fini(&t);
}

/* ---- bundles ---- */

#define ID "indicator--dd6b88b8-5889-5fdd-a1d0-d3a05b7824b7"

static char *bundle_of(const char *id, const char *pattern, const char *type, const char *more)
{
	json_t *indicator = json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "indicator", "id", id,
		"name", "n\"); drop", "pattern", pattern, "pattern_type", type);
	json_t *extra = json_loads(more, 0, NULL);

	json_object_update(indicator, extra);
	json_t *bundle = json_pack("{s:s,s:s,s:[o]}", "type", "bundle", "id", "bundle--1",
		"objects", indicator);
	char *text = json_dumps(bundle, JSON_COMPACT);
	json_decref(bundle);
	json_decref(extra);
	return text;
}

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static const struct {
	const char *what, *id, *pattern, *type, *more, *holds; /* holds NULL: left out */
} bundles[] = {
	{ "an address", ID, "[ipv4-addr:value = '203.0.113.5']", "stix", "{}",
		"alert ip [203.0.113.5] any <> any any (msg:\"Indicator: n )  drop\"; " },
	{ "its marking", ID, "[ipv4-addr:value = '203.0.113.5']", "stix",
		"{\"object_marking_refs\":[\"marking-definition--5e57c739-391a-4eb3-b6be-7d92ca15ed24\"]}",
		"indicator_tlp red" },
	{ "whose", ID, "[ipv4-addr:value = '203.0.113.5']", "stix", "{}",
		"indicator_source CERT_X__y, " },
	{ "a connection", ID, "[network-traffic:src_ref.value = '203.0.113.5' AND "
		"network-traffic:dst_port = 502 AND network-traffic:protocols[*] = 'ipv4' AND "
		"network-traffic:protocols[*] = 'modbus']", "stix", "{}",
		"alert modbus 203.0.113.5 any -> any 502 (" },
	{ "a program", ID, "[file:hashes.'SHA-256' = '" HASH "']", "stix", "{}",
		"alert s7comm any any -> any any (msg:\"Indicator: n )  drop\"; "
		"s7comm.transfer.sha256; content:\"|be f5 7e" },
	{ "a rule", ID, "alert tcp any any -> any any (msg:\"a; b\"; content:\"x;sid:1;\"; sid:5; "
		"gid:7; rev:2;)", "suricata", "{}",
		"alert tcp any any -> any any (msg:\"Indicator: n )  drop\"; content:\"x;sid:1;\";" },
	{ "a rule that stood in several lines", ID,
		"alert tcp any any -> any any (msg:\"a\"; \tcontent:\"x\"; \tsid:5;)", "suricata", "{}",
		"alert tcp any any -> any any (msg:\"Indicator: n )  drop\"; content:\"x\";" },
	{ "a rule that drops", ID, "drop tcp any any -> any any (sid:5;)", "suricata", "{}", NULL },
	{ "two rules", ID, "alert tcp any any -> any any (sid:5;)\nalert", "suricata", "{}", NULL },
	{ "a rule without end", ID, "alert tcp any any -> any any (msg:\"x", "suricata", "{}",
		NULL },
	{ "a rule and more", ID, "alert tcp any any -> any any (sid:5;) x", "suricata", "{}", NULL },
	{ "another language", ID, "rule x { condition: true }", "yara", "{}", NULL },
	{ "revoked", ID, "[ipv4-addr:value = '203.0.113.5']", "stix", "{\"revoked\":true}", NULL },
	{ "too late", ID, "[ipv4-addr:value = '203.0.113.5']", "stix",
		"{\"valid_until\":\"2026-01-01T00:00:00Z\"}", NULL },
	{ "too early", ID, "[ipv4-addr:value = '203.0.113.5']", "stix",
		"{\"valid_from\":\"2027-01-01T00:00:00Z\"}", NULL },
	{ "a protocol alone", ID, "[network-traffic:protocols[*] = 'tcp']", "stix", "{}", NULL },
	{ "against itself", ID, "[network-traffic:dst_port = 1 AND network-traffic:dst_port = 2]",
		"stix", "{}", NULL },
	{ "no id", "indicator--x", "[ipv4-addr:value = '203.0.113.5']", "stix", "{}", NULL },
};

static void import(struct stix_import *i, const char *bundle, struct bytes earlier)
{
	*i = (struct stix_import){ .source = "CERT X;\ny", .now_ns = 1795143731000000000,
		.earlier = earlier };
	CHECK(stix_import(i, bytes_of(bundle)), "%s", bundle);
	text_char(&i->rules, '\0');
	i->rules.len--;
}

static void test_bundles(void)
{
	for (unsigned k = 0; k < COUNT(bundles); k++) {
		struct stix_import i;
		char *bundle = bundle_of(bundles[k].id, bundles[k].pattern, bundles[k].type,
			bundles[k].more);
		import(&i, bundle, (struct bytes){ 0 });
		CHECK(i.left_out == (bundles[k].holds == NULL) && i.indicators == 1, "%s",
			bundles[k].what);
		CHECK(!bundles[k].holds || strstr(i.rules.at, bundles[k].holds), "%s: %s",
			bundles[k].what, i.rules.at);
		CHECK(bundles[k].holds || i.rule_count == 0, "%s: %s", bundles[k].what, i.rules.at);
		stix_import_fini(&i);
		free(bundle);
	}
}

static const char *sid_of(const struct stix_import *i)
{
	return strstr(i->rules.at, " sid:8");
}

/* A rule keeps its sid, and its revision rises when it changed, whatever its name says. */
static void test_again(const char *more)
{
	struct stix_import first, same, changed;
	char *one = bundle_of(ID, "[ipv4-addr:value = '203.0.113.5']", "stix", more);
	char *two = bundle_of(ID, "[ipv4-addr:value = '203.0.113.6']", "stix", more);

	import(&first, one, (struct bytes){ 0 });
	struct bytes earlier = { (const uint8_t *)first.rules.at, first.rules.len };
	import(&same, one, earlier);
	import(&changed, two, earlier);
	CHECK(strcmp(first.rules.at, same.rules.at) == 0, "%s", same.rules.at);
	CHECK(strncmp(sid_of(&first), sid_of(&changed), strlen(" sid:8000000;")) == 0, "%s",
		changed.rules.at);
	CHECK(strstr(changed.rules.at, "rev:2;"), "%s", changed.rules.at);
	stix_import_fini(&first);
	stix_import_fini(&same);
	stix_import_fini(&changed);
	free(one);
	free(two);
}

static void test_no_bundle(void)
{
	static const char *const texts[] = { "", "{", "[]", "{}", "{\"type\":\"bundle\"}",
		"{\"type\":\"report\",\"objects\":[]}", "{\"type\":\"bundle\",\"objects\":{}}",
		"{\"type\":\"bundle\",\"type\":\"bundle\",\"objects\":[]}" };

	for (unsigned k = 0; k < COUNT(texts); k++) {
		struct stix_import i = { .source = "x" };
		CHECK(!stix_import(&i, bytes_of(texts[k])), "%s", texts[k]);
		stix_import_fini(&i);
	}
}

static void test_uid(void)
{
	char a[UID_TEXT], b[UID_TEXT], c[UID_TEXT];

	uid_of("report", "x", a);
	uid_of("report", "x", b);
	uid_of("reportx", "", c);
	CHECK(strcmp(a, b) == 0 && strcmp(a, c) != 0 && a[14] == '5' && strchr("89ab", a[19]), "%s",
		a);
}

int main(void)
{
	test_patterns();
	test_bounds();
	test_bundles();
	test_again("{}");
	test_again("{\"name\":\"as sid:1 rev:7 indicator_id x indicator_part 8\"}");
	test_no_bundle();
	test_uid();
	return test_end();
}
