/* Alerts. A line that is too long is written again with less of its variable parts. */
#include "output/eve_event.h"

/* What exceeds the first could not fit in a line whatever else is left out. */
static const struct eve_limits levels[] = {
	{ { EVE_ALERT_MAX / 2, EVE_ALERT_MAX }, 4096, false },
	{ { 512, 4096 }, 2048, false },
	{ { 128, 1024 }, 1024, false },
	{ { 32, 256 }, 256, false },
	{ { 8, 64 }, 64, false },
	{ { 1, 16 }, 0, false },
	{ { 0, 0 }, 0, true },
};
enum { LEVELS = sizeof(levels) / sizeof(*levels), WHY_MAX = 4096, PAYLOAD_MAX = 4096 };

struct alert {
	const struct rule *rule;
	const struct rule_text *text;
	const struct transaction *t; /* NULL: on a packet, bytes or a stream */
	const struct operation *operation; /* of it; NULL: none */
	const struct eve_subject *subject;
	struct eve_event event;
	const struct message *shown; /* its bytes are the payload; NULL: there is none */
};

static void append(struct text *out, const struct text *t)
{
	if (t->len)
		text_put(out, t->at, t->len);
}

/* ---- what an alert is on ---- */

enum { GAP_NEAR_S = 10, SECOND_NS = 1000000000 };

static void look_for_losses(const struct eve *e, struct eve_subject *s, uint64_t now_ns)
{
	struct session_health h = { 0 };
	if (s->flow)
		h = session_health(s->flow);
	bool is_near = h.gap_ns && now_ns < h.gap_ns + (uint64_t)GAP_NEAR_S * SECOND_NS;
	s->gaps = is_near ? h.gaps : 0;
	s->lost_packets = e->lost_packets;
	s->lost_s = e->lost_packets ? e->lost_s : is_near ? GAP_NEAR_S : 0;
}

struct eve_subject eve_on_transaction(const struct eve *e, const struct transaction *t)
{
	struct eve_subject s = { .transaction = t, .flow = t->flow };
	look_for_losses(e, &s, transaction_origin(t)->time_ns);
	return s;
}

struct eve_subject eve_on_packet(const struct eve *e, const struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin)
{
	struct eve_subject s = { .flow = f, .from = from, .packet = p, .origin = origin,
		.dissector = f ? session_dissector(f) : NULL };
	look_for_losses(e, &s, origin ? origin->time_ns : p ? p->time_ns : f->last_ns);
	return s;
}

/* ---- alert{} ---- */

static void put_side(
	struct text *out, const char *key, const struct end *end, uint8_t proto)
{
	text_lit(out, ",\"");
	text_str(out, key);
	text_lit(out, "\":{\"ip\":");
	json_address(out, end->address);
	if (proto_has_ports(proto))
		put_member(out, "port", end->port);
	text_char(out, '}');
}

/* What was done the client did, though only its answer was seen. */
static bool is_rule_src(const struct alert *a)
{
	const struct eve_event *v = &a->event;
	bool is_client = v->from == v->client;
	if (!v->flow)
		return true;
	if (a->rule->flow & FLOW_TO_CLIENT)
		return !is_client;
	return is_client || !((a->rule->flow & FLOW_TO_SERVER) || rule_asks_operation(a->rule, 0));
}

/* Who attacks whom, where the rule says which side is the target. */
static void put_target(const struct alert *a, struct text *out)
{
	const struct eve_event *v = &a->event;
	if (a->rule->target == TARGET_NONE || !v->ip_version)
		return;
	bool target_is_src = (a->rule->target == TARGET_SRC) == is_rule_src(a);
	put_side(out, "source", target_is_src ? &v->dst : &v->src, v->proto);
	put_side(out, "target", target_is_src ? &v->src : &v->dst, v->proto);
}

static bool put_alert(const struct eve *e, const struct alert *a, const struct eve_limits *l,
	struct text *out)
{
	text_str(out, eve_is_blocked(e, a->rule, a->t) ? ",\"alert\":{\"action\":\"blocked\","
		: ",\"alert\":{\"action\":\"allowed\",");
	append(out, &a->text->what);
	put_target(a, out);
	if (!l->is_bare)
		append(out, &a->text->more);
	text_char(out, '}');
	return !a->text->is_cut && !l->is_bare;
}

/* ---- what stands beside it ---- */

static bool put_body(struct eve *e, const struct alert *a, const struct eve_limits *l,
	struct text *out)
{
	if (!a->t || l->is_bare)
		return !a->t;
	return eve_halves(e, a->t, l->tape, out);
}

static void mask(uint8_t *room, size_t len, const struct message *m)
{
	for (unsigned i = 0; i < m->secret_count; i++) {
		size_t at = m->secrets[i].at, end = at + m->secrets[i].len;
		if (at < len)
			memset(room + at, '*', (end < len ? end : len) - at);
	}
}

static void put_printable(struct bytes b, struct text *out)
{
	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = b.at[i];
		if (c == '"' || c == '\\')
			text_char(out, '\\');
		if (c == '\n' || c == '\r')
			text_str(out, c == '\n' ? "\\n" : "\\r");
		else
			text_char(out, c >= 0x20 && c < 0x7f ? (char)c : '.');
	}
}

/* The message's bytes, with stars for what is secret in it. Only of whole messages: nobody knows
 * where the passwords stand in what no dissector read. */
