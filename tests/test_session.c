/* The driver, as rows of what comes and how many messages come out. The words of a script:
 * hex bytes from the client (a segment), `~100` a gap of so many bytes, `*50` the segment
 * before again, so many times, `+1500` so many milliseconds, `mid`: the connection is only joined
 * here, and `<` before hex bytes from the server. */
#include <stdlib.h>

#include "base/text.h"
#include "dissect/session.h"
#include "test.h"

#define READ "000100000006010300000001"
#define ANSWER "0001000000050103020007"
#define ANSWER_9 "0009000000050103020007"

/* Read Var of one word, and of a word, a byte (filled up) and a word. */
#define S7_READ "0300001f02f080" "320100000005000e0000" "0401" S7_WORD
#define S7_WORD "120a10040001000184000000"
#define S7_ANSWER "0300001b02f080" "320300000005000200060000" "0401" "ff0400100007"
#define S7_READ_3 "0300003702f080" "32010000000500260000" "0403" S7_WORD \
	"120a10020001000184000020" "120a10040001000184000040"
#define S7_ANSWER_3(code, fill) "0300002702f080" "320300000005000200120000" "0403" \
	"ff0400100007" code "04000801" fill "ff0400100002"

/* OPC UA: the rest of a message, a request, its answer, and the answer to an older one. */
#define UA_MESSAGE(size, sequence, id) "4d534746" size "0000000700000001000000" sequence \
	"000000" id "000000"
#define UA_REST UA_MESSAGE("2c", "c9", "32") "000102030405060708090a0b0c0d0e0f10111213"
#define UA_HEADER "010105000040815a8dc9d6010100000000000000ffffffffe8030000000000"
#define UA_REQUEST UA_MESSAGE("3c", "65", "32") "0100d901" UA_HEADER "00"
#define UA_PUBLISH UA_MESSAGE("3f", "65", "32") "01003a03" UA_HEADER "ffffffff"
#define UA_CLOSED "0100dc010040815a8dc9d601010000000000000000ffffffff000000"
#define UA_ANSWER UA_MESSAGE("34", "ca", "32") UA_CLOSED
#define UA_ANSWER_9 UA_MESSAGE("34", "cb", "09") UA_CLOSED

#define DNP3_READ "05640bc40a000100acd1c1c1013c0206b576"

#define RANDOM "d03110ab86efde139eeabac37a0dde8ef2d3b1925e1302ca57501fe0ca9a7fd1"
#define CLIENT_HELLO "160301002d010000290301" RANDOM "000002000a0100"
#define SERVER_HELLO "160301002a020000260301" RANDOM "00000500"
#define NOISE "6a1f93c0557e08d4b2e94d7712a0cf3b" /* 16 bytes, as if encrypted */

enum { MEMORY = 32 * 1024 };

static unsigned requests, finished, events, repeated, unclaimed, shed, strays;
static bool is_silent;
static struct text told; /* all transactions, as text */

static void on_request(void *context, struct transaction *t)
{
	(void)context;
	requests += t->flow->id <= 1;
	strays += t->flow->id && t->request_origin.number != t->flow->id;
}

static bool is_bytes(const struct transaction *t, const struct item *item)
{
	if (item->field == ITEM_END)
		return false;
	enum field_type type = t->dissector->fields[item->field].type;
	return type == FIELD_TEXT || type == FIELD_DATA || type == FIELD_BYTES ||
		type == FIELD_BITS || type == FIELD_U16S;
}

static void tell_half(const struct transaction *t, const struct message *m,
	const struct origin *o)
{
	if (!m)
		return;
	text_printf(&told, " %u at %llu:", m->kind, (unsigned long long)o->number);
	for (uint32_t i = 0; i < m->count; i++) {
		text_printf(&told, " %u=", m->items[i].field);
		if (is_bytes(t, &m->items[i]))
			text_hex(&told, item_bytes(&m->items[i]));
		else
			text_uint(&told, m->items[i].u);
	}
}

static void tell(const struct transaction *t)
{
	text_printf(&told, "%llu, %u", (unsigned long long)t->id, t->outcome);
	tell_half(t, t->request, &t->request_origin);
	tell_half(t, t->response, &t->response_origin);
	for (unsigned i = 0; i < t->operation_count; i++) {
		const struct operation *op = &t->operations[i];
		text_printf(&told, "; %u %llu %u ", op->verb, (unsigned long long)op->address,
			op->outcome);
		text_hex(&told, op->value.bytes);
	}
	text_char(&told, '\n');
}

static void on_finished(void *context, struct transaction *t)
{
	tell(t);
	(void)context;
	finished++;
	for (unsigned i = 0; i < 2; i++) {
		const struct message *m = i ? t->response : t->request;
		events += m && m->events;
	}
	t->silent_until_ns = is_silent ? UINT64_MAX : 0;
}

