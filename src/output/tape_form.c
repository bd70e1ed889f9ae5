/* Messages that look like one before them: see tape_plan.h.
 *
 * What is written of a tape without groups follows from its fields in order, and from nothing
 * else, but for the values themselves. So a form fits where all fields are the same. */
#include "output/tape_plan.h"

enum { SMALL = 1 << 30 }; /* integers up to here are plain digits */

struct tape_form *form_of(const struct tape_plan *p, const struct message *m)
{
	const struct item *selects = message_item(m, p->selector);
	uint64_t kind = (uint64_t)m->kind << 32 | m->count;
	uint64_t hash = (kind + (selects ? selects->u << 8 : 0)) * 0x9e3779b97f4a7c15;
	return &p->forms[hash >> 32 & (FORMS - 1)];
}

static inline char *raw_text(char *at, const struct tape_form *form, uint32_t from,
	uint32_t len)
{
	return raw_piece(at, form->text.at + from, len);
}

/* One item; NULL if it does not fit. */
static inline char *raw_item(char *at, const struct tape_form *form,
	const struct form_item *f, const struct item *item)
{
	if (item->field != f->field)
		return NULL;
	if (f->what == FORM_DIGITS && item->u <= SMALL)
		return raw_uint(raw_text(at, form, f->text_at, f->text_len), item->u);
	if (f->what == FORM_NAME)
		return item->u == f->u ? at : NULL;
	if (f->what == FORM_VALUE)
		return raw_text(at, form, f->text_at, f->text_len);
	return f->what == FORM_NOTHING ? at : NULL;
}

static bool write_items(const struct tape_plan *p, const struct tape_form *form,
	const struct message *m, struct tape_limits limits, struct text *out, bool *is_whole)
{
	size_t room = form->text.len + (size_t)form->count * TEXT_UINT;
	char *at = text_room(out, room);
	for (unsigned i = 0; i < form->count; i++) {
		at = raw_item(at, form, &form->items[i], &m->items[i]);
		if (!at)
			return false;
		if (form->items[i].what == FORM_VALUE) {
			text_end(out, at);
			*is_whole &= tape_value(&p->fields[m->items[i].field], &m->items[i],
				limits, out);
			at = text_room(out, room);
		}
	}
	text_end(out, raw_text(at, form, form->tail_at, form->tail_len));
	return true;
}

bool form_write(const struct tape_plan *p, struct tape_form *form, const struct message *m,
	struct tape_limits limits, struct text *out, bool *is_whole)
{
	size_t begin = out->len;
	if (form->count == 0 || form->count != m->count)
		return false;
	if (write_items(p, form, m, limits, out, is_whole)) {
		form->credit += form->credit < FORM_CREDIT;
		return true;
	}
	*is_whole = true;
	out->len = begin;
	return false;
}

/* ---- learning ---- */

/* What was written since the last hole; returns where it lies in the form's text. */
static uint32_t note_text(struct form_lesson *l, size_t end, const struct text *out)
{
	uint32_t at = (uint32_t)l->form->text.len;
	text_put(&l->form->text, out->at + l->from, end - l->from);
	l->from = out->len;
	return at;
}

void form_begin(struct form_lesson *l, struct tape_form *form, const struct message *m,
	const struct text *out)
{
	if (form->credit) {
		form->credit--;
		return;
	}
	form->count = 0;
	text_clear(&form->text);
	if (m->count > FORM_ITEMS_MAX)
		return;
	for (uint32_t i = 0; i < m->count; i++)
		form->items[i] = (struct form_item){ .field = m->items[i].field };
	*l = (struct form_lesson){ form, out->len };
}

void form_note(struct form_lesson *l, const struct tape_plan *p, const struct message *m,
	uint32_t i, size_t value_at, const struct text *out)
{
	struct form_item *f = &l->form->items[i];
	const struct item *item = &m->items[i];
	if (p->fields[item->field].names) {
		f->what = FORM_NAME;
		f->u = item->u;
		return;
	}
	bool is_digits = p->fields[item->field].type == FIELD_UINT && item->u <= SMALL;
	f->what = is_digits ? FORM_DIGITS : FORM_VALUE;
	f->text_len = (uint32_t)(value_at - l->from);
	f->text_at = note_text(l, value_at, out);
}

void form_end(struct form_lesson *l, const struct message *m, const struct text *out)
{
	if (!l->form)
		return;
	l->form->tail_len = (uint32_t)(out->len - l->from);
	l->form->tail_at = note_text(l, out->len, out);
	text_room(&l->form->text, 0); /* what a piece needs behind it */
	l->form->count = m->count;
}

void form_give_up(struct form_lesson *l)
{
	if (l->form)
		l->form->credit = FORM_CREDIT;
	l->form = NULL;
}