static bool put_payload(
	const struct alert *a, const struct eve_limits *l, struct text *out)
{
	uint8_t room[PAYLOAD_MAX];
	const struct message *m = a->shown;
	if (!m || m->is_secret || m->is_cut || m->raw.len == 0)
		return !m || (!m->is_secret && !m->is_cut);
	size_t most = l->payload < PAYLOAD_MAX ? l->payload : PAYLOAD_MAX;
	struct bytes b = { room, m->raw.len < most ? m->raw.len : most };
	memcpy(room, m->raw.at, b.len);
	mask(room, b.len, m);
	if (b.len) {
		text_lit(out, ",\"payload\":\"");
		text_base64(out, b);
		text_lit(out, "\",\"payload_printable\":\"");
		put_printable(b, out);
		text_char(out, '"');
	}
	return b.len == m->raw.len;
}

/* ---- ot{} ---- */

static void put_alert_uid(const struct eve *e, const struct alert *a, struct text *out)
{
	const struct eve_event *v = &a->event;
	uint64_t sid = (uint64_t)a->rule->gid << 32 | a->rule->sid;
	eve_uid(e, v->flow ? v->flow->id : 0, a->t ? a->t->id + 1 : 0, sid,
		v->origin->number, out);
}

static bool put_why(const struct eve *e, const struct alert *a,
	const struct eve_limits *l, struct text *out)
{
	if (!a->t || e->why.len <= 2)
		return true;
	if (l->is_bare || e->why.len > WHY_MAX)
		return false;
	text_lit(out, ",\"why\":");
	append(out, &e->why);
	return true;
}

static void put_seen(const struct alert *a, struct text *out)
{
	if (a->t) {
		text_char(out, ',');
		eve_packets(a->t, out);
	} else if (a->event.origin->number) {
		text_lit(out, ",\"packets\":[");
		text_uint(out, a->event.origin->number);
		text_char(out, ']');
	}
}

/* What was lost near the alert: it may not tell the whole story. */
static void put_capture(const struct eve_subject *s, struct text *out)
{
	if (!s->lost_s)
		return;
	text_lit(out, ",\"capture\":{\"drops\":");
	text_uint(out, s->lost_packets);
	put_member(out, "gaps", s->gaps);
	put_member(out, "window_s", s->lost_s);
	text_char(out, '}');
}

static void put_ot(struct eve *e, const struct alert *a,
	const struct eve_limits *l, struct text *out, bool *is_whole)
{
	text_lit(out, ",\"ot\":{\"schema\":\"ironspan.alert/1\",");
	put_alert_uid(e, a, out);
	if (a->t && a->t->operation_count && !l->is_bare) {
		text_char(out, ',');
		eve_operations(e, a->t, a->operation, l->tape, out, is_whole);
	}
	eve_user(a->event.flow, out);
	append(out, &a->text->attack);
	*is_whole &= put_why(e, a, l, out);
	put_seen(a, out);
	text_str(out, a->t ? ",\"domain\":\"control\"" : ",\"domain\":\"network\"");
	eve_sensor(e, out);
	put_capture(a->subject, out);
	if (a->t)
		eve_doubts(a->t, out);
	if (!*is_whole)
		text_lit(out, ",\"truncated\":true");
	text_char(out, '}');
}

/* ---- the line ---- */

static void write_alert(struct eve *e, struct alert *a, const struct eve_limits *l,
	struct text *out)
{
	event_begin(e, &a->event, out);
	bool is_whole = put_alert(e, a, l, out);
	eve_verdict(e, a->rule, a->t, &a->event, out);
	is_whole &= put_body(e, a, l, out);
	if (a->event.flow)
		event_flow(&a->event, out);
	is_whole &= put_payload(a, l, out);
	put_ot(e, a, l, out, &is_whole);
	event_end(out);
}

/* The first level whose line fits. */
static void write_fitting(struct eve *e, struct alert *a, struct text *out)
{
	size_t begin = out->len;
	a->text = eve_rule_text(e, a->rule);
	for (unsigned i = 0;; i++) {
		write_alert(e, a, &levels[i], out);
		size_t len = out->len - begin + (e->config.evidence ? EVE_EVIDENCE_MAX : 0);
		if (len <= EVE_ALERT_MAX || i == LEVELS - 1)
			return;
		out->len = begin;
	}
}

static void alert_transaction(struct eve *e, struct detector *detector, struct alert *a,
	struct text *out)
{
	struct transaction whole;
	const struct transaction *t =
		transaction_expanded(a->subject->transaction, &whole, e->expanded);
	a->t = t;
	a->operation = detect_operation(detector, a->rule, t);
	event_of_transaction(e, &a->event, "alert", t, !t->request);
	if (e->config.payload)
		a->shown = t->request ? t->request : t->response;
	text_clear(&e->why);
	if (detector)
		detect_why(detector, a->rule, t, &e->why);
	write_fitting(e, a, out);
}

void eve_alert(struct eve *e, struct detector *detector, const struct rule *r,
	const struct eve_subject *s, struct text *out)
{
	struct alert a = { .rule = r, .subject = s };
	if (s->transaction) {
		alert_transaction(e, detector, &a, out);
		return;
	}
	event_of_packet(&a.event, "alert", s->flow, s->from, s->packet, s->origin);
	a.event.dissector = s->dissector;
	write_fitting(e, &a, out);
}
