/* Values: a byte of flags, a byte of datatype, and what those say. */
#include <sha2.h>

#include "s7commplus_parts.h"

enum {
	DEPTH_MAX = 16,
	SHOWN_MAX = 256, /* longer blobs are shown as their hash */
	PACKED_HAS_SECOND_COUNT = 0x400,
};

/* ---- scalars ---- */

struct scalar {
	uint8_t row; /* ROW_BOOL to ROW_BYTES */
	union {
		uint64_t u;
		int64_t i;
		double real;
	};
	struct bytes bytes;
};

static double real32(uint32_t bits)
{
	float real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

static double real64(uint64_t bits)
{
	double real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

/* A blob's first number is 0, or 1 in a project transfer. Others are followed by eight
 * bytes and the kind of what they hold (inferred). Returns how many lists of members
 * follow. */
static uint32_t read_blob(struct plus *p, struct cursor *c, struct scalar *s)
{
	uint32_t root = plus_vlq(p, c);

	if (root > 1) {
		cursor_skip(c, 8);
		uint8_t kind = cursor_u8(c);
		if (kind == 0)
			return 1;
		if (kind != 2 && kind != 3)
			plus_unknown(p, c);
	}
	s->bytes = cursor_bytes(c, plus_vlq(p, c));
	return 0;
}

static const uint8_t type_rows[TYPE_COUNT] = {
	[TYPE_BOOL] = ROW_BOOL, [TYPE_USINT] = ROW_UINT, [TYPE_UINT] = ROW_UINT,
	[TYPE_UDINT] = ROW_UINT, [TYPE_ULINT] = ROW_UINT, [TYPE_SINT] = ROW_INT,
	[TYPE_INT] = ROW_INT, [TYPE_DINT] = ROW_INT, [TYPE_LINT] = ROW_INT,
	[TYPE_BYTE] = ROW_UINT, [TYPE_WORD] = ROW_UINT, [TYPE_DWORD] = ROW_UINT,
	[TYPE_LWORD] = ROW_UINT, [TYPE_REAL] = ROW_REAL, [TYPE_LREAL] = ROW_REAL,
	[TYPE_TIMESTAMP] = ROW_TIME, [TYPE_TIMESPAN] = ROW_INT, [TYPE_RID] = ROW_UINT,
	[TYPE_AID] = ROW_UINT, [TYPE_BLOB] = ROW_BYTES, [TYPE_WSTRING] = ROW_TEXT,
	[TYPE_VARIANT] = ROW_UINT, [TYPE_STRUCT] = ROW_UINT,
};

/* Bytes of a number that has always as many. */
static const uint8_t type_widths[TYPE_COUNT] = {
	[TYPE_BOOL] = 1, [TYPE_USINT] = 1, [TYPE_UINT] = 2, [TYPE_SINT] = 1,
	[TYPE_INT] = 2, [TYPE_BYTE] = 1, [TYPE_WORD] = 2, [TYPE_DWORD] = 4,
	[TYPE_LWORD] = 8, [TYPE_REAL] = 4, [TYPE_LREAL] = 8, [TYPE_TIMESTAMP] = 8,
	[TYPE_RID] = 4, [TYPE_STRUCT] = 4,
};

static uint32_t read_scalar(struct plus *p, struct cursor *c, uint8_t type,
	struct scalar *s)
{
	s->row = type_rows[type];
	switch (type) {
	case TYPE_UDINT:
	case TYPE_AID:
	case TYPE_VARIANT:
		s->u = plus_vlq(p, c);
		return 0;
	case TYPE_ULINT:
		s->u = plus_vlq64(p, c);
		return 0;
	case TYPE_SINT:
		s->i = (int8_t)cursor_u8(c);
		return 0;
	case TYPE_INT:
		s->i = (int16_t)cursor_be16(c);
		return 0;
	case TYPE_DINT:
		s->i = plus_signed32(p, c);
		return 0;
	case TYPE_LINT:
	case TYPE_TIMESPAN:
		s->i = plus_signed64(p, c);
		return 0;
	case TYPE_REAL:
		s->real = real32(cursor_be32(c));
		return 0;
	case TYPE_LREAL:
		s->real = real64(cursor_be64(c));
		return 0;
	case TYPE_TIMESTAMP:
		s->bytes = cursor_bytes(c, 8);
		return 0;
	case TYPE_WSTRING:
		s->bytes = cursor_bytes(c, plus_vlq(p, c));
		return 0;
	case TYPE_BLOB:
		return read_blob(p, c, s);
	}
	s->u = cursor_be(c, type_widths[type]);
	return 0;
}

/* `base` is the row of whole values, or that of elements. */
static void put_scalar(struct plus *p, unsigned base, const struct scalar *s)
{
	unsigned field = base + s->row;

	if (s->row == ROW_INT)
		put_int(p->d, field, s->i);
	else if (s->row == ROW_REAL)
		put_real(p->d, field, s->real);
	else if (s->row == ROW_BOOL || s->row == ROW_UINT)
		put_uint(p->d, field, s->u);
	else
		put_bytes(p->d, field, s->bytes);
}

/* ---- bytes ---- */

static void put_hash(struct plus *p, unsigned field, struct bytes data)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, data.at, data.len);
	SHA256Final(digest, &sha);
	put_bytes(p->d, field, keep(p->d, (struct bytes){ digest, sizeof(digest) }));
}

