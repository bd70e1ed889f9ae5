#include <stdlib.h>

#include "engine/shard.h"
#include "engine/snapshot.h"

enum { HITS_MAX = 32, TOLD = 2048, DISTINCT_VALUES = 64 };
enum { AGAIN_NS = 1000 * 1000 * 1000 }; /* what was told is not told again for so long */

/* What was passed on lately, so that polls that repeat themselves cost the ordered stage
 * nothing: a small table in which newer entries replace older ones. */
struct told {
	uint64_t what, time_ns;
};

struct shard {
	unsigned index;
	const struct config *config;
	struct tools *tools;
	struct flow_table *flows;
	struct streams *streams;
	struct sessions *sessions;
	uint64_t number;    /* the packet under way */
	uint32_t order;
	uint64_t now_ns;
	const struct packet *packet; /* NULL while time goes on */
	bool wants_packets, wants_unclaimed, wants_events;
	uint64_t writes;    /* accepted writes so far */
	uint64_t silent_until_ns; /* of the transaction under way; 0: it says something */
	uint64_t duplicates, stream_events;
	struct flow_counters flow_totals; /* when the table is gone */
	struct told told[TOLD];
	struct {
		uint64_t range, value, time_ns;
	} polls[TOLD];
};

/* ---- which shard ---- */

const uint8_t *shard_server_ports(void)
{
	static uint8_t bits[65536 / 8];
	for (unsigned i = 0; dissectors[i]; i++) {
		const uint16_t *lists[] = { dissectors[i]->tcp_ports, dissectors[i]->udp_ports };
		for (unsigned l = 0; l < 2; l++)
			for (const uint16_t *p = lists[l]; p && *p; p++)
				bits[*p / 8] |= (uint8_t)(1u << (*p % 8));
	}
	return bits;
}

/* The lower port is the server's, nearly always; in any case both directions agree. */
unsigned shard_of(const struct packet *p)
{
	if (!p->ip_version)
		return 0;
	bool dst = p->dport < p->sport ||
		(p->dport == p->sport && memcmp(&p->dst, &p->src, sizeof(p->dst)) < 0);
	uint64_t halves[2];
	memcpy(halves, dst ? &p->dst : &p->src, sizeof(halves));
	return (unsigned)((halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15 >> (64 - SHARD_BITS));
}

/* ---- what was told already ---- */

static bool is_told(struct shard *s, uint64_t what)
{
	struct told *t = &s->told[what % TOLD];
	if (t->what == what && s->now_ns < t->time_ns + AGAIN_NS) {
		if (s->silent_until_ns > t->time_ns + AGAIN_NS)
			s->silent_until_ns = t->time_ns + AGAIN_NS;
		return true;
	}
	*t = (struct told){ what, s->now_ns };
	return false;
}

/* ---- records ---- */

static struct record *record(struct shard *s, enum record_kind kind)
{
	struct record *r = out_record(s->tools->out);
	r->number = s->number;
	r->order = s->order;
	r->kind = kind;
	return r;
}

/* Everything that was appended to the text since `from` is the record's line. */
static void end_line(struct shard *s, struct record *r, size_t from, size_t splice)
{
	r->text_at = (uint32_t)from;
	r->text_len = (uint32_t)(s->tools->out->text.len - from);
	r->splice = (uint32_t)splice;
}

/* ---- alerts ---- */

/* Who the alert is about, in the direction of its line. */
struct direction_of {
	const struct address *src, *dst;
	uint64_t flow_id, time_ns, number;
	enum outcome outcome;
};

static struct match *add_match(struct shard *s, const struct rule *rule,
	const struct direction_of *who, uint64_t value, struct record line)
{
	s->silent_until_ns = 0;
	struct record *r = record(s, RECORD_MATCH);
	struct match *m = out_match(s->tools->out, &r->detail);
	r->text_at = line.text_at;
	r->text_len = line.text_len;
	r->splice = line.splice;
	r->point = line.point;
	*m = (struct match){ .rule = rule, .src = *who->src, .dst = *who->dst,
		.flow_id = who->flow_id, .time_ns = who->time_ns, .number = who->number,
		.value = value,
		.outcome = who->outcome };
	return m;
}

/* The values of a `distinct` rule that the stage has not heard of lately. */
static unsigned new_values(struct shard *s, const struct rule *rule,
	const struct direction_of *who, uint64_t *values, unsigned count)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < count; i++) {
		struct { struct address src, dst; uint64_t value; } key = { *who->src, *who->dst,
			values[i] };
		if (!is_told(s, hash_fast(&key, sizeof(key), rule->index)))
			values[kept++] = values[i];
	}
	return kept;
}

