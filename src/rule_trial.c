#include <stdlib.h>

#include "capture/source.h"
#include "engine/shard.h"
#include "options.h"
#include "rule_trial_state.h"

static bool is_among(const struct trial *t, const struct rule *const *rules, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (rules[i] == t->rule)
			return true;
	return false;
}

/* ---- what the layers below say ---- */

static void matches(struct trial *t, const struct flow *f, unsigned from, const struct origin *o,
	const struct transaction *transaction, const struct rule *const *rules, unsigned count)
{
	for (unsigned turn = 0; turn < XBIT_TURNS; turn++)
		for (unsigned i = 0; i < count; i++)
			if (xbits_turn(rules[i]) == turn &&
				(rules[i] == t->rule || rules[i]->xbit_count))
				trial_match(t, rules[i], f, from, o, transaction);
}

static void on_request(void *context, struct transaction *transaction)
{
	struct trial *t = context;
	detect_transaction(t->detector, transaction, false);
}

static void on_finished(void *context, struct transaction *transaction)
{
	struct trial *t = context;
	const struct origin *o = transaction_origin(transaction);
	unsigned from = transaction->request ? transaction->client : !transaction->client;

	detect_transaction(t->detector, transaction, true);
	const struct hits *hits = transaction->hits;
	t->looked_at += t->sees_messages;
	if (hits)
		matches(t, transaction->flow, from, o, transaction, hits->rules, hits->count);
	if (!t->sees_messages || (hits && is_among(t, hits->rules, hits->count)))
		return;
	text_clear(&t->text);
	struct nearness near = rule_near_transaction(t->detector, t->rule, transaction, &t->text);
	if (near.fits)
		text_str(&t->text, "flowbits and flowint, or no pass rule on the same message");
	trial_miss(t, near, o);
}

static void on_session_event(void *context, struct flow *f, const struct dissector *dissector,
	unsigned end, enum session_event event, const struct origin *o)
{
	struct trial *t = context;
	const struct rule *rules[HITS_ROOM];
	unsigned count = detect_passed(t->detector, o->number) ? 0
		: detect_session_event(t->detector, f, end, dissector, event, rules, HITS_ROOM);
	matches(t, f, end, o, NULL, rules, count);
}

static void on_unclaimed(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *o)
{
	struct trial *t = context;
	const struct rule *rules[HITS_ROOM];
	unsigned count = detect_passed(t->detector, o->number) ? 0
		: detect_unclaimed_stream(t->detector, t->tails, f, end, data, rules, HITS_ROOM);

	matches(t, f, end, o, NULL, rules, count);
	t->looked_at += t->sees_unclaimed;
	if (!t->sees_unclaimed || is_among(t, rules, count))
		return;
	text_clear(&t->text);
	trial_miss(t, rule_near_bytes(t->detector, t->rule, f, end, NULL, data, &t->text), o);
}

static void on_released(void *context, struct transaction *transaction)
{
	struct trial *t = context;
	detect_release(t->detector, transaction);
}

static void on_data(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *o)
{
	struct trial *t = context;
	session_data(t->sessions, f, end, data, o);
}

static void on_gap(void *context, struct flow *f, unsigned end, uint64_t len,
	const struct origin *o)
{
	struct trial *t = context;
	session_gap(t->sessions, f, end, len, o);
	tails_gap(t->tails, f, end);
}

static void on_stream_event(void *context, struct flow *f, unsigned end,
	enum stream_event event, const struct origin *o)
{
	struct trial *t = context;
	const struct rule *rules[HITS_ROOM];
	unsigned count = detect_passed(t->detector, o->number) ? 0
		: detect_stream_event(t->detector, f, end, event, rules, HITS_ROOM);
	matches(t, f, end, o, NULL, rules, count);
}

static void on_flow_released(void *context, struct flow *f)
{
	struct trial *t = context;
	stream_settle(t->streams, f);
	session_settle(t->sessions, f);
	stream_end(t->streams, f);
	session_end(t->sessions, f);
	detect_flow_release(t->detector, f);
}

/* ---- packets ---- */

static void look_at_packet(struct trial *t, const struct flow *f, unsigned from,
	const struct packet *p, const struct origin *o)
{
	const struct rule *rules[HITS_ROOM];
	unsigned count = detect_packet(t->detector, f, from, p, rules, HITS_ROOM);

	matches(t, f, from, o, NULL, rules, count);
	t->looked_at += t->sees_packets;
	if (!t->sees_packets || is_among(t, rules, count))
		return;
	text_clear(&t->text);
	struct nearness near = rule_near_bytes(t->detector, t->rule, f, from, p, p->payload,
		&t->text);
	if (near.fits)
		text_str(&t->text, "the event, the state of the connection, or its first packet");
	trial_miss(t, near, o);
}

