/* What rules become before a worker runs them. Private to src/detect.
 *
 * Three things keep a message cheap however many rules there are:
 *   header   distinct headers are few; each flow learns once which of them fit it, so that
 *            a rule's addresses and ports cost one bit test
 *   index    a rule that asks for a function code, an exception code or another number is
 *            reached through that number only
 *   scanner  a rule with contents is reached only when Hyperscan saw its longest one, and
 *            Hyperscan looks only where a rule of that header and function code waits; where
 *            few wait, and each for bytes at a known place, those are compared instead
 * What is reached is a check: the rule in the order that fails fastest.
 *
 * Everything up to struct ruleset is constant after compiling and shared by all threads;
 * a detector belongs to one. */
#ifndef IRONSPAN_RUNTIME_H
#define IRONSPAN_RUNTIME_H

#include <hs/hs.h>
#include <time.h>

#include "detect/detect.h"
#include "detect/load.h"

/* When a rule on messages is looked at: at the earliest moment when it can be decided. */
enum phase {
	PHASE_REQUEST, PHASE_RESPONSE, PHASE_FINISHED,
	PHASE_ASKED, /* inline: operations of a request, for rules that drop it */
	PHASE_COUNT,
};

/* Which way a message goes: to the server or to the client. Bits of a set are 1 << way. */
enum way { TO_SERVER, TO_CLIENT };
enum { SERVER_BIT = 1 << TO_SERVER, CLIENT_BIT = 1 << TO_CLIENT };

/* The tapes a condition may look at. */
enum tape {
	TAPE_REQUEST, TAPE_RESPONSE, TAPE_OPERATION,
	TAPE_EXPANDED, /* a lazy request; of a lazy response the next one */
	TAPE_COUNT = TAPE_EXPANDED + 2,
};

/* Contents of one rule that look at the same bytes, in the rule's order. */
struct content_list {
	int field; /* -1: the whole message, packet or chunk of a stream */
	enum half half;
	const struct content **at;
	unsigned count;
	bool is_fixed; /* each content can stand at one place only */
	bool uses_extracted; /* some step depends on a number found before */
	const struct content_list **inside; /* by step: of base64_decode what looks at the
					     * decoded bytes; NULL: there is none */
};

/* What must hold for some item of a tape: a predicate, or contents on the item's bytes. */
struct condition {
	enum half half; /* HALF_ANY: either will do */
	uint32_t field, count;      /* rows of the table that share the keyword */
	const struct field *fields; /* the first of them */
	bool repeats;               /* in a repeated group: more than one item may be about it */
	bool is_many;               /* its predicate is about all of them: match_many.c */
	bool is_in_lazy;            /* lazy items have to be expanded to find it */
	bool is_plain;              /* one row of unsigned numbers, one range: from low, */
	uint64_t low, span;         /* to low + span */
	const struct predicate *predicate; /* or NULL and */
	const struct content_list *contents;
};

static inline bool condition_is_about(const struct condition *c, const struct item *item)
{
	return (uint32_t)item->field - c->field < c->count;
}

/* A rule as it is run. */
struct check {
	const struct rule *rule;
	const struct dissector *dissector; /* whose messages; NULL: any */
	uint32_t header;                   /* its header class */
	enum half side;    /* the half that flow:to_server or to_client names, or HALF_ANY */
	bool is_completed; /* without direction: a field of the response may be what a request
			    * with the contents, or the event, still lacks */
	bool is_tied;      /* contents or an event: its header must fit that message's way */
	uint8_t ways[PHASE_COUNT]; /* which its header may fit, bits 1 << way */
	bool is_shared;    /* reached from several groups: must be remembered as seen */
	bool is_repeated;  /* may match more than once in one evaluation */
	bool is_bare;      /* where it is reached and its header fits, it matches */
	bool has_rest;     /* more is to be looked at than the conditions on the halves */
	uint8_t outcomes;  /* that an operation may have; bit an outcome */
	bool is_about_request; /* all else that it asks for is known before the answer */
	bool has_groups;   /* conditions may have to hold in one element of a repeated group */
	uint64_t together; /* those conditions; bit an index */
	bool is_in_lazy;   /* a condition is */
	bool sees_change;  /* looks at what may differ in a repeated poll: steady.c */
	bool is_ip_only;   /* nothing but addresses: once a flow and direction */
	struct condition *conditions, *operations; /* on the halves; on ot */
	unsigned condition_count, operation_count;
	const struct condition *by; /* of conditions: the one it is indexed by, or NULL */
	bool by_is_chosen;
	struct content_list raw;
	const struct content *fast; /* what Hyperscan looks for; NULL: looked at directly */
	const struct content *fast_in_field; /* the same in a field's bytes: buffers.c */
	int buffer; /* while an index is built: which one it waits for, or -1 */
	const struct content *anchor; /* one that stands at one place only, or NULL */
};

