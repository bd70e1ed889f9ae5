/* Alerts counted by rule, for people. Belongs to the ordered stage. A rule may go away with a
 * reload: its count stays, and what is told of it was copied when it first alerted. */
#ifndef IRONSPAN_TALLY_H
#define IRONSPAN_TALLY_H

#include "engine/engine.h"

struct tally;

struct tally *tally_new(const struct ruleset *rules);
void tally_alert(struct tally *t, const struct rule *rule, enum outcome outcome);
/* The rules were swapped; those of the same gid and sid go on. */
void tally_swap(struct tally *t, const struct ruleset *rules);
/* Rules that alerted, most first; valid until the next call. */
const struct engine_rule_total *tally_rows(struct tally *t, unsigned *count);
void tally_free(struct tally *t);

#endif
