/* Data: what is read or written, a return code each.
 *
 *      0      1      2      3      4 …
 *   +------+------+-------------+---------------
 *   | code | type | length      | data, and a byte to fill up odd ones (not the last)
 *   +------+------+-------------+---------------
 *   `length` counts bits or bytes, as the type says. An item that failed has no data. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum { CODE_NONE = 0x00 }; /* in requests, where nothing is known yet */

static bool counts_bits(uint8_t type)
{
	return type >= S7_DATA_BIT && type <= S7_DATA_INT;
}

static uint32_t bytes_of(uint8_t type, uint16_t length)
{
	return counts_bits(type) ? (length + 7u) / 8 : length;
}

/* The type of the variable that data of this type are, where the data tell it. */
static uint8_t type_of_data(uint8_t data_type, uint8_t type)
{
	switch (data_type) {
	case S7_DATA_BIT:
		return S7_BIT;
	case S7_DATA_INT:
		return S7_INT;
	case S7_DATA_DINT:
		return S7_DINT;
	case S7_DATA_REAL:
		return S7_REAL;
	}
	return type;
}

static float real_of(uint32_t bits)
{
	float real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

/* A value that stands alone is shown as a number too. */
static void put_value(struct dissect *d, uint8_t type, struct bytes data)
{
	struct cursor c = cursor_of(data);

	if (data.len == 0 || data.len != s7_type_size(type) || data.len > 4)
		return;
	uint32_t value = (uint32_t)cursor_be(&c, data.len);
	switch (type) {
	case S7_BIT:
		put_uint(d, DATA_VALUE, value & 1);
		break;
	case S7_INT:
		put_int(d, DATA_VALUE_INT, (int16_t)value);
		break;
	case S7_DINT:
	case S7_TIME_TYPE:
		put_int(d, DATA_VALUE_INT, (int32_t)value);
		break;
	case S7_REAL:
		put_real(d, DATA_VALUE_REAL, (double)real_of(value));
		break;
	case S7_CHAR:
		break;
	default:
		put_uint(d, DATA_VALUE, value);
	}
}

static void put_code(struct dissect *d, uint8_t code)
{
	put_uint(d, DATA_CODE, code);
	put_uint(d, DATA_CODE_RAW, code);
}

/* Types that have a name: others are shown by their number. */
static bool is_named(uint8_t type)
{
	const uint32_t named = 0x602f9; /* 0, 3 to 7, 9, 17, 18 */

	return type < 32 && named >> type & 1;
}

/* Begins an item with code, type and length; the length in bytes. */
static uint32_t put_head(
	struct dissect *d, struct cursor *c, uint8_t *code, uint8_t *type)
{
	*code = cursor_u8(c);
	*type = cursor_u8(c);
	uint32_t length = bytes_of(*type, cursor_be16(c));

	if (!cursor_ok(c))
		return 0;
	put_begin(d, DATA);
	put_code(d, *code);
	put_uint(d, DATA_TYPE, *type);
	if (!is_named(*type))
		put_uint(d, DATA_TYPE_RAW, *type);
	put_uint(d, DATA_LENGTH, length);
	return length;
}

/* In a request the code says nothing, whatever it is: the data are there. */
static void put_data(struct dissect *d, struct cursor *c, bool is_last, bool is_request,
	uint8_t of)
{
	uint8_t code, type;
	uint32_t length = put_head(d, c, &code, &type);

	if (!cursor_ok(c))
		return;
	if (is_request || code == S7_SUCCESS || code == CODE_NONE) {
		struct bytes data = s7_up_to(c, length);
		put_bytes(d, DATA_BYTES, data);
		if (data.len == length)
			put_value(d, type_of_data(type, of), data);
		c->failed |= data.len < length;
		if (length % 2 && c->left > 0 && (!is_last || c->left == 1))
			cursor_skip(c, 1);
	}
	put_end(d);
}

/* NCK answers that say where values lie: addresses instead of data. */
static bool put_nck_addresses(struct dissect *d, struct cursor *c, unsigned count)
{
	if (c->left < 2 || (c->at[1] != S7_DATA_NCK1 && c->at[1] != S7_DATA_NCK2))
		return false;
	put_begin(d, DATA);
	put_code(d, c->at[0]);
	put_uint(d, DATA_TYPE, c->at[1]);
	put_end(d);
	cursor_skip(c, 2);
	s7_put_addresses(d, c, count, NULL);
	return true;
}

static void put_list(struct dissect *d, struct cursor *c, unsigned count, bool fills_last,
	const uint8_t *types)
{
	for (unsigned i = 0; i < count; i++) {
		if (c->left == 0) {
			s7_wrong(d, INVALID_ITEM_COUNT);
			return;
		}
		put_data(d, c, i + 1 == count && !fills_last, types, types ? types[i] : 0);
		if (!cursor_ok(c)) {
			s7_wrong(d, INVALID_DATA_LENGTH);
			return;
		}
	}
}

void s7_put_data(
	struct dissect *d, struct cursor *c, unsigned count, const uint8_t *types)
{
	if (!put_nck_addresses(d, c, count))
		put_list(d, c, count, false, types);
}

void s7_put_values(struct dissect *d, struct cursor *c, unsigned count)
{
	put_list(d, c, count, true, NULL);
}

void s7_put_codes(struct dissect *d, struct cursor *c, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (c->left == 0) {
			s7_wrong(d, INVALID_ITEM_COUNT);
			return;
		}
		put_begin(d, DATA);
		put_code(d, cursor_u8(c));
		put_end(d);
	}
}

uint32_t s7_put_data_head(struct dissect *d, struct cursor *c, uint8_t *code)
{
	uint8_t type;
	uint32_t length = put_head(d, c, code, &type);

	if (cursor_ok(c))
		put_end(d);
	return length;
}
