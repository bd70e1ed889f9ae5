/* What rules ask of a packet's headers, and of what a flow has carried. */
#include "detect/runtime.h"

static bool is_icmp(const struct packet *p)
{
	return p->ip_version && (p->proto == PROTO_ICMP || p->proto == PROTO_ICMPV6);
}

static bool is_tcp(const struct packet *p)
{
	return p->has_ports && p->proto == PROTO_TCP;
}

/* RFC 791, 3.1: type, and but for the first two a length that counts both. */
static uint64_t option_bit(uint8_t type)
{
	static const struct { uint8_t type; uint16_t bit; } known[] = {
		{ 0, OPTION_EOL }, { 1, OPTION_NOP }, { 7, OPTION_RR }, { 68, OPTION_TS },
		{ 130, OPTION_SEC }, { 131, OPTION_LSRR }, { 133, OPTION_ESEC },
		{ 136, OPTION_SATID }, { 137, OPTION_SSRR },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].type == type)
			return known[i].bit;
	return OPTION_OTHER;
}

static uint64_t ip_options(const uint8_t *header)
{
	enum { FIXED = 20 };
	struct cursor c = cursor_of((struct bytes){ header + FIXED,
		(header[0] & 15u) * 4u - FIXED });
	uint64_t bits = 0;
	while (c.left > 0) {
		uint8_t type = cursor_u8(&c);
		bits |= option_bit(type);
		if (type == 0)
			break;
		if (type == 1)
			continue;
		uint8_t len = cursor_u8(&c);
		cursor_skip(&c, len < 2 ? c.left + 1 : len - 2u);
	}
	return bits;
}

/* Of an IP header; IPv6 has no fragment fields here, its traffic class stands for tos. */
static bool header_fact(const struct packet *p, enum packet_fact fact, uint64_t *value)
{
	const uint8_t *h = p->ip_header;
	if (!h)
		return false;
	bool is_v4 = p->ip_version == 4;
	if (fact == FACT_TOS)
		*value = is_v4 ? h[1] : (be16_at(h) >> 4) & 0xff;
	else if (fact == FACT_FRAGMENT_BITS)
		*value = is_v4 ? h[6] >> 5 : 0;
	else if (fact == FACT_FRAGMENT_OFFSET)
		*value = is_v4 ? be16_at(h + 6) & 0x1fff : 0;
	else
		*value = is_v4 ? ip_options(h) : 0;
	return true;
}

static bool ip_fact(const struct packet *p, enum packet_fact fact, uint64_t *value)
{
	switch (fact) {
	case FACT_TTL:
		*value = p->ttl;
		break;
	case FACT_PROTO:
		*value = p->proto;
		break;
	case FACT_IP_ID:
		*value = p->ip_id;
		break;
	case FACT_SAME_IP:
		*value = memcmp(&p->src, &p->dst, sizeof(p->src)) == 0;
		break;
	case FACT_REASSEMBLED:
		*value = p->is_reassembled || p->is_fragment;
		break;
	default:
		return header_fact(p, fact, value);
	}
	return true;
}

bool packet_fact_of(const struct packet *p, enum packet_fact fact, uint64_t *value)
{
	switch (fact) {
	case FACT_ICMP_TYPE:
		*value = p->sport;
		return is_icmp(p);
	case FACT_ICMP_CODE:
		*value = p->dport;
		return is_icmp(p);
	case FACT_ICMP_ID:
		*value = p->seq >> 16;
		return is_icmp(p);
	case FACT_ICMP_SEQ:
		*value = p->seq & 0xffff;
		return is_icmp(p);
	case FACT_TCP_SEQ:
		*value = p->seq;
		return is_tcp(p);
	case FACT_TCP_ACK:
		*value = p->ack;
		return is_tcp(p);
	case FACT_TCP_WINDOW:
		*value = p->window;
		return is_tcp(p);
	default:
		return p->ip_version && ip_fact(p, fact, value);
	}
}

bool packet_tests_hold(const struct rule *r, const struct packet *p)
{
	for (unsigned i = 0; i < r->packet_test_count; i++) {
		const struct packet_test *t = &r->packet_tests[i];
		uint64_t value = 0;
		if (!p || !packet_fact_of(p, t->fact, &value) ||
			unsigned_in(&t->value, value) == t->value.negated)
			return false;
	}
	return true;
}

bool tcp_flags_hold(const struct rule *r, int flags)
{
	if (r->tcp_flags < 0)
		return true;
	if (r->tcp_flags_any)
		return (flags & r->tcp_flags) != 0;
	return ((flags & r->tcp_flags_mask) == r->tcp_flags) != r->tcp_flags_not;
}

static bool stream_size_held(const struct stream_size *s, const struct flow *f, const uint64_t sent[2])
{
	if (s->of == STREAM_OF_NONE)
		return true;
	if (!f || f->proto != PROTO_TCP)
		return false;
	bool client = number_in(&s->size, 1, (int64_t)sent[f->client]) != s->negated;
	bool server = number_in(&s->size, 1, (int64_t)sent[!f->client]) != s->negated;
	switch (s->of) {
	case STREAM_OF_CLIENT:
		return client;
	case STREAM_OF_SERVER:
		return server;
	case STREAM_OF_BOTH:
		return client && server;
	default:
		return client || server;
	}
}

bool stream_size_holds(const struct stream_size *s, const struct flow *f)
{
	uint64_t sent[2] = { 0 };
	if (s->of != STREAM_OF_NONE && f)
		streams_sent(f, sent);
	return stream_size_held(s, f, sent);
}

void streams_sent(const struct flow *f, uint64_t sent[2])
{
	for (unsigned end = 0; end < 2; end++)
		sent[end] = stream_bytes(f, end);
}

bool stream_size_fits(const struct check *c, const struct transaction *t)
{
	bool is_about_request = t->request && (!t->response || c->side == HALF_REQUEST);
	return is_about_request ? stream_size_held(&c->rule->stream_size, t->flow, t->sent)
		: stream_size_holds(&c->rule->stream_size, t->flow);
}
