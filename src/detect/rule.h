/* One rule, as written and as understood.
 *
 * The rule_*.c files fill it from text (load.h); compile.c turns a set of them into what a
 * worker runs. Everything is owned by the rule list's arena and constant after loading. */
#ifndef IRONSPAN_RULE_H
#define IRONSPAN_RULE_H

#include "base/hash.h"
#include "dissect/fields.h"
#include "packet/packet.h"

enum rule_action {
	ACTION_ALERT, ACTION_PASS, ACTION_DROP, ACTION_REJECT, ACTION_REJECTSRC,
	ACTION_REJECTDST, ACTION_REJECTBOTH, ACTION_LOG,
};

enum rule_proto { RULE_IP, RULE_TCP, RULE_UDP, RULE_ICMP, RULE_TCP_PKT, RULE_TCP_STREAM,
	RULE_DISSECTOR };

/* Sorted, disjoint ranges; negation is already worked in. Matched in O(log n). */
struct address_range {
	struct address low, high;
};
struct address_set {
	struct address_range *ranges;
	unsigned count;
	bool any;
};
struct port_set {
	uint8_t *bits; /* 65536 bits, NULL for any */
};

struct rule_header {
	enum rule_proto proto;
	uint8_t ip_version;        /* 4, 6, or 0: either */
	/* Evaluated on this dissector's messages and events: set for RULE_DISSECTOR, and for a
	 * tcp, udp or ip rule whose options name its fields or events (proto then still narrows
	 * the transport). NULL: packets and streams. Keywords of `ot` leave it as it is. */
	const struct dissector *dissector;
	/* `app-layer-protocol:!modbus`: only flows this dissector has not claimed; or NULL. */
	const struct dissector *not_dissector;
	bool only_unclaimed;       /* `app-layer-protocol:unknown`: what no dissector claimed */
	bool once;                 /* app-layer-protocol and nothing to look for: once a flow */
	struct address_set src, dst;
	struct port_set sport, dport;
	bool both_ways; /* <> */
};

enum {
	FLOW_ESTABLISHED = 1, FLOW_NOT_ESTABLISHED = 2, FLOW_STATELESS = 4, FLOW_TO_SERVER = 8,
	FLOW_TO_CLIENT = 16, FLOW_ONLY_STREAM = 32, FLOW_NO_STREAM = 64,
};

/* A number as the rule says it, or one that byte_extract or byte_math found before. */
enum { EXTRACTED_MAX = 16 };
struct operand {
	int64_t value;
	uint8_t extracted;         /* which, from 1; 0: the value */
};

/* A number in the payload: byte_test, byte_jump, byte_extract, byte_math. */
struct number_at {
	struct operand offset, width; /* width: bytes, 1 to 8, of text 1 to 23 */
	bool is_relative, is_little, is_text;
	uint8_t base;              /* of text: 8, 10, 16; 0: as C writes it */
	uint64_t mask;             /* not 0: of these bits, moved down to the lowest */
};

enum number_use {
	USE_TEST,    /* compare with `value` */
	USE_JUMP,    /* the next step counts from where the number leads */
	USE_EXTRACT, /* keep it */
	USE_MATH,    /* combine it with `value` and keep that */
};

struct number_step {
	enum number_use use;
	struct number_at at;
	char op;                   /* test: = < > l (<=) g (>=) & ^; math: + - * / l (<<) r (>>) */
	struct operand value;
	uint8_t result;            /* extract, math: which extracted number, from 1 */
	int64_t multiplier, post_offset;
	uint8_t align;             /* up to a multiple of it; 0: no */
	enum { JUMP_ON, JUMP_FROM_BEGINNING, JUMP_FROM_END } jump;
};

/* base64_decode: so many bytes of text, and how far behind the place it counts from. */
enum { BASE64_MAX = 65535 };
struct base64_at {
	uint32_t bytes, offset;
	uint8_t number; /* the rule's first, second …, from 1 */
};

