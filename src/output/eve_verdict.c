/* verdict{}: what became of the packet that an inline alert is about, as Suricata says
 * it. */
#include "output/eve_event.h"

/* The transaction's request was dropped, whichever rule did it, or the packet's flow. */
static bool is_blocked(const struct eve *e, const struct transaction *t,
	const struct eve_event *v)
{
	if (t)
		return t->is_blocked || t->outcome == OUTCOME_BLOCKED;
	return e->config.inline_mode == INLINE_ON && v->flow && v->flow->block;
}

bool eve_is_blocked(const struct eve *e, const struct rule *r,
	const struct transaction *t)
{
	return (e->config.inline_mode == INLINE_ON && rule_drops(r)) ||
		(t && is_blocked(e, t, NULL));
}

/* Whether the client sent the packet that completed the match. */
static bool is_of_client(const struct eve *e, const struct rule *r,
	const struct transaction *t, const struct eve_event *v)
{
	if (!t)
		return !v->flow || v->from == v->client;
	if (e->config.inline_mode == INLINE_DRY && t->request)
		return !(r->flow & FLOW_TO_CLIENT); /* the request went on, and has its answer */
	return !t->response;
}

/* Whom a reset or an ICMP error tells; NULL: nobody. ICMP goes to senders only. */
static const char *target(const struct eve *e, const struct rule *r,
	const struct transaction *t, const struct eve_event *v)
{
	bool to_client = is_of_client(e, r, t, v), is_tcp = v->proto == PROTO_TCP;

	switch (r->action) {
	case ACTION_REJECTBOTH:
		if (is_tcp)
			return "both";
		break;
	case ACTION_REJECT:
	case ACTION_REJECTSRC:
		break;
	case ACTION_REJECTDST:
		if (!is_tcp)
			return NULL;
		to_client = !to_client;
		break;
	default:
		return NULL;
	}
	return to_client ? "to_client" : "to_server";
}

static void put_reject(const char *whom, bool is_tcp, struct text *out)
{
	text_lit(out, ",\"reject-target\":\"");
	text_str(out, whom);
	text_str(out, is_tcp ? "\",\"reject\":[\"tcp-reset\"]" :
		"\",\"reject\":[\"icmp-prohib\"]");
}

void eve_verdict(const struct eve *e, const struct rule *r, const struct transaction *t,
	const struct eve_event *v, struct text *out)
{
	if (e->config.inline_mode == INLINE_OFF)
		return;
	bool drops = rule_drops(r);
	const char *whom = drops ? target(e, r, t, v) : NULL;
	text_str(out, drops || is_blocked(e, t, v) ? ",\"verdict\":{\"action\":\"drop\""
		: ",\"verdict\":{\"action\":\"alert\"");
	if (whom)
		put_reject(whom, v->proto == PROTO_TCP, out);
	if (e->config.inline_mode == INLINE_DRY)
		text_lit(out, ",\"dry_run\":true");
	text_char(out, '}');
}
