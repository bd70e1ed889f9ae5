/* Addresses of variables: one item of Read Var, Write Var and cyclic services.
 *
 *      0      1      2      3 …
 *   +------+------+------+---------------
 *   | 0x12 | len  |syntax| as the syntax says
 *   +------+------+------+---------------
 *   `len` counts what follows it. Items of odd size are filled up with a byte, but the last. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum {
	ANY_LENGTH = 10,
	NCK_LENGTH = 8,
	DRIVE_LENGTH = 10,
	DB_LIST_MIN = 7,
	SYMBOL_MIN = 10,
	R_ID_LENGTH = 6,
	TYPES_MAX = 255,
	SYMBOL_DB = 0x8a0e,
};

struct s7_address s7_address_read(struct bytes specification)
{
	const uint8_t *at = specification.at;

	if (specification.len < 2 + ANY_LENGTH)
		return (struct s7_address){ 0 };
	return (struct s7_address){ .type = at[3],
		.length = be16_at(at + 4),
		.db = be16_at(at + 6),
		.area = at[8],
		.address = be32_at(at + 8) & 0xffffff };
}

bool s7_area_is_numbered(uint8_t area)
{
	return area >= S7_AREA_C && area <= S7_AREA_IEC_T;
}

size_t s7_type_size(uint8_t type)
{
	static const uint8_t sizes[] = {
		[S7_BIT] = 1, [S7_BYTE] = 1, [S7_CHAR] = 1, [S7_WORD] = 2, [S7_INT] = 2,
		[S7_DWORD] = 4, [S7_DINT] = 4, [S7_REAL] = 4, [S7_TOD] = 4,
		[S7_TIME_TYPE] = 4, [S7_S5TIME] = 2, [S7_DATE_AND_TIME] = 8,
		[S7_COUNTER_TYPE] = 2, [S7_TIMER_TYPE] = 2,
	};

	return type < sizeof(sizes) ? sizes[type] : 0;
}

/* Types that have a name: others are shown by their number. */
static bool is_named(uint8_t type)
{
	const uint64_t named = 0x1f0009dfe; /* 1 to 8, 10 to 12, 15, 28 to 32 */

	return type < 64 && named >> type & 1;
}

static void put_place(struct dissect *d, uint8_t area, uint32_t address)
{
	put_uint(d, ITEM_ADDRESS, address);
	if (s7_area_is_numbered(area)) {
		put_uint(d, ITEM_NUMBER, address);
	} else {
		put_uint(d, ITEM_BYTE, address >> 3);
		put_uint(d, ITEM_BIT, address & 7);
	}
}

static void put_any(struct dissect *d, struct cursor *c, struct bytes specification)
{
	uint8_t type = cursor_u8(c);
	if (cursor_ok(c))
		put_uint(d, ITEM_TYPE, type);
	if (cursor_ok(c) && !is_named(type))
		put_uint(d, ITEM_TYPE_RAW, type);
	put_be16(d, ITEM_LENGTH, c);
	put_be16(d, ITEM_DB, c);
	uint8_t area = cursor_u8(c);
	if (cursor_ok(c)) {
		put_uint(d, ITEM_AREA, area);
		put_uint(d, ITEM_AREA_RAW, area);
	}
	uint32_t address = (uint32_t)cursor_be(c, 3);
	if (!cursor_ok(c))
		return;
	put_place(d, area, address);
	put_bytes(d, ITEM_POINT, specification);
}

/* Several places in data blocks at once. */
static void put_db_list(struct dissect *d, struct cursor *c, struct bytes specification)
{
	unsigned count = cursor_u8(c);

	(void)specification;
	for (; count > 0 && c->left > 0; count--) {
		struct cursor text = *c;
		put_begin(d, ITEM_AREAS);
		put_u8(d, ITEM_AREAS_LENGTH, c);
		put_be16(d, ITEM_AREAS_DB, c);
		put_be16(d, ITEM_AREAS_BYTE, c);
		if (cursor_ok(c))
			put_run(d, ITEM_AREAS_POINT, &text, 5);
		put_end(d);
	}
	c->failed |= count > 0;
}

/* An area and its numbers (local ids), as the S7-1200 knows its variables. Without its last
 * numbers it would be another variable. */
static void put_symbol(struct dissect *d, struct cursor *c, struct bytes specification)
{
	enum { LID = 4 };
	bool is_whole = specification.len == 2u + specification.at[1];

	cursor_skip(c, 1);
	uint16_t kind = cursor_be16(c), area = cursor_be16(c);
	if (kind == SYMBOL_DB)
		put_uint(d, ITEM_DB, area);
	if (cursor_ok(c))
		put_uint(d, ITEM_SYMBOL_AREA, kind == SYMBOL_DB ? kind : area);
	put_be32(d, ITEM_CRC, c);
	if (cursor_ok(c) && is_whole && c->left % LID == 0)
		put_bytes(d, ITEM_POINT, specification);
	while (c->left > 0) {
		uint32_t lid = cursor_be32(c);
		if (!cursor_ok(c))
			return;
		put_begin(d, ITEM_LIDS);
		put_uint(d, ITEM_LIDS_FLAG, lid >> 28);
		put_uint(d, ITEM_LIDS_VALUE, lid & 0x0fffffff);
		put_end(d);
	}
}

