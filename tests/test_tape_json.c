/* Tapes as JSON: every field type, whatever else may be on a tape, and lazy items. */
#include <jansson.h>
#include <stdlib.h>

#include "dissect/fields.h"
#include "dissect/session.h"
#include "output/tape_json.h"
#include "test.h"

/* ---- a dissector with a field of every type ---- */

enum {
	UINT, INT, REAL, BOOL, ENUM, FLAGS, TEXT, DATA, BYTES, BITS, U16S, HIDDEN, SAME_AS_U16S,
	DEEP_A, DEEP_B, DEEP_IN, GROUP, GROUP_ID, GROUP_IN_A, GROUP_IN_B, NESTED, NESTED_V,
	LEAF, LEAF_BELOW, LAZY, LAZY_GROUP, LAZY_TEXT, FIELDS
};
static const struct name colours[] = { { 1, "red" }, { 2, "green" }, { 1000, "far" },
{ 0, NULL } };
static const struct name bits[] =
	{ { 0, "NONE" }, { 1, "A" }, { 2, "B" }, { 4096, "C" }, { 0, NULL } };
static void expand(struct dissect *d, struct bytes value);
#define F(n, t, ...) { .name = n, .type = t, .help = "", ##__VA_ARGS__ }
static const struct field fields[FIELDS] = {
	[UINT] = F("uint", FIELD_UINT),
	[INT] = F("int", FIELD_INT),
	[REAL] = F("real", FIELD_REAL),
	[BOOL] = F("bool", FIELD_BOOL),
	[ENUM] = F("enum", FIELD_ENUM, .names = colours),
	[FLAGS] = F("flags", FIELD_FLAGS, .names = bits),
	[TEXT] = F("text", FIELD_TEXT),
	[DATA] = F("data", FIELD_DATA),
	[BYTES] = F("bytes", FIELD_BYTES),
	[BITS] = F("bits", FIELD_BITS),
	[U16S] = F("u16s", FIELD_U16S),
	[HIDDEN] = F("hidden", FIELD_DATA, .flags = FIELD_HIDDEN),
	[SAME_AS_U16S] = F("u16s", FIELD_UINT),
	[DEEP_A] = F("deep.a", FIELD_UINT),
	[DEEP_B] = F("deep.b", FIELD_UINT),
	[DEEP_IN] = F("deep.in.x", FIELD_UINT),
	[GROUP] = F("deep.group", FIELD_GROUP),
	[GROUP_ID] = F("deep.group.id", FIELD_UINT),
	[GROUP_IN_A] = F("deep.group.in.a", FIELD_UINT),
	[GROUP_IN_B] = F("deep.group.in.b", FIELD_UINT),
	[NESTED] = F("deep.group.nested", FIELD_GROUP),
	[NESTED_V] = F("deep.group.nested.v", FIELD_TEXT),
	[LEAF] = F("leaf", FIELD_UINT),
	[LEAF_BELOW] = F("leaf.below", FIELD_UINT),
	[LAZY] = F("late", FIELD_LAZY, .expand = expand),
	[LAZY_GROUP] = F("late", FIELD_GROUP),
	[LAZY_TEXT] = F("late.text", FIELD_TEXT, .flags = FIELD_IN_LAZY),
};
static const struct dissector toy = { .name = "toy", .fields = fields, .field_count = FIELDS };

/* ---- tapes ---- */

#define U(f, v) { .field = f, .u = v }
#define B(f, s) { .field = f, .len = sizeof(s) - 1, .at = (const uint8_t *)(s) }
#define END { .field = ITEM_END }

