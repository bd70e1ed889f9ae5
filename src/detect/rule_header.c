/* A rule's header: action, protocol, addresses, ports, direction. Snort 3 may leave out
 * what comes after the action or the protocol. */
#include <ctype.h>

#include "detect/rule_read.h"

static const struct {
	const char *name;
	enum rule_action action;
} actions[] = {
	{ "alert", ACTION_ALERT },
	{ "pass", ACTION_PASS },
	{ "drop", ACTION_DROP },
	{ "reject", ACTION_REJECT },
	{ "rejectsrc", ACTION_REJECTSRC },
	{ "rejectdst", ACTION_REJECTDST },
	{ "rejectboth", ACTION_REJECTBOTH },
	{ "log", ACTION_LOG },
	{ "block", ACTION_DROP },  /* Snort's names for drop */
	{ "sdrop", ACTION_DROP },
};

static const struct {
	const char *name;
	enum rule_proto proto;
	uint8_t ip_version;
} transports[] = {
	{ "ip", RULE_IP },
	{ "tcp", RULE_TCP },
	{ "udp", RULE_UDP },
	{ "icmp", RULE_ICMP },
	{ "tcp-pkt", RULE_TCP_PKT },
	{ "tcp-stream", RULE_TCP_STREAM },
	{ "pkthdr", RULE_IP },
	{ "ip4", RULE_IP, 4 },
	{ "ip6", RULE_IP, 6 },
	{ "ipv4", RULE_IP, 4 },
	{ "ipv6", RULE_IP, 6 },
	{ "icmpv4", RULE_ICMP, 4 },
	{ "icmpv6", RULE_ICMP, 6 },
};

/* Protocols that rules name and nobody here dissects: what carries them. */
static const struct {
	enum rule_proto proto;
	const char *carrier, *names;
} carried[] = {
	{ RULE_TCP, "TCP", "http http1 http2 tls ssl ssh ftp ftp-data telnet smtp imap "
		"pop3 smb dcerpc rdp rfb mqtt ldap pgsql websocket file s7comm "
		"s7commplus opcua iec104 mms" },
	{ RULE_UDP, "UDP", "bacnet dhcp tftp snmp ntp ike quic mdns" },
	{ RULE_IP, "TCP and UDP", "modbus dnp3 enip cip dns sip nfs krb5 rpc" },
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

bool is_action(struct slice word)
{
	for (size_t i = 0; i < COUNT(actions); i++)
		if (slice_is(word, actions[i].name))
			return true;
	return false;
}

/* White space ends a part of the header, unless it stands in a list; so does the "(". */
static struct slice part_next(struct parse *p, struct slice *rest)
{
	size_t len = 0;
	int depth = 0;

	*rest = slice_trim(*rest);
	p->at = rest->at;
	for (; len < rest->len; len++) {
		char c = rest->at[len];
		depth += (c == '[') - (c == ']');
		if (depth <= 0 && (isspace((unsigned char)c) || c == '('))
			break;
	}
	struct slice part = { rest->at, len };
	rest->at += len;
	rest->len -= len;
	return part;
}

static bool at_options(struct slice rest)
{
	rest = slice_trim(rest);
	return rest.len && *rest.at == '(';
}

static bool read_action(struct parse *p, struct slice word)
{
	for (size_t i = 0; i < COUNT(actions); i++)
		if (slice_is(word, actions[i].name)) {
			p->rule.action = actions[i].action;
			return true;
		}
	return refuse(p, "'%s' is no action: a rule begins with alert, pass, drop, "
		"reject, rejectsrc, rejectdst, rejectboth or log", shown(p, word));
}

static bool is_among(const char *names, struct slice word)
{
	struct slice rest = slice_of(names);

	while (rest.len) {
		struct slice name = slice_word(&rest);
		if (name.len == word.len && strncasecmp(name.at, word.at, word.len) == 0)
			return true;
	}
	return false;
}

const char *carrier_of(struct slice protocol)
{
	for (size_t i = 0; i < COUNT(carried); i++)
		if (is_among(carried[i].names, protocol))
			return carried[i].carrier;
	return NULL;
}

static bool read_carried(struct parse *p, struct slice word)
{
	for (size_t i = 0; i < COUNT(carried); i++)
		if (is_among(carried[i].names, word)) {
			p->fallback = slice_string(&p->load->list->arena, word);
			p->rule.header.proto = carried[i].proto;
			fall_back(p, "%s is not dissected: the rule looks at every %s "
				"payload",
				p->fallback, carried[i].carrier);
			return true;
		}
	return refuse(p, "'%s' is no protocol known here: use ip, tcp, udp, icmp or a "
		"dissector's name", shown(p, word));
}

static bool read_proto(struct parse *p, struct slice word)
{
	struct rule_header *h = &p->rule.header;

	for (size_t i = 0; i < COUNT(transports); i++)
		if (slice_is(word, transports[i].name)) {
			h->proto = transports[i].proto;
			h->ip_version = transports[i].ip_version;
			return true;
		}
	h->dissector = dissector_find(word.at, word.len);
	if (!h->dissector)
		return read_carried(p, word);
	h->proto = RULE_DISSECTOR;
	return true;
}

static bool read_direction(struct parse *p, struct slice word)
{
	p->rule.header.both_ways = slice_is(word, "<>");
	return p->rule.header.both_ways || slice_is(word, "->") ||
		refuse(p, "the direction has to be -> or <>");
}

static bool read_ends(struct parse *p, struct slice *rest)
{
	struct rule_header *h = &p->rule.header;

	return addresses_read(p, part_next(p, rest), &h->src) &&
		ports_read(p, part_next(p, rest), &h->sport) &&
		read_direction(p, part_next(p, rest)) &&
		addresses_read(p, part_next(p, rest), &h->dst) &&
		ports_read(p, part_next(p, rest), &h->dport);
}

bool header_read(struct parse *p, struct slice *rest)
{
	struct rule_header *h = &p->rule.header;

	h->src.any = h->dst.any = true;
	if (!read_action(p, part_next(p, rest)))
		return false;
	if (!at_options(*rest) && !read_proto(p, part_next(p, rest)))
		return false;
	if (!at_options(*rest) && !read_ends(p, rest))
		return false;
	*rest = slice_trim(*rest);
	p->at = rest->at;
	if (!at_options(*rest))
		return refuse(p, "the options have to follow in parentheses");
	rest->at++;
	rest->len--;
	return true;
}