static unsigned distinct_of_ends(const struct rule *rule, const struct flow *f, unsigned from,
	const struct packet *p, uint64_t *value)
{
	const struct address *src = f ? &f->end[from].address : &p->src;
	const struct address *dst = f ? &f->end[!from].address : &p->dst;
	switch (rule->threshold.distinct_what) {
	case DISTINCT_SRC_IP:
		*value = hash_fast(src, sizeof(*src), 1);
		return 1;
	case DISTINCT_DST_IP:
		*value = hash_fast(dst, sizeof(*dst), 1);
		return 1;
	case DISTINCT_SRC_PORT:
		*value = f ? f->end[from].port : p->sport;
		return 1;
	case DISTINCT_DST_PORT:
		*value = f ? f->end[!from].port : p->dport;
		return 1;
	default:
		return 0;
	}
}

static struct direction_of who_of(const struct transaction *t)
{
	const struct flow *f = t->flow;
	unsigned from = t->request ? t->client : !t->client;
	const struct origin *o = transaction_origin(t);
	return (struct direction_of){ &f->end[from].address, &f->end[!from].address, f->id,
		o->time_ns, o->number, t->outcome };
}

/* Rules with thresholds leave the line to the stage, which knows whether it is wanted. */
static void alert_counted(struct shard *s, const struct transaction *t, const struct rule *rule,
	int32_t point, const struct transaction **snapshot)
{
	struct direction_of who = who_of(t);
	uint64_t values[DISTINCT_VALUES] = { 0 };
	unsigned count = 1;
	if (rule->threshold.type == THRESHOLD_DISTINCT) {
		unsigned from = t->request ? t->client : !t->client;
		count = rule->threshold.distinct_what == DISTINCT_FIELD
			? detect_distinct(rule, t, values, DISTINCT_VALUES)
			: distinct_of_ends(rule, t->flow, from, NULL, values);
		count = new_values(s, rule, &who, values, count);
	}
	if (count && !*snapshot)
		*snapshot = snapshot_take(&s->tools->out->arena, t);
	for (unsigned i = 0; i < count; i++)
		add_match(s, rule, &who, values[i], (struct record){ .point = point })->snapshot =
			*snapshot;
}

static void alert_at_once(struct shard *s, const struct transaction *t, const struct rule *rule,
	int32_t point)
{
	struct direction_of who = who_of(t);
	struct record line = { .point = point };
	size_t from = s->tools->out->text.len;
	size_t splice = eve_alert(s->tools->eve, s->tools->detector, rule, t,
		&s->tools->out->text);
	end_line(s, &line, from, splice);
	add_match(s, rule, &who, 0, line);
}

static void alert_transaction(struct shard *s, const struct transaction *t, int32_t point)
{
	const struct hits *hits = t->hits;
	const struct transaction *snapshot = NULL;
	for (unsigned i = 0; hits && i < hits->count; i++) {
		const struct rule *rule = hits->rules[i];
		if (rule->noalert) {
			s->silent_until_ns = 0;
			continue;
		}
		if (rule_has_threshold(rule))
			alert_counted(s, t, rule, point, &snapshot);
		else
			alert_at_once(s, t, rule, point);
	}
}

static void alert_packet(struct shard *s, const struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin, const struct rule *rule)
{
	struct direction_of who = { f ? &f->end[from].address : &p->src,
		f ? &f->end[!from].address : &p->dst, f ? f->id : 0,
		p ? p->time_ns : origin->time_ns, p ? p->number : origin->number, OUTCOME_NONE };
	uint64_t value = 0;
	if (rule->noalert)
		return;
	if (rule->threshold.type == THRESHOLD_DISTINCT &&
		new_values(s, rule, &who, &value, distinct_of_ends(rule, f, from, p, &value)) == 0)
		return;
	struct record line = { .point = -1 };
	size_t at = s->tools->out->text.len;
	eve_alert_packet(s->tools->eve, rule, f, from, p, origin, &s->tools->out->text);
	end_line(s, &line, at, 0);
	add_match(s, rule, &who, value, line);
}

static void alert_packets(struct shard *s, const struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin, const struct rule **rules,
	unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		alert_packet(s, f, from, p, origin, rules[i]);
}

/* ---- anomalies ---- */

static void anomaly(struct shard *s, const char *type, const char *event, const char *layer,
	const struct flow *f, unsigned from, const struct packet *p, const struct origin *o)
{
	if (!(s->config->events & EVENTS_ANOMALY))
		return;
	struct record *r = record(s, RECORD_LINE);
	size_t at = s->tools->out->text.len;
	eve_anomaly(s->tools->eve, type, event, layer, f, from, p, o, &s->tools->out->text);
	end_line(s, r, at, 0);
}