static void on_event(void *context, struct flow *f, const struct dissector *d, unsigned end,
	enum session_event event, const struct origin *o)
{
	(void)context, (void)f, (void)d, (void)end, (void)event, (void)o;
	events++;
}

static void on_unclaimed(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *o)
{
	(void)context, (void)f, (void)end, (void)o;
	unclaimed += (unsigned)data.len;
}

static void on_remembered(void *context, const struct transaction *t, struct repeat_memo *memos)
{
	(void)context;
	for (unsigned i = 0; i < t->operation_count; i++)
		memcpy(memos[i].room, &t->operations[i].address, sizeof(uint64_t));
}

static void on_repeated(void *context, struct flow *f, const struct repeat_news *news,
	const struct transaction *t)
{
	(void)context, (void)f;
	uint64_t address;
	memcpy(&address, news->memos[0].room, sizeof(address));
	if (t)
		tell(t);
	repeated += address == 0 && news->values[0].len == 2 &&
		news->values[0].at[1] == 7;
}

static void on_released(void *context, struct transaction *t)
{
	(void)context, (void)t;
}

static size_t bytes_of(const char *hex, uint8_t *out)
{
	size_t len = 0;
	unsigned value;
	for (; sscanf(hex, "%2x", &value) == 1; hex += 2)
		out[len++] = (uint8_t)value;
	return len;
}

static void run(const char *script, bool repeats, uint64_t retold)
{
	static const struct session_sink sink = { on_request, on_finished, on_event,
		on_unclaimed, on_remembered, on_repeated, on_released };
	struct session_config config = { .outcome_wait_ns = 1000000000, .memory = MEMORY,
		.repeats = repeats, .retold = retold };
	struct sessions *s = sessions_new(&config, &sink, NULL);
	struct flow f = { .proto = PROTO_TCP, .client_known = CLIENT_BY_SYN,
		.packets = { 1, 1 } };
	struct origin o = { 0 };
	uint8_t bytes[512];
	size_t len = 0;
	char *copy = strdup(script);
	f.end[0].port = 49152;
	f.end[1].port = 502;
	requests = finished = events = repeated = unclaimed = 0;
	text_clear(&told);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		unsigned times = *word == '*' ? (unsigned)atoi(word + 1) : 1;
		unsigned end = *word == '<';
		if (*word == '~') {
			session_gap(s, &f, 0, (uint64_t)atoi(word + 1), &o);
			continue;
		}
		if (*word == 'm') {
			f.client_known = CLIENT_BY_PORT;
			f.is_midstream = true;
			f.first_ns = o.time_ns;
			continue;
		}
		if (*word == '+') {
			o.time_ns += (uint64_t)atoi(word + 1) * 1000000;
			continue;
		}
		if (*word != '*')
			len = bytes_of(word + end, bytes);
		for (; times; times--) {
			o.number++;
			o.time_ns += 1000000;
			session_data(s, &f, end, (struct bytes){ bytes, len }, &o);
		}
	}
	session_end(s, &f);
	shed = (unsigned)sessions_counters(s)->shed;
	sessions_free(s);
	free(copy);
}

