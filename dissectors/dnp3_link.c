/* Finds link frames and strips their checksums. */
#include "dnp3_fields.h"
#include "dnp3_link.h"

enum {
	START_1 = 0x05,
	START_2 = 0x64,
	JUNK_MAX = 64, /* how far the first header may lie behind the first byte */
	DIR_BIT = 0x80,
};

/* ---- frames ---- */

static bool is_crc(struct bytes b, const uint8_t *crc)
{
	return dnp3_crc(b) == le16_at(crc);
}

/* Where the next start bytes are behind the first byte, or what may become them. */
static size_t next_start(struct bytes b, size_t most)
{
	size_t end = b.len < most ? b.len : most;

	for (size_t i = 1; i < end; i++)
		if (b.at[i] == START_1 && (i + 1 == b.len || b.at[i + 1] == START_2))
			return i;
	return end;
}

static bool is_start(struct bytes b)
{
	return b.at[0] == START_1 && (b.len < 2 || b.at[1] == START_2);
}

uint32_t dnp3_frame_size(uint8_t length)
{
	uint32_t data = length - (uint32_t)LINK_LEN_MIN;

	return LINK_HEADER + data + (data + BLOCK_SIZE - 1) / BLOCK_SIZE * CRC_SIZE;
}

static bool has_good_crc(struct bytes head)
{
	return is_crc((struct bytes){ head.at, LINK_HEADER - CRC_SIZE },
		head.at + LINK_HEADER - CRC_SIZE);
}

static bool has_good_header(struct bytes head)
{
	return head.at[2] >= LINK_LEN_MIN && has_good_crc(head);
}

/* dnp3_frame() gives no more than a header away if the header is bad. */
struct dnp3_link dnp3_link_of(struct bytes frame)
{
	struct cursor c = cursor_of(frame);
	struct dnp3_link l = { 0 };

	if (frame.len > LINK_HEADER)
		return (struct dnp3_link){ .length = frame.at[2], .control = frame.at[3],
			.dst = le16_at(frame.at + 4), .src = le16_at(frame.at + 6),
			.is_whole = true, .is_checked = true,
			.is_good = frame.at[2] >= LINK_LEN_MIN };
	cursor_skip(&c, 2);
	l.length = cursor_u8(&c);
	l.control = cursor_u8(&c);
	l.dst = cursor_le16(&c);
	l.src = cursor_le16(&c);
	cursor_skip(&c, CRC_SIZE);
	l.is_whole = cursor_ok(&c);
	l.is_checked = l.is_whole && has_good_crc(frame);
	l.is_good = l.is_checked && l.length >= LINK_LEN_MIN;
	return l;
}

/* After a bad header an outstation looks on behind its first byte: so do we. */
struct frame dnp3_frame(const struct dissect *d, struct bytes head)
{
	(void)d;
	if (!is_start(head))
		return (struct frame){ FRAME_NOT, 0, SENSE_UNKNOWN };
	if (head.len < LINK_HEADER)
		return (struct frame){ FRAME_MORE, 0, SENSE_UNKNOWN };
	if (!has_good_header(head))
		return (struct frame){ FRAME_BAD, (uint32_t)next_start(head, LINK_HEADER),
			SENSE_UNKNOWN };
	return (struct frame){ FRAME_OK, dnp3_frame_size(head.at[2]),
		head.at[3] & DIR_BIT ? SENSE_REQUEST : SENSE_RESPONSE };
}

/* Start bytes and a good checksum are not chance. A header whose checksum is bad, and a
 * good one behind some junk, may be ours. */
enum probe dnp3_probe(struct bytes head)
{
	if (is_start(head)) {
		if (head.len < LINK_HEADER)
			return PROBE_MORE;
		if (has_good_header(head))
			return PROBE_STRONG;
		return PROBE_WEAK;
	}
	size_t at = next_start(head, JUNK_MAX);
	if (head.len < at + LINK_HEADER)
		return PROBE_NO;
	return has_good_header((struct bytes){ head.at + at, head.len - at }) ? PROBE_WEAK
									      : PROBE_NO;
}

/* ---- data blocks ---- */

/* Good blocks of full size, which nearly all are; returns how many bytes of data. */
static size_t strip_full(struct dnp3_link *l, struct cursor *c, size_t data, uint8_t *to)
{
	size_t len = 0;

	for (; data - len >= BLOCK_SIZE && c->left >= BLOCK_SIZE + CRC_SIZE;
		len += BLOCK_SIZE, l->blocks++) {
		if (!is_crc((struct bytes){ c->at, BLOCK_SIZE }, c->at + BLOCK_SIZE))
			break;
		memcpy(to + len, c->at, BLOCK_SIZE);
		l->last_crc = le16_at(c->at + BLOCK_SIZE);
		cursor_skip(c, BLOCK_SIZE + CRC_SIZE);
	}
	return len;
}

/* A block whose checksum was cut off is taken as it is. */
static size_t strip_blocks(struct dnp3_link *l, struct cursor c, size_t data, uint8_t *to)
{
	size_t len = strip_full(l, &c, data, to), left = data - len;

	while (left > 0 && c.left > 0) {
		size_t size = left < BLOCK_SIZE ? left : BLOCK_SIZE;
		struct bytes block = cursor_bytes(&c, size < c.left ? size : c.left);
		bool is_cut = block.len < size || c.left < CRC_SIZE;
		if (!is_cut && !is_crc(block, c.at)) {
			l->has_bad_block = true;
			break;
		}
		memcpy(to + len, block.at, block.len);
		len += block.len;
		left -= block.len;
		if (is_cut)
			break;
		l->last_crc = cursor_le16(&c);
		l->blocks++;
	}
	return len;
}

/* Most frames have one block: it is whole as it lies there. */
static bool is_one_block(const struct cursor *c, size_t data)
{
	return data - 1 < BLOCK_SIZE && c->left == data + CRC_SIZE &&
	       is_crc((struct bytes){ c->at, data }, c->at + data);
}

struct bytes dnp3_strip(struct dnp3_link *l, struct bytes frame, uint8_t *room)
{
	struct cursor c = { frame.at + LINK_HEADER, frame.len - LINK_HEADER, false };
	struct bytes data = { c.at, l->length - (size_t)LINK_LEN_MIN };

	if (is_one_block(&c, data.len)) {
		l->last_crc = le16_at(c.at + data.len);
		l->blocks = 1;
	} else {
		data = (struct bytes){ room, strip_blocks(l, c, data.len, room) };
	}
	l->has_transport = data.len > 0;
	l->transport = data.len ? data.at[0] : 0;
	return data;
}
