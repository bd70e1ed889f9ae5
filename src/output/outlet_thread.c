/* The thread: delivers, connects again, and at the end sees to what is left. */
#include <stdlib.h>

#include "base/report.h"
#include "output/outlet_state.h"

enum {
	FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 60 * 1000, /* between attempts to connect */
	LOOK_MS = 100,          /* how often a thread that cannot do anything looks up */
	SETTLE_MS = 10,         /* and one that waits to hear that lines have arrived */
	FINISH_LIVE_MS = 3000, FINISH_REPLAY_MS = 30 * 1000,
};

static bool has_left(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool yes = !queue_is_empty(&o->queue) || o->sent.first ||
		(o->spool && spool_lines(o->spool) > 0);
	pthread_mutex_unlock(&o->lock);
	return yes;
}

/* Live, a remote end that cannot be reached now is not waited for. */
static bool is_over(struct outlet *o)
{
	int64_t now = outlet_now_ms();

	pthread_mutex_lock(&o->lock);
	bool is_broken = o->is_broken, is_finishing = o->is_finishing;
	pthread_mutex_unlock(&o->lock);
	if (is_broken || !is_finishing)
		return is_broken;
	if (!o->finish_by_ms)
		o->finish_by_ms = now + (o->is_live ? FINISH_LIVE_MS : FINISH_REPLAY_MS);
	return now >= o->finish_by_ms || !has_left(o) ||
		(!o->is_connected && (o->is_live || o->spool) && o->counters.is_down);
}

/* ---- connections ---- */

static void take_reopen(struct outlet *o)
{
	struct transport *t = o->transport;

	if (!atomic_exchange_explicit(&o->reopen, false, memory_order_relaxed))
		return;
	o->connect_at_ms = o->wait_ms = 0;
	if (!t->is_remote && o->is_connected && !t->ops->connect(t))
		report_warning("%s: cannot be opened anew: %s", t->name, t->why);
}

void outlet_wait_longer(struct outlet *o)
{
	int64_t longest = o->transport->is_remote ? LONGEST_WAIT_MS : FIRST_WAIT_MS;

	o->wait_ms = o->wait_ms ? 2 * o->wait_ms : FIRST_WAIT_MS;
	if (o->wait_ms > longest)
		o->wait_ms = longest;
	o->connect_at_ms = outlet_now_ms() + o->wait_ms;
}

/* Nothing but a first line goes out until that has arrived. A connection that breaks at once
 * counts as none, so the next attempt waits longer. */
static void connect_again(struct outlet *o)
{
	struct transport *t = o->transport;

	if (!t->ops->connect(t)) {
		outlet_wait_longer(o);
		outlet_tell_down(o);
		return;
	}
	o->is_connected = true;
	o->window = 1;
	if (!has_left(o))
		outlet_tell_up(o);
}

/* In replay somebody waits for what is not on the spool; not for ever. */
static void lose_patience(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool is_empty = queue_is_empty(&o->queue);
	pthread_mutex_unlock(&o->lock);
	if (o->is_live || is_empty || outlet_now_ms() - o->down_since_ms < FINISH_REPLAY_MS)
		return;
	report_error("%s: %s; given up", o->transport->name, o->transport->why);
	outlet_break(o);
}

static bool recover(struct outlet *o)
{
	if (outlet_now_ms() >= o->connect_at_ms)
		connect_again(o);
	if (o->is_connected)
		return true;
	outlet_spool_queue(o);
	lose_patience(o);
	return false;
}

/* ---- rest ---- */

static int64_t rest_ms(const struct outlet *o)
{
	return o->sent.first ? SETTLE_MS : LOOK_MS;
}

/* Until there is something to do: lines, unless they cannot go out now anyway. */
static void rest(struct outlet *o)
{
	int64_t until_ms = outlet_now_ms() + rest_ms(o);
	struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };
	bool waits_for_lines = o->is_connected && !o->is_stuck && o->sent_bytes < o->window;

	outlet_tell_loss(o);
	pthread_mutex_lock(&o->lock);
	if (!waits_for_lines || queue_is_empty(&o->queue))
		pthread_cond_timedwait(&o->data, &o->lock, &until);
	pthread_mutex_unlock(&o->lock);
}

/* ---- the end ---- */

void outlet_break(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	o->is_broken = true;
	pthread_cond_broadcast(&o->room);
	pthread_mutex_unlock(&o->lock);
}

/* What is left goes to the spool, if there is one; what was sent but not acknowledged too. */
static void see_to_rest(struct outlet *o)
{
	if (o->spool)
		outlet_unsend(o);
	else
		outlet_end_sent(o);
	outlet_spool_queue(o);
	if (o->held)
		outlet_unsend(o);
	pthread_mutex_lock(&o->lock);
	for (struct queue_entry *e; (e = queue_pop(&o->queue)) != NULL; free(e))
		o->counters.lost[e->value] += e->lines;
	pthread_mutex_unlock(&o->lock);
	outlet_tell_loss(o);
}

void outlet_run(struct outlet *o)
{
	while (!is_over(o)) {
		take_reopen(o);
		if (!(o->is_connected ? outlet_deliver(o) : recover(o)))
			rest(o);
	}
	see_to_rest(o);
	pthread_mutex_lock(&o->lock);
	o->is_done = true;
	pthread_cond_broadcast(&o->done);
	pthread_mutex_unlock(&o->lock);
}
