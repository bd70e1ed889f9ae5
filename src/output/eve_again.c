/* The events of polls that repeat themselves: all text behind the header is the same for every
 * exchange with the same bytes, but for the ids, the packets' numbers and the values. So it is
 * kept with holes, which are learnt from an event that was written in full. Flows share it, for
 * it has no addresses.
 *
 * A text is kept only where each value was found to be written from the answer's bytes alone,
 * and the id from its own. The table is small and forgets: what is not there is written in
 * full again. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "output/eve_event.h"

enum { TEXTS_BITS = 8, TEXTS = 1 << TEXTS_BITS, POLL_MAX = 64, HOLES_MAX = 12 };

enum hole_kind { HOLE_TX, HOLE_ID, HOLE_DATA, HOLE_U16S, HOLE_BITS, HOLE_VALUES, HOLE_PACKETS };

struct hole {
	enum hole_kind kind;
	uint32_t text_len; /* in front of it, behind the hole before */
	uint32_t count;    /* HOLE_BITS */
};

struct poll_text {
	const struct dissector *dissector; /* NULL: nothing is kept here */
	size_t request_len, head_len, values_len; /* head: the answer before its values */
	uint8_t bytes[POLL_MAX];           /* request and head, of whatever id */
	enum value_type type;              /* of the operation's value */
	uint32_t count;
	unsigned hole_count;
	struct hole holes[HOLES_MAX];
	struct text text;
};

struct poll_texts {
	struct poll_text of[TEXTS];
	struct tape_marks marks;
};

void poll_texts_free(struct poll_texts *p)
{
	for (unsigned i = 0; p && i < TEXTS; i++)
		text_fini(&p->of[i].text);
	free(p);
}

/* ---- which poll ---- */

/* An exchange's bytes, and where its id is. */
struct poll {
	const struct repeat *repeat;
	struct bytes request, head, values;
};

static struct poll poll_of(const struct transaction *t, struct bytes values)
{
	struct bytes answer = t->response->raw;
	return (struct poll){ &t->dissector->repeat, t->request->raw,
		{ answer.at, answer.len - values.len }, values };
}

static uint64_t id_of(const struct poll *p)
{
	uint64_t id = 0;
	for (unsigned i = 0; i < p->repeat->id_len; i++)
		id = id << 8 | p->request.at[p->repeat->id_at + i];
	return id;
}

static uint64_t hash_but_id(const struct poll *p, struct bytes b, uint64_t seed)
{
	size_t behind = (size_t)p->repeat->id_at + p->repeat->id_len;
	seed = p->repeat->id_at ? hash_fast(b.at, p->repeat->id_at, seed) : seed;
	return hash_fast(b.at + behind, b.len - behind, seed);
}

static bool is_same_but_id(const struct poll *p, struct bytes b, const uint8_t *as)
{
	size_t at = p->repeat->id_at, behind = at + p->repeat->id_len;
	return memcmp(b.at, as, at) == 0 &&
		memcmp(b.at + behind, as + behind, b.len - behind) == 0;
}

static struct poll_text *place_of(struct poll_texts *texts, const struct poll *p)
{
	uint64_t hash = hash_but_id(p, p->head, hash_but_id(p, p->request, p->values.len));
	return &texts->of[hash >> (64 - TEXTS_BITS)];
}

static bool is_of(const struct poll_text *t, const struct poll *p, const struct dissector *d)
{
	return t->dissector == d && t->request_len == p->request.len &&
		t->head_len == p->head.len && t->values_len == p->values.len &&
		is_same_but_id(p, p->request, t->bytes) &&
		is_same_but_id(p, p->head, t->bytes + t->request_len);
}

/* ---- writing ---- */

/* Numbers that a field and the operation show are spelled once. */
struct spelled {
	size_t at, len; /* in the text; 0: not yet */
};

static void fill_numbers(const struct poll *poll, struct spelled *numbers, struct text *out)
{
	size_t at = out->len;
	if (numbers->len) {
		char *to = text_room(out, numbers->len);
		text_end(out, raw_put(to, out->at + numbers->at, numbers->len));
		return;
	}
	json_u16s(out, poll->values, UINT32_MAX, UINT32_MAX);
	*numbers = (struct spelled){ at, out->len - at };
}

static void fill(const struct poll_text *p, const struct hole *hole,
	const struct transaction *t, const struct poll *poll, struct spelled *numbers,
	struct text *out)
{
	switch (hole->kind) {
	case HOLE_TX:
		text_end(out, raw_uint(text_room(out, TEXT_UINT), t->id));
		break;
	case HOLE_ID:
		text_end(out, raw_uint(text_room(out, TEXT_UINT), id_of(poll)));
		break;
	case HOLE_DATA:
		json_data(out, poll->values);
		break;
	case HOLE_U16S:
		fill_numbers(poll, numbers, out);
		break;
	case HOLE_BITS:
		json_bits(out, poll->values, hole->count, hole->count);
		break;
	case HOLE_VALUES:
		if (p->type == VALUE_U16 && p->count > 1)
			fill_numbers(poll, numbers, out);
		else
			eve_values(&(struct values){ p->type, p->count, poll->values }, out);
		break;
	case HOLE_PACKETS:
		eve_packets(t, out);
		break;
	}
}

