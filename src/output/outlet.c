#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/line.h"
#include "output/outlet_state.h"

enum { PIPE_LOOK_MS = 50 };

int64_t outlet_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void init_locks(struct outlet *o)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&o->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&o->data, &monotonic);
	pthread_cond_init(&o->room, &monotonic);
	pthread_cond_init(&o->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* A file that cannot be opened is a mistake to be told at once. Who will read a pipe is waited
 * for: in replay here, live by the thread. */
static bool begin_local(struct outlet *o)
{
	struct transport *t = o->transport;

	while (!(o->is_connected = t->ops->connect(t)) && t->is_unheard && !o->is_live)
		poll(NULL, 0, PIPE_LOOK_MS);
	if (!o->is_connected && !t->is_unheard)
		report_error("%s: %s", t->name, t->why);
	return o->is_connected || t->is_unheard;
}

/* A spool that cannot be opened is a mistake, too. */
static bool begin(struct outlet *o)
{
	if (!o->transport->is_remote)
		return begin_local(o);
	if (o->config->spool)
		o->spool = spool_open(o->config->spool, o->config->spool_size);
	return o->spool || !o->config->spool;
}

struct outlet *outlet_new(const struct sink_config *c, const char *host, bool is_live)
{
	struct transport *t = transport_new(c, host);

	if (!t)
		return NULL;
	struct outlet *o = mem_new(sizeof(*o));
	o->config = c;
	o->transport = t;
	o->is_live = is_live;
	o->has_thread = is_live || t->is_remote;
	memcpy(o->counters.name, t->name, sizeof(o->counters.name));
	init_locks(o);
	queue_init(&o->queue, c->queue);
	queue_list_init(&o->sent);
	queue_list_init(&o->recent);
	if (!o->has_thread)
		o->buffer = mem_array(1, DIRECT_BUFFER);
	if (begin(o))
		return o;
	outlet_free(o);
	return NULL;
}

void outlet_free(struct outlet *o)
{
	if (o->spool)
		spool_close(o->spool);
	o->transport->ops->close(o->transport);
	o->transport->ops->free(o->transport);
	for (struct queue_entry *e; (e = queue_list_take(&o->sent)) != NULL;)
		free(e);
	outlet_forget(o);
	queue_fini(&o->queue);
	text_fini(&o->pack);
	pthread_mutex_destroy(&o->lock);
	pthread_cond_destroy(&o->data);
	pthread_cond_destroy(&o->room);
	pthread_cond_destroy(&o->done);
	free(o->buffer);
	free(o);
}

bool outlet_has_thread(const struct outlet *o)
{
	return o->has_thread;
}

/* ---- writing ---- */

static bool wants(const struct outlet *o, struct bytes line)
{
	struct bytes type = line_event_type(line);

	for (unsigned i = 0; i < o->config->event_count; i++)
		if (strlen(o->config->events[i]) == type.len &&
			memcmp(o->config->events[i], type.at, type.len) == 0)
			return true;
	return o->config->event_count == 0;
}

/* In replay there is time to wait for room. */
static void put(struct outlet *o, struct bytes lines, enum line_value value)
{
	if (!o->has_thread) {
		direct_write(o, lines);
		return;
	}
	while (!o->is_live && !o->is_broken && !queue_has_room(&o->queue, lines.len)) {
		pthread_cond_signal(&o->data);
		pthread_cond_wait(&o->room, &o->lock);
	}
	if (o->is_broken || o->is_finishing)
		o->counters.lost[value] += line_count(lines);
	else
		queue_push(&o->queue, lines, value);
	if (o->queue.used > o->queue.limit / 2)
		pthread_cond_signal(&o->data); /* do not wait for a flush */
}

bool outlet_write(struct outlet *o, struct bytes lines, enum line_value value)
{
	struct bytes line;

	pthread_mutex_lock(&o->lock);
	if (o->config->event_count == 0 && !o->transport->is_remote)
		put(o, lines, value);
	else
		while (line_next(&lines, &line))
			if (wants(o, line))
				put(o, line, value);
	bool ok = !o->is_broken;
	pthread_mutex_unlock(&o->lock);
	return ok;
}

bool outlet_flush(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool ok = o->has_thread ? !o->is_broken : direct_flush(o);
	if (o->has_thread && !queue_is_empty(&o->queue))
		pthread_cond_signal(&o->data);
	pthread_mutex_unlock(&o->lock);
	return ok;
}

void outlet_reopen(struct outlet *o)
{
	atomic_store_explicit(&o->reopen, true, memory_order_relaxed);
}

/* ---- the end ---- */

void outlet_finish(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	if (!o->has_thread) {
		direct_flush(o);
		o->is_done = true;
	}
	o->is_finishing = true;
	pthread_cond_broadcast(&o->data);
	pthread_mutex_unlock(&o->lock);
}

/* What a thread that hangs was about to write is as good as lost. */
static void give_up(struct outlet *o)
{
	for (struct queue_entry *e; (e = queue_pop(&o->queue)) != NULL; free(e))
		o->counters.lost[e->value] += e->lines;
	o->is_broken = true;
	report_warning("%s: hangs; what waited for it is lost", o->transport->name);
}

bool outlet_wait(struct outlet *o, unsigned wait_ms)
{
	int64_t until_ms = outlet_now_ms() + wait_ms;
	struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };
	int error = 0;

	pthread_mutex_lock(&o->lock);
	while (!o->is_done && error == 0)
		error = pthread_cond_timedwait(&o->done, &o->lock, &until);
	bool ok = o->is_done;
	if (!ok)
		give_up(o);
	pthread_mutex_unlock(&o->lock);
	return ok;
}

/* ---- counting ---- */

bool outlet_is_whole(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool ok = !o->is_broken;
	for (unsigned i = 0; i < LINE_VALUES && !o->is_live; i++)
		ok = ok && outlet_lost(o, i) == 0;
	pthread_mutex_unlock(&o->lock);
	return ok;
}

void outlet_count(struct outlet *o, struct sink_counters *c)
{
	pthread_mutex_lock(&o->lock);
	*c = o->counters;
	c->queued = o->has_thread ? o->queue.used : o->buffered;
	for (unsigned i = 0; i < LINE_VALUES; i++)
		c->lost[i] = outlet_lost(o, i);
	pthread_mutex_unlock(&o->lock);
}
