/* What travels between tiers: a signed envelope around one document, and the receipt that answers
 * it.
 *
 *	{ "schema": "ironspan.envelope/1", "uid", "type", "lane": 0–3, "from": {node, tier},
 *	  "to": {node, tier}, "seq", "prev", "created", "expires", "exercise", "body_sha256",
 *	  "body", "signature" }
 *	{ "schema": "ironspan.receipt/1", "envelope_uid", "body_sha256", "received_at", "by", "to",
 *	  "result": accepted|duplicate|rejected, "reason", "signature" }
 *
 * `seq` counts what a node sent, and `prev` is the SHA-256 of the canonical envelope before, so
 * that a node cannot deny one later. Lane 0 goes first. Whether the sender may be believed is not
 * looked at here but in tier.h. Any thread. */
#ifndef IRONSPAN_INCIDENT_ENVELOPE_H
#define IRONSPAN_INCIDENT_ENVELOPE_H

#include <jansson.h>
#include <stdint.h>

#include "incident/canonical.h"
#include "incident/sign.h"

#define ENVELOPE_SCHEMA "ironspan.envelope/1"
#define RECEIPT_SCHEMA "ironspan.receipt/1"

enum {
	ENVELOPE_SIZE = 4 << 20, /* bytes; a longer one is refused unread */
	ENVELOPE_LANES = 4,
	ENVELOPE_UID = 37,       /* a UUID in text and its end */
	ENVELOPE_NODE = 64,
};

/* A node and the tier it belongs to: enterprise, province, state. */
struct envelope_end {
	char node[ENVELOPE_NODE], tier[16];
};

struct envelope_head {
	char uid[ENVELOPE_UID];
	char type[16];
	unsigned lane;
	struct envelope_end from, to;
	uint64_t seq, created_ns, expires_ns;
	bool is_exercise;
	char body_sha256[SHA256_TEXT];
};

/* ---- envelopes ---- */

/* Fills a head that lacks its body_sha256 (and its uid, if that is ""), and makes the signed
 * envelope; `prev` may be NULL. A new reference; NULL and a reason in `why`. */
json_t *envelope_make(struct envelope_head *h, const char *prev, const json_t *body,
	const struct sign_key *key, const char **why);
/* The head of a document, all of it checked but the signature; NULL, or why it is none. */
const char *envelope_read(struct envelope_head *h, const json_t *doc);

bool envelope_type_exists(const char *type);
/* Letters, digits, '-' and '_' only: a node's name is part of subjects and of paths. */
bool envelope_is_node(const char *name);
bool envelope_is_tier(const char *name);
bool envelope_is_uid(const char *text);
void envelope_new_uid(char uid[ENVELOPE_UID]);

/* NULL, or why this body may not travel as real: it is a replay's or an exercise's, or does not
 * say that it is not. */
const char *envelope_is_unreal(const char *type, const json_t *body);
/* NULL, or why it may not leave: a report or incident must be approved by two persons and
 * redacted by a profile. */
const char *envelope_is_unapproved(const char *type, const json_t *body);

/* ---- receipts ---- */

enum receipt_result { RECEIPT_ACCEPTED, RECEIPT_DUPLICATE, RECEIPT_REJECTED, RECEIPT_RESULTS };
const char *receipt_result_name(enum receipt_result result);

struct receipt_head {
	char uid[ENVELOPE_UID];
	char body_sha256[SHA256_TEXT];
	char by[ENVELOPE_NODE], to[ENVELOPE_NODE];
	enum receipt_result result;
	char reason[200];
};

/* The signed answer to an envelope. */
struct receipt_text {
	const char *reason;      /* or NULL */
	const char *cosignature; /* a witness's, of a checkpoint; or NULL */
};
json_t *receipt_make(const struct envelope_head *h, enum receipt_result result,
	const struct receipt_text *text, uint64_t now_ns, const struct sign_key *key);
const char *receipt_read(struct receipt_head *r, const json_t *doc);

#endif