static void put_nck(struct dissect *d, struct cursor *c, struct bytes specification)
{
	uint8_t area = cursor_u8(c);

	if (cursor_ok(c)) {
		put_uint(d, ITEM_NCK_AREA, area >> 5);
		put_uint(d, ITEM_NCK_UNIT, area & 0x1f);
	}
	put_be16(d, ITEM_NCK_COLUMN, c);
	put_be16(d, ITEM_NCK_LINE, c);
	put_u8(d, ITEM_NCK_MODULE, c);
	put_u8(d, ITEM_NCK_LINES, c);
	if (cursor_ok(c))
		put_bytes(d, ITEM_POINT, specification);
}

static void put_drive(struct dissect *d, struct cursor *c, struct bytes specification)
{
	cursor_skip(c, 5);
	put_be16(d, ITEM_DRIVE_NUMBER, c);
	put_be16(d, ITEM_DRIVE_INDEX, c);
	if (cursor_ok(c))
		put_bytes(d, ITEM_POINT, specification);
}

static void put_r_id(struct dissect *d, struct cursor *c, struct bytes specification)
{
	(void)specification;
	cursor_skip(c, 1);
	put_be32(d, ITEM_R_ID, c);
}

static const struct syntax {
	uint8_t id, least, most; /* what its length may be */
	void (*put)(struct dissect *d, struct cursor *c, struct bytes specification);
} syntaxes[] = {
	{ S7_SYNTAX_ANY, ANY_LENGTH, ANY_LENGTH, put_any },
	{ S7_SYNTAX_SYMBOL, SYMBOL_MIN, 0xff, put_symbol },
	{ S7_SYNTAX_DB_LIST, DB_LIST_MIN, 0xff, put_db_list },
	{ S7_SYNTAX_NCK, NCK_LENGTH, NCK_LENGTH, put_nck },
	{ S7_SYNTAX_NCK_METRIC, NCK_LENGTH, NCK_LENGTH, put_nck },
	{ S7_SYNTAX_NCK_INCH, NCK_LENGTH, NCK_LENGTH, put_nck },
	{ S7_SYNTAX_DRIVE, DRIVE_LENGTH, DRIVE_LENGTH, put_drive },
	{ S7_SYNTAX_PBC, R_ID_LENGTH, R_ID_LENGTH, put_r_id },
};

static const struct syntax *syntax_of(uint8_t id, uint8_t length)
{
	for (unsigned i = 0; i < sizeof(syntaxes) / sizeof(*syntaxes); i++)
		if (syntaxes[i].id == id && length >= syntaxes[i].least &&
		    length <= syntaxes[i].most)
			return &syntaxes[i];
	return NULL;
}

static void put_syntax(struct dissect *d, struct cursor *c, uint8_t id, uint8_t length,
	struct bytes specification)
{
	const struct syntax *syntax = syntax_of(id, length);

	put_uint(d, ITEM_SYNTAX, id);
	if (syntax) {
		syntax->put(d, c, specification);
	} else {
		put_uint(d, ITEM_SYNTAX_RAW, id);
		put_bytes(d, ITEM_SPECIFICATION, specification);
	}
}

/* Of one that is cut short, what is there is shown. */
uint8_t s7_put_address(struct dissect *d, struct cursor *c)
{
	const uint8_t *at = c->at;
	uint8_t kind = cursor_u8(c), length = cursor_u8(c);
	struct bytes there = s7_up_to(c, length);
	struct cursor item = cursor_of(there);
	uint8_t id = cursor_u8(&item);

	c->failed |= there.len < length;
	if (kind != S7_VARIABLE_SPECIFICATION || !cursor_ok(&item)) {
		s7_wrong(d, INVALID_ITEM);
		c->failed = true;
		c->left = 0;
		return 0;
	}
	put_begin(d, ITEMS);
	put_syntax(d, &item, id, length, (struct bytes){ at, 2 + there.len });
	put_end(d);
	if (!cursor_ok(&item) || !cursor_ok(c))
		s7_wrong(d, INVALID_ITEM);
	return id == S7_SYNTAX_ANY && there.len == ANY_LENGTH ? at[3] : 0;
}

void s7_put_addresses(struct dissect *d, struct cursor *c, unsigned count, uint8_t *types)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *begin = c->at;
		if (c->left == 0) {
			s7_wrong(d, INVALID_ITEM_COUNT);
			return;
		}
		uint8_t type = s7_put_address(d, c);
		if (types && i < TYPES_MAX)
			types[i] = type;
		if (i + 1 < count && cursor_ok(c) && (c->at - begin) % 2)
			cursor_skip(c, 1);
	}
}
