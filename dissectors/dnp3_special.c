/* Points with a structure of their own: device attributes and data sets. */
#include "dnp3_objects.h"

enum {
	VSTR = 1,
	UINT = 2,
	INT = 3,
	FLT = 4,
	TIME_TYPE = 7,
	LIST_TYPE = 254,
	LONG_LIST = 255
};

static void put_float_value(struct dissect *d, struct bytes b)
{
	float single;
	double real;
	uint32_t bits;
	uint64_t wide;

	if (b.len == sizeof(single)) {
		bits = le32_at(b.at);
		memcpy(&single, &bits, sizeof(single));
		put_real(d, VALUE_FLOAT, (double)single);
	} else if (b.len == sizeof(real)) {
		wide = le64_at(b.at);
		memcpy(&real, &wide, sizeof(real));
		put_real(d, VALUE_FLOAT, real);
	} else {
		put_bytes(d, DATA, b);
	}
}

static void put_integer(struct dissect *d, struct bytes b, bool is_signed)
{
	struct cursor c = cursor_of(b);
	uint64_t value = b.len <= 8 ? cursor_le(&c, b.len) : 0;

	if (b.len == 0 || b.len > 8)
		put_bytes(d, DATA, b);
	else if (!is_signed)
		put_uint(d, VALUE_UNSIGNED, value);
	else
		put_int(d, VALUE,
			(int64_t)(value << (64 - 8 * b.len)) >> (64 - 8 * b.len));
}

/* Pairs of a variation and what can be done with it. */
static void put_list(struct dissect *d, struct bytes b)
{
	struct cursor c = cursor_of(b);

	while (c.left > 0) {
		put_begin(d, LIST);
		put_u8(d, LIST_VARIATION, &c);
		put_u8(d, LIST_PROPERTIES, &c);
		put_end(d);
	}
}

void dnp3_attribute(struct dissect *d, struct cursor *c)
{
	uint8_t type = put_u8(d, DATA_TYPE, c);
	size_t len = put_u8(d, LENGTH, c) + (type == LONG_LIST ? 256u : 0);
	struct bytes value = cursor_bytes(c, len);

	if (!cursor_ok(c))
		return;
	if (type == UINT || type == INT)
		put_integer(d, value, type == INT);
	else if (type == FLT)
		put_float_value(d, value);
	else if (type == TIME_TYPE && len == 6)
		put_bytes(d, VALUE_TIME, value);
	else if (type == LIST_TYPE || type == LONG_LIST)
		put_list(d, value);
	else
		put_bytes(d, type == VSTR ? VALUE_STRING : DATA, value);
}

/* ---- data sets ---- */

/* Numbers have as many bytes as their sender likes; longer ones stay bytes. */
static void put_number(struct dissect *d, unsigned field, struct cursor *c)
{
	size_t len = c->left;

	if (len == 0)
		return;
	if (len <= sizeof(uint64_t))
		put_uint(d, field, cursor_le(c, len));
	else
		put_rest(d, DATA, c);
}

void dnp3_set_id(struct dissect *d, unsigned field, struct cursor *c)
{
	struct cursor id = cursor_sub(c, cursor_u8(c));

	put_number(d, field, &id);
	cursor_join(c, &id);
}

/* None, where it is empty. */
void dnp3_set_time(struct dissect *d, unsigned field, struct cursor *c)
{
	struct cursor time = cursor_sub(c, cursor_u8(c));

	if (time.left == DNP3_TIME_SIZE)
		dnp3_put_time(d, field, &time, true);
	else if (time.left > 0)
		put_rest(d, DATA, &time);
	cursor_join(c, &time);
}

static void put_descriptor(struct dissect *d, struct cursor *c)
{
	put_u8(d, ELEMENT_CODE, c);
	put_u8(d, ELEMENT_TYPE, c);
	put_u8(d, ELEMENT_MAX, c);
	put_rest(d, ELEMENT_VALUE, c);
}

/* An element that is no point's may be empty. */
static void put_point_type(struct dissect *d, struct cursor *c)
{
	if (c->left == 0)
		return;
	put_u8(d, ELEMENT_POINT_TYPE, c);
	put_number(d, ELEMENT_POINT_INDEX, c);
}

/* Each says how long it is. */
void dnp3_elements(struct dissect *d, struct cursor *c, enum dnp3_part_kind kind)
{
	while (c->left > 0) {
		put_begin(d, ELEMENTS);
		struct cursor element = cursor_sub(c, put_u8(d, ELEMENT_LENGTH, c));
		if (kind == PART_DESCRIPTORS)
			put_descriptor(d, &element);
		else if (kind == PART_POINT_TYPES)
			put_point_type(d, &element);
		else
			put_rest(d, ELEMENT_VALUE, &element);
		put_end(d);
		cursor_join(c, &element);
	}
}