static void message_anomalies(struct shard *s, const struct transaction *t,
	const struct message *m, bool on_response)
{
	if (!m || !m->events || !(s->config->events & EVENTS_ANOMALY))
		return;
	for (unsigned i = 0; i < t->dissector->event_count; i++)
		if (m->events >> i & 1) {
			struct record *r = record(s, RECORD_LINE);
			size_t at = s->tools->out->text.len;
			eve_anomaly_message(s->tools->eve, t, t->dissector->events[i].name,
				on_response, &s->tools->out->text);
			end_line(s, r, at, 0);
		}
}

/* ---- points and devices ---- */

static uint64_t hash_name(const char *name)
{
	return name ? hash_fast(name, strlen(name), 0) : 0;
}

static bool is_change(const struct operation *op)
{
	return op->verb == VERB_WRITE || op->verb == VERB_CONTROL;
}

/* The point an operation is about, for the stage to look up; -1: none. */
static int32_t point_of(struct shard *s, const struct transaction *t,
	const struct operation *op, uint64_t object)
{
	int32_t index = -1;
	if (!op->has_point || op->value.type == VALUE_NONE || op->value.type == VALUE_TEXT)
		return -1;
	struct point *p = out_point(s->tools->out, &index);
	const struct flow_end *server = &t->flow->end[!t->client];
	*p = (struct point){ .server = server->address, .port = server->port,
		.object = object,
		.unit = op->unit, .address = op->address, .count = op->count,
		.type = op->value.type, .forgets = op->value.count == 0,
		.values_at = (uint32_t)s->tools->out->values.len,
		.values_len = (uint32_t)op->value.bytes.len };
	text_put(&s->tools->out->values, op->value.bytes.at, op->value.bytes.len);
	return index;
}

/* A poll that brings what it brought a moment ago, with nothing written since, is not told. */
static bool is_old_news(struct shard *s, const struct transaction *t,
	const struct operation *op, uint64_t object)
{
	const struct flow_end *server = &t->flow->end[!t->client];
	struct { struct address a; uint64_t object, address, unit, port, count; } key = {
		server->address, object, op->address, op->unit, server->port,
		op->count };
	uint64_t range = hash_fast(&key, sizeof(key), 0);
	uint64_t value = hash_fast(op->value.bytes.at, op->value.bytes.len, s->writes);
	unsigned i = range % TOLD;
	if (s->polls[i].range == range && s->polls[i].value == value &&
		s->now_ns < s->polls[i].time_ns + AGAIN_NS)
		return true;
	s->polls[i].range = range;
	s->polls[i].value = value;
	s->polls[i].time_ns = s->now_ns;
	return false;
}

static void learn(struct shard *s, const struct transaction *t, const struct operation *op,
	int32_t point)
{
	if (op->outcome != OUTCOME_ACCEPTED || !op->has_point ||
		(!is_change(op) && op->verb != VERB_READ) || op->value.type == VALUE_NONE)
		return;
	uint64_t object = hash_name(op->object);
	if (is_change(op))
		s->writes++;
	else if (is_old_news(s, t, op, object))
		return;
	if (point < 0)
		point = point_of(s, t, op, object);
	if (point >= 0)
		record(s, RECORD_POINT)->point = point;
}

static void sight(struct shard *s, const struct transaction *t, bool server)
{
	const struct flow_end *end = &t->flow->end[server ? !t->client : t->client];
	struct { struct address a; uint64_t protocol, port; } key = { end->address,
		hash_name(t->dissector->name), server ? end->port : 0 };
	if (is_told(s, hash_fast(&key, sizeof(key), server)) && !t->identity)
		return;
	struct record *r = record(s, RECORD_ASSET);
	struct sighting *g = out_sighting(s->tools->out, &r->detail);
	const struct origin *o = transaction_origin(t);
	*g = (struct sighting){ .asset = { .address = end->address,
		.role = server ? "server" : "client", .protocol = t->dissector->name,
		.port = server ? end->port : 0, .time_ns = o->time_ns, .number = o->number } };
	const uint8_t *mac = (t->response != NULL) == server ? o->src_mac : o->dst_mac;
	g->asset.has_mac = o->has_macs;
	memcpy(g->asset.mac, mac, sizeof(g->asset.mac));
	for (unsigned i = 0; server && t->identity && i < IDENTITY_COUNT; i++) {
		g->asset.identity[i].len = t->identity[i].len;
		g->identity_at[i] = (uint32_t)s->tools->out->values.len;
		text_put(&s->tools->out->values, t->identity[i].at, t->identity[i].len);
	}
}

