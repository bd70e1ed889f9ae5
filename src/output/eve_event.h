/* Pieces that the events of EVE share. Internal to src/output/eve*.c. */
#ifndef IRONSPAN_EVE_EVENT_H
#define IRONSPAN_EVE_EVENT_H

#include "output/community_id.h"
#include "output/eve.h"
#include "output/tape_json.h"

/* What the header tells beside the ends: as long as it stays the same, so does the text. */
struct surroundings {
	uint16_t vlan[VLAN_MAX];
	uint16_t iface;
	uint8_t src_mac[6], dst_mac[6]; /* of the packet */
	uint8_t vlan_count;
	bool has_macs;
	bool is_answer; /* the packet went from dst to src */
	uint8_t src;    /* the end that is src */
};

/* Text of a flow: what never changes, spelled once, and the header of its last event. */
struct flow_text {
	char ip[2][ADDRESS_TEXT + 2]; /* quoted, by end */
	uint8_t ip_len[2];
	char community_id[COMMUNITY_ID_LEN];
	struct surroundings told;     /* in the header */
	struct text header;           /* ,"flow_id":…,"pcap_filename":"…", and what has a place
				       * behind the event's type */
	size_t before_type;           /* how much of it */
};

/* Text of a dissector; of flows without one as well. */
struct protocol_text {
	const struct dissector *dissector; /* NULL: not known */
	struct tape_plan *plan;
	struct text app[2]; /* ,"app_proto":"…","direction":"…" by: src is the client */
	struct text key;    /* ,"modbus": */
	struct text body;   /* ,"modbus":{"id": */
};

/* What an alert says of a rule, whatever made it match. */
struct rule_text {
	const struct rule *rule;
	struct text what;   /* "gid":… to "severity":… */
	struct text more;   /* ,"metadata":{…},"references":[…],"rule":… */
	struct text attack; /* ,"attack":{…},"indicator":{…} */
	bool is_cut;
};

/* An operation's object, by where its name lies. */
struct object_text {
	const char *object;
	struct text text; /* ,"object":"…" */
};
enum { OBJECTS = 32 };

struct eve {
	struct eve_config config;
	const struct ruleset *rules;
	struct protocol_text *protocols; /* met so far */
	unsigned protocol_count;
	struct text *ifaces;           /* ,"pcap_filename":"…" by interface; empty: not yet */
	unsigned iface_count;
	struct rule_text *rule_texts;  /* by rule index */
	unsigned rule_count;
	struct text sensor;            /* ,"sensor":{…},"site":… */
	struct text verbs[VERB_COUNT];              /* {"verb":"…" */
	struct text outcomes[OUTCOME_BLOCKED + 1];  /* ,"outcome":"…" */
	struct object_text objects[OBJECTS];
	struct text unit, unit_text;   /* the last operation's that was text, as it is and as JSON */
	uint64_t second;               /* that second_text spells */
	char second_text[20];          /* of its timestamps */
	struct flow_text spare;        /* of a packet, or a flow that is not ours to mark */
	struct text why;
	uint64_t lost_packets;         /* lately, within lost_s */
	unsigned lost_s;
	uint64_t skew_ns;              /* of times, modulo 2^64 */
	struct message expanded[2];    /* halves that are written while they are lazy */
	struct poll_texts *polls;      /* eve_again.c's; NULL until there are any */
	struct tape_marks *marks;      /* of the event that is being written; NULL: not wanted */
};
void poll_texts_free(struct poll_texts *p);

/* One end of what an event is about. */
struct end {
	const struct address *address;
	uint16_t port; /* ICMP: src has the type, dst the code */
};

/* An event's header; event_begin() works out the lower half. */
struct eve_event {
	const char *type;
	const struct flow *flow;       /* NULL: the packet tells the addresses */
	const struct packet *packet;
	unsigned from;                 /* the end of the flow that is src */
	unsigned client;               /* the end that is the server's client */
	const struct dissector *dissector; /* app_proto; NULL: not known */
	bool has_tx;
	uint64_t tx_id;

	uint64_t skew_ns;              /* of its times */
	const struct origin *origin;
	bool is_answer;                /* the origin's packet went from dst to src */
	struct origin made;            /* where nobody gave one */
	struct end src, dst;
	uint8_t proto, ip_version;     /* version 0: no IP, no addresses */
	struct flow_text *text;
	unsigned text_src;             /* the end in `text` that is src */
};

