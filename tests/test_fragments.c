#include <stdlib.h>

#include "packet/packet.h"
#include "test.h"

enum {
	RAW = 101,
	IPV4_MORE = 0x2000,
	HEADERS = 48, /* the longer of IPv4's and IPv6's with fragment header */
	TINY = 8,
	SECOND = 1000000000,
};

/* One fragment each: "from-to", then "." if it is the last one, "!" if its data differ,
 * "/n" for only n bytes captured, "#n" for another identification. "@n" sets the time to
 * n milliseconds. Answers, one word each: "-" waits, "W" is whole and right, "w" whole
 * and wrong, with "O" (overlap), "L" (too large), "S" (shed) before it. */
static const struct {
	const char *what, *fragments, *want;
	const char *want_ipv6; /* where it differs */
} cases[] = {
	{ "in order", "0-16 16-32 32-40.", "- - W", NULL },
	{ "reversed", "32-40. 16-32 0-16", "- - W", NULL },
	{ "shuffled", "16-32 32-43. 0-16", "- - W", NULL },
	{ "two", "0-1480 1480-2000.", "- W", NULL },
	{ "largest", "0-32768 32768-65512.", "- W", NULL },
	{ "tiny first", "0-8 8-40.", "- W", NULL },
	{ "tiny last", "8-16 0-8 16-17.", "- - W", NULL },
	{ "duplicates", "0-16 0-16 16-32 16-32 32-40. 32-40.", "- - - - W -", NULL },
	{ "all twice", "0-16 16-40. 0-16 16-40.", "- W - -", NULL },
	{ "twice, later", "0-16 16-40. @60 0-16 16-40.", "- W - W", NULL },
	{ "identification used again at once", "0-16 16-40. 0-16! 16-40.!", "- W - w",
		NULL },
	{ "two at a time", "0-16 0-24#2 16-40. 24-30.#2", "- - W W", NULL },
	{ "overlap, same data", "0-24 16-32 32-40.", "- - W", NULL },
	{ "overlap, other data", "0-24 16-32! 32-40.", "- O w", "- O -" },
	{ "overlap before, other data", "16-32 0-24! 32-40.", "- O w", "- O -" },
	{ "overlap told once", "0-24 0-24! 8-24! 24-40.", "- O - W", "- O - -" },
	{ "covered by a later one", "8-16 0-32! 32-40.", "- O w", "- O -" },
	{ "two ends", "32-40. 0-16 16-36. 16-32", "- - O W", "- - O -" },
	{ "data behind the end", "32-40. 40-48 0-32", "- O W", "- O -" },
	{ "an end before data", "32-48 0-8 8-40.", "- - O", NULL },
	{ "a rest of less than eight is dropped", "0-20 16-40.", "- W", NULL },
	{ "empty", "0-0 8-8. 0-16 16-40.", "- - - W", NULL },
	{ "too large", "65528-65560.", "L", NULL },
	{ "wraps", "0-16 65528-65544", "- L", NULL },
	{ "too late", "0-16 @30001 16-40. 0-16", "- S- W", "- S- W" },
	{ "not too late", "0-16 @30000 16-40.", "- W", NULL },
	{ "time runs backwards", "@50000 0-16 @1 16-40.", "- W", NULL },
	{ "cut by the capture", "0-16 16-32/12 32-40.", "- - -", NULL },
	{ "cut, then whole", "0-16 16-32/12 32-40. 16-32", "- - - W", NULL },
	{ "last one cut", "0-16 16-40./13 16-40.", "- - W", NULL },
};

struct sender {
	struct decoder *decoder;
	struct arena arena;
	unsigned version;
	uint64_t time_ns;
	struct packet packet;
	uint8_t frame[HEADERS + 65536];
};

struct fragment {
	unsigned from, to, id, kept;
	bool more, altered;
};

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static size_t put_ipv4(uint8_t *h, const struct fragment *f)
{
	static const uint8_t header[20] = {
		0x45, [8] = 64, [9] = PROTO_ICMP, [15] = 1, [19] = 2
	};
	memcpy(h, header, sizeof(header));
	put16(h + 2, 20 + f->to - f->from);
	put16(h + 4, f->id);
	put16(h + 6, f->from / 8 | (f->more ? IPV4_MORE : 0));
	return sizeof(header);
}

