/* Objects, and the points that their headers promise. */
#include "dnp3_measures.h"
#include "dnp3_objects.h"

enum {
	ATTRIBUTES = 0,
	STRINGS_FIRST = 110,
	STRINGS_LAST = 115, /* the variation is their length */
	TIMES = 50,
	TIMES_COMMON = 51,
	FILES_GROUP = 70,
	AUTHENTICATION = 120,
};

/* ---- points ---- */

/* Bits side by side, the lowest first. */
static void put_packed(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, struct cursor *c)
{
	unsigned bits = layout->bits, mask = (1u << bits) - 1, each = 8 / bits;
	uint64_t promised = h->count / each + (h->count % each != 0);
	struct bytes b = cursor_bytes(c, promised < c->left ? (size_t)promised : c->left);
	uint64_t there = (uint64_t)b.len * each;
	uint64_t count = h->count < there ? h->count : there;

	for (uint64_t i = 0; i < count; i++) {
		put_begin(r->d, POINTS);
		put_uint(r->d, PREFIX, 0);
		put_uint(r->d, INDEX, h->start + i);
		put_uint(r->d, layout->field, b.at[i / each] >> bits * (i % each) & mask);
		put_end(r->d);
	}
	c->failed |= count < h->count;
}

/* What follows from the point just read. */
static void note_point(struct dnp3_reader *r, const struct dnp3_header *h, uint32_t from)
{
	if (h->group == TIMES_COMMON) {
		r->has_base = true;
		r->base_ms = r->last_ms;
	} else if (h->group == FILES_GROUP) {
		dnp3_file_point(r, h->variation, from);
	} else if (h->group == AUTHENTICATION) {
		const struct item *error = dnp3_item(r->d->message, from, ERROR_CODE);
		const char *name = error ? name_of(dnp3_errors, error->u) : NULL;
		if (error && !r->refusal)
			r->refusal = name ? name : "RESERVED";
	}
}

static bool are_strings(const struct dnp3_header *h)
{
	return h->group >= STRINGS_FIRST && h->group <= STRINGS_LAST;
}

/* One point behind its prefix; a sized one in bounds of its own. */
static void put_point_body(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, uint64_t size, struct cursor *c)
{
	bool is_bounded = dnp3_has_size(h) || are_strings(h);
	size_t len = dnp3_has_size(h) ? (size_t)size : h->variation;

	if (!is_bounded) {
		dnp3_parts(r, layout->parts, c);
		return;
	}
	struct cursor point = cursor_sub(c, len);
	bool is_there = cursor_ok(&point);
	dnp3_parts(r, layout->parts, &point);
	if (is_there && (!cursor_ok(&point) || point.left > 0))
		dnp3_wrong(r->d, OBJECT_SIZE);
}

static void put_point(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, uint64_t i, struct cursor *c)
{
	struct dissect *d = r->d;
	uint32_t from = d->message->count;
	size_t width = dnp3_prefix_width(h);
	uint64_t prefix = cursor_le(c, width);

	put_begin(d, POINTS);
	if (cursor_ok(c)) {
		put_uint(d, PREFIX, prefix);
		put_uint(d, INDEX, width && !dnp3_has_size(h) ? prefix : h->start + i);
		if (layout->parts)
			put_point_body(r, h, layout, prefix, c);
	}
	if (layout->parts && cursor_ok(c))
		note_point(r, h, from);
	put_end(d);
}

static bool have_bytes(const struct dnp3_header *h, const struct dnp3_layout *layout)
{
	bool are_empty = !layout->parts || (are_strings(h) && h->variation == 0);

	return !are_empty || dnp3_prefix_width(h) > 0;
}

/* Points that have no bytes are not counted out: a header may promise billions of them. */
static void put_points(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, struct cursor *c)
{
	uint64_t i = 0;

	if (!have_bytes(h, layout))
		return;
	while (i < h->count && c->left > 0 && cursor_ok(c))
		put_point(r, h, layout, i++, c);
	c->failed |= i < h->count;
}

static void put_all_points(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, struct cursor *c)
{
	if (layout->bits)
		put_packed(r, h, layout, c);
	else
		put_points(r, h, layout, c);
}

/* ---- points that stay bytes until somebody looks ---- */

/* Only where they are all there; broken ones are shown as far as they go. */
static bool put_measures(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, struct cursor *c)
{
	struct dnp3_measures m;
	bool is_answer = r->function == RESPONSE || r->function == UNSOLICITED;

	if (!is_answer || !h->count || !dnp3_are_measures(&m, h, layout, c->at) ||
		dnp3_measures_size(&m) > c->left)
		return false;
	cursor_skip(c, (size_t)dnp3_measures_size(&m));
	put_lazy(r->d, MEASURES, (struct bytes){ h->at, (size_t)(c->at - h->at) });
	r->hidden += h->count * m.items;
	return true;
}

