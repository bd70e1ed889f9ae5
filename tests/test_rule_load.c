/* The rule loader: what is understood, what is refused and where it says so. */
#include <stdlib.h>
#include <unistd.h>

#include "detect/load.h"
#include "test.h"

static const struct rule_variable addresses[] = {
	{ "HOME_NET", "[10.0.0.0/8,192.168.0.0/16]" },
	{ "EXTERNAL_NET", "!$HOME_NET" },
	{ "PLCS", "[10.1.0.0/16,!10.1.2.3]" },
	{ "MASTERS", "[$PLCS,!10.1.9.0/24]" },
	{ "EVERYBODY", "any" },
	{ "LOOP", "[$LOOP2]" },
	{ "LOOP2", "$LOOP" },
};
static const struct rule_variable ports[] = {
	{ "MODBUS_PORTS", "[502,1502]" },
};

static struct rule_list *load_files(const char *const *files, unsigned count)
{
	struct rules_config config = {
		.files = files, .file_count = count,
		.addresses = addresses,
		.address_count = sizeof(addresses) / sizeof(*addresses),
		.ports = ports, .port_count = sizeof(ports) / sizeof(*ports),
		.classification = IRONSPAN_SOURCE_DIR "/signatures/classification.config",
		.reference = IRONSPAN_SOURCE_DIR "/signatures/reference.config",
		.attack = IRONSPAN_SOURCE_DIR "/signatures/attack.json",
	};
	return rules_read(&config);
}

static struct rule_list *load(const char *text, size_t len)
{
	char path[] = "/tmp/test_rule_load.XXXXXX";
	const char *const files[] = { path };
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
	struct rule_list *l = load_files(files, 1);
	unlink(path);
	return l;
}

/* The one rule with these options, NULL if it was refused; *l keeps it. */
static const struct rule *load_options(const char *options, struct rule_list **l)
{
	char text[1024];
	int len = snprintf(text, sizeof(text),
		"alert modbus any any -> any any (msg:\"m\"; %s sid:1;)", options);

	*l = load(text, (size_t)len);
	return (*l)->count == 1 ? (*l)->rules[0] : NULL;
}

/* ---- what becomes of a line ---- */

#define HEAD "alert tcp any any -> any any "

