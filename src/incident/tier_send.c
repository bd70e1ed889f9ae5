/* A node of the tiers: what it sends. */
#include <stdio.h>
#include <stdlib.h>

#include "incident/document_take.h"
#include "incident/tier_state.h"

#define NS 1000000000ull

/* Reports about grave incidents and red warnings first, statistics last. */
static unsigned lane_of(const char *type, const json_t *body)
{
	const json_t *grade = json_object_get(json_object_get(body, "grade"), "confirmed");
	json_int_t level = json_integer_value(json_object_get(grade, "level"));

	if (strcmp(type, "notice") == 0)
		return take_word(body, "level", "red") ? 0 : 1;
	if (strcmp(type, "report") == 0)
		return take_word(body, "kind", "first") ? 0 : 1;
	if (strcmp(type, "incident") == 0)
		return level == 1 || level == 2 ? 0 : 1;
	return strcmp(type, "stats") == 0 ? 3 : 2;
}

/* NULL: it may leave. */
static const char *check(const struct tier *t, const struct tier_letter *l)
{
	const char *unreal = envelope_is_unreal(l->type, l->body);

	if (!envelope_type_exists(l->type))
		return "no such type of envelope";
	if (!tier_peer(t, l->to))
		return "not a peer of this node";
	if (unreal && !t->is_exercise)
		return unreal;
	return envelope_is_unapproved(l->type, l->body);
}

static json_t *told(const struct envelope_head *h)
{
	return json_pack("{ss ss ss sI ss}", "envelope", h->uid, "type", h->type, "to", h->to.node,
		"seq", (json_int_t)h->seq, "body_sha256", h->body_sha256);
}

static bool put(struct tier_work *w, const struct tier_letter *l, uint64_t now_ns,
	char uid[ENVELOPE_UID], const char **why)
{
	struct tier *t = w->t;
	struct envelope_head h = { .lane = l->lane < 0 ? lane_of(l->type, l->body) :
			(unsigned)l->lane, .from = t->self, .to = *tier_peer(t, l->to),
		.created_ns = now_ns, .is_exercise = t->is_exercise };

	h.expires_ns = now_ns + (l->lives_s ? l->lives_s : TIER_EXPIRES_S) * NS;
	snprintf(h.type, sizeof(h.type), "%s", l->type);
	if (l->uid)
		memcpy(h.uid, l->uid, ENVELOPE_UID);
	if (l->uid && outbox_has(&w->out, l->uid)) {
		memcpy(uid, l->uid, ENVELOPE_UID);
		return true;
	}
	if (!outbox_put(&w->out, &h, l->body, &t->key, why))
		return false;
	memcpy(uid, h.uid, ENVELOPE_UID);
	return tier_note(w, now_ns, l->by, "envelope.send", told(&h));
}

bool tier_send(struct tier *t, const struct tier_letter *letter, uint64_t now_ns,
	char uid[ENVELOPE_UID], const char **why)
{
	struct tier_work w;

	*why = check(t, letter);
	if (*why || !tier_begin(&w, t))
		return false;
	bool ok = put(&w, letter, now_ns, uid, why);
	tier_end(&w);
	return ok;
}

/* ---- what becomes of it ---- */

static bool is_expired(const char *path, uint64_t now_ns)
{
	json_t *doc = tier_load(path);
	uint64_t expires_ns;
	bool expired = take_time(&expires_ns, doc, "expires") && expires_ns <= now_ns;

	json_decref(doc);
	return expired;
}

unsigned tier_expire(struct tier *t, uint64_t now_ns)
{
	struct tier_work w;
	unsigned count, expired = 0;

	if (!tier_begin(&w, t))
		return 0;
	struct outbox_item *items = outbox_list(&w.out, &count);
	for (unsigned i = 0; i < count; i++)
		if (items[i].lane < ENVELOPE_LANES && is_expired(items[i].path, now_ns) &&
			tier_note(&w, now_ns, NULL, "envelope.expire",
				json_pack("{ss}", "envelope", items[i].uid)) &&
			outbox_settle(&w.out, &items[i], true, NULL))
			expired++;
	free(items);
	tier_end(&w);
	return expired;
}

bool tier_sent_one_way(struct tier *t, const struct outbox_item *item, uint64_t now_ns)
{
	struct tier_work w;

	if (!tier_begin(&w, t))
		return false;
	bool ok = tier_note(&w, now_ns, NULL, "envelope.one_way",
			  json_pack("{ss}", "envelope", item->uid)) &&
		outbox_settle(&w.out, item, false, NULL);
	tier_end(&w);
	return ok;
}

void tier_receipt_left(struct tier *t, const struct outbox_item *item)
{
	struct tier_work w;

	if (!tier_begin(&w, t))
		return;
	outbox_settle(&w.out, item, false, NULL);
	tier_end(&w);
}