void dnp3_expand(struct dissect *d, struct bytes object)
{
	struct dnp3_reader r = { .d = d };
	struct cursor c = cursor_of(object);
	struct dnp3_header h = dnp3_header_of(&c);
	struct dnp3_layout layout;

	if (dnp3_layout(h.group, h.variation, &layout))
		put_all_points(&r, &h, &layout, &c);
}

/* ---- objects ---- */

/* Requests of these functions name points; they do not carry any. */
static bool names_only(uint8_t function)
{
	return function == READ || (function >= FREEZE && function <= INITIALIZE_DATA) ||
	       (function >= ENABLE_UNSOLICITED && function <= ASSIGN_CLASS);
}

static bool has_data(const struct dnp3_reader *r, const struct dnp3_header *h)
{
	bool has_time = r->function == FREEZE_AT_TIME || r->function == FREEZE_AT_TIME_NR;

	return !names_only(r->function) || dnp3_has_size(h) || h->group == AUTHENTICATION ||
	       (h->group == TIMES && has_time);
}

/* A question for points, but not for what tells of the device or of files. */
static bool only_asks(const struct dnp3_reader *r, const struct dnp3_header *h)
{
	return r->function == READ && h->group != ATTRIBUTES && h->group != FILES_GROUP;
}

/* True if it only reads: struct message. */
static bool put_contents(
	struct dnp3_reader *r, const struct dnp3_header *h, struct cursor *c)
{
	static const struct dnp3_layout nothing = { NULL, true, 0, 0 };
	struct dnp3_layout layout = nothing;
	bool is_known = dnp3_layout(h->group, h->variation, &layout);
	bool is_any = h->variation == 0 && dnp3_is_group(h->group);

	r->group = h->group;
	if (!has_data(r, h)) {
		if (!is_known && !is_any)
			dnp3_wrong(r->d, OBJECT_UNKNOWN);
		put_points(r, h, &nothing, c);
		return only_asks(r, h);
	} else if (!is_known) {
		dnp3_wrong(r->d, OBJECT_UNKNOWN);
		r->stopped = true;
	} else if (layout.bits && h->prefix) {
		dnp3_wrong(r->d, QUALIFIER_UNKNOWN);
		r->stopped = true;
	} else if (put_measures(r, h, &layout, c)) {
		return dnp3_is_read_only(h->group);
	} else {
		put_all_points(r, h, &layout, c);
	}
	if (h->group == AUTHENTICATION && h->variation < 32)
		r->authentication |= 1u << h->variation;
	return false;
}

/* Where passwords and keys begin and end in such an object is not known if it is wrong. */
static void conceal_wrong(
	struct dnp3_reader *r, const struct dnp3_header *h, struct bytes contents)
{
	bool has_secrets = h->group == FILES_GROUP || h->group == AUTHENTICATION;

	if (has_secrets && r->d->message->events)
		conceal(r->d, contents);
}

/* A class of events, all of it: most requests ask for nothing else. True if it was one; a
 * shorter way to what put_object() does with it. */
static bool put_class(struct dnp3_reader *r, struct cursor *c)
{
	enum { CLASSES = 60, CLASS_LAST = 4, ALL = 6, SIZE = 3 };
	static const struct item class[] = { { .field = OBJECTS }, { .field = GROUP, .u = CLASSES },
		{ .field = VARIATION }, { .field = OBJECT_NAME, .u = CLASSES },
		{ .field = QUALIFIER, .u = ALL }, { .field = PREFIX_CODE },
		{ .field = RANGE_CODE, .u = ALL }, { .field = START }, { .field = STOP },
		{ .field = COUNT }, { .field = ITEM_END } };

	if (r->function != READ || c->left < SIZE || c->at[0] != CLASSES ||
		c->at[1] - 1u >= CLASS_LAST || c->at[2] != ALL)
		return false;
	struct item *at = dnp3_put_object(r, class, sizeof(class) / sizeof(*class));
	if (at)
		at[2].u = c->at[1];
	cursor_skip(c, SIZE);
	return true;
}

static void put_object(struct dnp3_reader *r, struct cursor *c)
{
	struct dnp3_header h;

	dnp3_put_header(r, &h, c);
	struct bytes contents = { c->at, c->left };
	bool is_there = cursor_ok(c) && !r->stopped;
	if (!is_there || !put_contents(r, &h, c))
		r->does_more = true;
	put_end(r->d);
	if (!cursor_ok(c))
		dnp3_wrong(r->d, OBJECT_TRUNCATED);
	conceal_wrong(r, &h, contents);
	r->stopped |= !cursor_ok(c);
}

void dnp3_objects(struct dnp3_reader *r, struct cursor *c)
{
	for (; c->left > 0 && !r->stopped; r->has_objects = true)
		if (!put_class(r, c))
			put_object(r, c);
}

const struct item *dnp3_item(const struct message *m, uint32_t from, unsigned field)
{
	for (uint32_t i = from; i < m->count; i++)
		if (m->items[i].field == field)
			return &m->items[i];
	return NULL;
}
