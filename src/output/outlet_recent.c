/* Lines that have arrived, but perhaps have not been read: acknowledging bytes is the work of the
 * other end's machine, and a program that dies takes what it had not read along. The last of
 * them are kept for a while; when the connection breaks they are sent again. A receiver that
 * has one already knows it by its uid. */
#include <stdlib.h>

#include "output/outlet_state.h"

/* What a socket holds for its reader, and for how long a reader may be busy elsewhere. */
enum { RECENT_BYTES = 1 << 20, RECENT_MS = 60 * 1000 };

static bool is_old(const struct outlet *o, const struct queue_entry *e)
{
	return o->recent_bytes > RECENT_BYTES || outlet_now_ms() - e->settled_ms > RECENT_MS;
}

static struct queue_entry *take(struct outlet *o)
{
	struct queue_entry *e = queue_list_take(&o->recent);

	if (e)
		o->recent_bytes -= e->len;
	return e;
}

void outlet_remember(struct outlet *o, struct queue_entry *e)
{
	if (!o->transport->is_unread || e->lines == 0) {
		free(e);
		return;
	}
	e->is_spooled = false; /* it was confirmed there */
	e->is_counted = true;
	e->settled_ms = outlet_now_ms();
	o->recent_bytes += e->len;
	queue_list_add(&o->recent, e);
}

void outlet_forget_old(struct outlet *o)
{
	while (o->recent.first && is_old(o, o->recent.first))
		free(take(o));
}

void outlet_forget(struct outlet *o)
{
	for (struct queue_entry *e; (e = take(o)) != NULL;)
		free(e);
}

void outlet_send_recent_again(struct outlet *o)
{
	struct queue_entry *next;

	outlet_forget_old(o);
	o->recent_bytes = 0;
	for (struct queue_entry *e = queue_list_reverse(&o->recent); e; e = next) {
		next = e->next;
		pthread_mutex_lock(&o->lock);
		o->counters.repeated += e->lines;
		queue_return(&o->queue, e);
		pthread_mutex_unlock(&o->lock);
	}
}
