/* Predicates against the value of one item. */
#include <strings.h>

#include "detect/runtime.h"

bool number_in(const struct number_range *ranges, unsigned count, int64_t value)
{
	unsigned low = 0, high = count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (value > ranges[middle].high)
			low = middle + 1;
		else if (value < ranges[middle].low)
			high = middle;
		else
			return true;
	}
	return false;
}

/* A range with one open end was written with < or >, which a fraction beyond the whole
 * number named already fits: 400.5 is >400 although that range begins at 401. */
static bool real_in(const struct number_range *ranges, unsigned count, double value)
{
	for (unsigned i = 0; i < count; i++) {
		const struct number_range *r = &ranges[i];
		bool above = r->low == INT64_MIN || value >= (double)r->low ||
			(r->high == INT64_MAX && value > (double)(r->low - 1));
		bool below = r->high == INT64_MAX || value <= (double)r->high ||
			(r->low == INT64_MIN && value < (double)(r->high + 1));
		if (above && below)
			return true;
	}
	return false;
}

bool unsigned_in(const struct predicate *p, uint64_t value)
{
	if (p->mask && p->range_count == 0)
		return (value & p->mask) != 0;
	if (p->mask)
		value &= p->mask;
	return number_in(p->ranges, p->range_count,
		value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static bool is_text(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_DATA || type == FIELD_BYTES;
}

int text_order(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len ? strncasecmp((const char *)a.at, (const char *)b.at, a.len) : 0;
}

static bool text_is(const struct predicate *p, struct bytes text)
{
	unsigned low = 0, high = p->text_count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = text_order(text, p->texts[middle]);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool text_matches(const struct condition *c, const struct item *item)
{
	char room[FORMAT_MAX];
	struct bytes text = item_text(&c->fields[item->field - c->field], item, room);
	return c->predicate->of_length ? unsigned_in(c->predicate, text.len)
		: text_is(c->predicate, text);
}

static bool contents_hold(const struct condition *c, const struct item *item)
{
	char room[FORMAT_MAX];
	return contents_match(c->contents,
		item_text(&c->fields[item->field - c->field], item, room));
}

bool field_has_bytes(enum field_type type)
{
	return is_text(type) || type == FIELD_U16S || type == FIELD_BITS;
}

static enum field_type type_of(const struct condition *c, const struct item *item)
{
	return c->fields[item->field - c->field].type;
}

uint32_t element_count(const struct condition *c, const struct item *item)
{
	enum field_type type = type_of(c, item);
	if (!c->predicate || c->predicate->of_length)
		return 1;
	if (type == FIELD_U16S)
		return item->len / 2;
	return type == FIELD_BITS ? item_bit_count(item) : 1;
}

bool element_matches(const struct condition *c, const struct item *item, uint32_t i)
{
	const struct predicate *p = c->predicate;
	if (p->many && p->many->kind == MANY_COUNT)
		return true;
	switch (type_of(c, item)) {
	case FIELD_UINT:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_FLAGS:
		return unsigned_in(p, item->u);
	case FIELD_INT:
		return p->mask ? unsigned_in(p, item->u)
			: number_in(p->ranges, p->range_count, item->i);
	case FIELD_REAL:
		return real_in(p->ranges, p->range_count, item->real);
	case FIELD_U16S:
		return unsigned_in(p, be16_at(item->at + 2 * (size_t)i));
	case FIELD_BITS:
		return unsigned_in(p, item_bit(item, i));
	case FIELD_TEXT:
	case FIELD_DATA:
	case FIELD_BYTES:
		return text_matches(c, item);
	case FIELD_GROUP:
	case FIELD_LAZY:
		break;
	}
	return false;
}

bool condition_compares(const struct condition *c, const struct item *item)
{
	enum field_type type = type_of(c, item);
	if (!c->predicate)
		return field_has_bytes(type);
	return is_text(type) == (c->predicate->of_length || c->predicate->text_count > 0);
}

/* Of an array any element will do; with `!` no element may be one that is named. */
bool condition_holds(const struct condition *c, const struct item *item)
{
	if (!condition_compares(c, item))
		return false;
	if (!c->predicate)
		return contents_hold(c, item);
	uint32_t count = element_count(c, item);
	bool any = false;
	for (uint32_t i = 0; i < count && !any; i++)
		any = element_matches(c, item, i);
	return any != c->predicate->negated;
}
