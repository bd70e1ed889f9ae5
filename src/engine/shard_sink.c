/* What the layers below a shard tell it, and what becomes of it. */
#include "engine/shard_state.h"

static void on_request(void *context, struct transaction *t)
{
	struct shard *s = context;
	unsigned added = detect_transaction(s->tools->detector, t, false);
	if (s->tools->inline_mode)
		shard_judge_transaction(s, t, added);
}

static void log_event(struct shard *s, const struct transaction *t)
{
	struct record *r = shard_record(s, RECORD_LINE);
	size_t at = s->tools->out->text.len;
	eve_transaction(s->tools->eve, t, &s->tools->out->text);
	shard_end_line(s, r, at);
}

/* Where an event holds one message each, what was done stands with the request. */
static void log_transaction(struct shard *s, const struct transaction *t)
{
	if (!t->dissector->is_flat || !t->request || !t->response) {
		log_event(s, t);
		return;
	}
	struct transaction half = *t;
	half.response = NULL;
	log_event(s, &half);
	half = *t;
	half.request = NULL;
	half.operation_count = half.operations_left_out = 0;
	log_event(s, &half);
}

/* What only looks, or comes before what is done. */
static bool is_looking(const struct operation *op)
{
	static const uint64_t verbs = 1 << VERB_NONE | 1 << VERB_READ | 1 << VERB_PROGRAM_UPLOAD |
		1 << VERB_LOGIN | 1 << VERB_DISCOVER | 1 << VERB_DIAGNOSE | 1 << VERB_SESSION |
		1 << VERB_SUBSCRIBE;
	return verbs >> op->verb & 1;
}

/* For the store of incidents: all that changed, or tried to change, something. Even what
 * repeats itself. */
static void keep_operations(struct shard *s, const struct transaction *t)
{
	unsigned i = 0;
	while (i < t->operation_count && is_looking(&t->operations[i]))
		i++;
	if (i == t->operation_count)
		return;
	s->silent_until_ns = 0;
	struct record *r = shard_record(s, RECORD_OPERATIONS);
	size_t at = s->tools->out->text.len;
	eve_transaction(s->tools->eve, t, &s->tools->out->text);
	shard_end_line(s, r, at);
}

/* What a transaction that only reads means is worked out where somebody will look at it. */
static unsigned detect_finished(struct shard *s, struct transaction *t, bool logged)
{
	struct detector *d = s->tools->detector;
	if (t->is_unread && (logged || detect_looks_at_reads(d, t)))
		session_understand(s->sessions, t);
	shard_look_back(s, t);
	unsigned added = detect_transaction(d, t, true);
	if (t->is_unread && t->hits)
		session_understand(s->sessions, t);
	return added;
}

static void on_finished(void *context, struct transaction *t)
{
	struct shard *s = context;
	s->silent_until_ns = s->now_ns + SHARD_SILENT_NS;
	bool logged = s->config->event_protocols >> t->protocol & 1;
	unsigned added = detect_finished(s, t, logged);
	if (added && s->tools->inline_mode)
		shard_judge_transaction(s, t, added);
	if (logged)
		log_transaction(s, t);
	if (s->config->store)
		keep_operations(s, t);
	shard_alert_transaction(s, t);
	shard_message_anomalies(s, t, t->request, false);
	shard_message_anomalies(s, t, t->response, true);
	shard_learn(s, t);
	if (t->response && !t->client_guessed)
		shard_sight_ends(s, t);
	if (t->response && t->client == t->flow->client)
		shard_answered(s, &t->flow->end[!t->client]);
	else if (t->outcome == OUTCOME_NO_REPLY && t->client == t->flow->client)
		shard_unanswered(s, t);
	bool is_silent = t->flow->is_sighted && !t->identity && !t->sees_change;
	t->silent_until_ns = is_silent ? s->silent_until_ns : 0;
}

static void on_remembered(void *context, const struct transaction *t, struct repeat_memo *memos)
{
	shard_remember(context, t, memos);
}

static bool on_again(void *context, const struct transaction *t, const struct repeat_news *news)
{
	struct shard *s = context;
	size_t at = s->tools->out->text.len;
	if (!eve_again(s->tools->eve, t, news, &s->tools->out->text))
		return false;
	shard_end_line(s, shard_record(s, RECORD_LINE), at);
	return true;
}

static void on_repeated(void *context, struct flow *f, const struct repeat_news *news,
	const struct transaction *t)
{
	struct shard *s = context;
	if (t) {
		struct record *r = shard_record(s, RECORD_LINE);
		size_t at = s->tools->out->text.len;
		eve_repeated(s->tools->eve, t, news, &s->tools->out->text);
		shard_end_line(s, r, at);
	}
	shard_learn_repeated(s, news);
	shard_answered(s, &f->end[!f->client]);
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
	const struct rule *rules[DETECT_ALERTS_MAX];
	if (s->wants_events && !detect_passed(s->tools->detector, origin->number))
		shard_alert_packets(s, f, end, NULL, origin, rules,
			detect_session_event(s->tools->detector, f, end, dissector, event, rules,
				DETECT_ALERTS_MAX));
	shard_anomaly(s, "applayer", session_events[event].name, "proto_parser", f, end, NULL,
		origin);
}

static void on_unclaimed(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	struct shard *s = context;
	const struct rule *rules[DETECT_ALERTS_MAX];
	if (s->wants_unclaimed && !detect_passed(s->tools->detector, origin->number))
		shard_alert_packets(s, f, end, NULL, origin, rules,
			detect_unclaimed_stream(s->tools->detector, s->tails, f, end, data,
				rules, DETECT_ALERTS_MAX));
}

const struct session_sink shard_session_sink = { on_request, on_finished,
	on_session_event, on_unclaimed, on_remembered, on_repeated, on_released, on_again };

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
	tails_gap(s->tails, f, end);
}

static void on_stream_event(void *context, struct flow *f, unsigned end,
	enum stream_event event, const struct origin *origin)
{
	struct shard *s = context;
	const struct rule *rules[DETECT_ALERTS_MAX];
	s->stream_events++;
	if (s->wants_events && !detect_passed(s->tools->detector, origin->number))
		shard_alert_packets(s, f, end, NULL, origin, rules,
			detect_stream_event(s->tools->detector, f, end, event, rules,
				DETECT_ALERTS_MAX));
	shard_anomaly(s, "stream", stream_events[event].name, NULL, f, end, NULL, origin);
}

const struct stream_sink shard_stream_sink = { on_data, on_gap, on_stream_event };

void shard_on_flow_released(void *context, struct flow *f)
{
	struct shard *s = context;
	s->tools->released++;
	stream_settle(s->streams, f);
	session_settle(s->sessions, f);
	stream_end(s->streams, f);
	shard_end_flow(s, f);
	session_end(s->sessions, f);
	detect_flow_release(s->tools->detector, f);
	eve_flow_release(f);
}
