/* What waits to be sent, and what became of it: files in a folder, so that neither a crash nor a
 * link that is down for days loses anything, and a person can look.
 *
 *	out/0 … out/3/SEQ-UID.json	waiting, by lane
 *	out/receipts/UID.json		receipts that have not left yet
 *	out/sent/SEQ-UID.json		accepted; UID.receipt.json beside it
 *	out/dead/SEQ-UID.json		rejected, or expired; UID.receipt.json beside it where
 *					there is one
 *	out/state.json			the last number and hash given
 *
 * A file appears whole or not at all (disk.h). The caller holds the node's lock (tier.h). */
#ifndef IRONSPAN_INCIDENT_OUTBOX_H
#define IRONSPAN_INCIDENT_OUTBOX_H

#include "incident/envelope.h"

enum { OUTBOX_PATH = 1024 };

struct outbox {
	char folder[OUTBOX_PATH - 256]; /* "…/out" */
	uint64_t seq;                   /* of the last envelope; 0: none yet */
	char prev[SHA256_TEXT];         /* its hash */
};

/* Makes the folders if need be. false after a reported error. */
bool outbox_open(struct outbox *o, const char *folder);
/* Numbers, signs and keeps an envelope; `h` has all but seq and hash (uid: see
 * envelope_make()). false: `why`, which
 * is NULL if an error was reported. */
bool outbox_put(struct outbox *o, struct envelope_head *h, const json_t *body,
	const struct sign_key *key, const char **why);
bool outbox_put_receipt(struct outbox *o, const char *uid, const json_t *receipt);

/* One that waits. */
struct outbox_item {
	char path[OUTBOX_PATH];
	char uid[ENVELOPE_UID];
	unsigned lane;      /* ENVELOPE_LANES: a receipt */
};
/* All that wait, receipts first, then lane after lane in the order of their numbers; to be
 * freed. */
struct outbox_item *outbox_list(const struct outbox *o, unsigned *count);
/* The one of this uid that waits or, given up already, is dead. false: there is none. */
bool outbox_find(const struct outbox *o, const char *uid, struct outbox_item *item);
bool outbox_has(const struct outbox *o, const char *uid); /* it waits, or was accepted */

/* Done with: to sent/ or dead/. `receipt` may be NULL. A receipt that left is removed. */
bool outbox_settle(const struct outbox *o, const struct outbox_item *item, bool is_dead,
	const json_t *receipt);
unsigned outbox_count(const struct outbox *o, const char *part); /* "0", "sent", "dead" */

#endif
