#include <sys/wait.h>

#include "captures.h"

enum {
	MICRO = 0xa1b2c3d4,
	NANO = 0xa1b23c4d,
	ETHERNET = 1,
};

static struct made made;

static void make(bool is_big, uint32_t magic, uint32_t link_type)
{
	made.len = 0;
	made.is_big = is_big;
	put_pcap_header(&made, magic, 4, link_type);
}

static void make_three(uint32_t first_s)
{
	make(false, MICRO, ETHERNET);
	put_pcap_record(&made, first_s, 1, 0xa1, 5, 60);
	put_pcap_record(&made, first_s, 2, 0xa2, 0, 0);
	put_pcap_record(&made, first_s, 3, 0xa3, 7, 7);
}

static const struct {
	const char *what;
	uint32_t magic;
	uint16_t minor;
	uint32_t link_type, s, fraction, len, wire_len;
	const char *want;
} formats[] = {
	{ "microseconds", MICRO, 4, 1, 2, 5, 4, 4, "1:07*4@2000005000" },
	{ "nanoseconds", NANO, 4, 1, 2, 5, 4, 4, "1:07*4@2000000005" },
	{ "cut by snap length", MICRO, 4, 1, 2, 5, 4, 70000, "1:07*4@2000005000/70000" },
	{ "wire length too small", MICRO, 4, 1, 2, 5, 4, 3, "1:07*4@2000005000" },
	{ "version 2.3: lengths the other way", MICRO, 3, 1, 2, 5, 90, 4,
		"1:07*4@2000005000/90" },
	{ "version 2.3: lengths as today", MICRO, 3, 1, 2, 5, 4, 90,
		"1:07*4@2000005000/90" },
	{ "frame check sequence of 4 bytes", MICRO, 4, 0x44000001, 2, 5, 4, 4,
		"1:07*4@2000005000" },
	{ "raw IP", MICRO, 4, 101, 2, 5, 4, 4, "1:07*4@2000005000^101" },
	{ "latest time", MICRO, 4, 1, UINT32_MAX, UINT32_MAX, 4, 4,
		"1:07*4@4294971589967295000" },
};

static void test_formats(void)
{
	for (unsigned i = 0; i < 2 * sizeof(formats) / sizeof(*formats); i++) {
		struct read r = { .text = "" };
		made.len = 0;
		made.is_big = i & 1;
		put_pcap_header(&made, formats[i / 2].magic, formats[i / 2].minor,
			formats[i / 2].link_type);
		put(&made, formats[i / 2].s, 4);
		put(&made, formats[i / 2].fraction, 4);
		put(&made, formats[i / 2].len, 4);
		put(&made, formats[i / 2].wire_len, 4);
		put_bytes(&made, 7, 4);
		CHECK(read_made(&made, made.len, &r), "opens: %s", errors());
		CHECK(strcmp(r.text, formats[i / 2].want) == 0, "%s: %s",
			formats[i / 2].what, r.text);
	}
}

/* Alexey Kuznetzov's records have eight bytes more. */
static void test_kuznetzov(void)
{
	struct read r = { .text = "" };
	make(false, 0xa1b2cd34, ETHERNET);
	for (unsigned i = 1; i <= 2; i++) {
		put_pcap_record(&made, i, 0, 0, 0, 0);
		made.len -= 8;
		put(&made, 4, 4);
		put(&made, 4, 4);
		put_bytes(&made, 0xee, 8);
		put_bytes(&made, (uint8_t)i, 4);
	}
	CHECK(read_made(&made, made.len, &r), "opens");
	CHECK(strcmp(r.text, "1:01*4@1000000000 2:02*4@2000000000") == 0, "%s", r.text);
}

