/* The steps of a search (content, pcre, byte_*, isdataat) and flowbits, with answers worked out
 * from Suricata's manual (payload keywords, byte_* keywords, flow keywords). */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/detect.h"
#include "hex.h"
#include "ruleset.h"
#include "test.h"

static struct ruleset *rules_of(const char *text)
{
	return ruleset_of(text, (struct rules_config){ 0 });
}

static struct flow tcp_flow(void)
{
	struct flow f = { .proto = PROTO_TCP, .ip_version = 4 };
	address_parse(&f.end[0].address, "10.0.0.1");
	address_parse(&f.end[1].address, "10.0.0.2");
	f.end[0].port = 1025;
	f.end[1].port = 9999;
	f.packets[0] = f.packets[1] = 1;
	return f;
}

/* How many rules fire on these bytes from the client. */
static unsigned fires(struct detector *d, struct flow *f, struct bytes data)
{
	const struct rule *hits[8];
	struct origin o = { .number = 1 };
	(void)o;
	return detect_unclaimed(d, f, 0, data, hits, 8);
}

static bool matches(const char *options, struct bytes data)
{
	char text[1024];
	snprintf(text, sizeof(text), "alert tcp any any -> any any (%s sid:1;)\n", options);
	struct ruleset *r = rules_of(text);
	CHECK(ruleset_count(r) == 1, "%s: %s", options,
		ruleset_report(r)->note_count ? ruleset_report(r)->notes[0].reason : "");
	struct detector *d = detector_new(r);
	struct flow f = tcp_flow();
	bool fired = fires(d, &f, data) == 1;
	detect_flow_release(d, &f);
	detector_free(d);
	ruleset_free(r);
	return fired;
}

/* ---- on text ---- */

