/* What stands before the points of an object: its type, how they are addressed, how many. */
#include "dnp3_objects.h"

enum {
	TYPE_SIZE = 3, /* group, variation, qualifier */
	PREFIX_SIZE_FIRST = 4,
	PREFIX_RESERVED = 7, /* prefix codes; 1 to 3 are indexes */
	RANGE_ADDRESS = 3,
	RANGE_NONE = 6,
	RANGE_COUNT = 7,
	RANGE_RESERVED = 10,
	RANGE_FREE = 11,
};

bool dnp3_has_size(const struct dnp3_header *h)
{
	return h->prefix >= PREFIX_SIZE_FIRST && h->prefix < PREFIX_RESERVED;
}

size_t dnp3_prefix_width(const struct dnp3_header *h)
{
	static const uint8_t widths[] = { 0, 1, 2, 4, 1, 2, 4, 0 };

	return widths[h->prefix];
}

/* ---- reading ---- */

static size_t range_width(unsigned range)
{
	static const uint8_t widths[] = { 1, 2, 4, 1, 2, 4, 0, 1, 2, 4, 0, 1 };

	return range < sizeof(widths) ? widths[range] : 0;
}

static void set_qualifier(struct dnp3_header *h, uint8_t qualifier)
{
	h->prefix = qualifier >> 4 & 7;
	h->range = qualifier & 15;
}

static void read_range(struct dnp3_header *h, struct cursor *c)
{
	size_t width = range_width(h->range);

	if (width == 0)
		return;
	if (h->range < RANGE_NONE)
		h->start = h->stop = cursor_le(c, width);
	if (h->range < RANGE_ADDRESS)
		h->stop = cursor_le(c, width);
	if (h->range < RANGE_NONE)
		h->count = h->stop - h->start + 1;
	if (h->range >= RANGE_COUNT)
		h->count = cursor_le(c, width);
}

struct dnp3_header dnp3_header_of(struct cursor *c)
{
	struct dnp3_header h = { .at = c->at };
	struct bytes type = cursor_bytes(c, TYPE_SIZE);

	if (!type.len)
		return h;
	h.group = type.at[0];
	h.variation = type.at[1];
	set_qualifier(&h, type.at[2]);
	read_range(&h, c);
	return h;
}

/* ---- on the tape ---- */

static void check_range(struct dnp3_reader *r, struct dnp3_header *h)
{
	if (h->stop >= h->start)
		return;
	dnp3_wrong(r->d, RANGE_INVALID);
	h->count = 0;
	r->stopped = true;
}

/* Codes that do not go together are reported; what they mean is still clear for most. */
static void check_qualifier(
	struct dnp3_reader *r, const struct dnp3_header *h, uint8_t raw)
{
	if (raw < RANGE_RESERVED) /* no prefix: most are of these */
		return;
	bool is_index = h->prefix > 0 && h->prefix < PREFIX_SIZE_FIRST;
	bool is_reserved = raw & 0x80 || h->prefix == PREFIX_RESERVED ||
			   h->range == RANGE_RESERVED || h->range > RANGE_FREE;
	bool is_odd = (is_index && h->range < RANGE_COUNT) ||
		      (dnp3_has_size(h) && h->range < RANGE_COUNT) ||
		      (h->prefix < PREFIX_SIZE_FIRST && h->range == RANGE_FREE);

	if (is_reserved || is_odd)
		dnp3_wrong(r->d, QUALIFIER_UNKNOWN);
	r->stopped |= is_reserved && raw < 0x80;
}

/* A header that is all there, of points: the same fields each time. False: it is no such. */
static bool put_whole(struct dnp3_reader *r, struct dnp3_header *h, struct cursor *c)
{
	static const struct item header[] = { { .field = OBJECTS }, { .field = GROUP },
		{ .field = VARIATION }, { .field = OBJECT_NAME }, { .field = QUALIFIER },
		{ .field = PREFIX_CODE }, { .field = RANGE_CODE }, { .field = START },
		{ .field = STOP }, { .field = COUNT } };
	struct cursor rest = *c;
	struct item *at;

	*h = dnp3_header_of(&rest);
	if (!cursor_ok(&rest) || h->group == 0)
		return false;
	uint8_t qualifier = h->at[2];
	check_qualifier(r, h, qualifier);
	check_range(r, h);
	*c = rest;
	at = dnp3_put_object(r, header, sizeof(header) / sizeof(*header));
	if (!at)
		return true;
	at[1].u = at[3].u = h->group;
	at[2].u = h->variation;
	at[4].u = qualifier;
	at[5].u = h->prefix;
	at[6].u = h->range;
	at[7].u = h->start;
	at[8].u = h->stop;
	at[9].u = h->count;
	return true;
}

/* What is there of another. */
static void put_partly(struct dnp3_reader *r, struct dnp3_header *h, struct cursor *c)
{
	struct dissect *d = r->d;

	put_begin(d, OBJECTS);
	*h = (struct dnp3_header){ .at = c->at };
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
	set_qualifier(h, qualifier);
	put_uint(d, PREFIX_CODE, h->prefix);
	put_uint(d, RANGE_CODE, h->range);
	check_qualifier(r, h, qualifier);
	read_range(h, c);
	check_range(r, h);
	if (!cursor_ok(c))
		return;
	put_uint(d, START, h->start);
	put_uint(d, STOP, h->stop);
	put_uint(d, COUNT, h->count);
}

void dnp3_put_header(struct dnp3_reader *r, struct dnp3_header *h, struct cursor *c)
{
	if (!put_whole(r, h, c))
		put_partly(r, h, c);
}
