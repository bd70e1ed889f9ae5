/* base64_decode: RFC 4648, as Suricata reads it.
 *
 * What is no letter of the alphabet ends the text; what a cut group still holds is kept, but for
 * less than a byte. Behind padding another group may begin. */
#include "detect/search.h"

enum { NO_LETTER = 64 };

static unsigned letter_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26u;
	if (c >= '0' && c <= '9')
		return c - '0' + 52u;
	return c == '+' ? 62 : c == '/' ? 63 : NO_LETTER;
}

/* The bytes of `count` letters of a group, each six bits of `group`. */
static size_t group_write(uint32_t group, unsigned count, uint8_t *out)
{
	unsigned bytes = count * 6 / 8;
	group <<= 6 * (4 - count);
	for (unsigned i = 0; i < bytes; i++)
		out[i] = (uint8_t)(group >> (16 - 8 * i));
	return bytes;
}

static size_t decode(struct bytes in, uint8_t *out)
{
	uint32_t group = 0;
	unsigned count = 0;
	size_t len = 0;
	for (size_t i = 0; i < in.len; i++) {
		unsigned value = letter_value(in.at[i]);
		bool is_padding = in.at[i] == '=';
		if (value == NO_LETTER && !is_padding)
			break;
		if (!is_padding) {
			group = group << 6 | value;
			count++;
		}
		if (count < 4 && !is_padding)
			continue;
		len += group_write(group, count, out + len);
		group = count = 0;
	}
	return len + group_write(group, count, out + len);
}

size_t base64_decode(const struct content *c, struct bytes data, size_t base, uint8_t *room)
{
	size_t from = (c->relative ? base : 0) + c->base64->offset;
	if (from >= data.len)
		return 0;
	size_t len = data.len - from < c->base64->bytes ? data.len - from : c->base64->bytes;
	return decode((struct bytes){ data.at + from, len }, room);
}