static const struct {
	const char *what, *options, *payload;
	bool fires;
} texts[] = {
	{ "content", "content:\"abc\";", "xxabcxx", true },
	{ "content, absent", "content:\"abd\";", "xxabcxx", false },
	{ "nocase", "content:\"ABC\"; nocase;", "xxabcxx", true },
	{ "negated", "content:!\"abc\"; content:\"xx\";", "xxabcxx", false },
	{ "depth reaches", "content:\"abc\"; depth:5;", "xxabcxx", true },
	{ "depth too short", "content:\"abc\"; depth:4;", "xxabcxx", false },
	{ "offset", "content:\"abc\"; offset:3;", "xxabcxx", false },
	{ "distance", "content:\"ab\"; content:\"ef\"; distance:2;", "abcdef", true },
	{ "distance too far", "content:\"ab\"; content:\"ef\"; distance:3;", "abcdef", false },
	{ "within", "content:\"ab\"; content:\"ef\"; within:4;", "abcdef", true },
	{ "within too short", "content:\"ab\"; content:\"ef\"; within:3;", "abcdef", false },
	{ "the second place of the first content", "content:\"A\"; content:\"B\"; within:1;",
		"A..AB", true },
	{ "startswith", "content:\"ab\"; startswith;", "abcd", true },
	{ "endswith", "content:\"cd\"; endswith;", "abcd", true },
	{ "endswith, not at the end", "content:\"bc\"; endswith;", "abcd", false },

	{ "pcre", "pcre:\"/a.c/\";", "xxabcxx", true },
	{ "pcre, absent", "pcre:\"/a.d/\";", "xxabcxx", false },
	{ "pcre without case", "pcre:\"/A.C/i\";", "xxabcxx", true },
	{ "pcre, dot and newline", "content:\"a\"; pcre:\"/a.c/\";", "a\nc", false },
	{ "pcre, dot and newline with s", "content:\"a\"; pcre:\"/a.c/s\";", "a\nc", true },
	{ "pcre negated", "content:\"x\"; pcre:!\"/a.c/\";", "xxabcxx", false },
	{ "pcre negated, absent", "content:\"x\"; pcre:!\"/a.d/\";", "xxabcxx", true },
	{ "pcre relative", "content:\"ab\"; pcre:\"/^c/R\";", "abcd", true },
	{ "pcre relative, before", "content:\"cd\"; pcre:\"/ab/R\";", "abcd", false },
	{ "content after pcre", "pcre:\"/a+/\"; content:\"b\"; within:1;", "xxaaab", true },
	{ "content after pcre, too far", "pcre:\"/a+/\"; content:\"c\"; within:1;", "xaabc", false },
	{ "the next match of a pcre", "pcre:\"/a/\"; content:\"b\"; within:1;", "a.ab", true },
	{ "pcre anchored", "content:\"b\"; pcre:\"/b/A\";", "abc", false },
	{ "pcre anchored has no next match", "pcre:\"/b/A\"; content:\"c\"; within:1;", "bbc", false },
	{ "pcre anchored where the last one ended", "content:\"a\"; pcre:\"/b/AR\"; content:\"c\"; "
		"within:1;", "babc", true },
	{ "pcre with slashes inside", "pcre:\"/a\\/b/\";", "a/b", true },
	{ "pcre that goes on for ever", "content:\"a\"; pcre:\"/(a+)+$/\";",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false },
	{ "pcre negated that goes on for ever", "content:\"a\"; pcre:!\"/(a+)+$/\";",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false },

	{ "isdataat", "content:\"ab\"; isdataat:3;", "abcd", true },
	{ "isdataat, too short", "content:\"ab\"; isdataat:4;", "abcd", false },
	{ "isdataat relative", "content:\"ab\"; isdataat:2,relative;", "abcd", true },
	{ "isdataat relative, too short", "content:\"ab\"; isdataat:3,relative;", "abcd", false },
	{ "isdataat negated", "content:\"cd\"; isdataat:!1,relative;", "abcd", true },
	{ "isdataat negated, there", "content:\"bc\"; isdataat:!1,relative;", "abcd", false },

	/* "evil plan" is ZXZpbCBwbGFu, "evil" is ZXZpbA== */
	{ "base64", "base64_decode; base64_data; content:\"evil\";", "ZXZpbCBwbGFu", true },
	{ "base64, not in it", "base64_decode; base64_data; content:\"good\";", "ZXZpbCBwbGFu",
		false },
	{ "base64, not decoded", "content:\"evil\"; base64_decode; base64_data; content:\"plan\";",
		"ZXZpbCBwbGFu", false },
	{ "base64, offset", "base64_decode:offset 3; base64_data; content:\"evil\"; startswith;",
		"d: ZXZpbA==", true },
	{ "base64, offset beyond the end", "base64_decode:offset 12; base64_data; content:\"e\";",
		"ZXZpbCBwbGFu", false },
	{ "base64, relative", "content:\"data=\"; base64_decode:relative; base64_data; "
		"content:\"evil\";", "x data=ZXZpbA==", true },
	{ "base64, relative with offset", "content:\"data\"; base64_decode:bytes 8, offset 1, "
		"relative; base64_data; content:\"evil\"; endswith;", "x data=ZXZpbA==", true },
	{ "base64 behind the second place", "content:\"=\"; base64_decode:relative; base64_data; "
		"content:\"evil\";", "a=1;b=ZXZpbA==", true },
	{ "base64, bytes", "base64_decode:bytes 4; base64_data; content:\"evi\"; endswith;",
		"ZXZpbCBwbGFu", true },
	{ "base64, bytes that cut a group", "base64_decode:bytes 6; base64_data; "
		"content:\"evil\"; endswith;", "ZXZpbCBwbGFu", true },
	{ "base64 ends at what is no letter", "base64_decode; base64_data; content:\"evi\"; "
		"endswith;", "ZXZp bCBwbGFu", true },
	{ "base64 goes on behind padding", "base64_decode; base64_data; content:\"evilevil\";",
		"ZXZpbA==ZXZpbA==", true },
	{ "base64, nothing to decode", "content:\"x\"; base64_decode:relative; base64_data; "
		"content:!\"y\";", "x ZXZp", false },
	{ "base64, negated", "base64_decode; base64_data; content:!\"evil\";", "ZXZpbCBwbGFu",
		false },
	{ "base64, places count from what is decoded", "base64_decode; base64_data; "
		"content:\"plan\"; offset:5; depth:4; content:\"evil\"; offset:0; depth:4;",
		"ZXZpbCBwbGFu", true },
	{ "base64, relative in what is decoded", "base64_decode; base64_data; content:\"evil\"; "
		"content:\"plan\"; distance:1; within:4;", "ZXZpbCBwbGFu", true },
	{ "base64, the first counts from its start", "content:\"x\"; base64_decode:relative; "
		"base64_data; content:\"evil\"; within:4;", "xZXZpbA==", true },
	{ "base64 and pcre", "base64_decode; base64_data; pcre:\"/^ev.l\\s/\";", "ZXZpbCBwbGFu",
		true },
	{ "base64 and isdataat", "base64_decode; base64_data; content:\"plan\"; "
		"isdataat:!1,relative;", "ZXZpbCBwbGFu", true },
	{ "base64 and then the payload", "base64_decode; base64_data; content:\"evil\"; pkt_data; "
		"content:\"Fu\"; endswith;", "ZXZpbCBwbGFu", true },
	{ "base64 and then not the payload", "base64_decode; base64_data; content:\"evil\"; "
		"pkt_data; content:\"evil\";", "ZXZpbCBwbGFu", false },
	{ "base64 moves nothing", "content:\"Z\"; base64_decode; base64_data; content:\"evil\"; "
		"pkt_data; content:\"X\"; within:1;", "ZXZpbCBwbGFu", true },
	{ "base64 twice", "base64_decode:bytes 4; base64_data; content:\"evi\"; pkt_data; "
		"base64_decode:offset 8; base64_data; content:\"lan\";", "ZXZpbCBwbGFu", true },
	{ "base64, a number from before it", "byte_extract:1,0,n,string,dec; "
		"base64_decode:offset 1; base64_data; content:\"plan\"; offset:n;", "5ZXZpbCBwbGFu",
		true },
	{ "base64, a number that is too large", "byte_extract:1,0,n,string,dec; "
		"base64_decode:offset 1; base64_data; content:\"plan\"; offset:n;", "6ZXZpbCBwbGFu",
		false },

	{ "byte_test of text", "content:\"n=\"; byte_test:3,>,99,0,relative,string,dec;", "n=123;",
		true },
	{ "byte_test of hex text", "content:\"n=\"; byte_test:2,=,0xff,0,relative,string,hex;",
		"n=ff;", true },
	{ "byte_test of text that is none", "content:\"n=\"; byte_test:3,!=,5,0,relative,string,dec;",
		"n=abc;", false },
};

