/* Blocks on their way.
 *
 * In a download the PLC asks for the pieces: request_download (from the client), then
 * download_block and download_ended as jobs of the PLC, then the client inserts the block
 * with the PI service _INSE. In an upload the client asks: start_upload, upload,
 * end_upload. A file name is 9 characters: identifier, block type (2 hex digits), number
 * (5 digits), file system; PI services leave the identifier out. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum {
	FILE_NAME_LENGTH = 9, BLOCK_NAME_LENGTH = 8, DIGITS = 6, TYPE_AT = 0,
	NUMBER_AT = 2, FILESYSTEM_AT = 7,
};

/* ---- file names ---- */

static unsigned hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	return c >= 'A' && c <= 'F' ? c - (unsigned)'A' + 10 : 256;
}

/* Decimal digits, or UINT32_MAX. */
static uint32_t number_of(struct bytes digits)
{
	uint32_t number = 0;

	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9' || i > 8)
			return UINT32_MAX;
		number = number * 10 + (digits.at[i] - '0');
	}
	return digits.len ? number : UINT32_MAX;
}

static void put_block(struct dissect *d, struct bytes file_name)
{
	bool has_identifier = file_name.len == FILE_NAME_LENGTH;
	const uint8_t *at = file_name.at + has_identifier;

	if (!has_identifier && file_name.len != BLOCK_NAME_LENGTH)
		return;
	unsigned type = hex_digit(at[TYPE_AT]) << 4 | hex_digit(at[TYPE_AT + 1]);
	uint32_t number = number_of((struct bytes){ at + NUMBER_AT, 5 });
	if (type > 0xff || number == UINT32_MAX)
		return;
	put_bytes(d, BLOCK_NAME, file_name);
	put_uint(d, BLOCK_TYPE, type);
	put_uint(d, BLOCK_TYPE_RAW, type);
	put_uint(d, BLOCK_NUMBER, number);
	put_uint(d, BLOCK_FILESYSTEM, at[FILESYSTEM_AT]);
}

void s7_put_block_name(struct dissect *d, struct cursor *c, size_t len)
{
	struct bytes name = cursor_bytes(c, len);

	if (!cursor_ok(c) || len == 0)
		return;
	put_begin(d, BLOCKS);
	put_bytes(d, BLOCK_FILE_NAME, name);
	put_block(d, name);
	put_end(d);
}

/* ---- what a transfer adds up to ---- */

static void transfer_begin(const struct dissect *d, struct s7_transfer *t, struct bytes name,
	uint32_t id, uint32_t announced)
{
	t->is_open = true;
	t->gaps = d->gaps[SIDE_CLIENT];
	t->name_len = name.len < BLOCK_NAME_MAX ? (uint8_t)name.len : BLOCK_NAME_MAX;
	if (t->name_len)
		memcpy(t->name, name.at, t->name_len);
	t->id = id;
	t->announced = announced == UINT32_MAX ? 0 : announced;
	t->size = 0;
	SHA256Init(&t->hash);
}

/* What the client said and was lost may have been an upload's end, and the beginning of
 * another with the same id. (The jobs of a download repeat the name.) */
static struct s7_transfer *upload_under_way(const struct dissect *d)
{
	struct s7_transfer *t = &s7_of(d)->upload;

	t->is_open &= t->gaps == d->gaps[SIDE_CLIENT];
	return t;
}

/* A piece that is not whole makes the sum worthless. */
static void transfer_add(struct s7_transfer *t, struct bytes piece, bool is_whole)
{
	t->is_open &= is_whole;
	if (t->is_open) {
		SHA256Update(&t->hash, piece.at, piece.len);
		t->size += (uint32_t)piece.len;
	}
}

/* Where pieces are missing, the size is not what was announced: no hash. */
static void put_transfer_sum(struct dissect *d, struct s7_transfer *t)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	if (!t->is_open)
		return;
	t->is_open = false;
	put_uint(d, TRANSFER_SIZE, t->size);
	if (t->size == 0 || (t->announced && t->announced != t->size))
		return;
	SHA256Final(digest, &t->hash);
	put_bytes(d, TRANSFER_SHA256, keep(d, (struct bytes){ digest, sizeof(digest) }));
}

/* The name was told at the start, and is not repeated on the wire. */
static void put_transfer_name(struct dissect *d, const struct s7_transfer *t)
{
	struct bytes name = keep(d, (struct bytes){ t->name, t->name_len });

	if (name.len == 0)
		return;
	put_begin(d, BLOCKS);
	put_block(d, name);
	put_end(d);
}

/* ---- jobs ---- */

static struct bytes file_name(struct cursor *c)
{
	struct cursor ahead = *c;
	uint8_t len = cursor_u8(&ahead);

