#include "captures.h"

enum {
	SECTION = 0x0a0d0d0a,
	INTERFACE = 1,
	PACKET_OLD = 2,
	SIMPLE = 3,
	NAMES = 4,
	ENHANCED = 6,
	TSRESOL = 9,
	TSOFFSET = 14,
	ETHERNET = 1,
	RAW = 101,
	MAX_BLOCKS = 64,
};

static struct made made;
static struct {
	size_t at;
	bool has_packet;
} blocks[MAX_BLOCKS];
static size_t block_count;

static void begin(uint32_t type)
{
	bool has_packet = type == ENHANCED || type == SIMPLE || type == PACKET_OLD;
	blocks[block_count].at = made.len;
	blocks[block_count++].has_packet = has_packet;
	put(&made, type, 4);
	put(&made, 0, 4);
}

/* The length, which is known now, in front and behind. */
static void end(void)
{
	size_t at = blocks[block_count - 1].at;
	size_t last = made.len, len = made.len + 4 - at;
	made.len = at + 4;
	put(&made, len, 4);
	made.len = last;
	put(&made, len, 4);
}

static void put_section(bool is_big, uint64_t section_len)
{
	made.is_big = is_big;
	begin(SECTION);
	put(&made, 0x1a2b3c4d, 4);
	put(&made, 1, 2);
	put(&made, 0, 2);
	put(&made, section_len, 8);
	end();
}

static void put_interface(
	uint16_t link_type, uint32_t snap_len, int tsresol, int64_t tsoffset)
{
	begin(INTERFACE);
	put(&made, link_type, 2);
	put(&made, 0, 2);
	put(&made, snap_len, 4);
	if (tsresol >= 0) {
		put(&made, TSRESOL, 2);
		put(&made, 1, 2);
		put(&made, made.is_big ? (uint64_t)tsresol << 24 : (uint64_t)tsresol, 4);
	}
	if (tsoffset) {
		put(&made, TSOFFSET, 2);
		put(&made, 8, 2);
		put(&made, (uint64_t)tsoffset, 8);
	}
	put(&made, 0, 4);
	end();
}

static void put_enhanced(
	uint32_t iface, uint64_t ticks, uint8_t value, uint32_t len, uint32_t wire_len)
{
	begin(ENHANCED);
	put(&made, iface, 4);
	put(&made, ticks >> 32, 4);
	put(&made, ticks & UINT32_MAX, 4);
	put(&made, len, 4);
	put(&made, wire_len, 4);
	put_bytes(&made, value, len);
	put_bytes(&made, 0, -len & 3);
	end();
}

static void put_old(uint16_t iface, uint64_t ticks, uint8_t value, uint32_t len)
{
	begin(PACKET_OLD);
	put(&made, iface, 2);
	put(&made, 9, 2);
	put(&made, ticks >> 32, 4);
	put(&made, ticks & UINT32_MAX, 4);
	put(&made, len, 4);
	put(&made, len, 4);
	put_bytes(&made, value, len);
	put_bytes(&made, 0, -len & 3);
	end();
}

static void put_simple(uint8_t value, uint32_t len, uint32_t wire_len)
{
	begin(SIMPLE);
	put(&made, wire_len, 4);
	put_bytes(&made, value, len);
	put_bytes(&made, 0, -len & 3);
	end();
}

static void put_unknown(uint32_t type)
{
	begin(type);
	put_bytes(&made, 0xff, 20);
	end();
}

static void make(void)
{
	made.len = 0;
	block_count = 0;
}

/* Every kind of block, two sections, two byte orders, two link types. */
static void make_mixed(void)
{
	make();
	put_section(false, UINT64_MAX);
	put_interface(ETHERNET, 0, -1, 0);
	put_interface(RAW, 4, 9, 0);
	put_unknown(NAMES);
	put_enhanced(0, 1000001, 0xa1, 5, 60);
	put_enhanced(1, 7, 0xa2, 4, 4);
	put_simple(0xa3, 6, 6);
	put_unknown(0x0bad);
	put_old(0, 3, 0xa4, 3);
	put_section(true, 64);
	put_interface(RAW, 4, 6, 0);
	put_enhanced(0, 1000002, 0xb1, 7, 7);
	put_simple(0xb2, 4, 90);
}

