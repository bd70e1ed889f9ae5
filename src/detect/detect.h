/* Rules: loaded once, then run by every worker against messages, packets and events.
 *
 * A rule set is constant after loading and may be shared; a detector belongs to one worker.
 * Loading never fails as a whole because of a bad rule: the report names it and the rest are
 * used. What matched is kept on the transaction as hits; conditions wider than a flow
 * (thresholds, distinct, previous values) finish in the ordered stage: threshold.h. */
#ifndef IRONSPAN_DETECT_H
#define IRONSPAN_DETECT_H

#include "base/text.h"
#include "detect/rule.h"
#include "dissect/session.h"

/* ---- loading ---- */

struct rule_variable {
	const char *name;  /* "HOME_NET", without $ */
	const char *value; /* "[10.0.0.0/8,!10.1.0.0/16]" */
	const char *where; /* it was given: "ironspan.yaml:12"; NULL if nowhere in particular */
};

struct rules_config {
	const char *const *files; /* rule files, in order */
	unsigned file_count;
	const struct rule_variable *addresses, *ports;
	unsigned address_count, port_count;
	const char *classification; /* classification.config; NULL: none */
	const char *reference;      /* reference.config; NULL: none */
	const char *attack;         /* the ATT&CK table (JSON); NULL: ids without names */
	const char *cache_dir;      /* compiled databases are kept there; NULL: nowhere */
};

enum rule_fate { RULE_LOADED, RULE_FELL_BACK, RULE_REFUSED, RULE_COMMENTED };

/* One line of the load report; the loaded are only counted. */
struct rule_note {
	enum rule_fate fate;
	const char *file;
	unsigned line, column;
	uint32_t sid;
	const char *option; /* the option at fault, or NULL */
	const char *reason; /* one sentence: what is wrong and what to do */
};

struct rules_report {
	unsigned files, loaded, fell_back, refused, commented;
	struct rule_note *notes;
	unsigned note_count;
};

struct ruleset;

/* Whether all variables are sets of addresses and ports, used by a rule or not; those that
 * are none are reported. */
bool rule_variables_check(const struct rules_config *config);

/* NULL only if a file cannot be read or a database cannot be built (reported). */
struct ruleset *ruleset_load(const struct rules_config *config);
/* One more owner: the last ruleset_free() frees it. One thread. */
struct ruleset *ruleset_keep(struct ruleset *r);
void ruleset_free(struct ruleset *r);
const struct rules_report *ruleset_report(const struct ruleset *r);
const char *ruleset_sha256(const struct ruleset *r); /* of the rule files' bytes, hex */
unsigned ruleset_count(const struct ruleset *r);
const struct rule *ruleset_rule(const struct ruleset *r, unsigned index);
/* The rule of the same gid and sid as one of another set; NULL: there is none. */
const struct rule *ruleset_same(const struct ruleset *r, const struct rule *of);

/* Whether any rule looks at this kind of thing, so that the engine can skip the call. Which
 * packets is worked out beforehand: the others cost a comparison or two. */
struct packet_wants {
	uint64_t events;       /* decode events */
	uint64_t tcp_flags[4]; /* bit a value of the flags */
	bool any_tcp, any_other;
};
struct packet_wants ruleset_packet_wants(const struct ruleset *r);
static inline bool packet_is_wanted(const struct packet_wants *w, const struct packet *p)
{
	bool is_tcp = p->has_ports && p->proto == PROTO_TCP;
	return (p->events & w->events) || (is_tcp ? w->any_tcp : w->any_other) ||
		(is_tcp && w->tcp_flags[p->tcp_flags / 64] >> (p->tcp_flags % 64) & 1);
}
bool ruleset_wants_unclaimed(const struct ruleset *r);
/* Bit a dissector: a rule drops its requests by what they mean, so their operations are wanted
 * at once (sessions_ask()). */
uint64_t ruleset_asks(const struct ruleset *r);
bool ruleset_wants_events(const struct ruleset *r); /* decode, stream, session events */

/* An ATT&CK technique of a rule, under the version the table holds and, where that version
 * revoked or renamed the id, the newer id beside it. */
struct attack_technique {
	const char *id, *name, *tactic;
	const char *successor; /* NULL: still current */
};
const struct attack_technique *ruleset_attack(const struct ruleset *r, const char *id);
const char *ruleset_attack_version(const struct ruleset *r);

/* ---- running, on one worker ---- */

struct detector;

struct detector *detector_new(const struct ruleset *r);
/* Use this set from now on. What flows and waiting transactions hold is still of the old one:
 * carry each over before it is used again. The old set must live until then. */