static const struct {
	const char *what, *script;
	bool is_silent;
	unsigned requests, finished, events, repeated;
} cases[] = {
	{ "one exchange", READ " <" ANSWER, false, 1, 1, 0, 0 },
	{ "a whole message and junk between two gaps blinds nobody",
		READ " ~100 " READ "ffffff ~100 " READ READ " *49", false, 101, 101, 0, 0 },
	{ "an answer to what was asked before the capture", "+5000 mid " READ " <" ANSWER " <" ANSWER_9,
		false, 1, 2, 0, 0 },
	{ "one that comes much later", "+5000 mid " READ " <" ANSWER " +2000 <" ANSWER_9, false,
		1, 2, 1, 0 },
	{ "joined within a request", "+5000 mid 0000 06010300000006 " READ " <" ANSWER, false,
		1, 1, 0, 0 },
	{ "joined within a request that came in many pieces", "+5000 mid 010300 0000 06 " READ " <"
		ANSWER, false, 1, 1, 0, 0 },
	{ "joined in what the server sends, which is taken for the client", "+5000 mid " UA_REST
		" <" UA_REQUEST " " UA_ANSWER, false, 2, 2, 0, 0 },
	{ "an answer to what was asked before the capture, much later", "+5000 mid " UA_REQUEST " <"
		UA_ANSWER " +2000 <" UA_ANSWER_9, false, 1, 2, 0, 0 },
	{ "a poll that repeats itself", READ " <" ANSWER " " READ " <" ANSWER, true,
		1, 1, 0, 1 },
	{ "a repeated poll without an answer is a request all the same",
		READ " <" ANSWER " " READ, true, 2, 2, 0, 0 },
	{ "a repeated poll that is refused is unfolded",
		READ " <" ANSWER " " READ " <000100000003018302", true, 2, 2, 0, 0 },
	{ "a repeated poll behind a gap is unfolded",
		READ " <" ANSWER " " READ " ~12 <" ANSWER, true, 2, 2, 0, 0 },
	{ "another poll while one is open", READ " <" ANSWER " " READ
		" 000200000006010300000009 <" ANSWER, true, 3, 3, 0, 0 },
	{ "a repeated poll beside a request that waits", READ " <" ANSWER
		" 000200000006010300000009 " READ " <" ANSWER, true, 2, 2, 0, 1 },
	{ "beside one with its id", READ " <" ANSWER
		" 000100000006010300000009 " READ " <" ANSWER, true, 3, 3, 0, 0 },
	{ "a variable that is read again", S7_READ " <" S7_ANSWER " " S7_READ " <" S7_ANSWER, true,
		1, 1, 0, 1 },
	{ "three of them, and something else where nothing is", S7_READ_3 " <"
		S7_ANSWER_3("ff", "00") " " S7_READ_3 " <" S7_ANSWER_3("ff", "55"), true, 1, 1, 0, 1 },
	{ "one of three that is refused", S7_READ_3 " <" S7_ANSWER_3("ff", "00") " " S7_READ_3
		" <" S7_ANSWER_3("00", "00"), true, 2, 2, 0, 0 },
	{ "an answer that comes late", READ " +1500 <" ANSWER, false, 1, 2, 1, 0 },
	{ "after it the next may take as long", READ " +1500 <" ANSWER " " READ " +4900 <" ANSWER,
		false, 2, 3, 1, 0 },
	{ "but not longer", READ " +1500 <" ANSWER " " READ " +5100 <" ANSWER, false, 2, 4, 2, 0 },
	{ "what waited already is given up when it would have been", READ
		" +800 000200000006010300000009 +700 <" ANSWER " +500 <0002000000050103020007",
		false, 2, 4, 2, 0 },
	{ "or to a request that was missed", READ " +1500 ~12 <" ANSWER, false, 1, 2, 0, 0 },
	{ "what is encrypted is neither kept nor looked at", CLIENT_HELLO " <" SERVER_HELLO
		" 1703034800 " NOISE " *1151 " CLIENT_HELLO, false, 2, 2, 0, 0 },
	{ "a header in two segments", CLIENT_HELLO " <" SERVER_HELLO
		" 170303 0010" NOISE CLIENT_HELLO, false, 2, 2, 0, 0 },
	{ "a gap inside what is encrypted", CLIENT_HELLO " <" SERVER_HELLO
		" 1703030070" NOISE " ~80 " NOISE " " CLIENT_HELLO, false, 2, 2, 0, 0 },
	{ "a gap over its end", CLIENT_HELLO " <" SERVER_HELLO
		" 1703030030" NOISE " ~100 " NOISE CLIENT_HELLO, false, 2, 2, 0, 0 },
	{ "a gap over its end, and before the next", CLIENT_HELLO " <" SERVER_HELLO
		" 1703030030" NOISE " ~100 1703030010" NOISE " " CLIENT_HELLO,
		false, 2, 2, 0, 0 },
};

/* Whoever wants repetitions told again learns the same as without them. */
static void check_told(const char *what, const char *script)
{
	struct text again = { 0 };
	run(script, true, UINT64_MAX);
	text_put(&again, told.at, told.len);
	run(script, false, 0);
	CHECK(again.len == told.len && memcmp(again.at, told.at, told.len) == 0,
		"%s: told\n%.*swant\n%.*s", what, (int)again.len, again.at, (int)told.len, told.at);
	text_fini(&again);
}

/* What is nobody's is told, all of it, however late. */
static void test_strangers(void)
{
	static const char *const scripts[] = { NOISE, NOISE " *1", NOISE " *5", "0001 " NOISE " *5",
		NOISE " <" NOISE " *5", NOISE " ~100 " NOISE " *5" };
	for (size_t i = 0; i < 2 * sizeof(scripts) / sizeof(*scripts); i++) {
		char script[256];
		unsigned want = 0;
		snprintf(script, sizeof(script), "%s%s", i % 2 ? "mid " : "", scripts[i / 2]);
		run(script, true, 0);
		for (const char *at = scripts[i / 2]; (at = strstr(at, NOISE)) != NULL; at++)
			want += 16;
		const char *times = strchr(script, '*');
		want += times ? 16 * (unsigned)atoi(times + 1) : 0;
		want += strstr(script, "0001 ") ? 2 : 0;
		CHECK(unclaimed == want, "%s: %u bytes unclaimed, want %u", script, unclaimed, want);
	}
}

