/* The header of every event, in Suricata's order. */
#include "base/memory.h"
#include "output/eve_event.h"

enum { SECOND = 1000000000, IFACE_NAME_MAX = 1024 };

/* Names as IANA's protocol registry, and so Suricata, has them. */
static const struct name proto_names[] = {
	{ PROTO_TCP, "TCP" }, { PROTO_UDP, "UDP" }, { PROTO_ICMP, "ICMP" },
	{ PROTO_ICMPV6, "IPv6-ICMP" }, { 132, "SCTP" }, { 2, "IGMP" }, { 41, "IPv6" },
	{ 47, "GRE" }, { 50, "ESP" }, { 51, "AH" }, { 88, "EIGRP" }, { 89, "OSPFIGP" },
	{ 103, "PIM" }, { 112, "VRRP" }, { 115, "L2TP" }, { 0, NULL },
};

enum { TIME_ROOM = 64 };

/* {"timestamp":"…" */
static char *raw_time(char *at, struct eve *e, uint64_t time_ns)
{
	time_ns -= e->skew_ns;
	uint64_t second = time_ns / SECOND;
	if (second != e->second) {
		eve_second(second, e->second_text);
		e->second = second;
	}
	at = raw_lit(at, "{\"timestamp\":\"");
	at = raw_put(at, e->second_text, sizeof(e->second_text));
	at = raw_micros(at, time_ns);
	return raw_lit(at, "+0000\"");
}

static void spell_iface(const struct eve *e, uint16_t iface, struct text *out)
{
	const char *name = e->config.iface_name
		? e->config.iface_name(e->config.context, iface) : NULL;
	text_char(out, ',');
	if (!name)
		return;
	if (e->config.is_live)
		text_lit(out, "\"in_iface\":");
	else
		text_lit(out, "\"pcap_filename\":");
	text_json(out,
		(struct bytes){ (const uint8_t *)name, strnlen(name, IFACE_NAME_MAX) });
	text_char(out, ',');
}

static void put_iface(struct eve *e, uint16_t iface, struct text *out)
{
	if (iface >= e->iface_count) {
		unsigned count = iface + 1u;
		e->ifaces = mem_resize(e->ifaces, count * sizeof(*e->ifaces));
		memset(e->ifaces + e->iface_count, 0,
			(count - e->iface_count) * sizeof(*e->ifaces));
		e->iface_count = count;
	}
	struct text *t = &e->ifaces[iface];
	if (!t->len)
		spell_iface(e, iface, t);
	text_put(out, t->at, t->len);
}

enum { TYPE_ROOM = 64 }; /* and the type itself */

/* A live packet has no number that anybody could look up. */
static char *raw_type(char *at, const struct eve *e, uint64_t number, const char *type,
	size_t type_len)
{
	if (number && !e->config.is_live) {
		at = raw_lit(at, "\"pcap_cnt\":");
		at = raw_uint(at, number);
		*at++ = ',';
	}
	at = raw_lit(at, "\"event_type\":\"");
	at = raw_put(at, type, type_len);
	*at++ = '"';
	return at;
}

static void put_vlans(const struct origin *o, struct text *out)
{
	if (!o->vlan_count)
		return;
	text_lit(out, ",\"vlan\":[");
	for (unsigned i = 0; i < o->vlan_count && i < VLAN_MAX; i++) {
		if (i)
			text_char(out, ',');
		text_uint(out, o->vlan[i]);
	}
	text_char(out, ']');
}

static void put_proto(uint8_t proto, struct text *out)
{
	const char *name = name_of(proto_names, proto);
	text_lit(out, ",\"proto\":\"");
	if (name)
		text_str(out, name);
	else
		text_printf(out, "%03u", proto);
	text_char(out, '"');
}

