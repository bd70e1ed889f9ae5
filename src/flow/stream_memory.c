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
		pool_give(&s->pool, d->history, d->history_len);
	d->history = NULL;
	d->history_len = 0;
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

/* Bytes that lie at an offset of the stream into a ring. */
static void put(uint8_t *ring, size_t size, uint64_t at, struct bytes data)
{
	size_t place = at & (size - 1), run = size - place < data.len ? size - place : data.len;
	memcpy(ring + place, data.at, run);
	if (run < data.len)
		memcpy(ring, data.at + run, data.len - run);
}

static void enlarge(struct streams *s, struct stream *d, size_t size)
{
	stream_need(s, d, size);
	uint8_t *ring = pool_take(&s->pool, size);
	if (!d->history)
		d->history_from = d->next;
	for (uint64_t at = d->history_from; at < d->next;) {
		size_t place = stream_history_place(d, at), run = d->history_len - place;
		struct bytes piece = { d->history + place, d->next - at < run ? d->next - at : run };
		put(ring, size, at, piece);
		at += piece.len;
	}
	if (d->history)
		pool_give(&s->pool, d->history, d->history_len);
	d->history = ring;
	d->history_len = (uint16_t)size;
}

void stream_remember_slowly(struct streams *s, struct stream *d, struct bytes data)
{
	size_t size = d->history_len ? d->history_len : HISTORY_MIN;
	while (size < STREAM_HISTORY && size < HISTORY_SEGMENTS * data.len)
		size *= 2;
	if (size > d->history_len)
		enlarge(s, d, size);
	d->is_used = true;
	uint64_t at = d->next;
	if (data.len > size) {
		at += data.len - size;
		data.at += data.len - size;
		data.len = size;
	}
	put(d->history, size, at, data);
	uint64_t end = at + data.len;
	if (end - d->history_from > size)
		d->history_from = end - size;
}

bool stream_agrees_with_history(const struct stream *d, uint64_t at, struct bytes data)
{
	if (!d->history)
		return true;
	uint64_t to = at + data.len < d->next ? at + data.len : d->next;
	for (uint64_t i = at > d->history_from ? at : d->history_from; i < to; i++)
		if (d->history[stream_history_place(d, i)] != data.at[i - at])
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
		__builtin_prefetch(d->history + stream_history_place(d, d->next), 1);
}
