/* Configuration: the file, its mistakes, --set, and the shipped default file against the
 * table of settings. Messages on stderr are read back and compared. */
#include <stdlib.h>
#include <unistd.h>

#include "base/report.h"
#include "engine/config.h"
#include "engine/nearest.h"
#include "engine/settings.h"
#include "test.h"

static char folder[] = "/tmp/test_config.XXXXXX";

static char *path_in_folder(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");
	CHECK(out, "%s cannot be written", path);
	if (!out)
		exit(1);
	fputs(text, out);
	fclose(out);
}

/* Between the two calls, stderr goes to a file; the second returns what was written. */
static int real_stderr;

static void catch_stderr(void)
{
	fflush(stderr);
	real_stderr = dup(2);
	if (!freopen(path_in_folder("stderr"), "w", stderr))
		exit(1);
}

static const char *caught_stderr(void)
{
	static char text[65536];
	fflush(stderr);
	FILE *in = fopen(path_in_folder("stderr"), "r");
	text[in ? fread(text, 1, sizeof(text) - 1, in) : 0] = '\0';
	if (in)
		fclose(in);
	dup2(real_stderr, 2);
	close(real_stderr);
	return text;
}

/* ---- files with mistakes: each row's text, and what must be said ---- */

static const struct {
	const char *what, *file, *says[3]; /* no says: no mistake */
} files[] = {
	{ "empty", "", { NULL } },
	{ "comment only", "# nothing\n", { NULL } },
	{ "header only", "%YAML 1.1\n---\n", { NULL } },
	{ "empty section", "engine:\nvars:\n", { NULL } },
	{ "one key", "engine:\n  threads: 2\n", { NULL } },
	{ "list with dashes", "outputs:\n  events:\n    - alert\n    - anomaly\n", { NULL } },
	{ "events with commas", "outputs:\n  events: alert,anomaly\n", { NULL } },
	{ "own variable", "vars:\n  address-groups:\n    PUMPS: 10.1.0.0/16\n", { NULL } },
	{ "variable as a list", "vars:\n  port-groups:\n    A: [1, 2]\n", { NULL } },
	{ "alias", "engine:\n  timeouts: &t\n    tcp: 1h\n", { NULL } },

	{ "wrong letter", "engine:\n  thraeds: 2\n",
		{ "f.yaml:2: unknown key \"engine.thraeds\"; did you mean \"engine.threads\"?" } },
	{ "wrong section", "# a\nengin:\n  threads: 2\n",
		{ "f.yaml:2: unknown key \"engin\"; did you mean \"engine\"?" } },
	{ "deep section", "engine:\n  timeout:\n    tcp: 1h\n",
		{ "f.yaml:2: unknown key \"engine.timeout\"; did you mean \"engine.timeouts\"?" } },
	{ "misplaced", "threads: 2\n",
		{ "f.yaml:1: unknown key \"threads\"; did you mean \"engine.threads\"?" } },
	{ "below a star", "protocols:\n  modbus:\n    enable: yes\n",
		{ "f.yaml:3: unknown key \"protocols.modbus.enable\"; "
		  "did you mean \"protocols.modbus.enabled\"?" } },
	{ "far from all", "xyzzy-plugh: 1\n",
		{ "f.yaml:1: unknown key \"xyzzy-plugh\"; `ironspan settings` lists" } },
	{ "several", "engine:\n  threads: many\n  flows: 1\nx: 1\n",
		{ "f.yaml:2: engine.threads is \"many\"; it must be a whole number",
		  "f.yaml:3: engine.flows is \"1\"; it must be from 64 to 16777216",
		  "f.yaml:4: unknown key \"x\"" } },
	{ "negative", "engine:\n  threads: -1\n", { "must be a whole number" } },
	{ "too large for any", "engine:\n  threads: 99999999999999999999\n",
		{ "must be a whole number" } },
	{ "size overflows", "engine:\n  stream-memory: 99999999999gb\n", { "must be a size" } },
	{ "size range", "engine:\n  stream-memory: 1kb\n", { "must be from 64kb to 64gb" } },
	{ "size unit", "engine:\n  stream-memory: 64tb\n", { "must be a size, such as 64mb" } },
	{ "time range", "engine:\n  timeouts:\n    tcp: 0\n", { "must be from 1s to 31622400s" } },
	{ "time of a part", "engine:\n  timeouts:\n    tcp: 1500ms\n", { "whole seconds" } },
	{ "no value", "engine:\n  threads:\n", { "f.yaml:2: engine.threads is \"\"" } },
	{ "section for a value", "engine:\n  threads:\n    a: 1\n",
		{ "f.yaml:3: engine.threads must be a value, not a section" } },
	{ "list for a value", "engine:\n  threads: [1]\n",
		{ "f.yaml:2: engine.threads takes one value, not a list" } },
	{ "value for a section", "engine: 3\n",
		{ "f.yaml:1: engine must be a section, not a value" } },
	{ "list for the file", "- a\n", { "f.yaml:1: the file must be a section, not a list" } },
	{ "list in a list", "rule-files: [[a]]\n",
		{ "f.yaml:1: an item of rule-files must be a value, not a list" } },
	{ "key that is a list", "[a]: 1\n", { "f.yaml:1: a key must be a word, not a list" } },
	{ "twice", "engine:\n  threads: 1\n  threads: 2\n",
		{ "f.yaml:3: \"threads\" stands here twice; first in line 2" } },
	{ "switch", "outputs:\n  payload: maybe\n",
		{ "outputs.payload is \"maybe\"; it must be yes or no" } },
	{ "checksums", "capture:\n  checksum-validation: yes\n", { "must be all or none" } },
	{ "event", "outputs:\n  events: [alert, asets]\n",
		{ "f.yaml:2: outputs.events has no event \"asets\"; did you mean \"asset\"?" } },
	{ "event from nowhere", "outputs:\n  events: [zzzzzzz]\n",
		{ "it is made of alert, anomaly, asset, incident, flow, health, stats, " } },
	{ "protocol", "protocols:\n  modbsu:\n    enabled: no\n",
		{ "no protocol is called \"modbsu\"; did you mean \"modbus\"?" } },
	{ "variable's name", "vars:\n  address-groups:\n    a-b: any\n",
		{ "named with letters, digits and _" } },
	{ "variable without value", "vars:\n  address-groups:\n    A:\n", { "must be a group" } },
	{ "sinks", "outputs:\n  sinks:\n  - path: a\n    rotate-size: 1mb\n"
		"  - {type: syslog, address: 'tcp://h', events: [alert]}\n", { NULL } },
	{ "key of a sink", "outputs:\n  sinks:\n  - type: file\n  - paht: a\n",
		{ "f.yaml:4: unknown key \"outputs.sinks.2.paht\"; "
		  "did you mean \"outputs.sinks.2.path\"?" } },
	{ "type of a sink", "outputs:\n  sinks:\n  - type: fil\n",
		{ "f.yaml:3: outputs.sinks.1.type is \"fil\"; it must be file, stdout, syslog, "
		  "unix_stream, unix_dgram" } },
	{ "event of a sink", "outputs:\n  sinks:\n  - events: [alrt]\n",
		{ "f.yaml:3: outputs.sinks.1.events has no event \"alrt\"; did you mean \"alert\"" } },
	{ "sink that is no section", "outputs:\n  sinks:\n  - file\n",
		{ "f.yaml:3: outputs.sinks.1 must be a section, not a value" } },
	{ "sinks that are no list", "outputs:\n  sinks: {1: {path: a}, 3: {path: a}}\n",
		{ "f.yaml:2: outputs.sinks.3.path: the number must be from 1 to 2" } },
	{ "sinks without numbers", "outputs:\n  sinks:\n    path: a\n",
		{ "f.yaml:3: unknown key \"outputs.sinks.path\"; "
		  "did you mean \"outputs.sinks.1.path\"?" } },
	{ "tab", "engine:\n\tthreads: 1\n", { "f.yaml:2: a tab: YAML is indented with spaces" } },
	{ "tab after spaces", "engine:\n  threads: 1\n \tflows: 1\n", { "f.yaml:3: a tab" } },
	{ "a letter of YAML's own", "engine: @a\n", { "f.yaml:1: found character" } },
	{ "bracket", "rule-files: [a\n", { "f.yaml:2: did not find expected" } },
	{ "two documents", "engine:\n---\nengine:\n", { "f.yaml:3: a second document" } },
	{ "not UTF-8", "engine: \"\xff\"\n", { "f.yaml:1: invalid" } },
	{ "endless alias", "engine: &a\n  timeouts: *a\n", { "unknown key", NULL } },
};