static const struct tape_case {
	const char *what;
	struct item items[12];
	unsigned count;
	const char *want;
} tapes[] = {
	{ "nothing", { END }, 0, "{}" },
	{ "numbers", { U(UINT, 7), { .field = INT, .i = -7 }, { .field = REAL, .real = 1.5 },
		U(BOOL, 1) }, 4, "{\"uint\":7,\"int\":-7,\"real\":1.5,\"bool\":true}" },
	{ "beyond 2^53", { U(UINT, UINT64_MAX) }, 1, "{\"uint\":\"18446744073709551615\"}" },
	{ "names", { U(ENUM, 2), U(FLAGS, 3) }, 2, "{\"enum\":\"green\",\"flags\":\"A | B\"}" },
	{ "large names", { U(ENUM, 1000), U(FLAGS, 4097) }, 2,
		"{\"enum\":\"far\",\"flags\":\"A | C\"}" },
	{ "no names", { U(ENUM, 77), U(FLAGS, 0) }, 2,
		"{\"enum\":\"unknown\",\"flags\":\"NONE\"}" },
	{ "unknown bit", { U(ENUM, 7777), U(FLAGS, 64) }, 2,
		"{\"enum\":\"unknown\",\"flags\":\"unknown\"}" },
	{ "strings", { B(TEXT, "a\"\xff"), B(DATA, "a\"\\\x00\xff"), B(BYTES, "\x01\xfe") }, 3,
		"{\"text\":\"a\\\"\xef\xbf\xbd\",\"data\":\"a\\\"\\\\\\\\x00\\\\xFF\","
		"\"bytes\":\"01fe\"}" },
	{ "arrays", { { .field = BITS, .extra = 2, .len = 2, .at = (const uint8_t *)"\5\2" },
		B(U16S, "\x00\x01\xff\xff") }, 2,
		"{\"bits\":[1,0,1,0,0,0,0,0,0,1],\"u16s\":[1,65535]}" },
	{ "empty arrays", { B(BITS, ""), B(U16S, ""), B(TEXT, "") }, 3,
		"{\"bits\":[],\"u16s\":[],\"text\":\"\"}" },
	{ "hidden", { B(HIDDEN, "x"), U(UINT, 1) }, 2, "{\"uint\":1}" },
	{ "not expanded", { B(LAZY, "x"), U(UINT, 1) }, 2, "{\"uint\":1}" },
	{ "no such field", { U(FIELDS, 1), U(UINT, 1), U(60000, 1) }, 3, "{\"uint\":1}" },
	{ "the first of a kind", { U(UINT, 1), U(UINT, 2) }, 2, "{\"uint\":1}" },
	{ "two fields, one key", { B(U16S, "\x00\x01"), U(SAME_AS_U16S, 2) }, 2,
		"{\"u16s\":[1]}" },
	{ "nesting", { U(DEEP_A, 1), U(DEEP_IN, 2), U(DEEP_B, 3), U(UINT, 4) }, 4,
		"{\"deep\":{\"a\":1,\"in\":{\"x\":2},\"b\":3},\"uint\":4}" },
	{ "apart", { U(DEEP_A, 1), U(UINT, 4), U(DEEP_B, 3) }, 3,
		"{\"uint\":4,\"deep\":{\"a\":1,\"b\":3}}" },
	{ "value, then object", { U(LEAF, 1), U(LEAF_BELOW, 2) }, 2, "{\"leaf\":1}" },
	{ "object, then value", { U(LEAF_BELOW, 2), U(LEAF, 1) }, 2,
		"{\"leaf\":{\"below\":2}}" },
	{ "groups", { U(GROUP, 0), U(GROUP_ID, 1), END, U(GROUP, 0), U(GROUP_ID, 2),
		U(GROUP_IN_A, 3), U(GROUP_IN_B, 4), END, U(DEEP_A, 5) }, 9,
		"{\"deep\":{\"group\":[{\"id\":1},{\"id\":2,\"in\":{\"a\":3,\"b\":4}}],\"a\":5}}" },
	{ "groups in groups", { U(GROUP, 0), U(NESTED, 0), B(NESTED_V, "x"), END, U(NESTED, 0),
		END, END, U(GROUP, 0), END }, 9,
		"{\"deep\":{\"group\":[{\"nested\":[{\"v\":\"x\"},{}]},{}]}}" },
	{ "groups apart", { U(GROUP, 0), U(GROUP_ID, 1), END, U(UINT, 9), U(GROUP, 0),
		U(GROUP_ID, 2), END }, 7,
		"{\"uint\":9,\"deep\":{\"group\":[{\"id\":1},{\"id\":2}]}}" },
	{ "apart inside a group", { U(GROUP, 0), U(GROUP_IN_A, 1), U(GROUP_ID, 2),
		U(GROUP_IN_B, 3), END, U(UINT, 9) }, 6,
		"{\"uint\":9,\"deep\":{\"group\":[{\"id\":2,\"in\":{\"a\":1,\"b\":3}}]}}" },
	{ "ends missing", { U(GROUP, 0), U(NESTED, 0), B(NESTED_V, "x") }, 3,
		"{\"deep\":{\"group\":[{\"nested\":[{\"v\":\"x\"}]}]}}" },
	{ "ends too many", { END, U(DEEP_A, 1), END, END, U(DEEP_B, 2) }, 5,
		"{\"deep\":{\"a\":1,\"b\":2}}" },
};

