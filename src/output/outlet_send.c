/* The thread's work while the transport is connected: what is remote gets a line at a time, from
 * the spool first, then from the queue. */
#include <errno.h>
#include <stdlib.h>

#include "base/report.h"
#include "output/line.h"
#include "output/outlet_state.h"

/* The spool is the thread's; what it counts is copied, so that nobody waits for the disk. */
static void count_spool(struct outlet *o)
{
	if (!o->spool)
		return;
	pthread_mutex_lock(&o->lock);
	o->counters.spooled = spool_lines(o->spool);
	for (unsigned i = 0; i < LINE_VALUES; i++)
		o->spool_lost[i] = spool_lost(o->spool, i);
	pthread_mutex_unlock(&o->lock);
}

/* ---- what has arrived ---- */

static void count_sent(struct outlet *o, struct queue_entry *e)
{
	if (e->is_spooled)
		spool_confirm(o->spool, e);
	if (!e->is_counted) {
		pthread_mutex_lock(&o->lock);
		o->counters.lines += e->lines;
		o->counters.bytes += e->lines ? e->len : 0;
		pthread_mutex_unlock(&o->lock);
	}
	outlet_remember(o, e);
}

/* Once something arrived the connection is good, and more may be on its way. */
static void forget_settled(struct outlet *o)
{
	struct queue_entry *e = o->sent.first;

	if (!e || e->sent_to > o->transport->settled)
		return;
	while ((e = o->sent.first) != NULL && e->sent_to <= o->transport->settled) {
		queue_list_take(&o->sent);
		o->sent_bytes -= e->len;
		count_sent(o, e);
	}
	o->window = o->transport->window;
	o->wait_ms = 0;
	count_spool(o);
	outlet_tell_up(o);
}

static bool settle(struct outlet *o)
{
	struct transport *t = o->transport;

	if (t->ops->settle && t->ops->settle(t) == TRANSPORT_FAILED) {
		outlet_drop(o);
		return false;
	}
	if (!t->ops->settle)
		t->settled = t->given;
	forget_settled(o);
	outlet_forget_old(o);
	return true;
}

/* ---- from where the next lines come ---- */

static struct queue_entry *pop(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	struct queue_entry *e = queue_pop(&o->queue);
	pthread_cond_signal(&o->room);
	pthread_mutex_unlock(&o->lock);
	return e;
}

static void give_back(struct outlet *o, struct queue_entry *e)
{
	pthread_mutex_lock(&o->lock);
	queue_return(&o->queue, e);
	pthread_mutex_unlock(&o->lock);
}

static struct queue_entry *next_entry(struct outlet *o)
{
	struct queue_entry *e = o->held;

	o->held = NULL;
	if (!e && o->spool)
		e = spool_next(o->spool);
	return e ? e : pop(o);
}

static void tell_spool(struct outlet *o, bool ok)
{
	if (!ok && !o->is_spool_told)
		report_warning("%s: %s", o->config->spool, strerror(errno));
	o->is_spool_told = !ok;
}

void outlet_spool_queue(struct outlet *o)
{
	struct queue_entry *e;
	bool ok = true;

	if (!o->spool)
		return;
	while (ok && (e = pop(o)) != NULL) {
		ok = spool_add(o->spool, (struct bytes){ e->at, e->len }, e->value);
		tell_spool(o, ok);
		if (ok)
			free(e);
		else
			give_back(o, e);
	}
	count_spool(o);
}

static bool is_half_full(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool yes = o->queue.used > o->queue.limit / 2;
	pthread_mutex_unlock(&o->lock);
	return yes;
}

/* ---- remote: a line at a time, kept until it has arrived ---- */

/* A line that cannot be sent at all is done, too. */
static void add_sent(struct outlet *o, struct queue_entry *e)
{
	if (o->transport->refused > 0) {
		pthread_mutex_lock(&o->lock);
		o->counters.lost[e->value] += e->lines;
		pthread_mutex_unlock(&o->lock);
		e->lines = o->transport->refused = 0;
		o->has_refused = true;
	}
	e->sent_to = o->transport->given;
	o->sent_bytes += e->len;
	queue_list_add(&o->sent, e);
}

/* The spool's lines are on disk still: reading begins again with the first of them. */
static void back(struct outlet *o, struct queue_entry *e)
{
	if (e->is_spooled)
		free(e);
	else
		give_back(o, e);
}

void outlet_unsend(struct outlet *o)
{
	struct queue_entry *next;

	if (o->held)
		back(o, o->held);
	o->held = NULL;
	for (struct queue_entry *e = queue_list_reverse(&o->sent); e; e = next) {
		next = e->next;
		pthread_mutex_lock(&o->lock);
		o->counters.repeated += e->lines;
		pthread_mutex_unlock(&o->lock);
		back(o, e);
	}
	o->sent_bytes = 0;
	if (o->spool)
		spool_rewind(o->spool);
}

void outlet_drop(struct outlet *o)
{
	outlet_unsend(o);
	outlet_send_recent_again(o);
	o->transport->ops->close(o->transport);
	o->is_connected = o->is_stuck = false;
	outlet_wait_longer(o);
	outlet_tell_down(o);
}

void outlet_end_sent(struct outlet *o)
{
	for (struct queue_entry *e; (e = queue_list_take(&o->sent)) != NULL;)
		count_sent(o, e);
	o->sent_bytes = 0;
}

static bool deliver_line(struct outlet *o)
{
	struct transport *t = o->transport;
	size_t taken = 0;

	if (o->sent_bytes >= o->window)
		return false;
	struct queue_entry *e = next_entry(o);
	if (!e)
		return false;
	enum transport_state state =
		t->ops->send(t, (struct bytes){ e->at, e->len }, SEND_MS, &taken);
	o->is_stuck = state == TRANSPORT_FULL;
	if (taken > 0)
		add_sent(o, e);
	else
		o->held = e;
	if (state == TRANSPORT_FAILED)
		outlet_drop(o);
	return taken > 0;
}

bool outlet_deliver(struct outlet *o)
{
	if (!o->transport->is_remote)
		return outlet_deliver_pack(o);
	if (!settle(o))
		return false;
	if (is_half_full(o))
		outlet_spool_queue(o);
	return deliver_line(o);
}
