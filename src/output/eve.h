/* EVE: one JSON object a line, Suricata's names where Suricata has the field, all that is
 * ours under the key `ot`.
 *
 * An encoder belongs to one worker (it caches the second's text); what it caches of a flow
 * hangs on flow->text. Each function appends exactly one line, '\n' included. Alert lines are at
 * most 16 KiB (groups are cut, ot.truncated is set). The same transaction gives the same bytes on
 * any thread.
 *
 * Which end is src: in events and alerts on a transaction the client (direction to_server),
 * or the server when only a response is known; in all others the end that sent. alert.source
 * and alert.target follow the rule's `target`, whose src is the server if the rule says
 * flow:to_client. */
#ifndef IRONSPAN_EVE_H
#define IRONSPAN_EVE_H

#include "detect/detect.h"

enum {
	EVE_ALERT_MAX = 16384, /* a line, its '\n' included */
	EVE_EVIDENCE_MAX = 512,
};

struct eve_config {
	const char *sensor_id;
	const char *version;
	const char *ruleset_sha256;
	const char *site;    /* NULL: left out */
	bool is_live;        /* in_iface, pkt_src wire/pcap, origin live; else pcap_filename … */
	bool evidence;       /* alerts leave room for what the stage says of theirs */
	bool payload;        /* payload and payload_printable in alerts on messages; passwords,
			      * tokens and keys are stars in it */
	bool rule_text;      /* alert.rule */
	enum inline_mode inline_mode; /* not off: verdict{} */
	bool community_id;
	uint16_t community_id_seed;
	/* Name of an interface or capture file; the source's. */
	const char *(*iface_name)(void *context, uint16_t iface);
	void *context;
};

struct eve;

struct eve *eve_new(const struct eve_config *config, const struct ruleset *rules);
/* The rules were swapped: nothing of the old set is used any more. */
void eve_swap(struct eve *e, const struct ruleset *rules);
void eve_free(struct eve *e);
void eve_flow_release(struct flow *f); /* frees f->text */

/* A protocol's event: the whole transaction, or a lone half; of flat protocols a half only. */
void eve_transaction(struct eve *e, const struct transaction *t, struct text *out);

/* The same of a poll that was known by its bytes, answered and accepted; nothing gets a previous
 * value. What it wrote is kept for eve_again(). */
void eve_repeated(struct eve *e, const struct transaction *t, const struct repeat_news *news,
	struct text *out);
/* The same again, if it is kept, from the bytes alone: of the halves nothing but `raw` needs to
 * be there. false: it is not kept, nothing was written. */
bool eve_again(struct eve *e, const struct transaction *t, const struct repeat_news *news,
	struct text *out);

/* What an alert is on: a transaction, or a packet, unclaimed bytes, a stream or a session event.
 * A copy, with all that it points to, can be written when the flow has gone on. */
struct eve_subject {
	const struct transaction *transaction; /* NULL: it is on something else */
	const struct flow *flow;     /* NULL: the packet tells the addresses */
	unsigned from;               /* the end that sent; of transactions, 0 */
	const struct packet *packet; /* these three are NULL or 0 for a transaction; NULL: origin */
	const struct origin *origin; /* does the rest */
	const struct dissector *dissector;
	uint64_t lost_packets;       /* lately, within lost_s */
	uint32_t gaps;               /* of the flow, if one was near */
	unsigned lost_s;
};
struct eve_subject eve_on_transaction(const struct eve *e, const struct transaction *t);
/* `from` is the sending end; f may be NULL, then p is not; p may be NULL. */
struct eve_subject eve_on_packet(const struct eve *e, const struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin);

/* `detector` knows which operation the rule matched, and writes ot.why of transactions; NULL:
 * nobody does. */
void eve_alert(struct eve *e, struct detector *detector, const struct rule *r,
	const struct eve_subject *s, struct text *out);

/* An anomaly: type is decode, stream or applayer; event as rules name it, without a prefix. */
void eve_anomaly(struct eve *e, const char *type, const char *event, const char *layer,
	const struct flow *f, unsigned from, const struct packet *p, const struct origin *origin,
	struct text *out);
/* A protocol violation of a transaction's message. */
void eve_anomaly_message(struct eve *e, const struct transaction *t, const char *event,
	bool on_response, struct text *out);

/* What was hidden of a flow, under ot.health of its event: members of a JSON object, or nothing.
 * The event is written when the flow ends, at time_ns; f->reason says why. */
void eve_flow(struct eve *e, const struct flow *f, uint64_t time_ns, struct bytes health,
	struct text *out);

/* An event without packet or addresses. `top` and `ot`: members of the event and of its `ot`,
 * written as they are; either may be empty. `number` 0: it belongs to no packet.
 * `sequence` tells events of one type and time apart. */
void eve_plain(struct eve *e, const char *type, const char *schema, uint64_t time_ns,
	uint64_t number, uint64_t sequence, struct bytes top, struct bytes ot, struct text *out);

/* Times from now on are so far ahead of the clock for people: it is taken away in events. */
void eve_set_skew(struct eve *e, int64_t skew_ns);

/* Alerts from now on say that so many packets were lost lately, within so many seconds. */
void eve_set_loss(struct eve *e, uint64_t packets, unsigned seconds);

/* Assets and incidents come from the ordered stage and carry no packet of their own. */
struct eve_asset {
	bool is_new;              /* first sight; else something changed */
	struct address address;
	bool has_mac;
	uint8_t mac[6];
	const char *role;         /* "server" (a controller, an outstation) or "client" */
	const char *protocol;     /* dissector name */
	uint16_t port;            /* server's port; 0 for a client */
	struct bytes identity[IDENTITY_COUNT];
	uint64_t time_ns, number; /* the packet that told */
};
struct eve_incident {
	const char *id;           /* "INC-…", stable on replay */
	unsigned revision;
	const char *body;         /* the whole document, JSON */
	uint64_t time_ns, number; /* of the packet after which it was told */
};
void eve_asset(struct eve *e, const struct eve_asset *a, struct text *out);
/* One device of a list, `{"first_seen":…,"ip":…}`, where time_ns is of its first sight. */
void eve_asset_row(const struct eve_asset *a, struct text *out);
void eve_incident(struct eve *e, const struct eve_incident *i, struct text *out);

#endif
