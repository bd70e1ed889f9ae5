/* Reassembly, as rows of what is sent and what comes out.
 *
 * A script is words: `>S` and `<S` a SYN of either end, `>0:abc` bytes at offset 0,
 * `>3:de/4` the same acknowledging offset 4 of the other end, `>5` a bare acknowledgement of 5,
 * `>F` `>R` FIN and RST, `+200` so many milliseconds later, `x100000:z` repeats nothing: the
 * byte is far away. `>0:ab_3` is a segment of 2 captured bytes and 3 cut ones. `@7` goes on with
 * connection 7 (before: 0), and `=` looks how far it is.
 * What comes out: `>abc` data, `>~3` a gap, `>!name` an event, `|` where it was looked. */
#include <stdarg.h>
#include <stdlib.h>

#include "flow/flow.h"
#include "test.h"

enum { ISN = 0xfffffff0 }; /* sequence numbers wrap early */

static char out[1 << 16];
static uint64_t now_ns, sent;
static unsigned connection;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	size_t len = strlen(out);
	vsnprintf(out + len, sizeof(out) - len, format, args);
	va_end(args);
}

static char arrow(const struct flow *f, unsigned end)
{
	return end == f->client ? '>' : '<';
}

static void on_data(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *o)
{
	(void)context, (void)o;
	say("%c%.*s ", arrow(f, end), (int)data.len, (const char *)data.at);
}

static void on_gap(void *context, struct flow *f, unsigned end, uint64_t len,
	const struct origin *o)
{
	(void)context, (void)o;
	if (len)
		say("%c~%llu ", arrow(f, end), (unsigned long long)len);
}

static void on_event(void *context, struct flow *f, unsigned end, enum stream_event event,
	const struct origin *o)
{
	(void)context, (void)o;
	if (event != STREAM_MIDSTREAM && event != STREAM_GAP)
		say("%c!%s ", arrow(f, end), stream_events[event].name);
}

static const struct stream_sink sink = { on_data, on_gap, on_event };

static void on_released(void *context, struct flow *f)
{
	stream_settle(context, f);
	stream_end(context, f);
}

static struct packet packet_from(char way, const char *word)
{
	now_ns += 1000000;
	sent++;
	struct packet p = { .proto = PROTO_TCP, .ip_version = 4, .has_ports = true,
		.time_ns = now_ns, .number = sent, .ip_id = (uint32_t)sent,
		.tcp_flags = TCP_ACK, .seq = ISN + 1, .ack = ISN + 1 };
	bool back = way == '<';
	p.src.at[15] = back ? 2 : 1;
	p.dst.at[15] = back ? 1 : 2;
	uint16_t port = (uint16_t)(40000 + connection);
	p.sport = back ? 502 : port;
	p.dport = back ? port : 502;
	const char *slash = strchr(word, '/'), *colon = strchr(word, ':');
	if (slash)
		p.ack += (uint32_t)atoi(slash + 1);
	if (*word == 'S') {
		p.seq = ISN;
		p.tcp_flags = back ? TCP_SYN | TCP_ACK : TCP_SYN;
	} else if (*word == 'F' || *word == 'R') {
		p.tcp_flags |= *word == 'F' ? TCP_FIN : TCP_RST;
		p.seq += (uint32_t)atoi(word + 1);
	} else if (colon) {
		p.seq += (uint32_t)atoi(word);
		size_t len = strcspn(colon + 1, "/_");
		p.payload = (struct bytes){ (const uint8_t *)colon + 1, len };
		p.payload_wire = (uint32_t)len;
		if (colon[1 + len] == '_')
			p.payload_wire += (uint32_t)atoi(colon + 2 + len);
	} else if (!slash) {
		p.ack += (uint32_t)atoi(word);
	}
	return p;
}

/* What is no packet; false: it is one. */
static bool run_word(struct streams *streams, const char *word)
{
	switch (*word) {
	case '+':
		now_ns += (uint64_t)atoi(word + 1) * 1000000;
		streams_advance(streams, now_ns);
		return true;
	case '@':
		connection = (unsigned)atoi(word + 1);
		return true;
	case '=':
		say("| ");
		return true;
	}
	return false;
}

static const char *run(const char *script, size_t memory)
{
	struct hash_key key = { 1, 2 };
	struct flow_config config = { .flows = 64, .tcp_timeout_s = 3600,
		.udp_timeout_s = 60, .closed_timeout_s = 60 };
	struct streams *streams = streams_new(memory, &sink, NULL);
	struct flow_table *flows = flow_table_new(&config, &key, on_released, streams);
	char *copy = strdup(script);
	out[0] = '\0';
	connection = 0;
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		unsigned from;
		if (run_word(streams, word))
			continue;
		struct packet p = packet_from(*word, word + 1);
		p.flow_hash = flow_hash(&key, &p);
		struct flow *f = flow_find(flows, &p, &from);
		stream_segment(streams, f, from, &p);
	}
	flow_table_free(flows);
	streams_free(streams);
	free(copy);
	return out;
}

