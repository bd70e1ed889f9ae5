/* The index of packets: by decode event, by TCP flags, or by what they carry. */
#include "detect/runtime.h"

static void add_by_flags(struct ruleset *set, const struct check *c)
{
	for (int flags = 0; flags < 256; flags++)
		if (tcp_flags_hold(c->rule, flags))
			check_list_add(&set->arena, &set->packets.by_flags[flags], c);
}

static bool kind_fits(enum rule_proto proto, unsigned kind)
{
	switch (proto) {
	case RULE_TCP:
	case RULE_TCP_PKT:
	case RULE_TCP_STREAM:
		return kind == PACKET_TCP;
	case RULE_UDP:
		return kind == PACKET_UDP;
	case RULE_ICMP:
		return kind == PACKET_ICMP;
	case RULE_IP:
	case RULE_DISSECTOR:
		break;
	}
	return kind != PACKET_NOT_IP;
}

static void add_to_kind(struct ruleset *set, unsigned kind, const struct check *c)
{
	if (!kind_fits(c->rule->header.proto, kind))
		return;
	set->packets.is_used = true;
	check_list_add(&set->arena, &set->packets.plain[kind], c);
}

void packet_index_add_payload(struct ruleset *set, const struct check *c)
{
	add_to_kind(set, PACKET_ICMP, c);
	add_to_kind(set, PACKET_OTHER, c);
}

void packet_index_add(struct ruleset *set, const struct check *c)
{
	struct packet_index *p = &set->packets;
	const struct rule *r = c->rule;
	p->is_used = true;
	if (r->event.kind == EVENT_DECODE) {
		p->events |= (uint64_t)1 << r->event.event;
		check_list_add(&set->arena, &p->by_event[r->event.event], c);
	} else if (r->tcp_flags >= 0) {
		add_by_flags(set, c);
	} else {
		for (unsigned kind = 0; kind < PACKET_KINDS; kind++)
			add_to_kind(set, kind, c);
	}
}
