#include <stdlib.h>

#include "engine/shard_state.h"

/* ---- which shard ---- */

static uint8_t server_ports[65536 / 8];

const uint8_t *shard_server_ports(void)
{
	for (unsigned i = 0; dissectors[i]; i++) {
		const uint16_t *lists[] = { dissectors[i]->tcp_ports, dissectors[i]->udp_ports };
		for (unsigned l = 0; l < 2; l++)
			for (const uint16_t *p = lists[l]; p && *p; p++)
				server_ports[*p / 8] |= (uint8_t)(1u << (*p % 8));
	}
	return server_ports;
}

static inline bool is_server_port(uint16_t port)
{
	return server_ports[port / 8] >> (port % 8) & 1;
}

/* One known port is the server's, else the lower one, nearly always. In any case both directions
 * agree; where it is wrong, a flow does not know what others tell of its device's points. */
static bool goes_to_server(const struct packet *p)
{
	bool dst = is_server_port(p->dport), src = is_server_port(p->sport);
	if (dst != src)
		return dst;
	return p->dport < p->sport ||
		(p->dport == p->sport && memcmp(&p->dst, &p->src, sizeof(p->dst)) < 0);
}

unsigned shard_of(const struct packet *p)
{
	if (!p->ip_version)
		return 0;
	bool dst = goes_to_server(p);
	uint64_t halves[2];
	memcpy(halves, dst ? &p->dst : &p->src, sizeof(halves));
	return (unsigned)((halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15 >> (64 - SHARD_BITS));
}

/* ---- the shard ---- */

/* What the rules look at, so that the rest need not be shown to them. */
static void ask_rules(struct shard *s, const struct ruleset *rules)
{
	s->packet_wants = ruleset_packet_wants(rules);
	s->wants_unclaimed = ruleset_wants_unclaimed(rules);
	s->wants_events = ruleset_wants_events(rules);
	if (s->tools->inline_mode)
		sessions_ask(s->sessions, ruleset_asks(rules));
}

struct shard *shard_new(const struct config *config, const struct ruleset *rules,
	unsigned index, const struct hash_key *key, struct tools *tools)
{
	struct flow_config flow_config = { .flows = (config->flows + SHARDS - 1) / SHARDS,
		.tcp_timeout_s = config->tcp_timeout_s, .udp_timeout_s = config->udp_timeout_s,
		.closed_timeout_s = config->closed_timeout_s,
		.server_ports = shard_server_ports() };
	struct session_config session_config = {
		.outcome_wait_ns = (uint64_t)config->outcome_wait_ms * 1000000,
		.memory = config->session_memory / SHARDS, .repeats = config->repeats,
		.skims = true,
		.retold = config->event_protocols,
		.disabled = config->disabled };
	struct shard *s = mem_aligned(sizeof(*s));
	s->index = index;
	s->config = config;
	s->tools = tools;
	s->secret = key->k0;
	s->flows = flow_table_new(&flow_config, key, shard_on_flow_released, s);
	s->streams = streams_new(config->stream_memory / SHARDS, &shard_stream_sink, s);
	s->sessions = sessions_new(&session_config, &shard_session_sink, s);
	s->tails = tails_new(config->stream_memory / 2 / SHARDS);
	s->points = points_new((config->points + SHARDS - 1) / SHARDS);
	ask_rules(s, rules);
	return s;
}

static void carry_transaction(void *context, struct transaction *t)
{
	struct shard *s = context;
	detect_carry_transaction(s->tools->detector, t);
}

static void carry_flow(void *context, struct flow *f)
{
	struct shard *s = context;
	detect_carry_flow(s->tools->detector, f);
	session_each_pending(f, carry_transaction, s);
	session_forget_polls(s->sessions, f);
}

void shard_swap(struct shard *s, const struct ruleset *rules)
{
	ask_rules(s, rules);
	s->told_until_ns = 0; /* a rule may count what it did not */
	if (s->flows)
		flow_each(s->flows, carry_flow, s);
}

static void leave(struct shard *s)
{
	if (!(detect_lost.alerts | detect_lost.searches))
		return;
	counters_add(&s->losses, &detect_lost, sizeof(detect_lost));
	detect_lost = (struct detect_losses){ 0 };
}

static void enter(struct shard *s, uint64_t number, uint64_t time_ns, bool is_packet)
{
	s->number = number;
	s->order = (uint32_t)is_packet << 16 | s->index;
	if (time_ns > s->now_ns)
		s->now_ns = time_ns;
}

static void decode_anomalies(struct shard *s, const struct packet *p)
{
	if (s->config->events & EVENTS_ANOMALY)
		for (unsigned i = 0; i < DECODE_EVENT_COUNT; i++)
			if (p->events >> i & 1)
				shard_anomaly(s, "decode", decode_events[i].name, NULL, NULL, 0, p,
					NULL);
}

static void match_packet(struct shard *s, struct flow *f, unsigned from,
	const struct packet *p)
{
	const struct rule *rules[DETECT_ALERTS_MAX];
	shard_alert_packets(s, f, from, p, NULL, rules,
		detect_packet(s->tools->detector, f, from, p, rules, DETECT_ALERTS_MAX));
}

static void datagram(struct shard *s, struct flow *f, unsigned from, const struct packet *p)
{
	session_datagram(s->sessions, f, from, p->payload,
		p->payload_wire - (uint32_t)p->payload.len, &p->origin);
}

const struct flow_index *shard_flows(const struct shard *s)
{
	return flow_index(s->flows);
}

static void take_packet(struct shard *s, const struct packet *p)
{
	if (p->events)
		decode_anomalies(s, p);
	if (!p->ip_version || p->is_fragment) {
		if (packet_is_wanted(&s->packet_wants, p))
			match_packet(s, NULL, 0, p);
		return;
	}
	unsigned from;
	struct flow *f = flow_find(s->flows, p, &from);
	s->under_way = f;
	if (s->silence_count && p->proto == PROTO_TCP && p->tcp_flags & TCP_SYN)
		shard_knocked(s, p);
	if (f->block && !shard_passes(s, f, p))
		return;
	bool is_copy = flow_is_copy(s->flows, f, from, p) && !s->config->keep_duplicates;
	s->duplicates += is_copy;
	f->copies += is_copy;
	if (!is_copy && packet_is_wanted(&s->packet_wants, p))
		match_packet(s, f, from, p);
	if (!p->has_ports || f->block)
		return;
	session_advance(s->sessions, p->time_ns);
	if (p->proto == PROTO_TCP)
		stream_segment(s->streams, f, from, p);
	else if (p->proto == PROTO_UDP && !is_copy)
		datagram(s, f, from, p);
}

uint8_t shard_packet(struct shard *s, const struct packet *p)
{
	enter(s, p->number, p->time_ns, true);
	s->verdict = VERDICT_ACCEPT;
	take_packet(s, p);
	leave(s);
	uint8_t verdict = s->verdict ? shard_verdict(s) : VERDICT_ACCEPT;
	s->under_way = NULL; /* it may be gone before the next packet */
	return verdict;
}

void shard_advance(struct shard *s, uint64_t now_ns, uint64_t number)
{
	enter(s, number, now_ns, false);
	streams_advance(s->streams, now_ns);
	session_advance(s->sessions, now_ns);
	flow_expire(s->flows, now_ns);
	leave(s);
	shard_report(s, now_ns, false);
}

void shard_finish(struct shard *s)
{
	enter(s, UINT64_MAX, s->now_ns, false);
	if (!s->flows)
		return;
	s->flow_totals = *flow_counters(s->flows);
	flow_table_free(s->flows);
	s->flows = NULL;
	leave(s);
	shard_end_silences(s);
	shard_report(s, s->now_ns, true);
}

void shard_free(struct shard *s)
{
	shard_finish(s);
	streams_free(s->streams);
	sessions_free(s->sessions);
	tails_free(s->tails);
	points_free(s->points);
	free(s);
}

/* Counter structs hold uint64_t only. */
void counters_add(void *to, const void *from, size_t size)
{
	uint64_t *sum = to;
	const uint64_t *part = from;
	for (size_t i = 0; i < size / sizeof(*sum); i++)
		sum[i] += part[i];
}

void shard_count(const struct shard *s, struct engine_totals *t)
{
	const struct flow_counters *flows = s->flows ? flow_counters(s->flows) : &s->flow_totals;
	counters_add(&t->sessions, sessions_counters(s->sessions), sizeof(t->sessions));
	counters_add(&t->streams, streams_counters(s->streams), sizeof(t->streams));
	t->streams.shed += tails_shed(s->tails);
	t->flows.created += flows->created;
	t->flows.expired += flows->expired;
	t->flows.shed += flows->shed;
	t->blocked += s->blocked;
	t->would_block += s->would_block;
	t->duplicates += s->duplicates;
	t->stream_events += s->stream_events;
	counters_add(&t->losses, &s->losses, sizeof(t->losses));
}