static struct message message_of(const struct item *items, unsigned count)
{
	return (struct message){ .items = (struct item *)items, .count = count, .cap = count };
}

static void test_tapes(void)
{
	struct tape_plan *plan = tape_plan_new(&toy);
	struct text t = { 0 };
	for (size_t i = 0; i < sizeof(tapes) / sizeof(*tapes); i++) {
		struct message m = message_of(tapes[i].items, tapes[i].count);
		text_clear(&t);
		bool is_whole = tape_json(plan, &m, TAPE_UNLIMITED, &t);
		CHECK(is_whole && t.len == strlen(tapes[i].want) &&
			!memcmp(t.at, tapes[i].want, t.len),
			"%s: %.*s", tapes[i].what, (int)t.len, t.at);
	}
	text_fini(&t);
	tape_plan_free(plan);
}

static void test_limits(void)
{
	static const struct item items[] = { B(TEXT, "abcdef"), B(DATA, "abcdef"),
		B(U16S, "\x00\x01\x00\x02\x00\x03"), U(GROUP, 0), END, U(GROUP, 0),
		U(NESTED, 0), END, END, U(GROUP, 0), END, U(DEEP_A, 9) };
	struct tape_plan *plan = tape_plan_new(&toy);
	struct message m = message_of(items, sizeof(items) / sizeof(*items));
	static const char two[] = "{\"text\":\"abc\",\"data\":\"abc\",\"u16s\":[1,2],"
		"\"deep\":{\"group\":[{},{\"nested\":[{}]}],\"a\":9}}";
	struct text t = { 0 };
	CHECK(!tape_json(plan, &m, (struct tape_limits){ 2, 3 }, &t), "whole");
	CHECK(t.len == sizeof(two) - 1 && !memcmp(t.at, two, t.len), "%.*s", (int)t.len, t.at);
	text_fini(&t);
	tape_plan_free(plan);
}

static json_t *parse(const struct text *t)
{
	json_error_t error;
	json_t *json = json_loadb(t->at, t->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
		&error);
	if (!json)
		printf("%s: %.*s\n", error.text, (int)t->len, t->at);
	return json;
}

static struct item random_item(const uint8_t *bytes, size_t len)
{
	unsigned what = (unsigned)rand();
	struct item item = { .field = (uint16_t)(what % (FIELDS + 2)) };
	if (item.field > FIELDS || what % 5 == 0)
		item.field = ITEM_END;
	if (what % 3 == 0)
		item.field = what & 64 ? GROUP : NESTED;
	if (item.field < FIELDS && fields[item.field].type >= FIELD_TEXT) {
		item.len = (uint32_t)(what >> 8) % (uint32_t)len;
		item.at = bytes + len - item.len;
		item.extra = item.field == BITS && item.len ? what >> 4 & 7 : 0;
	} else {
		item.u = (uint64_t)what << (what % 40);
	}
	return item;
}