enum content_kind {
	CONTENT_BYTES,  /* content */
	CONTENT_REGEX,  /* pcre */
	CONTENT_NUMBER, /* byte_test, byte_jump, byte_extract, byte_math */
	CONTENT_SIZE,   /* isdataat: `offset` bytes further there is still one */
	CONTENT_BASE64, /* base64_decode: there is some, and the steps that look at it hold */
};

/* One step of the search through a buffer, in the rule's order. */
struct content {
	enum content_kind kind;
	struct bytes pattern;      /* CONTENT_BYTES; of others what the rule says, for why[] */
	bool negated, nocase, is_fast;
	bool relative;             /* counts from where the last step ended */
	bool uses_extracted;       /* may fail now and hold after another match before it */
	bool has_depth, has_offset, has_distance, has_within, starts_with, ends_with;
	int32_t depth, offset, distance, within;
	struct { uint8_t depth, offset, distance, within; } extracted; /* from 1; 0: the above */
	const struct number_step *number; /* CONTENT_NUMBER */
	const struct regex *regex; /* CONTENT_REGEX */
	const struct base64_at *base64; /* CONTENT_BASE64 */
	/* Looks at what the base64_decode of this number gave; 0: at the buffer. */
	uint8_t decoded;
	int field;                 /* sticky buffer: field of header.dissector, -1: message */
	enum half half;
};

/* Whether relative steps behind it count from where it ended. */
static inline bool content_moves(const struct content *c)
{
	return !c->negated && c->kind != CONTENT_SIZE && c->kind != CONTENT_BASE64 &&
		(c->kind != CONTENT_NUMBER || c->number->use != USE_TEST);
}

/* Numbers as inclusive ranges, sorted and disjoint; `mask` is for &0x80. */
struct number_range {
	int64_t low, high;
};
/* Which of a field's values in one message have to be as a predicate says: rule_many.c. */
enum many_kind {
	MANY_ANY, MANY_ALL, MANY_OR_ABSENT, MANY_ALL_OR_ABSENT,
	MANY_AT, MANY_AT_OR_BEYOND, /* the one at `at`; or there are not so many */
	MANY_NUMBER, MANY_COUNT,    /* `number` of them fit; there are `number` */
};
struct many {
	enum many_kind kind;
	int32_t at;                /* from 0; from the end: -1 is the last */
	int32_t from, to;          /* only of these, `to` not included; 0: to the end */
	const struct predicate *number;
};

struct predicate {
	struct field_ref ref;
	struct number_range *ranges;
	unsigned range_count;
	uint64_t mask;             /* not 0: of these bits; without ranges any must be set */
	bool negated;              /* of the whole; with `many` of each value */
	const struct many *many;   /* NULL: one value is enough, with `negated` none may be it */
	bool of_length;            /* `bsize`: the ranges are of the item's length in bytes */
	struct bytes *texts;       /* of a text field, compared whole, no case; sorted so */
	unsigned text_count;
	const char *spelled;       /* as the rule says it, for why[] and `show` */
};

/* What a rule asks of a packet's headers: ttl, itype, fragbits … */
enum packet_fact {
	FACT_TTL, FACT_PROTO, FACT_IP_ID, FACT_TOS, FACT_FRAGMENT_BITS, FACT_FRAGMENT_OFFSET,
	FACT_IP_OPTIONS, FACT_SAME_IP, FACT_REASSEMBLED, FACT_ICMP_TYPE, FACT_ICMP_CODE,
	FACT_ICMP_ID, FACT_ICMP_SEQ, FACT_TCP_SEQ, FACT_TCP_ACK, FACT_TCP_WINDOW,
};
/* Bits of FACT_IP_OPTIONS: the options that have a name. */
enum {
	OPTION_EOL = 1, OPTION_NOP = 2, OPTION_RR = 4, OPTION_TS = 8, OPTION_SEC = 16,
	OPTION_LSRR = 32, OPTION_ESEC = 64, OPTION_SATID = 128, OPTION_SSRR = 256,
	OPTION_OTHER = 512,
};
struct packet_test {
	enum packet_fact fact;
	struct predicate value; /* its field is not used */
};