/* ---- on bytes ---- */

static const struct {
	const char *what, *options, *payload;
	bool fires;
} bytes[] = {
	{ "byte_test >", "byte_test:2,>,255,0;", "01 00", true },
	{ "byte_test > equal", "byte_test:2,>,256,0;", "01 00", false },
	{ "byte_test >=", "byte_test:2,>=,256,0;", "01 00", true },
	{ "byte_test <", "byte_test:2,<,257,0;", "01 00", true },
	{ "byte_test !", "byte_test:2,!,5,0;", "01 00", true },
	{ "byte_test !=", "byte_test:2,!=,256,0;", "01 00", false },
	{ "byte_test &", "byte_test:1,&,0x80,0;", "81", true },
	{ "byte_test !&", "byte_test:1,!&,0x80,0;", "81", false },
	{ "byte_test ^", "byte_test:1,^,0x81,0;", "81", false },
	{ "byte_test little endian", "byte_test:2,=,1,0,little;", "01 00", true },
	{ "byte_test beyond the end", "byte_test:4,!=,1,0;", "01 00", false },
	{ "byte_test bitmask", "byte_test:1,=,3,0,bitmask 0x30;", "b7", true },
	{ "byte_test relative", "content:\"|aa|\"; byte_test:1,=,2,1,relative;", "00 aa 01 02", true },
	{ "byte_test relative, back", "content:\"|aa|\"; byte_test:1,=,7,-2,relative;", "07 aa", true },
	{ "a test in between does not bind the place", "content:\"|aa|\"; byte_test:1,=,0xaa,0; "
		"content:!\"|00|\"; within:1;", "aa 00 aa 01", true },
	{ "byte_test moves nothing", "content:\"|aa|\"; byte_test:1,=,1,0,relative; "
		"content:\"|01|\"; within:1;", "aa 01", true },

	{ "byte_jump", "byte_jump:1,0; content:\"|cc|\"; within:1;", "02 aa bb cc", true },
	{ "byte_jump, elsewhere", "byte_jump:1,0; content:\"|cc|\"; within:1;", "01 aa bb cc", false },
	{ "byte_jump relative", "content:\"|05|\"; byte_jump:2,0,relative; content:\"|ee|\"; within:1;",
		"05 00 01 dd ee", true },
	{ "byte_jump multiplier", "byte_jump:1,0,multiplier 2; content:\"|cc|\"; within:1;",
		"01 aa bb cc", true },
	{ "byte_jump from_beginning", "byte_jump:1,1,from_beginning; content:\"|bb|\"; within:1;",
		"00 02 bb cc", true },
	{ "byte_jump post_offset", "byte_jump:1,0,post_offset 1; content:\"|cc|\"; within:1;",
		"01 aa bb cc", true },
	{ "byte_jump post_offset back", "byte_jump:1,0,post_offset -1; content:\"|bb|\"; within:1;",
		"02 aa bb cc", true },
	{ "byte_jump align", "byte_jump:1,0,align; content:\"|ff|\"; within:1;",
		"01 aa bb cc dd ff", true },
	{ "byte_jump beyond the end", "byte_jump:1,0; isdataat:!1,relative;", "09 aa", false },
	{ "byte_jump to the end", "byte_jump:1,0; isdataat:!1,relative;", "01 aa", true },

	{ "byte_extract to byte_test", "byte_extract:1,0,len; byte_test:1,=,len,1;", "05 05", true },
	{ "byte_extract to byte_test, other", "byte_extract:1,0,len; byte_test:1,=,len,1;", "05 06",
		false },
	{ "byte_extract to offset", "byte_extract:1,0,at; content:\"|aa|\"; offset:at; depth:1;",
		"03 aa bb aa", true },
	{ "byte_extract to within", "byte_extract:1,0,n; content:\"|aa|\"; within:n;", "02 bb aa", true },
	{ "byte_extract to within, short", "byte_extract:1,0,n; content:\"|aa|\"; within:n;",
		"01 bb aa", false },
	{ "byte_extract to distance", "byte_extract:1,0,n; content:\"|aa|\"; distance:n; within:1;",
		"01 bb aa", true },
	{ "byte_extract to isdataat", "byte_extract:1,0,n; isdataat:!n;", "05 bb", true },
	{ "byte_extract multiplier", "byte_extract:1,0,n,multiplier 4; byte_test:1,=,n,1;", "02 08",
		true },
	{ "extracted again at the next place", "content:\"|aa|\"; byte_extract:1,0,n,relative; "
		"byte_test:1,=,n,0,relative;", "aa 01 02 aa 03 03", true },

	{ "byte_math +", "byte_math:bytes 1, offset 0, oper +, rvalue 3, result r; "
		"byte_test:1,=,r,1;", "02 05", true },
	{ "byte_math <<", "byte_math:bytes 1, offset 0, oper <<, rvalue 2, result r; "
		"byte_test:1,=,r,1;", "02 08", true },
	{ "byte_math / 0", "byte_math:bytes 1, offset 0, oper /, rvalue 0, result r; "
		"byte_test:1,!=,r,1;", "02 08", false },
	{ "byte_math with an extracted number", "byte_extract:1,0,a; byte_math:bytes 1, offset 1, "
		"oper *, rvalue a, result r; byte_test:1,=,r,2;", "02 05 0a", true },
};

