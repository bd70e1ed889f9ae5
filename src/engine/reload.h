/* New rules for an engine that runs: loaded on a thread of their own, so that no packet waits,
 * and handed over when they are ready.
 *
 * Who asks gets a number. One loading serves all that asked before it began, and its outcome
 * stays to be looked at until the next one's. */
#ifndef IRONSPAN_RELOAD_H
#define IRONSPAN_RELOAD_H

#include "engine/engine.h"

struct reload;

/* `from` is copied. NULL after a warning: there can be no reload. */
struct reload *reload_new(const struct engine_rules *from);
void reload_free(struct reload *r); /* waits for what is being loaded; r may be NULL */
uint64_t reload_ask(struct reload *r); /* from 1 on; async-signal-safe */
uint64_t reload_asked(const struct reload *r); /* the last number given; any thread */
/* What the last loading came to: `number` is of the last that it served, 0 before the first; `ok`
 * whether there are new rules; else why not. Any thread. */
void reload_outcome(struct reload *r, struct engine_reload *outcome);
/* The reader's, now and then: what was loaded, the caller's from then on, and the outcome's
 * number; else NULL. */
struct ruleset *reload_take(struct reload *r, uint64_t *number);

#endif