void put_member(struct text *out, const char *key, uint64_t v); /* ,"key":v */

/* ,"flow":{…} without its end: counters, when it began, who opened it. */
void event_flow(const struct eve_event *v, struct text *out);

void event_of_packet(struct eve_event *v, const char *type, const struct flow *f,
	unsigned from, const struct packet *p, const struct origin *origin);
/* src is the end that sent the message; the origin is the transaction's. */
void event_of_transaction(struct eve *e, struct eve_event *v, const char *type,
	const struct transaction *t, bool on_response);

/* ,"verdict":{…}, where packets can be dropped. t is NULL for an alert on a packet. */
void eve_verdict(const struct eve *e, const struct rule *r, const struct transaction *t,
	const struct eve_event *v, struct text *out);
/* Whether what the rule alerts on was stopped: alert.action. */
bool eve_is_blocked(const struct eve *e, const struct rule *r, const struct transaction *t);

/* "{" and the header. */
void event_begin(struct eve *e, struct eve_event *v, struct text *out);
/* A header without packet: timestamp, pcap_cnt (0: none), event_type. */
void event_begin_plain(struct eve *e, const char *type, uint64_t time_ns, uint64_t number,
	struct text *out);
void event_end(struct text *out); /* "}\n" */

/* ,"user":"…": who is logged in on the flow, if anybody is by a name. */
void eve_user(const struct flow *f, struct text *out);

/* What the flow or the packet says of its ends; then the text of it. */
void event_ends(struct eve_event *v);
void event_text(struct eve *e, struct eve_event *v);
/* v->text's header, from its addresses. */
void event_spell(struct eve *e, const struct eve_event *v, struct flow_text *t);

bool proto_has_ports(uint8_t proto);
bool proto_is_icmp(uint8_t proto);
void json_address(struct text *out, const struct address *a);
void json_mac(struct text *out, const uint8_t *mac);
/* "2004-08-26T12:12:19.148970+0000"; `zone` is what follows the microseconds. */
void json_time(struct text *out, uint64_t time_ns, const char *zone);

/* "2004-08-26T12:12:19." */
enum { SECOND_TEXT = 20 };
void eve_second(uint64_t second, char text[SECOND_TEXT]);
char *raw_micros(char *at, uint64_t time_ns); /* six digits */

/* Valid until the next call. */
const struct protocol_text *eve_protocol_new(struct eve *e, const struct dissector *d);
static inline const struct protocol_text *eve_protocol(struct eve *e,
	const struct dissector *d)
{
	for (unsigned i = 0; i < e->protocol_count; i++)
		if (e->protocols[i].dissector == d)
			return &e->protocols[i];
	return eve_protocol_new(e, d);
}
const struct rule_text *eve_rule_text(struct eve *e, const struct rule *r);
void rule_text_fini(struct rule_text *t);

/* How much of an alert's variable parts is written. */
struct eve_limits {
	struct tape_limits tape;
	uint32_t payload; /* bytes */
	bool is_bare;     /* the header, the rule and the flow only */
};

/* ,"modbus":{"id":…,"request":{…},"response":{…}}; false: something was left out. */
void eve_half(struct eve *e, const struct transaction *t, struct text *out);
bool eve_halves(struct eve *e, const struct transaction *t, struct tape_limits limits,
	struct text *out);
/* Behind eve_halves(): "operation":{…}, which is `op` (NULL: nothing is written), and, if there
 * are several, "operations":[…], with the previous values that are known. *is_whole is cleared
 * when something was left out. */
void eve_operations(struct eve *e, const struct transaction *t, const struct operation *op,
	struct tape_limits limits, struct text *out, bool *is_whole);
/* One value as such, several as an array; all of them. */
void eve_values(const struct values *v, struct text *out);
/* "packets":[request,response] */
void eve_packets(const struct transaction *t, struct text *out);
/* What the reader must know before trusting it: a guessed direction, a message cut short. */
void eve_doubts(const struct transaction *t, struct text *out);
/* "uid":"…" from what makes the event the one it is; the same on every replay. */
void eve_uid(const struct eve *e, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	struct text *out);
uint64_t name_hash(const char *name);
/* ,"sensor":{…},"site":"…","origin":"…" */
void eve_sensor(const struct eve *e, struct text *out);

#endif