bool eve_again(struct eve *e, const struct transaction *t, struct bytes values, struct text *out)
{
	struct poll poll = poll_of(t, values);
	struct poll_text *p = e->polls ? place_of(e->polls, &poll) : NULL;
	struct eve_event v;
	if (!p || t->flow->user || !is_of(p, &poll, t->dissector))
		return false;
	event_of_transaction(e, &v, t->dissector->name, t, false);
	event_begin(e, &v, out);
	const char *from = p->text.at, *end = from + p->text.len;
	struct spelled numbers = { 0, 0 };
	for (const struct hole *hole = p->holes; hole < p->holes + p->hole_count; hole++) {
		text_put(out, from, hole->text_len);
		from += hole->text_len;
		fill(p, hole, t, &poll, &numbers, out);
	}
	text_put(out, from, (size_t)(end - from));
	return true;
}

/* ---- learning ---- */

/* What was written, and how far it is noted. */
struct lesson {
	struct poll_text *form;
	const struct text *out;
	size_t from;
	bool has_failed;
};

static void note(struct lesson *l, enum hole_kind kind, const struct tape_mark *m)
{
	struct poll_text *p = l->form;
	if (p->hole_count == HOLES_MAX || m->at < l->from) {
		l->has_failed = true;
		return;
	}
	p->holes[p->hole_count++] = (struct hole){ kind, (uint32_t)(m->at - l->from), m->count };
	text_put(&p->text, l->out->at + l->from, m->at - l->from);
	l->from = m->at + m->len;
}

static bool overlaps(struct bytes a, struct bytes b)
{
	return a.len && b.len && a.at < b.at + b.len && b.at < a.at + a.len;
}

/* Bytes of the answer's values are either all of them, in a form that we can write, or nothing
 * is kept. */
static void note_bytes(struct lesson *l, const struct poll *poll, const struct tape_mark *m)
{
	if (!overlaps(m->bytes, poll->values))
		return;
	l->has_failed |= m->bytes.at != poll->values.at || m->bytes.len != poll->values.len;
	if (m->type == FIELD_DATA)
		note(l, HOLE_DATA, m);
	else if (m->type == FIELD_U16S)
		note(l, HOLE_U16S, m);
	else if (m->type == FIELD_BITS)
		note(l, HOLE_BITS, m);
	else
		l->has_failed = true;
}

static void note_mark(struct lesson *l, const struct poll *poll, const struct tape_mark *m,
	unsigned *ids)
{
	switch (m->kind) {
	case MARK_BODY:
		l->from = m->at;
		break;
	case MARK_TX:
		note(l, HOLE_TX, m);
		break;
	case MARK_ID:
		l->has_failed |= m->u != id_of(poll);
		note(l, HOLE_ID, m);
		++*ids;
		break;
	case MARK_BYTES:
		note_bytes(l, poll, m);
		break;
	case MARK_VALUES:
		l->has_failed |= m->bytes.at != poll->values.at ||
			m->bytes.len != poll->values.len;
		l->form->type = m->type;
		l->form->count = m->count;
		note(l, HOLE_VALUES, m);
		break;
	case MARK_PACKETS:
		note(l, HOLE_PACKETS, m);
		break;
	}
}

/* Not where somebody is logged in: the next flow with this poll has another user, or none. */
static bool may_learn(const struct transaction *t, const struct poll *p)
{
	return !t->dissector->is_flat && !t->dissector->repeat.values && !t->client_guessed &&
		!t->flow->user && t->operation_count == 1 &&
		!t->request->is_lazy && !t->response->is_lazy &&
		p->request.len + p->head.len <= POLL_MAX;
}

/* Both halves must show the id, or bytes that are taken for one show as something else. */
static void learn(struct poll_text *p, const struct transaction *t, const struct poll *poll,
	const struct tape_marks *marks, const struct text *out)
{
	struct lesson l = { .form = p, .out = out, .has_failed = marks->is_full };
	unsigned ids = 0;
	p->dissector = NULL;
	p->hole_count = 0;
	text_clear(&p->text);
	for (unsigned i = 0; i < marks->count; i++)
		note_mark(&l, poll, &marks->of[i], &ids);
	if (l.has_failed || ids != 2)
		return;
	text_put(&p->text, out->at + l.from, out->len - l.from);
	p->request_len = poll->request.len;
	p->head_len = poll->head.len;
	p->values_len = poll->values.len;
	memcpy(p->bytes, poll->request.at, poll->request.len);
	memcpy(p->bytes + poll->request.len, poll->head.at, poll->head.len);
	p->dissector = t->dissector;
}

void eve_repeated(struct eve *e, const struct transaction *t, struct bytes values,
	struct text *out)
{
	struct poll poll = poll_of(t, values);
	if (!may_learn(t, &poll)) {
		eve_transaction(e, t, out);
		return;
	}
	if (!e->polls)
		e->polls = mem_new(sizeof(*e->polls));
	e->marks = &e->polls->marks;
	*e->marks = (struct tape_marks){ .id_field = t->dissector->repeat.id_field };
	eve_transaction(e, t, out);
	e->marks = NULL;
	learn(place_of(e->polls, &poll), t, &poll, &e->polls->marks, out);
}