	return cursor_bytes(&ahead, len);
}

static void put_status(struct dissect *d, struct cursor *c)
{
	uint8_t status = cursor_u8(c);

	if (status)
		put_uint(d, TRANSFER_STATUS, status);
}

static void put_file_name(struct dissect *d, struct cursor *c)
{
	s7_put_block_name(d, c, cursor_u8(c));
}

/* Behind the name: a digit, the bytes of load memory and those of MC7 code. */
static void put_request_download(struct dissect *d, struct cursor *c)
{
	struct bytes name = file_name(c);
	uint32_t load_memory = 0;

	put_file_name(d, c);
	if (cursor_ok(c) && c->left > 0) {
		struct cursor part = cursor_sub(c, cursor_u8(c));
		cursor_skip(&part, 1);
		load_memory = number_of(cursor_bytes(&part, DIGITS));
		uint32_t mc7 = number_of(cursor_bytes(&part, DIGITS));
		if (load_memory != UINT32_MAX)
			put_uint(d, TRANSFER_LOAD_MEMORY, load_memory);
		if (mc7 != UINT32_MAX)
			put_uint(d, TRANSFER_MC7, mc7);
	}
	if (name.len)
		transfer_begin(d, &s7_of(d)->download, name, 0, load_memory);
}

static void put_upload_job(
	struct dissect *d, uint8_t function, uint32_t id, struct cursor *c)
{
	struct s7_transfer *t = upload_under_way(d);
	struct bytes name =
		function == S7_START_UPLOAD ? file_name(c) : (struct bytes){ 0 };

	if (function == S7_START_UPLOAD) {
		put_file_name(d, c);
		transfer_begin(d, t, name, 0, 0);
	} else if (t->is_open && t->id == id) {
		put_transfer_name(d, t);
		if (function == S7_END_UPLOAD)
			put_transfer_sum(d, t);
	}
}

static void put_job(struct dissect *d, uint8_t function, struct cursor *c)
{
	bool has_error = function == S7_DOWNLOAD_ENDED || function == S7_END_UPLOAD;

	put_status(d, c);
	uint16_t error = cursor_be16(c);
	uint32_t id = cursor_be32(c);
	if (has_error && cursor_ok(c) && error)
		put_uint(d, TRANSFER_ERROR, error);
	if (cursor_ok(c) && function > S7_START_UPLOAD)
		put_uint(d, TRANSFER_ID, id);
	if (function == S7_REQUEST_DOWNLOAD)
		put_request_download(d, c);
	else if (function <= S7_DOWNLOAD_ENDED)
		put_file_name(d, c);
	else
		put_upload_job(d, function, id, c);
	if (function == S7_DOWNLOAD_ENDED)
		put_transfer_sum(d, &s7_of(d)->download);
}

/* ---- answers ---- */

/* The length counts the data behind it and two unknown bytes. */
static void put_piece(struct dissect *d, struct s7_transfer *t, struct cursor *data)
{
	uint16_t length = cursor_be16(data);

	cursor_skip(data, 2);
	if (!cursor_ok(data))
		return;
	struct bytes piece = s7_up_to(data, length);
	put_uint(d, TRANSFER_DATA_LENGTH, length);
	put_bytes(d, TRANSFER_DATA, piece);
	transfer_add(t, piece, piece.len == length);
	if (piece.len < length)
		s7_wrong(d, INVALID_DATA_LENGTH);
}

/* An NC answers without the length. */
static void put_upload_started(struct dissect *d, struct cursor *c)
{
	struct s7_transfer *t = &s7_of(d)->upload;

	cursor_skip(c, 2);
	t->id = put_be32(d, TRANSFER_ID, c);
	if (c->left == 0)
		return;
	uint32_t length = number_of(cursor_bytes(c, cursor_u8(c)));
	if (length != UINT32_MAX) {
		put_uint(d, TRANSFER_LENGTH, length);
		t->announced = length;
	}
}

static void put_answer(struct dissect *d, uint8_t function, struct cursor *c,
	struct cursor *data)
{
	if (c->left > 0)
		put_status(d, c);
	if (function == S7_START_UPLOAD && c->left > 0)
		put_upload_started(d, c);
	else if (function == S7_DOWNLOAD_BLOCK && data->left > 0)
		put_piece(d, &s7_of(d)->download, data);
	else if (function == S7_UPLOAD && data->left > 0)
		put_piece(d, upload_under_way(d), data);
}

void s7_put_transfer(struct dissect *d, uint8_t function, bool is_job,
	struct cursor *param, struct cursor *data)
{
	if (is_job)
		put_job(d, function, param);
	else
		put_answer(d, function, param, data);
	if (!cursor_ok(param))
		s7_wrong(d, INVALID_PARAMETER);
}