static void test_mixed(void)
{
	struct read r = { .text = "" };
	make_mixed();
	CHECK(read_made(&made, made.len, &r), "opens: %s", errors());
	CHECK(strcmp(r.text, "1:a1*5@1000001000/60 2:a2*4@7^101 3:a3*6@7 4:a4*3@3000 "
			     "5:b1*7@1000002000^101 6:b2*4@1000002000/90^101") == 0,
		"%s", r.text);
	CHECK(r.state == SOURCE_END && r.counters.cut_files == 0, "%s", errors());
}

static const struct {
	const char *what;
	int tsresol;
	int64_t tsoffset;
	uint64_t ticks, want_ns;
} resolutions[] = {
	{ "micro by default", -1, 0, 1500000, 1500000000 },
	{ "seconds", 0, 0, 3, 3000000000 },
	{ "milliseconds", 3, 0, 1500, 1500000000 },
	{ "nanoseconds", 9, 0, 1500, 1500 },
	{ "picoseconds", 12, 0, 1500999, 1500 },
	{ "10^-28", 28, 0, UINT64_MAX, 1 },
	{ "10^-29", 29, 0, UINT64_MAX, 0 },
	{ "10^-127", 127, 0, UINT64_MAX, 0 },
	{ "2^0", 128, 0, 2, 2000000000 },
	{ "2^-10", 138, 0, 1536, 1500000000 },
	{ "2^-32", 160, 0, 0x180000000, 1500000000 },
	{ "2^-127", 255, 0, UINT64_MAX, 0 },
	{ "offset", -1, 10, 1500000, 11500000000 },
	{ "offset back", -1, -1, 1500000, 500000000 },
	{ "before 1970", -1, -2, 1500000, 0 },
	{ "far too late", 0, 0, UINT64_MAX, INT64_MAX },
	{ "offset far too late", -1, INT64_MAX, 0, INT64_MAX },
	{ "offset far too early", -1, INT64_MIN, UINT64_MAX, 0 },
};

static void test_resolutions(void)
{
	for (unsigned i = 0; i < 2 * sizeof(resolutions) / sizeof(*resolutions); i++) {
		struct read r = { .text = "" };
		char want[64];
		make();
		put_section(i & 1, UINT64_MAX);
		put_interface(ETHERNET, 0, resolutions[i / 2].tsresol,
			resolutions[i / 2].tsoffset);
		put_enhanced(0, resolutions[i / 2].ticks, 1, 4, 4);
		sprintf(want, "1:01*4@%" PRIu64, resolutions[i / 2].want_ns);
		CHECK(read_made(&made, made.len, &r), "opens");
		CHECK(strcmp(r.text, want) == 0, "%s: %s", resolutions[i / 2].what,
			r.text);
	}
}

/* Options that run out of their block are passed over. */
static void test_bad_options(void)
{
	struct read r = { .text = "" };
	make();
	put_section(false, UINT64_MAX);
	begin(INTERFACE);
	put(&made, ETHERNET, 8);
	put(&made, TSRESOL, 2);
	put(&made, 400, 2);
	end();
	put_enhanced(0, 1, 1, 4, 4);
	CHECK(read_made(&made, made.len, &r) && r.packets == 1, "%s", errors());
}

static size_t block_end(size_t i)
{
	return i + 1 < block_count ? blocks[i + 1].at : made.len;
}

/* Cut at every length: whole blocks give their packets, and a cut inside a block is told
 * with the place where that begins. */
