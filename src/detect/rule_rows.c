/* Which options there are: one is a row here and a function. */
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

const char *option_nearest(struct parse *p, struct slice name)
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
				best = slice_string(&p->load->list->arena, slice_of(keyword));
		}
	return best;
}