static void test_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct bytes data = { (const uint8_t *)texts[i].payload, strlen(texts[i].payload) };
		CHECK(matches(texts[i].options, data) == texts[i].fires, "%s", texts[i].what);
	}
}

static void test_bytes(void)
{
	uint8_t room[64];
	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		struct bytes data = { room, hex_read(bytes[i].payload, room, sizeof(room)) };
		CHECK(matches(bytes[i].options, data) == bytes[i].fires, "%s", bytes[i].what);
	}
}

/* ---- flowbits and flowint: what fires on each of three payloads in a row ---- */

static const struct {
	const char *what, *rules;
	const char *payloads[3];
	unsigned fires[3];
} rows[] = {
	{ "set, then isset",
		"alert tcp any any -> any any (content:\"login\"; flowbits:set,in; noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"write\"; flowbits:isset,in; sid:2;)\n",
		{ "write", "login", "write" }, { 0, 0, 1 } },
	{ "in one payload, whatever the order of the rules",
		"alert tcp any any -> any any (content:\"write\"; flowbits:isset,in; sid:2;)\n"
		"alert tcp any any -> any any (content:\"login\"; flowbits:set,in; sid:1;)\n",
		{ "login write", "write", "x" }, { 2, 1, 0 } },
	{ "isnotset, unset",
		"alert tcp any any -> any any (content:\"a\"; flowbits:set,x; sid:1;)\n"
		"alert tcp any any -> any any (content:\"b\"; flowbits:unset,x; sid:2;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowbits:isnotset,x; sid:3;)\n",
		{ "a", "c", "b" }, { 1, 0, 1 } },
	{ "any of two names",
		"alert tcp any any -> any any (content:\"a\"; flowbits:set,x; flowbits:noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowbits:isset,x|y; sid:3;)\n",
		{ "c", "a", "c" }, { 0, 0, 1 } },
	{ "all of two names",
		"alert tcp any any -> any any (content:\"a\"; flowbits:set,x; flowbits:noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowbits:isset,x&y; sid:3;)\n",
		{ "c", "a", "c" }, { 0, 0, 0 } },
	{ "toggle",
		"alert tcp any any -> any any (content:\"a\"; flowbits:toggle,x; noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowbits:isset,x; sid:3;)\n",
		{ "a c", "a c", "c" }, { 1, 0, 0 } },
	{ "a pass rule that asks for a bit",
		"pass tcp any any -> any any (content:\"c\"; flowbits:isset,x; sid:1;)\n"
		"alert tcp any any -> any any (content:\"a\"; flowbits:set,x; noalert; sid:2;)\n"
		"alert tcp any any -> any any (content:\"c\"; sid:3;)\n",
		{ "c", "a", "c" }, { 1, 0, 0 } },
	{ "a pass rule that leaves a bit",
		"pass tcp any any -> any any (content:\"a\"; flowbits:set,x; sid:1;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowbits:isset,x; sid:3;)\n",
		{ "c", "a", "c" }, { 0, 0, 1 } },

	{ "count in one rule, compare in another, whatever their order",
		"alert tcp any any -> any any (content:\"b\"; flowint:n,>,1; sid:1;)\n"
		"alert tcp any any -> any any (content:\"a\"; flowint:n,+,1; noalert; sid:2;)\n",
		{ "a b", "a b", "b" }, { 0, 1, 1 } },
	{ "count and compare in one rule",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,+,1; flowint:n,>=,2; sid:1;)\n",
		{ "a", "a", "a" }, { 0, 1, 1 } },
	{ "compare, then count: in the rule's order",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,=,0; noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"b\"; flowint:n,==,0; flowint:n,+,1; sid:2;)\n",
		{ "a", "b", "b" }, { 0, 1, 0 } },
	{ "notset, set, isset",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,notset; flowint:n,=,1; sid:1;)\n"
		"alert tcp any any -> any any (content:\"b\"; flowint:n,isset; sid:2;)\n",
		{ "b", "a b", "a b" }, { 0, 2, 1 } },
	{ "isnotset is notset",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,isnotset; sid:1;)\n",
		{ "a", "x", "a" }, { 1, 0, 1 } },
	{ "a name as operand; one that was never set is 0",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,+,2; noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"m\"; flowint:most,=,n; noalert; sid:2;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowint:n,>,most; sid:3;)\n",
		{ "a c", "m a", "a c" }, { 1, 0, 1 } },
	{ "what was never set holds no comparison, and is not made less",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,!=,5; sid:1;)\n"
		"alert tcp any any -> any any (content:\"b\"; flowint:n,-,1; sid:2;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowint:n,<,5; sid:3;)\n",
		{ "a", "b", "c" }, { 0, 0, 0 } },
	{ "minus, and 32 bits that wrap",
		"alert tcp any any -> any any (content:\"a\"; flowint:n,=,1; noalert; sid:1;)\n"
		"alert tcp any any -> any any (content:\"b\"; flowint:n,-,2; flowint:n,==,4294967295; "
		"sid:2;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowint:n,<=,4294967294; sid:3;)\n",
		{ "a", "b", "c" }, { 0, 1, 0 } },
	{ "with a bit: the number is left alone while the bit is not set",
		"alert tcp any any -> any any (content:\"a\"; flowbits:isset,x; flowint:n,+,1; noalert; "
		"sid:1;)\n"
		"alert tcp any any -> any any (content:\"b\"; flowbits:set,x; noalert; sid:2;)\n"
		"alert tcp any any -> any any (content:\"c\"; flowint:n,isset; sid:3;)\n",
		{ "a c", "b", "a c" }, { 0, 0, 1 } },
};

static void test_flowbits(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ruleset *r = rules_of(rows[i].rules);
		struct detector *d = detector_new(r);
		struct flow f = tcp_flow(), other = tcp_flow();
		for (unsigned k = 0; k < 3; k++) {
			struct bytes data = { (const uint8_t *)rows[i].payloads[k],
				strlen(rows[i].payloads[k]) };
			unsigned got = fires(d, &f, data);
			CHECK(got == rows[i].fires[k], "%s: %s: %u", rows[i].what,
				rows[i].payloads[k], got);
		}
		struct bytes last = { (const uint8_t *)"write", 5 };
		CHECK(fires(d, &other, last) == 0, "%s: another flow has its own bits",
			rows[i].what);
		detect_flow_release(d, &f);
		detect_flow_release(d, &other);
		detector_free(d);
		ruleset_free(r);
	}
}

int main(void)
{
	test_texts();
	test_bytes();
	test_flowbits();
	return test_end();
}
