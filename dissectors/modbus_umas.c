/* UMAS: what is said. */
#include "modbus_umas.h"

enum {
	OK = 0xfe,
	ERROR = 0xfd,
	READ_PROJECT_INFO = 0x03,
	SIGNED = 0x38,
	SIGNATURE = 1 + 32,
	IS_ARRAY = 0xf0,     /* in a variable's first byte; the other bits are its size */
	SIZE_INDEX = 0x0f,
};

static bool is_answer(uint8_t code)
{
	return code == OK || code == ERROR;
}

unsigned umas_shape(struct bytes adu)
{
	if (adu.len < ADU_DATA + 2)
		return FITS_BOTH;
	return is_answer(adu.at[ADU_DATA + 1]) ? FITS_RESPONSE : FITS_REQUEST;
}

static struct umas_flow *flow_of(const struct dissect *d)
{
	return &((struct modbus_flow *)d->state)->umas;
}

/* ---- who the controller is ---- */

static void put_init_answer(struct dissect *d, struct cursor *c)
{
	put_le16(d, UMAS_MAX_FRAME, c);
}

static void put_id(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 2);
	put_le32(d, UMAS_HARDWARE_ID, c);
	cursor_skip(c, 2);
	put_run(d, UMAS_COM_VERSION, c, 2);
	cursor_skip(c, 4);
	put_le16(d, UMAS_HARDWARE_VERSION, c);
	cursor_skip(c, 6);
	put_run(d, UMAS_MODEL, c, cursor_u8(c));
}

/* The first kind of project information: versions and dates, then the name with its
 * length, which counts the zero at the end. */
static void put_project(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 2 * 9 + 2 * 8);
	uint32_t len = cursor_le32(c);
	if (cursor_ok(c) && len > 1 && len == c->left && c->at[len - 1] == '\0')
		put_run(d, UMAS_PROJECT, c, len - 1);
}

/* ---- reservation ---- */

static void put_owner(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 4);
	put_run(d, UMAS_OWNER, c, cursor_u8(c));
}

static void put_reservation(struct dissect *d, struct cursor *c)
{
	put_u8(d, UMAS_RESERVATION, c);
}

/* ---- memory and variables ---- */

static void put_memory(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 1);
	put_le16(d, UMAS_MEMORY_BLOCK, c);
	put_le32(d, UMAS_MEMORY_OFFSET, c);
	put_le16(d, UMAS_MEMORY_SIZE, c);
}

static void put_memory_answer(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 1);
	put_le16(d, UMAS_MEMORY_SIZE, c);
}

static void put_variable(struct dissect *d, uint16_t block, uint32_t offset)
{
	put_uint(d, UMAS_VARIABLE_BLOCK, block);
	put_uint(d, UMAS_VARIABLE_OFFSET, offset);
}

/* Size, block, one byte, base, offset; of an array its length. */
static void put_variable_read(struct dissect *d, struct cursor *c)
{
	uint8_t kind = cursor_u8(c);
	uint16_t block = cursor_le16(c);

	cursor_skip(c, 1);
	uint32_t base = cursor_le16(c);
	uint32_t offset = cursor_u8(c);
	if (!cursor_ok(c))
		return;
	put_variable(d, block, base + offset);
	if (kind & IS_ARRAY)
		put_le16(d, UMAS_VARIABLE_COUNT, c);
}

/* Size, block, base, offset; of an array its length; then the value. */
static void put_variable_write(struct dissect *d, struct cursor *c)
{
	static const uint8_t sizes[SIZE_INDEX + 1] = { [1] = 1, [2] = 2, [3] = 4 };
	uint8_t kind = cursor_u8(c);
	uint16_t block = cursor_le16(c);
	uint32_t base = cursor_le16(c), offset = cursor_le16(c);
	uint8_t size = sizes[kind & SIZE_INDEX];

	if (!cursor_ok(c))
		return;
	put_variable(d, block, base + offset);
	if (kind & IS_ARRAY) {
		cursor_skip(c, put_le16(d, UMAS_VARIABLE_COUNT, c) * (size_t)size);
		return;
	}
	uint64_t value = cursor_le(c, size);
	if (cursor_ok(c) && size)
		put_uint(d, UMAS_VARIABLE_VALUE, value);
	c->failed |= size == 0; /* where the next one begins is not known */
}

/* Size, class, address, length. */
static void put_register(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 1);
	put_u8(d, UMAS_VARIABLE_CLASS, c);
	put_le16(d, UMAS_VARIABLE_ADDRESS, c);
	put_le16(d, UMAS_VARIABLE_COUNT, c);
}

static void put_variables(struct dissect *d, struct cursor *c, modbus_put *put_one)
{
	for (uint8_t count = cursor_u8(c); count > 0 && c->left > 0; count--) {
		put_begin(d, UMAS_VARIABLES);
		put_one(d, c);
		put_end(d);
	}
}

static void put_variables_read(struct dissect *d, struct cursor *c)
{
	put_le32(d, UMAS_PROJECT_CRC, c);
	put_variables(d, c, put_variable_read);
}