static void test_cuts(void)
{
	size_t ends[] = { 24, 24 + 16 + 5, 24 + 32 + 5, 24 + 48 + 12 };
	make_three(1);
	size_t packets = 0;
	for (size_t len = 0; len <= made.len; len++) {
		struct read r = { .text = "" };
		char want[64];
		bool is_open = read_made(&made, len, &r);
		const char *said = errors();
		while (packets < 3 && len >= ends[packets + 1])
			packets++;
		CHECK(is_open == (len >= 24), "opens at %zu", len);
		CHECK(is_open || strstr(said, "not a capture"), "%zu: %s", len, said);
		if (!is_open)
			continue;
		bool is_cut = len != ends[packets];
		sprintf(want, "at byte %zu; all %zu whole", ends[packets], packets);
		CHECK(r.packets == packets && r.state == SOURCE_END, "%zu: %s", len,
			r.text);
		CHECK(r.counters.cut_files == is_cut, "%zu: %s", len, said);
		CHECK(is_cut ? strstr(said, want) != NULL : !*said, "%zu: %s", len, said);
		CHECK(r.counters.total == len, "%zu", len);
	}
}

/* A length that cannot be: the packets before it are used. */
static void test_damage(void)
{
	static const uint32_t lengths[] = { 16 * 1024 * 1024 + 1, INT32_MAX, UINT32_MAX };
	for (unsigned i = 0; i < 3; i++) {
		struct read r = { .text = "" };
		make_three(1);
		put(&made, 1, 8);
		put(&made, lengths[i], 4);
		put(&made, 60, 4);
		put_bytes(&made, 0, 1000);
		CHECK(read_made(&made, made.len, &r) && r.packets == 3, "%s", r.text);
		const char *said = errors();
		CHECK(strstr(said, "is damaged at byte 84; all 3 whole"), "%s", said);
		CHECK(r.counters.cut_files == 1, "counted");
	}
}

static const struct {
	const char *what, *head, *said;
} strangers[] = {
	{ "gzip", "\x1f\x8b\x08", "made is gzip-compressed; decompress it: zcat " },
	{ "zstd", "\x28\xb5\x2f\xfd", "zstdcat" },
	{ "xz",
		"\xfd"
		"7zXZ",
		"xzcat" },
	{ "bzip2", "BZh9", "bzcat" },
	{ "lz4", "\x04\x22\x4d\x18", "lz4cat" },
	{ "snoop", "snoop", "editcap" },
	{ "text", "# a file of text that is no capture", "neither pcap nor pcapng" },
	{ "two bytes", "ab", "neither pcap nor pcapng" },
	{ "nothing", "", "empty" },
	{ "pcap of version 3", "\xd4\xc3\xb2\xa1\x03", "file header" },
	{ "a section and no more", "\x0a\x0d\x0d\x0a", "file header" },
};

static void test_strangers(void)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
		struct read r;
		made.len = 0;
		memcpy(made.at, strangers[i].head, strlen(strangers[i].head));
		made.len = strlen(strangers[i].head);
		CHECK(!read_made(&made, made.len, &r), "%s opens", strangers[i].what);
		const char *said = errors();
		CHECK(strstr(said, strangers[i].said), "%s: %s", strangers[i].what, said);
	}
}

/* All paths are looked at before the first packet is read. */
static void test_second_path(void)
{
	char good[256], bad[256];
	snprintf(good, sizeof(good), "%s", test_path("good"));
	snprintf(bad, sizeof(bad), "%s", test_path("bad"));
	make_three(1);
	write_file(good, made.at, made.len);
	write_file(bad, (const uint8_t *)"no", 2);
	const char *paths[] = { good, good, bad };
	struct source *s = source_open_files(paths, 2, NULL);
	struct read r = read_all(s);
	CHECK(strcmp(r.text,
		      "1:a1*5@1000001000/60 2:00*0@1000002000 3:a3*7@1000003000 "
		      "4:a1*5@1000001000/60 5:00*0@1000002000 6:a3*7@1000003000") == 0,
		"%s", r.text);
	CHECK(r.counters.done == 2 * made.len && r.counters.bytes == 24, "counted");
	CHECK(!source_open_files(paths, 3, NULL), "bad is no capture");
	CHECK(strstr(errors(), "bad is not a capture"), "told");
	unlink(bad);
	CHECK(!source_open_files(paths, 3, NULL), "bad is gone");
	CHECK(strstr(errors(), "No such file"), "told");
	unlink(good);
}

static void put_member(const char *folder, const char *name, uint32_t first_s)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	make(false, MICRO, ETHERNET);
	if (first_s)
		put_pcap_record(&made, first_s, 0, (uint8_t)name[0], 1, 1);
	write_file(path, made.at, made.len);
}

