/* The walk over a tape. The common case is one pass that writes as it goes; when names come
 * apart (an object would have to be opened again), the message is written a second time, each
 * object indexed before it is written. */
#include "output/tape_plan.h"

struct walk {
	struct tape_plan *plan;
	const struct message *m;
	struct tape_limits limits;
	struct text *out;
	uint32_t at;     /* the next item */
	unsigned depth;  /* of groups */
	bool is_whole;   /* nothing was left out */
	struct tape_form *before; /* of the object written last; NULL: it had none */
	struct form_lesson lesson;
	struct tape_marks *marks; /* NULL: nobody wants to know */
};

/* The object being written: the message, or an element of a group. */
struct scope {
	uint64_t generation;
	uint16_t open; /* the path of the innermost open object */
};

/* Without the comma where it is the first of its object. */
static inline char *raw_key(char *at, struct text_piece key)
{
	unsigned comma = at[-1] == '{';
	return raw_piece(at, key.at + comma, key.len - comma);
}

static void put_key(struct walk *w, uint16_t path)
{
	struct text_piece key = w->plan->paths[path].key;
	text_end(w->out, raw_key(text_room(w->out, key.len), key));
}

/* The key and what begins its value. */
static void put_opening(struct walk *w, uint16_t path, char begin)
{
	put_key(w, path);
	text_char(w->out, begin);
}

static void close_object(struct walk *w, struct scope *s)
{
	text_char(w->out, '}');
	s->open = w->plan->paths[s->open].parent;
}

static void close_all(struct walk *w, struct scope *s)
{
	while (s->open)
		close_object(w, s);
	text_char(w->out, '}');
}

static bool is_seen(const struct walk *w, const struct scope *s, uint16_t path)
{
	return w->plan->seen[w->depth].generation[path] == s->generation;
}

static void mark(struct walk *w, const struct scope *s, uint16_t path, uint32_t item)
{
	w->plan->seen[w->depth].generation[path] = s->generation;
	w->plan->seen[w->depth].item[path] = item;
}

/* The field of the item at hand; NULL if it is not to be written. */
static const struct tape_field *field_at(const struct walk *w)
{
	uint16_t field = w->m->items[w->at].field;
	if (field >= w->plan->field_count || w->plan->fields[field].is_hidden)
		return NULL;
	return &w->plan->fields[field];
}

static bool is_group(const struct walk *w, uint16_t field)
{
	return field < w->plan->field_count && w->plan->fields[field].type == FIELD_GROUP;
}

static void mark_member(const struct walk *w, const struct tape_field *f, size_t value_at)
{
	const struct item *item = &w->m->items[w->at];
	size_t len = w->out->len - value_at;
	if (item->field == w->marks->id_field)
		tape_mark(w->marks, (struct tape_mark){ .kind = MARK_ID, .u = item->u,
			.at = value_at, .len = len });
	else if (f->type == FIELD_TEXT || f->type == FIELD_DATA || f->type == FIELD_BYTES ||
		f->type == FIELD_BITS || f->type == FIELD_U16S)
		tape_mark(w->marks, (struct tape_mark){ .kind = MARK_BYTES, .type = f->type,
			.bytes = item_bytes(item), .at = value_at, .len = len,
			.count = f->type == FIELD_BITS ? item_bit_count(item) : 0 });
	else if (f->type == FIELD_INT || f->type == FIELD_REAL || f->field->flags & FIELD_VALUE)
		tape_mark(w->marks, (struct tape_mark){ .kind = MARK_NUMBER, .type = f->type,
			.at = value_at, .len = len });
}

/* The item at hand, which is no group. */
static void put_member(struct walk *w, const struct tape_field *f)
{
	put_key(w, f->path);
	size_t value_at = w->out->len;
	w->is_whole &= tape_value(w->plan, f, &w->m->items[w->at], w->limits, w->out);
	if (w->lesson.form)
		form_note(&w->lesson, w->plan, &w->m->items[w->at], value_at, w->out);
	if (w->marks)
		mark_member(w, f, value_at);
	w->at++;
}

