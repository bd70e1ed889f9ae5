/* Object headers, and the points that they promise. */
#include "dnp3_objects.h"

enum {
	PREFIX_SIZE_FIRST = 4,
	PREFIX_RESERVED = 7, /* prefix codes; 1 to 3 are indexes */
	RANGE_ADDRESS = 3,
	RANGE_NONE = 6,
	RANGE_COUNT = 7,
	RANGE_RESERVED = 10,
	RANGE_FREE = 11,
	STRINGS_FIRST = 110,
	STRINGS_LAST = 115, /* the variation is their length */
	TIMES = 50,
	TIMES_COMMON = 51,
	FILES_GROUP = 70,
	AUTHENTICATION = 120,
};

static bool has_size(const struct dnp3_header *h)
{
	return h->prefix >= PREFIX_SIZE_FIRST && h->prefix < PREFIX_RESERVED;
}

/* ---- the header ---- */

static size_t range_width(unsigned range)
{
	static const uint8_t widths[] = { 1, 2, 4, 1, 2, 4, 0, 1, 2, 4, 0, 1 };

	return range < sizeof(widths) ? widths[range] : 0;
}

static void read_range(struct dnp3_reader *r, struct dnp3_header *h, struct cursor *c)
{
	size_t width = range_width(h->range);

	if (h->range < RANGE_NONE)
		h->start = h->stop = cursor_le(c, width);
	if (h->range < RANGE_ADDRESS)
		h->stop = cursor_le(c, width);
	if (h->range < RANGE_NONE)
		h->count = h->stop - h->start + 1;
	if (h->range >= RANGE_COUNT)
		h->count = cursor_le(c, width);
	if (h->stop < h->start) {
		dnp3_wrong(r->d, RANGE_INVALID);
		h->count = 0;
		r->stopped = true;
	}
}

/* Codes that do not go together are reported; what they mean is still clear for most. */
static void check_qualifier(
	struct dnp3_reader *r, const struct dnp3_header *h, uint8_t raw)
{
	bool is_index = h->prefix > 0 && h->prefix < PREFIX_SIZE_FIRST;
	bool is_reserved = raw & 0x80 || h->prefix == PREFIX_RESERVED ||
			   h->range == RANGE_RESERVED || h->range > RANGE_FREE;
	bool is_odd = (is_index && h->range < RANGE_COUNT) ||
		      (has_size(h) && h->range < RANGE_COUNT) ||
		      (h->prefix < PREFIX_SIZE_FIRST && h->range == RANGE_FREE);

	if (is_reserved || is_odd)
		dnp3_wrong(r->d, QUALIFIER_UNKNOWN);
	r->stopped |= is_reserved && raw < 0x80;
}

static void put_header(struct dnp3_reader *r, struct dnp3_header *h, struct cursor *c)
{
	struct dissect *d = r->d;

	h->group = put_u8(d, GROUP, c);
	h->variation = put_u8(d, VARIATION, c);
	if (!cursor_ok(c))
		return;
	put_uint(d, OBJECT_NAME, h->group);
	if (h->group == 0)
		put_uint(d, ATTRIBUTE, h->variation);
	uint8_t qualifier = put_u8(d, QUALIFIER, c);
	if (!cursor_ok(c))
		return;
	h->prefix = qualifier >> 4 & 7;
	h->range = qualifier & 15;
	put_uint(d, PREFIX_CODE, h->prefix);
	put_uint(d, RANGE_CODE, h->range);
	check_qualifier(r, h, qualifier);
	read_range(r, h, c);
	if (!cursor_ok(c))
		return;
	put_uint(d, START, h->start);
	put_uint(d, STOP, h->stop);
	put_uint(d, COUNT, h->count);
}

/* ---- points ---- */

static size_t prefix_width(const struct dnp3_header *h)
{
	static const uint8_t widths[] = { 0, 1, 2, 4, 1, 2, 4, 0 };

	return widths[h->prefix];
}

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

/* One point behind its prefix; a sized one in bounds of its own. */
static void put_point_body(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, uint64_t size, struct cursor *c)
{
	bool is_string = h->group >= STRINGS_FIRST && h->group <= STRINGS_LAST;
	bool is_bounded = has_size(h) || is_string;
	size_t len = has_size(h) ? (size_t)size : h->variation;

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
	size_t width = prefix_width(h);
	uint64_t prefix = cursor_le(c, width);

	put_begin(d, POINTS);
	if (cursor_ok(c)) {
		put_uint(d, PREFIX, prefix);
		put_uint(d, INDEX, width && !has_size(h) ? prefix : h->start + i);
		if (layout->parts)
			put_point_body(r, h, layout, prefix, c);
	}
	if (layout->parts && cursor_ok(c))
		note_point(r, h, from);
	put_end(d);
}

/* Points that have no bytes are not counted out. */
static void put_points(struct dnp3_reader *r, const struct dnp3_header *h,
	const struct dnp3_layout *layout, struct cursor *c)
{
	uint64_t i = 0;

	if (!layout->parts && prefix_width(h) == 0)
		return;
	while (i < h->count && c->left > 0 && cursor_ok(c))
		put_point(r, h, layout, i++, c);
	c->failed |= i < h->count;
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
	return !names_only(r->function) || has_size(h) || h->group == AUTHENTICATION ||
	       (h->group == TIMES && r->function != READ);
}

static void put_contents(
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
	} else if (!is_known) {
		dnp3_wrong(r->d, OBJECT_UNKNOWN);
		r->stopped = true;
	} else if (layout.bits && h->prefix) {
		dnp3_wrong(r->d, QUALIFIER_UNKNOWN);
		r->stopped = true;
	} else if (layout.bits) {
		put_packed(r, h, &layout, c);
	} else {
		put_points(r, h, &layout, c);
	}
	if (h->group == AUTHENTICATION && h->variation < 32)
		r->authentication |= 1u << h->variation;
}

static void put_object(struct dnp3_reader *r, struct cursor *c)
{
	struct dnp3_header h = { 0 };

	put_begin(r->d, OBJECTS);
	put_header(r, &h, c);
	if (cursor_ok(c) && !r->stopped)
		put_contents(r, &h, c);
	put_end(r->d);
	if (!cursor_ok(c))
		dnp3_wrong(r->d, OBJECT_TRUNCATED);
	r->stopped |= !cursor_ok(c);
	r->has_objects = true;
}

void dnp3_objects(struct dnp3_reader *r, struct cursor *c)
{
	while (c->left > 0 && !r->stopped)
		put_object(r, c);
}

const struct item *dnp3_item(const struct message *m, uint32_t from, unsigned field)
{
	for (uint32_t i = from; i < m->count; i++)
		if (m->items[i].field == field)
			return &m->items[i];
	return NULL;
}