static const struct {
	const char *what, *text;
	enum rule_fate fate;
	unsigned line, column; /* of the first note; 0: there is none */
	const char *option, *reason;
} fates[] = {
	{ "shortest", HEAD "(sid:1;)", RULE_LOADED },
	{ "no final newline, two semicolons", HEAD "(msg:\"x\";; sid:1;;)", RULE_LOADED },
	{ "spaces everywhere",
		" alert  tcp\tany any  ->  any any  ( msg : \"x\" ; sid : 1 ; ) ",
		RULE_LOADED },
	{ "missing ;", HEAD "(msg:\"x\" content:\"a\" nocase; depth:4 offset:1; sid:1;)",
		RULE_LOADED },
	{ "missing ; behind a number",
		HEAD "(content:\"a\"; depth:2content:\"b\"; sid:1;)", RULE_LOADED },
	{ "missing ; behind a flag", HEAD "(content:\"a\"; nocase depth:4; sid:1;)",
		RULE_LOADED },
	{ "comma for ;", HEAD "(content:\"a\"; offset:0,depth:4; sid:1,rev:2;)",
		RULE_LOADED },
	{ "last ; missing", HEAD "(msg:\"x\"; sid:1)", RULE_LOADED },
	{ "no closing quote", HEAD "(msg:\"x; content:\"a\"; nocase; sid:1;)",
		RULE_REFUSED, 1, 31, "msg", "closing quote is missing" },
	{ "no closing quote, and contents that look like one more text",
		HEAD "(msg:\"x; content:\"a\"; content:\"b\"; sid:1;)",
		RULE_REFUSED, 1, 31, "msg", "closing quote is missing" },
	{ "no closing quote of a content", HEAD "(content:\"a; msg:\"x\"; sid:1;)",
		RULE_REFUSED, 1, 31, "content", "closing quote is missing" },
	{ "quotes in a text", HEAD "(msg:\"a; \\\" \"b\"\"; sid:1;)", RULE_LOADED },
	{ "comment behind", HEAD "(sid:1;) # note", RULE_LOADED },
	{ "Snort 3 body", "alert ( msg:\"x\"; sid:1; )", RULE_LOADED },
	{ "Snort 3 lines and an empty one",
		"alert modbus (\n\tmsg:\"x\";\n\n\tsid:1; )\n", RULE_LOADED },
	{ "Snort 3 lines", "alert modbus (\n\tmsg:\"x\";\n\tsid:1;\n)\n", RULE_LOADED },
	{ "continued", "alert tcp any any -> any any (msg:\"x\"; \\\n\tsid:1; \\\n)",
		RULE_LOADED },
	{ "continued by a line of CRLF", HEAD "(msg:\"x\";\\\r\nsid:1;)\r\n",
		RULE_LOADED },
	{ "mark and comment in UTF-8",
		"\xef\xbb\xbf# \xe2\x80\x93 note\n" HEAD "(sid:1;)", RULE_LOADED },
	{ "no sid", HEAD "(msg:\"x\";)", RULE_REFUSED, 1, 31, NULL, "no sid" },
	{ "unknown option", HEAD "(msg:\"x\"; nocase2; sid:1;)",
		RULE_REFUSED, 1, 40, "nocase2", "did you mean nocase" },
	{ "unknown field", HEAD "(modbus.functoin:3; sid:1;)",
		RULE_REFUSED, 1, 31, "modbus.functoin", "did you mean modbus.function" },
	{ "in the third line", HEAD "( \\\n msg:\"\xc3\xa4\"; \\\n sid:1; depht:3;)",
		RULE_REFUSED, 3, 9, "depht", "did you mean depth" },
	{ "columns are characters", HEAD "(msg:\"\xc3\xa4\xc3\xb6\"; depth:3; sid:1;)",
		RULE_REFUSED, 1, 41, "depth", "content before it" },
	{ "numbers of a flow", HEAD "(content:\"x\"; flowint:a,+,1; flowint: a, >= , b; "
		"flowint:a,isset; flowint:b,notset; sid:1;)", RULE_LOADED },
	{ "flowint does nothing such", HEAD "(flowint:a,*,1; sid:1;)",
		RULE_REFUSED, 1, 31, "flowint", "nothing flowint does" },
	{ "flowint without a number", HEAD "(flowint:a,+; sid:1;)",
		RULE_REFUSED, 1, 31, "flowint", "no number from 0" },
	{ "flowint with too much", HEAD "(flowint:a,>,4294967296; sid:1;)",
		RULE_REFUSED, 1, 31, "flowint", "no number from 0" },
	{ "flowint without a name", HEAD "(flowint:,+,1; sid:1;)",
		RULE_REFUSED, 1, 31, "flowint", "name is missing" },
	{ "flowint asks and is told a number", HEAD "(flowint:a,isset,1; sid:1;)",
		RULE_REFUSED, 1, 31, "flowint", "nothing stands behind" },
	{ "decoding", HEAD "(base64_decode:bytes 4, offset 2,relative; base64_data; content:\"a\"; "
		"sid:1;)", RULE_LOADED },
	{ "decoding without words", HEAD "(base64_decode; base64_data; content:\"a\"; sid:1;)",
		RULE_LOADED },
	{ "decoding for nobody", HEAD "(content:\"a\"; base64_decode:bytes 4; sid:1;)",
		RULE_FELL_BACK, 1, 44, "base64_decode", "nothing looks at" },
	{ "decoding, unknown word", HEAD "(base64_decode:bites 4; sid:1;)",
		RULE_REFUSED, 1, 31, "base64_decode", "is no word of" },
	{ "decoding, too much", HEAD "(base64_decode:bytes 65536; sid:1;)",
		RULE_REFUSED, 1, 31, "base64_decode", "between 0 and 65535" },
	{ "decoding what is decoded", HEAD "(base64_decode; base64_data; base64_decode; sid:1;)",
		RULE_REFUSED, 1, 59, "base64_decode", "not decoded again" },
	{ "decoding a buffer nobody has", HEAD "(http.cookie; base64_decode; base64_data; "
		"content:\"a\"; sid:1;)", RULE_REFUSED, 1, 44, "base64_decode", "write relative" },
	{ "decoded of nothing", HEAD "(base64_data; content:\"a\"; sid:1;)",
		RULE_REFUSED, 1, 31, "base64_data", "needs base64_decode" },
	{ "the size of what is decoded", HEAD "(base64_decode; base64_data; bsize:4; sid:1;)",
		RULE_REFUSED, 1, 59, "bsize", "use isdataat" },
	{ "tag", HEAD "(content:\"a\"; tag:session,10,packets; sid:1;)",
		RULE_FELL_BACK, 1, 44, "tag", "not logged" },
	{ "another protocol's value", HEAD "(content:\"a\"; ssh.version:1; sid:1;)",
		RULE_FELL_BACK, 1, 44, "ssh.version", "looked at without it" },
	{ "nothing is left", HEAD "(ssh.version:1; sid:1;)",
		RULE_REFUSED, 1, 46, NULL, "nothing is left" },
	{ "nothing but the size of what nobody cuts out", HEAD "(http.uri; bsize:>5; sid:1;)",
		RULE_REFUSED, 1, 51, NULL, "nothing is left" },
	{ "a buffer that nobody cuts out, and nothing in it", HEAD "(file_data; sid:1;)",
		RULE_REFUSED, 1, 42, NULL, "nothing is left" },
	{ "DCE/RPC", HEAD "(dce_iface:5d2b62aa-ee0a-4a95-91ae-b064fdb471fc; dce_opnum:0-3; "
		"dce_stub_data; content:\"a\"; sid:1;)",
		RULE_FELL_BACK, 1, 31, "dce_iface", "looked at without it" },
	{ "CIP", HEAD "(cip_service:76; sid:1;)",
		RULE_FELL_BACK, 1, 31, "cip_service", "behind the EtherNet/IP header" },
	{ "CIP, no number", HEAD "(cip_service:stop; sid:1;)",
		RULE_REFUSED, 1, 31, "cip_service", "no number" },
	{ "EtherNet/IP", HEAD "(enip_command:[list_identity,0x6f]; sid:1;)",
		RULE_FELL_BACK, 1, 31, "enip_command", "first two bytes" },
	{ "a protocol without dissector has no events",
		"alert enip any any -> any any (app-layer-event:enip.invalid_pdu; sid:1;)",
		RULE_FELL_BACK, 1, 32, "app-layer-event", "silent" },
	{ "Snort's words for OPC UA", "alert tcp any any -> any any (opcua_msg_type:hello; "
		"opcua_msg_service:ReadRequest; sid:1;)", RULE_LOADED },
	{ "Snort's words for S7comm-plus", "alert tcp any any -> any any (s7commplus_func:getmultivar; "
		"s7commplus_opcode:request; sid:1;)", RULE_LOADED },
	{ "Snort's word elsewhere", "alert opcua any any -> any any (opcua.message_type:hello; sid:1;)",
		RULE_REFUSED, 1, 33, "opcua.message_type", "no value here" },
	{ "an event of headers nobody decodes", "alert ip any any -> any any "
		"(decode-event:geneve.unknown_payload_type; sid:1;)",
		RULE_FELL_BACK, 1, 30, "decode-event", "silent" },
	{ "an event that is nearly one", "alert ip any any -> any any "
		"(decode-event:ipv4.trunc_pk; sid:1;)",
		RULE_FELL_BACK, 1, 30, "decode-event", "did you mean ipv4.trunc_pkt" },
	{ "a stream event nobody reports", HEAD "(stream-event:3whs_wrong_seq_wrong_ack; sid:1;)",
		RULE_FELL_BACK, 1, 31, "stream-event", "silent" },
	{ "an event of finding protocols", HEAD "(app-layer-event:applayer_wrong_direction_first_data; "
		"sid:1;)", RULE_FELL_BACK, 1, 31, "app-layer-event", "silent" },
	{ "a wrong checksum", "alert ip any any -> any any (tcpv4-csum:invalid; sid:1;)",
		RULE_FELL_BACK, 1, 30, "tcpv4-csum", "-k all" },
	{ "a right checksum", HEAD "(content:\"a\"; tcpv4-csum:valid; sid:1;)",
		RULE_FELL_BACK, 1, 44, "tcpv4-csum", "without it" },
	{ "a checksum of ICMP", "alert icmp any any -> any any (icmpv4-csum:invalid; sid:1;)",
		RULE_FELL_BACK, 1, 32, "icmpv4-csum", "silent" },
	{ "a checksum that is neither", HEAD "(content:\"a\"; udpv6-csum:wrong; sid:1;)",
		RULE_REFUSED, 1, 44, "udpv6-csum", "valid or invalid" },
	{ "an event of the driver",
		"alert modbus any any -> any any (app-layer-event:modbus.flooded; sid:1;)",
		RULE_FELL_BACK, 1, 34, "app-layer-event", "applayer.too_many_pending" },
	{ "no HTTP is known", HEAD "(app-layer-protocol:!http; sid:1;)",
		RULE_FELL_BACK, 1, 31, "app-layer-protocol", "silent" },
	{ "what nobody claims", HEAD "(app-layer-protocol:failed; sid:1;)", RULE_LOADED },
	{ "headers", "alert ip any any -> any any (ttl:<5; ip_proto:!tcp; id:0; tos:!8; "
		"fragbits:+MD; fragoffset:>0; ipopts:lsrr; sameip; sid:1;)", RULE_LOADED },
	{ "ICMP", "alert icmp any any -> any any (itype:8; icode:0; icmp_id:1; icmp_seq:0-4; "
		"sid:1;)", RULE_LOADED },
	{ "TCP", HEAD "(seq:0; ack:0; window:55808; flags:S; sid:1;)", RULE_LOADED },
	{ "fragments", HEAD "(flow:only_frag; content:\"a\"; sid:1;)", RULE_LOADED },
	{ "drop with a threshold", "drop tcp any any -> any any (content:\"a\"; "
		"threshold:type both, track by_src, count 2, seconds 60; sid:1;)",
		RULE_FELL_BACK, 1, 30, NULL, "cannot drop" },
	{ "drop, told seldom", "drop tcp any any -> any any (content:\"a\"; "
		"threshold:type limit, track by_src, count 1, seconds 60; sid:1;)", RULE_LOADED },
	{ "drop and ask for a mark", "reject tcp any any -> any any (content:\"a\"; "
		"xbits:isset,a,track ip_src; sid:1;)", RULE_FELL_BACK, 1, 32, NULL, "cannot drop" },
	{ "drop and leave a mark", "drop tcp any any -> any any (content:\"a\"; "
		"xbits:set,a,track ip_src; sid:1;)", RULE_LOADED },
	{ "drop the answer", "drop ip any any -> any any (ot.outcome:accepted; sid:1;)",
		RULE_FELL_BACK, 1, 50, NULL, "the request passes" },
	{ "no IP option", HEAD "(ipopts:xyz; sid:1;)",
		RULE_REFUSED, 1, 31, "ipopts", "no IP option" },
	{ "no fragment bit", HEAD "(fragbits:X; sid:1;)",
		RULE_REFUSED, 1, 31, "fragbits", "letters M D R" },
	{ "a number that no header has", HEAD "(ttl:>255; sid:1;)",
		RULE_REFUSED, 1, 31, "ttl", "0 to 255" },
	{ "a list that no header has", HEAD "(window:[65536,70000]; sid:1;)",
		RULE_REFUSED, 1, 31, "window", "0 to 65535" },
	{ "some of a list", HEAD "(window:[65535,70000]; ttl:!300; sid:1;)", RULE_LOADED },
	{ "a size that no packet has", HEAD "(dsize:>65535; sid:1;)",
		RULE_REFUSED, 1, 31, "dsize", "no payload" },
	{ "a unit that nobody has", "alert modbus any any -> any any (modbus:unit 256; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus", "0 to 255" },
	{ "a long subfunction", "alert modbus any any -> any any (modbus:function 8, "
		"subfunction 4000; sid:1;)", RULE_LOADED },
	{ "a group that is none", "alert dnp3 any any -> any any (dnp3_obj:256,1; sid:1;)",
		RULE_REFUSED, 1, 32, "dnp3_obj", "0 to 255" },
	{ "headers of a message", "alert modbus any any -> any any (modbus.function:3; ttl:<5; "
		"sid:1;)", RULE_FELL_BACK, 1, 61, "ttl", "without it" },
	{ "stream_size", HEAD "(stream_size:client,>,32800; content:\"a\"; sid:1;)",
		RULE_LOADED },
	{ "stream_size of nobody", HEAD "(stream_size:me,>,1; sid:1;)",
		RULE_REFUSED, 1, 31, "stream_size", "client, server" },
	{ "xbits", HEAD "(content:\"a\"; xbits:set,seen,track ip_src,expire 60; sid:1;)",
		RULE_LOADED },
	{ "xbits without track", HEAD "(content:\"a\"; xbits:set,seen; sid:1;)",
		RULE_REFUSED, 1, 44, "xbits", "track is missing" },
	{ "xbits of a transaction", HEAD "(content:\"a\"; xbits:set,seen,track tx; sid:1;)",
		RULE_REFUSED, 1, 44, "xbits", "transaction" },
	{ "hostbits", HEAD "(content:\"a\"; hostbits:isset,seen,dst; hostbits:set,seen,src,60; "
		"hostbits:isset,seen; sid:1;)", RULE_LOADED },
	{ "hostbits of both", HEAD "(content:\"a\"; hostbits:set,seen,both; sid:1;)",
		RULE_REFUSED, 1, 44, "hostbits", "one for each" },
	{ "hostbits for no time", HEAD "(content:\"a\"; hostbits:set,seen,src,x; sid:1;)",
		RULE_REFUSED, 1, 44, "hostbits", "number of seconds" },
	{ "a pass rule with xbits",
		"pass tcp any any -> any any (content:\"a\"; xbits:isset,x,track ip_src; sid:1;)",
		RULE_REFUSED, 1, 30, NULL, "use flowbits" },
	{ "a list of texts", "alert ip any any -> any any (ot.object:[coil,\"db 1\"]; sid:1;)",
		RULE_LOADED },
	{ "an empty text in a list", "alert ip any any -> any any (ot.object:[coil,]; sid:1;)",
		RULE_LOADED },
	{ "which of many values", "alert modbus any any -> any any (modbus.write.value:[1,2],all; "
		"modbus.write.value:>1,nb >=2,0:4; modbus.read.value:count >2; "
		"modbus.write.value:1,oob_or 3; modbus.write.value:1 , -1; sid:1;)", RULE_LOADED },
	{ "which, no word", "alert modbus any any -> any any (modbus.write.value:1,most; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus.write.value", "does not say which" },
	{ "which, no number", "alert modbus any any -> any any (modbus.write.value:1,nb; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus.write.value", "does not say which" },
	{ "which, an empty part",
		"alert modbus any any -> any any (modbus.write.value:1,all,3:2; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus.write.value", "is empty" },
	{ "which, no part",
		"alert modbus any any -> any any (modbus.write.value:1,all,3; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus.write.value", "no part" },
	{ "count of what", "alert modbus any any -> any any (modbus.write.value:count; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus.write.value", "no number" },
	{ "count and which",
		"alert modbus any any -> any any (modbus.write.value:count 2,all; sid:1;)",
		RULE_REFUSED, 1, 34, "modbus.write.value", "about all values" },
	{ "any size but one", HEAD "(dsize:!3; sid:1;)", RULE_LOADED },
	{ "TCP flags of UDP", "alert udp any any -> any any (flags:S; sid:1;)",
		RULE_REFUSED, 1, 31, "flags", "are TCP's" },
	{ "two sids", HEAD "(content:\"a\"; sid:1; sid:2;)",
		RULE_REFUSED, 1, 51, "sid", "one sid" },
	{ "a number with a unit", HEAD "(dsize:>1kb; sid:1;)", RULE_LOADED },
	{ "backoff", HEAD "(threshold:type backoff, track by_flow, count 1, multiplier 10; "
		"sid:1;)", RULE_LOADED },
	{ "backoff without multiplier", HEAD "(threshold:type backoff, track by_flow, count 1; "
		"sid:1;)", RULE_REFUSED, 1, 31, "threshold", "multiplier is missing" },
	{ "typing error", "alrt tcp any any -> any any (sid:1;)",
		RULE_REFUSED, 1, 1, NULL, "is no action" },
	{ "no such protocol", "alert tpc any any -> any any (sid:1;)",
		RULE_REFUSED, 1, 7, NULL, "no protocol" },
	{ "no arrow", "alert tcp any any any any (sid:1;)",
		RULE_REFUSED, 1, 19, NULL, "-> or <>" },
	{ "wrong arrow", "alert tcp any any <- any any (sid:1;)",
		RULE_REFUSED, 1, 19, NULL, "-> or <>" },
	{ "no options", "alert tcp any any -> any any",
		RULE_REFUSED, 1, 29, NULL, "parentheses" },
	{ "not an address", "alert tcp 10.0.0.300 any -> any any (sid:1;)",
		RULE_REFUSED, 1, 11, NULL, "no address" },
	{ "not a port", "alert tcp any 70000 -> any any (sid:1;)",
		RULE_REFUSED, 1, 15, NULL, "no port" },
	{ "nobody", "alert tcp !any any -> any any (sid:1;)",
		RULE_REFUSED, 1, 11, NULL, "no address at all" },
	{ "nobody by a variable", "alert tcp !$EVERYBODY any -> any any (sid:1;)",
		RULE_FELL_BACK, 1, 11, NULL, "silent" },
	{ "undefined", "alert tcp $PUMPS any -> any any (sid:1;)",
		RULE_REFUSED, 1, 11, "$PUMPS", "not defined" },
	{ "undefined but common",
		"alert tcp $DNP3_SERVER any -> any $DNP3_PORTS (sid:1;)",
		RULE_LOADED, 1, 11, "$DNP3_SERVER", "not defined" },
	{ "defined by itself", "alert tcp $LOOP any -> any any (sid:1;)",
		RULE_REFUSED, 1, 11, NULL, "by itself" },
	{ "quote open", HEAD "(msg:\"x; sid:1;)", RULE_REFUSED, 1, 31, "msg", NULL },
	{ "parenthesis open", HEAD "(msg:\"x\"; sid:1;",
		RULE_REFUSED, 1, 46, NULL, "does not end" },
	{ "HTTP", "alert http any any -> any any (http.uri; content:\"/x\"; sid:1;)",
		RULE_FELL_BACK, 1, 7, NULL, "http is not dissected" },
	{ "HTTP without content", "alert http any any -> any any (sid:1;)",
		RULE_REFUSED, 1, 32, NULL, "no content" },
	{ "a zero byte", "alert tcp any any -> any any (sid:1;\0)",
		RULE_REFUSED, 1, 1, NULL, "no text" },
	{ "unknown class", HEAD "(classtype:nonsense; sid:1;)",
		RULE_LOADED, 1, 31, "classtype", "not in classification.config" },
	{ "bad reference", HEAD "(reference:example.com; sid:1;)",
		RULE_LOADED, 1, 31, "reference", "left out" },
	{ "no such event", HEAD "(app-layer-event:modbus.nonsense; sid:1;)",
		RULE_REFUSED, 1, 31, "app-layer-event", "no such event" },
	{ "decoder's event",
		"alert pkthdr any any -> any any (decode-event:ipv4.trunc_pkt; sid:1;)",
		RULE_LOADED },
	{ "stream's event", HEAD "(stream-event:midstream; sid:1;)", RULE_LOADED },
	{ "driver's event", HEAD "(app-layer-event:applayer.undecoded; sid:1;)",
		RULE_LOADED },
	{ "two events", HEAD "(stream-event:midstream; stream-event:midstream; sid:1;)",
		RULE_REFUSED, 1, 55, "stream-event", "one event" },
};

