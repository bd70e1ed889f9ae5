/* Indicators from others: a STIX 2.1 bundle becomes a rule file, and its hits say whose
 * indicator it was (`ot.indicator`).
 *
 * Foreign input: bounded, and what cannot become a rule is counted and told with its reason,
 * never guessed. Patterns are those of stix_pattern.h, and rules in Suricata's language, whose
 * sid and revision are replaced. Sids are STIX_SID to STIX_SID_END - 1; a rule keeps its sid
 * when the same indicator is imported again over the file written before, and its revision
 * rises when it changed. One thread. */
#ifndef IRONSPAN_STIX_IMPORT_H
#define IRONSPAN_STIX_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { STIX_BUNDLE_MAX = 64 << 20, STIX_SID = 8000000, STIX_SID_END = 9000000,
	STIX_RULES_MAX = 100000, STIX_NOTES_MAX = 1000 };

struct stix_import {
	const char *source;    /* whose bundle it is, for the rules' metadata */
	uint64_t now_ns;       /* what is no longer or not yet valid then is left out */
	struct bytes earlier;  /* the file written before; empty: there is none */

	struct text rules;     /* the new file; stix_import_fini() frees it */
	unsigned indicators, imported, left_out, rule_count;
	json_t *notes;         /* [{id, why}], the first STIX_NOTES_MAX */
};

/* false after a reported error: it is no bundle. */
bool stix_import(struct stix_import *i, struct bytes bundle);
void stix_import_fini(struct stix_import *i);

#endif