/* Past the item at hand; past the whole element if it begins one. */
static void skip_item(struct walk *w)
{
	unsigned open = 0;
	do {
		uint16_t field = w->m->items[w->at++].field;
		if (field == ITEM_END)
			open -= open > 0;
		else
			open += is_group(w, field);
	} while (open && w->at < w->m->count);
}

/* Whether the object goes on. Steps over the end mark of an element. */
static bool goes_on(struct walk *w)
{
	for (; w->at < w->m->count; w->at++) {
		if (w->m->items[w->at].field != ITEM_END)
			return true;
		if (w->depth) {
			w->at++;
			return false;
		}
	}
	return false;
}

/* ---- in one pass ---- */

static bool write_object(struct walk *w);

/* Close and open objects until `path` is the innermost; false if it was open before. */
static bool open_object(struct walk *w, struct scope *s, uint16_t path)
{
	const struct tape_path *paths = w->plan->paths;
	while (s->open != path) {
		if (paths[path].depth <= paths[s->open].depth) {
			close_object(w, s);
			continue;
		}
		if (!open_object(w, s, paths[path].parent) || is_seen(w, s, path))
			return false;
		mark(w, s, path, TAPE_OBJECT);
		put_opening(w, path, '{');
		s->open = path;
	}
	return true;
}

/* One more element, and whether it may be written. */
static bool element_begins(struct walk *w, uint32_t count)
{
	if (count == w->limits.elements || w->depth == TAPE_DEPTH_MAX) {
		w->is_whole = false;
		skip_item(w);
		return false;
	}
	if (count)
		text_char(w->out, ',');
	w->at++;
	return true;
}

static bool write_array(struct walk *w)
{
	uint16_t field = w->m->items[w->at].field;
	bool is_fine = true;
	for (uint32_t count = 0;
	     is_fine && w->at < w->m->count && w->m->items[w->at].field == field;) {
		if (!element_begins(w, count))
			continue;
		w->depth++;
		is_fine = write_object(w);
		w->depth--;
		count++;
	}
	text_char(w->out, ']');
	return is_fine;
}

/* false: this item's name came apart from its like. */
static bool write_item(struct walk *w, struct scope *s)
{
	const struct tape_field *f = field_at(w);
	if (!f) {
		skip_item(w);
		return true;
	}
	if (s->open != f->parent && !open_object(w, s, f->parent))
		return false;
	if (is_seen(w, s, f->path)) {
		skip_item(w);
		return f->type != FIELD_GROUP;
	}
	w->plan->seen[w->depth].generation[f->path] = s->generation;
	if (f->type == FIELD_GROUP) {
		put_opening(w, f->path, '[');
		return write_array(w);
	}
	put_member(w, f);
	return true;
}

static bool write_members(struct walk *w)
{
	struct scope s = { ++w->plan->generation, 0 };
	text_char(w->out, '{');
	while (goes_on(w))
		if (!write_item(w, &s))
			return false;
	close_all(w, &s);
	return true;
}

/* The items up to the next end mark: all of the object at hand if no group begins among them. */
static struct stretch stretch_at(const struct walk *w)
{
	uint32_t end = w->at;
	while (end < w->m->count && w->m->items[end].field != ITEM_END)
		end++;
	return (struct stretch){ w->m->items + w->at, end - w->at };
}

static void write_form(struct walk *w, struct tape_form *form, struct stretch s)
{
	w->is_whole &= form_write(w->plan, form, s, w->limits, w->out);
	w->before = form;
	w->at += s.count;
	(void)goes_on(w);
}

/* Elements of a group are mostly alike: whether the object at hand is as the one before. */
static bool is_like_before(const struct walk *w, struct stretch *s)
{
	uint32_t left = w->m->count - w->at;
	if (!w->before || w->before->count >= left)
		return false;
	*s = (struct stretch){ w->m->items + w->at, w->before->count };
	return s->items[s->count].field == ITEM_END && form_fits(w->before, *s);
}