void detector_swap(struct detector *d, const struct ruleset *r);
/* Flowbits stay, by name. Rules that ask once a flow were asked. */
void detect_carry_flow(struct detector *d, struct flow *f);
/* What matched so far stays, by gid and sid; rules that are gone have not matched. */
void detect_carry_transaction(struct detector *d, struct transaction *t);
void detector_free(struct detector *d);

/* So many rules alert at once on the same thing, those that drop and the gravest first. */
enum { DETECT_ALERTS_MAX = 64 };

/* Rules that matched, each once. Memory is the detector's pool; hits_free() gives it back. */
struct hits {
	unsigned count;
	const struct rule *rules[];
};

/* The newest half of t (the response if there is one) against all rules that fit it. A rule
 * already among t->hits is not matched again. `finished` is set on the last call, when the
 * outcome and the operations are known: rules on ot.* are evaluated then. Before, operations
 * that are there already are looked at by rules that drop only. New matches are
 * added to t->hits; returns how many. */
unsigned detect_transaction(struct detector *d, struct transaction *t, bool finished);
/* Whether rules wait for operations of a finished transaction that only reads, so that they
 * have to be there. */
bool detect_looks_at_reads(struct detector *d, const struct transaction *t);
void detect_release(struct detector *d, struct transaction *t); /* frees t->hits */
void detect_flow_release(struct detector *d, struct flow *f);   /* frees f->rules */

/* Rules on a packet as such (flags, decode events in p->events, addresses and ports, payload
 * where no stream carries it). Up to `max` rules into `out`; returns how many. f may be NULL. */
unsigned detect_packet(struct detector *d, const struct flow *f, unsigned from,
	const struct packet *p, const struct rule **out, unsigned max);
/* Whether the packet of this number was the last that a pass rule matched: nothing that it brings
 * is for rules to look at. Transactions that it completes know. */
bool detect_passed(const struct detector *d, uint64_t number);
/* Content rules on bytes that no dissector claimed. */
unsigned detect_unclaimed(struct detector *d, const struct flow *f, unsigned from,
	struct bytes data, const struct rule **out, unsigned max);
/* The same of a stream: `tails` (see tails.h) has what came before. Who waits for bytes at a
 * known place finds them in `data`, or counted from the stream's first byte. */
struct tails;
unsigned detect_unclaimed_stream(struct detector *d, struct tails *tails, const struct flow *f,
	unsigned from, struct bytes data, const struct rule **out, unsigned max);
unsigned detect_stream_event(struct detector *d, const struct flow *f, unsigned from,
	enum stream_event event, const struct rule **out, unsigned max);
unsigned detect_session_event(struct detector *d, const struct flow *f, unsigned from,
	const struct dissector *dissector, enum session_event event, const struct rule **out,
	unsigned max);

/* The end of the flow that thresholds and xbits of the rule call the source: the sender of the
 * message it is about, so the server with flow:to_client, or where only what the server sends
 * fits its header; else the client. */
unsigned detect_source(struct detector *d, const struct rule *r, const struct transaction *t);

/* Which values of its field a `distinct` rule counts in this transaction: a hash of each, at most
 * `max`. Of operations (`ot`) only those that hold what the rule asks of one. Not for a rule that
 * counts addresses or ports: those are the flow's. */
unsigned detect_distinct(struct detector *d, const struct rule *r, const struct transaction *t,
	uint64_t *hashes, unsigned max);

/* The operation that the rule matched, or that it is about as far as anybody knows
 * (transaction_operation(), d may be NULL). NULL: there is none. */
const struct operation *detect_operation(struct detector *d, const struct rule *r,
	const struct transaction *t);

/* ot.why: `[{"field":"modbus.write.value","value":500}, …]`: the fields that made the rule
 * match, with their values; contents as the pattern and its offset. */
void detect_why(struct detector *d, const struct rule *r, const struct transaction *t,
	struct text *out);

/* What each rule cost, by its index: how often it was looked at because something led to it,
 * how often it held, and the processor's ticks that took. */
struct rule_cost {
	uint64_t ticks, checks, matches;
};
void detector_measure(struct detector *d); /* from now on */
const struct rule_cost *detector_costs(const struct detector *d); /* NULL: not measured */

struct detect_counters {
	uint64_t messages, scans, candidates, checks, matches;
};
const struct detect_counters *detector_counters(const struct detector *d);

/* What bounds left out: alerts beyond DETECT_ALERTS_MAX on one packet, piece of a stream or half
 * of a transaction, and searches for contents that were given up. */
struct detect_losses {
	uint64_t alerts, searches;
};
/* What this thread lost; whoever counts it sets it back to 0. */
extern _Thread_local struct detect_losses detect_lost;

#endif
