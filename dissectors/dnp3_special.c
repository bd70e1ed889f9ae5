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

/* Each element says how long it is; those of a description then say what they describe.
 */
void dnp3_elements(struct dissect *d, struct cursor *c, bool are_descriptors)
{
	while (c->left > 0) {
		put_begin(d, ELEMENTS);
		struct cursor element = cursor_sub(c, put_u8(d, ELEMENT_LENGTH, c));
		if (are_descriptors) {
			put_u8(d, ELEMENT_CODE, &element);
			put_u8(d, ELEMENT_TYPE, &element);
			put_u8(d, ELEMENT_MAX, &element);
		}
		put_rest(d, ELEMENT_VALUE, &element);
		put_end(d);
		cursor_join(c, &element);
	}
}
