/* A flow's event, when it has ended. */
#include "output/eve_event.h"

void put_member(struct text *out, const char *key, uint64_t v)
{
	text_lit(out, ",\"");
	text_str(out, key);
	text_lit(out, "\":");
	text_uint(out, v);
}

void event_flow(const struct eve_event *v, struct text *out)
{
	const struct flow_end *client = &v->flow->end[v->client];
	const struct flow_end *server = &v->flow->end[!v->client];
	text_lit(out, ",\"flow\":{\"pkts_toserver\":");
	text_uint(out, v->flow->packets[v->client]);
	put_member(out, "pkts_toclient", v->flow->packets[!v->client]);
	put_member(out, "bytes_toserver", v->flow->bytes[v->client]);
	put_member(out, "bytes_toclient", v->flow->bytes[!v->client]);
	text_lit(out, ",\"start\":");
	json_time(out, v->flow->first_ns - v->skew_ns, "+0000");
	text_lit(out, ",\"src_ip\":");
	json_address(out, &client->address);
	text_lit(out, ",\"dest_ip\":");
	json_address(out, &server->address);
	if (proto_has_ports(v->proto)) {
		put_member(out, "src_port", client->port);
		put_member(out, "dest_port", server->port);
	}
	text_char(out, '}');
}

/* As Suricata says it. */
static const char *state_of(const struct flow *f)
{
	return f->is_closed ? "closed" : f->packets[0] && f->packets[1] ? "established" : "new";
}

static const char *tcp_state_of(const struct flow *f, uint8_t flags)
{
	return f->is_closed ? "closed" : flags & TCP_ACK ? "established" :
		flags & TCP_SYN ? "syn_sent" : "none";
}

static const char *reason_of(const struct flow *f)
{
	switch ((enum flow_end_reason)f->reason) {
	case FLOW_TIMEOUT:
		return "timeout";
	case FLOW_SHED:
		return "forced";
	case FLOW_REPLACED:
		return "tcp_reuse";
	case FLOW_SHUTDOWN:
		break;
	}
	return "shutdown";
}

static void put_ending(const struct flow *f, uint64_t skew_ns, struct text *out)
{
	out->len--; /* the object goes on */
	text_lit(out, ",\"end\":");
	json_time(out, f->last_ns - skew_ns, "+0000");
	put_member(out, "age", (f->last_ns - f->first_ns) / 1000000000);
	text_lit(out, ",\"state\":");
	text_json_str(out, state_of(f));
	text_lit(out, ",\"reason\":");
	text_json_str(out, reason_of(f));
	text_str(out, f->has_alerted ? ",\"alerted\":true}" : ",\"alerted\":false}");
}

static void put_flags(struct text *out, const char *key, uint8_t flags)
{
	text_char(out, '"');
	text_str(out, key);
	text_printf(out, "\":\"%02x\"", flags);
}

static void put_tcp(const struct flow *f, unsigned client, struct text *out)
{
	static const struct name names[] = { { TCP_SYN, "syn" }, { TCP_FIN, "fin" },
		{ TCP_RST, "rst" }, { TCP_PSH, "psh" }, { TCP_ACK, "ack" }, { 0, NULL } };
	uint8_t all = f->tcp_flags[0] | f->tcp_flags[1];
	text_lit(out, ",\"tcp\":{");
	put_flags(out, "tcp_flags", all);
	text_char(out, ',');
	put_flags(out, "tcp_flags_ts", f->tcp_flags[client]);
	text_char(out, ',');
	put_flags(out, "tcp_flags_tc", f->tcp_flags[!client]);
	for (const struct name *n = names; n->text; n++)
		if (all & n->value) {
			text_lit(out, ",\"");
			text_str(out, n->text);
			text_lit(out, "\":true");
		}
	text_lit(out, ",\"state\":");
	text_json_str(out, tcp_state_of(f, all));
	text_char(out, '}');
}

void eve_flow(struct eve *e, const struct flow *f, uint64_t time_ns, struct bytes health,
	struct text *out)
{
	struct eve_event v;
	struct origin origin = { .time_ns = time_ns, .iface = f->iface };
	event_of_packet(&v, "flow", f, f->client, NULL, &origin);
	event_begin(e, &v, out);
	event_flow(&v, out);
	put_ending(f, e->skew_ns, out);
	if (f->proto == PROTO_TCP)
		put_tcp(f, f->client, out);
	text_lit(out, ",\"ot\":{\"schema\":\"ironspan.flow/1\",");
	eve_uid(e, f->id, f->first_ns, f->last_ns, name_hash("flow"), out);
	if (health.len) {
		text_lit(out, ",\"health\":{");
		text_put(out, health.at, health.len);
		text_char(out, '}');
	}
	eve_sensor(e, out);
	text_char(out, '}');
	event_end(out);
}

void eve_plain(struct eve *e, const char *type, const char *schema, uint64_t time_ns,
	uint64_t number, uint64_t sequence, struct bytes top, struct bytes ot, struct text *out)
{
	event_begin_plain(e, type, time_ns, number, out);
	if (top.len) {
		text_char(out, ',');
		text_put(out, top.at, top.len);
	}
	text_lit(out, ",\"ot\":{\"schema\":");
	text_json_str(out, schema);
	text_char(out, ',');
	eve_uid(e, name_hash(type), time_ns, number, sequence, out);
	if (ot.len) {
		text_char(out, ',');
		text_put(out, ot.at, ot.len);
	}
	eve_sensor(e, out);
	text_char(out, '}');
	event_end(out);
}

void eve_set_skew(struct eve *e, int64_t skew_ns)
{
	e->skew_ns = (uint64_t)skew_ns;
}

void eve_set_loss(struct eve *e, uint64_t packets, unsigned seconds)
{
	e->lost_packets = packets;
	e->lost_s = seconds;
}
