/* The table of functions: what a message of each may look like, who reads it, what it
 * means. */
#include "modbus_pdu.h"
#include "modbus_umas.h"

#define FIXED(length) { (length), 0, 0, 0, false }
#define COUNTED(base, at, width, least) { (base), (at), (width), (least), false }
#define AT_LEAST(base) { (base), 0, 0, 0, true }

const struct function modbus_functions[128] = {
	[1] = { READ | COILS, 0, false, 2000, FIXED(6), COUNTED(3, 2, 1, 1),
		modbus_put_read_request, modbus_put_read_response, modbus_operate_read,
		"coil" },
	[2] = { READ | DISCRETES, 0, false, 2000, FIXED(6), COUNTED(3, 2, 1, 1),
		modbus_put_read_request, modbus_put_read_response, modbus_operate_read,
		"discrete_input" },
	[3] = { READ | HOLDING, 0, false, 125, FIXED(6), COUNTED(3, 2, 1, 2),
		modbus_put_read_request, modbus_put_read_response, modbus_operate_read,
		"holding_register" },
	[4] = { READ | INPUT, 0, false, 125, FIXED(6), COUNTED(3, 2, 1, 2),
		modbus_put_read_request, modbus_put_read_response, modbus_operate_read,
		"input_register" },
	[5] = { COILS | WRITE_SINGLE, ECHO_ALL, false, 1, FIXED(6), FIXED(6),
		modbus_put_write_coil, modbus_put_write_coil, modbus_operate_write,
		"coil" },
	[6] = { HOLDING | WRITE_SINGLE, ECHO_ALL, false, 1, FIXED(6), FIXED(6),
		modbus_put_write_register, modbus_put_write_register,
		modbus_operate_write, "holding_register" },
	[7] = { 0, 0, true, 0, FIXED(2), FIXED(3),
		modbus_put_nothing, modbus_put_exception_status, modbus_operate_diagnose,
		"device" },
	[DIAGNOSTICS] = { 0, 0, false, 0, AT_LEAST(6), AT_LEAST(6),
		modbus_put_diagnostic, modbus_put_diagnostic, modbus_operate_diagnostic,
		"device" },
	[11] = { 0, 0, true, 0, FIXED(2), FIXED(6),
		modbus_put_nothing, modbus_put_comm_event_counter,
		modbus_operate_diagnose, "device" },
	[12] = { 0, 0, true, 0, FIXED(2), COUNTED(3, 2, 1, 6),
		modbus_put_nothing, modbus_put_comm_event_log, modbus_operate_diagnose,
		"device" },
	[15] = { COILS | WRITE_MULTIPLE, 4, false, 1968, COUNTED(7, 6, 1, 1), FIXED(6),
		modbus_put_write_multiple, modbus_put_write_multiple_done,
		modbus_operate_write, "coil" },
	[16] = { HOLDING | WRITE_MULTIPLE, 4, false, 123, COUNTED(7, 6, 1, 2), FIXED(6),
		modbus_put_write_multiple, modbus_put_write_multiple_done,
		modbus_operate_write, "holding_register" },
	[17] = { 0, 0, true, 0, FIXED(2), COUNTED(3, 2, 1, 1),
		modbus_put_nothing, modbus_put_server_id, modbus_operate_discover,
		"device" },
	[20] = { 0, 0, true, 0, COUNTED(3, 2, 1, 7), COUNTED(3, 2, 1, 2),
		modbus_put_file_read, modbus_put_file_read_done, modbus_operate_file,
		"file_record" },
	[21] = { 0, ECHO_ALL, true, 0, COUNTED(3, 2, 1, 9), COUNTED(3, 2, 1, 9),
		modbus_put_file_write, modbus_put_file_write, modbus_operate_file,
		"file_record" },
	[22] = { WRITE | HOLDING, ECHO_ALL, false, 1, FIXED(8), FIXED(8),
		modbus_put_write_mask, modbus_put_write_mask, modbus_operate_write,
		"holding_register" },
	[23] = { READ | HOLDING | WRITE_MULTIPLE, 0, false, 125, COUNTED(11, 10, 1, 2),
		COUNTED(3, 2, 1, 2),
		modbus_put_read_write, modbus_put_read_response,
		modbus_operate_read_write, "holding_register" },
	[24] = { 0, 0, true, 0, FIXED(4), COUNTED(4, 2, 2, 2),
		modbus_put_fifo, modbus_put_fifo_done, modbus_operate_fifo,
		"fifo_queue" },
	[MEI] = { 0, 0, false, 0, AT_LEAST(3), AT_LEAST(3),
		modbus_put_mei, modbus_put_mei, modbus_operate_mei, "device" },
	[UMAS] = { 0, 0, true, 0, AT_LEAST(4), AT_LEAST(4),
		umas_put, umas_put, umas_operate, "device" },
};

/* ---- who defines a function ---- */