static void test_files(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", path_in_folder("f.yaml"));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct config c;
		write_file(path, files[i].file);
		catch_stderr();
		bool ok = config_load(&c, path);
		const char *said = caught_stderr();
		CHECK(ok == !files[i].says[0], "%s: %s", files[i].what, said);
		for (unsigned s = 0; s < 3 && files[i].says[s]; s++)
			CHECK(strstr(said, files[i].says[s]), "%s: said %s", files[i].what, said);
		CHECK(ok == !*said, "%s: said %s", files[i].what, said);
		config_free(&c);
	}
}

static void test_missing_file(void)
{
	struct config c;

	catch_stderr();
	bool ok = config_load(&c, "/nowhere/f.yaml");
	const char *said = caught_stderr();
	CHECK(!ok && strstr(said, "/nowhere/f.yaml: No such file"), "said %s", said);
	config_free(&c);
}

/* ---- values ---- */

static const struct {
	const char *assignment;
	size_t at, width;
	uint64_t want;
} numbers[] = {
#define ROW(assignment, m, want) \
	{ assignment, offsetof(struct config, m), sizeof(((struct config *)0)->m), want }
	ROW("engine.threads=64", threads, 64),
	ROW("engine.flows=65536", flows, 65536),
	ROW("engine.stream-memory=65536", stream_memory, 65536),
	ROW("engine.stream-memory=64 kb", stream_memory, 65536),
	ROW("engine.stream-memory=3MiB", stream_memory, 3u << 20),
	ROW("engine.session-memory=2gb", session_memory, (uint64_t)2 << 30),
	ROW("engine.fragment-memory=1mb", fragment_memory, 1u << 20),
	ROW("engine.timeouts.tcp=90", tcp_timeout_s, 90),
	ROW("engine.timeouts.tcp=2d", tcp_timeout_s, 2 * 86400),
	ROW("engine.timeouts.udp=2min", udp_timeout_s, 120),
	ROW("engine.timeouts.closed=2000ms", closed_timeout_s, 2),
	ROW("engine.outcome-wait=250ms", outcome_wait_ms, 250),
	ROW("engine.outcome-wait=2", outcome_wait_ms, 2000),
	ROW("outputs.community-id-seed=65535", community_id_seed, 65535),
	ROW("outputs.payload=on", payload, 1),
	ROW("outputs.rule-text=TRUE", rule_text, 1),
	ROW("outputs.community-id=no", community_id, 0),
	ROW("capture.checksum-validation=all", verify_checksums, 1),
	ROW("capture.keep-duplicates=yes", keep_duplicates, 1),
	ROW("outputs.events=", events, 0),
	ROW("outputs.events=alert", events, EVENTS_ALERT),
	ROW("outputs.events=alert , incident", events, EVENTS_ALERT | EVENTS_INCIDENT),
	ROW("outputs.events=modbus", event_protocols, 1),
	ROW("outputs.events=all", events, EVENTS_ALL_OTHERS),
	ROW("protocols.modbus.enabled=no", disabled, 1),
	ROW("protocols.modbus.enabled=yes", disabled, 0),
	ROW("rule-files=a.rules,b.rules", rule_pattern_count, 2),
	ROW("rule-files=", rule_pattern_count, 0),
};

