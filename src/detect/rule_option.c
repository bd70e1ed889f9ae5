/* The options: which there are, and where one ends and the next begins.
 *
 * An option is one row here and one function. Public rule files are dirty, so a `;` may
 * be doubled, a `,`, or missing before the next option's name. */
#include <ctype.h>
#include <stdio.h>

#include "detect/rule_read.h"

#define VALUE  OPTION_VALUE
#define BARE   OPTION_BARE
#define INSIDE OPTION_MODIFIER
#define STANDIN OPTION_STANDIN

/* Sorted by name, for option_find(). */
static const struct option_row rows[] = {
	{ "ack", VALUE, take_packet_test, NULL },
	{ "app-layer-event", VALUE, take_app_layer_event, NULL },
	{ "app-layer-protocol", VALUE, take_app_layer_protocol, NULL },
	{ "asn1", VALUE, take_without, "ASN.1 is not dissected" },
	{ "base64_data", BARE, take_base64_data, NULL },
	{ "base64_decode", 0, take_base64_decode, NULL },
	{ "bsize", VALUE, take_bsize, NULL },
	{ "bypass", BARE, take_nothing, NULL },
	{ "byte_extract", VALUE, take_byte_extract, NULL },
	{ "byte_jump", VALUE, take_byte_jump, NULL },
	{ "byte_math", VALUE, take_byte_math, NULL },
	{ "byte_test", VALUE, take_byte_test, NULL },
	{ "cip_service", VALUE | STANDIN, take_cip_service, NULL },
	{ "classtype", VALUE, take_classtype, NULL },
	{ "content", VALUE | OPTION_TEXT, take_content, NULL },
	{ "dce_iface", STANDIN, take_without, "DCE/RPC is not dissected" },
	{ "dce_opnum", STANDIN, take_without, "DCE/RPC is not dissected" },
	{ "dce_stub_data", BARE | STANDIN, take_undissected, "DCE/RPC is" },
	{ "decode-event", VALUE, take_decode_event, NULL },
	{ "depth", VALUE | INSIDE, take_depth, NULL },
	{ "detection_filter", VALUE, take_detection_filter, NULL },
	{ "distance", VALUE | INSIDE, take_distance, NULL },
	{ "distinct", VALUE, take_distinct, NULL },
	{ "dnp3.obj", VALUE, take_dnp3_obj, NULL },
	{ "dnp3_checksum", VALUE, take_dnp3_checksum, NULL },
	{ "dnp3_cmd_ot", VALUE, take_dnp3_type, NULL },
	{ "dnp3_obj", VALUE, take_dnp3_obj, NULL },
	{ "dnp3_resp_ot", VALUE, take_dnp3_type, NULL },
	{ "dsize", VALUE, take_dsize, NULL },
	{ "endswith", BARE | INSIDE, take_endswith, NULL },
	{ "enip.command", VALUE | STANDIN, take_enip_command, NULL },
	{ "enip_command", VALUE | STANDIN, take_enip_command, NULL },
	{ "fast_pattern", INSIDE, take_fast_pattern, NULL },
	{ "fast_pattern_length", INSIDE, take_nothing, NULL },
	{ "fast_pattern_offset", INSIDE, take_nothing, NULL },
	{ "file.data", BARE, take_undissected, "files are" },
	{ "file_data", BARE, take_undissected, "files are" },
	{ "flags", VALUE, take_flags, NULL },
	{ "flow", VALUE, take_flow, NULL },
	{ "flowbits", VALUE, take_flowbits, NULL },
	{ "flowint", VALUE, take_flowint, NULL },
	{ "fragbits", VALUE, take_packet_test, NULL },
	{ "fragoffset", VALUE, take_packet_test, NULL },
	{ "gid", VALUE, take_gid, NULL },
	{ "hostbits", VALUE, take_hostbits, NULL },
	{ "icmp_id", VALUE, take_packet_test, NULL },
	{ "icmp_seq", VALUE, take_packet_test, NULL },
	{ "icmpv4-csum", VALUE, take_checksum, NULL },
	{ "icmpv6-csum", VALUE, take_checksum, NULL },
	{ "icode", VALUE, take_packet_test, NULL },
	{ "id", VALUE, take_packet_test, NULL },
	{ "ip_proto", VALUE, take_packet_test, NULL },
	{ "ipopts", VALUE, take_packet_test, NULL },
	{ "ipv4-csum", VALUE, take_checksum, "ipv4.csum_invalid" },
	{ "isdataat", VALUE, take_isdataat, NULL },
	{ "itype", VALUE, take_packet_test, NULL },
	{ "metadata", VALUE, take_metadata, NULL },
	{ "modbus", VALUE, take_modbus, NULL },
	{ "msg", VALUE | OPTION_TEXT, take_msg, NULL },
	{ "noalert", BARE, take_noalert, NULL },
	{ "nocase", BARE | INSIDE, take_nocase, NULL },
	{ "offset", VALUE | INSIDE, take_offset, NULL },
	{ "opcua_node_namespace_index", VALUE, take_opcua_namespace, NULL },
	{ "pcre", VALUE | OPTION_TEXT, take_pcre, NULL },
	{ "pkt_data", BARE, take_pkt_data, NULL },
	{ "prefilter", BARE, take_nothing, NULL },
	{ "priority", VALUE, take_priority, NULL },
	{ "rawbytes", BARE | INSIDE, take_rawbytes, NULL },
	{ "reference", VALUE, take_reference, NULL },
	{ "rem", VALUE | OPTION_TEXT, take_nothing, NULL },
	{ "replace", VALUE, take_without, "packets are not rewritten" },
	{ "rev", VALUE, take_rev, NULL },
	{ "rpc", VALUE, take_without, "RPC is not dissected" },
	{ "s7commplus_content", BARE | STANDIN, take_s7commplus_content, NULL },
	{ "sameip", BARE, take_sameip, NULL },
	{ "seq", VALUE, take_packet_test, NULL },
	{ "service", VALUE, take_nothing, NULL },
	{ "sid", VALUE, take_sid, NULL },
	{ "startswith", BARE | INSIDE, take_startswith, NULL },
	{ "stream-event", VALUE, take_stream_event, NULL },
	{ "stream_size", VALUE, take_stream_size, NULL },
	{ "tag", VALUE, take_tag, NULL },
	{ "target", VALUE, take_target, NULL },
	{ "tcpv4-csum", VALUE, take_checksum, "tcp.csum_invalid" },
	{ "tcpv6-csum", VALUE, take_checksum, "tcp.csum_invalid" },
	{ "threshold", VALUE, take_threshold, NULL },
	{ "tos", VALUE, take_packet_test, NULL },
	{ "ttl", VALUE, take_packet_test, NULL },
	{ "udpv4-csum", VALUE, take_checksum, "udp.csum_invalid" },
	{ "udpv6-csum", VALUE, take_checksum, "udp.csum_invalid" },
	{ "uricontent", VALUE | OPTION_TEXT, take_content, "HTTP" },
	{ "urilen", VALUE, take_without, "HTTP is not dissected" },
	{ "window", VALUE, take_packet_test, NULL },
	{ "within", VALUE | INSIDE, take_within, NULL },
	{ "xbits", VALUE, take_xbits, NULL },
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

/* Every other buffer of HTTP: Suricata's, before its contents; Snort 2's, behind one. */
static const struct option_row http_buffer = { "http.*", BARE, take_undissected, "HTTP is" };
static const struct option_row http_modifier = {
	"http_*", INSIDE, take_undissected, "HTTP is"
};

const struct option_row *option_find(struct slice name)
{
	unsigned low = 0, high = name.len ? ROWS : 0;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		const char *row = rows[middle].name;
		int order = strncmp(name.at, row, name.len);
		if (order == 0)
			order = row[name.len] ? -1 : 0;
		if (order == 0)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	if (name.len <= 5 || memcmp(name.at, "http", 4) != 0)
		return NULL;
	if (name.at[4] == '.')
		return &http_buffer;
	return name.at[4] == '_' ? &http_modifier : NULL;
}

/* ---- where an option ends ---- */

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static struct slice name_at(struct slice rest)
{
	size_t len = 0;

	while (len < rest.len && is_name_char(rest.at[len]))
		len++;
	return (struct slice){ rest.at, len };
}

static struct slice from(struct slice s, size_t skip)
{
	return (struct slice){ s.at + skip, s.len - skip };
}

/* NULL where a field's keyword is meant. */
static const struct option_row *row_of(struct slice name)
{
	const struct option_row *row = option_find(name);
	struct field_ref ref;

	return row && row->flags & STANDIN && keyword_find(name, &ref) ? NULL : row;
}

static bool is_known(struct slice name)
{
	struct field_ref ref;

	return name.len && (option_find(name) || keyword_find(name, &ref));
}

/* Only a comment may follow the closing parenthesis. */
static bool closes(struct slice rest)
{
	if (rest.len == 0 || *rest.at != ')')
		return false;
	rest = slice_trim(from(rest, 1));
	return rest.len == 0 || *rest.at == '#';
}

/* Whether another option begins here though no `;` stands before it. */
static bool begins_option(struct slice rest, bool bare_too)
{
	struct slice name = name_at(rest);
	struct slice behind = slice_trim(from(rest, name.len));
	const struct option_row *row = option_find(name);

	if (name.len == 0 || behind.len == 0)
		return false;
	if (*behind.at == ':')
		return is_known(name);
	return bare_too && row && row->flags & OPTION_BARE &&
		(*behind.at == ';' || closes(behind));
}

/* The length of the quoted text here, quotes and all; 0 if it does not end. */
static size_t quoted(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.at[i] == '\\')
			i++;
		else if (s.at[i] == '"')
			return i + 1;
	}
	return 0;
}

