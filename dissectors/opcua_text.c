/* Encodings in words; see opcua_text.h. */
#include <sha2.h>

#include "dissect/clock.h"
#include "opcua_schema.h"
#include "opcua_text.h"

/* ---- pieces ---- */

void opcua_text_str(struct opcua_text *t, const char *s)
{
	opcua_text_put(t, s, strlen(s));
}

void opcua_text_uint(struct opcua_text *t, uint64_t value)
{
	char digits[20];
	unsigned i = sizeof(digits);

	do
		digits[--i] = (char)('0' + value % 10);
	while (value /= 10);
	opcua_text_put(t, digits + i, sizeof(digits) - i);
}

void opcua_text_format(
	struct opcua_text *t, size_t (*format)(struct bytes, char *), struct bytes value)
{
	char text[FORMAT_MAX];

	opcua_text_put(t, text, format(value, text));
}

static void put_bytes_of(struct opcua_text *t, struct bytes b)
{
	opcua_text_put(t, b.at, b.len);
}

static void put_hex(struct opcua_text *t, uint64_t value, unsigned digits)
{
	while (digits-- > 0)
		opcua_text_put(t, &"0123456789abcdef"[value >> 4 * digits & 15], 1);
}

static void put_base64(struct opcua_text *t, struct bytes b)
{
	static const char sixes[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < b.len && t->len < t->room; i += 3) {
		size_t have = b.len - i < 3 ? b.len - i : 3;
		uint32_t bits = (uint32_t)b.at[i] << 16;
		bits |= have > 1 ? (uint32_t)b.at[i + 1] << 8 : 0;
		bits |= have > 2 ? b.at[i + 2] : 0;
		for (unsigned k = 0; k < 4; k++)
			opcua_text_put(t,
				k <= have ? &sixes[bits >> (18 - 6 * k) & 63] : "=", 1);
	}
}

/* ---- node ids ---- */

/* A length of -1 is no string at all: nothing to show either. */
static struct bytes take_string(struct cursor *c)
{
	uint32_t len = cursor_le32(c);

	return cursor_bytes(c, len == UINT32_MAX ? 0 : len);
}

static void put_guid(struct opcua_text *t, struct bytes b)
{
	if (b.len < 16)
		return;
	put_hex(t, le32_at(b.at), 8);
	opcua_text_put(t, "-", 1);
	put_hex(t, le16_at(b.at + 4), 4);
	opcua_text_put(t, "-", 1);
	put_hex(t, le16_at(b.at + 6), 4);
	opcua_text_put(t, "-", 1);
	put_hex(t, be16_at(b.at + 8), 4);
	opcua_text_put(t, "-", 1);
	put_hex(t, be64_at(b.at + 8) & 0xffffffffffff, 12);
}

enum {
	TWO_BYTE,
	FOUR_BYTE,
	NUMERIC,
	STRING,
	GUID,
	OPAQUE,
	HAS_SERVER = 0x40,
	HAS_URI = 0x80
};

static uint32_t take_namespace(struct cursor *c, unsigned form)
{
	if (form == TWO_BYTE)
		return 0;
	return form == FOUR_BYTE ? cursor_u8(c) : cursor_le16(c);
}

static void put_identifier(struct opcua_text *t, struct cursor *c, unsigned form)
{
	opcua_text_put(t, &"iiisgb"[form], 1);
	opcua_text_put(t, "=", 1);
	if (form == TWO_BYTE)
		opcua_text_uint(t, cursor_u8(c));
	else if (form == FOUR_BYTE)
		opcua_text_uint(t, cursor_le16(c));
	else if (form == NUMERIC)
		opcua_text_uint(t, cursor_le32(c));
	else if (form == STRING)
		put_bytes_of(t, take_string(c));
	else if (form == GUID)
		put_guid(t, cursor_bytes(c, 16));
	else
		put_base64(t, take_string(c));
}

static size_t skip_identifier(struct cursor c, unsigned form)
{
	static const uint8_t widths[] = { 1, 2, 4, 0, 16, 0 };
	size_t left = c.left;

	if (form == STRING || form == OPAQUE)
		(void)take_string(&c);
	else
		cursor_skip(&c, widths[form]);
	return left - c.left;
}

/* A secret: the same session reads the same, and nobody can use it. A null token is none. */
size_t opcua_format_token(struct bytes value, char *out)
{
	enum { SHOWN = 8 };
	static const char digits[] = "0123456789abcdef", prefix[] = "sha256:";
	uint8_t hash[SHA256_DIGEST_LENGTH];
	SHA2_CTX sum;
	size_t len = sizeof(prefix) - 1;

	if (value.len <= 2)
		return opcua_format_node_id(value, out);
	SHA256Init(&sum);
	SHA256Update(&sum, value.at, value.len);
	SHA256Final(hash, &sum);
	memcpy(out, prefix, len);
	for (unsigned i = 0; i < SHOWN; i++) {
		out[len++] = digits[hash[i] >> 4];
		out[len++] = digits[hash[i] & 15];
	}
	return len;
}