static const struct {
	const char *what, *script, *want;
} cases[] = {
	{ "in order", ">S <S >0:abc <0:xyz/3 >3:de/3", ">abc <xyz >de " },
	{ "joined in the middle", ">7:abc <9:xyz >10:de", ">abc <xyz >de " },
	{ "out of order", ">S <S >3:def >0:abc", ">abc >def " },
	{ "three out of order", ">S <S >6:ghi >3:def >0:abc", ">abc >def >ghi " },
	{ "the SYN and what followed are lost", "<S <0:x/3 >3:de <1:y/5 +200", "<x >~3 >de <y " },
	{ "the same, with the ACK between", "<S > <0:x/3 >3:de <1:y/5 +200", ">~3 <x >de <y " },
	{ "the server's SYN and what followed are lost", ">S >0:ab/0 >2:cd/3 <3:z +200",
		">ab >cd <~3 <z " },
	{ "nothing is heard of one end", "<S <0:x/3 <1:y/3 +2000", "<x <y <!one_sided " },
	{ "a forged answer to a SYN", "<S/5000 >3:ab >5:c", ">ab >c " },
	{ "retransmission", ">S <S >0:abc >0:abc >3:d", ">abc >d " },
	{ "retransmission with more", ">S <S >0:abc >0:abcde", ">abc >de " },
	{ "other data in a retransmission", ">S <S >0:abc >0:aXc >3:d",
		">abc >!reassembly_overlap_different_data >d " },
	{ "other data in what waits", ">S <S >3:def >3:dXf >0:abc",
		">!reassembly_overlap_different_data >abc >def " },
	{ "first copy wins where both wait", ">S <S >2:cd >1:bXde >0:a",
		">!reassembly_overlap_different_data >a >b >cd >e " },
	{ "a segment around what waits", ">S <S >2:c >1:bcd >0:a", ">a >b >c >d " },
	{ "keep-alive with a garbage byte", ">S <S >0:abc <3 >2:Z >3:d", ">abc >d " },
	{ "the same, acknowledged by data", ">S <S >0:abc <0:x/3 >2:Z >3:d", ">abc <x >d " },
	{ "the same, one-sided", ">S >0:abc >2:Z >3:d", ">abc >d >!one_sided " },
	{ "byte by byte, before it was acknowledged", ">S <S >0:abc <3 >3:d >3:D <4",
		">abc >d >!reassembly_overlap_different_data " },
	{ "empty keep-alive", ">S <S >0:abc >2: >3:d", ">abc >d " },
	{ "lost and acknowledged", ">S <S >0:ab <0:x/5 >5:fg/1 +200 >7:h",
		">ab >~3 <x >fg >h " },
	{ "each hole waits for itself only", ">S <S >0:a >2:c <3 >4:e <5 <5 <5 <5 <5 <5 <5 <5 <5 <5 "
		"<5 <5 <5 = <5 = <5 <5 = >5:f", ">a | >~1 >c | >~1 >e | >f " },
	{ "an answer does not overtake its request", ">S <S <0:x/3 >0:abc", ">abc <x " },
	{ "both ends wait for each other", ">S <S >0:ab/2 <0:xy/2 >2:c/9 <2:z/9",
		"<xy >ab <z <~6 >c " },
	{ "lost, one-sided", ">S >0:ab >5:fg +500 +600 >7:h",
		">ab >~3 >fg >h >!one_sided " },
	{ "lost but not acknowledged waits", ">S <S >0:ab >5:fg +2000 >2:cde", ">ab >cde >fg " },
	{ "the last resort", ">S <S >0:ab >5:fg +6000 >7:h", ">ab >~3 >fg >h " },
	{ "end of the flow lets all out", ">S <S >0:ab >5:fg", ">ab >~3 >fg " },
	{ "FIN lets all out", ">S <S >0:ab >5:fg >F7 <F0", ">ab >~3 >fg " },
	{ "a gap that comes after all", ">S <S >0:ab <0:x/5 >5:fg/1 +200 >2:cde >7:h",
		">ab >~3 <x >fg >cde >h " },
	{ "a forged segment far ahead", ">S >0:ab >90000:zz +1200 >2:cd >4:ef",
		">ab >~89998 >zz >cd >ef >!one_sided " },
	{ "a forged acknowledgement far ahead", ">S <S >0:ab <0:x/2 <1:y/900000000 >2:cd",
		">ab <x <y >cd " },
	{ "numbers far ahead do not say how much is lost", ">S <S >0:ab >5000000:cd +6000 >5000002:ef",
		">ab >cd >ef " },
	{ "cut by the snap length", ">S <S >0:ab_3 >5:fg", ">ab >~3 >fg " },
	{ "cut while it waits", ">S <S >2:cd_2 >0:ab >6:g", ">ab >cd >~2 >g " },
	{ "data after a reset", ">S <S >0:ab >R2 >2:cd", ">ab >!data_after_reset >cd " },
	{ "an answer under way at a reset", ">S <S >0:ab >R2 <0:xy/2 <2:z/2", ">ab <xy <z " },
	{ "an answer taken after a reset", ">S <S >0:ab >R2 <0:xy/2 >2",
		">ab <xy >!data_after_reset " },
	{ "a reset seen before the last data", ">S <S >R2 >0:ab", ">ab " },
	{ "other numbers after a reset", ">S <S >0:ab >R2 >5000000:c", ">ab >c " },
	{ "a forged SYN moves nothing", ">S <S >0:ab >S >2:cd", ">ab >cd " },
	{ "anew, unseen, at lower numbers", ">S <S >0:ab <0:xy/2 >-5000000:A/-7000000 "
		"<-7000000:X/-4999999 >-4999999:bcd/-6999999 <-6999999:yz/-4999996 >-4999996:e",
		">ab <xy >bcd <yz >e " },
	{ "anew, unseen, at numbers long past", ">S <S <0:x >0:ab +6000 >1000000:c +6000 >2000000:d "
		"+6000 >500000:A <1:y/500001 >500001:fg",
		"<x >ab >~999998 >c >~999999 >d <y >fg " },
	{ "anew, at the same numbers", ">S <S >0:ab <0:xy/2 +1000 >S <S > >0:cd <0:zw/2 >2:e/2",
		">ab <xy >cd <zw >e " },
	{ "a forged SYN of the same number", ">S <S >0:ab <0:xy/2 +1000 >S >2:cd/2 <2:z/4",
		">ab <xy >cd <z " },
	{ "forged data at lower numbers", ">S <S <0:x >0:ab >-5000000:AB >-4999998:CD >2:cd/1",
		"<x >ab >cd " },
	{ "before the first byte", ">5:fg >3:de >7:h", ">fg >h >!one_sided " },
	{ "wrap", ">S <S >0:0123456789 >10:abcdefghij >20:klm",
		">0123456789 >abcdefghij >klm " },
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *got = run(cases[i].script, 1 << 20);
		CHECK(strcmp(got, cases[i].want) == 0, "%s: got  %s\n   want %s", cases[i].what,
			got, cases[i].want);
	}
}

