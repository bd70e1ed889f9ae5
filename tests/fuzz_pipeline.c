/* Fuzz target: any bytes as a capture, through all of the engine. Decoding, flows, dissectors,
 * every shipped rule, the ordered stage and the incidents, to the lines that a sink gets: each of
 * them must be one JSON object. The seeds are capture files; half of the mutations alter bytes
 * inside the packets of one, so that most inputs stay captures.
 *
 * The length chooses how it is run: as from a mirror port, inline, or inline without dropping;
 * with room for everything, or with tables so small that they shed. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/report.h"
#include "engine/engine.h"
#include "incident/register.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);

static struct config config;
static struct ruleset *rules;
static struct registers *registers;

/* ---- what is loaded once ---- */

static const char *const given[] = {
	"outputs.events=all", "outputs.payload=yes", "outputs.rule-text=yes",
	"outputs.health-interval=10s", "default-rule-path=" IRONSPAN_SOURCE_DIR "/signatures",
	"sensor.id=fuzz", "incident.registers=" IRONSPAN_SOURCE_DIR "/signatures/example-plant",
};

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_pipeline: %s\n", what);
	abort();
}

static void load_rules(void)
{
	struct rules_config r = { .files = config.rule_files,
		.file_count = config.rule_file_count, .addresses = config.addresses,
		.ports = config.ports, .address_count = config.address_count,
		.port_count = config.port_count, .classification = config.classification,
		.reference = config.reference, .attack = config.attack,
		.cache_dir = config.cache_dir };

	rules = ruleset_load(&r);
	require(rules && ruleset_report(rules)->refused == 0, "the shipped rules do not load");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	bool ok = config_load(&config, IRONSPAN_SOURCE_DIR "/tools/ironspan.yaml");

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
		ok = ok && config_set(&config, given[i]);
	require(ok && config_finish(&config), "the configuration is wrong");
	load_rules();
	registers = registers_load(config.registers, IRONSPAN_SOURCE_DIR "/signatures/incident");
	require(registers, "the shipped registers do not load");
	return 0;
}

static void choose(size_t len)
{
	bool is_small = len & 1;

	config.flows = is_small ? 64 : 2048;
	config.stream_memory = config.session_memory = is_small ? 64 << 10 : 4 << 20;
	config.fragment_memory = is_small ? 64 << 10 : 1 << 20;
	config.points = config.thresholds = is_small ? 16 : 1024;
	config.assets = config.incidents = is_small ? 16 : 256;
	config.verify_checksums = len % 5 == 0;
	config.keep_duplicates = len & 2;
	config.dry_run = len % 3 == 1;
}

/* ---- the sink ---- */

static void check_line(struct bytes line)
{
	json_error_t error;
	json_t *event = json_loadb((const char *)line.at, line.len,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (!json_is_object(event) || !json_object_get(event, "timestamp") ||
		!json_is_string(json_object_get(event, "event_type"))) {
		fprintf(stderr, "%.*s: %s\n", (int)line.len, line.at, error.text);
		abort();
	}
	json_decref(event);
}

static bool write_lines(struct sink *s, struct bytes lines, enum line_value value)
{
	(void)s;
	require(value < LINE_VALUES, "a value that is none");
	while (lines.len > 0) {
		const uint8_t *end = memchr(lines.at, '\n', lines.len);
		require(end, "a line without its end");
		struct bytes line = { lines.at, (size_t)(end - lines.at) };
		check_line(line);
		lines.at += line.len + 1;
		lines.len -= line.len + 1;
	}
	return true;
}

static bool do_nothing(struct sink *s)
{
	(void)s;
	return true;
}

static bool count_none(struct sink *s, unsigned index, struct sink_counters *c)
{
	(void)s;
	(void)index;
	(void)c;
	return false;
}

static const struct sink_ops sink_ops = { .write = write_lines, .flush = do_nothing,
	.finish = do_nothing, .count = count_none };

/* ---- one capture ---- */

static void settle(struct source *s, const struct batch *b, const uint8_t *verdicts)
{
	(void)s;
	for (unsigned i = 0; i < b->count; i++)
		require(!(verdicts[i] & ~(VERDICT_DROP | VERDICT_REFUSE_SRC |
			VERDICT_REFUSE_DST)), "a verdict that is none");
}

static void run(struct source *s, bool is_inline)
{
	struct source_ops ops = *s->ops;
	struct sink sink = { &sink_ops };

	ops.settle = is_inline ? settle : NULL;
	s->ops = &ops;
	struct engine *e = engine_new(&(struct engine_parts){ .config = &config,
		.rules = ruleset_keep(rules), .source = s, .sink = &sink,
		.registers = registers });
	require(engine_run(e, NULL, NULL), "the run failed");
	engine_free(e);
	source_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[64];
	const char *path = name;
	int fd = memfd_create("capture", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	choose(len);
	struct source *s = source_open_files(&path, 1, NULL);
	if (s)
		run(s, len % 3 == 2);
	close(fd);
	return 0;
}

/* ---- bytes altered inside packets ---- */

enum { FILE_HEADER = 24, RECORD_HEADER = 16 };

static uint32_t length_at(const uint8_t *data, size_t at)
{
	return data[at] | data[at + 1] << 8 | data[at + 2] << 16 | (uint32_t)data[at + 3] << 24;
}

/* The record that holds a byte, of a pcap file in this machine's order: where its packet
 * begins, and its length; 0: there is none. */
static size_t packet_around(const uint8_t *data, size_t len, size_t wanted, size_t *begin)
{
	size_t at = FILE_HEADER;

	while (at + RECORD_HEADER < len) {
		size_t size = length_at(data, at + 8);
		*begin = at + RECORD_HEADER;
		if (size > len - *begin)
			return 0;
		at = *begin + size;
		if (wanted < at)
			return size;
	}
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed)
{
	size_t begin = 0, size = 0;

	if (seed & 1 && len > FILE_HEADER + RECORD_HEADER)
		size = packet_around(data, len, (seed >> 1) % len, &begin);
	if (size == 0)
		return LLVMFuzzerMutate(data, len, max);
	size_t left = LLVMFuzzerMutate(data + begin, size, size);
	memset(data + begin + left, 0, size - left);
	return len;
}