enum { CROWD = 500 };

static void open_flow(struct flow *f)
{
	*f = (struct flow){ .proto = PROTO_TCP, .client_known = CLIENT_BY_SYN,
		.packets = { 1, 1 } };
	f->end[0].port = 49152;
	f->end[1].port = 502;
}

static void send(struct sessions *s, struct flow *f, const char *hex, const struct origin *o)
{
	uint8_t bytes[512];
	session_data(s, f, 0, (struct bytes){ bytes, bytes_of(hex, bytes) }, o);
}

/* What a flow sends behind a crowd of others, in pieces or together, and once more, is read all
 * the same: so many requests. */
static void check_crowd(const char *what, const char *before, const char *crowd, unsigned ms,
	const char *piece, const char *rest, unsigned want)
{
	static const struct session_sink sink = { on_request, on_finished, on_event,
		on_unclaimed, on_remembered, on_repeated, on_released };
	struct session_config config = { .outcome_wait_ns = 1000000000, .memory = MEMORY };
	struct sessions *s = sessions_new(&config, &sink, NULL);
	struct flow own, others[CROWD];
	struct origin o = { .number = 1 };
	open_flow(&own);
	own.id = 1;
	send(s, &own, before, &o);
	for (unsigned i = 0; i < CROWD; i++) {
		open_flow(&others[i]);
		others[i].id = ++o.number;
		send(s, &others[i], crowd, &o);
	}
	session_advance(s, o.time_ns += ms * 1000000ull);
	requests = strays = 0;
	o.number = 1;
	for (unsigned i = 0; i < 2; i++) {
		send(s, &own, piece, &o);
		send(s, &own, rest, &o);
	}
	CHECK(requests == want, "%s: %u requests, want %u", what, requests, want);
	CHECK(strays == 0, "%s: %u requests from packets of other flows", what, strays);
	for (unsigned i = 0; i < CROWD; i++)
		session_end(s, &others[i]);
	session_end(s, &own);
	sessions_free(s);
}

/* What is nobody's is not kept, and makes no request go for it. */
static void test_stranger_in_a_crowd(void)
{
	static const struct session_sink sink = { on_request, on_finished, on_event,
		on_unclaimed, on_remembered, on_repeated, on_released };
	struct session_config config = { .outcome_wait_ns = 1000000000, .memory = MEMORY };
	struct sessions *s = sessions_new(&config, &sink, NULL);
	struct flow flows[CROWD];
	struct origin o = { 0 };
	for (unsigned i = 0; i < CROWD; i++) {
		open_flow(&flows[i]);
		finished = 0;
		send(s, &flows[i], i + 1 < CROWD ? READ : NOISE, &o);
	}
	CHECK(finished == 0, "a stranger in a crowd: %u requests went", finished);
	for (unsigned i = 0; i < CROWD; i++)
		session_end(s, &flows[i]);
	sessions_free(s);
}

static void test_crowds(void)
{
	const char *begin = "0001000000", *end = "06010300000001" READ;
	check_crowd("sessions", "", UA_REQUEST, 0, begin, end, 4);
	check_crowd("requests that wait", "", READ, 0, begin, end, 4);
	check_crowd("requests that wait for news", "", UA_PUBLISH, 2000, begin, end, 4);
	check_crowd("requests nobody answered", "", READ, 2000, begin, end, 4);
	/* the first that finds no room is lost */
	check_crowd("messages without an end", READ, "0001000000", 6000, begin, end, 3);
	check_crowd("requests without an end", READ, "000100000071011000010035" "6a"
		NOISE NOISE NOISE NOISE, 6000, begin, end, 3);
	check_crowd("a session that had begun", READ, READ, 0, begin, end, 4);
	check_crowd("requests of another protocol", DNP3_READ, READ, 0, DNP3_READ DNP3_READ, "", 4);
}

int main(void)
{
	test_strangers();
	test_crowds();
	test_stranger_in_a_crowd();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		is_silent = cases[i].is_silent;
		run(cases[i].script, true, 0);
		CHECK(requests == cases[i].requests, "%s: %u requests", cases[i].what, requests);
		CHECK(finished == cases[i].finished, "%s: %u finished", cases[i].what, finished);
		CHECK(events == cases[i].events, "%s: %u events", cases[i].what, events);
		CHECK(repeated == cases[i].repeated, "%s: %u repeated", cases[i].what, repeated);
		CHECK(shed == 0, "%s: no room %u times", cases[i].what, shed);
		CHECK(unclaimed == 0, "%s: %u bytes unclaimed", cases[i].what, unclaimed);
		check_told(cases[i].what, cases[i].script);
	}
	text_fini(&told);
	return test_end();
}