static void test_folders(void)
{
	struct read r = { .text = "" };
	char folder[256], inner[512];
	snprintf(folder, sizeof(folder), "%s", test_path("folder"));
	snprintf(inner, sizeof(inner), "%s/inner", folder);
	mkdir(folder, 0700);
	CHECK(!read_path(folder, NULL, &r), "empty folder");
	CHECK(strstr(errors(), "no capture in this folder"), "told");
	mkdir(inner, 0700);
	put_member(inner, "x", 1);
	put_member(folder, "c", 5);
	put_member(folder, "a", 7);
	put_member(folder, "e", 5);
	put_member(folder, "d", 9);
	put_member(folder, "0", 0);
	snprintf(inner, sizeof(inner), "%s/readme", folder);
	write_file(inner, (const uint8_t *)"text", 4);
	CHECK(read_path(folder, NULL, &r), "opens: %s", errors());
	CHECK(strcmp(r.text, "1:63*1@5000000000 2:65*1@5000000000 3:61*1@7000000000 "
			     "4:64*1@9000000000") == 0,
		"%s", r.text);
	snprintf(inner, sizeof(inner), "%s/inner", folder);
	folder_empty(inner);
	rmdir(inner);
	folder_empty(folder);
	rmdir(folder);
}

/* `made` comes in through a pipe as standard input, `step` bytes at a time. */
static void test_pipe(size_t step, const char *what)
{
	int ends[2];
	if (pipe(ends) != 0)
		exit(99);
	pid_t child = fork();
	if (child == 0) {
		for (size_t at = 0; at < made.len; at += step) {
			size_t len = made.len - at < step ? made.len - at : step;
			if (write(ends[1], made.at + at, len) != (ssize_t)len)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	struct read through = { .text = "" }, direct = { .text = "" };
	CHECK(read_path("-", NULL, &through), "%s opens", what);
	CHECK(read_made(&made, made.len, &direct), "%s opens", what);
	CHECK(through.packets == direct.packets && strcmp(through.text, direct.text) == 0,
		"%s: %s", what, through.text);
	CHECK(through.state == SOURCE_END && through.counters.total == 0, "%s", what);
	CHECK(through.counters.done == made.len, "%s", what);
	waitpid(child, NULL, 0);
}

static void test_pipes(void)
{
	make_three(1);
	test_pipe(1, "byte by byte");
	test_pipe(17, "in small pieces");
	make(false, MICRO, ETHERNET);
	for (unsigned i = 0; i < 20000; i++)
		put_pcap_record(&made, i, 0, (uint8_t)i, i % 200, i % 200);
	test_pipe(50000, "many");
	made.len = 0;
	memcpy(made.at, "\x1f\x8b\x08\x00", 4);
	made.len = 4;
	write_file(test_path("stranger"), made.at, made.len);
	CHECK(freopen(test_path("stranger"), "r", stdin) != NULL, "standard input");
	struct read r = { .text = "" };
	CHECK(read_path("-", NULL, &r) && r.state == SOURCE_FAILED, "not a capture");
	const char *said = errors();
	CHECK(strstr(said,
		      "standard input is gzip-compressed; decompress it: zcat FILE | "
		      "ironspan -r -"),
		"%s", said);
}

static uint32_t length_of(unsigned n)
{
	return n % 1000 == 999 ? 300000 : 20 + n % 90;
}

/* Records over the ends of blocks and batches, some larger than a block. Every packet is
 * looked at only after the next batch has been read. */
static void test_many(void)
{
	enum { PACKETS = 9000 };
	struct read r = { .text = "" };
	const char *path = test_path("made");
	make(true, NANO, ETHERNET);
	for (unsigned i = 0; i < PACKETS; i++)
		put_pcap_record(&made, 0, i, (uint8_t)i, length_of(i), length_of(i));
	write_file(path, made.at, made.len);
	struct source *s = source_open_files(&path, 1, NULL);
	struct batch batches[2];
	batch_init(&batches[0]);
	batch_init(&batches[1]);
	unsigned seen = 0, wrong = 0;
	r.state = SOURCE_MORE;
	for (unsigned turn = 1; r.state == SOURCE_MORE || batches[turn % 2].count > 0;
		turn++) {
		if (r.state == SOURCE_MORE)
			r.state = source_read(s, &batches[(turn + 1) % 2], 0);
		else
			batches[(turn + 1) % 2].count = 0;
		const struct batch *b = &batches[turn % 2];
		for (unsigned i = 0; i < b->count; i++, seen++) {
			const struct packet *p = &b->packets[i];
			wrong += p->number != seen + 1 || p->time_ns != seen;
			wrong += p->frame.len != length_of(seen);
			for (size_t k = 0; k < p->frame.len; k++)
				wrong += p->frame.at[k] != (uint8_t)seen;
		}
		CHECK(b->count <= BATCH_PACKETS, "%u", b->count);
		CHECK(b->count == 0 || b->now_ns == b->packets[b->count - 1].time_ns,
			"now");
	}
	CHECK(seen == PACKETS && wrong == 0, "%u seen, %u wrong", seen, wrong);
	CHECK(s->counters.done == made.len && s->counters.packets == PACKETS, "counted");
	CHECK(s->iface_count == 1 && strcmp(s->ifaces[0].name, path) == 0, "interface");
	source_close(s);
	batch_fini(&batches[0]);
	batch_fini(&batches[1]);
}

/* Two UDP packets, to ports 7 and 8, as raw IP behind `link_len` bytes. */
static void make_udp(uint32_t link_type, const char *link, size_t link_len)
{
	static const uint8_t ip[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0,
		0, 1, 10, 0, 0, 2, 0, 9, 0, 7, 0, 8, 0, 0 };
	make(false, MICRO, link_type);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t len = (uint32_t)(link_len + sizeof(ip));
		put_pcap_record(&made, 0, 0, 0, len, len);
		memcpy(made.at + made.len - len, link, link_len);
		memcpy(made.at + made.len - sizeof(ip), ip, sizeof(ip));
		made.at[made.len - 5] = (uint8_t)(7 + i);
	}
	write_file(test_path("made"), made.at, made.len);
}

static void test_filter(void)
{
	static const struct {
		uint32_t link_type;
		const char *link;
		size_t len;
	} links[] = {
		{ 1, "\2\0\0\0\0\2\2\0\0\0\0\1\x08\0", 14 },
		{ 0, "\2\0\0\0", 4 },
		{ 0, "\0\0\0\2", 4 },
		{ 108, "\0\0\0\2", 4 },
		{ 101, "", 0 },
		{ 9, "\xff\3\0\x21", 4 },
		{ 113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0", 16 },
		{ 276, "\x08\0\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0", 20 },
	};
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct read r = { .text = "" };
		make_udp(links[i].link_type, links[i].link, links[i].len);
		CHECK(read_path(test_path("made"), "udp port 8", &r), "opens: %s",
			errors());
		CHECK(r.packets == 1 && strncmp(r.text, "2:", 2) == 0, "link type %u: %s",
			links[i].link_type, r.text);
		CHECK(r.counters.filtered == 1 && r.counters.packets == 1, "counted");
	}
	struct read r;
	CHECK(!read_path(test_path("made"), "udp prot 8", &r), "a wrong filter");
	CHECK(strstr(errors(), "the filter is wrong: "), "told");
}

static void test_unknown_link(void)
{
	struct read r = { .text = "" };
	make(false, MICRO, 105);
	for (unsigned i = 0; i < 5; i++)
		put_pcap_record(&made, i, 0, 0, 4, 4);
	CHECK(read_made(&made, made.len, &r), "opens");
	CHECK(r.packets == 0 && r.counters.unknown_link == 5, "counted");
	const char *said = errors();
	CHECK(strstr(said, "link type 105 (IEEE802_11)") && strchr(said, '\n')[1] == '\0',
		"%s", said);
}

int main(void)
{
	folder_make();
	test_formats();
	test_kuznetzov();
	test_cuts();
	test_damage();
	test_strangers();
	test_second_path();
	test_folders();
	test_pipes();
	test_many();
	test_filter();
	test_unknown_link();
	folder_remove();
	return test_end();
}