/* Codes 18, 19 and 40 were Modicon's before there was a list, which leaves them open. */
static unsigned category_by_range(uint8_t code)
{
	static const struct {
		uint8_t last, category;
	} ranges[] = {
		{ 0, NO_CATEGORY }, { 8, PUBLIC_UNASSIGNED }, { 14, RESERVED },
		{ 17, PUBLIC_UNASSIGNED }, { 19, RESERVED }, { 39, PUBLIC_UNASSIGNED },
		{ 42, RESERVED }, { 64, PUBLIC_UNASSIGNED }, { 72, USER_DEFINED },
		{ 89, PUBLIC_UNASSIGNED }, { 91, RESERVED }, { 99, PUBLIC_UNASSIGNED },
		{ 110, USER_DEFINED }, { 124, PUBLIC_UNASSIGNED }, { 127, RESERVED },
	};
	unsigned i = 0;

	while (ranges[i].last < code)
		i++;
	return ranges[i].category;
}

/* As in Suricata, an exception to a function that has subfunctions, or to one that is
 * not assigned, has no category. */
unsigned modbus_category(uint8_t raw, struct cursor body)
{
	uint8_t code = raw & 0x7f;
	bool is_exception = raw & EXCEPTION_BIT;

	if (!is_assigned(code))
		return is_exception ? NO_CATEGORY : category_by_range(code);
	if (code != DIAGNOSTICS && code != MEI)
		return PUBLIC_ASSIGNED;
	uint32_t sub = code == MEI ? cursor_u8(&body) : cursor_be16(&body);
	if (is_exception || !cursor_ok(&body))
		return NO_CATEGORY;
	if (code == MEI)
		return sub == MEI_CANOPEN || sub == MEI_DEVICE_ID ? PUBLIC_ASSIGNED
								  : RESERVED;
	bool is_known = sub <= CLEAR_OVERRUN && sub != 19 &&
		name_of(modbus_diagnostic_names, sub);
	return is_known ? PUBLIC_ASSIGNED : RESERVED;
}

/* ---- what an ADU can be ---- */

/* Whether this length is what the form asks for, as far as it is there. */
static bool fits(const struct form *form, struct bytes adu, uint32_t length)
{
	struct cursor c = cursor_of(adu);

	if (form->is_open)
		return length >= form->base;
	if (!form->count_at)
		return length == form->base;
	cursor_skip(&c, form->count_at);
	uint64_t count = cursor_be(&c, form->width);
	return length >= (uint32_t)form->base + form->least &&
		(!cursor_ok(&c) || length == form->base + count);
}

unsigned modbus_shape(struct bytes adu, uint32_t length)
{
	uint8_t raw = adu.at[ADU_FUNCTION];
	const struct function *f = &modbus_functions[raw & 0x7f];
	unsigned shape = FITS_NONE;

	if (raw & EXCEPTION_BIT)
		return length == 3 ? FITS_RESPONSE : FITS_NONE;
	if (raw == UMAS)
		return umas_shape(adu);
	if (!f->request)
		return raw ? FITS_BOTH : FITS_NONE;
	if (fits(&f->request_form, adu, length))
		shape |= FITS_REQUEST;
	if (fits(&f->response_form, adu, length))
		shape |= FITS_RESPONSE;
	if (f->response == modbus_put_read_response && !is_bits(f) && length % 2 == 0)
		shape &= FITS_REQUEST; /* registers have two bytes each */
	if (raw == MEI && adu.len > ADU_DATA && adu.at[ADU_DATA] == MEI_DEVICE_ID)
		shape &= length == 5 ? FITS_REQUEST : FITS_RESPONSE;
	return shape;
}

static bool is_range(uint32_t address, uint32_t quantity, uint32_t limit)
{
	return quantity > 0 && quantity <= limit && address + quantity <= 0x10000;
}

/* Address and quantity, and for requests to write several the byte count behind them. */
static bool is_range_fine(const struct function *f, struct cursor *c, bool has_values)
{
	uint32_t address = cursor_be16(c), quantity = cursor_be16(c);

	return is_range(address, quantity, f->limit) &&
		(!has_values || cursor_u8(c) == byte_count_of(f, quantity));
}

bool modbus_is_consistent(struct bytes adu, unsigned shape)
{
	uint8_t raw = adu.at[ADU_FUNCTION];
	const struct function *f = &modbus_functions[raw & 0x7f];
	struct cursor c = { adu.at + ADU_DATA, adu.len - ADU_DATA, false };
	bool writes = shape == FITS_REQUEST && (f->access & WRITE);

	if (!is_assigned(raw))
		return false;
	if (raw & EXCEPTION_BIT)
		return true;
	if (raw == MEI)
		return c.left > 1 && c.at[0] == MEI_DEVICE_ID &&
			name_of(modbus_read_device_id_names, c.at[1]);
	if (f->response == modbus_put_read_response && shape == FITS_RESPONSE)
		return true;
	if (f->request == modbus_put_write_coil)
		return (c.at[2] == 0 || c.at[2] == 0xff) && c.at[3] == 0;
	if (f->request == modbus_put_read_write)
		return is_range_fine(f, &c, false) && is_range_fine(f, &c, true);
	return f->limit > 1 && is_range_fine(f, &c, writes);
}
