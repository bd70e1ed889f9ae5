/* Rules that wait for a pattern in the bytes of a field, or in either message: buffers.c. */
#include "detect/look.h"

static void try_bytes(struct look *l, const struct buffer *b, struct bytes in)
{
	scanner_run(l->d, b->scanner, in);
	for (unsigned i = 0; i < l->d->candidate_count; i++)
		look_at_check(l, l->d->candidates[i]);
}

static void try_item(struct look *l, const struct buffer *b, const struct item *item)
{
	char room[FORMAT_MAX];
	const struct field *f = &b->of->fields[item->field - b->of->field];
	if (field_has_bytes(f->type))
		try_bytes(l, b, item_text(f, item, room));
}

static void try_buffer_on(struct look *l, const struct buffer *b, enum tape half)
{
	if (!l->tapes.at[half])
		return;
	enum tape tape = tape_looked_at(&l->tapes, half, b->of->is_in_lazy);
	for (unsigned field = b->of->field; field < b->of->field + b->of->count; field++)
		for (struct run run = items_of(&l->tapes, tape, field); run.at < run.end; run.at++)
			if (run.at->field == field)
				try_item(l, b, run.at);
}

static void try_messages(struct look *l, const struct buffer *b)
{
	if (l->t->request)
		try_bytes(l, b, l->t->request->raw);
	if (l->t->response)
		try_bytes(l, b, l->t->response->raw);
}

static bool buffer_fits(const struct look *l, const struct buffer *b)
{
	for (unsigned i = 0; i < b->scanned.count; i++)
		if (header_ways(l->fits, b->scanned.at[i], l->t->client))
			return true;
	return false;
}

/* What is in a field now may be another next time. */
void look_into_buffers(struct look *l)
{
	for (uint32_t left = l->buffers; left; left &= left - 1) {
		const struct buffer *b = &l->index->buffers[__builtin_ctz(left)];
		if (!buffer_fits(l, b))
			continue;
		l->t->sees_change = true;
		if (!b->of) {
			try_messages(l, b);
			continue;
		}
		if (b->of->half != HALF_RESPONSE)
			try_buffer_on(l, b, TAPE_REQUEST);
		if (b->of->half != HALF_REQUEST)
			try_buffer_on(l, b, TAPE_RESPONSE);
	}
}