static size_t length_of(unsigned i) /* one text holds a zero byte */
{
	size_t len = strlen(fates[i].text);

	return fates[i].reason && strcmp(fates[i].reason, "no text") == 0 ? len + 2 : len;
}

static void test_fates(void)
{
	for (unsigned i = 0; i < sizeof(fates) / sizeof(*fates); i++) {
		struct rule_list *l = load(fates[i].text, length_of(i));
		const struct rules_report *r = &l->report;
		const struct rule_note *n = r->note_count ? &r->notes[0] : NULL;
		unsigned got = fates[i].fate == RULE_REFUSED ? r->refused :
			fates[i].fate == RULE_FELL_BACK ? r->fell_back : r->loaded;

		CHECK(got == 1 && r->loaded + r->fell_back + r->refused == 1, "%s: %s",
			fates[i].what, n ? n->reason : "no note");
		CHECK((n != NULL) == (fates[i].line != 0), "%s: %s", fates[i].what,
			n ? n->reason : "no note");
		if (n && fates[i].line) {
			CHECK(n->line == fates[i].line && n->column == fates[i].column,
				"%s: at %u:%u", fates[i].what, n->line, n->column);
			CHECK(!fates[i].option || (n->option && !strcmp(n->option,
				fates[i].option)),
				"%s: %s", fates[i].what, n->option
				? n->option : "no option");
			CHECK(!fates[i].reason || strstr(n->reason, fates[i].reason),
				"%s: %s",
				fates[i].what, n->reason);
		}
		rules_release(l);
	}
}