struct check_list {
	const struct check **at;
	unsigned count;
};

/* Header classes, each once. */
struct header_list {
	uint32_t *at;
	unsigned count;
};

/* Rules that are reached together. */
struct check_group {
	bool is_by_condition;      /* reached because check->by holds */
	uint8_t outcomes;          /* with which some of them may match an operation */
	struct check_list direct;  /* to be looked at at once */
	struct check_list waiting; /* for their pattern */
	struct header_list scanned; /* of those that wait */
	bool is_loose;             /* one that waits has no anchor */
	uint32_t buffers;          /* in which rules wait; bit an index */
};

enum { BUFFERS_MAX = 32 };

/* The bytes of a field, in which rules wait for patterns; or both messages, whole. */
struct buffer {
	const struct condition *of; /* one on this field and half, or NULL */
	struct check_list waiting;
	struct header_list scanned; /* of those that wait */
	struct scanner *scanner;
};

/* Beyond so many, Hyperscan is faster than comparing each anchor. */
enum { ANCHORED_MAX = 16 };

/* Groups by the value of a field. */
struct selector {
	enum tape tape;
	uint16_t field;
	bool repeats;    /* as in a condition */
	bool is_bits;    /* by the number of each bit that is set, */
	uint64_t bits;   /* which may be these */
	uint16_t *group; /* 0: none */
	uint32_t size;
};

/* Rules that ask for numbers too large, or too many, for a selector: they are reached when
 * the field has a value that lies where theirs lie. */
struct gate {
	enum tape tape;
	uint16_t field;
	uint16_t group;
	uint64_t low, span; /* from low to low + span */
};

/* One of the two: where a tape has the first item of its field, and the range of its values. */
struct lead {
	uint8_t where;
	uint16_t field;
	uint64_t low, span;
	const struct selector *selector; /* NULL: a gate */
};

struct leads {
	struct lead *at;
	unsigned count;
};

struct scanner {
	hs_database_t *db;
	struct check_list *by_pattern;
	unsigned pattern_count;
	unsigned reach; /* the longest match; UINT_MAX: it may have no end */
	bool has_expressions; /* which may ask for the beginning */
	const struct check_list *of; /* the checks it was built for */
	bool is_of_field;
};

/* All rules of one dissector and phase (or of one way of unclaimed bytes). */
struct check_index {
	bool is_used;
	struct header_list always; /* of rules that are reached whatever the fields, and */
	uint64_t *always_fits;     /* the same as in flow_rules.fits, both ways of each class */
	bool sees_change; /* some rule is reached through a value that a repeated poll changes */
	struct check_group *groups; /* [0]: reached by every message */
	unsigned group_count;
	struct selector *selectors; /* on the halves */
	unsigned selector_count;
	struct selector verb, outcome; /* on the operation */
	struct gate *gates;         /* on the halves */
	unsigned gate_count;
	struct leads leads[2];      /* all of both, by the half */
	uint64_t events;
	uint64_t either_events; /* of them: the request's lead to rules that its answer completes */
	uint16_t event_group[EVENT_MAX];
	struct check_list waiting;  /* all that wait for a pattern in the whole message */
	struct scanner *scanner;
	struct buffer *buffers;
	unsigned buffer_count;
};

/* Other: fragments and whatever else IP carries. */
enum { PACKET_TCP, PACKET_UDP, PACKET_ICMP, PACKET_OTHER, PACKET_NOT_IP, PACKET_KINDS };

struct packet_index {
	bool is_used;
	uint64_t events;
	struct check_list by_event[EVENT_MAX];
	struct check_list by_flags[256]; /* TCP */
	struct check_list plain[PACKET_KINDS];
};

/* Where the modbus keyword finds what it needs; missing fields have no dissector. */
enum { ACCESS_FUNCTION, ACCESS_READ_ADDRESS, ACCESS_READ_QUANTITY, ACCESS_WRITE_ADDRESS,
	ACCESS_WRITE_QUANTITY, ACCESS_WRITE_VALUE, ACCESS_FIELDS };

