/* A rule for people: what it says, how it is run, and how near something came to it. For
 * `rules show` and `rules test`; nothing here is fast.
 *
 * Text goes to `out` as lines of plain text. The set is constant; a detector is the caller's
 * thread's. */
#ifndef IRONSPAN_EXPLAIN_H
#define IRONSPAN_EXPLAIN_H

#include "detect/detect.h"

/* What the rule asks for, one line a condition. */
void rule_say(const struct rule *r, struct text *out);
/* How it is reached, and what is looked at afterwards. */
void rule_plan(const struct ruleset *set, const struct rule *r, struct text *out);

/* How far something came: so many conditions held one after the other, and then this one did
 * not. Where all hold nothing is written. */
struct nearness {
	unsigned held;
	bool fits;
};
/* `finished`: outcome and operations are known. The reason's first line names the condition
 * alone, so that equal ones can be counted together; a second line, if any, what was there
 * instead. */
struct nearness rule_near_transaction(struct detector *d, const struct rule *r,
	const struct transaction *t, struct text *out);
/* Bytes that no dissector claimed (p NULL), or a packet as such. */
struct nearness rule_near_bytes(struct detector *d, const struct rule *r, const struct flow *f,
	unsigned from, const struct packet *p, struct bytes data, struct text *out);
/* What a rule looks at: messages, bytes that nobody claims, packets. */
bool rule_sees_messages(const struct ruleset *set, const struct rule *r);
bool rule_sees_unclaimed(const struct ruleset *set, const struct rule *r);
bool rule_sees_packets(const struct ruleset *set, const struct rule *r);

#endif
