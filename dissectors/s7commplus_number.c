/* Numbers. Most are VLQs: seven bits a byte, the highest first, bit 7 says that more
 * follow; of a signed one bit 6 of the first byte is the sign. 64-bit ones end with a
 * ninth byte of eight bits. In system events they are plain. */
#include "s7commplus_parts.h"

enum { VLQ_MAX = 5, VLQ64_MAX = 8 }; /* bytes of seven bits */

void plus_fail(struct plus *p, struct cursor *c, enum event_id why)
{
	if (!p->is_wrong) {
		p->is_wrong = true;
		p->wrong = why;
	}
	c->failed = true;
	c->left = 0;
}

void plus_unknown(struct plus *p, struct cursor *c)
{
	if (!p->is_wrong && cursor_ok(c))
		p->undecoded = (struct bytes){ c->at, c->left };
	plus_fail(p, c, EVENT_COUNT);
}

/* ---- numbers ---- */

uint32_t plus_number(struct bytes vlq, size_t *used)
{
	uint32_t value = 0;
	size_t i = 0;

	for (bool more = true; more && i < vlq.len && i < VLQ_MAX; i++) {
		value = value << 7 | (vlq.at[i] & 0x7f);
		more = vlq.at[i] & 0x80;
	}
	*used = i;
	return value;
}

uint32_t plus_vlq(struct plus *p, struct cursor *c)
{
	uint64_t value = 0;

	if (p->is_plain)
		return cursor_be32(c);
	for (unsigned i = 0; i < VLQ_MAX; i++) {
		uint8_t byte = cursor_u8(c);
		value = value << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			break;
		if (i == VLQ_MAX - 1)
			plus_fail(p, c, EVENT_VLQ_TOO_LONG);
	}
	if (value > UINT32_MAX)
		plus_fail(p, c, EVENT_VLQ_TOO_LONG);
	return (uint32_t)value;
}

/* What the sign makes of the first byte's bits. */
static uint64_t first_bits(uint8_t byte, bool is_signed)
{
	return is_signed && byte & 0x40 ? ~(uint64_t)0x3f | (byte & 0x3f) : byte & 0x7f;
}

static uint64_t vlq64(struct cursor *c, bool is_signed)
{
	uint8_t byte = cursor_u8(c);
	uint64_t value = first_bits(byte, is_signed);

	for (unsigned i = 1; byte & 0x80; i++) {
		byte = cursor_u8(c);
		if (i == VLQ64_MAX)
			return value << 8 | byte;
		value = value << 7 | (byte & 0x7f);
	}
	return value;
}

uint64_t plus_vlq64(struct plus *p, struct cursor *c)
{
	return p->is_plain ? cursor_be64(c) : vlq64(c, false);
}

int64_t plus_signed64(struct plus *p, struct cursor *c)
{
	return (int64_t)(p->is_plain ? cursor_be64(c) : vlq64(c, true));
}

int64_t plus_signed32(struct plus *p, struct cursor *c)
{
	if (p->is_plain)
		return (int32_t)cursor_be32(c);
	const uint8_t *begin = c->at;
	int64_t value = plus_signed64(p, c);
	if (cursor_ok(c) && c->at - begin > VLQ_MAX)
		plus_fail(p, c, EVENT_VLQ_TOO_LONG);
	return value;
}

uint32_t plus_put_vlq(struct plus *p, unsigned field, struct cursor *c)
{
	uint32_t value = plus_vlq(p, c);

	if (cursor_ok(c))
		put_uint(p->d, field, value);
	return value;
}

uint32_t plus_put_id(struct plus *p, unsigned id, unsigned name, struct cursor *c)
{
	struct bytes bytes = { c->at, 0 };
	uint32_t value = plus_put_vlq(p, id, c);

	bytes.len = (size_t)(c->at - bytes.at);
	if (cursor_ok(c) && value)
		put_bytes(p->d, name, bytes);
	return value;
}

uint32_t plus_put_rid(struct plus *p, unsigned id, unsigned name, struct cursor *c)
{
	struct bytes rid = { c->at, 4 };
	uint32_t value = put_be32(p->d, id, c);

	if (cursor_ok(c) && value)
		put_bytes(p->d, name, rid);
	return value;
}