static void test_cuts(void)
{
	make_mixed();
	size_t i = 0, packets = 0;
	for (size_t len = 1; len <= made.len; len++) {
		struct read r = { .text = "" };
		char want[64];
		bool is_open = read_made(&made, len, &r);
		if (len == block_end(i))
			packets += blocks[i++].has_packet;
		CHECK(is_open == (i > 0), "opens at %zu", len);
		sprintf(want, "at byte %zu; all %zu whole", blocks[i].at, packets);
		bool is_cut = i == 0 || len != block_end(i - 1);
		const char *said = errors();
		CHECK(!is_open || r.packets == packets, "%zu: %" PRIu64, len, r.packets);
		CHECK(!is_open || r.counters.cut_files == is_cut, "%zu: %s", len, said);
		CHECK(!is_open || !is_cut || strstr(said, want), "%zu: %s", len, said);
	}
}

/* One field of the mixed file changed: how many packets are left then. */
static const struct {
	const char *what;
	size_t block, at;
	uint32_t value;
	uint64_t packets;
	bool is_cut;
} damages[] = {
	{ "block of 8 bytes", 4, 4, 8, 0, true },
	{ "block length not a multiple of 4", 4, 4, 41, 0, true },
	{ "block beyond the end", 4, 4, 0x00fffffc, 0, true },
	{ "block over 16 MiB", 4, 4, 0x01000004, 0, true },
	{ "lengths differ", 4, 36, 44, 0, true },
	{ "interface that is not there", 5, 8, 2, 1, true },
	{ "captured length beyond the block", 5, 20, 5, 1, true },
	{ "captured length of 4 GiB", 5, 20, UINT32_MAX, 1, true },
	{ "wire length below the captured one", 5, 24, 0, 6, false },
	{ "simple packet beyond its block", 6, 8, 9, 2, true },
	{ "obsolete packet beyond its block", 8, 20, 5, 3, true },
	{ "unknown block of another type", 7, 0, 0x7777, 6, false },
	{ "section of unknown byte order", 9, 8, 0x12345678, 4, true },
	{ "section of version 2", 9, 12, 0x0200, 4, true },
	{ "section length", 9, 16, 0xffffffff, 6, false },
};

static void test_damages(void)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct read r = { .text = "" };
		make_mixed();
		struct made patch = { .len = 0 };
		put(&patch, damages[i].value, 4);
		memcpy(made.at + blocks[damages[i].block].at + damages[i].at, patch.at,
			4);
		CHECK(read_made(&made, made.len, &r), "%s", damages[i].what);
		CHECK(r.packets == damages[i].packets, "%s: %s", damages[i].what, r.text);
		CHECK(r.counters.cut_files == damages[i].is_cut, "%s: %s",
			damages[i].what, errors());
	}
}

/* Packets before their interface, and a file that is a section and nothing else. */
static void test_orders(void)
{
	struct read r = { .text = "" };
	make();
	put_section(false, UINT64_MAX);
	CHECK(read_made(&made, made.len, &r) && r.packets == 0, "empty section");
	CHECK(r.counters.cut_files == 0, "%s", errors());
	put_simple(1, 4, 4);
	CHECK(read_made(&made, made.len, &r) && r.packets == 0, "no interface");
	CHECK(r.counters.cut_files == 1, "%s", errors());
}

/* Sections forget the interfaces of the one before; thousands of them are no trouble. */
static void test_many_interfaces(void)
{
	struct read r = { .text = "" };
	make();
	put_section(false, UINT64_MAX);
	for (unsigned i = 0; i < 70000; i++) {
		block_count = 0;
		put_interface(ETHERNET, 0, -1, 0);
	}
	CHECK(read_made(&made, made.len, &r) && r.counters.cut_files == 1, "%s",
		errors());
}

int main(void)
{
	folder_make();
	test_mixed();
	test_resolutions();
	test_bad_options();
	test_cuts();
	test_damages();
	test_orders();
	test_many_interfaces();
	folder_remove();
	return test_end();
}
