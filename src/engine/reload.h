/* New rules for an engine that runs: loaded on a thread of their own, so that no packet waits,
 * and handed over when they are ready. */
#ifndef IRONSPAN_RELOAD_H
#define IRONSPAN_RELOAD_H

#include "engine/engine.h"

struct reload;

/* `from` is copied. NULL after a warning: there can be no reload. */
struct reload *reload_new(const struct engine_rules *from);
void reload_free(struct reload *r); /* waits for what is being loaded; r may be NULL */
void reload_ask(struct reload *r);  /* async-signal-safe */
/* The reader's, now and then: what was loaded, the caller's from then on; else NULL. */
struct ruleset *reload_take(struct reload *r);

#endif
