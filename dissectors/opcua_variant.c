/* Values of values, OPC 10000-6, 5.2.2: variants, data values, extension objects,
 * diagnostics. Each may hold others of its kind, down to NESTING_MAX. */
#include "opcua_body.h"
#include "opcua_fields.h"
#include "opcua_text.h"

/* ---- variants ---- */

static const uint16_t value_rows[] = {
	[T_BOOLEAN] = F_VALUE_BOOL,
	[T_SBYTE] = F_VALUE_INT,
	[T_BYTE] = F_VALUE_UINT,
	[T_INT16] = F_VALUE_INT,
	[T_UINT16] = F_VALUE_UINT,
	[T_INT32] = F_VALUE_INT,
	[T_UINT32] = F_VALUE_UINT,
	[T_INT64] = F_VALUE_INT,
	[T_UINT64] = F_VALUE_UINT,
	[T_FLOAT] = F_VALUE_REAL,
	[T_DOUBLE] = F_VALUE_REAL,
	[T_STRING] = F_VALUE_TEXT,
	[T_DATE_TIME] = F_VALUE_TIME,
	[T_GUID] = F_VALUE_GUID,
	[T_BYTE_STRING] = F_VALUE_BYTES,
	[T_XML_ELEMENT] = F_VALUE_TEXT,
	[T_NODE_ID] = F_VALUE_NODE,
	[T_EXPANDED_NODE_ID] = F_VALUE_NODE,
	[T_STATUS_CODE] = F_VALUE_STATUS,
	[T_QUALIFIED_NAME] = F_VALUE_QUALIFIED,
	[T_LOCALIZED_TEXT] = F_VALUE_LOCALIZED,
	[T_EXTENSION_OBJECT] = F_TYPE,
};

static bool nest(struct body *b)
{
	if (b->depth < NESTING_MAX) {
		b->depth++;
		return true;
	}
	opcua_fail(b, NESTING_TOO_DEEP);
	return false;
}

static void put_dimensions(struct body *b)
{
	for (uint32_t count = opcua_take_count(b); count > 0 && cursor_ok(&b->c);
		count--) {
		put_begin(b->d, F_ARRAY_DIMENSIONS);
		opcua_put_builtin(b, T_UINT32, F_DIMENSION);
		put_end(b->d);
	}
}

/* Structures have an element of their own, so that their members keep apart from what
 * stands beside the value. */
static void put_element(struct body *b, unsigned type)
{
	put_begin(b->d, F_VALUES);
	if (type == T_DIAGNOSTIC_INFO)
		opcua_put_diagnostic_info(b, 0);
	else
		opcua_put_builtin(b, type, value_rows[type < T_DATA_VALUE ? type : 0]);
	put_end(b->d);
}

/* Arrays of bytes stay bytes. */
static void put_elements(struct body *b, unsigned type)
{
	uint32_t count = opcua_take_count(b);

	if (!cursor_ok(&b->c))
		return;
	put_uint(b->d, F_ARRAY_LENGTH, count);
	if (type == T_BYTE || type == T_SBYTE) {
		put_run(b->d, F_VALUE_BYTES, &b->c, count);
		return;
	}
	for (; count > 0 && cursor_ok(&b->c); count--)
		put_element(b, type);
}

enum { VARIANT_TYPE = 0x3f, VARIANT_DIMENSIONS = 0x40, VARIANT_ARRAY = 0x80,
	RESERVED_MAX = 31 };

/* Nobody may send types that are not assigned yet; who gets them is to read strings of bytes. */
void opcua_put_variant(struct body *b)
{
	uint8_t mask = cursor_u8(&b->c), type = mask & VARIANT_TYPE;
	bool is_array = mask & VARIANT_ARRAY;

	if (!cursor_ok(&b->c) || !nest(b))
		return;
	if (type > RESERVED_MAX || (is_array && type == T_NULL)) {
		opcua_fail(b, INVALID_ENCODING);
		return;
	}
	put_uint(b->d, F_VALUE_TYPE, type);
	if (type > T_DIAGNOSTIC_INFO) {
		opcua_wrong(b->d, INVALID_ENCODING);
		type = T_BYTE_STRING;
	}
	if (is_array)
		put_elements(b, type);
	else if (type >= T_EXTENSION_OBJECT)
		put_element(b, type);
	else if (type != T_NULL)
		opcua_put_builtin(b, type, value_rows[type]);
	if (is_array && mask & VARIANT_DIMENSIONS)
		put_dimensions(b);
	b->depth--;
}

enum {
	HAS_VALUE = 1,
	HAS_STATUS = 2,
	HAS_SOURCE_TIME = 4,
	HAS_SERVER_TIME = 8,
	HAS_SOURCE_PICOSECONDS = 16,
	HAS_SERVER_PICOSECONDS = 32,
};

