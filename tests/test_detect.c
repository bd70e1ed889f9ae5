/* Rules against messages, bytes and packets, with a protocol made for the purpose. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/detect.h"
#include "ruleset.h"
#include "test.h"

/* ---- a toy protocol ---- */

enum { FUNCTION, UNIT, ADDRESS, VALUES, BITS, WORDS, NAME, CODE, SPEED, TEMPERATURE, ITEMS, TYPE,
	POINTS, INDEX, TRIP, FLAGS, LAZY, MEASURES, MEASURE_AT, MEASURED, FIELDS };

/* What is lazy: each byte a measure. */
static void expand_measures(struct dissect *d, struct bytes value)
{
	for (size_t i = 0; i < value.len; i++) {
		put_begin(d, MEASURES);
		put_uint(d, MEASURE_AT, i);
		put_uint(d, MEASURED, value.at[i] - '0');
		put_end(d);
	}
}

static const struct field toy_fields[FIELDS] = {
	[FUNCTION] = { "function", FIELD_UINT, "", .flags = FIELD_SELECTS },
	[UNIT] = { "unit", FIELD_UINT, "" },
	[ADDRESS] = { "address", FIELD_UINT, "" },
	[VALUES] = { "values", FIELD_U16S, "", .keyword = "value" },
	[BITS] = { "values", FIELD_BITS, "", .keyword = "value" },
	[WORDS] = { "words", FIELD_TEXT, "", .keyword = "value" },
	[NAME] = { "name", FIELD_TEXT, "" },
	[CODE] = { "code", FIELD_UINT, "" },
	[SPEED] = { "speed", FIELD_REAL, "" },
	[TEMPERATURE] = { "temperature", FIELD_INT, "" },
	[ITEMS] = { "items", FIELD_GROUP, "" },
	[TYPE] = { "items.type", FIELD_UINT, "" },
	[POINTS] = { "items.points", FIELD_GROUP, "" },
	[INDEX] = { "items.points.index", FIELD_UINT, "" },
	[TRIP] = { "items.points.trip", FIELD_UINT, "" },
	[FLAGS] = { "flags", FIELD_FLAGS, "" },
	[LAZY] = { "measures", FIELD_LAZY, "", .expand = expand_measures },
	[MEASURES] = { "measures", FIELD_GROUP, "" },
	[MEASURE_AT] = { "measures.at", FIELD_UINT, "", .flags = FIELD_IN_LAZY },
	[MEASURED] = { "measures.value", FIELD_UINT, "", .flags = FIELD_IN_LAZY },
};
static const struct event toy_events[] = { { "bad_length", "" }, { "bad_value", "" } };

static const struct dissector toy = {
	.name = "toy", .title = "Toy", .source = "none", .fields = toy_fields,
	.field_count = FIELDS, .events = toy_events, .event_count = 2, .lone_response_event = -1,
};
extern const struct dissector modbus_dissector;
const struct dissector *const dissectors[] = { &toy, &modbus_dissector, NULL };

/* ---- rules from text, messages from words ---- */

static const struct rule_variable addresses[] = {
	{ "SERVERS", "[10.0.0.2,2001:db8::2]" },
};

static struct ruleset *rules_of(const char *text)
{
	struct ruleset *r = ruleset_of(text, (struct rules_config){ .addresses = addresses,
		.address_count = 1 });
	const struct rules_report *report = ruleset_report(r);
	for (unsigned i = 0; i < report->note_count; i++)
		CHECK(report->notes[i].fate != RULE_REFUSED, "%s: %s", text,
			report->notes[i].reason);
	return r;
}

static void put_numbers(struct dissect *d, unsigned field, const char *text)
{
	static uint8_t room[64][2];
	static unsigned used;
	unsigned begin = used;
	for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		unsigned v = (unsigned)atoi(at);
		room[used][0] = (uint8_t)(v >> 8);
		room[used++][1] = (uint8_t)v;
	}
	put_bytes(d, field, (struct bytes){ room[begin], (used - begin) * 2 });
	used %= 32;
}

static void put_word(struct dissect *d, const struct dissector *of, char *word)
{
	char *value = strchr(word, '=');
	unsigned field = 0;
	if (strcmp(word, "}") == 0) {
		put_end(d);
		return;
	}
	if (value)
		*value++ = '\0';
	while (strcmp(of->fields[field].name, word) != 0)
		if (++field == of->field_count)
			abort(); /* a word that is no field */
	if (of->fields[field].type == FIELD_GROUP)
		put_begin(d, field);
	else if (of->fields[field].type == FIELD_LAZY)
		put_lazy(d, field, (struct bytes){ (const uint8_t *)value, strlen(value) });
	else if (of->fields[field].type == FIELD_U16S && strchr(value, 'b'))
		put_bits(d, field + 1, (struct bytes){ (const uint8_t *)"\x05", 1 }, 3);
	else if (of->fields[field].type == FIELD_U16S)
		put_numbers(d, field, value);
	else if (of->fields[field].type == FIELD_TEXT || of->fields[field].type == FIELD_DATA)
		put_text(d, field, value);
	else if (of->fields[field].type == FIELD_REAL)
		put_real(d, field, atof(value));
	else if (of->fields[field].type == FIELD_INT)
		put_int(d, field, atoi(value));
	else
		put_uint(d, field, (uint64_t)atoi(value));
}

/* "function=6 values=1,500 items items.type=1 }": fields, groups and their ends; "event=1". */
static struct message *message_of(const struct dissector *of, const char *words,
	const char *raw)
{
	static char text[8][256];
	static unsigned next;
	struct message *m = mem_new(sizeof(*m));
	struct dissect d = { .message = m };
	message_init(m);
	m->raw = (struct bytes){ (const uint8_t *)raw, raw ? strlen(raw) : 0 };
	char *line = strcpy(text[next++ % 8], words);
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		if (strncmp(word, "event=", 6) == 0)
			put_event(&d, (unsigned)atoi(word + 6));
		else
			put_word(&d, of, word);
	}
	return m;
}

static void message_free(struct message *m)
{
	if (m)
		message_fini(m);
	free(m);
}

static struct flow flow_of(const char *client, const char *server, uint8_t proto)
{
	struct flow f = { .proto = proto, .ip_version = 4, .client = 0 };
	address_parse(&f.end[0].address, client);
	address_parse(&f.end[1].address, server);
	f.end[0].port = 1025;
	f.end[1].port = 502;
	f.packets[0] = 1;
	return f;
}

/* ---- contents ---- */

