/* Coils and registers: functions 1 to 6, 15, 16, 22 and 23. */
#include "modbus_pdu.h"

/* ---- reading ---- */

static void check_range(struct dissect *d, const struct cursor *c, uint32_t address,
	uint32_t quantity, uint32_t limit)
{
	if (!cursor_ok(c))
		return;
	if (quantity == 0 || quantity > limit)
		modbus_wrong(d, INVALID_QUANTITY);
	else if (address + quantity > 0x10000)
		modbus_wrong(d, ADDRESS_OVERFLOW);
}

void modbus_put_read_request(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint16_t address = put_be16(d, READ_ADDRESS, c);
	uint16_t quantity = put_be16(d, READ_QUANTITY, c);

	check_range(d, c, address, quantity, f->limit);
	key_fit(d, byte_count_of(f, quantity));
}

void modbus_put_read_response(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint8_t count = put_u8(d, READ_BYTE_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (count == 0 || count != c->left || (!is_bits(f) && count % 2))
		modbus_wrong(d, INVALID_BYTE_COUNT);
	struct bytes data = up_to(c, count);
	put_bytes(d, READ_DATA, data);
	put_bytes(d, is_bits(f) ? READ_BITS : READ_VALUES, data);
	key_fit(d, count);
}

/* ---- writing ---- */

static void put_write_values(struct dissect *d, struct cursor *c, uint32_t quantity,
	uint32_t limit)
{
	const struct function *f = function_in(d);
	uint8_t count = put_u8(d, WRITE_BYTE_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (quantity > 0 && quantity <= limit && count != byte_count_of(f, quantity))
		modbus_wrong(d, INVALID_BYTE_COUNT);
	struct bytes data = up_to(c, count);
	put_bytes(d, WRITE_DATA, data);
	if (is_bits(f))
		put_bits(d, WRITE_BITS, data, quantity);
	else
		put_bytes(d, WRITE_VALUES, data);
	c->failed |= data.len < count;
}

void modbus_put_write_multiple(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint16_t address = put_be16(d, WRITE_ADDRESS, c);
	uint16_t quantity = put_be16(d, WRITE_QUANTITY, c);

	check_range(d, c, address, quantity, f->limit);
	key_fit(d, address);
	put_write_values(d, c, quantity, f->limit);
}

/* Suricata shows the quantity of this answer as `data`. */
void modbus_put_write_multiple_done(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint16_t address = put_be16(d, WRITE_ADDRESS, c);
	struct cursor ahead = *c;
	uint16_t quantity = put_be16(d, WRITE_QUANTITY, c);

	put_be16(d, WRITE_NUMBER, &ahead);
	check_range(d, c, address, quantity, f->limit);
	key_fit(d, address);
}

/* A coil is told apart from a register: `write.data` is what was sent (0 or 65280),
 * while `write.values`, and with it modbus.write.value in rules, says 0 or 1. */
void modbus_put_write_coil(struct dissect *d, struct cursor *c)
{
	static const uint8_t off = 0, on = 1;

	key_fit(d, put_be16(d, WRITE_ADDRESS, c));
	uint16_t value = put_be16(d, WRITE_NUMBER, c);
	if (!cursor_ok(c))
		return;
	put_bits(d, WRITE_BITS, (struct bytes){ value ? &on : &off, 1 }, 1);
	if (value != 0 && value != 0xff00)
		modbus_wrong(d, INVALID_VALUE);
}

void modbus_put_write_register(struct dissect *d, struct cursor *c)
{
	key_fit(d, put_be16(d, WRITE_ADDRESS, c));
	struct cursor ahead = *c;
	put_be16(d, WRITE_NUMBER, c);
	if (cursor_ok(c))
		put_run(d, WRITE_VALUES, &ahead, 2);
}

void modbus_put_write_mask(struct dissect *d, struct cursor *c)
{
	key_fit(d, put_be16(d, WRITE_ADDRESS, c));
	put_be16(d, WRITE_AND_MASK, c);
	put_be16(d, WRITE_OR_MASK, c);
}

enum { READ_WRITE_LIMIT = 121 }; /* registers written together with a read */

void modbus_put_read_write(struct dissect *d, struct cursor *c)
{
	modbus_put_read_request(d, c);
	uint16_t address = put_be16(d, WRITE_ADDRESS, c);
	uint16_t quantity = put_be16(d, WRITE_QUANTITY, c);
	check_range(d, c, address, quantity, READ_WRITE_LIMIT);
	put_write_values(d, c, quantity, READ_WRITE_LIMIT);
}

/* ---- what they mean ---- */

void modbus_operate_read(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct operation op = modbus_operation(request, response, VERB_READ);

	modbus_set_point(&op, modbus_either(request, NULL, READ_ADDRESS),
		modbus_either(request, NULL, READ_QUANTITY));
	modbus_set_value(&op, VALUE_U16, modbus_either(response, NULL, READ_VALUES));
	modbus_set_value(&op, VALUE_BITS, modbus_either(response, NULL, READ_BITS));
	operation_add(d, &op);
}

/* The answer repeats the place, and of single writes the value. Where the value is not known
 * (a mask; an answer without its request), what was known of the points holds no longer. */
void modbus_operate_write(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct operation op = modbus_operation(request, response, VERB_WRITE);

	modbus_set_point(&op, modbus_either(request, response, WRITE_ADDRESS),
		modbus_either(request, response, WRITE_QUANTITY));
	modbus_set_value(&op, VALUE_U16, modbus_either(request, response, WRITE_VALUES));
	modbus_set_value(&op, VALUE_BITS, modbus_either(request, response, WRITE_BITS));
	if (op.value.type == VALUE_NONE)
		op.value.type = is_bits(&modbus_functions[function_of(request ? request : response)]) ?
			VALUE_BITS : VALUE_U16;
	operation_add(d, &op);
}

/* The server writes first, then reads. */
void modbus_operate_read_write(struct dissect *d, const struct message *request,
	const struct message *response)
{
	if (request)
		modbus_operate_write(d, request, response);
	modbus_operate_read(d, request, response);
}
