/* Values of the builtin types, OPC 10000-6, 5.2. Numbers go on the tape as numbers; of
 * node ids, times and the like the tape has their bytes, which opcua_text.c shows when
 * somebody looks. */
#include "dissect/certificate.h"
#include "opcua_body.h"
#include "opcua_fields.h"
#include "opcua_names.h"
#include "opcua_text.h"

void opcua_fail(struct body *b, enum opcua_event event)
{
	opcua_wrong(b->d, event);
	conceal(b->d, (struct bytes){ b->c.at, b->c.left }); /* what it is, nobody knows */
	b->c.failed = true;
	b->c.left = 0;
}

void opcua_conceal(struct body *b, struct cursor from)
{
	conceal(b->d, (struct bytes){ from.at,
		cursor_ok(&b->c) ? from.left - b->c.left : from.left });
}

/* ---- strings ---- */

uint32_t opcua_take_count(struct body *b)
{
	uint32_t count = cursor_le32(&b->c);

	if (!cursor_ok(&b->c) || count == UINT32_MAX)
		return 0;
	if (count > b->c.left && !b->d->message->is_cut) {
		opcua_fail(b, INVALID_LENGTH);
		return 0;
	}
	return count;
}

bool opcua_take_string(struct body *b, struct bytes *value)
{
	uint32_t len = cursor_le32(&b->c);

	if (!cursor_ok(&b->c) || len == UINT32_MAX)
		return false;
	if (len > b->c.left && !b->d->message->is_cut) {
		opcua_fail(b, INVALID_LENGTH);
		return false;
	}
	bool is_short = len > b->c.left;
	*value = cursor_bytes(&b->c, is_short ? b->c.left : len);
	b->c.failed |= is_short;
	return !is_short || value->len > 0;
}

/* How long the character is that begins here; 0: it is none, or a longer spelling than
 * need be, or half of a pair. */
static size_t character(const uint8_t *at, size_t left)
{
	uint8_t lead = at[0];
	size_t len = lead < 0x80   ? 1
		     : lead < 0xc2 ? 0
		     : lead < 0xe0 ? 2
		     : lead < 0xf0 ? 3
		     : lead < 0xf5 ? 4
				   : 0;

	if (len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	bool is_odd = (lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] > 0x9f) ||
		      (lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] > 0x8f);
	return is_odd ? 0 : len;
}

/* Whole words, the last of which may overlap the one before. */
static bool is_ascii(struct bytes b)
{
	const uint64_t high = 0x8080808080808080;
	uint64_t bits = 0;

	for (size_t i = 0; b.len >= 8 && i < b.len - 8; i += 8)
		bits |= le64_at(b.at + i);
	if (b.len >= 8)
		bits |= le64_at(b.at + b.len - 8);
	for (size_t i = 0; b.len < 8 && i < b.len; i++)
		bits |= b.at[i];
	return !(bits & high);
}

bool opcua_is_utf8(struct bytes b)
{
	size_t i = 0;

	if (is_ascii(b))
		return true;
	while (i < b.len) {
		if (b.at[i] < 0x80 && b.len - i < 8) {
			i++;
			continue;
		}
		if (b.len - i >= 8 && !(le64_at(b.at + i) & 0x8080808080808080)) {
			i += 8;
			continue;
		}
		size_t len = character(b.at + i, b.len - i);
		if (!len)
			return false;
		i += len;
	}
	return true;
}

bool opcua_take_text(struct body *b, struct bytes *value)
{
	if (!opcua_take_string(b, value))
		return false;
	if (!opcua_is_utf8(*value))
		opcua_wrong(b->d, INVALID_UTF8);
	return true;
}

static void put_string(struct body *b, const struct member *m)
{
	struct bytes value;

	if (opcua_take_string(b, &value))
		put_bytes(b->d, m->field, value);
}

static void put_text_of(struct body *b, const struct member *m)
{
	struct bytes value;

	if (opcua_take_text(b, &value))
		put_bytes(b->d, m->field, value);
}

static void put_since(struct body *b, unsigned field, const uint8_t *from)
{
	if (cursor_ok(&b->c))
		put_bytes(b->d, field, (struct bytes){ from, (size_t)(b->c.at - from) });
}

static void put_qualified_name(struct body *b, const struct member *m)
{
	const uint8_t *from = b->c.at;
	uint16_t space = cursor_le16(&b->c);
	struct bytes name;

	if (opcua_take_text(b, &name) || space)
		put_since(b, m->field, from);
}

static void put_localized_text(struct body *b, const struct member *m)
{
	const uint8_t *from = b->c.at;
	uint8_t has = cursor_u8(&b->c);
	struct bytes text;

	if (has & ~3) {
		opcua_fail(b, INVALID_ENCODING);
		return;
	}
	if (has & 1)
		opcua_take_text(b, &text);
	if (has & 2 && opcua_take_text(b, &text))
		put_since(b, m->field, from);
}