static void put_variables_write(struct dissect *d, struct cursor *c)
{
	put_le32(d, UMAS_PROJECT_CRC, c);
	put_variables(d, c, put_variable_write);
}

static void put_registers(struct dissect *d, struct cursor *c)
{
	put_variables(d, c, put_register);
}

/* ---- requests and answers ---- */

static const struct {
	modbus_put *request, *answer;
} layouts[128] = {
	[0x01] = { NULL, put_init_answer },
	[0x02] = { NULL, put_id },
	[0x10] = { put_owner, put_reservation },
	[0x20] = { put_memory, put_memory_answer },
	[0x22] = { put_variables_read, NULL },
	[0x23] = { put_variables_write, NULL },
	[0x24] = { put_registers, NULL },
	[0x30] = { umas_put_upload_begin, NULL },
	[UMAS_UPLOAD_BLOCK] = { umas_put_upload_block, NULL },
	[0x32] = { umas_put_upload_end, NULL },
	[0x33] = { umas_put_download_begin, umas_put_download_size },
	[UMAS_DOWNLOAD_BLOCK] = { umas_put_download_request, NULL },
	[0x35] = { umas_put_download_end, NULL },
};

/* Go to the message inside a signed one; false: there is none. */
static bool unwrap(struct cursor *c, uint8_t *code)
{
	struct cursor inner = *c;

	cursor_skip(&inner, SIGNATURE);
	bool is_umas = cursor_u8(&inner) == UMAS;
	cursor_skip(&inner, 1);
	uint8_t function = cursor_u8(&inner);
	if (!is_umas || !cursor_ok(&inner))
		return false;
	*c = inner;
	*code = function;
	return true;
}

/* What the answer will need: the number of a block, or the subfunction. */
static uint16_t detail_of(uint8_t function, struct cursor c)
{
	if (function == UMAS_DOWNLOAD_BLOCK) {
		cursor_skip(&c, 2);
		return cursor_le16(&c);
	}
	return cursor_u8(&c);
}

static void remember(struct dissect *d, uint8_t function, bool is_signed, struct cursor c)
{
	struct umas_flow *flow = flow_of(d);

	flow->asked[flow->next++ % UMAS_ASKED] = (struct umas_asked){
		.transaction = (uint16_t)(d->message->key >> 48), .function = function,
		.is_signed = is_signed, .detail = detail_of(function, c) };
}

/* The newest request of this transaction; one without a function if there is none. */
static struct umas_asked recall(const struct dissect *d)
{
	const struct umas_flow *flow = flow_of(d);
	uint16_t transaction = (uint16_t)(d->message->key >> 48);

	for (unsigned i = 1; i <= UMAS_ASKED; i++) {
		uint8_t place = (uint8_t)(flow->next - i) % UMAS_ASKED;
		const struct umas_asked *a = &flow->asked[place];
		if (a->function && a->transaction == transaction)
			return *a;
	}
	return (struct umas_asked){ 0 };
}

static void put_request(struct dissect *d, uint8_t function, struct cursor *c)
{
	bool is_signed = function == SIGNED && unwrap(c, &function);
	bool is_known = function != UNKNOWN && name_of(umas_function_names, function);

	put_uint(d, UMAS_RAW, function);
	put_uint(d, UMAS_CODE, is_known ? function : UNKNOWN);
	if (is_signed)
		put_uint(d, UMAS_SIGNED, true);
	remember(d, function, is_signed, *c);
	if (function < 128 && layouts[function].request)
		layouts[function].request(d, c);
}

/* A block that was refused is not in the controller. */
static void put_error(struct dissect *d, uint8_t function, struct cursor *c)
{
	struct umas_transfer *t = &flow_of(d)->transfer;

	d->message->code = "Error";
	put_rest(d, UMAS_ERROR, c);
	if (t->function == function)
		t->function = 0;
}

static void put_answer(struct dissect *d, uint8_t answer, struct cursor *c)
{
	struct umas_asked asked = recall(d);

	if (asked.is_signed && unwrap(c, &answer))
		put_uint(d, UMAS_SIGNED, true);
	put_uint(d, UMAS_ANSWER_RAW, answer);
	put_uint(d, UMAS_ANSWER, answer);
	if (answer == ERROR)
		put_error(d, asked.function, c);
	else if (asked.function == UMAS_DOWNLOAD_BLOCK)
		umas_put_download_block(d, c, asked.detail);
	else if (asked.function == READ_PROJECT_INFO && asked.detail == 0)
		put_project(d, c);
	else if (asked.function < 128 && layouts[asked.function].answer)
		layouts[asked.function].answer(d, c);
}

void umas_put(struct dissect *d, struct cursor *c)
{
	put_u8(d, UMAS_SESSION, c);
	uint8_t code = cursor_u8(c);
	if (!cursor_ok(c))
		return;
	struct cursor body = cursor_sub(c, c->left);
	if (is_answer(code))
		put_answer(d, code, &body);
	else
		put_request(d, code, &body);
}