/* ---- numbers ---- */

static const struct {
	const char *value, *want; /* "" : refused */
} numbers[] = {
	{ "5", "5-5" }, { "0x1F", "31-31" }, { "!5", "!5-5" }, { ">5", "6-max" },
	{ ">=5", "5-max" }, { "<5", "min-4" }, { "<=5", "min-5" }, { "3-7", "3-7" },
	{ "3<>7", "4-6" }, { "[1,3,5-9]", "1-1 3-3 5-9" }, { "[9,1,2,3,>8]",
		"1-3 9-max" },
	{ "![1, 2]", "!1-2" }, { "&0x80", "&80" }, { "!&0x80", "!&80" }, { "&0x80=0x80",
		"&80" },
	{ "&0x80!=0x80", "!&80" }, { "&0xc0=0", "!&c0" }, { "&0xc0!=0", "&c0" }, { "=5",
		"5-5" },
	{ "!=5", "!5-5" }, { "\"5\"", "5-5" }, { " 5 - 7 ", "5-7" }, { "rdcoils", "1-1" },
	{ "write_single_coil", "5-5" }, { "Write Single-Coil", "5-5" },
	{ "[RdCoils,WrSingleCoil]", "1-1 5-5" }, { "RdCoils-RdHoldRegs", "1-3" },
	{ "9223372036854775807", "9223372036854775807-max" }, { "-1", "-1--1" },
	{ "", "" }, { "7-3", "" }, { "3<>4", "" }, { "x", "" }, { "5x", "" }, { "[]",
		"" },
	{ "[1,!2]", "" }, { "9223372036854775808", "" }, { "&0", "" }, { "&0xc0=0x81",
		"" },
	{ "&0xc0=0x80", "&c0128-128" }, { "&0xc0!=0x80", "!&c0128-128" },
	{ "2kb", "2048-2048" }, { ">1MiB", "1048577-max" }, { "9kg", "" },
	{ ">9223372036854775807", "" }, { "[1", "" }, { "- 5", "" },
};