static void test_fuzzed_tapes(void)
{
	struct tape_plan *plan = tape_plan_new(&toy);
	struct text t = { 0 };
	struct item items[64];
	uint8_t bytes[40];
	unsigned refused = 0;
	srand(3);
	for (int round = 0; round < 20000; round++) {
		struct message m = message_of(items, (unsigned)rand() % 64);
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)rand();
		for (unsigned i = 0; i < m.count; i++)
			items[i] = random_item(bytes, sizeof(bytes));
		struct tape_limits limits = { (unsigned)rand() % 4, (unsigned)rand() % 40 };
		text_clear(&t);
		tape_json(plan, &m, round & 1 ? TAPE_UNLIMITED : limits, &t);
		json_t *json = parse(&t);
		refused += json == NULL;
		json_decref(json);
	}
	CHECK(refused == 0, "%u refused", refused);
	text_fini(&t);
	tape_plan_free(plan);
}

/* A tape like those before it: one of a few shapes, now and then with other names, with
 * values of any size. The first FLAT shapes have no groups, and no names that come apart. */
enum { FLAT = 3, SHAPES = 5 };
static unsigned shaped_tape(struct item *items, const uint8_t *bytes, int some)
{
	static const uint16_t shapes[SHAPES][8] = {
		{ UINT, ENUM, FLAGS, HIDDEN, DEEP_A, DEEP_IN, DEEP_B, DATA },
		{ UINT, ENUM, FLAGS, HIDDEN, DEEP_A, DEEP_IN, DEEP_B, U16S },
		{ BOOL, DEEP_IN, UINT, INT, U16S, TEXT, UINT, SAME_AS_U16S },
		{ DEEP_A, ENUM, DEEP_B, REAL, BITS, BYTES, ITEM_END, FIELDS },
		{ UINT, GROUP, GROUP_ID, ITEM_END, DEEP_A, TEXT, BITS, BOOL },
	};
	const uint16_t *shape = shapes[rand() % some];
	unsigned count = rand() % 8 ? 8 : (unsigned)rand() % 8;
	for (unsigned i = 0; i < count; i++) {
		bool has_bytes = shape[i] < FIELDS && fields[shape[i]].type >= FIELD_TEXT;
		items[i] = (struct item){ .field = shape[i],
			.u = (uint64_t)rand() >> (rand() % 31) << (rand() % 4 ? 0 : rand() % 40) };
		if (shape[i] == ENUM || shape[i] == FLAGS)
			items[i].u = rand() % 6 ? 2 : (uint64_t)rand() % 5000;
		if (has_bytes) {
			items[i].len = (uint32_t)rand() % 40;
			items[i].at = bytes;
		}
	}
	return count;
}

/* What a plan wrote before makes no difference. */
static void test_forms(void)
{
	struct tape_plan *plan = tape_plan_new(&toy);
	struct text t = { 0 }, fresh = { 0 };
	struct item items[8];
	uint8_t bytes[40];
	unsigned different = 0;
	srand(4);
	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)rand();
		struct message m = message_of(items, shaped_tape(items, bytes, SHAPES));
		struct tape_limits limits = { (unsigned)rand() % 20, (unsigned)rand() % 40 };
		if (round & 1)
			limits = TAPE_UNLIMITED;
		struct tape_plan *other = tape_plan_new(&toy);
		text_clear(&t);
		text_clear(&fresh);
		bool is_whole = tape_json(plan, &m, limits, &t);
		different += is_whole != tape_json(other, &m, limits, &fresh) ||
			t.len != fresh.len || memcmp(t.at, fresh.at, t.len);
		tape_plan_free(other);
	}
	CHECK(different == 0, "%u different", different);
	text_fini(&t);
	text_fini(&fresh);
	tape_plan_free(plan);
}

