/* The events of polls that repeat themselves: all text behind the header is the same for every
 * exchange with the same bytes, but for the ids, the packets' numbers and the values. So it is
 * kept with holes, which are learnt from an event that was written in full. Flows share it, for
 * it has no addresses.
 *
 * A text is kept only where each value was found to be written from the answer's bytes alone,
 * and the id from its own, and where the holes, filled again, say what was written. The table is
 * small and forgets: what is not there is written in full again. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "output/eve_again.h"

static void free_text(struct poll_text *p)
{
	if (!p)
		return;
	text_fini(&p->bytes);
	text_fini(&p->text);
	free(p);
}

void poll_texts_free(struct poll_texts *texts)
{
	if (!texts)
		return;
	for (unsigned i = 0; i < SETS * TOGETHER; i++)
		free_text(texts->sets[i / TOGETHER].of[i % TOGETHER]);
	text_fini(&texts->tried);
	free(texts);
}

/* ---- which poll ---- */

uint64_t poll_hash(const struct transaction *t, const struct repeat_news *news)
{
	const struct repeat *r = &t->dissector->repeat;
	struct bytes b = t->request->raw;
	size_t behind = (size_t)r->id_at + r->id_len;
	uint64_t hash = news->unit ^ t->response->raw.len;
	hash = r->id_at ? hash_fast(b.at, r->id_at, hash) : hash;
	return hash_fast(b.at + behind, b.len - behind, hash);
}

struct poll_set *poll_set_of(struct poll_texts *texts, uint64_t hash)
{
	return &texts->sets[hash >> (64 - SETS_BITS)];
}

static bool is_same_but_id(const struct repeat *r, const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t behind = (size_t)r->id_at + r->id_len;
	return memcmp(a, b, r->id_at) == 0 && memcmp(a + behind, b + behind, len - behind) == 0;
}

/* The answer's bytes between its values. */
static bool is_its_answer(const struct poll_text *p, const struct transaction *t,
	const struct repeat_news *news)
{
	const uint8_t *is = t->response->raw.at;
	const uint8_t *was = (const uint8_t *)p->bytes.at + p->request_len;
	size_t at = 0;
	for (unsigned i = 0; i < p->value_count; i++) {
		const struct form_value *v = &p->values[i];
		if (news->said[i].at != is + v->at || news->said[i].len != v->len)
			return false;
		bool same = i ? memcmp(is + at, was + at, v->at - at) == 0
			      : is_same_but_id(&t->dissector->repeat, is, was, v->at);
		if (!same)
			return false;
		at = (size_t)v->at + v->len;
	}
	return memcmp(is + at, was + at, p->answer_len - at) == 0;
}

static bool is_of(const struct poll_text *p, const struct transaction *t,
	const struct repeat_news *news)
{
	return p->dissector == t->dissector && p->request_len == t->request->raw.len &&
		p->answer_len == t->response->raw.len && p->value_count == news->count &&
		p->unit == news->unit &&
		is_same_but_id(&t->dissector->repeat, t->request->raw.at,
			(const uint8_t *)p->bytes.at, p->request_len) &&
		is_its_answer(p, t, news);
}

static const struct poll_text *find(struct poll_texts *texts, const struct transaction *t,
	const struct repeat_news *news)
{
	uint64_t hash = poll_hash(t, news);
	const struct poll_set *set = poll_set_of(texts, hash);
	for (unsigned i = 0; i < TOGETHER; i++) {
		const struct poll_text *p = set->of[i];
		if (p && p->hash == hash && is_of(p, t, news))
			return p;
	}
	return NULL;
}

/* ---- writing ---- */

/* What an exchange says in the holes of its text. */
struct filler {
	const struct poll_text *form;
	const struct transaction *t;
	const struct repeat_news *news;
	struct text *out;
	/* What several fields say is spelled once: where in `out`; 0: not yet. */
	size_t spelled_at[REPEAT_VALUES_MAX], spelled_len[REPEAT_VALUES_MAX];
};

static void fill_values(struct filler *f, unsigned i)
{
	struct text *out = f->out;
	size_t at = out->len, len = f->spelled_len[i];
	if (len) {
		char *to = text_room(out, len);
		text_end(out, raw_put(to, out->at + f->spelled_at[i], len));
		return;
	}
	const struct form_value *v = &f->form->values[i];
	eve_values(&(struct values){ v->type, v->count, f->news->values[i] }, out);
	f->spelled_at[i] = at;
	f->spelled_len[i] = out->len - at;
}

static void fill(struct filler *f, const struct hole *hole)
{
	const struct bytes *said = &f->news->said[hole->value];
	switch ((enum hole_kind)hole->kind) {
	case HOLE_TX:
		text_end(f->out, raw_uint(text_room(f->out, TEXT_UINT), f->t->id));
		break;
	case HOLE_ID:
		text_end(f->out, raw_uint(text_room(f->out, TEXT_UINT), poll_id(f->t)));
		break;
	case HOLE_PACKETS:
		eve_packets(f->t, f->out);
		break;
	case HOLE_DATA:
		json_data(f->out, *said);
		break;
	case HOLE_BYTES:
		json_hex(f->out, *said);
		break;
	case HOLE_U16S:
		json_u16s(f->out, *said, UINT32_MAX, UINT32_MAX);
		break;
	case HOLE_BITS:
		json_bits(f->out, *said, hole->count, hole->count);
		break;
	case HOLE_VALUES:
		fill_values(f, hole->value);
		break;
	}
}

void poll_put_body(const struct poll_text *p, const struct transaction *t,
	const struct repeat_news *news, struct text *out)
{
	struct filler f;
	f.form = p;
	f.t = t;
	f.news = news;
	f.out = out;
	memset(f.spelled_len, 0, p->value_count * sizeof(f.spelled_len[0]));
	const char *from = p->text.at, *end = from + p->text.len;
	for (const struct hole *hole = p->holes; hole < p->holes + p->hole_count; hole++) {
		text_put(out, from, hole->text_len);
		from += hole->text_len;
		fill(&f, hole);
	}
	text_put(out, from, (size_t)(end - from));
}

bool eve_again(struct eve *e, const struct transaction *t, const struct repeat_news *news,
	struct text *out)
{
	const struct poll_text *p = e->polls && !t->flow->user ? find(e->polls, t, news) : NULL;
	struct eve_event v;
	if (!p)
		return false;
	event_of_transaction(e, &v, t->dissector->name, t, false);
	event_begin(e, &v, out);
	poll_put_body(p, t, news, out);
	return true;
}

/* ---- learning ---- */

/* Not where somebody is logged in: the next flow with this poll has another user, or none. */
static bool may_learn(const struct transaction *t, const struct repeat_news *news)
{
	return !t->dissector->is_flat && !t->client_guessed && !t->flow->user &&
		t->operation_count == news->count && !t->request->is_lazy &&
		!t->response->is_lazy && t->request->raw.len + t->response->raw.len <= POLL_MAX;
}

void eve_repeated(struct eve *e, const struct transaction *t, const struct repeat_news *news,
	struct text *out)
{
	if (!may_learn(t, news)) {
		eve_transaction(e, t, out);
		return;
	}
	if (!e->polls)
		e->polls = mem_new(sizeof(*e->polls));
	e->marks = &e->polls->marks;
	*e->marks = (struct tape_marks){ .id_field = t->dissector->repeat.id_field };
	eve_transaction(e, t, out);
	e->marks = NULL;
	poll_learn(e->polls, t, news, out);
}