/* What belongs to no flow has one made for it, so that its ends can be told. */
static void lone_packet(struct trial *t, const struct packet *p)
{
	const struct rule *rules[HITS_ROOM];
	struct flow ends = { .end = { { p->src, p->sport }, { p->dst, p->dport } },
		.proto = p->proto };
	unsigned count = detect_packet(t->detector, NULL, 0, p, rules, HITS_ROOM);

	t->looked_at += t->sees_packets;
	matches(t, &ends, 0, &p->origin, NULL, rules, count);
}

static void on_packet(struct trial *t, struct packet *p, bool keep_duplicates)
{
	unsigned from;

	if (!p->ip_version || p->is_fragment) {
		lone_packet(t, p);
		return;
	}
	p->flow_hash = flow_hash(&t->key, p);
	struct flow *f = flow_find(t->flows, p, &from);
	bool is_copy = flow_is_copy(t->flows, f, from, p) && !keep_duplicates;
	if (!is_copy)
		look_at_packet(t, f, from, p, &p->origin);
	if (!p->has_ports)
		return;
	session_advance(t->sessions, p->time_ns);
	streams_advance(t->streams, p->time_ns);
	if (p->proto == PROTO_TCP)
		stream_segment(t->streams, f, from, p);
	else if (p->proto == PROTO_UDP && !is_copy)
		session_datagram(t->sessions, f, from, p->payload,
			p->payload_wire - (uint32_t)p->payload.len, &p->origin);
	flow_expire(t->flows, p->time_ns);
}

static bool read_packets(struct trial *t, const struct config *c, struct source *source)
{
	struct decoder_config decoder_config = { c->verify_checksums, c->fragment_memory };
	struct decoder *decoder = decoder_new(&decoder_config);
	enum source_state state;
	struct batch batch;

	batch_init(&batch);
	do {
		state = source_read(source, &batch, 0);
		for (unsigned i = 0; i < batch.count; i++) {
			packet_decode(decoder, &batch.packets[i], &batch.arena);
			on_packet(t, &batch.packets[i], c->keep_duplicates);
		}
	} while (state == SOURCE_MORE || state == SOURCE_IDLE);
	flow_table_free(t->flows);
	batch_fini(&batch);
	decoder_free(decoder);
	return state == SOURCE_END;
}

static void trial_fini(struct trial *t)
{
	for (unsigned i = 0; i < t->miss_count; i++) {
		free(t->misses[i].reason);
		free(t->misses[i].example);
	}
	streams_free(t->streams);
	sessions_free(t->sessions);
	tails_free(t->tails);
	thresholds_free(t->thresholds);
	xbits_free(t->xbits);
	detector_free(t->detector);
	text_fini(&t->text);
	free(t);
}

static struct trial *trial_new(FILE *out, const struct config *c, const struct ruleset *rules,
	const struct rule *rule)
{
	static const struct stream_sink stream_sink = { on_data, on_gap, on_stream_event };
	static const struct session_sink session_sink = { .request = on_request,
		.finished = on_finished, .event = on_session_event, .unclaimed = on_unclaimed,
		.released = on_released };
	struct flow_config flow_config = { .flows = c->flows, .tcp_timeout_s = c->tcp_timeout_s,
		.udp_timeout_s = c->udp_timeout_s, .closed_timeout_s = c->closed_timeout_s,
		.server_ports = shard_server_ports() };
	struct session_config session_config = {
		.outcome_wait_ns = (uint64_t)c->outcome_wait_ms * 1000000,
		.memory = c->session_memory, .disabled = c->disabled };
	struct trial *t = mem_new(sizeof(*t));

	t->out = out;
	t->rule = rule;
	t->key = hash_key_random();
	t->sees_messages = rule_sees_messages(rules, rule);
	t->sees_unclaimed = rule_sees_unclaimed(rules, rule);
	t->sees_packets = rule_sees_packets(rules, rule);
	t->detector = detector_new(rules);
	t->flows = flow_table_new(&flow_config, &t->key, on_flow_released, t);
	t->streams = streams_new(c->stream_memory, &stream_sink, t);
	t->sessions = sessions_new(&session_config, &session_sink, t);
	t->tails = tails_new(c->stream_memory / 2);
	t->thresholds = thresholds_new(c->thresholds);
	t->xbits = xbits_new(c->thresholds);
	return t;
}

int rule_trial(FILE *out, const struct config *config, const struct ruleset *rules,
	const struct rule *rule)
{
	struct source *source = source_open_files(config->inputs, config->input_count,
		config->filter);

	if (!source)
		return EXIT_CANNOT_RUN;
	struct trial *t = trial_new(out, config, rules, rule);
	bool ok = read_packets(t, config, source);
	trial_print(t);
	int code = !ok ? EXIT_CANNOT_RUN : t->fired ? EXIT_FINE : EXIT_MISTAKE;
	trial_fini(t);
	source_close(source);
	return code;
}
