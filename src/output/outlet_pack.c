/* The thread's work for what is near, a file or a pipe: as many lines as fit into one write. */
#include <stdlib.h>

#include "base/report.h"
#include "output/line.h"
#include "output/outlet_state.h"

enum { PACK = 64 << 10 };

static void gather(struct outlet *o, struct queue_list *hand)
{
	struct queue_entry *e;

	queue_list_init(hand);
	text_clear(&o->pack);
	pthread_mutex_lock(&o->lock);
	while (o->pack.len < PACK && (e = queue_pop(&o->queue)) != NULL) {
		text_put(&o->pack, e->at, e->len);
		queue_list_add(hand, e);
	}
	pthread_mutex_unlock(&o->lock);
}

/* Without its first `len` bytes, which are written. */
static void shorten(struct outlet *o, struct queue_entry *e, size_t len)
{
	uint64_t lines = line_count((struct bytes){ e->at, len });

	o->counters.lines += lines;
	o->counters.bytes += len;
	e->lines -= lines;
	e->len -= len;
	memmove(e->at, e->at + len, e->len);
}

/* What was taken is done, the rest waits again. */
static void scatter(struct outlet *o, struct queue_list *hand, size_t taken)
{
	struct queue_list rest;
	struct queue_entry *e, *next;

	queue_list_init(&rest);
	pthread_mutex_lock(&o->lock);
	while ((e = queue_list_take(hand)) != NULL) {
		size_t len = e->len < taken ? e->len : taken;
		taken -= len;
		shorten(o, e, len);
		if (e->len > 0)
			queue_list_add(&rest, e);
		else
			free(e);
	}
	for (e = queue_list_reverse(&rest); e; e = next) {
		next = e->next;
		queue_return(&o->queue, e);
	}
	pthread_mutex_unlock(&o->lock);
}

bool outlet_deliver_pack(struct outlet *o)
{
	struct transport *t = o->transport;
	struct queue_list hand;
	size_t taken = 0;

	gather(o, &hand);
	if (o->pack.len == 0)
		return false;
	struct bytes lines = { (uint8_t *)o->pack.at, o->pack.len };
	enum transport_state state = t->ops->send(t, lines, SEND_MS, &taken);
	o->is_stuck = state == TRANSPORT_FULL;
	scatter(o, &hand, taken);
	if (state == TRANSPORT_SENT) {
		o->wait_ms = 0;
		outlet_tell_up(o);
	} else if (state == TRANSPORT_GONE) {
		report_note("%s: %s", t->name, t->why);
		outlet_break(o);
	} else if (state == TRANSPORT_FAILED) {
		outlet_drop(o);
	}
	return taken > 0;
}