struct ruleset {
	unsigned owners;      /* beyond the first */
	struct rule_list *list;
	const struct rule **by_sid; /* sorted by gid, sid and twin */
	struct arena arena;
	const char *cache;    /* folder of compiled databases, or NULL; while loading only */
	struct check *checks; /* by rule index */
	const struct rule_header **headers;
	unsigned header_count, header_words, bit_words;
	uint32_t *header_slot; /* while compiling: classes by hash, plus 1; 0 is free */
	uint32_t header_slots; /* a power of two, more than twice the rules */
	unsigned dissector_count, fields_max, groups_max;
	struct check_index (*messages)[PHASE_COUNT]; /* by dissector */
	struct check_index unclaimed[2];             /* by way */
	struct packet_index packets;
	struct check_list stream[STREAM_EVENT_COUNT];
	struct check_list session[SESSION_EVENT_COUNT];
	bool has_events, has_passes; /* rules on events; rules that pass */
	struct header_list flow_passes; /* of rules that pass all of a flow */
	bool has_stream_sizes;
	bool clears_flowbits;        /* rules that take away what others set */
	struct field_ref access[ACCESS_FIELDS];
	struct scanner **scanners;
	unsigned scanner_count;
	hs_scratch_t *scratch;
};

/* Where on a long tape a field's items lie: found when first asked for, valid while the
 * stamp is the evaluation's. */
struct field_place {
	uint32_t stamp, first, end;
};

enum { MATCHED_MAX = 1024 }; /* in one evaluation, before marks are asked */

struct detector {
	const struct ruleset *set;
	const struct ruleset *old; /* the set before, while flows are carried over; or NULL */
	/* Of each of its flowbits and flowints the number in this one plus 1, or 0. */
	uint16_t *new_bits, *new_ints;
	const struct dissector *dissector;  /* of the transaction before, and */
	const struct check_index *indexes;  /* those of its messages; NULL: none */
	uint32_t generation;    /* of the set; tells a flow's cache that it is stale */
	uint32_t now;           /* stamp of this evaluation */
	uint32_t *seen;         /* by rule index */
	uint32_t *group_seen;   /* by group */
	const struct check **candidates; /* from Hyperscan */
	unsigned candidate_count;
	const struct check *matched[MATCHED_MAX];
	unsigned matched_count;
	uint64_t passed; /* the number of the last packet that a rule let pass */
	const struct check *quiet[MATCHED_MAX]; /* matched, left a mark and make no alert */
	unsigned quiet_count;
	struct field_place *places[TAPE_COUNT];
	struct message operation;
	struct message expanded[2]; /* lazy halves, when a rule looks that far */
	hs_scratch_t *scratch;
	struct pool pool;
	struct rule_cost *costs; /* by rule index, or NULL */
	struct detect_counters counters;
};

/* The rule as it is run; NULL: it is of another rule set. */
static inline const struct check *check_of(const struct detector *d, const struct rule *r)
{
	const struct rule_list *list = d->set->list;
	return r->index < list->count && list->rules[r->index] == r ? &d->set->checks[r->index]
								    : NULL;
}

/* Ticks of the processor; elsewhere nanoseconds. */
static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_ia32_rdtsc();
#else
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
#endif
}

static inline void cost_add(struct detector *d, const struct check *c, uint64_t since,
	bool matched)
{
	struct rule_cost *cost = &d->costs[c->rule->index];
	cost->ticks += ticks_now() - since;
	cost->checks++;
	cost->matches += matched;
}

/* ---- compile.c, index*.c: rules to checks, checks to indexes; more in compile.h ---- */

bool ruleset_compile(struct ruleset *set);
void check_list_add(struct arena *a, struct check_list *l, const struct check *c);
void index_add(struct ruleset *set, struct check_index *index, enum phase phase,
	struct check *c);
/* An array in the arena, with room for one more; it doubles. */
void *array_grown(struct arena *a, void *at, unsigned count, size_t size);
void headers_add(struct ruleset *set, struct header_list *l, uint32_t header);
/* Which of the index's buffers the check waits for from now on; -1: none. */
int buffer_add(struct ruleset *set, struct check_index *index, struct check *c);
void packet_index_add(struct ruleset *set, const struct check *c);
/* A rule on payload: packets that are neither streams nor datagrams are looked at whole. */
void packet_index_add_payload(struct ruleset *set, const struct check *c);

/* ---- steady.c ---- */

bool rule_sees_change(const struct ruleset *set, const struct rule *r);
bool rule_clears_flowbits(const struct rule *r);
/* A check that waits for bytes, whose header fits: may it match a repetition? */
bool waiting_may_match_later(const struct check *c, const struct transaction *t);
bool field_is_steady(const struct dissector *d, unsigned field);

