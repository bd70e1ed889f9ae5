/* File records and FIFO queues: functions 20, 21 and 24. */
#include "modbus_pdu.h"

enum {
	REFERENCE_TYPE = 6, /* the only one that file records have */
	FIFO_MAX = 31,
};

/* ---- file records: 20, 21 ---- */

static void put_reference_type(struct dissect *d, struct cursor *c)
{
	uint8_t type = put_u8(d, FILE_TYPE, c);

	if (cursor_ok(c) && type != REFERENCE_TYPE)
		modbus_wrong(d, INVALID_REFERENCE_TYPE);
}

/* The records as a cursor of their own; what the byte count leaves over stays in `c`. */
static struct cursor file_records(struct dissect *d, struct cursor *c, unsigned least)
{
	uint8_t count = put_u8(d, FILE_BYTE_COUNT, c);

	if (cursor_ok(c) && (count < least || count != c->left))
		modbus_wrong(d, INVALID_BYTE_COUNT);
	return cursor_of(up_to(c, count));
}

static uint16_t put_file_place(struct dissect *d, struct cursor *c)
{
	put_reference_type(d, c);
	put_be16(d, FILE_NUMBER, c);
	put_be16(d, FILE_RECORD, c);
	return put_be16(d, FILE_RECORD_LENGTH, c);
}

void modbus_put_file_read(struct dissect *d, struct cursor *c)
{
	struct cursor records = file_records(d, c, 7);
	uint32_t answer = 0;

	while (records.left > 0) {
		put_begin(d, FILE_RECORDS);
		answer += 2 + 2u * put_file_place(d, &records);
		put_end(d);
	}
	key_fit(d, answer);
	cursor_join(c, &records);
}

void modbus_put_file_read_done(struct dissect *d, struct cursor *c)
{
	struct cursor records = file_records(d, c, 2);

	key_fit(d, (uint32_t)records.left);
	while (records.left > 0) {
		put_begin(d, FILE_RECORDS);
		uint8_t length = put_u8(d, FILE_LENGTH, &records);
		struct cursor record = cursor_sub(&records, length);
		put_reference_type(d, &record);
		put_rest(d, FILE_VALUES, &record);
		put_end(d);
		cursor_join(&records, &record);
	}
	cursor_join(c, &records);
}

void modbus_put_file_write(struct dissect *d, struct cursor *c)
{
	struct cursor records = file_records(d, c, 9);

	key_fit(d, (uint32_t)records.left);
	while (records.left > 0) {
		put_begin(d, FILE_RECORDS);
		uint16_t length = put_file_place(d, &records);
		put_run(d, FILE_VALUES, &records, 2u * length);
		put_end(d);
	}
	cursor_join(c, &records);
}

/* ---- FIFO queue: 24 ---- */

void modbus_put_fifo(struct dissect *d, struct cursor *c)
{
	put_be16(d, FIFO_ADDRESS, c);
}

void modbus_put_fifo_done(struct dissect *d, struct cursor *c)
{
	uint16_t bytes = put_be16(d, FIFO_BYTE_COUNT, c);
	uint16_t count = put_be16(d, FIFO_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (count > FIFO_MAX)
		modbus_wrong(d, INVALID_FIFO_COUNT);
	else if (bytes != 2 + 2u * count || bytes - 2u != c->left)
		modbus_wrong(d, INVALID_BYTE_COUNT);
	put_bytes(d, FIFO_VALUES, up_to(c, 2u * count));
}

/* ---- what they mean ---- */

/* One operation a record. Its address is the file's number over the record's, 16 bits
 * each; its values are what is written, or what a read answers. */
void modbus_operate_file(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	const struct message *valued = m->key >> 32 & 1 ? m : response; /* 21 writes */
	uint32_t at = 0, value_at = 0;
	const struct item *file, *record, *length;

	while ((file = modbus_next(m, &at, FILE_NUMBER)) &&
	       (record = modbus_next(m, &at, FILE_RECORD)) &&
	       (length = modbus_next(m, &at, FILE_RECORD_LENGTH))) {
		struct operation op = modbus_operation(request, response, VERB_FILE);
		op.has_point = true;
		op.address = file->u << 16 | record->u;
		op.count = (uint32_t)length->u;
		modbus_set_value(&op, VALUE_U16,
			modbus_next(valued, &value_at, FILE_VALUES));
		operation_add(d, &op);
	}
}

void modbus_operate_fifo(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct item *address = modbus_either(request, NULL, FIFO_ADDRESS);
	struct operation op = modbus_operation(request, response, VERB_READ);

	modbus_set_value(&op, VALUE_U16, modbus_either(response, NULL, FIFO_VALUES));
	op.has_point = address != NULL;
	op.address = address ? address->u : 0;
	operation_add(d, &op);
}