static void print_bound(char *out, int64_t n)
{
	if (n == INT64_MIN)
		strcpy(out, "min");
	else if (n == INT64_MAX)
		strcpy(out, "max");
	else
		sprintf(out, "%lld", (long long)n);
}

static void print_predicate(char *out, const struct predicate *p)
{
	char low[32], high[32];

	out += sprintf(out, "%s", p->negated ? "!" : "");
	if (p->mask)
		out += sprintf(out, "&%llx", (unsigned long long)p->mask);
	for (unsigned i = 0; i < p->range_count; i++) {
		print_bound(low, p->ranges[i].low);
		print_bound(high, p->ranges[i].high);
		if (p->ranges[i].low == INT64_MAX)
			sprintf(low, "%lld", (long long)INT64_MAX);
		out += sprintf(out, "%s%s-%s", i ? " " : "", low, high);
	}
}

static void test_numbers(void)
{
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		char options[128], got[256] = "";
		struct rule_list *l;
		snprintf(options, sizeof(options), "modbus.function:%s;",
			numbers[i].value);
		const struct rule *r = load_options(options, &l);
		if (r && r->predicate_count == 1)
			print_predicate(got, &r->predicates[0]);
		CHECK(strcmp(got, numbers[i].want) == 0, "%s: %s", numbers[i].value, got);
		rules_release(l);
	}
}

/* ---- Suricata's modbus keyword ---- */

static const struct {
	const char *value, *want;
} modbus[] = {
	{ "function 21", "21-21" },
	{ "function 8, subfunction 4", "8-8 4-4" },
	{ "\"function 8\"", "8-8" },
	{ "function user", "65-72 100-110" },
	{ "function !reserved", "!9-10 13-14 41-42 90-91 125-127" },
	{ "unit 10", "10-10" },
	{ "unit 10<>20, function 3", "11-19 3-3" },
	{ "access read", "read 0" },
	{ "access write holding", "write 8" },
	{ "access read input, address 100", "read 4 a99-99" },
	{ "access write coils, address 100<>200, value 1", "write 2 a100-198 v1-1" },
	{ "access read discretes, address <100", "read 1 a0-98" },
	{ "access write holding, address >100, value >200",
		"write 8 a100-65535 v201-65535" },
	{ "unit 1, access write", "1-1 write 0" },
	{ "function 0", "" }, { "function 256", "" }, { "function", "" },
	{ "function public, subfunction 1", "" }, { "access write input", "" },
	{ "access read holding, address 1, value 2", "" }, { "access read, address 0",
		"" },
	{ "access read holding, value 2", "" }, { "nothing", "" }, { "", "" },
	{ "access write holding, address 1, value 2, unit 3", "" },
};

static void print_modbus(char *out, const struct rule *r)
{
	const struct modbus_access *m = &r->modbus;

	for (unsigned i = 0; i < r->predicate_count; i++) {
		print_predicate(out, &r->predicates[i]);
		out += strlen(out);
		out += sprintf(out, "%s", i + 1 < r->predicate_count || m->used
			? " " : "");
	}
	if (m->used)
		out += sprintf(out, "%s %u", m->is_write ? "write" : "read", m->table);
	if (m->has_address)
		out += sprintf(out, " a%d-%d", (int)m->address.low, (int)m->address.high);
	if (m->has_value)
		out += sprintf(out, " v%d-%d", (int)m->value.low, (int)m->value.high);
}