void opcua_put_data_value(struct body *b)
{
	uint8_t has = cursor_u8(&b->c);

	if (has >> 6)
		opcua_wrong(b->d, INVALID_ENCODING);
	if (has & HAS_VALUE)
		opcua_put_variant(b);
	if (has & HAS_STATUS)
		opcua_put_status(b, F_STATUS_CODE, 0);
	if (has & HAS_SOURCE_TIME)
		opcua_put_time(b, F_SOURCE_TIMESTAMP);
	if (has & HAS_SOURCE_PICOSECONDS)
		opcua_put_builtin(b, T_UINT16, F_SOURCE_PICOSECONDS);
	if (has & HAS_SERVER_TIME)
		opcua_put_time(b, F_SERVER_TIMESTAMP);
	if (has & HAS_SERVER_PICOSECONDS)
		opcua_put_builtin(b, T_UINT16, F_SERVER_PICOSECONDS);
}

/* ---- extension objects ---- */

/* A body that says its length may break without breaking what follows it. */
static void put_object_body(struct body *b, const struct encoding *e, struct bytes bytes)
{
	struct body inner = {
		.d = b->d, .c = cursor_of(bytes), .depth = b->depth, .level = 1
	};

	if (!nest(&inner)) {
		opcua_fail(b, NESTING_TOO_DEEP);
		return;
	}
	opcua_put_structure(&inner, e->structure);
	if (!cursor_ok(&inner.c))
		opcua_wrong(b->d, INVALID_LENGTH);
}

enum { NO_BODY, BINARY_BODY, XML_BODY };

void opcua_put_extension_object(struct body *b, unsigned field)
{
	struct bytes type = opcua_take_node_id(b, true), bytes;
	uint8_t encoding = cursor_u8(&b->c);

	if (!cursor_ok(&b->c))
		return;
	if (encoding > XML_BODY) {
		opcua_fail(b, INVALID_ENCODING);
		return;
	}
	uint32_t id = opcua_standard_id(type);
	if (encoding != NO_BODY || id || type.len > 2)
		put_bytes(b->d, field, type);
	if (encoding == NO_BODY || !opcua_take_string(b, &bytes))
		return;
	const struct encoding *e = encoding == BINARY_BODY ? opcua_encoding(id) : NULL;
	if (e && !e->is_service)
		put_object_body(b, e, bytes);
	else
		put_uint(b->d, F_BODY_LENGTH, bytes.len);
}

/* ---- diagnostics ---- */

enum {
	HAS_SYMBOLIC_ID = 1,
	HAS_NAMESPACE = 2,
	HAS_TEXT = 4,
	HAS_LOCALE = 8,
	HAS_INFO = 16,
	HAS_INNER_STATUS = 32,
	HAS_INNER = 64,
};

static bool put_diagnostics(struct body *b, uint8_t has)
{
	if (has & 0x80)
		opcua_fail(b, INVALID_ENCODING);
	if (has & HAS_SYMBOLIC_ID)
		opcua_put_builtin(b, T_INT32, F_SYMBOLIC_ID);
	if (has & HAS_NAMESPACE)
		opcua_put_builtin(b, T_INT32, F_NAMESPACE_INDEX);
	if (has & HAS_LOCALE)
		opcua_put_builtin(b, T_INT32, F_LOCALE_INDEX);
	if (has & HAS_TEXT)
		opcua_put_builtin(b, T_INT32, F_LOCALIZED_TEXT_INDEX);
	if (has & HAS_INFO)
		opcua_put_builtin(b, T_STRING, F_ADDITIONAL_INFO);
	if (has & HAS_INNER_STATUS)
		opcua_put_status(b, F_INNER_STATUS_CODE, 0);
	return has & HAS_INNER && cursor_ok(&b->c);
}

/* Those inside each other stand side by side. In an element of `group`, where there is
 * anything to say; 0: the element is there already. */
void opcua_put_diagnostic_info(struct body *b, unsigned group)
{
	uint8_t has = cursor_u8(&b->c);
	bool is_element = group && has;
	unsigned depth = 0;

	if (is_element)
		put_begin(b->d, group);
	while (put_diagnostics(b, has)) {
		has = cursor_u8(&b->c);
		if (depth > 0)
			put_end(b->d);
		put_begin(b->d, F_INNER_DIAGNOSTIC_INFO);
		if (depth++ == NESTING_MAX)
			opcua_fail(b, NESTING_TOO_DEEP);
	}
	if (depth > 0)
		put_end(b->d);
	if (is_element)
		put_end(b->d);
}