/* ---- node ids ---- */

enum { FORM_STRING = 3, FORM_OPAQUE = 5, HAS_SERVER = 0x40, HAS_URI = 0x80 };

/* The bytes of a node id; empty if there is none. */
struct bytes opcua_take_node_id(struct body *b, bool is_expanded)
{
	static const uint8_t widths[] = { 1, 3, 6, 2, 18, 2 };
	const uint8_t *from = b->c.at;
	uint8_t encoding = cursor_u8(&b->c), form = encoding & 0x3f;
	struct bytes text;

	if (form > FORM_OPAQUE || (encoding != form && !is_expanded)) {
		opcua_fail(b, INVALID_ENCODING);
		return (struct bytes){ NULL, 0 };
	}
	cursor_skip(&b->c, widths[form]);
	if (form == FORM_STRING)
		opcua_take_text(b, &text);
	else if (form == FORM_OPAQUE)
		opcua_take_string(b, &text);
	if (encoding & HAS_URI)
		opcua_take_text(b, &text);
	if (encoding & HAS_SERVER)
		cursor_skip(&b->c, 4);
	if (!cursor_ok(&b->c))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ from, (size_t)(b->c.at - from) };
}

void opcua_put_node_id(struct body *b, unsigned field, unsigned name, bool is_expanded)
{
	struct bytes id = opcua_take_node_id(b, is_expanded);

	if (!id.len)
		return;
	put_bytes(b->d, field, id);
	uint32_t number = name ? opcua_standard_id(id) : 0;
	const char *text = number ? opcua_node_name(number) : NULL;
	if (text)
		put_text(b->d, name, text);
}

/* ---- numbers with names ---- */

void opcua_put_status(struct body *b, unsigned field, unsigned number)
{
	uint32_t code = cursor_le32(&b->c);

	if (!cursor_ok(&b->c))
		return;
	bool has_name = opcua_status_name(code) != NULL;
	if (has_name)
		put_uint(b->d, field, code & 0xffff0000);
	else
		put_uint(b->d, field == F_VALUE_STATUS ? F_VALUE_UINT : field + 1, code);
	if (number)
		put_uint(b->d, number, code);
	else if (has_name && (uint16_t)code)
		put_uint(b->d, F_STATUS_INFO, (uint16_t)code);
}

void opcua_put_enum(struct body *b, unsigned field, uint32_t named)
{
	uint32_t value = cursor_le32(&b->c);

	if (!cursor_ok(&b->c))
		return;
	bool has_name =
		(value && value < named) || name_of(opcua_fields[field].names, value);
	put_uint(b->d, has_name ? field : field + 1, value);
}

/* ---- certificates ---- */

void opcua_put_certificate(struct body *b, unsigned field)
{
	struct bytes der;

	if (!opcua_take_string(b, &der) || !der.len || !cursor_ok(&b->c))
		return; /* of a cut one nothing can be said */
	unsigned count = certificate_count(der);
	put_uint(b->d, field + CERTIFICATE_LENGTH, der.len);
	put_uint(b->d, field + CERTIFICATE_COUNT, count);
	if (count > 0)
		put_uint(b->d, field + CERTIFICATE_VALID,
			certificate_is_valid(der, b->d->time_ns));
	for (unsigned i = CERTIFICATE_SUBJECT; count > 0 && i < CERTIFICATE_ROWS; i++)
		put_bytes(b->d, field + i, der);
}

/* ---- single values ---- */

/* Not the bytes: they are a password or a token. */
static void put_secret(struct body *b, const struct member *m)
{
	struct bytes value;

	if (!opcua_take_string(b, &value))
		return;
	if (cursor_ok(&b->c))
		put_uint(b->d, m->field, value.len);
	conceal(b->d, value);
}

/* Who has a session's token has the session. */
static void put_token(struct body *b, const struct member *m)
{
	struct cursor from = b->c;

	opcua_put_node_id(b, m->field, m->of, false);
	opcua_conceal(b, from);
}

static void put_signed(struct body *b, const struct member *m, int64_t value)
{
	if (cursor_ok(&b->c))
		put_int(b->d, m->field, value);
}

static void put_sbyte(struct body *b, const struct member *m)
{
	put_signed(b, m, (int8_t)cursor_u8(&b->c));
}

static void put_int16(struct body *b, const struct member *m)
{
	put_signed(b, m, (int16_t)cursor_le16(&b->c));
}

static void put_int32(struct body *b, const struct member *m)
{
	put_signed(b, m, (int32_t)cursor_le32(&b->c));
}