static void test_modbus(void)
{
	for (unsigned i = 0; i < sizeof(modbus) / sizeof(*modbus); i++) {
		char options[128], got[512] = "";
		struct rule_list *l;
		snprintf(options, sizeof(options), "modbus:%s;", modbus[i].value);
		const struct rule *r = load_options(options, &l);
		if (r)
			print_modbus(got, r);
		CHECK(strcmp(got, modbus[i].want) == 0, "%s: %s", modbus[i].value, got);
		rules_release(l);
	}
}

/* ---- contents ---- */

static const struct {
	const char *options, *want; /* per content: pattern in hex and what is set */
} contents[] = {
	{ "content:\"abc\";", "616263" },
	{ "content:!\"a\"; nocase;", "!61 i" },
	{ "content:\"|00 01|a|FF|\";", "000161ff" },
	{ "content:\"|0001|\";", "0001" },
	{ "content:\"a\\\"\\;\\:\\\\b\";", "61223b3a5c62" },
	{ "content:\"a;b)\";", "613b6229" },
	{ "content:\"a\"; offset:3; depth:4;", "61 o3 d4" },
	{ "content:\"a\"; content:\"b\"; distance:-2; within:8;", "61,62 r t-2 w8" },
	{ "content:\"a\",depth 4,offset 2,nocase,fast_pattern;", "61 i f o2 d4" },
	{ "content:\"ab\"; fast_pattern:only;", "6162 f" },
	{ "content:\"abcd\"; fast_pattern:1,2; rawbytes;", "61626364 f" },
	{ "content:\"a\"; startswith; content:\"b\"; endswith;", "61 s,62 e" },
	{ "content:\"ab\"; distance:4; within:10;", "6162 o4 d10" },
	{ "content:\"ab\"; distance:-4; within:10;", "6162 o0 d6" },
	{ "content:!\"a\"; content:\"b\"; within:3;", "!61,62 d3" },
	{ "modbus.data; content:\"a\"; pkt_data; content:\"b\";", "61 b,62" },
	{ "content:\"\";", "" }, { "content:\"|0|\";", "" }, { "content:\"|00\";", "" },
	{ "content:\"|0g|\";", "" }, { "content:\"abc\"; depth:2;", "" },
	{ "content:\"a\"; content:\"abc\"; within:2;", "" },
	{ "content:\"abc\"; distance:-8; within:4;", "" },
	{ "content:\"a\"; depth:4; distance:1;", "" },
		{ "content:\"a\"; startswith; depth:4;", "" },
	{ "content:!\"a\"; fast_pattern;", "" }, { "content:\"a\"; fast_pattern:0,4;",
		"" },
	{ "nocase;", "" }, { "content:\"a\"; depth:len;", "" }, { "content:\"a\",msg x;",
		"" },
	{ "content:\"a\"; depth:70000;", "" }, { "modbus.function;", "" },
};

static void print_contents(char *out, const struct rule *r)
{
	for (unsigned i = 0; i < r->content_count; i++) {
		const struct content *c = &r->contents[i];
		out += sprintf(out, "%s%s", i ? "," : "", c->negated ? "!" : "");
		for (size_t b = 0; b < c->pattern.len; b++)
			out += sprintf(out, "%02x", c->pattern.at[b]);
		out += sprintf(out, "%s%s%s%s%s%s", c->relative ? " r" : "", c->nocase
			? " i" : "",
			c->is_fast ? " f" : "", c->starts_with ? " s" : "", c->ends_with
			? " e" : "",
			c->field >= 0 ? " b" : "");
		if (c->has_offset)
			out += sprintf(out, " o%d", c->offset);
		if (c->has_depth)
			out += sprintf(out, " d%d", c->depth);
		if (c->has_distance)
			out += sprintf(out, " t%d", c->distance);
		if (c->has_within)
			out += sprintf(out, " w%d", c->within);
	}
}

static void test_contents(void)
{
	for (unsigned i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		char got[256] = "";
		struct rule_list *l;
		const struct rule *r = load_options(contents[i].options, &l);
		if (r)
			print_contents(got, r);
		CHECK(strcmp(got, contents[i].want) == 0, "%s: %s", contents[i].options,
			got);
		rules_release(l);
	}
}

/* ---- addresses and ports ---- */

static const struct {
	const char *set, *in, *out; /* one address inside, one outside; NULL: none */
} sets[] = {
	{ "any", "1.2.3.4", NULL },
	{ "10.0.0.1", "10.0.0.1", "10.0.0.2" },
	{ "!10.0.0.1", "fe80::1", "10.0.0.1" },
	{ "10.0.0.0/8", "10.255.0.1", "11.0.0.1" },
	{ "10.0.0.0/255.0.0.0", "10.255.0.1", "11.0.0.1" },
	{ "0.0.0.0/0", "255.1.1.1", "::1" },
	{ "10.0.0.5-10.0.0.9", "10.0.0.9", "10.0.0.10" },
	{ "fe80::/10", "fe80::7", "fec0::1" },
	{ "[10.0.0.0/8,!10.1.0.0/16]", "10.2.0.1", "10.1.5.5" },
	{ "[10.0.0.0/8,![10.1.0.0/16, 10.2.0.0/16]]", "10.3.0.1", "10.2.5.5" },
	{ "[!10.1.0.0/16]", "10.2.0.1", "10.1.5.5" },
	{ "$PLCS", "10.1.0.1", "10.1.2.3" },
	{ "$MASTERS", "10.1.0.1", "10.1.9.1" },
	{ "!$PLCS", "10.1.2.3", "10.1.0.1" },
	{ "$EXTERNAL_NET", "8.8.8.8", "192.168.3.4" },
	{ "[$EXTERNAL_NET,10.0.0.1]", "10.0.0.1", "10.0.0.2" },
};

static bool holds(const struct address_set *s, const char *text)
{
	struct address a;

	if (!address_parse(&a, text))
		return false;
	for (unsigned i = 0; i < s->count; i++)
		if (memcmp(&s->ranges[i].low, &a, 16) <= 0 && memcmp(&s->ranges[i].high,
			&a, 16) >= 0)
			return true;
	return s->any;
}

