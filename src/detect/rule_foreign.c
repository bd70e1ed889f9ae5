/* Keywords of protocols that have no dissector, or none in this build; and those of DNP3 that
 * ask for more than one field.
 *
 * What stands for them, the rule's note says: bytes at the place where the protocol has them,
 * the whole payload in place of a buffer, or nothing: a rule that asks for a field that nobody
 * can read is kept, so that its set loads, and is silent. */
#include <stdio.h>

#include "detect/regex.h"
#include "detect/rule_read.h"

/* ---- EtherNet/IP and CIP: by their place in the payload ---- */

static bool regex_add(struct parse *p, const struct option *o, const char *expression,
	bool negated)
{
	struct field_ref buffer = p->buffer;
	bool anywhere = p->anywhere;

	buffer_set(p, NULL, false);
	struct content *c = step_add(p, CONTENT_REGEX, o->value);
	buffer_set(p, &buffer, anywhere);
	if (!c)
		return false;
	c->negated = negated;
	return regex_compile(p, c, (struct bytes){ (const uint8_t *)expression,
		strlen(expression) }, PCRE2_DOTALL, "too much to look for");
}

/* All numbers of `n` up to `most` as a set of bytes: "[\x05\x06]". */
static bool byte_set(struct parse *p, const struct numbers *n, struct text *out)
{
	unsigned count = 0;

	if (n->mask)
		return refuse(p, "write numbers: masks are not looked for here");
	text_char(out, '[');
	for (unsigned i = 0; i < n->count; i++) {
		int64_t low = n->ranges[i].low < 0 ? 0 : n->ranges[i].low;
		int64_t high = n->ranges[i].high > 255 ? 255 : n->ranges[i].high;
		for (; low <= high; low++, count++)
			text_printf(out, "\\x%02x", (unsigned)low);
	}
	text_char(out, ']');
	return count || refuse(p, "a service is a number from 0 to 255");
}

/* EtherNet/IP encapsulation: command and length, 16 bits, little endian; 24 bytes in all. The
 * common packet format follows: interface 4, timeout 2, items 2, then the address item and the
 * data item, type and length 16 bits each. SendRRData (0x6f) has a null address and an
 * unconnected message (0xb2), SendUnitData (0x70) a connection (0xa1) and connected data
 * (0xb1), which begins with a sequence number. Then comes the service. */
static const char cip_places[] = "^(?:\\x6f\\x00.{30}\\x00\\x00\\x00\\x00\\xb2\\x00.."
	"|\\x70\\x00.{30}\\xa1\\x00\\x04\\x00.{4}\\xb1\\x00....)";

/* "76", "5-7", "[5,6]"; Suricata's class and attribute behind commas are not looked at. */
bool take_cip_service(struct parse *p, const struct option *o)
{
	struct slice text = slice_unquote(o->value), rest = text;
	struct text expression = { 0 };
	struct numbers numbers;
	bool is_list = text.len && strchr("[!", *text.at);

	if (!is_list)
		text = slice_cut(&rest, ',');
	if (!numbers_read(p, text, NULL, &numbers))
		return false;
	text_str(&expression, cip_places);
	bool ok = byte_set(p, &numbers, &expression);
	text_char(&expression, 0);
	ok = ok && regex_add(p, o, expression.at, numbers.negated);
	text_fini(&expression);
	fall_back(p, "CIP is not dissected: the service is looked for behind the EtherNet/IP header%s",
		!is_list && rest.len ? ", its class and attribute are not" : "");
	return ok;
}

bool take_enip_command(struct parse *p, const struct option *o)
{
	static const struct name commands[] = {
		{ 0, "nop" }, { 4, "list_services" }, { 0x63, "list_identity" },
		{ 0x64, "list_interfaces" }, { 0x65, "register_session" },
		{ 0x66, "unregister_session" }, { 0x6f, "send_rr_data" },
		{ 0x70, "send_unit_data" }, { 0x72, "indicate_status" }, { 0x73, "cancel" },
		{ 0, NULL },
	};
	struct numbers n;
	char expression[4096] = "^(?:";

	if (!numbers_read(p, o->value, commands, &n))
		return false;
	size_t len = strlen(expression);
	for (unsigned i = 0; i < n.count; i++)
		for (int64_t v = n.ranges[i].low; v <= n.ranges[i].high; v++) {
			if (v < 0 || v > UINT16_MAX || len + 16 > sizeof(expression))
				return refuse(p, "name the commands one by one: [0x63,0x6f]");
			len += (size_t)snprintf(expression + len, sizeof(expression) - len,
				"%s\\x%02x\\x%02x", len > 4 ? "|" : "", (unsigned)v & 0xff,
				(unsigned)v >> 8);
		}
	if (n.mask)
		return refuse(p, "write numbers: masks are not looked for here");
	snprintf(expression + len, sizeof(expression) - len, ")");
	fall_back(p, "EtherNet/IP is not dissected: the command is looked for in the payload's "
		"first two bytes");
	return regex_add(p, o, expression, n.negated);
}

/* ---- DNP3 ---- */

static bool add_number(struct parse *p, const char *keyword, enum half half, struct slice value)
{
	struct field_ref ref;
	struct numbers numbers;

	if (!field_find(keyword, strlen(keyword), &ref))
		return stay_silent(p, "dnp3 is not in this build");
	ref.half = half;
	return use_dissector(p, ref.dissector) && numbers_read(p, value,
		ref.dissector->fields[ref.field].names, &numbers) &&
		numbers_within(p, &numbers, UINT8_MAX) &&
		predicate_add(p, &ref, &numbers, spelled(p, slice_of(keyword), value)) != NULL;
}

