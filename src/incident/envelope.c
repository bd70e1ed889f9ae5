#include <sodium.h>
#include <stdio.h>

#include "incident/document_take.h"
#include "incident/envelope.h"
#include "incident/time.h"

static const char *const types[] = {
	"report", "incident", "indicator", "notice", "stats", "checkpoint", NULL,
};
static const char *const tiers[] = { "enterprise", "province", "state", NULL };
static const char *const results[] = { "accepted", "duplicate", "rejected", NULL };

static int index_of(const char *const *words, const char *word)
{
	for (int i = 0; word && words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

bool envelope_type_exists(const char *type)
{
	return index_of(types, type) >= 0;
}

bool envelope_is_tier(const char *name)
{
	return index_of(tiers, name) >= 0;
}

bool envelope_is_node(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strlen(name);

	return len > 0 && len < ENVELOPE_NODE && strspn(name, letters) == len;
}

/* The form of RFC 9562, in lower case: part of file names. */
bool envelope_is_uid(const char *text)
{
	if (strlen(text) != ENVELOPE_UID - 1)
		return false;
	for (unsigned i = 0; i < ENVELOPE_UID - 1; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (is_dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

/* Version 4: random. */
void envelope_new_uid(char uid[ENVELOPE_UID])
{
	uint8_t b[16];

	randombytes_buf(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(uid, ENVELOPE_UID,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

/* ---- making ---- */

static json_t *end_of(const struct envelope_end *e)
{
	return json_pack("{ss ss}", "node", e->node, "tier", e->tier);
}

static json_t *unsigned_envelope(const struct envelope_head *h, const char *prev,
	const json_t *body)
{
	char created[TIME_TEXT], expires[TIME_TEXT];

	time_rfc3339(h->created_ns, created);
	time_rfc3339(h->expires_ns, expires);
	return json_pack("{ss ss ss si so so sI ss? ss ss sb ss sO}", "schema", ENVELOPE_SCHEMA,
		"uid", h->uid, "type", h->type, "lane", (int)h->lane, "from", end_of(&h->from),
		"to", end_of(&h->to), "seq", (json_int_t)h->seq, "prev", prev, "created", created,
		"expires", expires, "exercise", (int)h->is_exercise, "body_sha256", h->body_sha256,
		"body", body);
}

json_t *envelope_make(struct envelope_head *h, const char *prev, const json_t *body,
	const struct sign_key *key, const char **why)
{
	struct envelope_head again;

	if (!h->uid[0])
		envelope_new_uid(h->uid);
	if (!canonical_sha256(body, h->body_sha256)) {
		*why = "the document holds a float, or a number beyond 2^53";
		return NULL;
	}
	json_t *doc = unsigned_envelope(h, prev, body);
	*why = !doc || !sign_document(doc, "envelope", key) ? "the envelope cannot be made" :
		envelope_read(&again, doc);
	if (!*why)
		return doc;
	json_decref(doc);
	return NULL;
}

/* ---- reading ---- */

static bool take_end(struct envelope_end *e, const json_t *doc, const char *key)
{
	const json_t *end = json_object_get(doc, key);

	return take_text(e->node, sizeof(e->node), end, "node") && envelope_is_node(e->node) &&
		take_text(e->tier, sizeof(e->tier), end, "tier") && envelope_is_tier(e->tier);
}

static bool take_numbers(struct envelope_head *h, const json_t *doc)
{
	json_int_t lane, seq;

	if (!take_integer(&lane, doc, "lane", 0, ENVELOPE_LANES - 1) ||
		!take_integer(&seq, doc, "seq", 1, (json_int_t)1 << 53))
		return false;
	h->lane = (unsigned)lane;
	h->seq = (uint64_t)seq;
	return take_bool(&h->is_exercise, doc, "exercise");
}

const char *envelope_read(struct envelope_head *h, const json_t *doc)
{
	char hash[SHA256_TEXT];
	const json_t *body = json_object_get(doc, "body");

	*h = (struct envelope_head){ 0 };
	if (!take_word(doc, "schema", ENVELOPE_SCHEMA))
		return "not an " ENVELOPE_SCHEMA;
	if (!take_text(h->uid, sizeof(h->uid), doc, "uid") || !envelope_is_uid(h->uid))
		return "no uid";
	if (!take_text(h->type, sizeof(h->type), doc, "type") || !envelope_type_exists(h->type))
		return "no type that is known here";
	if (!take_end(&h->from, doc, "from") || !take_end(&h->to, doc, "to"))
		return "no sender or no recipient";
	if (!take_numbers(h, doc) || !take_time(&h->created_ns, doc, "created") ||
		!take_time(&h->expires_ns, doc, "expires"))
		return "lane, seq, exercise, created or expires is missing or wrong";
	if (!take_text(h->body_sha256, sizeof(h->body_sha256), doc, "body_sha256") ||
		!json_is_object(body) || !canonical_sha256(body, hash) ||
		strcmp(hash, h->body_sha256) != 0)
		return "the body does not fit its hash";
	return NULL;
}

/* ---- what may travel ---- */

/* The deepest nesting was bounded when the body was hashed. */
static bool says_unreal(const json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach ((json_t *)value, key, item) {
		const char *word = json_string_value(item);
		if (strcmp(key, "origin") == 0 && word && strcmp(word, "live") != 0)
			return true;
		if (strcmp(key, "exercise") == 0 && json_is_true(item))
			return true;
		if (says_unreal(item))
			return true;
	}
	json_array_foreach (value, i, item)
		if (says_unreal(item))
			return true;
	return false;
}

static bool is_about_incidents(const char *type)
{
	return strcmp(type, "report") == 0 || strcmp(type, "incident") == 0;
}

/* Documents about incidents must say what they are; others may not say the contrary. */
const char *envelope_is_unreal(const char *type, const json_t *body)
{
	if (says_unreal(body))
		return "from a replay or an exercise: it never travels as real";
	if (is_about_incidents(type) && !json_is_false(json_object_get(body, "exercise")) &&
		!take_word(body, "origin", "live"))
		return "does not say whether it is real";
	return NULL;
}

const char *envelope_is_unapproved(const char *type, const json_t *body)
{
	const json_t *approval = json_object_get(body, "approval");
	const char *by = json_string_value(json_object_get(approval, "approved_by"));
	const char *prepared = json_string_value(json_object_get(approval, "prepared_by"));
	const json_t *profile = json_object_get(json_object_get(body, "redaction"), "profile");

	if (!is_about_incidents(type))
		return NULL;
	if (!by || !prepared || !*by || strcmp(by, prepared) == 0)
		return "not approved by a second person";
	if (!json_is_string(profile) || !*json_string_value(profile))
		return "not redacted by a profile";
	return NULL;
}

/* ---- receipts ---- */

const char *receipt_result_name(enum receipt_result result)
{
	return results[result];
}

json_t *receipt_make(const struct envelope_head *h, enum receipt_result result,
	const struct receipt_text *text, uint64_t now_ns, const struct sign_key *key)
{
	char at[TIME_TEXT];

	time_rfc3339(now_ns, at);
	json_t *doc = json_pack("{ss ss ss ss ss ss ss ss? ss*}", "schema", RECEIPT_SCHEMA,
		"envelope_uid", h->uid, "body_sha256", h->body_sha256, "received_at", at, "by",
		h->to.node, "to", h->from.node, "result", results[result], "reason", text->reason,
		"cosignature", text->cosignature);
	sign_document(doc, "receipt", key);
	return doc;
}

const char *receipt_read(struct receipt_head *r, const json_t *doc)
{
	char result[16];
	uint64_t at_ns;

	*r = (struct receipt_head){ 0 };
	if (!take_word(doc, "schema", RECEIPT_SCHEMA))
		return "not a " RECEIPT_SCHEMA;
	if (!take_text(r->uid, sizeof(r->uid), doc, "envelope_uid") || !envelope_is_uid(r->uid) ||
		!take_text(r->body_sha256, sizeof(r->body_sha256), doc, "body_sha256") ||
		!take_time(&at_ns, doc, "received_at"))
		return "envelope_uid, body_sha256 or received_at is missing or wrong";
	if (!take_text(r->by, sizeof(r->by), doc, "by") || !envelope_is_node(r->by) ||
		!take_text(r->to, sizeof(r->to), doc, "to") || !envelope_is_node(r->to))
		return "by or to is missing or wrong";
	if (!take_text(result, sizeof(result), doc, "result") || index_of(results, result) < 0)
		return "no result that is known here";
	r->result = (enum receipt_result)index_of(results, result);
	if (!json_is_null(json_object_get(doc, "reason")) &&
		!take_text(r->reason, sizeof(r->reason), doc, "reason"))
		return "a reason that is no text, or too long";
	return NULL;
}