static void put_int64(struct body *b, const struct member *m)
{
	put_signed(b, m, (int64_t)cursor_le64(&b->c));
}

static void put_byte(struct body *b, const struct member *m)
{
	put_u8(b->d, m->field, &b->c);
}

static void put_uint16(struct body *b, const struct member *m)
{
	put_le16(b->d, m->field, &b->c);
}

static void put_uint32(struct body *b, const struct member *m)
{
	put_le32(b->d, m->field, &b->c);
}

static void put_uint64(struct body *b, const struct member *m)
{
	put_le64(b->d, m->field, &b->c);
}

static void put_float(struct body *b, const struct member *m)
{
	uint32_t bits = cursor_le32(&b->c);
	float value;

	memcpy(&value, &bits, sizeof(value));
	if (cursor_ok(&b->c))
		put_real(b->d, m->field, (double)value);
}

static void put_double(struct body *b, const struct member *m)
{
	uint64_t bits = cursor_le64(&b->c);
	double value;

	memcpy(&value, &bits, sizeof(value));
	if (cursor_ok(&b->c))
		put_real(b->d, m->field, value);
}

static void put_flag(struct body *b, const struct member *m)
{
	uint8_t value = cursor_u8(&b->c);

	if (cursor_ok(&b->c))
		put_uint(b->d, m->field, value != 0);
}

/* A time of 0 is none, where it is not a value itself. */
void opcua_put_time(struct body *b, unsigned field)
{
	struct bytes time = cursor_bytes(&b->c, 8);

	if (time.len && (field == F_VALUE_TIME || le64_at(time.at)))
		put_bytes(b->d, field, time);
}

static void put_time(struct body *b, const struct member *m)
{
	opcua_put_time(b, m->field);
}

static void put_guid(struct body *b, const struct member *m)
{
	struct bytes guid = cursor_bytes(&b->c, 16);

	if (guid.len)
		put_bytes(b->d, m->field, guid);
}

/* ---- a reader a type ---- */

static void put_nothing(struct body *b, const struct member *m)
{
	(void)b;
	(void)m;
}

static void put_node_id(struct body *b, const struct member *m)
{
	opcua_put_node_id(b, m->field, m->of, m->type == T_EXPANDED_NODE_ID);
}

static void put_status(struct body *b, const struct member *m)
{
	opcua_put_status(b, m->field, m->of);
}

static void put_extension_object(struct body *b, const struct member *m)
{
	opcua_put_extension_object(b, m->field);
}

static void put_data_value(struct body *b, const struct member *m)
{
	(void)m;
	opcua_put_data_value(b);
}

static void put_variant(struct body *b, const struct member *m)
{
	(void)m;
	opcua_put_variant(b);
}

static void put_diagnostic_info(struct body *b, const struct member *m)
{
	opcua_put_diagnostic_info(b, m->field);
}

static void put_enum(struct body *b, const struct member *m)
{
	opcua_put_enum(b, m->field, m->of);
}

static void put_structure(struct body *b, const struct member *m)
{
	opcua_put_structure(b, m->of);
}

static void put_certificate(struct body *b, const struct member *m)
{
	opcua_put_certificate(b, m->field);
}

void (*const opcua_readers[])(struct body *b, const struct member *m) = {
	[T_NULL] = put_nothing,
	[T_BOOLEAN] = put_flag,
	[T_SBYTE] = put_sbyte,
	[T_BYTE] = put_byte,
	[T_INT16] = put_int16,
	[T_UINT16] = put_uint16,
	[T_INT32] = put_int32,
	[T_UINT32] = put_uint32,
	[T_INT64] = put_int64,
	[T_UINT64] = put_uint64,
	[T_FLOAT] = put_float,
	[T_DOUBLE] = put_double,
	[T_STRING] = put_text_of,
	[T_DATE_TIME] = put_time,
	[T_GUID] = put_guid,
	[T_BYTE_STRING] = put_string,
	[T_XML_ELEMENT] = put_text_of,
	[T_NODE_ID] = put_node_id,
	[T_EXPANDED_NODE_ID] = put_node_id,
	[T_STATUS_CODE] = put_status,
	[T_QUALIFIED_NAME] = put_qualified_name,
	[T_LOCALIZED_TEXT] = put_localized_text,
	[T_EXTENSION_OBJECT] = put_extension_object,
	[T_DATA_VALUE] = put_data_value,
	[T_VARIANT] = put_variant,
	[T_DIAGNOSTIC_INFO] = put_diagnostic_info,
	[T_ENUM] = put_enum,
	[T_STRUCTURE] = put_structure,
	[T_CERTIFICATE] = put_certificate,
	[T_SECRET] = put_secret,
	[T_TOKEN] = put_token,
};