/* stream_size: bytes that an end has sent so far. */
struct stream_size {
	enum { STREAM_OF_NONE, STREAM_OF_CLIENT, STREAM_OF_SERVER, STREAM_OF_BOTH,
		STREAM_OF_EITHER } of;
	struct number_range size;
	bool negated;
};

/* Suricata's `modbus:` keyword, whose address counts from 1 and looks at ranges. */
struct modbus_access {
	bool used, is_write;
	uint8_t table;             /* 0 any, else a bit set: 1 discretes 2 coils 4 input 8 holding */
	bool has_address, has_value;
	struct number_range address, value; /* address already counts from 0 */
};

enum track { TRACK_BY_SRC, TRACK_BY_DST, TRACK_BY_BOTH, TRACK_BY_RULE, TRACK_BY_FLOW };
enum threshold_type {
	THRESHOLD_NONE, THRESHOLD_LIMIT, THRESHOLD_THRESHOLD, THRESHOLD_BOTH, THRESHOLD_BACKOFF,
	THRESHOLD_DETECTION_FILTER, THRESHOLD_DISTINCT,
};
struct threshold {
	enum threshold_type type;
	enum track track;
	uint32_t count, seconds, multiplier;
	struct field_ref distinct;  /* THRESHOLD_DISTINCT: a field, or one of the below */
	enum { DISTINCT_FIELD, DISTINCT_SRC_IP, DISTINCT_DST_IP, DISTINCT_SRC_PORT,
		DISTINCT_DST_PORT } distinct_what;
};

/* flowbits: marks that rules leave on a flow for others. */
enum flowbit_does { FLOWBIT_SET, FLOWBIT_UNSET, FLOWBIT_TOGGLE, FLOWBIT_ISSET, FLOWBIT_ISNOTSET };
enum { FLOWBIT_NAMES_MAX = 8 };
struct flowbit {
	enum flowbit_does does;
	bool all;                  /* of several names all, not any */
	uint16_t bits[FLOWBIT_NAMES_MAX]; /* numbers in the rule set */
	unsigned count;
};

/* flowint: numbers that rules keep on a flow, 32 bits without sign as in Suricata. */
enum flowint_does {
	FLOWINT_SET, FLOWINT_ADD, FLOWINT_SUBTRACT,
	FLOWINT_EQUAL, FLOWINT_DIFFERS, FLOWINT_LESS, FLOWINT_AT_MOST, FLOWINT_MORE,
	FLOWINT_AT_LEAST, FLOWINT_ISSET, FLOWINT_ISNOTSET,
};
struct flowint {
	enum flowint_does does;
	uint16_t name;             /* its number in the rule set */
	uint16_t other;            /* the name of the operand, plus 1; 0: the value */
	uint32_t value;
	const char *spelled;
};

/* xbits and hostbits: marks on an address or a pair of them, which outlive the flow. */
struct xbit {
	enum flowbit_does does;
	enum { XBIT_SRC, XBIT_DST, XBIT_PAIR } track;
	uint64_t name;             /* a hash of it: the same after a reload */
	uint32_t expire_s;
	const char *spelled;
};

struct rule_event {
	enum { EVENT_NONE, EVENT_APP, EVENT_SESSION, EVENT_DECODE, EVENT_STREAM } kind;
	unsigned event;            /* in that kind's table, or the dissector's */
	const struct dissector *dissector; /* EVENT_APP */
};

struct rule_reference {
	const char *system, *id;   /* "url", "example.com"; */
	const char *url;           /* with reference.config's prefix; NULL if not known */
};
struct rule_metadata {
	const char *key, *value;
};

enum target { TARGET_NONE, TARGET_SRC, TARGET_DST };

