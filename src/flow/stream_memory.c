/* The last bytes that each stream handed on, and the bound on memory: at the limit the
 * stream idle longest gives up its own first. */
#include "flow/stream_state.h"

static void use_remove(struct streams *s, struct stream *d)
{
	*(d->older ? &d->older->newer : &s->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &s->newest) = d->older;
}

static void use_append(struct streams *s, struct stream *d)
{
	d->older = s->newest;
	d->newer = NULL;
	*(s->newest ? &s->newest->newer : &s->oldest) = d;
	s->newest = d;
}

static unsigned end_of(const struct flow *f, const struct stream *d)
{
	return f->stream[1] == d;
}

static bool is_listed(const struct stream *d)
{
	return d->older != d;
}

void stream_release(struct streams *s, struct stream *d)
{
	stream_drop_waiting(s, d);
	if (d->history)
		pool_give(&s->pool, d->history, STREAM_HISTORY);
	d->history = NULL;
	if (is_listed(d))
		use_remove(s, d);
	d->older = d->newer = d; /* in no list */
}

static void forget(struct streams *s, struct stream *d)
{
	if (d->first)
		stream_report(s, d->flow, end_of(d->flow, d), STREAM_SHED, &d->first->origin);
	stream_release(s, d);
	s->counters.shed++;
}

/* Streams used since they were last looked at get a second chance, so that using one costs
 * a bit and not a move in the list. */
static void make_room(struct streams *s, size_t size, const struct stream *keeper)
{
	while (s->pool.used + s->waiting + size > s->memory && s->oldest &&
		!(s->oldest == keeper && s->newest == keeper)) {
		struct stream *d = s->oldest;
		if (d == keeper || d->is_used) {
			d->is_used = false;
			use_remove(s, d);
			use_append(s, d);
		} else {
			forget(s, d);
		}
	}
}

void stream_need(struct streams *s, struct stream *d, size_t size)
{
	make_room(s, size, d);
	if (!is_listed(d))
		use_append(s, d);
}

void stream_remember_slowly(struct streams *s, struct stream *d, struct bytes data)
{
	if (!d->history) {
		stream_need(s, d, STREAM_HISTORY);
		d->history = pool_take(&s->pool, STREAM_HISTORY);
		d->history_from = d->next;
	}
	d->is_used = true;
	uint64_t at = d->next;
	if (data.len > STREAM_HISTORY) {
		at += data.len - STREAM_HISTORY;
		data.at += data.len - STREAM_HISTORY;
		data.len = STREAM_HISTORY;
	}
	size_t place = at % STREAM_HISTORY;
	size_t run = STREAM_HISTORY - place < data.len ? STREAM_HISTORY - place : data.len;
	memcpy(d->history + place, data.at, run);
	if (run < data.len)
		memcpy(d->history, data.at + run, data.len - run);
	uint64_t end = at + data.len;
	if (end - d->history_from > STREAM_HISTORY)
		d->history_from = end - STREAM_HISTORY;
}

bool stream_agrees_with_history(const struct stream *d, uint64_t at, struct bytes data)
{
	if (!d->history)
		return true;
	uint64_t to = at + data.len < d->next ? at + data.len : d->next;
	for (uint64_t i = at > d->history_from ? at : d->history_from; i < to; i++)
		if (d->history[i % STREAM_HISTORY] != data.at[i - at])
			return false;
	return true;
}

void stream_forget_history(struct stream *d)
{
	d->history_from = d->next;
}

void stream_prefetch(const struct flow *f, unsigned from)
{
	const struct stream *d = f->stream[from];
	if (d && d->history)
		__builtin_prefetch(d->history + d->next % STREAM_HISTORY, 1);
}