static size_t value_end(const struct option_row *row, struct slice s)
{
	bool bare_too = !row || !(row->flags & OPTION_TEXT);
	bool at_word = false;
	size_t i = 0;

	while (i < s.len && s.at[i] != ';' && !closes(from(s, i))) {
		char c = s.at[i];
		if (at_word && isalpha((unsigned char)c) &&
			begins_option(from(s, i), bare_too))
			break;
		at_word = c == ',' || c == '"' || isspace((unsigned char)c) ||
			isdigit((unsigned char)c);
		size_t text = c == '"' ? quoted(from(s, i)) : 0;
		i += text ? text : c == '\\' && i + 1 < s.len ? 2 : 1;
	}
	return i;
}

/* ---- options one by one ---- */

static const char *printable(struct parse *p, struct slice name)
{
	name.len = name.len < 60 ? name.len : 60;
	return slice_string(&p->load->list->arena, name);
}

/* A name of an option or a field that is nearly `name`; NULL if none is. */
static const char *suggest(struct parse *p, struct slice name)
{
	struct nearest_word near = { .word = name };
	const char *best = NULL;
	char keyword[64];

	for (unsigned i = 0; i < ROWS; i++)
		nearest_try(&near, rows[i].name);
	best = near.best;
	for (unsigned d = 0; dissectors[d]; d++)
		for (unsigned f = 0; f < dissectors[d]->field_count; f++) {
			snprintf(keyword, sizeof(keyword), "%s.%s", dissectors[d]->name,
				field_keyword(&dissectors[d]->fields[f]));
			near.best = best;
			nearest_try(&near, keyword);
			if (near.best != best)
				best = printable(p, slice_of(keyword));
		}
	return best;
}