struct rule {
	uint32_t index;            /* in the set: order of files and lines */
	uint32_t gid, sid, rev;
	uint32_t twin;             /* how many of the same gid and sid stand before it */
	const char *file;
	unsigned line;
	const char *text;          /* the rule as written, one line */
	enum rule_action action;
	struct rule_header header;
	const char *msg, *classtype, *category; /* category: classification.config's text */
	unsigned priority;         /* 1 is highest: EVE severity */
	struct rule_reference *references;
	unsigned reference_count;
	struct rule_metadata *metadata;
	unsigned metadata_count;
	const char **attack;       /* ATT&CK ids from metadata mitre_technique_id, as written */
	unsigned attack_count;
	enum target target;
	unsigned flow;             /* FLOW_ bits */
	bool noalert;
	const char *silent;        /* why the rule can never match in this build, or NULL */
	struct content *contents;
	unsigned content_count;
	struct predicate *predicates;
	unsigned predicate_count;
	struct flowbit *flowbits;
	unsigned flowbit_count;
	struct flowint *flowints;  /* one after the other, in the rule's order */
	unsigned flowint_count;
	struct xbit *xbits;
	unsigned xbit_count;
	struct packet_test *packet_tests;
	unsigned packet_test_count;
	struct stream_size stream_size;
	struct modbus_access modbus;
	struct rule_event event;
	struct threshold threshold; /* limit, threshold, both, backoff */
	struct threshold filter;    /* detection_filter, distinct */
	struct number_range dsize;  /* low > high: not used */
	bool dsize_not;             /* none of these sizes */
	/* -1: not used. (packet & mask) == flags; with tcp_flags_any (packet & flags) != 0 is
	 * enough; with tcp_flags_not the test must fail. */
	int tcp_flags, tcp_flags_mask;
	bool tcp_flags_any, tcp_flags_not;
};

static inline bool dsize_holds(const struct rule *r, int64_t size)
{
	return r->dsize.low > r->dsize.high ||
		(size >= r->dsize.low && size <= r->dsize.high) != r->dsize_not;
}

static inline bool rule_has_threshold(const struct rule *r)
{
	return r->threshold.type != THRESHOLD_NONE || r->filter.type != THRESHOLD_NONE;
}

/* Whether only the ordered stage knows if a match alerts. */
static inline bool rule_is_counted(const struct rule *r)
{
	return rule_has_threshold(r) || r->xbit_count > 0;
}

/* Which rule it is, whatever its place in the set: the same after a reload. */
static inline uint64_t rule_identity(const struct rule *r)
{
	return hash_mix(((uint64_t)r->gid << 32 | r->sid), r->twin);
}

/* What becomes of drop and reject in this run. */
enum inline_mode {
	INLINE_OFF, /* packets are copies: there is nothing to drop */
	INLINE_DRY, /* what would be dropped is said, and passes */
	INLINE_ON,
};

static inline bool flowbit_asks(enum flowbit_does does)
{
	return does == FLOWBIT_ISSET || does == FLOWBIT_ISNOTSET;
}

static inline bool flowint_asks(enum flowint_does does)
{
	return does >= FLOWINT_EQUAL;
}

/* Whether a match is not enough for an alert: how many there were elsewhere decides, or what
 * they left behind. A limit only says how often it is told. */
static inline bool rule_is_wider(const struct rule *r)
{
	bool is_wider = r->filter.type != THRESHOLD_NONE ||
		(r->threshold.type != THRESHOLD_NONE && r->threshold.type != THRESHOLD_LIMIT);
	for (unsigned i = 0; i < r->xbit_count; i++)
		is_wider |= flowbit_asks(r->xbits[i].does);
	return is_wider;
}

/* drop, reject and its kin, where a match alone decides. */
static inline bool rule_drops(const struct rule *r)
{
	return r->action >= ACTION_DROP && r->action <= ACTION_REJECTBOTH && !rule_is_wider(r);
}

/* Whether it asks for this field of operations, or for one behind it. */
static inline bool rule_asks_operation(const struct rule *r, unsigned field)
{
	for (unsigned i = 0; i < r->predicate_count; i++)
		if (r->predicates[i].ref.dissector == &ot_dissector &&
			r->predicates[i].ref.field >= field)
			return true;
	return false;
}

/* It looks at single packets, not at streams and what is said in them. */
bool rule_is_about_packets(const struct rule *r);

/* Whether a match leaves an xbit behind, alert or not. */
static inline bool rule_leaves_xbits(const struct rule *r)
{
	for (unsigned i = 0; i < r->xbit_count; i++)
		if (!flowbit_asks(r->xbits[i].does))
			return true;
	return false;
}

#endif
