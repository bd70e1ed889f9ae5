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

static bool is_like(const struct tape_form *form, const struct message *m)
{
	if (form->count == 0 || form->count != m->count)
		return false;
	for (unsigned i = 0; i < form->count; i++)
		if (m->items[i].field != form->fields[i])
			return false;
	for (unsigned i = 0; i < form->name_count; i++)
		if (m->items[form->names[i].item].u != form->names[i].u)
			return false;
	return true;
}

bool form_fits(struct tape_form *form, const struct message *m)
{
	bool fits = is_like(form, m);
	if (fits)
		form->credit += form->credit < FORM_CREDIT;
	return fits;
}

bool form_write(struct tape_plan *p, const struct tape_form *form, const struct message *m,
	struct tape_limits limits, struct text *out)
{
	bool is_whole = true;
	const char *from = form->text.at, *end = from + form->text.len;
	const size_t room = form->text.len + (size_t)form->hole_count * TEXT_UINT;
	char *at = text_room(out, room);
	const struct form_hole *last = form->holes + form->hole_count;
	for (const struct form_hole *hole = form->holes; hole < last; hole++) {
		const struct item *item = &m->items[hole->item];
		at = raw_piece(at, from, hole->text_len);
		from += hole->text_len;
		if (hole->is_integer && item->u <= SMALL) {
			at = raw_uint(at, item->u);
			continue;
		}
		text_end(out, at);
		is_whole &= tape_value(p, &p->fields[item->field], item, limits, out);
		at = text_room(out, room);
	}
	text_end(out, raw_piece(at, from, (size_t)(end - from)));
	return is_whole;
}

/* ---- learning ---- */

/* What was written since the last hole. */
static void note_text(struct form_lesson *l, size_t end, const struct text *out)
{
	text_put(&l->form->text, out->at + l->from, end - l->from);
	l->from = out->len;
}

void form_begin(struct form_lesson *l, struct tape_form *form, const struct message *m,
	const struct text *out)
{
	if (form->credit) {
		form->credit--;
		return;
	}
	form->count = form->name_count = form->hole_count = 0;
	text_clear(&form->text);
	if (m->count > FORM_ITEMS_MAX)
		return;
	for (uint32_t i = 0; i < m->count; i++)
		form->fields[i] = m->items[i].field;
	*l = (struct form_lesson){ form, out->len };
}

void form_note(struct form_lesson *l, const struct tape_plan *p, const struct message *m,
	uint32_t i, size_t value_at, const struct text *out)
{
	struct tape_form *form = l->form;
	const struct item *item = &m->items[i];
	const struct tape_field *f = &p->fields[item->field];
	if (f->names) {
		form->names[form->name_count++] = (struct form_name){ item->u, i };
		return;
	}
	form->holes[form->hole_count++] = (struct form_hole){ i, f->type == FIELD_UINT,
		(uint32_t)(value_at - l->from) };
	note_text(l, value_at, out);
}

void form_end(struct form_lesson *l, const struct message *m, const struct text *out)
{
	if (!l->form)
		return;
	note_text(l, out->len, out);
	text_room(&l->form->text, 0); /* what a piece needs behind it */
	l->form->count = m->count;
}

void form_give_up(struct form_lesson *l)
{
	if (l->form)
		l->form->credit = FORM_CREDIT;
	l->form = NULL;
}
