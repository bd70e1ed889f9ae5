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
	sem_t wake;
	atomic_bool is_ending;
	_Atomic uint64_t asked;
	atomic_bool is_ready;           /* a hint: there is something to take */
	pthread_mutex_t lock;           /* of the rest */
	struct ruleset *loaded;         /* NULL: none waits */
	struct engine_reload outcome;
};

static void set(struct reload *r, struct ruleset *rules, const struct engine_reload *outcome)
{
	pthread_mutex_lock(&r->lock);
	struct ruleset *before = rules ? r->loaded : NULL; /* nobody took it */
	if (rules)
		r->loaded = rules;
	r->outcome = *outcome;
	atomic_store_explicit(&r->is_ready, r->loaded != NULL, memory_order_relaxed);
	pthread_mutex_unlock(&r->lock);
	ruleset_free(before);
}

static void load_once(struct reload *r)
{
	struct engine_reload outcome = { .number = atomic_load(&r->asked) };

	if (outcome.number == r->outcome.number)
		return; /* the one before served this one, too */
	report_keep(outcome.reason, sizeof(outcome.reason));
	struct ruleset *rules = r->from.load(r->from.context);
	report_keep(NULL, 0);
	outcome.ok = rules != NULL;
	set(r, rules, &outcome);
	if (rules)
		r->from.ready(r->from.context);
}

static void *load(void *context)
{
	struct reload *r = context;
	for (;;) {
		while (sem_wait(&r->wake) != 0)
			;
		if (atomic_load(&r->is_ending))
			return NULL;
		load_once(r);
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

static void destroy(struct reload *r)
{
	ruleset_free(r->loaded);
	pthread_mutex_destroy(&r->lock);
	sem_destroy(&r->wake);
	free(r);
}

struct reload *reload_new(const struct engine_rules *from)
{
	struct reload *r = mem_new(sizeof(*r));
	r->from = *from;
	sem_init(&r->wake, 0, 0);
	pthread_mutex_init(&r->lock, NULL);
	if (start(r))
		return r;
	report_warning("cannot start a thread to load rules: they cannot be reloaded");
	destroy(r);
	return NULL;
}

void reload_free(struct reload *r)
{
	if (!r)
		return;
	atomic_store(&r->is_ending, true);
	sem_post(&r->wake);
	pthread_join(r->thread, NULL);
	destroy(r);
}

uint64_t reload_ask(struct reload *r)
{
	uint64_t number = atomic_fetch_add(&r->asked, 1) + 1;
	sem_post(&r->wake);
	return number;
}

uint64_t reload_asked(const struct reload *r)
{
	return atomic_load(&r->asked);
}

void reload_outcome(struct reload *r, struct engine_reload *outcome)
{
	pthread_mutex_lock(&r->lock);
	*outcome = r->outcome;
	pthread_mutex_unlock(&r->lock);
}

struct ruleset *reload_take(struct reload *r, uint64_t *number)
{
	if (!atomic_load_explicit(&r->is_ready, memory_order_relaxed))
		return NULL;
	pthread_mutex_lock(&r->lock);
	struct ruleset *rules = r->loaded;
	r->loaded = NULL;
	*number = r->outcome.number;
	atomic_store_explicit(&r->is_ready, false, memory_order_relaxed);
	pthread_mutex_unlock(&r->lock);
	return rules;
}
