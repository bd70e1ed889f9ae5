/* Objects that look like one before them: see tape_plan.h.
 *
 * What is written of an object without groups follows from its fields in order, and from nothing
 * else, but for the values themselves. So a form fits where all fields are the same. */
#include "output/tape_plan.h"

enum { SMALL = 1 << 30 }; /* integers up to here are plain digits */

/* Kinds of objects differ in some of these places, mostly. */
struct tape_form *form_of(const struct tape_plan *p, struct stretch s)
{
	const struct item *items = s.items;
	uint64_t places = (uint64_t)items[0].field | (uint64_t)items[s.count / 2].field << 16 |
		(uint64_t)items[s.count * 3 / 4].field << 32 |
		(uint64_t)items[s.count - 1].field << 48;
	uint64_t hash = (places + s.count) * 0x9e3779b97f4a7c15;
	return &p->forms[hash >> (64 - FORMS_BITS)];
}

bool form_fits(struct tape_form *form, struct stretch s)
{
	if (form->count != s.count)
		return false;
	for (uint32_t i = 0; i < s.count; i++)
		if (s.items[i].field != form->fields[i])
			return false;
	form->credit += form->credit < FORM_CREDIT;
	return true;
}

bool form_write(struct tape_plan *p, const struct tape_form *form, struct stretch s,
	struct tape_limits limits, struct text *out)
{
	bool is_whole = true;
	const char *from = form->text.at, *end = from + form->text.len;
	char *at = text_room(out, form->room);
	const struct form_hole *last = form->holes + form->hole_count;
	for (const struct form_hole *hole = form->holes; hole < last; hole++) {
		const struct item *item = &s.items[hole->item];
		at = raw_piece(at, from, hole->text_len);
		from += hole->text_len;
		if (hole->is_integer && item->u <= SMALL) {
			at = raw_uint(at, item->u);
		} else if (hole->names && item->u < NAMES_KNOWN) {
			struct text_piece name = hole->names->of[item->u];
			at = raw_piece(at, name.at, name.len);
		} else {
			text_end(out, at);
			is_whole &= tape_value(p, &p->fields[item->field], item, limits, out);
			at = text_room(out, form->room);
		}
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

static bool has_groups(const struct tape_plan *p, struct stretch s)
{
	for (uint32_t i = 0; i < s.count; i++)
		if (s.items[i].field < p->field_count &&
			p->fields[s.items[i].field].type == FIELD_GROUP)
			return true;
	return false;
}

void form_begin(struct form_lesson *l, const struct tape_plan *p, struct tape_form *form,
	struct stretch s, const struct text *out)
{
	if (s.count > FORM_ITEMS_MAX || has_groups(p, s))
		return;
	if (form->credit) {
		form->credit--;
		return;
	}
	form->count = form->hole_count = 0;
	form->room = 0;
	text_clear(&form->text);
	for (uint32_t i = 0; i < s.count; i++)
		form->fields[i] = s.items[i].field;
	*l = (struct form_lesson){ form, s, out->len };
}

void form_note(struct form_lesson *l, const struct tape_plan *p, const struct item *item,
	size_t value_at, const struct text *out)
{
	struct tape_form *form = l->form;
	const struct tape_field *f = &p->fields[item->field];
	form->holes[form->hole_count++] = (struct form_hole){
		.item = (uint16_t)(item - l->of.items),
		.is_integer = f->type == FIELD_UINT || f->type == FIELD_INT,
		.text_len = (uint32_t)(value_at - l->from), .names = f->names };
	form->room += f->names ? f->names->longest : TEXT_UINT;
	note_text(l, value_at, out);
}

void form_end(struct form_lesson *l, const struct text *out)
{
	if (!l->form)
		return;
	note_text(l, out->len, out);
	text_room(&l->form->text, 0); /* what a piece needs behind it */
	l->form->room += l->form->text.len;
	l->form->count = l->of.count;
	l->form = NULL;
}