/* Elements of a group are written as each would be alone by a plan that has learnt nothing. */
static void test_forms_of_elements(void)
{
	enum { ELEMENTS = 6, EACH = 10 };
	struct tape_plan *plan = tape_plan_new(&toy);
	struct text t = { 0 }, want = { 0 };
	struct item items[ELEMENTS * EACH];
	uint8_t bytes[ELEMENTS][40];
	srand(5);
	for (int round = 0; round < 1000; round++) {
		unsigned count = 0;
		text_clear(&want);
		text_lit(&want, "{\"deep\":{\"group\":[");
		for (unsigned i = 0; i < ELEMENTS; i++) {
			struct tape_plan *fresh = tape_plan_new(&toy);
			for (size_t j = 0; j < sizeof(bytes[i]); j++)
				bytes[i][j] = (uint8_t)rand();
			items[count++] = (struct item){ .field = GROUP };
			unsigned n = shaped_tape(items + count, bytes[i], FLAT);
			struct message alone = message_of(items + count, n);
			if (i)
				text_char(&want, ',');
			tape_json(fresh, &alone, TAPE_UNLIMITED, &want);
			tape_plan_free(fresh);
			count += n;
			items[count++] = (struct item){ .field = ITEM_END };
		}
		text_lit(&want, "]}}");
		struct message m = message_of(items, count);
		text_clear(&t);
		tape_json(plan, &m, TAPE_UNLIMITED, &t);
		CHECK(t.len == want.len && !memcmp(t.at, want.at, t.len), "%.*s\nwant %.*s",
			(int)t.len, t.at, (int)want.len, want.at);
	}
	text_fini(&t);
	text_fini(&want);
	tape_plan_free(plan);
}

static void test_again(void)
{
	static const struct item items[] = { B(U16S, "\x00\x01\x00\x02\x00\x03") };
	struct tape_plan *plan = tape_plan_new(&toy);
	struct message m = message_of(items, 1);
	struct bytes b = item_bytes(items);
	struct text t = { 0 };
	CHECK(!tape_again(plan, b, 3, &t), "before");
	CHECK(!tape_json(plan, &m, (struct tape_limits){ 2, 2 }, &t), "whole");
	CHECK(!tape_again(plan, b, 3, &t), "cut");
	tape_json(plan, &m, TAPE_UNLIMITED, &t);
	CHECK(!tape_again(plan, b, 2, &t), "fewer");
	CHECK(!tape_again(plan, (struct bytes){ b.at, 4 }, 2, &t), "shorter");
	text_clear(&t);
	tape_json(plan, &m, TAPE_UNLIMITED, &t);
	CHECK(tape_again(plan, b, 3, &t), "not again");
	static const char want[] = "{\"u16s\":[1,2,3]}[1,2,3]";
	CHECK(t.len == sizeof(want) - 1 && !memcmp(t.at, want, t.len), "%.*s", (int)t.len, t.at);
	tape_forget(plan);
	CHECK(!tape_again(plan, b, 3, &t), "forgotten");
	text_fini(&t);
	tape_plan_free(plan);
}

/* Every number, bit and byte there is, against printf(). */
static void test_every_value(void)
{
	uint8_t bytes[2];
	struct text t = { 0 };
	unsigned wrong = 0;
	char want[64];
	for (unsigned v = 0; v < 65536; v++) {
		bytes[0] = (uint8_t)(v >> 8);
		bytes[1] = (uint8_t)v;
		text_clear(&t);
		json_u16s(&t, (struct bytes){ bytes, 2 }, 1, 1);
		size_t len = (size_t)snprintf(want, sizeof(want), "[%u]", v);
		wrong += len != t.len || memcmp(want, t.at, len);
		text_clear(&t);
		json_bits(&t, (struct bytes){ bytes, 2 }, 16, 1 + v % 16);
		for (unsigned i = 0; i <= v % 16; i++)
			wrong += t.at[1 + 2 * i] != '0' + (bytes[i / 8] >> i % 8 & 1);
		wrong += t.len != 2 * (v % 16) + 3 || t.at[t.len - 1] != ']';
	}
	for (unsigned v = 0; v < 256; v++) {
		bytes[0] = (uint8_t)v;
		text_clear(&t);
		json_data(&t, (struct bytes){ bytes, 1 });
		bool is_plain = v >= 0x20 && v < 0x7f;
		size_t len = (size_t)snprintf(want, sizeof(want), is_plain ? "\"%s%c\""
			: "\"\\\\x%s%02X\"", is_plain && strchr("\"\\", (int)v) ? "\\" : "", v);
		wrong += len != t.len || memcmp(want, t.at, len);
	}
	CHECK(wrong == 0, "%u wrong", wrong);
	text_fini(&t);
}

