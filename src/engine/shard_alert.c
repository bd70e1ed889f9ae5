#include "detect/xbits.h"
#include "engine/shard_state.h"
#include "engine/snapshot.h"

enum { DISTINCT_VALUES = 64 };

/* ---- records ---- */

struct record *shard_record(struct shard *s, enum record_kind kind)
{
	struct record *r = out_record(s->tools->out);
	r->number = s->number;
	r->order = s->order;
	r->kind = kind;
	return r;
}

/* Everything that was appended to the text since `from` is the record's line. */
void shard_end_line(struct shard *s, struct record *r, size_t from)
{
	r->text_at = (uint32_t)from;
	r->text_len = (uint32_t)(s->tools->out->text.len - from);
}

/* ---- alerts ---- */

/* Who the alert is about, in the direction of its line. */
struct direction_of {
	const struct address *src, *dst;
	uint64_t flow_id, time_ns, number;
	uint64_t deed;
	enum outcome outcome;
	uint64_t flow_hash;
	enum order order;
	bool is_back; /* as in struct match */
};

/* `snapshot`: the stage writes the line. */
static struct record *add_match(struct shard *s, const struct rule *rule,
	const struct direction_of *who, uint64_t value, const struct eve_subject *snapshot)
{
	struct record *r = shard_record(s, RECORD_MATCH);
	struct match *m = out_match(s->tools->out, &r->detail);
	*m = (struct match){ .rule = rule, .src = *who->src, .dst = *who->dst,
		.flow_id = who->flow_id, .time_ns = who->time_ns, .number = who->number,
		.flow_hash = who->flow_hash,
		.value = value, .deed = who->deed,
		.outcome = who->outcome, .order = who->order,
		.is_back = who->is_back, .snapshot = snapshot };
	return r;
}

static void alert_at_once(struct shard *s, const struct rule *rule,
	const struct direction_of *who, const struct eve_subject *subject)
{
	s->silent_until_ns = 0;
	struct record *r = add_match(s, rule, who, 0, NULL);
	size_t from = s->tools->out->text.len;
	eve_alert(s->tools->eve, s->tools->detector, rule, subject, &s->tools->out->text);
	shard_end_line(s, r, from);
}

/* What the rules that hit alert on. */
struct alerting {
	struct eve_subject subject;
	const struct eve_subject *snapshot; /* of it; NULL: not taken yet */
};

/* Rules with thresholds or xbits leave the line to the stage, which knows whether it is wanted;
 * those that only mark something have none. One copy does for all of them. */
static const struct eve_subject *snapshot_for(struct shard *s, const struct rule *rule,
	struct alerting *a)
{
	if (rule->noalert)
		return NULL;
	if (!a->snapshot)
		a->snapshot = snapshot_take(&s->tools->out->arena, &a->subject);
	return a->snapshot;
}

/* It would notice that its values are told only once a second. */
static bool has_short_window(const struct rule *rule)
{
	enum { SHORT_S = 10 };
	return rule->filter.seconds && rule->filter.seconds < SHORT_S;
}

/* The values of a `distinct` rule that the stage has not heard of lately. */
static unsigned new_values(struct shard *s, const struct rule *rule,
	const struct direction_of *who, uint64_t *values, unsigned count)
{
	uint64_t key = hash_mix(hash_address(who->src), hash_address(who->dst));
	unsigned kept = 0;
	/* Each match may mark, or stop, something. */
	if (rule->xbit_count || rule_drops(rule) || has_short_window(rule)) {
		s->silent_until_ns = 0;
		return count;
	}
	key = hash_mix(key, rule_identity(rule));
	for (unsigned i = 0; i < count; i++)
		if (!shard_is_told(s, hash_mix(key, values[i])))
			values[kept++] = values[i];
	return kept;
}