static uint64_t number_at(const void *at, size_t width)
{
	uint8_t narrow;
	uint16_t half;
	uint32_t usual;
	uint64_t wide;

	memcpy(&narrow, at, 1);
	memcpy(&half, at, width >= 2 ? 2 : 1);
	memcpy(&usual, at, width >= 4 ? 4 : 1);
	memcpy(&wide, at, width >= 8 ? 8 : 1);
	return width == 1 ? narrow : width == 2 ? half : width == 4 ? usual : wide;
}

static void test_set(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct config c;
		settings_initialise(memset(&c, 0, sizeof(c)));
		bool ok = config_set(&c, numbers[i].assignment);
		uint64_t got = number_at((char *)&c + numbers[i].at, numbers[i].width);
		CHECK(ok, "%s", numbers[i].assignment);
		CHECK(got == numbers[i].want, "%s: %llu", numbers[i].assignment,
			(unsigned long long)got);
		config_free(&c);
	}
}

static const char *variable(const struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->address_count; i++)
		if (strcmp(c->addresses[i].name, name) == 0)
			return c->addresses[i].value;
	return "none";
}

static void test_variables(void)
{
	struct config c;

	settings_initialise(memset(&c, 0, sizeof(c)));
	unsigned count = c.address_count;
	CHECK(strcmp(variable(&c, "HOME_NET"), "any") == 0, "%s", variable(&c, "HOME_NET"));
	CHECK(config_set(&c, "vars.address-groups.HOME_NET=[10.0.0.0/8,!10.1.0.0/16]"), "set");
	CHECK(strcmp(variable(&c, "HOME_NET"), "[10.0.0.0/8,!10.1.0.0/16]") == 0, "%s",
		variable(&c, "HOME_NET"));
	CHECK(c.address_count == count, "%u", c.address_count);
	CHECK(config_set(&c, "vars.address-groups.PUMPS=10.2.0.0/16"), "set");
	CHECK(c.address_count == count + 1, "%u", c.address_count);
	CHECK(strcmp(variable(&c, "PUMPS"), "10.2.0.0/16") == 0, "%s", variable(&c, "PUMPS"));
	config_free(&c);
}

