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

static void put_time(struct eve *e, uint64_t time_ns, struct text *out)
{
	uint64_t second = time_ns / SECOND;
	if (second != e->second) {
		eve_second(second, e->second_text);
		e->second = second;
	}
	text_lit(out, "{\"timestamp\":\"");
	text_put(out, e->second_text, sizeof(e->second_text));
	json_micros(out, time_ns);
	text_lit(out, "+0000\"");
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

static void put_type(uint64_t number, const char *type, struct text *out)
{
	if (number) {
		text_lit(out, "\"pcap_cnt\":");
		text_uint(out, number);
		text_char(out, ',');
	}
	text_lit(out, "\"event_type\":\"");
	text_str(out, type);
	text_char(out, '"');
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

static void put_app(const struct eve_event *v, struct text *out)
{
	if (v->has_tx) {
		text_lit(out, ",\"tx_id\":");
		text_uint(out, v->tx_id);
	}
	if (v->dissector) {
		text_lit(out, ",\"app_proto\":\"");
		text_str(out, v->dissector->name);
		text_char(out, '"');
	}
	if (!v->flow)
		return;
	if (v->from == v->client)
		text_lit(out, ",\"direction\":\"to_server\"");
	else
		text_lit(out, ",\"direction\":\"to_client\"");
}

void event_begin(struct eve *e, struct eve_event *v, struct text *out)
{
	event_ends(v);
	event_text(e, v);
	put_time(e, v->origin->time_ns, out);
	if (v->flow) {
		text_lit(out, ",\"flow_id\":");
		if (v->text)
			text_put(out, v->text->id, v->text->id_len);
		else
			text_uint(out, v->flow->id);
	}
	put_iface(e, v->origin->iface, out);
	put_type(v->origin->number, v->type, out);
	put_vlans(v->origin, out);
	if (v->ip_version)
		put_tuple(v, out);
	text_lit(out, ",\"pkt_src\":\"wire/pcap\"");
	put_ether(v->origin, v->is_answer, out);
	if (v->ip_version && e->config.community_id) {
		text_lit(out, ",\"community_id\":\"");
		text_put(out, v->text->community_id, COMMUNITY_ID_LEN);
		text_char(out, '"');
	}
	put_app(v, out);
}

void event_begin_plain(struct eve *e, const char *type, uint64_t time_ns, uint64_t number,
	struct text *out)
{
	put_time(e, time_ns, out);
	text_char(out, ',');
	put_type(number, type, out);
}

void event_end(struct text *out)
{
	text_lit(out, "}\n");
}
