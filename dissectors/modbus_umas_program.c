/* UMAS: programs on their way, in numbered blocks of which a hash is kept. */
#include "modbus_umas.h"

enum { SHA256_LEN = 32 };

static struct umas_transfer *transfer_of(const struct dissect *d)
{
	return &((struct modbus_flow *)d->state)->umas.transfer;
}

static void begin_transfer(struct dissect *d, uint8_t function)
{
	struct umas_transfer *t = transfer_of(d);

	*t = (struct umas_transfer){ .function = function };
	SHA256Init(&t->hash);
}

/* A block that is sent once more counts once; one that was missed ends the count. */
static void add_block(struct dissect *d, uint8_t function, uint16_t number,
	struct bytes data, uint16_t size)
{
	struct umas_transfer *t = transfer_of(d);

	if (t->function != function || (number && number == t->blocks))
		return;
	if (number != t->blocks + 1 || data.len < size) {
		t->function = 0;
		return;
	}
	t->blocks = number;
	t->size += size;
	SHA256Update(&t->hash, data.at, data.len);
}

static void end_transfer(struct dissect *d, uint8_t function, struct cursor *c)
{
	struct umas_transfer *t = transfer_of(d);
	uint8_t digest[SHA256_LEN];

	cursor_skip(c, 2);
	uint16_t blocks = put_le16(d, UMAS_BLOCK_NUMBER, c);
	if (t->function == function && t->blocks && t->blocks == blocks) {
		put_uint(d, UMAS_TRANSFER_BLOCKS, t->blocks);
		put_uint(d, UMAS_TRANSFER_SIZE, t->size);
		SHA256Final(digest, &t->hash);
		put_bytes(d, UMAS_TRANSFER_SHA256,
			keep(d, (struct bytes){ digest, sizeof(digest) }));
	}
	t->function = 0;
}

void umas_put_upload_begin(struct dissect *d, struct cursor *c)
{
	(void)c;
	begin_transfer(d, UMAS_UPLOAD_BLOCK);
}

void umas_put_upload_block(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 2);
	uint16_t number = put_le16(d, UMAS_BLOCK_NUMBER, c);
	uint16_t size = put_le16(d, UMAS_BLOCK_SIZE, c);
	if (cursor_ok(c))
		add_block(d, UMAS_UPLOAD_BLOCK, number, up_to(c, size), size);
}

void umas_put_upload_end(struct dissect *d, struct cursor *c)
{
	end_transfer(d, UMAS_UPLOAD_BLOCK, c);
}

void umas_put_download_begin(struct dissect *d, struct cursor *c)
{
	(void)c;
	begin_transfer(d, UMAS_DOWNLOAD_BLOCK);
}

void umas_put_download_size(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 2);
	put_le32(d, UMAS_TRANSFER_SIZE, c);
}

void umas_put_download_request(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 2);
	put_le16(d, UMAS_BLOCK_NUMBER, c);
}

void umas_put_download_block(struct dissect *d, struct cursor *c, uint16_t number)
{
	put_u8(d, UMAS_BLOCK_LAST, c);
	cursor_skip(c, 1);
	uint16_t size = put_le16(d, UMAS_BLOCK_SIZE, c);
	if (cursor_ok(c))
		add_block(d, UMAS_DOWNLOAD_BLOCK, number, up_to(c, size), size);
}

void umas_put_download_end(struct dissect *d, struct cursor *c)
{
	end_transfer(d, UMAS_DOWNLOAD_BLOCK, c);
}