static bool is_sorted(const struct address_set *s)
{
	for (unsigned i = 1; i < s->count; i++)
		if (memcmp(&s->ranges[i - 1].high, &s->ranges[i].low, 16) >= 0)
			return false;
	return true;
}

static void test_sets(void)
{
	for (unsigned i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		char text[256];
		int len = snprintf(text, sizeof(text),
			"alert ip %s any <> any any (sid:1;)",
			sets[i].set);
		struct rule_list *l = load(text, (size_t)len);
		CHECK(l->count == 1, "%s", sets[i].set);
		if (l->count == 1) {
			const struct address_set *s = &l->rules[0]->header.src;
			CHECK(holds(s, sets[i].in), "%s in %s", sets[i].in, sets[i].set);
			CHECK(!sets[i].out || !holds(s, sets[i].out), "%s not in %s",
				sets[i].out,
				sets[i].set);
			CHECK(is_sorted(s), "%s", sets[i].set);
			CHECK(l->rules[0]->header.both_ways, "%s", sets[i].set);
		}
		rules_release(l);
	}
}

static const struct {
	const char *set;
	unsigned count, in, out; /* out 65536: nothing is outside */
} port_sets[] = {
	{ "502", 1, 502, 503 }, { "!502", 65535, 0, 502 }, { "1024:", 64512, 65535,
		1023 },
	{ ":1023", 1024, 0, 1024 }, { "80:90", 11, 90, 91 }, { "[80:90,!85,100]", 11, 100,
		85 },
	{ "$MODBUS_PORTS", 2, 1502, 80 }, { "[!502,!503]", 65534, 504, 503 },
};

static void test_ports(void)
{
	for (unsigned i = 0; i < sizeof(port_sets) / sizeof(*port_sets); i++) {
		char text[256];
		unsigned count = 0;
		int len = snprintf(text, sizeof(text),
			"alert tcp any any -> any %s (sid:1;)",
			port_sets[i].set);
		struct rule_list *l = load(text, (size_t)len);
		const uint8_t *bits = l->count ? l->rules[0]->header.dport.bits : NULL;
		CHECK(bits, "%s", port_sets[i].set);
		for (unsigned p = 0; bits && p < 65536; p++)
			count += bits[p / 8] >> (p % 8) & 1;
		CHECK(count == port_sets[i].count, "%s: %u", port_sets[i].set, count);
		CHECK(bits && bits[port_sets[i].in / 8] >> (port_sets[i].in % 8) & 1 &&
			!(bits[port_sets[i].out / 8] >> (port_sets[i].out % 8) & 1), "%s",
			port_sets[i].set);
		rules_release(l);
	}
}

/* ---- the rest of a rule ---- */

static void test_whole_rule(void)
{
	static const char text[] =
		"#alert tcp any any -> any any (sid:9;)\n"
		"# just a remark (not a rule)\n"
		"drop modbus $HOME_NET any -> $PLCS $MODBUS_PORTS "
		"(flow:established,to_server; modbus.request.function:WrSingleReg; "
		"modbus.write.value:>400; msg:\"a \\\"set point\\\"\"; "
		"classtype:ot-control; reference:url,example.org/x; "
		"reference:cve,2020-1; reference:nobody,1; gid:3; rev:7; "
		"target:dest_ip; metadata:mitre_technique_id T0836, mitre_attack_id "
		"t0855, created_at 2026; threshold:type both, track by_src, count 5, "
		"seconds 60; detection_filter:track by_both, count 3, seconds 10; "
		"dsize:10<>20; flags:SA+; noalert; sid:7000001;)\n";
	struct rule_list *l = load(text, sizeof(text) - 1);

	CHECK(l->count == 1 && l->report.commented == 1, "%u, %u", l->count,
		l->report.commented);
	if (l->count != 1)
		return;
	const struct rule *r = l->rules[0];
	CHECK(r->action == ACTION_DROP && r->header.dissector, "header");
	CHECK(r->line == 3 && r->gid == 3 && r->sid == 7000001 && r->rev == 7, "numbers");
	CHECK(strcmp(r->msg, "a \"set point\"") == 0, "%s", r->msg);
	CHECK(r->priority == 2 && r->category, "class: %u", r->priority);
	CHECK(r->reference_count == 3, "%u", r->reference_count);
	CHECK(strcmp(r->references[0].url, "https://example.org/x") == 0, "%s",
		r->references[0].url);
	CHECK(r->references[2].url == NULL, "%s", r->references[2].url);
	CHECK(r->metadata_count == 3 && strcmp(r->metadata[2].value, "2026") == 0,
		"metadata");
	CHECK(r->attack_count == 2 && strcmp(r->attack[1], "t0855") == 0, "attack");
	CHECK(r->flow == (FLOW_ESTABLISHED | FLOW_TO_SERVER), "%u", r->flow);
	CHECK(r->predicate_count == 2 && r->predicates[0].ref.half == HALF_REQUEST,
		"predicates");
	CHECK(strcmp(r->predicates[1].spelled, "modbus.write.value:>400") == 0, "%s",
		r->predicates[1].spelled);
	CHECK(r->threshold.type == THRESHOLD_BOTH && r->threshold.count == 5 &&
		r->threshold.seconds == 60, "threshold");
	CHECK(r->filter.type == THRESHOLD_DETECTION_FILTER &&
		r->filter.track == TRACK_BY_BOTH,
		"detection_filter");
	CHECK(r->dsize.low == 11 && r->dsize.high == 19, "dsize");
	CHECK(r->tcp_flags == (TCP_SYN | TCP_ACK) && r->tcp_flags_mask == r->tcp_flags,
		"flags");
	CHECK(r->target == TARGET_DST && r->noalert, "target");
	CHECK(strncmp(r->text, "drop modbus", 11) == 0, "%s", r->text);

	const struct attack_technique *t = attack_find(l->attack, r->attack[1]);
	CHECK(t && t->successor && attack_find(l->attack, t->successor),
		"successor of T0855");
	CHECK(strlen(l->sha256) == 64, "%s", l->sha256);
	rules_release(l);
}