static bool take(struct parse *p, const struct option *o)
{
	struct field_ref ref;

	if (!o->row && keyword_find(o->name, &ref))
		return take_field(p, o, &ref);
	if (!o->row)
		return take_unknown(p, o, suggest(p, o->name));
	if (o->row->flags & OPTION_VALUE && !o->has_value)
		return refuse(p, "%s needs a value: %s:…;", p->name, p->name);
	if (o->row->flags & OPTION_BARE && o->has_value && o->value.len)
		return refuse(p, "%s takes no value", p->name);
	return o->row->take(p, o);
}

/* The value behind the colon, if there is one, off the front of `rest`. */
static void cut_value(struct option *o, struct slice *rest)
{
	o->has_value = rest->len && *rest->at == ':';
	if (!o->has_value)
		return;
	*rest = from(*rest, 1);
	size_t end = value_end(o->row, *rest);
	o->value = slice_trim((struct slice){ rest->at, end });
	while (o->value.len && o->value.at[o->value.len - 1] == ',')
		o->value.len--;
	*rest = from(*rest, end);
}

static bool is_separated(struct slice rest)
{
	return rest.len == 0 || strchr(";,", *rest.at) || closes(rest) ||
		is_known(name_at(rest));
}

static bool option_next(struct parse *p, struct slice *rest)
{
	struct option o = { .name = name_at(*rest) };

	p->at = rest->at;
	p->name = NULL;
	if (o.name.len == 0)
		return refuse(p, "an option's name has to stand here: is a quote or a ; "
			"missing before it?");
	o.row = row_of(o.name);
	p->name = o.row && !strchr(o.row->name, '*') ? o.row->name : printable(p, o.name);
	*rest = slice_trim(from(*rest, o.name.len));
	cut_value(&o, rest);
	if (!o.has_value && !is_separated(*rest))
		return refuse(p, "a ; is missing behind %s", p->name);
	return take(p, &o);
}

bool options_read(struct parse *p, struct slice rest)
{
	for (;;) {
		while (rest.len &&
			(strchr(";,", *rest.at) || isspace((unsigned char)*rest.at)))
			rest = from(rest, 1);
		if (closes(rest))
			return true;
		if (rest.len == 0) {
			p->name = NULL;
			p->at = rest.at;
			return refuse(p, "the rule does not end: the closing "
				"parenthesis, or a closing quote before it, is missing");
		}
		if (!option_next(p, &rest))
			return false;
	}
}