static void put_tuple(const struct eve_event *v, struct text *out)
{
	const struct flow_text *t = v->text;
	bool has_ports = proto_has_ports(v->proto);
	text_lit(out, ",\"src_ip\":");
	text_put(out, t->ip[v->text_src], t->ip_len[v->text_src]);
	if (has_ports) {
		text_lit(out, ",\"src_port\":");
		text_uint(out, v->src.port);
	}
	text_lit(out, ",\"dest_ip\":");
	text_put(out, t->ip[!v->text_src], t->ip_len[!v->text_src]);
	if (has_ports) {
		text_lit(out, ",\"dest_port\":");
		text_uint(out, v->dst.port);
	}
	put_proto(v->proto, out);
	if (v->packet && proto_is_icmp(v->proto)) {
		text_lit(out, ",\"icmp_type\":");
		text_uint(out, v->src.port);
		text_lit(out, ",\"icmp_code\":");
		text_uint(out, v->dst.port);
	}
	text_lit(out, ",\"ip_v\":");
	text_char(out, v->ip_version == 6 ? '6' : '4');
}

/* The MACs belong to the addresses, whichever way the packet went. */
static void put_ether(const struct origin *o, bool is_answer, struct text *out)
{
	if (!o->has_macs)
		return;
	text_lit(out, ",\"ether\":{\"src_mac\":");
	json_mac(out, is_answer ? o->dst_mac : o->src_mac);
	text_lit(out, ",\"dest_mac\":");
	json_mac(out, is_answer ? o->src_mac : o->dst_mac);
	text_char(out, '}');
}

void event_spell(struct eve *e, const struct eve_event *v, struct flow_text *t)
{
	struct text *out = &t->header;
	text_clear(out);
	if (v->flow) {
		text_lit(out, ",\"flow_id\":");
		text_uint(out, v->flow->id);
	}
	put_iface(e, v->origin->iface, out);
	t->before_type = out->len;
	put_vlans(v->origin, out);
	if (v->ip_version)
		put_tuple(v, out);
	text_lit(out, ",\"pkt_src\":\"wire/pcap\"");
	put_ether(v->origin, v->is_answer, out);
	if (v->ip_version && e->config.community_id) {
		text_lit(out, ",\"community_id\":\"");
		text_put(out, t->community_id, COMMUNITY_ID_LEN);
		text_char(out, '"');
	}
}

enum { APP_ROOM = 64 }; /* and the text of the protocol */

static char *raw_app(char *at, const struct eve_event *v, const struct text *app)
{
	if (v->has_tx) {
		at = raw_lit(at, ",\"tx_id\":");
		at = raw_uint(at, v->tx_id);
	}
	return app ? raw_put(at, app->at, app->len) : at;
}

void event_begin(struct eve *e, struct eve_event *v, struct text *out)
{
	v->skew_ns = e->skew_ns;
	event_ends(v);
	event_text(e, v);
	const struct flow_text *t = v->text;
	const struct text *app = v->flow
		? &eve_protocol(e, v->dissector)->app[v->from == v->client] : NULL;
	size_t type_len = strlen(v->type);
	char *at = text_room(out, TIME_ROOM + t->header.len + TYPE_ROOM + type_len +
		APP_ROOM + (app ? app->len : 0));
	at = raw_time(at, e, v->origin->time_ns);
	at = raw_put(at, t->header.at, t->before_type);
	at = raw_type(at, e, v->origin->number, v->type, type_len);
	at = raw_put(at, t->header.at + t->before_type, t->header.len - t->before_type);
	text_end(out, raw_app(at, v, app));
}

void event_begin_plain(struct eve *e, const char *type, uint64_t time_ns, uint64_t number,
	struct text *out)
{
	size_t type_len = strlen(type);
	char *at = text_room(out, TIME_ROOM + TYPE_ROOM + type_len);
	at = raw_time(at, e, time_ns);
	*at++ = ',';
	text_end(out, raw_type(at, e, number, type, type_len));
}

void event_end(struct text *out)
{
	text_lit(out, "}\n");
}