/* Any order of the same segments gives the same bytes. */
static void test_orders(void)
{
	static const char *const parts[] = { ">0:ab", ">2:cd", ">4:ef", ">6:gh", ">8:ij" };
	for (unsigned order = 0; order < 3125; order++) {
		char script[128] = ">S <S";
		bool used[5] = { false };
		bool valid = true;
		for (unsigned i = 0, rest = order; i < 5; i++, rest /= 5) {
			valid &= !used[rest % 5];
			used[rest % 5] = true;
			strcat(strcat(script, " "), parts[rest % 5]);
		}
		if (!valid)
			continue;
		char all[64] = "";
		const char *got = run(script, 1 << 20);
		for (const char *c = got; *c; c++)
			if (*c >= 'a' && *c <= 'z')
				strncat(all, c, 1);
		CHECK(strcmp(all, "abcdefghij") == 0, "%s gave %s", script, got);
	}
}

/* Little memory: nothing is lost that need not wait, and nothing grows. */
static void test_little_memory(void)
{
	const char *got = run(">S <S >0:ab >2:cd <0:x/4 >4:ef", 100);
	CHECK(strcmp(got, ">ab >cd <x >ef ") == 0, "got %s", got);
}

/* What waits has a share of the memory, with room for some connections: then the one that
 * waited longest gives up. One alone may have more, up to bounds of its own. */
static void test_little_for_what_waits(void)
{
	enum { MEMORY = 64 * 4000 };
	char script[4096] = "";
	for (unsigned i = 0; i < 50; i++)
		sprintf(script + strlen(script), "@%u >S <S >0:%c >5:%c >7:%c ", i, 'A' + i % 26,
			'a' + i % 26, 'a' + i % 26);
	strcat(script, "@0 >6:Z = @49 >1:x =");
	const char *got = run(script, MEMORY), *end = strchr(got, '|');
	unsigned gaps = 0;
	for (const char *c = got; c < end; c++)
		gaps += *c == '~';
	CHECK(gaps > 40 && gaps < 98, "%u of 100 holes were given up", gaps);
	CHECK(strstr(got, ">A >B ") == got, "the first gave up for less: %s", got);
	CHECK(strstr(got, ">~4 >a ") < end, "the first did not give up: %s", got);
	CHECK(strstr(end, "| >x | ") == end, "the last did give up: %s", got);

	strcpy(script, ">S <S >0:ab");
	for (unsigned i = 0; i < 50; i++)
		sprintf(script + strlen(script), " >%u:c", 5 + i);
	got = run(strcat(script, " = >2:xyz"), MEMORY);
	CHECK(strstr(got, ">ab | >xyz >c >c ") == got, "one alone gave up: %s", got);
}

int main(void)
{
	test_cases();
	test_orders();
	test_little_memory();
	test_little_for_what_waits();
	return test_end();
}