static const struct {
	const char *assignment, *says;
} refused[] = {
	{ "engine.threads", "write it as key=value" },
	{ "=3", "write it as key=value" },
	{ "engine.threads=65", "--set: engine.threads is \"65\"; it must be from 1 to 64" },
	{ "engine=3", "--set: engine is a section; name a key in it, such as engine.threads" },
	{ "engine.flow=3", "did you mean \"engine.flows\"?" },
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct config c;
		settings_initialise(memset(&c, 0, sizeof(c)));
		catch_stderr();
		bool ok = config_set(&c, refused[i].assignment);
		const char *said = caught_stderr();
		CHECK(!ok && strstr(said, refused[i].says), "%s: %s", refused[i].assignment, said);
		config_free(&c);
	}
}

/* ---- the shipped file ---- */

/* Equal but for pointers: strings and variables are compared by what they say. */
static void check_same_variables(const struct rule_variable *a, const struct rule_variable *b,
	unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		CHECK(strcmp(a[i].name, b[i].name) == 0 && strcmp(a[i].value, b[i].value) == 0,
			"%s: %s is not %s: %s", a[i].name, a[i].value, b[i].name, b[i].value);
}

static void check_same_row(const struct config *a, const struct config *b, const struct setting *s)
{
	const void *at = (const char *)a + s->at, *other = (const char *)b + s->at;
	const char *text[2];

	switch (s->type) {
	case SETTING_VARIABLE:
	case SETTING_LIST:
		break;
	case SETTING_TEXT:
		memcpy(&text[0], at, sizeof(*text));
		memcpy(&text[1], other, sizeof(*text));
		CHECK(text[0] == text[1] || (text[0] && text[1] && !strcmp(text[0], text[1])),
			"%s: %s is not %s", s->key, text[0], text[1]);
		break;
	default:
		CHECK(memcmp(at, other, s->width) == 0, "%s differs", s->key);
	}
}

static void test_shipped_file(void)
{
	struct config plain, shipped;

	settings_initialise(memset(&plain, 0, sizeof(plain)));
	CHECK(config_load(&shipped, IRONSPAN_SOURCE_DIR "/tools/ironspan.yaml"), "it must load");
	for (unsigned i = 0; i < setting_count; i++)
		check_same_row(&plain, &shipped, &settings[i]);
	CHECK(plain.event_protocols == shipped.event_protocols, "events");
	CHECK(plain.address_count == shipped.address_count, "%u", shipped.address_count);
	CHECK(plain.port_count == shipped.port_count, "%u", shipped.port_count);
	check_same_variables(plain.addresses, shipped.addresses, plain.address_count);
	check_same_variables(plain.ports, shipped.ports, plain.port_count);
	CHECK(shipped.rule_pattern_count == 1 && !strcmp(shipped.rule_patterns[0], "*.rules"),
		"rule-files");
	config_free(&plain);
	config_free(&shipped);
}

/* "\n    tcp:" for "engine.timeouts.tcp" */
static void line_of_key(const char *key, char *line, size_t size)
{
	int depth = 0;

	for (const char *dot = strchr(key, '.'); dot; dot = strchr(key, '.')) {
		key = dot + 1;
		depth++;
	}
	snprintf(line, size, "\n%*s%s:", 2 * depth, "", strcmp(key, "*") == 0 ? "HOME_NET" : key);
}