/* ---- scan.c ---- */

bool index_scanner(struct ruleset *set, struct check_index *index);
void scanners_free(struct ruleset *set);
/* Fills d->candidates with the checks whose pattern is in `data`, each once, in no order. */
void scanner_run(struct detector *d, const struct scanner *s, struct bytes data);

/* ---- match_header.c ---- */

struct tuple {
	const struct address *src, *dst;
	uint16_t sport, dport;
	uint8_t proto;
};

/* The class of this header, a new one if it is the first of its kind. */
uint32_t header_class(struct ruleset *set, const struct rule_header *h);
bool header_fits(const struct rule_header *h, const struct tuple *t);
/* What hangs on flow->rules: four bits a header class, whether it fits what end 0 sends,
 * end 1, and end 0 again, so that either end can be the first of two. */
struct flow_rules {
	uint32_t generation, words; /* behind those of `fits` stand the flow's bits, and behind
				     * them its numbers: marks.c */
	bool was_asked[2], was_unclaimed[2]; /* by sending end */
	bool passes[2];           /* what this end sends has a rule pass the flow */
	uint64_t first[2];        /* the transaction, from 1, with what this end was the first to
				   * say since rules ask for it; 0: it said nothing */
	uint64_t fits[];
};

const uint64_t *flow_headers_find(struct detector *d, struct flow *f);

static inline const uint64_t *flow_headers(struct detector *d, struct flow *f)
{
	const struct flow_rules *r = f->rules;
	if (__builtin_expect(r && r->generation == d->generation, 1))
		return r->fits;
	return flow_headers_find(d, f);
}

/* Bit 0: it fits what end `from` sends; bit 1: what the other sends. */
static inline unsigned header_ways(const uint64_t *fits, uint32_t class, unsigned from)
{
	return fits[class / 16] >> (class % 16 * 4 + from) & 3;
}

/* Whether a rule passes all of the flow: by the addresses of an end that has sent. */
bool flow_passes(struct detector *d, struct flow *f);
/* false the second time it is asked for this flow and end. */
bool flow_first_time(struct detector *d, struct flow *f, unsigned from);
/* The same of bytes that no dissector claimed. */
bool flow_first_unclaimed(struct detector *d, struct flow *f, unsigned from);

/* ---- match_content.c ---- */

/* Whether all contents hold in `data`. `at` (may be NULL) gets where each was found. */
bool contents_search(const struct content_list *l, struct bytes data, uint32_t *at);
/* offset and depth leave it one place. */
bool content_is_fixed(const struct content *c);

static inline bool content_stands(const struct content *fixed, struct bytes data)
{
	size_t from = fixed->has_offset ? (size_t)fixed->offset : 0;
	return data.len >= from && data.len - from >= fixed->pattern.len &&
		data.at[from] == fixed->pattern.at[0] &&
		memcmp(data.at + from, fixed->pattern.at, fixed->pattern.len) == 0;
}

/* As contents_search(), for who does not ask where. */
static inline bool contents_match(const struct content_list *l, struct bytes data)
{
	if (!l->is_fixed)
		return contents_search(l, data, NULL);
	for (unsigned i = 0; i < l->count; i++)
		if (content_stands(l->at[i], data) == l->at[i]->negated)
			return false;
	return true;
}

/* ---- match_joined.c ---- */

/* Some step counts from the first byte, and not from another step. */
bool contents_are_placed(const struct content_list *l);
/* Whether all contents hold in `all`, not in its first `before` bytes alone. */
bool joined_match(const struct content_list *l, struct bytes all, size_t before);

/* ---- match_value.c, match_many.c, match_tape.c ---- */

bool number_in(const struct number_range *ranges, unsigned count, int64_t value);
/* Ranges and mask of the predicate; whether it is negated is left to the caller. */
bool unsigned_in(const struct predicate *p, uint64_t value);
int text_order(struct bytes a, struct bytes b); /* of sorted texts, without case */
bool field_has_bytes(enum field_type type);
bool condition_holds(const struct condition *c, const struct item *item);
/* Whether element i of an array, or the value itself (i 0), is one the predicate names. */
bool element_matches(const struct condition *c, const struct item *item, uint32_t i);
uint32_t element_count(const struct condition *c, const struct item *item);
/* Whether the condition speaks of this row at all: text of texts, numbers of numbers. */
bool condition_compares(const struct condition *c, const struct item *item);
/* Of the conditions `which`, bit by bit the first 64, those that the item of this half fulfils. */
uint64_t conditions_held(const struct check *c, uint64_t which, enum half half,
	const struct item *item);