static void put_blob(struct plus *p, unsigned rows, const struct cursor *c,
	struct bytes data)
{
	if (!cursor_ok(c))
		return;
	put_uint(p->d, rows + ROW_SIZE, data.len);
	if (data.len > SHOWN_MAX)
		put_hash(p, rows + ROW_SHA256, data);
	else
		put_bytes(p->d, rows + ROW_BYTES, data);
}

/* ---- arrays ---- */

static void put_element(struct plus *p, unsigned rows, struct cursor *c, uint8_t type,
	uint32_t key)
{
	struct scalar s = { 0 };

	if (type == TYPE_VARIANT && !key) { /* flags and datatype of its own (inferred) */
		cursor_skip(c, 1);
		type = cursor_u8(c);
		if (type >= TYPE_BLOB && type != TYPE_WSTRING)
			plus_unknown(p, c);
	}
	if (!cursor_ok(c))
		return;
	if (read_scalar(p, c, type, &s))
		plus_unknown(p, c); /* members inside of an element */
	if (!cursor_ok(c))
		return;
	if (s.row == ROW_BOOL)
		s.row = ROW_UINT;
	put_begin(p->d, rows + ROW_ELEMENTS);
	if (key)
		put_uint(p->d, rows + ROW_KEY, key);
	if (type != TYPE_NULL)
		put_scalar(p, rows + ROW_E_UINT - ROW_UINT, &s);
	put_end(p->d);
}

/* Numbers of one or two bytes lie one behind the other. */
static void put_numbers(struct plus *p, unsigned rows, struct cursor *c, uint8_t type,
	uint32_t count)
{
	struct bytes data = cursor_bytes(c, (size_t)count * type_widths[type]);

	if (!cursor_ok(c))
		return;
	if (type_widths[type] == 2)
		put_bytes(p->d, rows + ROW_U16S, data);
	else if (data.len > SHOWN_MAX)
		put_hash(p, rows + ROW_SHA256, data);
	else
		put_bytes(p->d, rows + ROW_BYTES, data);
}

static void put_sparse(struct plus *p, unsigned rows, struct cursor *c, uint8_t type)
{
	uint32_t key;

	while (cursor_ok(c) && (key = plus_vlq(p, c)) != 0 && cursor_ok(c))
		put_element(p, rows, c, type, key);
}

static void put_array(struct plus *p, unsigned rows, struct cursor *c, uint8_t flags,
	uint8_t type)
{
	static const uint8_t as_bytes[TYPE_COUNT] = {
		[TYPE_USINT] = 1, [TYPE_BYTE] = 1, [TYPE_UINT] = 1, [TYPE_WORD] = 1,
	};

	if (flags & SPARSE_ARRAY) {
		put_sparse(p, rows, c, type);
		return;
	}
	uint32_t count = plus_put_vlq(p, rows + ROW_SIZE, c);
	if (as_bytes[type])
		put_numbers(p, rows, c, type, count);
	for (uint32_t i = 0; !as_bytes[type] && type && i < count && cursor_ok(c); i++)
		put_element(p, rows, c, type, 0);
}

/* ---- structures ---- */

/* Those of the system (a date and time) come as the bytes they have in memory, not as
 * members; which ones they are is told by the number (inferred). */
static bool is_packed(uint32_t id)
{
	return (id > 0x90000000 && id < 0x9fffffff) ||
		(id > 0x02000000 && id < 0x02ffffff);
}

static void put_packed(struct plus *p, unsigned rows, struct cursor *c)
{
	cursor_skip(c, 8); /* when the interface was changed */
	uint32_t flags = plus_vlq(p, c), count = plus_vlq(p, c);

	if (flags & PACKED_HAS_SECOND_COUNT)
		count = plus_vlq(p, c);
	put_blob(p, rows, c, cursor_bytes(c, count));
}

static uint32_t put_struct(struct plus *p, unsigned rows, struct cursor *c, uint8_t flags)
{
	uint32_t id = put_be32(p->d, rows + ROW_UINT, c);

	if (is_packed(id)) {
		put_packed(p, rows, c);
		return 0;
	}
	return flags & ADDRESS_ARRAY ? plus_put_vlq(p, rows + ROW_SIZE, c) : 1;
}