static size_t put_ipv6(uint8_t *h, const struct fragment *f)
{
	static const uint8_t header[48] = { 0x60, [6] = 44, 64, [23] = 1, [39] = 2,
		PROTO_ICMPV6 };
	memcpy(h, header, sizeof(header));
	put16(h + 4, 8 + f->to - f->from);
	put16(h + 42, (f->from & 0xfff8) | f->more);
	put16(h + 46, f->id);
	return sizeof(header);
}

static uint8_t byte_of(unsigned at)
{
	return (uint8_t)(at * 31 + (at >> 8));
}

static void send(struct sender *s, const struct fragment *f)
{
	size_t len = s->version == 4 ? put_ipv4(s->frame, f) : put_ipv6(s->frame, f);
	for (unsigned i = f->from; i < f->to; i++)
		s->frame[len + i - f->from] =
			(uint8_t)(byte_of(i) ^ (f->altered ? 0x55 : 0));
	s->packet = (struct packet){ .link_type = RAW, .time_ns = s->time_ns };
	s->packet.frame = (struct bytes){ s->frame, len + f->kept };
	s->packet.wire_len = (uint32_t)(len + f->to - f->from);
	packet_decode(s->decoder, &s->packet, &s->arena);
}

/* The ICMP payload begins behind eight bytes. */
static bool is_right(const struct packet *p)
{
	bool right = true;
	for (size_t i = 0; i < p->payload.len; i++)
		right &= p->payload.at[i] == byte_of((unsigned)i + 8);
	return right;
}

static bool has(const struct packet *p, enum decode_event ipv4, enum decode_event ipv6)
{
	return p->events >> (p->ip_version == 4 ? ipv4 : ipv6) & 1;
}

static void answer(const struct packet *p, char *to)
{
	if (has(p, DECODE_FRAG_SHED, DECODE_FRAG_SHED))
		*to++ = 'S';
	if (has(p, DECODE_IPV4_FRAG_OVERLAP, DECODE_IPV6_FRAG_OVERLAP))
		*to++ = 'O';
	if (has(p, DECODE_IPV4_FRAG_PKT_TOO_LARGE, DECODE_IPV6_FRAG_PKT_TOO_LARGE))
		*to++ = 'L';
	if (p->is_reassembled)
		*to++ = is_right(p) ? 'W' : 'w';
	*to = '\0';
}

static struct fragment parse(const char *word)
{
	char *end;
	struct fragment f = { .id = 1, .more = true };
	f.from = (unsigned)strtoul(word, &end, 10);
	f.to = (unsigned)strtoul(end + 1, &end, 10);
	f.kept = f.to - f.from;
	for (; *end; end++) {
		f.more &= *end != '.';
		f.altered |= *end == '!';
		if (*end == '#')
			f.id = (unsigned)(end[1] - '0');
		if (*end == '/')
			f.kept = (unsigned)strtoul(end + 1, NULL, 10);
	}
	return f;
}

static void start(struct sender *s, unsigned version, size_t memory)
{
	*s = (struct sender){ .version = version, .time_ns = SECOND };
	s->decoder = decoder_new(&(struct decoder_config){ .fragment_memory = memory });
}

static void stop(struct sender *s)
{
	decoder_free(s->decoder);
	arena_fini(&s->arena);
}

static void run_case(struct sender *s, const char *fragments, char *got)
{
	char words[256];
	char *rest = words;
	snprintf(words, sizeof(words), "%s", fragments);
	*got = '\0';
	for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
		char said[8];
		if (*word == '@') {
			s->time_ns = SECOND + strtoull(word + 1, NULL, 10) * 1000000;
			continue;
		}
		struct fragment f = parse(word);
		send(s, &f);
		answer(&s->packet, said);
		sprintf(got + strlen(got), "%s%s%s", *got ? " " : "", said,
			s->packet.is_fragment && strcmp(said, "O") && strcmp(said, "L")
				? "-"
				: "");
		CHECK(s->packet.is_fragment != s->packet.is_reassembled, "either or");
		CHECK(!s->packet.is_fragment || s->packet.payload.len == 0,
			"no transport");
	}
}

