/* A node of the reporting tiers: enterprise, province or state.
 *
 * Its folder holds all of it:
 *
 *	tier.json	who it is and whom it talks with (below)
 *	trust/NAME.pub	the keys of those; a key's name is its node's name
 *	out/		what it sends (outbox.h)
 *	in/UID.json	what it accepted; UID.receipt.json is its answer
 *	notices/	warnings with their deadlines (notice.h)
 *	audit.ndjson	the trail of all that (trail.h)
 *	checkpoints/	of trails, for the tier above; witness/: those from below
 *			(tier_checkpoint.h)
 *	lock		held while any of it changes
 *
 *	{ "schema": "ironspan.tier/1", "node": "plant-01", "tier": "enterprise",
 *	  "key": "node.key", "trust": "trust", "exercise": false,
 *	  "peers": [ { "node": "prov-33", "tier": "province" } ], "upper": "prov-33",
 *	  "trails": [ "audit.ndjson" ], "checkpoint_s": 3600,
 *	  "nats": { … },                                         see tier_nats.h
 *	  "folders": [ … ] }                                     see tier_watch.h
 *
 * Envelopes come and go through a message server (tier_nats.h) or through a folder that a person
 * or a one-way gateway carries (tier_folder.h). Either may deliver twice, late, in another order,
 * or what somebody else wrote: tier_receive() is the one gate. Several processes may work on a
 * node; each opens it for itself. Functions that change something take the lock. */
#ifndef IRONSPAN_INCIDENT_TIER_H
#define IRONSPAN_INCIDENT_TIER_H

#include "incident/envelope.h"
#include "incident/outbox.h"

#define TIER_SCHEMA "ironspan.tier/1"

enum { TIER_EXPIRES_S = 7 * 86400 };

struct tier {
	char *folder;
	json_t *config;             /* tier.json */
	struct envelope_end self;
	struct envelope_end *peers;
	unsigned peer_count;
	bool is_exercise;           /* a node of an exercise: deals with exercises only */
	struct sign_key key;
	struct sign_ring trust;
	uint64_t checked_ns;        /* when its trails were looked at: tier_checkpoint.h */
	int lock;
};

/* false after reported errors. */
bool tier_open(struct tier *t, const char *folder);
void tier_close(struct tier *t);
/* Whether its tier.json, keys and the peer above are sound; makes and writes nothing. false after
 * reported errors. */
bool tier_check(const char *folder);
/* The peer that reports go up to: "upper" of tier.json, else the only one of the tier above. NULL
 * after a reported error. */
const struct envelope_end *tier_upper(const struct tier *t);
/* NULL: not one it talks with. */
const struct envelope_end *tier_peer(const struct tier *t, const char *node);

/* ---- sending ---- */

struct tier_letter {
	const char *type, *to;      /* `to`: a peer's node */
	const json_t *body;
	int lane;                   /* -1: what the type suggests */
	uint64_t lives_s;           /* 0: TIER_EXPIRES_S */
	const char *by;             /* the person, for the trail */
	const char *uid;            /* the envelope's, so that it is sent once whoever asks
				     * again; NULL: a new one */
};

/* Checks whether it may leave, and keeps it to be sent. false: `why`, NULL after a reported
 * error. `uid` gets the envelope's. */
bool tier_send(struct tier *t, const struct tier_letter *letter, uint64_t now_ns,
	char uid[ENVELOPE_UID], const char **why);
/* Moves what expired to dead/; how many that were. */
unsigned tier_expire(struct tier *t, uint64_t now_ns);
/* It was handed to somebody who will never answer (a one-way gateway): to sent/. */
bool tier_sent_one_way(struct tier *t, const struct outbox_item *item, uint64_t now_ns);
/* A receipt has left. */
void tier_receipt_left(struct tier *t, const struct outbox_item *item);

/* ---- receiving ---- */

enum tier_outcome {
	TIER_ACCEPTED,
	TIER_DUPLICATE,  /* it was here before; answered again */
	TIER_REJECTED,   /* a known sender, told why */
	TIER_SETTLED,    /* a receipt for one of ours */
	TIER_LATE,       /* a receipt for what does not wait any more */
	TIER_NOT_OURS,   /* to somebody else */
	TIER_REFUSED,    /* nothing that a node we know wrote; nobody is answered */
	TIER_FAILED,     /* reported; try again later */
};

struct tier_incoming {
	enum tier_outcome outcome;
	char uid[ENVELOPE_UID];
	char why[200];
};

/* An envelope or a receipt, or what claims to be one. When it returns anything but TIER_FAILED,
 * what had to be kept is on the disk. */
void tier_receive(struct tier *t, struct bytes document, uint64_t now_ns,
	struct tier_incoming *in);

#endif