static bool write_object(struct walk *w)
{
	struct stretch s;
	if (w->marks)
		return write_members(w);
	if (is_like_before(w, &s)) {
		write_form(w, w->before, s);
		return true;
	}
	s = stretch_at(w);
	bool may_fit = s.count && (w->depth || s.count == w->m->count);
	if (!may_fit)
		return write_members(w);
	struct tape_form *form = form_of(w->plan, s);
	if (form_fits(form, s)) {
		write_form(w, form, s);
		return true;
	}
	w->before = NULL;
	form_begin(&w->lesson, w->plan, form, s, w->out);
	if (!write_members(w))
		return false;
	form_end(&w->lesson, w->out);
	return true;
}

/* ---- with an index ---- */

static void regroup_object(struct walk *w);

/* Make `path` and what it lies in objects; false if one of them has a value. */
static bool claim_object(struct walk *w, const struct scope *s, uint16_t path)
{
	if (path == 0)
		return true;
	if (is_seen(w, s, path))
		return w->plan->seen[w->depth].item[path] == TAPE_OBJECT;
	if (!claim_object(w, s, w->plan->paths[path].parent))
		return false;
	mark(w, s, path, TAPE_OBJECT);
	return true;
}

/* Note the first item of every name of this object; returns where the object ends. */
static uint32_t index_object(struct walk *w, const struct scope *s)
{
	while (goes_on(w)) {
		const struct tape_field *f = field_at(w);
		if (f && claim_object(w, s, f->parent) && !is_seen(w, s, f->path))
			mark(w, s, f->path, w->at);
		skip_item(w);
	}
	return w->at;
}

/* All elements from w->at to `end`, also those with something else between them. */
static void regroup_array(struct walk *w, uint32_t end)
{
	uint16_t field = w->m->items[w->at].field;
	for (uint32_t count = 0; w->at < end;) {
		if (w->m->items[w->at].field != field) {
			skip_item(w);
			continue;
		}
		if (!element_begins(w, count))
			continue;
		w->depth++;
		regroup_object(w);
		w->depth--;
		count++;
	}
	text_char(w->out, ']');
}

static void regroup_value(struct walk *w, uint32_t item, uint32_t end)
{
	w->at = item;
	const struct tape_field *f = field_at(w);
	if (f->type != FIELD_GROUP) {
		put_member(w, f);
		return;
	}
	put_opening(w, f->path, '[');
	regroup_array(w, end);
}

static void regroup_object(struct walk *w)
{
	struct scope s = { ++w->plan->generation, 0 };
	uint32_t end = index_object(w, &s);
	text_char(w->out, '{');
	for (uint16_t path = 1; path < w->plan->path_count; path++) {
		if (!is_seen(w, &s, path))
			continue;
		while (s.open != w->plan->paths[path].parent)
			close_object(w, &s);
		uint32_t item = w->plan->seen[w->depth].item[path];
		if (item == TAPE_OBJECT) {
			put_opening(w, path, '{');
			s.open = path;
		} else {
			regroup_value(w, item, end);
		}
	}
	close_all(w, &s);
	w->at = end;
}

bool tape_json(struct tape_plan *p, const struct message *m, struct tape_limits limits,
	struct text *out)
{
	return tape_json_marked(p, m, limits, NULL, out);
}

bool tape_json_marked(struct tape_plan *p, const struct message *m, struct tape_limits limits,
	struct tape_marks *marks, struct text *out)
{
	struct walk w = { .plan = p, .m = m, .limits = limits, .out = out, .is_whole = true };
	struct walk again = w;
	size_t begin = out->len;
	w.marks = marks;
	if (write_object(&w))
		return w.is_whole;
	out->len = begin;
	if (marks)
		marks->is_full = true;
	regroup_object(&again);
	return again.is_whole;
}
