/* A node of the tiers: what comes in. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "incident/document_take.h"
#include "incident/tier_checkpoint.h"
#include "incident/tier_state.h"

struct incoming {
	struct tier_work *w;
	struct tier_incoming *in;
	const json_t *doc;
	uint64_t now_ns;
	char *cosignature; /* of a checkpoint that was witnessed */
};

static void end_with(struct tier_incoming *in, enum tier_outcome outcome, const char *why)
{
	in->outcome = outcome;
	snprintf(in->why, sizeof(in->why), "%s", why);
}

/* The key of a node we talk with, if it signed this and bears this name. */
static const char *check_signer(const struct tier *t, const json_t *doc, const char *node)
{
	const char *why = NULL;
	const struct sign_key *key = sign_ring_check(&t->trust, doc, &why);

	if (!key)
		return why;
	if (strcmp(key->name, node) != 0)
		return "signed by another node than it says";
	return tier_peer(t, node) ? NULL : "its sender is no peer of this node";
}

/* ---- receipts for what we sent ---- */

static json_t *told_of_receipt(const struct receipt_head *r)
{
	return json_pack("{ss ss ss ss}", "envelope", r->uid, "by", r->by, "result",
		receipt_result_name(r->result), "reason", r->reason);
}

/* Whether the envelope that waits is the one that was answered. */
static const char *check_item(const struct outbox_item *item, const struct receipt_head *r)
{
	json_t *sent = tier_load(item->path);
	struct envelope_head h;
	const char *why = envelope_read(&h, sent);

	json_decref(sent);
	if (why)
		return why;
	if (strcmp(h.to.node, r->by) != 0)
		return "a receipt by another node than the envelope went to";
	return strcmp(h.body_sha256, r->body_sha256) == 0 ? NULL : "a receipt for another body";
}

static void settle(struct incoming *i, const struct outbox_item *item,
	const struct receipt_head *r)
{
	bool is_dead = r->result == RECEIPT_REJECTED;
	json_t *sent = tier_load(item->path);
	bool ok = tier_witnessed(i->w->t, sent, i->doc) &&
		tier_note(i->w, i->now_ns, NULL, "envelope.receipt", told_of_receipt(r)) &&
		outbox_settle(&i->w->out, item, is_dead, i->doc);

	json_decref(sent);
	end_with(i->in, ok ? TIER_SETTLED : TIER_FAILED, is_dead ? r->reason : "");
}

static void receive_receipt(struct incoming *i)
{
	struct receipt_head r;
	struct outbox_item item;
	const char *why = receipt_read(&r, i->doc);

	if (!why)
		why = check_signer(i->w->t, i->doc, r.by);
	if (why) {
		end_with(i->in, TIER_REFUSED, why);
		return;
	}
	memcpy(i->in->uid, r.uid, ENVELOPE_UID);
	if (strcmp(r.to, i->w->t->self.node) != 0) {
		end_with(i->in, TIER_NOT_OURS, "a receipt for another node");
		return;
	}
	if (!outbox_find(&i->w->out, r.uid, &item)) {
		end_with(i->in, TIER_LATE, "a receipt for what does not wait any more");
		return;
	}
	why = check_item(&item, &r);
	if (why)
		end_with(i->in, TIER_REFUSED, why);
	else
		settle(i, &item, &r);
}

/* ---- envelopes ---- */

/* NULL, or why a node that we know is told no. */
static const char *check_content(struct incoming *i, const struct envelope_head *h)
{
	const struct tier *t = i->w->t;
	const json_t *body = json_object_get(i->doc, "body");
	const char *unreal = envelope_is_unreal(h->type, body);

	if (strcmp(tier_peer(t, h->from.node)->tier, h->from.tier) != 0)
		return "its sender is of another tier here";
	if (h->expires_ns <= i->now_ns)
		return "expired";
	if (h->is_exercise != t->is_exercise)
		return t->is_exercise ? "this node takes part in exercises only" :
			"sent by a node of an exercise";
	if (unreal && !t->is_exercise)
		return unreal;
	if (strcmp(h->type, "notice") == 0)
		return notice_check(t, h, body);
	if (strcmp(h->type, "checkpoint") == 0)
		return tier_witness(t, h, body, i->now_ns, &i->cosignature);
	return envelope_is_unapproved(h->type, body);
}

static json_t *told_of_envelope(const struct envelope_head *h, const char *reason)
{
	return json_pack("{ss ss ss sI ss ss?}", "envelope", h->uid, "type", h->type, "from",
		h->from.node, "seq", (json_int_t)h->seq, "body_sha256", h->body_sha256, "reason",
		reason);
}

static char *in_path(const struct tier *t, const char *uid, const char *end)
{
	return tier_path(t, "in", uid, end);
}