static void test_cases(struct sender *s, unsigned version)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char got[256];
		const char *want = cases[i].want;
		if (version == 6 && cases[i].want_ipv6)
			want = cases[i].want_ipv6;
		start(s, version, 0);
		run_case(s, cases[i].fragments, got);
		CHECK(strcmp(got, want) == 0, "IPv%u %s: got %s want %s", version,
			cases[i].what, got, want);
		stop(s);
	}
}

static const size_t whole = 65504; /* eight-byte fragments of one datagram, in bytes */

/* The n-th eight-byte fragment in an order that jumps about. */
static struct fragment tiny(unsigned id, size_t n)
{
	unsigned from = (unsigned)(n * 4099 % (whole / TINY)) * TINY;
	return (struct fragment){ from, from + TINY, id, TINY, from + TINY < whole,
		false };
}

static void test_thousands(struct sender *s, unsigned version)
{
	start(s, version, 0);
	for (unsigned id = 0; id < 4; id++)
		for (size_t n = 0; n < whole / TINY; n++) {
			struct fragment f = tiny(id, n);
			send(s, &f);
		}
	CHECK(decoder_counters(s->decoder)->reassembled == 4, "IPv%u", version);
	CHECK(s->packet.is_reassembled && is_right(&s->packet), "IPv%u", version);
	CHECK(s->packet.payload.len == whole - 8, "%zu", s->packet.payload.len);
	stop(s);
}

/* Firsts of 1,000 datagrams without their rest: what is kept stays bounded, what came
 * last is kept, and what came first was given up. */
static void test_memory(struct sender *s, unsigned version)
{
	enum { DATAGRAMS = 1000, MEMORY = 256 * 1024 };
	struct fragment f = { 0, 1480, 0, 1480, true, false };
	start(s, version, MEMORY);
	for (f.id = 0; f.id < DATAGRAMS; f.id++)
		send(s, &f);
	uint64_t shed = decoder_counters(s->decoder)->shed;
	CHECK(shed >= DATAGRAMS - MEMORY / 2048 && shed < DATAGRAMS - 50, "%llu",
		(unsigned long long)shed);
	CHECK(has(&s->packet, DECODE_FRAG_SHED, DECODE_FRAG_SHED), "told");
	f = (struct fragment){ 1480, 1500, DATAGRAMS - 1, 20, false, false };
	send(s, &f);
	CHECK(s->packet.is_reassembled && is_right(&s->packet), "the last one is there");
	f.id = 0;
	send(s, &f);
	CHECK(s->packet.is_fragment, "the first one is gone");
	stop(s);
}

/* A datagram that fits into no memory is given up, again and again. */
static void test_no_memory(struct sender *s, unsigned version)
{
	start(s, version, 1024);
	struct fragment f = { 0, 1480, 1, 1480, true, false };
	for (unsigned i = 0; i < 10; i++)
		send(s, &f);
	CHECK(decoder_counters(s->decoder)->shed == 10, "IPv%u", version);
	stop(s);
}

static void test_vlans(struct sender *s)
{
	static const uint8_t tagged[18] = { [12] = 0x81, 0, 0, 7, 8, 0 };
	struct fragment first = { 0, 16, 1, 16, true, false };
	struct fragment last = { 16, 40, 1, 24, false, false };
	start(s, 4, 0);
	send(s, &first);
	send(s, &last);
	uint8_t frame[sizeof(tagged) + 64];
	size_t len = s->packet.frame.len;
	memcpy(frame, tagged, sizeof(tagged));
	memcpy(frame + sizeof(tagged), s->packet.frame.at, len);
	stop(s);
	start(s, 4, 0);
	send(s, &first);
	struct packet p = { .frame = { frame, sizeof(tagged) + len }, .link_type = 1 };
	packet_decode(s->decoder, &p, &s->arena);
	CHECK(p.vlan_count == 1 && p.is_fragment, "other VLANs are other networks");
	send(s, &last);
	CHECK(s->packet.is_reassembled, "its own");
	stop(s);
}

int main(void)
{
	struct sender *s = malloc(sizeof(*s));
	for (unsigned version = 4; version <= 6; version += 2) {
		test_cases(s, version);
		test_thousands(s, version);
		test_memory(s, version);
		test_no_memory(s, version);
	}
	test_vlans(s);
	free(s);
	return test_end();
}