/* ---- values ---- */

static bool is_secret(uint32_t id)
{
	return id == ID_CHALLENGE_RESPONSE || id == ID_CLIENT_PASSWORD ||
		id == ID_LEGITIMATE || id == ID_KNOWHOW_PASSWORD ||
		id == ID_PAYLOAD_PASSWORD;
}

static uint32_t put_plain(struct plus *p, unsigned rows, struct cursor *c, uint8_t type)
{
	struct scalar s = { 0 };
	uint32_t lists = type ? read_scalar(p, c, type, &s) : 0;

	if (type == TYPE_BLOB && !lists)
		put_blob(p, rows, c, s.bytes);
	else if (type && !lists && cursor_ok(c))
		put_scalar(p, rows, &s);
	return lists;
}

static void put_kind(struct plus *p, unsigned rows, uint8_t flags, uint8_t type)
{
	put_uint(p->d, rows + ROW_TYPE, type);
	if (flags & ANY_ARRAY)
		put_uint(p->d, rows + ROW_ARRAY, flags & ANY_ARRAY);
}

/* Flags and datatype have two bytes each where numbers are plain. */
static uint8_t read_small(struct plus *p, struct cursor *c)
{
	return (uint8_t)(p->is_plain ? cursor_be16(c) : cursor_u8(c));
}

static uint32_t put_value(struct plus *p, unsigned rows, struct cursor *c, uint32_t id)
{
	uint8_t flags = read_small(p, c), type = read_small(p, c);

	if (!cursor_ok(c))
		return 0;
	put_kind(p, rows, flags, type);
	if (type >= TYPE_COUNT || (type == TYPE_STRUCT && flags & SPARSE_ARRAY))
		plus_unknown(p, c);
	if (type == TYPE_STRUCT)
		return put_struct(p, rows, c, flags);
	if (id == ID_REFERENCE_LIST && flags == ADDRESS_ARRAY && type == TYPE_UDINT) {
		plus_reference_list(p, rows, c);
		return 0;
	}
	if (flags & ANY_ARRAY && cursor_ok(c)) {
		put_array(p, rows, c, flags, type);
		return 0;
	}
	return cursor_ok(c) ? put_plain(p, rows, c, type) : 0;
}

/* A secret must not stay on the tape: it is read, with its members, and taken back. */
static void put_secret(struct plus *p, unsigned rows, struct cursor *c)
{
	struct tape_place before = tape_place(p->d);
	struct cursor from = *c;

	plus_members(p, rows + ROW_ELEMENTS, rows, c, put_value(p, rows, c, 0));
	conceal(p->d, (struct bytes){ from.at, cursor_ok(c) ? from.left - c->left : from.left });
	tape_return(p->d, &before);
	p->undecoded.len = 0;
	put_uint(p->d, rows + ROW_SECRET, true);
}

uint32_t plus_value(struct plus *p, unsigned rows, struct cursor *c, uint32_t id)
{
	if (!is_secret(id))
		return put_value(p, rows, c, id);
	put_secret(p, rows, c);
	return 0;
}

void plus_member(struct plus *p, unsigned group, unsigned rows, struct cursor *c,
	uint32_t level, uint32_t id, struct bytes id_bytes)
{
	put_begin(p->d, group);
	if (level)
		put_uint(p->d, rows + ROW_LEVEL, level);
	put_uint(p->d, rows + ROW_ID, id);
	put_bytes(p->d, rows + ROW_NAME, id_bytes);
	uint32_t lists = plus_value(p, rows, c, id);
	put_end(p->d);
	plus_members(p, group, rows, c, lists);
}

static void put_list(struct plus *p, unsigned group, unsigned rows, struct cursor *c)
{
	while (cursor_ok(c)) {
		struct bytes id_bytes = { c->at, 0 };
		uint32_t id = plus_vlq(p, c);
		if (id == 0 || !cursor_ok(c))
			break;
		id_bytes.len = (size_t)(c->at - id_bytes.at);
		plus_member(p, group, rows, c, p->depth, id, id_bytes);
	}
}

void plus_members(struct plus *p, unsigned group, unsigned rows, struct cursor *c,
	uint32_t lists)
{
	if (!lists || !cursor_ok(c))
		return;
	if (p->depth == DEPTH_MAX) {
		plus_fail(p, c, EVENT_TOO_DEEP);
		return;
	}
	p->depth++;
	for (uint32_t i = 0; i < lists && cursor_ok(c); i++)
		put_list(p, group, rows, c);
	p->depth--;
}