/* "group,variation": of the same object. */
bool take_dnp3_obj(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value), group = slice_cut(&rest, ',');

	rest = slice_trim(rest);
	if (group.len == 0 || rest.len == 0)
		return refuse(p, "write dnp3_obj:GROUP,VARIATION");
	return add_number(p, "dnp3.objects.group", HALF_ANY, group) &&
		(p->rule.silent || add_number(p, "dnp3.objects.variation", HALF_ANY, rest));
}

/* Digital Bond's: the group of an object in the request, or in the response. */
bool take_dnp3_type(struct parse *p, const struct option *o)
{
	enum half half = strstr(o->row->name, "resp") ? HALF_RESPONSE : HALF_REQUEST;

	return add_number(p, "dnp3.objects.group", half, slice_unquote(o->value));
}

/* Digital Bond's "correct" and "incorrect", or what the field says. */
bool take_dnp3_checksum(struct parse *p, const struct option *o)
{
	struct slice word = slice_unquote(o->value);
	bool is_wrong = slice_is(word, "incorrect") || slice_is(word, "bad");

	if (!is_wrong && !slice_is(word, "correct") && !slice_is(word, "good"))
		return refuse(p, "dnp3_checksum is correct or incorrect");
	struct slice value = slice_of(is_wrong ? "bad" : "good");
	return add_number(p, "dnp3.link.header_crc", HALF_ANY, value) &&
		(p->rule.silent || is_wrong ||
		add_number(p, "dnp3.link.data_crc", HALF_ANY, value));
}

/* ---- OPC UA and S7comm-plus, as Snort has them ---- */

/* The services of the standard are all in namespace 0. */
bool take_opcua_namespace(struct parse *p, const struct option *o)
{
	struct numbers numbers;

	if (!dissector_find("opcua", 5))
		return stay_silent(p, "opcua is not in this build");
	if (!numbers_read(p, o->value, NULL, &numbers))
		return false;
	p->left_out = true;
	fall_back(p, "a service's namespace is always 0: the rule is looked at without it");
	return true;
}

/* Without a field for it, the message stands in. */
bool take_s7commplus_content(struct parse *p, const struct option *o)
{
	const struct dissector *d = dissector_find("s7commplus", 10);

	(void)o;
	if (!d)
		return stay_silent(p, "s7commplus is not in this build");
	buffer_set(p, NULL, false);
	fall_back(p, "places are counted from the message's first byte, its header's");
	return use_dissector(p, d);
}

/* ---- keywords of other protocols ---- */

static bool is_among(const char *const *names, struct slice name)
{
	for (; *names; names++)
		if (slice_is(name, *names))
			return true;
	return false;
}

bool is_ours(struct slice protocol)
{
	static const char *const ours[] = {
		"modbus", "s7comm", "s7commplus", "dnp3", "opcua", NULL,
	};
	return is_among(ours, protocol);
}

/* The protocol that a keyword begins with, half or not: "dnp3" of "request.dnp3.src". */
static struct slice protocol_of(struct slice name)
{
	static const char *const foreign[] = {
		"bacnet", "cip", "dcerpc", "dhcp", "dns", "email", "enip", "file", "ftp",
		"ftpdata", "http", "http2", "ike", "ja3", "ja3s", "ja4", "krb5", "ldap", "mdns",
		"mms", "mqtt", "mysql", "nfs", "pgsql", "quic", "rdp", "rfb", "sdp", "sip",
		"smb", "smtp", "snmp", "ssh", "ssl", "tftp", "tls", "websocket", NULL,
	};
	static const char *const halves[] = { "request.", "response." };
	struct slice protocol = name;

	for (unsigned i = 0; i < 2; i++) {
		size_t len = strlen(halves[i]);
		if (name.len > len && memcmp(name.at, halves[i], len) == 0)
			protocol = (struct slice){ name.at + len, name.len - len };
	}
	size_t len = 0;
	while (len < protocol.len && !strchr("._", protocol.at[len]))
		len++;
	protocol.len = len;
	return is_ours(protocol) || is_among(foreign, protocol) ? protocol : (struct slice){ 0 };
}

static bool take_foreign(struct parse *p, const struct option *o, struct slice protocol)
{
	bool has_value = o->has_value && o->value.len;
	struct option_row row = { .name = p->name };
	struct option stand_in = { .row = &row, .name = o->name, .value = o->value };
	char what[64];

	row.what = what;
	snprintf(what, sizeof(what), "%s%.32s is%s",
		dissector_find(protocol.at, protocol.len) ? "this part of " : "",
		shown(p, protocol), has_value ? " not dissected" : "");
	if (has_value)
		return take_without(p, &stand_in);
	take_undissected(p, &stand_in);
	p->in_domain = slice_is(protocol, "dns") || slice_is(protocol, "mdns");
	return true;
}

bool take_unknown(struct parse *p, const struct option *o, const char *near)
{
	struct slice protocol = protocol_of(o->name);
	const struct dissector *d = dissector_find(protocol.at, protocol.len);

	if (is_ours(protocol) && !d)
		return stay_silent(p, "%s is not in this build", shown(p, protocol));
	if (protocol.len && !d)
		return take_foreign(p, o, protocol);
	if (near)
		return refuse(p, "unknown option; did you mean %s?", near);
	if (d && is_ours(protocol))
		return refuse(p, "%s has no such field: `ironspan fields %s` lists them", d->name,
			d->name);
	if (protocol.len)
		return take_foreign(p, o, protocol);
	return refuse(p, "unknown option: disable the rule, or take the option out if the rule "
		"holds without it");
}
