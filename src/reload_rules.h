/* The rules of a run, read anew while it goes on. */
#ifndef IRONSPAN_RELOAD_RULES_H
#define IRONSPAN_RELOAD_RULES_H

#include "engine/engine.h"
#include "options.h"

struct reload_rules {
	const struct options *options; /* the command line's */
	unsigned refused, loaded;      /* rules of the set that runs, or will next */
};

/* For struct engine_rules; the context is a struct reload_rules. The configuration is read again
 * too, for its rule files and variables only. NULL after it told why: something cannot be read,
 * or more rules are refused than before. */
struct ruleset *reload_rules(void *context);
void reload_ready(void *context); /* says so */

#endif
