/* Pieces that the events of EVE share. Internal to src/output/eve*.c. */
#ifndef IRONSPAN_EVE_EVENT_H
#define IRONSPAN_EVE_EVENT_H

#include "output/community_id.h"
#include "output/eve.h"
#include "output/tape_json.h"

/* Text of a flow that never changes, spelled once. */
struct flow_text {
	char ip[2][ADDRESS_TEXT + 2]; /* quoted, by end */
	uint8_t ip_len[2];
	char id[TEXT_UINT + TEXT_SPARE];
	uint8_t id_len;
	char community_id[COMMUNITY_ID_LEN];
};

/* What an alert says of a rule, whatever made it match. */
struct rule_text {
	const struct rule *rule;
	struct text what;   /* "gid":… to "severity":… */
	struct text more;   /* ,"metadata":{…},"references":[…],"rule":… */
	struct text attack; /* ,"attack":{…} */
	bool is_cut;
};

struct eve {
	struct eve_config config;
	const struct ruleset *rules;
	struct tape_plan **plans;      /* of the dissectors met so far */
	const struct dissector **dissectors;
	unsigned plan_count;
	struct text *ifaces;           /* ,"pcap_filename":"…" by interface; empty: not yet */
	unsigned iface_count;
	struct rule_text *rule_texts;  /* by rule index */
	unsigned rule_count;
	struct text sensor;            /* ,"sensor":{…},"site":… */
	uint64_t second;               /* that second_text spells */
	char second_text[20];          /* of its timestamps */
	struct flow_text spare;        /* of a packet, or a flow that is not ours to mark */
	struct text why;
};

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

	const struct origin *origin;
	bool is_answer;                /* the origin's packet went from dst to src */
	struct origin made;            /* where nobody gave one */
	struct end src, dst;
	uint8_t proto, ip_version;     /* version 0: no IP, no addresses */
	const struct flow_text *text;
	unsigned text_src;             /* the end in `text` that is src */
};

void event_of_packet(struct eve_event *v, const char *type, const struct flow *f,
	unsigned from, const struct packet *p, const struct origin *origin);
/* src is the end that sent the message; the origin is the transaction's. */
void event_of_transaction(struct eve *e, struct eve_event *v, const char *type,
	const struct transaction *t, bool on_response);

/* "{" and the header. */
void event_begin(struct eve *e, struct eve_event *v, struct text *out);
/* A header without packet: timestamp, pcap_cnt (0: none), event_type. */
void event_begin_plain(struct eve *e, const char *type, uint64_t time_ns, uint64_t number,
	struct text *out);
void event_end(struct text *out); /* "}\n" */

/* What the flow or the packet says of its ends; then the text of it, if there is IP. */
void event_ends(struct eve_event *v);
void event_text(struct eve *e, struct eve_event *v);

bool proto_has_ports(uint8_t proto);
bool proto_is_icmp(uint8_t proto);
void json_address(struct text *out, const struct address *a);
void json_mac(struct text *out, const uint8_t *mac);
/* "2004-08-26T12:12:19.148970+0000"; `zone` is what follows the microseconds. */
void json_time(struct text *out, uint64_t time_ns, const char *zone);

/* "2004-08-26T12:12:19." */
enum { SECOND_TEXT = 20 };
void eve_second(uint64_t second, char text[SECOND_TEXT]);
void json_micros(struct text *out, uint64_t time_ns);

struct tape_plan *eve_plan(struct eve *e, const struct dissector *d);
const struct rule_text *eve_rule_text(struct eve *e, const struct rule *r);
void rule_text_fini(struct rule_text *t);

/* How much of an alert's variable parts is written. */
struct eve_limits {
	struct tape_limits tape;
	uint32_t payload; /* bytes */
	bool is_bare;     /* the header, the rule and the flow only */
};

/* {"id":…,"request":{…},"response":{…}}; false: something was left out. */
bool eve_halves(struct eve *e, const struct transaction *t, struct tape_limits limits,
	struct text *out);
/* "operation":{…} and, if there are several, "operations":[…]. Returns the place for the
 * previous value, 0 if there is none. *is_whole is cleared when something was left out. */
size_t eve_operations(const struct transaction *t, struct tape_limits limits,
	struct text *out, bool *is_whole);
/* "packets":[request,response] */
void eve_packets(const struct transaction *t, struct text *out);
/* "uid":"…" from what makes the event the one it is; the same on every replay. */
void eve_uid(const struct eve *e, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	struct text *out);
uint64_t name_hash(const char *name);
/* ,"sensor":{…},"site":"…","origin":"…" */
void eve_sensor(const struct eve *e, struct text *out);

#endif
