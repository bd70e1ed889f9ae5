/* The waiting list: segments that came too early, and handing on what is complete. */
#include <stdlib.h>

#include "flow/stream_state.h"

static size_t segment_size(uint32_t len)
{
	size_t size = offsetof(struct segment, bytes) + len;
	return size > sizeof(struct segment) ? size : sizeof(struct segment);
}

static struct segment *take_first(struct streams *s, struct stream *d)
{
	struct segment *g = d->first;
	d->first = g->next;
	d->segments--;
	d->waiting -= g->len;
	s->waiting -= segment_size(g->len);
	return g;
}

void stream_drop_waiting(struct streams *s, struct stream *d)
{
	while (d->first)
		free(take_first(s, d));
}

void stream_conflict(struct streams *s, struct flow *f, unsigned from,
	const struct origin *o)
{
	s->counters.overlaps++;
	stream_report(s, f, from, STREAM_OVERLAP, o);
}

/* Bytes that wait already: does the new copy say the same? */
static bool agrees_with_waiting(const struct segment *g, uint64_t at, struct bytes data)
{
	uint64_t skip = at - g->at;
	if (skip >= g->len)
		return true;
	size_t len = g->len - skip < data.len ? g->len - skip : data.len;
	return memcmp(g->bytes + skip, data.at, len) == 0;
}

static void insert(struct streams *s, struct stream *d, struct segment **place,
	struct segment head, struct bytes data)
{
	struct segment *g = mem_new(segment_size(head.len));
	*g = head;
	memcpy(g->bytes, data.at, head.len);
	g->next = *place;
	*place = g;
	if (!g->next)
		d->last = g;
	d->segments++;
	d->waiting += g->len;
	s->waiting += segment_size(g->len);
}

/* The first that ends behind `at`, or the end of the list, where most of what comes belongs. */
static struct segment **place_of(struct stream *d, uint64_t at)
{
	struct segment **place = &d->first;
	if (d->first && d->last->at + d->last->wire <= at)
		return &d->last->next;
	while (*place && (*place)->at + (*place)->wire <= at)
		place = &(*place)->next;
	return place;
}

/* The list stays sorted and free of overlaps; one walk. */
void stream_keep(struct streams *s, struct flow *f, unsigned from, struct segment head,
	struct bytes data)
{
	struct stream *d = f->stream[from];
	bool agrees = true;
	stream_need(s, d, segment_size((uint32_t)data.len));
	struct segment **place = place_of(d, head.at);
	for (uint32_t done; head.wire > 0; head.at += done, head.wire -= done) {
		while (*place && (*place)->at + (*place)->wire <= head.at)
			place = &(*place)->next;
		struct segment *g = *place;
		uint64_t room = !g ? head.wire : g->at > head.at ? g->at - head.at : 0;
		if (room) {
			done = room < head.wire ? (uint32_t)room : head.wire;
			struct segment piece = head;
			piece.wire = done;
			piece.len = done < data.len ? done : (uint32_t)data.len;
			insert(s, d, place, piece, data);
		} else {
			uint64_t covered = g->at + g->wire - head.at;
			done = covered < head.wire ? (uint32_t)covered : head.wire;
			agrees &= agrees_with_waiting(g, head.at, data);
		}
		data = stream_skip_bytes(data, done);
	}
	if (!agrees)
		stream_conflict(s, f, from, &head.origin);
}

void stream_hand_on(struct streams *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t wire, const struct origin *o)
{
	struct stream *d = f->stream[end];
	stream_remember(s, d, data);
	d->next += data.len;
	s->sink.data(s->context, f, end, data, o);
	if (wire > data.len) {
		uint64_t cut = wire - data.len;
		d->next += cut;
		stream_forget_history(d);
		s->counters.cut_bytes += cut;
		s->sink.gap(s->context, f, end, cut, o);
	}
	if (d->resume_at && d->next >= d->resume_at) {
		d->next = d->resume > d->next ? d->resume : d->next;
		d->resume_at = 0;
		stream_forget_history(d);
		s->sink.gap(s->context, f, end, 0, o);
	}
}

bool stream_acknowledged_seen(const struct flow *f, unsigned end, uint64_t ack)
{
	const struct stream *other = f->stream[!end];
	return !other || !other->is_started || ack <= other->next ||
		(other->is_hearsay && !f->packets[!end]);
}

static bool hand_on_first(struct streams *s, struct flow *f, unsigned end)
{
	struct stream *d = f->stream[end];
	struct segment *g = d ? d->first : NULL;
	if (!g || g->at > d->next || !stream_acknowledged_seen(f, end, g->ack))
		return false;
	take_first(s, d);
	if (s->filler && s->filler_end == end) { /* then it completes what waited */
		g->origin.number = s->filler->number;
		g->origin.time_ns = s->filler->time_ns;
	}
	uint64_t done = d->next - g->at;
	if (done < g->wire) {
		uint32_t from = done < g->len ? (uint32_t)done : g->len;
		stream_hand_on(s, f, end, (struct bytes){ g->bytes + from, g->len - from },
			g->wire - (uint32_t)done, &g->origin);
	}
	free(g);
	return true;
}

bool stream_drain(struct streams *s, struct flow *f)
{
	bool any = false;
	while (hand_on_first(s, f, 0) || hand_on_first(s, f, 1))
		any = true;
	return any;
}
