/* The load report of rules, told to people and machines. */
#ifndef IRONSPAN_RULE_NOTES_H
#define IRONSPAN_RULE_NOTES_H

#include <stdio.h>

#include "detect/detect.h"

/* On stderr: the first refused rules and doubtful ones, or (`all`) every note; with -v, how
 * many loaded. */
void rule_notes_tell(const struct rules_report *report, bool all);
/* One file's report, for `rules check`: lines for people, or one JSON object. */
void rule_notes_print(FILE *out, const char *file, const struct rules_report *report);
void rule_notes_json(FILE *out, const char *file, const struct rules_report *report);

#endif