/* The longest tapes, and the worst: groups whose names come apart. */
static void test_long_tapes(void)
{
	struct tape_plan *plan = tape_plan_new(&toy);
	struct item *items = calloc(MESSAGE_ITEMS_MAX, sizeof(*items));
	struct text t = { 0 };
	static const struct item apart[] = { U(GROUP, 0), U(GROUP_IN_A, 1), U(GROUP_ID, 2),
		U(GROUP_IN_B, 3), END, U(UINT, 1) };
	for (int nest = 0; nest < 2; nest++) {
		for (unsigned i = 0; i < MESSAGE_ITEMS_MAX; i++)
			items[i] = nest ? (struct item)U(GROUP, 0) : apart[i % 6];
		struct message m = message_of(items, MESSAGE_ITEMS_MAX);
		text_clear(&t);
		tape_json(plan, &m, TAPE_UNLIMITED, &t);
		json_t *json = parse(&t);
		size_t elements = json_array_size(json_object_get(json_object_get(json, "deep"),
			"group"));
		CHECK(json && elements == (nest ? 1 : MESSAGE_ITEMS_MAX / 6 + 1), "%zu",
			elements);
		json_decref(json);
	}
	free(items);
	text_fini(&t);
	tape_plan_free(plan);
}

/* ---- lazy items ---- */

/* A group for each byte; its text is the byte twice, which has to be kept. */
static void expand(struct dissect *d, struct bytes value)
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t twice[2] = { value.at[i], value.at[i] };
		put_begin(d, LAZY_GROUP);
		put_bytes(d, LAZY_TEXT, keep(d, (struct bytes){ twice, sizeof(twice) }));
		put_end(d);
	}
}

static void lazy_message(struct message *m, struct bytes raw)
{
	struct dissect d = { .message = m };
	message_init(m);
	m->raw = raw;
	m->key = 5;
	put_uint(&d, UINT, 1);
	put_lazy(&d, LAZY, (struct bytes){ raw.at + 1, 2 });
	put_uint(&d, BOOL, 1);
	put_lazy(&d, LAZY, keep(&d, (struct bytes){ (const uint8_t *)"k", 1 }));
}

static void check_expanded(const struct message *m, const char *what)
{
	static const char want[] = "{\"uint\":1,\"bool\":true,"
		"\"late\":[{\"text\":\"bb\"},{\"text\":\"cc\"},{\"text\":\"kk\"}]}";
	struct tape_plan *plan = tape_plan_new(&toy);
	struct message room = { 0 };
	struct text t = { 0 };
	const struct message *whole = message_expanded(&toy, m, &room);
	CHECK(whole == &room && !whole->is_lazy && whole->key == 5 && whole->count == 11, "%s",
		what);
	CHECK(message_item(whole, BOOL)->u == 1 && !message_item(m, LAZY_TEXT), "%s", what);
	CHECK(message_expanded(&toy, whole, NULL) == whole, "%s: again", what);
	tape_json(plan, whole, TAPE_UNLIMITED, &t);
	CHECK(t.len == sizeof(want) - 1 && !memcmp(t.at, want, t.len), "%s: %.*s", what,
		(int)t.len, t.at);
	text_fini(&t);
	message_fini(&room);
	tape_plan_free(plan);
}

/* A copy has bytes of its own: the original's may go away. */
static void test_lazy(void)
{
	uint8_t raw[] = "abcd";
	struct message m, copy;
	lazy_message(&m, (struct bytes){ raw, 4 });
	check_expanded(&m, "as it is");
	void *room = malloc(message_copy_size(&m));
	message_copy(&copy, room, &m);
	memset(raw, 'x', sizeof(raw));
	memset(m.kept, 'x', m.kept_len);
	check_expanded(&copy, "a copy");
	free(room);
	message_fini(&m);
}