/* The server and the namespace's URI stand behind the identifier, but are said first. */
size_t opcua_format_node_id(struct bytes value, char *out)
{
	struct opcua_text t = { out, 0, FORMAT_MAX };
	struct cursor c = cursor_of(value);
	uint8_t encoding = cursor_u8(&c);
	unsigned form = encoding & 0x3f;

	if (form > OPAQUE)
		return 0;
	uint32_t space = take_namespace(&c, form);
	struct cursor behind = c;
	cursor_skip(&behind, skip_identifier(c, form));
	struct bytes uri =
		encoding & HAS_URI ? take_string(&behind) : (struct bytes){ NULL, 0 };
	uint32_t server = encoding & HAS_SERVER ? cursor_le32(&behind) : 0;
	if (server) {
		opcua_text_str(&t, "svr=");
		opcua_text_uint(&t, server);
		opcua_text_put(&t, ";", 1);
	}
	if (uri.len || space) {
		opcua_text_str(&t, uri.len ? "nsu=" : "ns=");
		if (uri.len)
			put_bytes_of(&t, uri);
		else
			opcua_text_uint(&t, space);
		opcua_text_put(&t, ";", 1);
	}
	put_identifier(&t, &c, form);
	return t.len;
}

struct bytes opcua_shortest(struct bytes id, uint8_t room[NODE_ID_SHORT])
{
	bool is_long = id.len == 7 && id.at[0] == NUMERIC;

	if (!is_long && (id.len != 4 || id.at[0] != FOUR_BYTE))
		return id;
	uint32_t space = is_long ? le16_at(id.at + 1) : id.at[1];
	uint32_t number = is_long ? le32_at(id.at + 3) : le16_at(id.at + 2);
	if (!space && number <= UINT8_MAX) {
		memcpy(room, (uint8_t[]){ TWO_BYTE, (uint8_t)number }, 2);
		return (struct bytes){ room, 2 };
	}
	if (!is_long || space > UINT8_MAX || number > UINT16_MAX)
		return id;
	memcpy(room, (uint8_t[]){ FOUR_BYTE, (uint8_t)space, (uint8_t)number,
			(uint8_t)(number >> 8) }, 4);
	return (struct bytes){ room, 4 };
}

uint32_t opcua_standard_id(struct bytes id)
{
	if (id.len == 2 && id.at[0] == TWO_BYTE)
		return id.at[1];
	if (id.len == 4 && id.at[0] == FOUR_BYTE && id.at[1] == 0)
		return le16_at(id.at + 2);
	if (id.len == 7 && id.at[0] == NUMERIC && le16_at(id.at + 1) == 0)
		return le32_at(id.at + 3);
	return 0;
}

size_t opcua_format_type(struct bytes value, char *out)
{
	const struct encoding *e = opcua_encoding(opcua_standard_id(value));

	if (!e)
		return opcua_format_node_id(value, out);
	size_t len = strlen(e->name);
	memcpy(out, e->name, len);
	return len;
}

/* ---- times ---- */

/* 100 ns; seconds from 1601 to 1970 */
#define TO_1970 INT64_C(11644473600)
enum { TICKS = 10000000 };

/* As many digits of the second as it takes. */
static char *put_fraction(char *at, uint32_t ticks)
{
	unsigned width = 7;

	if (ticks == 0)
		return at;
	for (; ticks % 10 == 0; ticks /= 10)
		width--;
	*at++ = '.';
	return clock_digits(at, ticks, width);
}

size_t opcua_format_time(struct bytes value, char *out)
{
	if (value.len != 8)
		return 0;
	uint64_t ticks = le64_at(value.at);
	if (ticks > INT64_MAX)
		ticks = 0; /* before 1601: the earliest there is */
	char *at = clock_text(out, (int64_t)(ticks / TICKS) - TO_1970);
	at = put_fraction(at, (uint32_t)(ticks % TICKS));
	*at++ = 'Z';
	return (size_t)(at - out);
}

/* ---- the rest ---- */

size_t opcua_format_guid(struct bytes value, char *out)
{
	struct opcua_text t = { out, 0, FORMAT_MAX };

	put_guid(&t, value);
	return t.len;
}

size_t opcua_format_qualified_name(struct bytes value, char *out)
{
	struct opcua_text t = { out, 0, FORMAT_MAX };
	struct cursor c = cursor_of(value);
	uint32_t space = cursor_le16(&c);

	if (space) {
		opcua_text_uint(&t, space);
		opcua_text_put(&t, ":", 1);
	}
	put_bytes_of(&t, take_string(&c));
	return t.len;
}

size_t opcua_format_localized_text(struct bytes value, char *out)
{
	struct opcua_text t = { out, 0, FORMAT_MAX };
	struct cursor c = cursor_of(value);
	uint8_t has = cursor_u8(&c);

	if (has & 1)
		(void)take_string(&c);
	if (has & 2)
		put_bytes_of(&t, take_string(&c));
	return t.len;
}