/* Each of these options stands alone in a Modbus rule. */
static const struct {
	const char *option;
	bool fits;
} singles[] = {
	{ "distinct:modbus.unit_id, count 8, seconds 60, track by_src;", true },
	{ "distinct:dst_port, count 8, seconds 60, track by_both;", true },
	{ "distinct:nothing, count 8, seconds 60, track by_src;", false },
	{ "distinct:dst_ip, count 8, seconds 60, track by_rule;", false },
	{ "distinct:dst_ip, count 8, track by_src;", false },
	{ "distinct:dst_ip, type limit, count 8, seconds 9, track by_src;", false },
	{ "threshold:type backoff, track by_flow, count 1, multiplier 10;", true },
	{ "threshold:type limit, track by_src, count 0, seconds 60;", false },
	{ "threshold:type limit, track by_src, count 1, seconds 60; "
		"distinct:dst_ip, count 8, seconds 60, track by_src;", true },
	{ "detection_filter:track by_src, count 1, seconds 60; "
		"distinct:dst_ip, count 8, seconds 60, track by_src;", false },
	{ "flow:to_server,from_server;", false },
	{ "flow:established,from_client,no_stream;", true },
	{ "flow:nowhere;", false },
	{ "ot.verb:write; ot.outcome:accepted; ot.object:holding_register;", true },
	{ "ot.verb:fly;", false },
	{ "ot.object;", false },
	{ "modbus_func:write_single_coil; modbus_unit:3;", true },
	{ "modbus.data; bsize:>4;", true },
	{ "bsize:4;", false },
	{ "app-layer-event:modbus.invalid_length;", true },
	{ "app-layer-protocol:modbus;", true },
	{ "app-layer-protocol:!modbus;", true },
	{ "app-layer-protocol:http;", true },
	{ "app-layer-protocol:modubs;", false },
	{ "app-layer-event:modubs.invalid_length;", false },
	{ "priority:0;", false },
	{ "target:nobody;", false },
	{ "metadata:service modbus, policy security-ips drop;", true },
	{ "request.modbus.function:3;", true },
	{ "service:modbus; rem:\"nocase; and more\";", true },
};

static void test_singles(void)
{
	for (unsigned i = 0; i < sizeof(singles) / sizeof(*singles); i++) {
		struct rule_list *l;
		const struct rule *r = load_options(singles[i].option, &l);
		CHECK((r != NULL) == singles[i].fits, "%s: %s", singles[i].option,
			l->report.note_count ? l->report.notes[0].reason : "");
		rules_release(l);
	}
}

/* The table of options is searched: a row out of order would not be found. */
static void test_every_option(void)
{
	static const char names[] =
		"ack app-layer-event app-layer-protocol asn1 base64_data base64_decode "
		"bsize bypass byte_extract byte_jump byte_math byte_test cip_service "
		"classtype content dce_iface dce_opnum dce_stub_data decode-event "
		"depth detection_filter distance distinct dnp3.obj dnp3_checksum "
		"dnp3_cmd_ot dnp3_ind dnp3_obj dnp3_resp_ot dsize endswith enip.command "
		"enip_command "
		"fast_pattern fast_pattern_length fast_pattern_offset file.data "
		"file_data flags flow flowbits flowint fragbits fragoffset gid "
		"hostbits http.header_names http.uri http_uri icmp_id icmp_seq icmpv4-csum "
		"icmpv6-csum icode ipv4-csum tcpv4-csum tcpv6-csum udpv4-csum udpv6-csum "
		"id ip_proto ipopts isdataat itype metadata modbus msg noalert nocase "
		"offset opcua_node_namespace_index s7commplus_content pcre pkt_data prefilter priority rawbytes reference rem "
		"replace rev rpc sameip seq service sid startswith stream-event "
		"stream_size tag target threshold tls.cert_subject tls.sni tls_sni tos ttl uricontent "
		"urilen window within xbits";
	char copy[sizeof(names)], *rest = copy, *name;

	memcpy(copy, names, sizeof(names));
	while ((name = strsep(&rest, " "))) {
		char options[64];
		struct rule_list *l;
		snprintf(options, sizeof(options), "%s:1;", name);
		load_options(options, &l);
		CHECK(!l->report.note_count || !strstr(l->report.notes[0].reason,
			"unknown"),
			"%s: %s", name, l->report.notes[0].reason);
		rules_release(l);
	}
}

/* ELITEWOLF gives every rule the sid 1. */
static void test_repeated_sid(void)
{
	char text[8192];
	size_t len = 0;

	for (int i = 0; i < 52; i++)
		len += (size_t)sprintf(text + len, HEAD "(msg:\"%d\"; sid:1;)\n", i);
	struct rule_list *l = load(text, len);
	CHECK(l->count == 52 && l->report.note_count == 1, "%u, %u", l->count,
		l->report.note_count);
	CHECK(l->report.note_count == 1 && l->report.notes[0].fate == RULE_LOADED &&
		l->report.notes[0].line == 2, "the second one has the warning");
	CHECK(l->rules[51]->line == 52 && l->rules[51]->index == 51, "line and index");
	rules_release(l);
}

/* Rules around a broken one load. */
static void test_neighbours(void)
{
	static const char text[] = HEAD "(msg:\"one\"; sid:1;)\n"
		HEAD "(msg:\"two; sid:2;\n"
		HEAD "(msg:\"three\"; sid:3;)\n"
		"rubbish\n"
		HEAD "(msg:\"four\"; \\\n\n"
		HEAD "(msg:\"five\"; sid:5;)";
	struct rule_list *l = load(text, sizeof(text) - 1);

	CHECK(l->count == 3 && l->report.refused == 3, "%u, %u", l->count,
		l->report.refused);
	CHECK(l->report.note_count > 0 && l->report.notes[0].sid == 2,
		"the sid behind the fault");
	CHECK(l->count == 3 && l->rules[1]->sid == 3 && l->rules[2]->sid == 5, "which");
	rules_release(l);
}

static void test_no_file(void)
{
	static const char *const files[] = { "/nowhere/at.all" };

	CHECK(load_files(files, 1) == NULL, "a file that is not there");
}

int main(void)
{
	test_fates();
	test_numbers();
	test_modbus();
	test_contents();
	test_sets();
	test_ports();
	test_whole_rule();
	test_singles();
	test_every_option();
	test_repeated_sid();
	test_neighbours();
	test_no_file();
	return test_end();
}