/* The ends of a flow are reported once, and a server whenever it says what it is. */
static void sight_ends(struct shard *s, const struct transaction *t)
{
	if (!t->flow->is_sighted || t->identity)
		sight(s, t, true);
	if (!t->flow->is_sighted && t->request)
		sight(s, t, false);
	t->flow->is_sighted |= t->request != NULL;
}

/* ---- what the layers below tell ---- */

static void on_request(void *context, struct transaction *t)
{
	struct shard *s = context;
	detect_transaction(s->tools->detector, t, false);
}

static void log_transaction(struct shard *s, const struct transaction *t, int32_t point)
{
	struct record *r = record(s, RECORD_LINE);
	size_t at = s->tools->out->text.len;
	size_t splice = eve_transaction(s->tools->eve, t, &s->tools->out->text);
	end_line(s, r, at, splice);
	r->point = splice ? point : -1;
}

static void on_finished(void *context, struct transaction *t)
{
	struct shard *s = context;
	const struct operation *shown = eve_operation(t);
	s->silent_until_ns = s->now_ns + AGAIN_NS;
	detect_transaction(s->tools->detector, t, true);
	bool logged = s->config->event_protocols >> dissector_index(t->dissector) & 1;
	int32_t point = -1;
	if (shown && is_change(shown) && (logged || t->hits || shown->outcome == OUTCOME_ACCEPTED))
		point = point_of(s, t, shown, hash_name(shown->object));
	if (logged) {
		s->silent_until_ns = 0;
		log_transaction(s, t, point);
	}
	alert_transaction(s, t, point);
	message_anomalies(s, t, t->request, false);
	message_anomalies(s, t, t->response, true);
	for (unsigned i = 0; i < t->operation_count; i++)
		learn(s, t, &t->operations[i], &t->operations[i] == shown ? point : -1);
	if (t->response && !t->client_guessed)
		sight_ends(s, t);
	t->silent_until_ns = t->flow->is_sighted && !t->identity ? s->silent_until_ns : 0;
}

static void on_repeated(void *context, struct flow *f, const struct operation *op,
	const struct origin *origin)
{
	struct transaction t = { .flow = f, .client = f->client };
	(void)origin;
	learn(context, &t, op, -1);
}

static void on_released(void *context, struct transaction *t)
{
	struct shard *s = context;
	detect_release(s->tools->detector, t);
}

static void on_session_event(void *context, struct flow *f, const struct dissector *dissector,
	unsigned end, enum session_event event, const struct origin *origin)
{
	struct shard *s = context;
	const struct rule *rules[HITS_MAX];
	if (s->wants_events)
		alert_packets(s, f, end, NULL, origin, rules,
			detect_session_event(s->tools->detector, f, end, dissector, event, rules,
				HITS_MAX));
	anomaly(s, "applayer", session_events[event].name, "proto_parser", f, end, NULL, origin);
}

static void on_unclaimed(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	struct shard *s = context;
	const struct rule *rules[HITS_MAX];
	if (s->wants_unclaimed)
		alert_packets(s, f, end, NULL, origin, rules,
			detect_unclaimed(s->tools->detector, f, end, data, rules, HITS_MAX));
}

static void on_data(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	struct shard *s = context;
	session_data(s->sessions, f, end, data, origin);
}

static void on_gap(void *context, struct flow *f, unsigned end, uint64_t len,
	const struct origin *origin)
{
	struct shard *s = context;
	session_gap(s->sessions, f, end, len, origin);
}

static void on_stream_event(void *context, struct flow *f, unsigned end,
	enum stream_event event, const struct origin *origin)
{
	struct shard *s = context;
	const struct rule *rules[HITS_MAX];
	s->stream_events++;
	if (s->wants_events)
		alert_packets(s, f, end, NULL, origin, rules,
			detect_stream_event(s->tools->detector, f, end, event, rules, HITS_MAX));
	anomaly(s, "stream", stream_events[event].name, NULL, f, end, NULL, origin);
}

static void on_flow_released(void *context, struct flow *f)
{
	struct shard *s = context;
	stream_end(s->streams, f);
	session_end(s->sessions, f);
	detect_flow_release(s->tools->detector, f);
	eve_flow_release(f);
}

/* ---- the shard ---- */