static unsigned distinct_of_ends(const struct rule *rule, const struct flow *f, unsigned from,
	const struct packet *p, uint64_t *value)
{
	const struct address *src = f ? &f->end[from].address : &p->src;
	const struct address *dst = f ? &f->end[!from].address : &p->dst;
	switch (rule->filter.distinct_what) {
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

/* What incidents need to look at an alert for, in one number: of a question not what was asked
 * for. Programs have hashes of their own, which tell what belongs together. */
static uint64_t deed_of(struct shard *s, const struct transaction *t,
	const struct operation *op)
{
	if ((!(s->config->events & EVENTS_INCIDENT) && !s->config->store) || !op)
		return 1;
	if (op->verb == VERB_PROGRAM_DOWNLOAD || op->verb == VERB_PROGRAM_UPLOAD ||
		op->verb == VERB_FIRMWARE || op->verb == VERB_FILE)
		return 0;
	uint64_t what = hash_mix((uint64_t)op->verb << 8 | transaction_outcome(t, op), op->unit);
	what = hash_mix(what, hash_fast(op->unit_text.at, op->unit_text.len, 0));
	if (t->flow->user)
		what = hash_mix(what, hash_fast(t->flow->user->name, t->flow->user->len, 0));
	bool is_question = op->verb == VERB_READ || op->verb == VERB_DISCOVER ||
		op->verb == VERB_DIAGNOSE;
	return (is_question ? what
		: hash_mix(hash_mix(shard_place_of(s, t, op), what), op->address)) | 1;
}

static struct direction_of who_of(struct shard *s, const struct transaction *t,
	const struct rule *rule)
{
	const struct flow *f = t->flow;
	unsigned from = t->request ? t->client : !t->client;
	const struct origin *o = transaction_origin(t);
	const struct operation *op = detect_operation(s->tools->detector, rule, t);
	return (struct direction_of){ .src = &f->end[from].address,
		.dst = &f->end[!from].address, .flow_id = f->id, .time_ns = o->time_ns,
		.number = o->number, .deed = deed_of(s, t, op),
		.outcome = transaction_outcome(t, op),
		.order = transaction_order(t, op), .flow_hash = f->hash };
}

static void alert_counted(struct shard *s, struct alerting *a, const struct rule *rule)
{
	const struct transaction *t = a->subject.transaction;
	struct direction_of who = who_of(s, t, rule);
	unsigned source = detect_source(s->tools->detector, rule, t);
	uint64_t values[DISTINCT_VALUES];
	unsigned count = 1;
	values[0] = 0;
	who.is_back = who.src != &t->flow->end[source].address;
	if (rule->filter.type == THRESHOLD_DISTINCT) {
		count = rule->filter.distinct_what == DISTINCT_FIELD
			? detect_distinct(s->tools->detector, rule, t, values, DISTINCT_VALUES)
			: distinct_of_ends(rule, t->flow, source, NULL, values);
		count = new_values(s, rule, &who, values, count);
	} else {
		s->silent_until_ns = 0;
	}
	for (unsigned i = 0; i < count; i++)
		add_match(s, rule, &who, values[i], snapshot_for(s, rule, a));
}

/* Neither an alert nor anything for the stage: it did its work when it matched. */
static bool is_quiet(const struct rule *rule)
{
	return rule->noalert && !rule_leaves_xbits(rule);
}

static void note_alert(struct flow *f, const struct rule *rule)
{
	if (f && !rule->noalert)
		f->has_alerted = true;
}

static void alert_turn(struct shard *s, struct alerting *a, unsigned turn)
{
	const struct transaction *t = a->subject.transaction;
	const struct hits *hits = t->hits;
	for (unsigned i = 0; i < hits->count; i++) {
		const struct rule *rule = hits->rules[i];
		if (xbits_turn(rule) != turn || is_quiet(rule))
			continue;
		note_alert(t->flow, rule);
		if (rule_is_counted(rule)) {
			alert_counted(s, a, rule);
		} else {
			struct direction_of who = who_of(s, t, rule);
			alert_at_once(s, rule, &who, &a->subject);
		}
	}
}

void shard_alert_transaction(struct shard *s, const struct transaction *t)
{
	if (!t->hits)
		return;
	struct alerting a = { eve_on_transaction(s->tools->eve, t), NULL };
	for (unsigned turn = 0; turn < XBIT_TURNS; turn++)
		alert_turn(s, &a, turn);
}

static void alert_packet(struct shard *s, struct alerting *a, const struct rule *rule)
{
	const struct flow *f = a->subject.flow;
	const struct packet *p = a->subject.packet;
	const struct origin *origin = p ? &p->origin : a->subject.origin;
	unsigned from = a->subject.from;
	struct direction_of who = { .src = f ? &f->end[from].address : &p->src,
		.dst = f ? &f->end[!from].address : &p->dst, .flow_id = f ? f->id : 0,
		.time_ns = origin->time_ns, .number = origin->number, .deed = 1,
		.flow_hash = f ? f->hash : 0 };
	uint64_t value = 0;
	if (is_quiet(rule))
		return;
	if (rule->filter.type == THRESHOLD_DISTINCT &&
		new_values(s, rule, &who, &value, distinct_of_ends(rule, f, from, p, &value)) == 0)
		return;
	if (rule_is_counted(rule))
		add_match(s, rule, &who, value, snapshot_for(s, rule, a));
	else
		alert_at_once(s, rule, &who, &a->subject);
}

void shard_alert_packets(struct shard *s, struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin, const struct rule **rules,
	unsigned count)
{
	if (!count)
		return;
	if (s->tools->inline_mode)
		shard_judge(s, f, p ? BLOCK_ALL : BLOCK_DATA, rules, count);
	struct alerting a = { eve_on_packet(s->tools->eve, f, from, p, origin), NULL };
	for (unsigned turn = 0; turn < XBIT_TURNS; turn++)
		for (unsigned i = 0; i < count; i++)
			if (xbits_turn(rules[i]) == turn) {
				note_alert(f, rules[i]);
				alert_packet(s, &a, rules[i]);
			}
}

/* ---- anomalies ---- */

void shard_anomaly(struct shard *s, const char *type, const char *event, const char *layer,
	const struct flow *f, unsigned from, const struct packet *p, const struct origin *o)
{
	if (!(s->config->events & EVENTS_ANOMALY))
		return;
	struct record *r = shard_record(s, RECORD_LINE);
	size_t at = s->tools->out->text.len;
	eve_anomaly(s->tools->eve, type, event, layer, f, from, p, o, &s->tools->out->text);
	shard_end_line(s, r, at);
}

void shard_message_anomalies(struct shard *s, const struct transaction *t,
	const struct message *m, bool on_response)
{
	if (!m || !m->events || !(s->config->events & EVENTS_ANOMALY))
		return;
	for (unsigned i = 0; i < t->dissector->event_count; i++)
		if (m->events >> i & 1) {
			struct record *r = shard_record(s, RECORD_LINE);
			size_t at = s->tools->out->text.len;
			eve_anomaly_message(s->tools->eve, t, t->dissector->events[i].name,
				on_response, &s->tools->out->text);
			shard_end_line(s, r, at);
		}
}