static const struct content_case {
	const char *options, *data;
	bool want;
} contents[] = {
	{ "content:\"abc\";", "xxabcxx", true },
	{ "content:\"abc\";", "xxABCxx", false },
	{ "content:\"abc\"; nocase;", "xxABCxx", true },
	{ "content:\"abc\";", "ab", false },
	{ "content:\"abc\"; nocase;", "xABxABD", false },
	{ "content:\"abc\"; offset:2;", "xxabc", true },
	{ "content:\"abc\"; offset:3;", "xxabc", false },
	{ "content:\"abc\"; offset:3;", "xxabcabc", true },
	{ "content:\"abc\"; depth:5;", "xxabc", true },
	{ "content:\"abc\"; depth:4;", "xxabc", false },
	{ "content:\"abc\"; offset:1; depth:3;", "xabc", true },
	{ "content:\"abc\"; offset:1; depth:3;", "xxabc", false },
	{ "content:\"abc\"; startswith;", "abcx", true },
	{ "content:\"abc\"; startswith;", "xabc", false },
	{ "content:\"abc\"; endswith;", "abcabc", true },
	{ "content:\"abc\"; endswith;", "abcx", false },
	{ "content:\"abc\"; endswith;", "ab", false },
	{ "content:\"abc\"; depth:4; endswith;", "xabc", true },
	{ "content:\"abc\"; depth:4; endswith;", "xabcabc", false },
	{ "content:\"abc\"; startswith; endswith;", "abc", true },
	{ "content:\"abc\"; startswith; endswith;", "abcabc", false },
	{ "content:\"abc\"; content:\"def\";", "defabc", true },
	{ "content:\"abc\"; content:\"def\"; distance:0;", "defabc", false },
	{ "content:\"abc\"; content:\"def\"; distance:0;", "abcxdef", true },
	{ "content:\"abc\"; content:\"def\"; distance:1;", "abcdef", false },
	{ "content:\"abc\"; content:\"def\"; distance:1;", "abcxdef", true },
	{ "content:\"abc\"; content:\"cde\"; distance:-1;", "abcde", true },
	{ "content:\"abc\"; content:\"bcd\"; distance:-1;", "abcd", false },
	{ "content:\"abc\"; content:\"abc\"; distance:-9;", "abc", true },
	{ "content:\"abc\"; content:\"def\"; within:3;", "abcdef", true },
	{ "content:\"abc\"; content:\"def\"; within:3;", "abcxdef", false },
	{ "content:\"abc\"; content:\"def\"; within:4;", "abcxdef", true },
	{ "content:\"abc\"; content:\"def\"; distance:1; within:3;", "abcxdef", true },
	{ "content:\"abc\"; content:\"def\"; distance:1; within:3;", "abcxxdef", false },
	/* the first abc does not have def near, the second has */
	{ "content:\"abc\"; content:\"def\"; within:3;", "abcxabcdef", true },
	{ "content:\"a\"; content:\"b\"; within:1; content:\"c\"; within:1;", "axabxabc", true },
	{ "content:\"a\"; content:\"b\"; within:1; content:\"c\"; within:1;", "axabxabx", false },
	{ "content:\"a\"; content:\"b\"; distance:0; content:\"c\"; within:1;", "abxbc", true },
	/* a new chain is not bound to the one before, and does not mend it */
	{ "content:\"a\"; content:\"b\"; within:1; content:\"z\"; content:\"y\"; within:1;",
		"zyxab", true },
	{ "content:\"a\"; content:\"b\"; within:1; content:\"z\"; content:\"y\"; within:1;",
		"zxyab", false },
	{ "content:\"abc\"; content:!\"def\";", "abc", true },
	{ "content:\"abc\"; content:!\"def\";", "defabc", false },
	{ "content:\"abc\"; content:!\"def\"; within:3;", "abcdef", false },
	{ "content:\"abc\"; content:!\"def\"; within:3;", "abcxdef", true },
	{ "content:\"abc\"; content:!\"def\"; within:3;", "abcdefabc", true },
	{ "content:\"abc\"; content:!\"def\"; distance:0;", "defabc", true },
	{ "content:\"abc\"; content:!\"x\"; within:1; content:\"y\"; distance:0;",
		"abcxabcyy", true },
	{ "content:!\"abc\";", "xxx", true },
	{ "content:!\"abc\";", "xabcx", false },
	{ "content:!\"abc\"; depth:3;", "xabcx", true },
	{ "content:!\"abc\"; offset:9;", "abc", true },
	{ "content:\"|61 62|c\";", "xabc", true },
	{ "content:\"abc\"; fast_pattern; content:\"longer\";", "longerabc", true },
	{ "content:\"abc\"; dsize:4;", "abcd", true },
	{ "content:\"abc\"; dsize:>4;", "abcd", false },
	{ "content:\"abc\"; dsize:!3;", "abcd", true },
	{ "content:\"abc\"; dsize:!3;", "abc", false },
	{ "flags:PA; content:\"abc\";", "abc", true },
	{ "flow:to_server,established; content:\"abc\";", "abc", true },
	{ "flow:to_client; content:\"abc\";", "abc", false },
	{ "flow:not_established; content:\"abc\";", "abc", false },
};

static uint64_t lost_searches;

static bool unclaimed_matches(const char *options, const char *data)
{
	char text[512];
	const struct rule *out[4];
	snprintf(text, sizeof(text), "alert tcp any any -> any 502 (msg:\"x\"; %s sid:1;)\n",
		options);
	struct ruleset *r = rules_of(text);
	struct detector *d = detector_new(r);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	struct bytes bytes = { (const uint8_t *)data, strlen(data) };
	unsigned count = detect_unclaimed(d, &f, 0, bytes, out, 4);
	lost_searches += detect_lost.searches;
	detect_lost.searches = 0;
	detect_flow_release(d, &f);
	detector_free(d);
	ruleset_free(r);
	return count == 1;
}

static void test_contents(void)
{
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		const struct content_case *c = &contents[i];
		CHECK(unclaimed_matches(c->options, c->data) == c->want, "%s in \"%s\"",
			c->options, c->data);
	}
}

/* Many half matches: bounded work, and no match rather than a long wait. It is counted. */
static void test_budget(void)
{
	static char data[60001];
	memset(data, 'a', sizeof(data) - 1);
	lost_searches = 0;
	CHECK(!unclaimed_matches("content:\"a\"; content:\"a\"; distance:1; content:\"a\";"
		" distance:1; content:\"a\"; distance:1; content:\"b\"; distance:1;", data),
		"there is no b");
	CHECK(lost_searches == 1, "given up");
	CHECK(!unclaimed_matches("content:\"a\"; content:!\"b\"; content:\"c\";", data),
		"there is no c");
	CHECK(lost_searches == 1, "looked for to the end");
}

/* ---- transactions ---- */

enum fires { NEVER, AT_REQUEST, AT_RESPONSE, AT_END };

