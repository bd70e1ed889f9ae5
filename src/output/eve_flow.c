/* What an event is about: its ends and their text, which a flow keeps. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "output/eve_event.h"

enum { SECOND = 1000000000, PROTO_SCTP = 132 };

bool proto_has_ports(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP;
}

bool proto_is_icmp(uint8_t proto)
{
	return proto == PROTO_ICMP || proto == PROTO_ICMPV6;
}

/* ---- small texts ---- */

void json_address(struct text *out, const struct address *a)
{
	char text[ADDRESS_TEXT];
	size_t len = address_text(a, text);
	text_char(out, '"');
	text_put(out, text, len);
	text_char(out, '"');
}

void json_mac(struct text *out, const uint8_t *mac)
{
	static const char digits[] = "0123456789abcdef";
	char text[19];
	for (unsigned i = 0; i < 6; i++) {
		text[3 * i] = ':';
		text[3 * i + 1] = digits[mac[i] >> 4];
		text[3 * i + 2] = digits[mac[i] & 15];
	}
	text[0] = '"';
	text[18] = '"';
	text_put(out, text, sizeof(text));
}

void eve_second(uint64_t second, char text[SECOND_TEXT])
{
	time_t time = (time_t)second;
	struct tm tm;
	gmtime_r(&time, &tm);
	char full[80];
	snprintf(full, sizeof(full), "%04d-%02d-%02dT%02d:%02d:%02d.", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	memcpy(text, full, SECOND_TEXT);
}

char *raw_micros(char *at, uint64_t time_ns)
{
	unsigned v = (unsigned)(time_ns % SECOND / 1000);
	return raw_triple(raw_triple(at, v / 1000), v % 1000);
}

void json_time(struct text *out, uint64_t time_ns, const char *zone)
{
	char second[SECOND_TEXT];
	eve_second(time_ns / SECOND, second);
	text_char(out, '"');
	text_put(out, second, sizeof(second));
	text_end(out, raw_micros(text_room(out, 6), time_ns));
	text_str(out, zone);
	text_char(out, '"');
}

/* ---- the flow's part ---- */

static void spell_ip(struct flow_text *t, unsigned end, const struct address *a)
{
	char *at = t->ip[end];
	*at = '"';
	size_t len = address_text(a, at + 1);
	at[len + 1] = '"';
	t->ip_len[end] = (uint8_t)(len + 2);
}

/* Of a flow (src is end 0) or a packet. */
static void spell(const struct eve *e, struct flow_text *t, const struct eve_event *v)
{
	spell_ip(t, 0, v->src.address);
	spell_ip(t, 1, v->dst.address);
	if (e->config.community_id)
		community_id(e->config.community_id_seed, v->proto, v->src.address,
			v->dst.address, v->src.port, v->dst.port, t->community_id);
}

void event_ends(struct eve_event *v)
{
	if (v->flow) {
		const struct flow_end *src = &v->flow->end[v->from];
		const struct flow_end *dst = &v->flow->end[!v->from];
		v->src = (struct end){ &src->address, src->port };
		v->dst = (struct end){ &dst->address, dst->port };
		v->proto = v->flow->proto;
		v->ip_version = v->flow->ip_version;
	} else if (v->packet) {
		v->src = (struct end){ &v->packet->src, v->packet->sport };
		v->dst = (struct end){ &v->packet->dst, v->packet->dport };
		v->proto = v->packet->proto;
		v->ip_version = v->packet->ip_version;
	}
	/* Type and code are a packet's, not a flow's. */
	if (v->packet && proto_is_icmp(v->proto)) {
		v->src.port = v->packet->sport;
		v->dst.port = v->packet->dport;
	}
}

static struct flow_text *flow_text(struct eve *e, struct flow *f)
{
	if (!f->text) {
		struct eve_event v = { .flow = f };
		event_ends(&v);
		f->text = mem_new(sizeof(struct flow_text));
		spell(e, f->text, &v);
	}
	return f->text;
}

void eve_flow_release(struct flow *f)
{
	struct flow_text *t = f->text;
	if (t)
		text_fini(&t->header);
	free(t);
	f->text = NULL;
}

/* ---- what an event is about ---- */

void event_of_packet(struct eve_event *v, const char *type, const struct flow *f,
	unsigned from, const struct packet *p, const struct origin *origin)
{
	*v = (struct eve_event){ .type = type, .flow = f, .packet = p, .from = from & 1 };
	if (!origin && !p && f)
		v->made.time_ns = f->last_ns;
	v->origin = origin ? origin : p ? &p->origin : &v->made;
	if (f) {
		v->client = f->client & 1;
		v->dissector = session_dissector(f);
		v->text = proto_is_icmp(f->proto) && p ? NULL : f->text;
		v->text_src = v->from;
	}
}

void event_of_transaction(struct eve *e, struct eve_event *v, const char *type,
	const struct transaction *t, bool on_response)
{
	unsigned client = t->client & 1, from = on_response ? !client : client;
	*v = (struct eve_event){
		.type = type, .flow = t->flow, .client = client, .from = from,
		.dissector = t->dissector, .has_tx = true, .tx_id = t->id,
		.origin = transaction_origin(t), .is_answer = t->response && !on_response,
		.text = flow_text(e, t->flow), .text_src = from,
	};
}

static struct surroundings surroundings_of(const struct eve_event *v)
{
	const struct origin *o = v->origin;
	struct surroundings s = { .iface = o->iface, .vlan_count = o->vlan_count,
		.has_macs = o->has_macs, .is_answer = v->is_answer,
		.src = (uint8_t)v->text_src };
	memcpy(s.vlan, o->vlan, sizeof(s.vlan));
	memcpy(s.src_mac, o->src_mac, sizeof(s.src_mac));
	memcpy(s.dst_mac, o->dst_mac, sizeof(s.dst_mac));
	return s;
}

void event_text(struct eve *e, struct eve_event *v)
{
	struct surroundings s = surroundings_of(v);
	if (v->text && v->text->header.len && !memcmp(&s, &v->text->told, sizeof(s)))
		return;
	if (!v->text) {
		v->text = &e->spare;
		v->text_src = 0;
		if (v->ip_version)
			spell(e, v->text, v);
	}
	event_spell(e, v, v->text);
	v->text->told = s;
}