static bool keep_in(const struct tier *t, const char *uid, const char *end, const json_t *doc)
{
	char *path = in_path(t, uid, end);
	bool ok = tier_keep(path, doc);

	free(path);
	return ok;
}

/* The first receipt is kept, and a copy is sent. */
static bool answer(struct incoming *i, const struct envelope_head *h, enum receipt_result result,
	const char *reason)
{
	struct tier *t = i->w->t;
	struct receipt_text text = { reason, i->cosignature };
	json_t *receipt = receipt_make(h, result, &text, i->now_ns, &t->key);
	bool ok = (result != RECEIPT_ACCEPTED ||
			  keep_in(t, h->uid, ".receipt.json", receipt)) &&
		outbox_put_receipt(&i->w->out, h->uid, receipt);

	json_decref(receipt);
	return ok;
}

static void reject(struct incoming *i, const struct envelope_head *h, const char *why)
{
	bool ok = tier_note(i->w, i->now_ns, NULL, "envelope.reject", told_of_envelope(h, why)) &&
		answer(i, h, RECEIPT_REJECTED, why);

	end_with(i->in, ok ? TIER_REJECTED : TIER_FAILED, why);
}

/* The order matters: what was kept is found again when a crash comes before the answer, and
 * only what was answered counts as a repetition. */
static void accept(struct incoming *i, const struct envelope_head *h)
{
	struct tier *t = i->w->t;
	const json_t *body = json_object_get(i->doc, "body");
	bool ok = keep_in(t, h->uid, ".json", i->doc) &&
		(strcmp(h->type, "notice") != 0 || notice_take(t, h, body)) &&
		tier_note(i->w, i->now_ns, NULL, "envelope.accept", told_of_envelope(h, NULL)) &&
		answer(i, h, RECEIPT_ACCEPTED, NULL);

	end_with(i->in, ok ? TIER_ACCEPTED : TIER_FAILED, "");
}

/* The same answer once more: the first may have been lost. */
static void repeat(struct incoming *i, const struct envelope_head *h, const json_t *receipt)
{
	struct receipt_head r;
	bool is_same = !receipt_read(&r, receipt) && strcmp(r.body_sha256, h->body_sha256) == 0;

	if (!is_same)
		reject(i, h, "another envelope of this uid was accepted before");
	else if (answer(i, h, RECEIPT_DUPLICATE, NULL))
		end_with(i->in, TIER_DUPLICATE, "");
	else
		end_with(i->in, TIER_FAILED, "");
}

static json_t *earlier_receipt(const struct tier *t, const char *uid)
{
	char *path = in_path(t, uid, ".receipt.json");
	json_t *receipt = tier_load(path);

	free(path);
	return receipt;
}

/* It was accepted, and a crash came before the answer. */
static bool was_kept(const struct incoming *i, const struct envelope_head *h)
{
	char *path = in_path(i->w->t, h->uid, ".json");
	json_t *kept = tier_load(path);
	bool is_same = take_word(kept, "body_sha256", h->body_sha256);

	json_decref(kept);
	free(path);
	return is_same;
}

static void receive_envelope(struct incoming *i)
{
	struct tier *t = i->w->t;
	struct envelope_head h;
	const char *why = envelope_read(&h, i->doc);

	if (!why)
		why = check_signer(t, i->doc, h.from.node);
	if (why) {
		end_with(i->in, TIER_REFUSED, why);
		return;
	}
	memcpy(i->in->uid, h.uid, ENVELOPE_UID);
	if (strcmp(h.to.node, t->self.node) != 0) {
		end_with(i->in, TIER_NOT_OURS, "an envelope for another node");
		return;
	}
	json_t *before = earlier_receipt(t, h.uid);
	why = before || was_kept(i, &h) ? NULL : check_content(i, &h);
	if (before)
		repeat(i, &h, before);
	else if (why)
		reject(i, &h, why);
	else
		accept(i, &h);
	json_decref(before);
}

void tier_receive(struct tier *t, struct bytes document, uint64_t now_ns,
	struct tier_incoming *in)
{
	json_t *doc = document.len <= ENVELOPE_SIZE ? canonical_read(document) : NULL;
	struct tier_work w;

	*in = (struct tier_incoming){ .outcome = TIER_FAILED };
	if (!doc) {
		end_with(in, TIER_REFUSED, "not a JSON object, or too long");
		return;
	}
	if (tier_begin(&w, t)) {
		struct incoming i = { &w, in, doc, now_ns, NULL };
		(take_word(doc, "schema", RECEIPT_SCHEMA) ? receive_receipt : receive_envelope)(&i);
		free(i.cosignature);
		tier_end(&w);
	}
	json_decref(doc);
}
