/* How a pattern becomes lines of a rule file. Internal to src/incident/stix_*.c. */
#ifndef IRONSPAN_STIX_RULES_H
#define IRONSPAN_STIX_RULES_H

#include "incident/stix_import.h"
#include "incident/stix_pattern.h"

enum { STIX_ID_MAX = 64, STIX_SAFE = 160 };

/* What the rules of one indicator share; all texts are safe in a rule. */
struct stix_indicator {
	char id[STIX_ID_MAX], name[STIX_SAFE], source[STIX_SAFE];
	const char *tlp;
	unsigned parts; /* rules written so far */
};

struct stix_sids;

/* What an earlier file gave to whom; its lines must live as long. */
struct stix_sids *stix_sids_new(struct bytes earlier);
void stix_sids_free(struct stix_sids *s);

/* A rule's line: `head` up to '(' and `asks` between its options. Gives it sid and rev. false:
 * there are too many. */
bool stix_put_rule(struct stix_import *i, struct stix_sids *s, struct stix_indicator *about,
	const char *head, const char *asks);

/* The pattern's ways as rules. NULL, or why not all could be. */
const char *stix_put_ways(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const struct stix_pattern *p);
/* A rule in Suricata's language with another sid. The same. */
const char *stix_put_foreign(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const char *rule);

#endif
