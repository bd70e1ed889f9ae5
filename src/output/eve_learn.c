/* How the text of a poll is learnt from the marks of an event that was written in full. */
#include "base/memory.h"
#include "output/eve_again.h"

/* What was written, and how far it is noted. */
struct lesson {
	struct poll_text *form;
	const struct transaction *t;
	const struct repeat_news *news;
	const struct text *out;
	size_t body, from;
	unsigned ids, value; /* value: the one that was noted last */
	bool has_failed;
};

static void note(struct lesson *l, enum hole_kind kind, const struct tape_mark *m)
{
	struct poll_text *p = l->form;
	if (p->hole_count == HOLES_MAX || m->at < l->from || m->count > UINT16_MAX) {
		l->has_failed = true;
		return;
	}
	p->holes[p->hole_count++] = (struct hole){ (uint8_t)kind, (uint8_t)l->value,
		(uint16_t)m->count, (uint32_t)(m->at - l->from) };
	text_put(&p->text, l->out->at + l->from, m->at - l->from);
	l->from = m->at + m->len;
}

static bool overlaps(struct bytes a, struct bytes b)
{
	return a.len && b.len && a.at < b.at + b.len && b.at < a.at + a.len;
}

static bool are_same(struct bytes a, struct bytes b)
{
	return a.at == b.at && a.len == b.len;
}

/* Several registers are written by the field as by the operation. */
static bool is_value(const struct lesson *l, const struct tape_mark *m)
{
	const struct form_value *v = &l->form->values[l->value];
	return m->type == FIELD_U16S && v->type == VALUE_U16 && v->count > 1 &&
		are_same(m->bytes, l->news->values[l->value]);
}

/* Bytes of the answer's values are either all of one, in a form that we can write, or nothing
 * is kept. */
static void note_bytes(struct lesson *l, const struct tape_mark *m)
{
	unsigned i = 0;
	while (i < l->news->count && !overlaps(m->bytes, l->news->said[i]))
		i++;
	if (i == l->news->count)
		return;
	l->value = i;
	l->has_failed |= !are_same(m->bytes, l->news->said[i]);
	if (m->type == FIELD_DATA)
		note(l, HOLE_DATA, m);
	else if (m->type == FIELD_BYTES)
		note(l, HOLE_BYTES, m);
	else if (m->type == FIELD_U16S)
		note(l, is_value(l, m) ? HOLE_VALUES : HOLE_U16S, m);
	else if (m->type == FIELD_BITS)
		note(l, HOLE_BITS, m);
	else
		l->has_failed = true;
}

/* A number that stands beside the bytes of a value, and is what the operation read. */
static void note_number(struct lesson *l, const struct tape_mark *m)
{
	static const uint8_t types[] = {
		[VALUE_BITS] = FIELD_UINT, [VALUE_U16] = FIELD_UINT, [VALUE_UINT] = FIELD_UINT,
		[VALUE_INT] = FIELD_INT, [VALUE_REAL] = FIELD_REAL,
	};
	const struct form_value *v = &l->form->values[l->value];
	l->has_failed |= v->count != 1 || v->type == VALUE_NONE || v->type == VALUE_TEXT ||
		types[v->type] != m->type;
	note(l, HOLE_VALUES, m);
}

static void note_values(struct lesson *l, const struct tape_mark *m)
{
	unsigned i = 0;
	while (i < l->news->count && !are_same(m->bytes, l->news->values[i]))
		i++;
	l->has_failed |= i == l->news->count;
	l->value = i < l->news->count ? i : 0;
	note(l, HOLE_VALUES, m);
}

static void note_mark(struct lesson *l, const struct tape_mark *m)
{
	switch (m->kind) {
	case MARK_BODY:
		l->body = l->from = m->at;
		break;
	case MARK_TX:
		note(l, HOLE_TX, m);
		break;
	case MARK_ID:
		l->has_failed |= m->u != poll_id(l->t);
		note(l, HOLE_ID, m);
		l->ids++;
		break;
	case MARK_BYTES:
		note_bytes(l, m);
		break;
	case MARK_NUMBER:
		note_number(l, m);
		break;
	case MARK_VALUES:
		note_values(l, m);
		break;
	case MARK_PACKETS:
		note(l, HOLE_PACKETS, m);
		break;
	}
}

static void keep_bytes(struct poll_text *p, const struct transaction *t,
	const struct repeat_news *news)
{
	struct bytes request = t->request->raw, answer = t->response->raw;
	p->request_len = request.len;
	p->answer_len = answer.len;
	text_clear(&p->bytes);
	text_put(&p->bytes, (const char *)request.at, request.len);
	text_put(&p->bytes, (const char *)answer.at, answer.len);
	p->value_count = news->count;
	for (unsigned i = 0; i < news->count; i++)
		p->values[i] = (struct form_value){ (uint16_t)(news->said[i].at - answer.at),
			(uint16_t)news->said[i].len, t->operations[i].value.count,
			t->operations[i].value.type };
}

static bool says_the_same(struct poll_texts *texts, const struct lesson *l)
{
	text_clear(&texts->tried);
	poll_put_body(l->form, l->t, l->news, &texts->tried);
	return texts->tried.len == l->out->len - l->body &&
		memcmp(texts->tried.at, l->out->at + l->body, texts->tried.len) == 0;
}

/* The place of the same request, or one that may be taken; nothing is kept there. */
static struct poll_text *empty_place(struct poll_texts *texts, const struct transaction *t,
	const struct repeat_news *news)
{
	uint64_t hash = poll_hash(t, news);
	struct poll_set *set = poll_set_of(texts, hash);
	unsigned i = 0;
	while (i < TOGETHER && set->of[i] && set->of[i]->hash != hash)
		i++;
	if (i == TOGETHER)
		i = set->next++ % TOGETHER;
	if (!set->of[i])
		set->of[i] = mem_new(sizeof(*set->of[i]));
	struct poll_text *p = set->of[i];
	p->hash = hash;
	p->unit = news->unit;
	p->dissector = NULL;
	p->hole_count = 0;
	text_clear(&p->text);
	return p;
}

/* Both halves must show the id, or bytes that are taken for one show as something else. */
void poll_learn(struct poll_texts *texts, const struct transaction *t,
	const struct repeat_news *news, const struct text *out)
{
	struct poll_text *p = empty_place(texts, t, news);
	const struct tape_marks *marks = &texts->marks;
	struct lesson l = { .form = p, .t = t, .news = news, .out = out,
		.has_failed = marks->is_full };
	keep_bytes(p, t, news);
	for (unsigned i = 0; i < marks->count; i++)
		note_mark(&l, &marks->of[i]);
	if (l.has_failed || l.ids != 2)
		return;
	text_put(&p->text, out->at + l.from, out->len - l.from);
	if (says_the_same(texts, &l))
		p->dissector = t->dissector;
}