static const struct transaction_case {
	const char *rule; /* after "alert " */
	const char *request, *response;
	enum fires fires;
} transactions[] = {
	/* predicates */
	{ "toy any any -> any any (toy.function:6;", "function=6", "function=6", AT_REQUEST },
	{ "toy any any -> any any (toy.function:6;", "function=5", "function=5", NEVER },
	{ "toy any any -> any any (toy.function:[5,7-9];", "function=8", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.function:[5,7-9];", "function=6", NULL, NEVER },
	{ "toy any any -> any any (toy.function:!6;", "function=6", NULL, NEVER },
	{ "toy any any -> any any (toy.function:!6;", "function=5", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.unit:!6;", "function=5", NULL, NEVER },
	{ "toy any any -> any any (toy.function:6; toy.unit:>3;", "function=6 unit=4", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (toy.function:6; toy.unit:>3;", "function=6 unit=3", NULL,
		NEVER },
	{ "toy any any -> any any (toy.value:>400;", "values=1,401", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value:>400;", "values=1,400", NULL, NEVER },
	{ "toy any any -> any any (toy.value:!400;", "values=1,400", NULL, NEVER },
	{ "toy any any -> any any (toy.value:1;", "values=b", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value:2;", "values=b", NULL, NEVER },
	/* numbers under the name, and texts */
	{ "toy any any -> any any (toy.value:stop;", "words=stop", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value:stop;", "words=start", NULL, NEVER },
	{ "toy any any -> any any (toy.value:stop;", "values=1", NULL, NEVER },
	{ "toy any any -> any any (toy.value:\"stop\";", "words=stop", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value:[start,stop];", "words=stop", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value:!stop;", "words=start", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value:!stop;", "words=stop", NULL, NEVER },
	{ "toy any any -> any any (toy.value:1;", "words=1", NULL, NEVER },
	{ "toy any any -> any any (toy.value; content:\"to\";", "words=stop", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.value; content:\"to\";", "words=run", NULL, NEVER },
	/* which of its values, as Suricata's multi-integers */
	{ "toy any any -> any any (flow:to_server; toy.value:>400,any;", "values=1,401", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,any;", "values=1,400", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,all;", "values=401,402", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,all;", "values=401,400", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,all;", "function=6", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,all_or_absent;", "function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,all_or_absent;", "values=1", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,or_absent;", "function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,or_absent;", "values=1,401", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:>400,or_absent;", "values=1,400", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,0;", "values=7,8", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,0;", "values=8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,1;", "values=8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,2;", "values=8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,-1;", "values=8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,-2;", "values=8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,-3;", "values=8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,oob_or 2;", "values=8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,oob_or 1;", "values=8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,oob_or 0;", "values=8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,nb 2;", "values=7,8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,nb >2;", "values=7,8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,nb>=2;", "values=7,8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,nb 0;", "values=8", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,nb !2;", "values=7,8,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,nb 1-2;", "values=7,8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:!7,any;", "values=7,8", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:!7,any;", "values=7,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:!7,all;", "values=8,9", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:!7,all;", "values=7,8", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:!7,nb 1;", "values=7,8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:[7,8],all;", "values=7,8,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:[7,8],all;", "values=7,9", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,all,1:-1;", "values=1,7,7,2", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,all,1:3;", "values=1,7,7,2", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,all,1:4;", "values=1,7,7,2", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,any,0:2;", "values=1,2,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,any,-2:0;", "values=1,2,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,any,2:9;", "values=1,2,7", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:7,0,1:0;", "values=1,7", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:7,-1,0:-1;", "values=1,7,2", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:count >2;", "values=1,2,3", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:count >2;", "values=1,2", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.value:count 0;", "function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:count>=2;", "values=1,2", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:count !3;", "values=1,2", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:1,nb 2;", "values=b", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; toy.value:0,1;", "values=b", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:count 2;", "items items.type=1 } items items.type=2 }",
		NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:>1,all;", "items items.type=1 } items items.type=2 }",
		NULL, NEVER },
	{ "toy any any -> any any (toy.items.type:2,-1;", "items items.type=1 } items items.type=2 }",
		NULL, AT_REQUEST },
	/* beside conditions on one element, the count is of the whole message */
	{ "toy any any -> any any (toy.items.type:1; toy.items.points.index:count 2; "
		"toy.items.points.trip:1;", "items items.type=1 items.points items.points.index=7 "
		"items.points.trip=1 } } items items.points items.points.index=8 } }", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:1; toy.items.points.index:count >0; "
		"toy.items.points.trip:1;", "items items.type=1 items.points items.points.index=7 "
		"} } items items.points items.points.trip=1 } }", NULL, NEVER },
	{ "toy any any -> any any (toy.function:6,0; toy.unit:>0,all;", "function=6 unit=1", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (toy.measures.value:>6,nb 2;", "measures=717", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.measures.value:>6,nb 2;", "measures=71", NULL, NEVER },
	{ "toy any any -> any any (toy.speed:>400,all;", "speed=400.5", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.flags:&0x80,all;", "flags=130", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_client; toy.value:count 2;", "function=6", "values=1,2",
		AT_RESPONSE },
	{ "toy any any -> any any (toy.value:>1,all;", "values=1,2", "values=2,3", AT_RESPONSE },
	{ "toy any any -> any any (ot.verb:write; ot.value:>6,all;", "function=6", "code=2", AT_END },
	{ "toy any any -> any any (toy.speed:>400;", "speed=400.5", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.speed:<400;", "speed=400.5", NULL, NEVER },
	{ "toy any any -> any any (toy.speed:400;", "speed=400.5", NULL, NEVER },
	{ "toy any any -> any any (toy.temperature:<-5;", "temperature=-6", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.temperature:<-5;", "temperature=-5", NULL, NEVER },
	{ "toy any any -> any any (toy.flags:&0x80;", "flags=130", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.flags:&0x80;", "flags=2", NULL, NEVER },
	{ "toy any any -> any any (toy.name; content:\"plc\"; nocase;", "name=MyPLC", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (toy.name; content:\"plc\"; startswith;", "name=MyPLC", NULL,
		NEVER },
	{ "toy any any -> any any (toy.name; content:\"My\"; content:\"PLC\"; within:3;",
		"name=MyPLC", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.name; bsize:5;", "name=MyPLC", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.name; bsize:>5;", "name=MyPLC", NULL, NEVER },
	{ "toy any any -> any any (toy.name; content:\"a\"; toy.unit:1;", "name=a unit=2", NULL,
		NEVER },
	/* what is lazy */
	{ "toy any any -> any any (toy.measures.value:7;", "measures=17", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.measures.value:7;", "measures=16", NULL, NEVER },
	{ "toy any any -> any any (toy.measures.value:7;", "function=7", NULL, NEVER },
	{ "toy any any -> any any (toy.measures.value:7;", "function=7", "measures=7",
		AT_RESPONSE },
	{ "toy any any -> any any (toy.request.measures.value:7;", "function=7", "measures=7",
		NEVER },
	{ "toy any any -> any any (toy.measures.value:7; toy.function:6;",
		"measures=7 function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.measures.value:7; toy.function:6;",
		"measures=7 function=5", NULL, NEVER },
	{ "toy any any -> any any (toy.measures.value:7; toy.measures.at:1;", "measures=17",
		NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.measures.value:7; toy.measures.at:0;", "measures=17",
		NULL, NEVER },
	{ "toy any any -> any any (toy.measures.value:7; toy.items.type:1;",
		"measures=17 items items.type=1 }", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.measures.value:7; toy.measures.value:!1;",
		"measures=11", "measures=17", AT_RESPONSE },
	{ "toy any any -> any any (flow:to_client; toy.measures.value:7; ot.verb:write;",
		"function=6", "measures=7", AT_END },
	/* halves */
	{ "toy any any -> any any (toy.code:2;", "function=6", "code=2", AT_RESPONSE },
	{ "toy any any -> any any (toy.request.code:2;", "function=6", "code=2", NEVER },
	{ "toy any any -> any any (toy.response.code:2;", "code=2", "code=3", NEVER },
	{ "toy any any -> any any (toy.request.function:6; toy.response.code:2;", "function=6",
		"code=2", AT_RESPONSE },
	{ "toy any any -> any any (toy.request.function:6; toy.response.code:2;", "function=5",
		"code=2", NEVER },
	{ "toy any any -> any any (toy.function:6; toy.code:2;", "function=6", "code=2",
		AT_RESPONSE },
	{ "toy any any -> any any (flow:to_server; toy.code:2;", "function=6", "code=2", NEVER },
	{ "toy any any -> any any (flow:to_client; toy.code:2;", "code=2", "code=3", NEVER },
	{ "toy any any -> any any (flow:to_client; toy.code:2;", "code=1", "code=2",
		AT_RESPONSE },
	{ "toy any any -> any any (flow:to_server; toy.function:6; toy.response.code:2;",
		"function=6", "code=2", AT_RESPONSE },
	{ "toy any any -> any any (flow:to_client; toy.code:2; toy.request.function:6;",
		"function=6", "code=2", AT_RESPONSE },
	{ "toy any any -> any any (toy.function:6;", NULL, "function=6", AT_RESPONSE },
	/* headers: the client is 10.0.0.1:1025, the server 10.0.0.2:502 */
	{ "toy any any -> $SERVERS 502 (toy.function:6;", "function=6", NULL, AT_REQUEST },
	{ "toy any any -> !$SERVERS any (toy.function:6;", "function=6", NULL, NEVER },
	{ "toy $SERVERS any -> any any (toy.function:6;", "function=6", NULL, NEVER },
	{ "toy $SERVERS 502 -> any any (flow:to_client; toy.code:2;", "function=6", "code=2",
		AT_RESPONSE },
	{ "toy $SERVERS 502 -> any any (toy.code:2;", "function=6", "code=2", AT_RESPONSE },
	{ "toy any any -> $SERVERS 502 (toy.code:2;", "function=6", "code=2", AT_RESPONSE },
	{ "toy any any -> $SERVERS 502 (flow:to_client; toy.code:2;", "function=6", "code=2",
		NEVER },
	{ "toy $SERVERS 502 <> 10.0.0.1 any (flow:to_server; toy.function:6;", "function=6",
		NULL, AT_REQUEST },
	{ "tcp any any -> any 502 (toy.function:6;", "function=6", NULL, AT_REQUEST },
	{ "udp any any -> any 502 (toy.function:6;", "function=6", NULL, NEVER },
	{ "toy any any -> any 503 (toy.function:6;", "function=6", NULL, NEVER },
	{ "modbus any any -> any any (msg:\"x\";", "function=6", "function=6", NEVER },
	{ "toy any any -> any any (msg:\"x\";", "function=6", "function=6", AT_REQUEST },
	/* events */
	{ "toy any any -> any any (app-layer-event:toy.bad_value;", "event=1", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (app-layer-event:toy.bad_value;", "event=0", "event=1",
		AT_RESPONSE },
	{ "toy any any -> any any (app-layer-event:toy.bad_value; toy.function:6;",
		"event=1 function=5", NULL, NEVER },
	{ "toy any any -> any 502 (app-layer-event:toy.bad_value;", "function=6", "event=1",
		NEVER },
	/* groups: both in one item, and in one point of one item */
	{ "toy any any -> any any (toy.items.type:1; toy.items.points.index:7;",
		"items items.type=1 items.points items.points.index=7 } }", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:1; toy.items.points.index:7;",
		"items items.type=1 } items items.type=2 items.points items.points.index=7 } }",
		NULL, NEVER },
	{ "toy any any -> any any (toy.items.points.index:7; toy.items.points.trip:1;",
		"items items.points items.points.index=7 items.points.trip=0 } "
		"items.points items.points.index=8 items.points.trip=1 } }", NULL, NEVER },
	{ "toy any any -> any any (toy.items.points.index:8; toy.items.points.trip:1;",
		"items items.points items.points.index=7 items.points.trip=0 } "
		"items.points items.points.index=8 items.points.trip=1 } }", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.function:6; toy.items.type:2; toy.items.points.trip:1;",
		"function=6 items items.type=2 items.points items.points.trip=0 } } "
		"items items.type=2 items.points items.points.trip=1 } }", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:2; toy.items.points.trip:1;",
		"items items.type=2 items.points items.points.trip=1", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:2; toy.items.points.trip:1;",
		"} items items.type=2 } } items items.points items.points.trip=1", NULL, NEVER },
	{ "toy any any -> any any (toy.items.type:2; toy.items.points.trip:1;",
		"items items items items items items items items items items.type=2 } } "
		"items.points items.points.trip=1", NULL, AT_REQUEST },
	/* contents of the message: the request is "ask", the answer "answer" */
	{ "tcp any any -> any any (content:\"ask\";", "function=6", "function=6", AT_REQUEST },
	{ "tcp any any -> any any (content:\"answer\";", "function=6", "function=6",
		AT_RESPONSE },
	{ "tcp any any -> any 502 (content:\"answer\";", "function=6", "function=6", NEVER },
	{ "tcp any any -> any any (flow:to_server; content:\"answer\";", "function=6",
		"function=6", NEVER },
	{ "toy any any -> any any (content:\"ask\"; toy.function:6;", "function=6", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (content:\"ask\"; toy.function:6;", "function=5", NULL, NEVER },
	{ "toy any any -> any any (content:!\"ask\"; toy.function:6;", "function=6", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; content:\"ask\"; toy.response.code:2;",
		"function=6", "code=2", AT_RESPONSE },
	{ "toy any any -> any any (toy.function:6; dsize:3;", "function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.function:6; dsize:4;", "function=6", NULL, NEVER },
	{ "tcp-pkt any any -> any any (content:\"ask\";", "function=6", NULL, NEVER },
	{ "toy any any -> any any (flow:not_established; toy.function:6;", "function=6", NULL,
		NEVER },
	/* contents at one place, which are compared without Hyperscan */
	{ "toy any any -> any any (flow:to_server; content:\"sk\"; offset:1; depth:2;",
		"function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; content:\"sk\"; depth:2;", "function=6", NULL,
		NEVER },
	{ "toy any any -> any any (flow:to_server; content:\"sky\"; offset:1; depth:3;",
		"function=6", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; content:\"k\"; offset:9; depth:1;",
		"function=6", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; content:\"SK\"; nocase; offset:1; depth:2;",
		"function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_server; content:\"as\"; startswith; content:!\"k\"; "
		"offset:2; depth:1;", "function=6", NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; content:!\"z\"; offset:2; depth:1;",
		"function=6", NULL, AT_REQUEST },
	{ "toy any any -> any any (flow:to_client; content:\"ans\"; startswith;", "function=6",
		"function=6", AT_RESPONSE },
	{ "toy any any -> any any (flow:to_client; content:\"ask\"; depth:3;", "function=6",
		"function=6", NEVER },
	/* flows of another dissector, or of none */
	{ "tcp any any -> any any (app-layer-protocol:!toy; content:\"ask\";", "function=6",
		NULL, NEVER },
	{ "tcp any any -> any any (app-layer-protocol:!modbus; content:\"ask\";", "function=6",
		NULL, AT_REQUEST },
	/* contents in the request, and a field that only the response has */
	{ "toy any any -> any any (content:\"ask\"; toy.code:2;", "function=6", "code=2",
		AT_RESPONSE },
	{ "toy any any -> any any (content:\"ask\"; toy.function:6; toy.code:2;", "function=6",
		"code=3", NEVER },
	{ "toy any any -> any any (app-layer-event:toy.bad_value; toy.code:2;",
		"event=1 function=6", "code=2", AT_RESPONSE },
	/* an element of the request and one of the response are not the same */
	{ "toy any any -> any any (toy.items.type:1; toy.items.points.index:7;",
		"items items.type=1 }", "items items.points items.points.index=7 } }", NEVER },
	/* about the response, and there is none */
	{ "toy any any -> any any (flow:to_client; ot.verb:write;", "function=6", NULL, NEVER },
	/* what rules are indexed by, beyond the function code */
	{ "toy any any -> any any (toy.items.type:[1,2];",
		"items items.type=3 } items items.type=2 } items items.type=1 }", NULL,
		AT_REQUEST },
	{ "toy any any -> any any (toy.items.type:[1,2];", "items items.type=3 }", NULL, NEVER },
	{ "toy any any -> any any (toy.unit:5; toy.address:1000-2000;", "unit=5 address=2000",
		NULL, AT_REQUEST },
	{ "toy any any -> any any (toy.unit:5; toy.address:1000-2000;", "unit=5 address=2001",
		NULL, NEVER },
	{ "toy any any -> any any (flow:to_server; toy.function:6; ot.outcome:rejected;",
		"function=6", "code=2", AT_END },
	{ "toy any any -> any any (flow:to_server; toy.function:5; ot.outcome:rejected;",
		"function=6", "code=2", NEVER },
	{ "toy any any -> any any (toy.response.code:2; ot.verb:[write,control];", "function=6",
		"code=2", AT_END },
	/* operations: a write of 7 to register 40, rejected; and a read */
	{ "toy any any -> any any (ot.verb:write;", "function=6", "code=2", AT_END },
	{ "tcp any any -> $SERVERS any (ot.verb:write; ot.outcome:rejected;", "function=6",
		"code=2", AT_END },
	{ "tcp $SERVERS any -> any any (ot.verb:write;", "function=6", "code=2", NEVER },
	{ "toy any any -> any any (ot.verb:read; ot.outcome:rejected;", "function=6", "code=2",
		NEVER },
	{ "toy any any -> any any (ot.verb:write; toy.code:2;", "function=6", "code=2", AT_END },
	{ "toy any any -> any any (ot.verb:write; toy.code:3;", "function=6", "code=2", NEVER },
	{ "toy any any -> any any (ot.object:register; ot.value:7;", "function=6", "code=2",
		AT_END },
	{ "toy any any -> any any (ot.verb:write; content:\"answer\";", "function=6", "code=2",
		AT_END },
	{ "toy any any -> any any (ot.verb:write; content:\"answer\";", "function=6", NULL,
		NEVER },
	{ "toy any any -> any any (ot.verb:write; app-layer-event:toy.bad_value;",
		"event=1", "code=2", AT_END },
};

static const uint8_t seven[2] = { 0, 7 };
static struct operation operations[] = {
	{ .verb = VERB_READ, .outcome = OUTCOME_ACCEPTED, .object = "coil" },
	{ .verb = VERB_WRITE, .outcome = OUTCOME_REJECTED, .object = "register",
		.has_point = true, .address = 40, .count = 1,
		.value = { VALUE_U16, 1, { seven, 2 } } },
};

/* What the driver would do: the request, then the end with or without an answer. */
static enum fires run(struct detector *d, struct transaction *t, struct message *response)
{
	unsigned at_request = 0;
	if (t->request)
		at_request = detect_transaction(d, t, false);
	t->response = response;
	bool has_operations = t->operation_count > 0;
	t->operation_count = 0;
	unsigned at_response = response ? detect_transaction(d, t, false) : 0;
	t->operation_count = has_operations ? 2 : 0;
	unsigned at_end = detect_transaction(d, t, true);
	CHECK(at_request + at_response + at_end <= 1, "once a transaction");
	return at_request ? AT_REQUEST : at_response ? AT_RESPONSE : at_end ? AT_END : NEVER;
}

static void test_transaction(const struct transaction_case *c, const char *client,
	const char *server)
{
	char text[512];
	snprintf(text, sizeof(text), "alert %s sid:1;)\n", c->rule);
	struct ruleset *r = rules_of(text);
	struct detector *d = detector_new(r);
	struct flow f = flow_of(client, server, PROTO_TCP);
	struct message *request = c->request ? message_of(&toy, c->request, "ask") : NULL;
	struct message *response = c->response ? message_of(&toy, c->response, "answer") : NULL;
	struct transaction t = { .flow = &f, .dissector = &toy, .request = request,
		.operations = operations, .operation_count = 2 };
	enum fires fires = run(d, &t, response);
	CHECK(fires == c->fires, "%s: at %d, not %d", c->rule, fires, c->fires);
	const struct hits *hits = t.hits;
	CHECK((hits && hits->count == 1) == (c->fires != NEVER), "%s: hits", c->rule);
	detect_release(d, &t);
	detect_flow_release(d, &f);
	message_free(request);
	message_free(response);
	detector_free(d);
	ruleset_free(r);
}

static void test_transactions(void)
{
	for (size_t i = 0; i < sizeof(transactions) / sizeof(*transactions); i++) {
		const struct transaction_case *c = &transactions[i];
		test_transaction(c, "10.0.0.1", "10.0.0.2");
		if (!strstr(c->rule, "10.0.0"))
			test_transaction(c, "2001:db8::1", "2001:db8::2");
	}
}

/* ---- the modbus keyword ---- */

static const struct {
	const char *option, *request;
	bool want;
} accesses[] = {
	{ "access write", "function_raw=6", true },
	{ "access write", "function_raw=3", false },
	{ "access read", "function_raw=3", true },
	{ "access read holding", "function_raw=3", true },
	{ "access read input", "function_raw=3", false },
	{ "access write coils", "function_raw=15", true },
	{ "access write", "function_raw=99", false },
	{ "access write", "unit_id=1", false },
	{ "access write holding, address 91", "function_raw=6 write.address=90", true },
	{ "access write holding, address 91", "function_raw=6", false },
	{ "access write holding, address 91, value 1", "function_raw=6 write.address=90", false },
	{ "access write holding, address 92, value 1",
		"function_raw=16 write.address=90 write.quantity=2 write.values=1", false },
	{ "access read holding, address 100", "function_raw=3 read.address=90 read.quantity=10",
		true },
	{ "access read holding, address 101", "function_raw=3 read.address=90 read.quantity=10",
		false },
	{ "access read holding, address 90", "function_raw=3 read.address=90 read.quantity=10",
		false },
	{ "access read holding, address >100", "function_raw=3 read.address=90 read.quantity=11",
		true },
	{ "access read holding, address <91", "function_raw=3 read.address=90 read.quantity=2",
		false },
	{ "access write holding, address 92, value >200",
		"function_raw=16 write.address=90 write.quantity=2 write.values=1,201", true },
	{ "access write holding, address 92, value >200",
		"function_raw=16 write.address=90 write.quantity=2 write.values=201,1", false },
	{ "access write holding, address 80<>100, value 7",
		"function_raw=16 write.address=90 write.quantity=3 write.values=5,6,7", true },
	{ "access write coils, address 3, value 1",
		"function_raw=15 write.address=0 write.quantity=3 write.values=b", true },
	{ "access write coils, address 2, value 1",
		"function_raw=15 write.address=0 write.quantity=3 write.values=b", false },
	{ "function 6", "function_raw=6", true },
	{ "function 6", "function_raw=5", false },
};

static void test_access(void)
{
	for (size_t i = 0; i < sizeof(accesses) / sizeof(*accesses); i++) {
		char text[256];
		snprintf(text, sizeof(text), "alert modbus any any -> any any "
			"(modbus: %s; sid:1;)\n", accesses[i].option);
		struct ruleset *r = rules_of(text);
		struct detector *d = detector_new(r);
		struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
		struct message *m = message_of(&modbus_dissector, accesses[i].request, "");
		struct transaction t = { .flow = &f, .dissector = &modbus_dissector,
			.request = m };
		CHECK((detect_transaction(d, &t, false) == 1) == accesses[i].want, "%s on %s",
			accesses[i].option, accesses[i].request);
		detect_release(d, &t);
		detect_flow_release(d, &f);
		message_free(m);
		detector_free(d);
		ruleset_free(r);
	}
}

/* ---- several rules ---- */

/* sids of the hits, in order: "1 3 " */
static const char *sids_of(const struct transaction *t)
{
	static char text[256];
	const struct hits *h = t->hits;
	text[0] = '\0';
	for (unsigned i = 0; h && i < h->count; i++)
		sprintf(text + strlen(text), "%u ", h->rules[i]->sid);
	return text;
}

static const struct {
	const char *what, *rules, *request, *response, *want;
} several[] = {
	{ "in the rules' order, however they were reached",
		"alert toy any any -> any any (toy.unit:1; sid:1;)\n"
		"alert tcp any any -> any any (content:\"ask\"; sid:2;)\n"
		"alert toy any any -> any any (toy.function:6; sid:3;)\n"
		"alert toy any any -> any any (app-layer-event:toy.bad_length; sid:4;)\n",
		"function=6 unit=1 event=0", NULL, "1 2 3 4 " },
	{ "the response adds",
		"alert toy any any -> any any (toy.code:2; sid:1;)\n"
		"alert toy any any -> any any (toy.function:6; sid:2;)\n",
		"function=6", "code=2", "2 1 " },
	{ "pass silences",
		"alert toy any any -> any any (toy.function:6; sid:1;)\n"
		"pass toy any any -> any any (toy.unit:1; sid:2;)\n",
		"function=6 unit=1", "function=6", "" },
	{ "pass at the response takes back",
		"alert toy any any -> any any (toy.function:6; sid:1;)\n"
		"pass toy any any -> any any (toy.code:2; sid:2;)\n",
		"function=6", "function=6 code=2", "" },
	{ "pass that does not match",
		"alert toy any any -> any any (toy.function:6; sid:1;)\n"
		"pass toy any any -> any any (toy.unit:2; sid:2;)\n",
		"function=6 unit=1", NULL, "1 " },
	{ "one pattern of two rules",
		"alert tcp any any -> any any (content:\"ask\"; sid:1;)\n"
		"alert tcp any any -> any 502 (content:\"ask\"; sid:2;)\n"
		"alert tcp any any -> any 503 (content:\"ask\"; sid:3;)\n"
		"alert tcp any any -> any any (content:\"ASK\"; nocase; sid:4;)\n",
		"function=6", NULL, "1 2 4 " },
	{ "the same header twice, in different words",
		"alert toy any any -> 10.0.0.0/24 500:510 (toy.function:6; sid:1;)\n"
		"alert toy any any -> [10.0.0.0/25,10.0.0.128/25] [500:505,506:510] "
		"(toy.function:6; sid:2;)\n"
		"alert toy any any -> 10.0.1.0/24 500:510 (toy.function:6; sid:3;)\n",
		"function=6", NULL, "1 2 " },
	{ "noalert",
		"alert toy any any -> any any (toy.function:6; noalert; sid:1;)\n",
		"function=6", NULL, "" },
	{ "a flow's number counts a transaction once, with and without answer",
		"alert toy any any -> any any (toy.function:6; flowint:n,+,1; noalert; sid:1;)\n"
		"alert toy any any -> any any (toy.code:2; flowint:n,==,1; sid:2;)\n"
		"alert toy any any -> any any (toy.code:2; flowint:n,==,2; sid:3;)\n",
		"function=6", "function=6 code=2", "2 " },
	{ "a comparison that fails does not count again with the response",
		"alert toy any any -> any any (toy.function:6; flowint:n,+,1; flowint:n,>,1; sid:1;)\n",
		"function=6", "function=6", "" },
	{ "a bit is not toggled back by the response",
		"alert toy any any -> any any (toy.function:6; flowbits:toggle,x; noalert; sid:1;)\n"
		"alert toy any any -> any any (toy.code:2; flowbits:isset,x; sid:2;)\n",
		"function=6", "function=6 code=2", "2 " },
	{ "pass asks for a bit that is not set",
		"alert toy any any -> any any (toy.function:6; sid:1;)\n"
		"pass toy any any -> any any (toy.unit:1; flowbits:isset,x; sid:2;)\n",
		"function=6 unit=1", NULL, "1 " },
	{ "more than the first block of hits holds",
		"alert toy any any -> any any (toy.function:6; sid:1;)\n"
		"alert toy any any -> any any (toy.function:6; sid:2;)\n"
		"alert toy any any -> any any (toy.function:6; sid:3;)\n"
		"alert toy any any -> any any (toy.function:6; sid:4;)\n"
		"alert toy any any -> any any (toy.function:6; sid:5;)\n"
		"alert toy any any -> any any (toy.function:6; flowbits:toggle,x; noalert; sid:8;)\n"
		"alert toy any any -> any any (toy.code:2; sid:6;)\n"
		"alert toy any any -> any any (toy.code:2; sid:7;)\n"
		"alert toy any any -> any any (toy.code:2; flowbits:isnotset,x; sid:9;)\n",
		"function=6", "code=2", "1 2 3 4 5 6 7 " },
};

static void test_several(void)
{
	for (size_t i = 0; i < sizeof(several) / sizeof(*several); i++) {
		struct ruleset *r = rules_of(several[i].rules);
		struct detector *d = detector_new(r);
		struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
		struct message *request = message_of(&toy, several[i].request, "ask");
		struct message *response = several[i].response
			? message_of(&toy, several[i].response, "answer") : NULL;
		struct transaction t = { .flow = &f, .dissector = &toy, .request = request };
		detect_transaction(d, &t, false);
		t.response = response;
		detect_transaction(d, &t, true);
		CHECK(strcmp(sids_of(&t), several[i].want) == 0, "%s: %s not %s",
			several[i].what, sids_of(&t), several[i].want);
		detect_release(d, &t);
		detect_flow_release(d, &f);
		message_free(request);
		message_free(response);
		detector_free(d);
		ruleset_free(r);
	}
}

/* More rules than alert at once: the gravest do, those that only mark still mark, and what was
 * left out is counted. */
static void test_too_many(void)
{
	enum { MANY = 80 };
	static char text[(MANY + 3) * 128];
	const struct rule *out[DETECT_ALERTS_MAX];
	char *at = text;
	for (unsigned i = 1; i <= MANY; i++)
		at += sprintf(at, "alert ip any any -> any any (content:\"a\"; priority:%u; "
			"sid:%u;)\n", i % 4 ? 2 : 3, i);
	at += sprintf(at, "drop ip any any -> any any (content:\"a\"; priority:9; sid:81;)\n"
		"alert ip any any -> any any (content:\"a\"; flowbits:set,x; noalert; sid:82;)\n"
		"alert ip any any -> any any (content:\"b\"; flowbits:isset,x; sid:83;)\n");
	struct ruleset *r = rules_of(text);
	struct detector *d = detector_new(r);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	struct message *m = message_of(&toy, "function=6", "a");
	struct transaction t = { .flow = &f, .dissector = &toy, .request = m };

	CHECK(detect_transaction(d, &t, false) == DETECT_ALERTS_MAX, "of a message");
	CHECK(detect_lost.alerts == MANY + 1 - DETECT_ALERTS_MAX, "counted");
	detect_lost.alerts = 0;
	CHECK(strstr(sids_of(&t), " 81 ") != NULL, "what drops is there");
	t.response = m;
	CHECK(detect_transaction(d, &t, true) == 0, "what was left out is not told later");
	CHECK(detect_lost.alerts == 0, "nor counted again");
	detect_release(d, &t);
	detect_flow_release(d, &f);
	unsigned count = detect_unclaimed(d, &f, 0, (struct bytes){ (const uint8_t *)"a", 1 }, out,
		DETECT_ALERTS_MAX);
	CHECK(count == DETECT_ALERTS_MAX && out[count - 1]->sid == 81, "of bytes");
	unsigned grave = 0;
	for (unsigned i = 0; i < count; i++)
		grave += out[i]->priority != 3 && (i == 0 || out[i]->index > out[i - 1]->index);
	CHECK(grave == 61, "the gravest, in the rules' order: %u", grave);
	CHECK(detect_lost.alerts == MANY + 1 - DETECT_ALERTS_MAX, "counted again");
	detect_lost.alerts = 0;
	count = detect_unclaimed(d, &f, 0, (struct bytes){ (const uint8_t *)"b", 1 }, out, 4);
	CHECK(count == 1 && out[0]->sid == 83, "the bit is set");
	detect_flow_release(d, &f);
	message_free(m);
	detector_free(d);
	ruleset_free(r);
}

/* A request is judged by what was known of its flow when it came. */
static void test_waiting(void)
{
	struct ruleset *r = rules_of(
		"alert toy any any -> any any (toy.function:6; flowbits:isset,x; sid:1;)\n"
		"alert toy any any -> any any (toy.function:6; flowbits:isnotset,x; sid:2;)\n"
		"alert toy any any -> any any (toy.function:7; flowbits:set,x; noalert; sid:3;)\n");
	struct detector *d = detector_new(r);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	struct message *six = message_of(&toy, "function=6", "ask");
	struct message *after = message_of(&toy, "function=7", "ask");
	struct transaction waits = { .flow = &f, .dissector = &toy, .request = six };
	struct transaction next = { .flow = &f, .dissector = &toy, .request = after };
	detect_transaction(d, &waits, false);
	detect_transaction(d, &next, false);
	detect_transaction(d, &waits, true);
	CHECK(strcmp(sids_of(&waits), "2 ") == 0, "set while it waits: %s", sids_of(&waits));
	detect_release(d, &waits);
	detect_release(d, &next);
	detect_flow_release(d, &f);
	message_free(six);
	message_free(after);
	detector_free(d);
	ruleset_free(r);
}

/* A message is scanned only if a rule of its header and function waits for a pattern. */
static void test_gate(void)
{
	struct ruleset *r = rules_of(
		"alert toy any any -> any 502 (toy.function:6; content:\"ask\"; sid:1;)\n"
		"alert toy any any -> any 503 (content:\"ask\"; sid:2;)\n");
	struct detector *d = detector_new(r);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	struct message *six = message_of(&toy, "function=6", "ask");
	struct message *five = message_of(&toy, "function=5", "ask");
	struct transaction t = { .flow = &f, .dissector = &toy, .request = five };
	detect_transaction(d, &t, false);
	CHECK(detector_counters(d)->scans == 0, "function 5 is not scanned");
	t = (struct transaction){ .flow = &f, .dissector = &toy, .request = six };
	CHECK(detect_transaction(d, &t, false) == 1, "function 6 is");
	CHECK(detector_counters(d)->scans == 1, "once");
	CHECK(detector_counters(d)->messages == 2, "two messages");
	detect_release(d, &t);
	detect_flow_release(d, &f);
	message_free(six);
	message_free(five);
	detector_free(d);
	ruleset_free(r);
}

/* Few rules for bytes at a place are compared, many are Hyperscan's; both find the same. */
static void test_anchored(void)
{
	static char text[64 * 128];
	for (unsigned count = 2; count <= 40; count += 38) {
		text[0] = '\0';
		for (unsigned i = 0; i < count; i++)
			sprintf(text + strlen(text), "alert toy any any -> any any (flow:to_server; "
				"content:\"%c\"; offset:%u; depth:1; sid:%u;)\n",
				i % 2 ? 'k' : 's', i % 3, i + 1);
		struct ruleset *r = rules_of(text);
		struct detector *d = detector_new(r);
		struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
		struct message *m = message_of(&toy, "function=6", "xkk");
		struct transaction t = { .flow = &f, .dissector = &toy, .request = m };
		unsigned want = 0;
		for (unsigned i = 0; i < count; i++)
			want += i % 2 && i % 3;
		CHECK(detect_transaction(d, &t, false) == want, "%u rules", count);
		CHECK(detector_counters(d)->scans == (count > 16), "%u rules are scanned", count);
		detect_release(d, &t);
		detect_flow_release(d, &f);
		message_free(m);
		detector_free(d);
		ruleset_free(r);
	}
}

/* A tape too long for the short way to its fields. */
static void test_long_tape(void)
{
	struct ruleset *r = rules_of(
		"alert toy any any -> any any (toy.code:2; sid:1;)\n"
		"alert toy any any -> any any (toy.code:3; sid:2;)\n"
		"alert toy any any -> any any (toy.items.type:300; toy.code:<3; sid:3;)\n"
		"alert toy any any -> any any (toy.items.type:301; sid:4;)\n"
		"alert toy any any -> any any (toy.value:500; sid:5;)\n"
		"alert toy any any -> any any (toy.unit:1; sid:6;)\n");
	struct detector *d = detector_new(r);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	struct message *m = message_of(&toy, "function=6", "ask");
	struct dissect at = { .message = m };
	for (unsigned i = 0; i <= 300; i++) {
		put_begin(&at, ITEMS);
		put_uint(&at, TYPE, i);
		put_end(&at);
	}
	put_numbers(&at, VALUES, "1,500");
	put_uint(&at, CODE, 2);
	struct transaction t = { .flow = &f, .dissector = &toy, .request = m };
	detect_transaction(d, &t, false);
	CHECK(strcmp(sids_of(&t), "1 3 5 ") == 0, "on a long tape: %s", sids_of(&t));
	detect_release(d, &t);
	detect_flow_release(d, &f);
	message_free(m);
	detector_free(d);
	ruleset_free(r);
}

static void test_swap(void)
{
	struct ruleset *old = rules_of(
		"alert toy any any -> any 502 (toy.function:6; sid:1;)\n");
	struct ruleset *new = rules_of(
		"alert toy any any -> any 503 (toy.function:6; sid:2;)\n"
		"alert toy any any -> any 502 (toy.unit:1; content:\"ask\"; sid:3;)\n");
	struct detector *d = detector_new(old);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	struct message *m = message_of(&toy, "function=6 unit=1", "ask");
	struct transaction t = { .flow = &f, .dissector = &toy, .request = m };
	detect_transaction(d, &t, false);
	CHECK(strcmp(sids_of(&t), "1 ") == 0, "the old set: %s", sids_of(&t));
	detect_release(d, &t);
	detector_swap(d, new);
	ruleset_free(old);
	detect_transaction(d, &t, true);
	CHECK(strcmp(sids_of(&t), "3 ") == 0, "the new set: %s", sids_of(&t));
	detect_release(d, &t);
	detect_flow_release(d, &f);
	message_free(m);
	detector_free(d);
	ruleset_free(new);
}

/* ---- packets and events ---- */

static const struct {
	const char *rule; /* after "alert " */
	uint8_t proto, tcp_flags;
	const char *payload;
	uint64_t events;
	bool has_flow;
	unsigned want; /* of two times the same packet */
	bool is_ipv6;
} packets[] = {
	{ "tcp any any -> any 502 (flags:S;", PROTO_TCP, TCP_SYN, "", 0, true, 2 },
	{ "tcp any any -> any 502 (flags:S;", PROTO_TCP, TCP_SYN | TCP_ACK, "", 0, true, 0 },
	{ "tcp any any -> any 502 (flags:S+;", PROTO_TCP, TCP_SYN | TCP_ACK, "", 0, true, 2 },
	{ "tcp any any -> any 503 (flags:S;", PROTO_TCP, TCP_SYN, "", 0, true, 0 },
	{ "tcp any any -> any 502 (flags:S;", PROTO_TCP, TCP_SYN, "", 0, false, 2 },
	{ "udp any any -> any 502 (msg:\"x\";", PROTO_UDP, 0, "", 0, true, 2 },
	{ "udp any any -> any 502 (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, true, 0 },
	{ "icmp any any -> any any (msg:\"x\";", PROTO_ICMP, 0, "", 0, false, 2 },
	{ "ip 10.0.0.1 any -> any any (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, false, 2 },
	{ "ip 10.0.0.1 any -> any any (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, true, 1 },
	{ "ip any any -> any any (msg:\"x\";", 0, 0, "", 0, false, 0 },
	{ "ip4 any any -> any any (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, false, 2 },
	{ "ip4 any any -> any any (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, true, 0, true },
	{ "ipv6 any any -> any any (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, true, 0 },
	{ "ipv6 any any -> any any (msg:\"x\";", PROTO_TCP, TCP_ACK, "", 0, false, 2, true },
	{ "icmpv4 any any -> any any (msg:\"x\";", PROTO_ICMP, 0, "", 0, true, 2 },
	{ "icmpv6 any any -> any any (msg:\"x\";", PROTO_ICMP, 0, "", 0, true, 0 },
	{ "icmpv6 any any -> any any (msg:\"x\";", PROTO_ICMPV6, 0, "", 0, true, 2, true },
	{ "ip any any -> any any (flow:to_server;", PROTO_TCP, TCP_ACK, "", 0, true, 1 },
	{ "ip any any -> any any (flowbits:set,mark;", PROTO_TCP, TCP_ACK, "", 0, true, 1 },
	{ "ip any any -> any any (flowbits:unset,mark;", PROTO_TCP, TCP_ACK, "", 0, true, 2 },
	{ "ip any any -> any any (flowbits:isset,mark; flowbits:set,other;", PROTO_TCP, TCP_ACK,
		"", 0, true, 0 },
	{ "ip any any -> any any (flowint:packets,+,1; flowint:packets,==,2;", PROTO_TCP, TCP_ACK,
		"", 0, true, 1 },
	{ "ip any any -> any any (flow:not_established;", PROTO_TCP, TCP_ACK, "", 0, true, 2 },
	{ "tcp any any -> any any (flow:established; flags:A;", PROTO_TCP, TCP_ACK, "", 0, true,
		0 },
	{ "tcp any any -> any any (flow:to_server; flags:A;", PROTO_TCP, TCP_ACK, "", 0, true,
		2 },
	{ "tcp any any -> any any (flow:to_client; flags:A;", PROTO_TCP, TCP_ACK, "", 0, true,
		0 },
	{ "tcp-pkt any any -> any any (content:\"abc\";", PROTO_TCP, TCP_ACK, "xabc", 0, true,
		2 },
	{ "tcp any any -> any any (content:\"abc\";", PROTO_TCP, TCP_ACK, "xabc", 0, true, 0 },
	{ "icmp any any -> any any (content:\"abc\";", PROTO_ICMP, 0, "xabc", 0, true, 2 },
	{ "icmp any any -> any any (content:\"abc\";", PROTO_ICMP, 0, "xabd", 0, true, 0 },
	{ "ip any any -> any any (content:\"abc\";", 47, 0, "xabc", 0, false, 2 },
	{ "ip any any -> any any (content:\"abc\";", PROTO_UDP, 0, "xabc", 0, true, 0 },
	{ "udp any any -> any any (dsize:>3;", PROTO_UDP, 0, "xabc", 0, true, 2 },
	{ "udp any any -> any any (dsize:>4;", PROTO_UDP, 0, "xabc", 0, true, 0 },
	{ "ip any any -> any any (decode-event:ipv4.trunc_pkt;", PROTO_TCP, 0, "",
		(uint64_t)1 << DECODE_IPV4_TRUNC_PKT, false, 2 },
	{ "ip any any -> any any (decode-event:ipv4.trunc_pkt;", PROTO_TCP, 0, "",
		(uint64_t)1 << DECODE_IPV4_OPT_INVALID, false, 0 },
};

static void test_packets(void)
{
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		char text[256];
		const struct rule *out[4];
		snprintf(text, sizeof(text), "alert %s sid:1;)\n", packets[i].rule);
		struct ruleset *r = rules_of(text);
		struct detector *d = detector_new(r);
		struct flow f = packets[i].is_ipv6
			? flow_of("2001:db8::1", "2001:db8::2", packets[i].proto)
			: flow_of("10.0.0.1", "10.0.0.2", packets[i].proto);
		size_t len = strlen(packets[i].payload);
		struct packet p = { .proto = packets[i].proto,
			.ip_version = !packets[i].proto ? 0 : packets[i].is_ipv6 ? 6 : 4,
			.src = f.end[0].address, .dst = f.end[1].address, .sport = 1025,
			.dport = 502, .has_ports = packets[i].proto == PROTO_TCP ||
				packets[i].proto == PROTO_UDP,
			.tcp_flags = packets[i].tcp_flags, .events = packets[i].events,
			.payload = { (const uint8_t *)packets[i].payload, len },
			.payload_wire = (uint32_t)len };
		const struct flow *flow = packets[i].has_flow ? &f : NULL;
		unsigned count = detect_packet(d, flow, 0, &p, out, 4);
		count += detect_packet(d, flow, 0, &p, out, 4);
		CHECK(count == packets[i].want, "%s: %u", packets[i].rule, count);
		detect_flow_release(d, &f);
		detector_free(d);
		ruleset_free(r);
	}
}

static void test_flow_events(void)
{
	struct ruleset *r = rules_of(
		"alert tcp any any -> any 502 (stream-event:reassembly_seq_gap; sid:1;)\n"
		"alert tcp any any -> any any (app-layer-event:applayer.undecoded; sid:2;)\n");
	struct detector *d = detector_new(r);
	struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
	const struct rule *out[4];
	CHECK(ruleset_wants_events(r), "wanted");
	struct packet_wants w = ruleset_packet_wants(r);
	CHECK(!w.events && !w.tcp_flags[0] && !w.tcp_flags[1] && !w.tcp_flags[2] &&
		!w.tcp_flags[3] && !w.any_tcp && !w.any_other && !ruleset_wants_unclaimed(r),
		"nothing else is");
	CHECK(detect_stream_event(d, &f, 0, STREAM_GAP, out, 4) == 1 && out[0]->sid == 1, "gap");
	CHECK(detect_stream_event(d, &f, 1, STREAM_GAP, out, 4) == 0, "the other way");
	CHECK(detect_stream_event(d, &f, 0, STREAM_OVERLAP, out, 4) == 0, "another event");
	CHECK(detect_session_event(d, &f, 1, &toy, SESSION_UNDECODED, out, 4) == 1 &&
		out[0]->sid == 2, "undecoded");
	detect_flow_release(d, &f);
	detector_free(d);
	ruleset_free(r);
}

/* ---- passes ---- */

/* Of a packet from 10.0.0.1 with "one two": the rules that alert on it as a packet, on its bytes,
 * on the message in it, and on the gap that comes next from 10.0.0.2. */
static const struct {
	const char *pass, *want;
} passes[] = {
	{ "udp any any -> any any (msg:\"x\";", "1234" },
	{ "ip 10.0.0.1 any -> any any (msg:\"x\";", "" },
	{ "ip any any -> 10.0.0.1 any (msg:\"x\";", "1234" },
	{ "ip 10.0.0.2 any -> any any (msg:\"x\";", "1234" },
	{ "tcp 10.0.0.1 any -> any 502 (msg:\"x\";", "4" },
	{ "tcp 10.0.0.1 any <> any 502 (msg:\"x\";", "" },
	{ "tcp 10.0.0.3 any -> any any (msg:\"x\";", "1234" },
	{ "tcp any any -> any any (flow:to_server;", "4" },
	{ "tcp any any -> any any (flow:to_client;", "123" },
	{ "tcp any any -> any any (content:\"one\";", "4" },
	{ "tcp any any -> any any (content:\"three\";", "1234" },
	{ "tcp any any -> any any (dsize:7;", "4" },
	{ "tcp any any -> any any (flags:PA;", "4" },
	{ "tcp any any -> any any (flags:S;", "1234" },
	{ "tcp any any -> any any (flowbits:isset,mark;", "1234" },
	{ "toy any any -> any any (toy.function:6;", "124" },
};

static void add_sids(char *out, const struct rule *const *rules, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sprintf(out + strlen(out), "%u", rules[i]->sid);
}

static void look_at_all(struct detector *d, struct flow *f, char *out)
{
	const struct rule *rules[4];
	struct bytes data = { (const uint8_t *)"one two", 7 };
	struct packet p = { .number = 7, .proto = PROTO_TCP, .ip_version = 4, .has_ports = true,
		.src = f->end[0].address, .dst = f->end[1].address, .sport = 1025, .dport = 502,
		.tcp_flags = TCP_ACK | TCP_PSH, .payload = data, .payload_wire = 7 };
	struct message *m = message_of(&toy, "function=6", "one two");
	struct transaction t = { .flow = f, .dissector = &toy, .request = m,
		.request_origin.number = 7 };

	add_sids(out, rules, detect_packet(d, f, 0, &p, rules, 4));
	if (!detect_passed(d, 7))
		add_sids(out, rules, detect_unclaimed(d, f, 0, data, rules, 4));
	detect_transaction(d, &t, false);
	detect_transaction(d, &t, true);
	if (t.hits)
		add_sids(out, ((struct hits *)t.hits)->rules, ((struct hits *)t.hits)->count);
	add_sids(out, rules, detect_stream_event(d, f, 1, STREAM_GAP, rules, 4));
	detect_release(d, &t);
	message_free(m);
}

static void test_passes(void)
{
	for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++) {
		char text[512], got[16] = "";
		snprintf(text, sizeof(text), "alert tcp any any -> any any (dsize:>0; sid:1;)\n"
			"alert tcp any any -> any any (app-layer-protocol:unknown; content:\"two\"; "
			"sid:2;)\n"
			"alert toy any any -> any any (toy.function:6; sid:3;)\n"
			"alert tcp any any -> any any (stream-event:reassembly_seq_gap; sid:4;)\n"
			"pass %s sid:9;)\n", passes[i].pass);
		struct ruleset *r = rules_of(text);
		struct detector *d = detector_new(r);
		struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
		look_at_all(d, &f, got);
		CHECK(strcmp(got, passes[i].want) == 0, "pass %s: %s, not %s", passes[i].pass, got,
			passes[i].want);
		detect_flow_release(d, &f);
		detector_free(d);
		ruleset_free(r);
	}
}

/* ---- why, and what distinct counts ---- */

static const struct {
	const char *rule, *request, *response, *why;
} whys[] = {
	{ "toy any any -> any any (toy.function:6; toy.value:>400;", "function=6 values=1,500",
		NULL, "[{\"field\":\"toy.function\",\"value\":6},"
		"{\"field\":\"toy.value\",\"value\":500}]" },
	{ "toy any any -> any any (toy.value:>400;", "values=500,1,501", NULL,
		"[{\"field\":\"toy.value\",\"value\":[500,501]}]" },
	{ "toy any any -> any any (toy.value:>0;", "values=1,2,3,4,5,6,7,8,9", NULL,
		"[{\"field\":\"toy.value\",\"value\":[1,2,3,4,5,6,7,8]}]" },
	{ "toy any any -> any any (toy.value:>400,nb 2;", "values=500,1,501", NULL,
		"[{\"field\":\"toy.value\",\"value\":[500,501]}]" },
	{ "toy any any -> any any (toy.value:count 2;", "values=3,1", NULL,
		"[{\"field\":\"toy.value\",\"value\":[3,1]}]" },
	{ "toy any any -> any any (toy.value:!400,any;", "values=400,1", NULL,
		"[{\"field\":\"toy.value\",\"value\":1}]" },
	{ "toy any any -> any any (toy.response.code:2; toy.name; content:\"PLC\";",
		"name=aPLC", "code=2", "[{\"field\":\"toy.response.code\",\"value\":2},"
		"{\"field\":\"toy.name\",\"content\":\"PLC\",\"offset\":1}]" },
	{ "toy any any -> any any (toy.name; pcre:\"/^P.C$/\"; pcre:!\"/x/\";", "name=PLC", NULL,
		"[{\"field\":\"toy.name\",\"value\":\"PLC\"}]" },
	{ "toy any any -> any any (toy.name; pcre:!\"/x/\";", "name=PLC", NULL, "[]" },
	{ "tcp any any -> any any (content:\"|61|s\"; content:\"|6b|\"; distance:0;"
		" content:!\"z\";", "function=6", NULL,
		"[{\"content\":\"as\",\"offset\":0},{\"content\":\"k\",\"offset\":2}]" },
	{ "toy any any -> any any (toy.name; content:\"n=\"; base64_decode:relative; base64_data; "
		"content:\"evil\";", "name=n=ZXZpbA==", NULL,
		"[{\"field\":\"toy.name\",\"content\":\"n=\",\"offset\":0},"
		"{\"field\":\"base64_data\",\"content\":\"evil\",\"offset\":0}]" },
	{ "toy any any -> any any (app-layer-event:toy.bad_value;", "event=1", NULL,
		"[{\"event\":\"toy.bad_value\"}]" },
	{ "toy any any -> any any (ot.verb:write; ot.outcome:rejected;", "function=6", "code=2",
		"[{\"field\":\"ot.verb\",\"value\":\"write\"},"
		"{\"field\":\"ot.outcome\",\"value\":\"rejected\"}]" },
	{ "toy any any -> any any (toy.temperature:<0; toy.speed:>1;",
		"temperature=-6 speed=1.5", NULL,
		"[{\"field\":\"toy.temperature\",\"value\":-6},"
		"{\"field\":\"toy.speed\",\"value\":1.5}]" },
	{ "toy any any -> any any (toy.value:1;", "values=b", NULL,
		"[{\"field\":\"toy.value\",\"value\":[1,1]}]" },
	{ "toy any any -> any any (toy.measures.value:>6;", "measures=17", "measures=8",
		"[{\"field\":\"toy.measures.value\",\"value\":7}]" },
	{ "modbus any any -> any any (modbus: access write coils, address 3, value 1;",
		"function_raw=15 write.address=0 write.quantity=3 write.values=b", NULL,
		"[{\"field\":\"modbus.access\",\"value\":\"write coils\",\"address\":2,"
		"\"written\":1}]" },
	{ "modbus any any -> any any (modbus: access read;", "function_raw=20", NULL,
		"[{\"field\":\"modbus.access\",\"value\":\"read\"}]" },
	{ "toy any any -> any any (msg:\"x\";", "function=6", NULL, "[]" },
};

static void test_why(void)
{
	for (size_t i = 0; i < sizeof(whys) / sizeof(*whys); i++) {
		char text[256];
		struct text out = { 0 };
		snprintf(text, sizeof(text), "alert %s sid:1;)\n", whys[i].rule);
		struct ruleset *r = rules_of(text);
		struct detector *d = detector_new(r);
		struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
		const struct dissector *of = whys[i].rule[0] == 'm' ? &modbus_dissector : &toy;
		struct message *request = message_of(of, whys[i].request, "ask");
		struct message *response = whys[i].response
			? message_of(&toy, whys[i].response, "answer") : NULL;
		struct transaction t = { .flow = &f, .dissector = of, .request = request,
			.response = response, .operations = operations, .operation_count = 2 };
		CHECK(detect_transaction(d, &t, true) + !response == 1 + !response, "%s",
			whys[i].rule);
		detect_why(d, ruleset_rule(r, 0), &t, &out);
		text_char(&out, '\0');
		CHECK(strcmp(out.at, whys[i].why) == 0, "%s: %s", whys[i].rule, out.at);
		text_fini(&out);
		detect_release(d, &t);
		detect_flow_release(d, &f);
		message_free(request);
		message_free(response);
		detector_free(d);
		ruleset_free(r);
	}
}

static const struct {
	const char *distinct, *request;
	unsigned want;
	const char *also; /* what else the rule asks */
} distincts[] = {
	{ "toy.unit", "unit=1", 1 },
	{ "toy.unit", "function=6", 0 },
	{ "toy.value", "values=1,2,2,3", 3 },
	{ "toy.value", "values=b", 2 },
	{ "toy.measures.value", "measures=1223", 3 },
	{ "toy.request.measures.value", "measures=7", 1 },
	{ "toy.items.type", "items items.type=1 } items items.type=2 }", 2 },
	{ "ot.object", "function=6", 2 },
	{ "ot.object", "function=6", 1, "ot.verb:write; ot.outcome:rejected; " },
	{ "ot.object", "function=6", 0, "ot.verb:write; ot.outcome:accepted; " },
	{ "toy.name", "name=plc", 1 },
};

static void test_distinct(void)
{
	for (size_t i = 0; i < sizeof(distincts) / sizeof(*distincts); i++) {
		char text[256];
		uint64_t hashes[16];
		snprintf(text, sizeof(text), "alert toy any any -> any any (msg:\"x\"; "
			"%sdistinct:%s, count 3, seconds 60, track by_src; sid:1;)\n",
			distincts[i].also ? distincts[i].also : "", distincts[i].distinct);
		struct ruleset *r = rules_of(text);
		struct flow f = flow_of("10.0.0.1", "10.0.0.2", PROTO_TCP);
		struct message *m = message_of(&toy, distincts[i].request, "ask");
		struct transaction t = { .flow = &f, .dissector = &toy, .request = m,
			.operations = operations, .operation_count = 2 };
		struct detector *d = detector_new(r);
		unsigned count = ruleset_count(r) == 1
			? detect_distinct(d, ruleset_rule(r, 0), &t, hashes, 16) : 99;
		CHECK(count == distincts[i].want, "%s: %u", distincts[i].distinct, count);
		message_free(m);
		detector_free(d);
		ruleset_free(r);
	}
}

int main(void)
{
	test_contents();
	test_budget();
	test_transactions();
	test_access();
	test_several();
	test_too_many();
	test_waiting();
	test_gate();
	test_anchored();
	test_long_tape();
	test_swap();
	test_packets();
	test_flow_events();
	test_passes();
	test_why();
	test_distinct();
	return test_end();
}
