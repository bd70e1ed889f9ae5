/* What --profile-rules prints when the run is over. */
#ifndef IRONSPAN_RULE_COSTS_H
#define IRONSPAN_RULE_COSTS_H

#include <stdio.h>

#include "detect/detect.h"

/* `costs` by rule index. The sums of each file, then the dearest rules. */
void rule_costs_print(FILE *out, const struct ruleset *rules, const struct rule_cost *costs);
/* One object: every file, and every rule that was looked at. */
void rule_costs_json(FILE *out, const struct ruleset *rules, const struct rule_cost *costs);

#endif
