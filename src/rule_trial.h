/* One rule over captures, for its author: what it fired on, and what came nearest.
 *
 * The whole set runs, because other rules set flowbits and xbits and pass; only this one's
 * matches are told. One thread; polls that repeat themselves are looked at one by one. */
#ifndef IRONSPAN_RULE_TRIAL_H
#define IRONSPAN_RULE_TRIAL_H

#include "engine/config.h"

/* Prints to `out`. The exit code: 0 it fired, 1 it did not, 2 a capture cannot be read. */
int rule_trial(FILE *out, const struct config *config, const struct ruleset *rules,
	const struct rule *rule);

#endif