/* Whether the field's values in the message are as a condition with `many` says. */
bool many_hold(const struct condition *c, const struct message *m);

struct tapes {
	const struct message *at[TAPE_COUNT]; /* any may be NULL */
	struct field_place **places;          /* the detector's */
	const struct dissector *dissector;    /* of lazy halves: whose, and */
	struct message *room;                 /* where each is expanded when that is needed */
	uint32_t stamp;
	uint32_t operation_stamp;             /* of the operation's tape; 0: the same */
};

/* From its first item to the end of what may be about it; at == end: it is not there. */
struct run {
	const struct item *at, *end;
};

struct run items_far(struct tapes *t, enum tape tape, unsigned field);

static inline struct run items_of(struct tapes *t, enum tape tape, unsigned field)
{
	const struct message *m = t->at[tape];
	unsigned where = m->where[field % WHERE];
	if (__builtin_expect(m->count >= UINT8_MAX ||
		(where && m->items[where - 1].field != field), 0))
		return items_far(t, tape, field);
	return where ? (struct run){ m->items + where - 1, m->items + m->count }
		: (struct run){ NULL, NULL };
}

/* The half's tape, or, for what may be found in lazy items, the one that has them expanded. */
enum tape tape_looked_at(struct tapes *t, enum tape half, bool is_in_lazy);

/* `known`: one of them that is known to hold, or NULL. */
bool conditions_hold(struct tapes *t, const struct check *c, const struct condition *known);
bool operations_hold(struct tapes *t, const struct check *c);

/* ---- match_facts.c ---- */

/* false: this packet has no such thing. */
bool packet_fact_of(const struct packet *p, enum packet_fact fact, uint64_t *value);
/* Whether the packet (NULL: none is) is as the rule's ttl, itype, fragbits … want it. */
bool packet_tests_hold(const struct rule *r, const struct packet *p);
bool tcp_flags_hold(const struct rule *r, int flags);
/* By what the flow's ends have sent so far; */
bool stream_size_holds(const struct stream_size *s, const struct flow *f);
void streams_sent(const struct flow *f, uint64_t sent[2]);
/* or, of a request, when it came. */
bool stream_size_fits(const struct check *c, const struct transaction *t);

/* ---- match_access.c ---- */

struct access_found {
	uint64_t function;
	bool has_address, has_value;
	uint32_t address;
	uint32_t value;
};
bool access_holds(const struct ruleset *set, const struct modbus_access *a,
	const struct message *request, struct access_found *found);
const char *access_table(uint64_t function);
void access_find_fields(struct ruleset *set);

/* ---- hits.c ---- */

void detector_begin(struct detector *d); /* nothing matched yet */
void detector_forget(struct detector *d); /* the stamps have come round */

static inline void detector_stamp(struct detector *d) /* nothing was seen yet */
{
	if (__builtin_expect(++d->now == 0, 0))
		detector_forget(d);
}

bool hits_has(const struct transaction *t, const struct rule *r);
bool hits_passed(const struct transaction *t);
/* Nothing matched the transaction, nor will. */
void hits_pass(struct detector *d, struct transaction *t);
/* Whether a rule that passes is among what matched. */
bool matched_passes(const struct detector *d);
/* Adds what d->matched holds, at least one, to t->hits; how many were added. */
unsigned hits_settle(struct detector *d, struct transaction *t);
/* What d->matched holds, for callers with an array of their own. */
unsigned hits_give(struct detector *d, struct flow *f, const struct rule **out, unsigned max);

/* ---- why_value.c ---- */

void pattern_put(struct text *out, struct bytes p); /* as a content says it: |00 05|PLC */
/* The value of an item, or element i of an array, as JSON. */
void element_put(struct text *out, const struct field *f, const struct item *item, uint32_t i);

/* ---- say.c ---- */

void content_say(const struct content *c, const struct dissector *d, struct text *out);
void header_say(const struct rule *r, struct text *out); /* up to its options */
void event_say(const struct rule_event *e, struct text *out); /* a line */

/* ---- marks.c ---- */

/* Of what matched on this flow (NULL: none), takes out what asks for bits and numbers that are
 * not as it wants them, lets the rest change theirs, and takes out what makes no alert: of
 * that, d->quiet has what changed something. */
void marks_apply(struct detector *d, struct flow *f);

static inline void matched_add(struct detector *d, const struct check *c)
{
	if (d->matched_count < MATCHED_MAX)
		d->matched[d->matched_count++] = c;
	else
		detect_lost.alerts++;
}

#endif
