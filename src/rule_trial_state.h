/* What the files of a trial share: rule_trial.c runs the layers, rule_trial_tell.c keeps and
 * prints what came of it. Nobody else includes this. */
#ifndef IRONSPAN_RULE_TRIAL_STATE_H
#define IRONSPAN_RULE_TRIAL_STATE_H

#include "detect/explain.h"
#include "detect/tails.h"
#include "detect/threshold.h"
#include "detect/xbits.h"
#include "rule_trial.h"

enum { MISSES_MAX = 256, HITS_ROOM = 64 };

/* What failed first, and how often; the first time is an example. */
struct miss {
	char *reason, *example;
	uint64_t count, number;
	unsigned held;
};

struct trial {
	FILE *out;
	const struct rule *rule;
	bool sees_messages, sees_unclaimed, sees_packets;
	struct detector *detector;
	struct hash_key key;
	struct flow_table *flows;
	struct streams *streams;
	struct sessions *sessions;
	struct tails *tails;
	struct thresholds *thresholds;
	struct xbits *xbits;
	uint64_t looked_at, fired, alerted;
	struct miss misses[MISSES_MAX];
	unsigned miss_count;
	struct text text;
};

/* One match of a rule, in the order of the ordered stage. */
void trial_match(struct trial *t, const struct rule *r, const struct flow *f, unsigned from,
	const struct origin *o, const struct transaction *transaction);
/* The rule did not match. t->text holds the reason, and behind a line's end the example. */
void trial_miss(struct trial *t, struct nearness near, const struct origin *o);
void trial_print(struct trial *t);

#endif
