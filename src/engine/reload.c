#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "engine/reload.h"

struct reload {
	struct engine_rules from;
	pthread_t thread;
	sem_t asked;
	atomic_bool is_ending;
	_Atomic(struct ruleset *) loaded;
};

static void *load(void *context)
{
	struct reload *r = context;
	for (;;) {
		while (sem_wait(&r->asked) != 0)
			;
		if (atomic_load(&r->is_ending))
			return NULL;
		struct ruleset *rules = r->from.load(r->from.context);
		if (rules)
			ruleset_free(atomic_exchange(&r->loaded, rules)); /* nobody took it */
	}
}

/* Signals are for the other threads: one of them may wait for packets. */
static bool start(struct reload *r)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool ok = pthread_create(&r->thread, NULL, load, r) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

struct reload *reload_new(const struct engine_rules *from)
{
	struct reload *r = mem_new(sizeof(*r));
	r->from = *from;
	sem_init(&r->asked, 0, 0);
	if (start(r))
		return r;
	report_warning("cannot start a thread to load rules: they cannot be reloaded");
	sem_destroy(&r->asked);
	free(r);
	return NULL;
}

void reload_free(struct reload *r)
{
	if (!r)
		return;
	atomic_store(&r->is_ending, true);
	sem_post(&r->asked);
	pthread_join(r->thread, NULL);
	ruleset_free(r->loaded);
	sem_destroy(&r->asked);
	free(r);
}

void reload_ask(struct reload *r)
{
	sem_post(&r->asked);
}

struct ruleset *reload_take(struct reload *r)
{
	if (!atomic_load_explicit(&r->loaded, memory_order_relaxed))
		return NULL;
	return atomic_exchange(&r->loaded, NULL);
}