struct shard *shard_new(const struct config *config, const struct ruleset *rules,
	unsigned index, const struct hash_key *key, struct tools *tools)
{
	static const struct stream_sink stream_sink = { on_data, on_gap, on_stream_event };
	static const struct session_sink session_sink = { on_request, on_finished,
		on_session_event, on_unclaimed, on_repeated, on_released };
	struct flow_config flow_config = { .flows = (config->flows + SHARDS - 1) / SHARDS,
		.tcp_timeout_s = config->tcp_timeout_s, .udp_timeout_s = config->udp_timeout_s,
		.closed_timeout_s = config->closed_timeout_s,
		.server_ports = shard_server_ports() };
	struct session_config session_config = {
		.outcome_wait_ns = (uint64_t)config->outcome_wait_ms * 1000000,
		.memory = config->session_memory / SHARDS, .repeats = config->repeats,
		.disabled = config->disabled };
	struct shard *s = mem_new(sizeof(*s));
	s->index = index;
	s->config = config;
	s->tools = tools;
	s->flows = flow_table_new(&flow_config, key, on_flow_released, s);
	s->streams = streams_new(config->stream_memory / SHARDS, &stream_sink, s);
	s->sessions = sessions_new(&session_config, &session_sink, s);
	s->wants_packets = ruleset_wants_packets(rules);
	s->wants_unclaimed = ruleset_wants_unclaimed(rules);
	s->wants_events = ruleset_wants_events(rules);
	return s;
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
				anomaly(s, "decode", decode_events[i].name, NULL, NULL, 0, p,
					NULL);
}

static void match_packet(struct shard *s, const struct flow *f, unsigned from,
	const struct packet *p)
{
	const struct rule *rules[HITS_MAX];
	if (s->wants_packets)
		alert_packets(s, f, from, p, NULL, rules,
			detect_packet(s->tools->detector, f, from, p, rules, HITS_MAX));
}

static void datagram(struct shard *s, struct flow *f, unsigned from, const struct packet *p)
{
	struct origin origin = origin_of(p);
	session_datagram(s->sessions, f, from, p->payload,
		p->payload_wire - (uint32_t)p->payload.len, &origin);
}

void shard_prefetch(const struct shard *s, const struct packet *p, unsigned step)
{
	const struct flow *f = flow_prefetch(s->flows, p, step);
	if (f)
		session_prefetch(f, step);
}

void shard_packet(struct shard *s, const struct packet *p)
{
	enter(s, p->number, p->time_ns, true);
	if (p->events)
		decode_anomalies(s, p);
	if (!p->ip_version || p->is_fragment) {
		match_packet(s, NULL, 0, p);
		return;
	}
	unsigned from;
	struct flow *f = flow_find(s->flows, p, &from);
	bool is_copy = flow_is_copy(s->flows, f, from, p) && !s->config->keep_duplicates;
	s->duplicates += is_copy;
	if (!is_copy)
		match_packet(s, f, from, p);
	if (!p->has_ports)
		return;
	session_advance(s->sessions, p->time_ns);
	if (p->proto == PROTO_TCP)
		stream_segment(s->streams, f, from, p);
	else if (p->proto == PROTO_UDP && !is_copy)
		datagram(s, f, from, p);
}

void shard_advance(struct shard *s, uint64_t now_ns, uint64_t number)
{
	enter(s, number, now_ns, false);
	streams_advance(s->streams, now_ns);
	session_advance(s->sessions, now_ns);
	flow_expire(s->flows, now_ns);
}

void shard_finish(struct shard *s)
{
	enter(s, UINT64_MAX, s->now_ns, false);
	if (!s->flows)
		return;
	s->flow_totals = *flow_counters(s->flows);
	flow_table_free(s->flows);
	s->flows = NULL;
}

void shard_free(struct shard *s)
{
	shard_finish(s);
	streams_free(s->streams);
	sessions_free(s->sessions);
	free(s);
}

/* Counter structs hold uint64_t only. */
static void add_all(void *to, const void *from, size_t size)
{
	uint64_t *sum = to;
	const uint64_t *part = from;
	for (size_t i = 0; i < size / sizeof(*sum); i++)
		sum[i] += part[i];
}

void shard_count(const struct shard *s, struct engine_totals *t)
{
	const struct flow_counters *flows = s->flows ? flow_counters(s->flows) : &s->flow_totals;
	add_all(&t->sessions, sessions_counters(s->sessions), sizeof(t->sessions));
	add_all(&t->streams, streams_counters(s->streams), sizeof(t->streams));
	t->flows.created += flows->created;
	t->flows.expired += flows->expired;
	t->flows.shed += flows->shed;
	t->duplicates += s->duplicates;
	t->stream_events += s->stream_events;
}