static void test_lazy_transaction(void)
{
	uint8_t raw[] = "abcd";
	struct message lazy, plain = message_of(NULL, 0), room[2] = { 0 };
	struct transaction t = { .dissector = &toy, .request = &plain }, copy;
	lazy_message(&lazy, (struct bytes){ raw, 4 });
	CHECK(transaction_expanded(&t, &copy, room) == &t, "nothing is lazy");
	t.response = &lazy;
	CHECK(transaction_expanded(&t, &copy, room) == &copy, "something is");
	CHECK(copy.request == &plain && copy.response == &room[1], "which");
	CHECK(t.response == &lazy && lazy.is_lazy, "it stays as it was");
	message_fini(&room[0]);
	message_fini(&room[1]);
	message_fini(&lazy);
}

/* What is too long is cut where it would have been without. */
static void test_lazy_limit(void)
{
	static uint8_t raw[MESSAGE_ITEMS_MAX / 3 + 1];
	struct message m, room = { 0 };
	struct dissect d = { .message = &m };
	message_init(&m);
	m.raw = (struct bytes){ raw, sizeof(raw) };
	put_lazy(&d, LAZY, m.raw);
	CHECK(message_expanded(&toy, &m, &room) == &room && room.is_full &&
		room.count == MESSAGE_ITEMS_MAX, "%u", room.count);
	message_fini(&room);
	message_fini(&m);
}

/* ---- texts that are kept ---- */

static unsigned spelled;

static size_t twice(struct bytes value, char *out)
{
	spelled++;
	memcpy(out, value.at, value.len);
	memcpy(out + value.len, value.at, value.len);
	return 2 * value.len;
}

static size_t once(struct bytes value, char *out)
{
	memcpy(out, value.at, value.len);
	return value.len;
}

static const struct kept_case {
	const char *what, *value, *want;
	text_format *format;
	uint32_t limit;
	bool is_whole;
	unsigned spelled; /* by twice(), so far */
} kept_cases[] = {
	{ "new", "ab", "\"abab\"", twice, UINT32_MAX, true, 1 },
	{ "again", "ab", "\"abab\"", twice, UINT32_MAX, true, 1 },
	{ "another format", "ab", "\"ab\"", once, UINT32_MAX, true, 1 },
	{ "cut, though it is kept", "ab", "\"aba\"", twice, 3, false, 2 },
	{ "what was cut is not kept", "ab", "\"abab\"", twice, UINT32_MAX, true, 2 },
	{ "empty", "", "\"\"", twice, UINT32_MAX, true, 3 },
	{ "to be escaped", "\"", "\"\\\"\\\"\"", twice, UINT32_MAX, true, 4 },
	{ "the same again", "\"", "\"\\\"\\\"\"", twice, UINT32_MAX, true, 4 },
	{ "a text too long to keep", "0123456789012345678901234567890123456789",
		"\"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789\"",
		twice, UINT32_MAX, true, 5 },
	{ "still too long", "0123456789012345678901234567890123456789",
		"\"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789\"",
		twice, UINT32_MAX, true, 6 },
	{ "a value too long", "01234567890123456789012345678901234567890123456789",
		"\"01234567890123456789012345678901234567890123456789\"", once, UINT32_MAX, true, 6 },
};

static void test_kept(void)
{
	struct tape_plan *p = tape_plan_new(&toy);
	struct text out = { 0 };
	for (unsigned i = 0; i < sizeof(kept_cases) / sizeof(*kept_cases); i++) {
		const struct kept_case *c = &kept_cases[i];
		struct bytes value = { (const uint8_t *)c->value, strlen(c->value) };
		text_clear(&out);
		bool is_whole = tape_text(p, c->format, value, c->limit, &out);
		CHECK(is_whole == c->is_whole, "%s", c->what);
		CHECK(out.len == strlen(c->want) && memcmp(out.at, c->want, out.len) == 0,
			"%s: %.*s", c->what, (int)out.len, out.at);
		CHECK(spelled == c->spelled, "%s", c->what);
	}
	text_fini(&out);
	tape_plan_free(p);
}

int main(void)
{
	test_kept();
	test_tapes();
	test_limits();
	test_fuzzed_tapes();
	test_forms();
	test_forms_of_elements();
	test_again();
	test_every_value();
	test_long_tapes();
	test_lazy();
	test_lazy_transaction();
	test_lazy_limit();
	return test_end();
}