/* That the file has no other keys follows from its loading. */
static void test_shipped_keys(void)
{
	static char text[65536];
	FILE *in = fopen(IRONSPAN_SOURCE_DIR "/tools/ironspan.yaml", "r");
	char line[128];

	CHECK(in, "it must be there");
	if (!in)
		return;
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	for (unsigned i = 0; i < setting_count; i++) {
		line_of_key(settings[i].key, line, sizeof(line));
		CHECK(strstr(text, line), "%s is missing", settings[i].key);
	}
	for (unsigned i = 0; i < sink_setting_count; i++) { /* in an example */
		const char *key = strrchr(sink_settings[i].key, '.') + 1;
		snprintf(line, sizeof(line), "\n  #    %s: ", key);
		CHECK(strstr(text, line) || !strcmp(key, "type"), "%s is missing", key);
	}
}

/* ---- rule files ---- */

static void test_rule_files(void)
{
	struct config c;
	char set[300];

	write_file(path_in_folder("b.rules"), "");
	write_file(path_in_folder("a.rules"), "");
	settings_initialise(memset(&c, 0, sizeof(c)));
	snprintf(set, sizeof(set), "default-rule-path=%s", folder);
	CHECK(config_set(&c, set), "%s", set);
	config_append(&c, &c.also_rules, &c.also_count, "more.rules");
	CHECK(config_finish(&c), "the default tables may be missing");
	CHECK(c.rule_file_count == 3, "%u", c.rule_file_count);
	CHECK(strcmp(c.rule_files[0], path_in_folder("a.rules")) == 0, "%s", c.rule_files[0]);
	CHECK(strcmp(c.rule_files[1], path_in_folder("b.rules")) == 0, "%s", c.rule_files[1]);
	CHECK(strcmp(c.rule_files[2], "more.rules") == 0, "%s", c.rule_files[2]);
	CHECK(!c.classification && !c.reference && !c.attack, "they are not there");
	CHECK(c.sensor_id && *c.sensor_id, "the host's name");
	config_free(&c);
}

static void test_only_rules(void)
{
	struct config c;

	settings_initialise(memset(&c, 0, sizeof(c)));
	config_append(&c, &c.only_rules, &c.only_count, "mine.rules");
	config_append(&c, &c.also_rules, &c.also_count, "more.rules");
	CHECK(config_finish(&c), "files are opened later");
	CHECK(c.rule_file_count == 2 && !strcmp(c.rule_files[0], "mine.rules"), "-S before -s");
	config_free(&c);
}

static const char *const unfound[][2] = {
	{ "rule-files=/nowhere/x.rules", "rule-files: /nowhere/x.rules: no such file" },
	{ "classification-file=/nowhere/c", "classification-file: /nowhere/c: No such file" },
	{ "reference-config-file=r.config", "r.config: No such file" },
};

static void test_unfound(void)
{
	for (size_t i = 0; i < sizeof(unfound) / sizeof(*unfound); i++) {
		struct config c;
		char set[300];
		settings_initialise(memset(&c, 0, sizeof(c)));
		snprintf(set, sizeof(set), "default-rule-path=%s", folder);
		config_set(&c, set);
		config_set(&c, unfound[i][0]);
		catch_stderr();
		bool ok = config_finish(&c);
		const char *said = caught_stderr();
		CHECK(!ok && strstr(said, unfound[i][1]), "%s: %s", unfound[i][0], said);
		config_free(&c);
	}
}

/* ---- spelling ---- */

static const struct {
	const char *a, *b;
	unsigned want;
} distances[] = {
	{ "", "", 0 }, { "a", "", 1 }, { "", "ab", 2 }, { "threads", "threads", 0 },
	{ "thraeds", "threads", 1 }, { "thread", "threads", 1 }, { "treads", "threads", 1 },
	{ "kitten", "sitting", 3 }, { "ab", "ba", 1 }, { "abc", "cab", 2 },
};

static void test_distances(void)
{
	for (size_t i = 0; i < sizeof(distances) / sizeof(*distances); i++) {
		unsigned got = word_distance(distances[i].a, distances[i].b);
		CHECK(got == distances[i].want, "%s %s: %u", distances[i].a, distances[i].b, got);
	}
}

static void remove_folder(void)
{
	static const char *const names[] = { "stderr", "f.yaml", "a.rules", "b.rules" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(path_in_folder(names[i]));
	rmdir(folder);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	test_files();
	test_missing_file();
	test_set();
	test_variables();
	test_refused();
	test_shipped_file();
	test_shipped_keys();
	test_rule_files();
	test_only_rules();
	test_unfound();
	test_distances();
	remove_folder();
	return test_end();
}
