/* What a running sensor offers to the machine it runs on: a control socket (control.h), numbers
 * for Prometheus on loopback, and word to the service manager (notify.h).
 *
 * One thread, beside the engine's. It asks the engine (engine/question.h) and touches nothing
 * that is the engine's; whoever connects gets a bounded buffer, a deadline and one of few
 * places, so that neither many nor slow clients cost anything that matters. */
#ifndef IRONSPAN_SERVICE_H
#define IRONSPAN_SERVICE_H

#include "engine/engine.h"

struct service;

/* What a service serves. */
struct service_of {
	const struct config *config;
	struct engine *engine;
	struct sink *sink;
};

/* Whether what the configuration asks for can be: reports what cannot. At start. */
bool service_check(const struct config *c);

/* Starts what the configuration and the environment ask for; that may be nothing. false after a
 * reported error. `of` is copied; stop it before the engine is freed. */
bool service_start(const struct service_of *of, struct service **service);
void service_stop(struct service *s); /* NULL: there is nothing to stop */

#endif
