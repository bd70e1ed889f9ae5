/* Lists of records of one length: status lists and lists of blocks.
 *
 * What is too long for one PDU goes on in the next data unit, in the middle of a record:
 * its first half is kept in the flow's state. */
#include "s7comm_fields.h"

enum {
	LIST_BLOCKS = 1, LIST_BLOCKS_OF_TYPE = 2, GET_BLOCK_INFO = 3,
	BLOCK_ENTRY = 4, BLOCK_NAME_LENGTH = 8, DATE_LENGTH = 6,
};

/* ---- any list, a data unit at a time ---- */

static void put_block_entry(struct dissect *d, struct cursor *record)
{
	put_be16(d, BLOCK_NUMBER, record);
	put_u8(d, BLOCK_FLAGS, record);
	uint8_t language = put_u8(d, BLOCK_LANGUAGE_RAW, record);
	if (cursor_ok(record))
		put_uint(d, BLOCK_LANGUAGE, language);
}

static void put_record(struct dissect *d, const struct s7_records *r, struct bytes record)
{
	struct cursor c = cursor_of(record);
	bool is_block = r->group == S7_BLOCK;

	put_begin(d, is_block ? BLOCKS : SZL);
	if (is_block)
		put_block_entry(d, &c);
	else
		s7_put_szl_record(d, r, &c);
	put_end(d);
}

/* The record whose first half came with the data unit before. */
static void put_split_record(struct dissect *d, struct s7_records *r, struct cursor *c)
{
	uint8_t record[RECORD_MAX];
	size_t part = r->part_len;

	r->part_len = 0;
	struct bytes rest = cursor_bytes(c, r->record_len - part);
	if (!cursor_ok(c))
		return;
	memcpy(record, r->part, part);
	memcpy(record + part, rest.at, rest.len);
	struct bytes kept = keep(d, (struct bytes){ record, r->record_len });
	if (kept.len)
		put_record(d, r, kept);
}

/* Whether records begin where the unit before left off: not after a loss. */
static bool goes_on(const struct dissect *d, const struct s7_userdata *u, struct s7_records *r)
{
	bool is_cut = d->message->is_cut;

	r->is_broken |= u->is_later && (is_cut || r->gaps != d->gaps[d->side]);
	bool goes_on = !r->is_broken;
	r->is_broken |= is_cut;
	r->gaps = d->gaps[d->side];
	return goes_on;
}

void s7_put_records(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	struct s7_records *r = s7_list(d);
	bool is_known = r->record_len > 0 && r->record_len <= RECORD_MAX && goes_on(d, u, r);

	if (u->is_later && r->group == S7_CPU && r->record_len) {
		put_uint(d, SZL_ID, r->id);
		put_uint(d, SZL_INDEX, r->index);
		put_uint(d, SZL_LIST, r->id & 0xff);
	}
	if (u->is_later && !is_known) {
		put_rest(d, UD_DATA, c);
		return;
	}
	if (u->is_later && r->part_len)
		put_split_record(d, r, c);
	while (r->record_len > 0 && c->left >= r->record_len)
		put_record(d, r, cursor_bytes(c, r->record_len));
	if (is_known && !u->is_last && c->left > 0) {
		r->part_len = (uint8_t)c->left;
		memcpy(r->part, c->at, c->left);
	}
	cursor_skip(c, c->left);
}

void s7_begin_records(struct dissect *d, uint8_t group, uint8_t sub, uint16_t length)
{
	struct s7_records *r = s7_list(d);

	r->group = group;
	r->sub = sub;
	r->record_len = length;
	r->part_len = 0;
	r->is_broken = false;
}

/* ---- lists of blocks ---- */

/* A type as two hex digits. */
static void put_block_type(struct dissect *d, struct cursor *c)
{
	struct bytes digits = cursor_bytes(c, 2);
	unsigned type = 0;

	for (size_t i = 0; i < digits.len; i++) {
		uint8_t c1 = digits.at[i];
		unsigned digit = c1 >= 'A' ? c1 - 'A' + 10u : c1 - (unsigned)'0';
		type = type << 4 | (digit & 0x0f);
	}
	if (cursor_ok(c)) {
		put_uint(d, BLOCK_TYPE, type);
		put_uint(d, BLOCK_TYPE_RAW, type);
	}
}

static void put_block_counts(struct dissect *d, struct cursor *c)
{
	while (c->left >= BLOCK_ENTRY) {
		put_begin(d, BLOCKS);
		put_block_type(d, c);
		put_be16(d, BLOCK_COUNT, c);
		put_end(d);
	}
}

static void put_block_texts(struct dissect *d, struct cursor *c)
{
	put_run(d, BLOCK_AUTHOR, c, 8);
	put_run(d, BLOCK_FAMILY, c, 8);
	put_run(d, BLOCK_HEADER, c, 8);
	put_run(d, BLOCK_VERSION, c, 1);
	cursor_skip(c, 1);
	put_be16(d, BLOCK_CHECKSUM, c);
}

static void put_block_info(struct dissect *d, struct cursor *c)
{
	cursor_skip(c, 9);
	put_u8(d, BLOCK_ATTRIBUTES, c);
	uint8_t language = put_u8(d, BLOCK_LANGUAGE_RAW, c);
	uint8_t type = put_u8(d, BLOCK_TYPE_RAW, c);
	if (cursor_ok(c)) {
		put_uint(d, BLOCK_LANGUAGE, language);
		put_uint(d, BLOCK_TYPE, type);
	}
	put_be16(d, BLOCK_NUMBER, c);
	put_be32(d, BLOCK_LOAD_MEMORY, c);
	put_be32(d, BLOCK_SECURITY, c);
	put_fixed(d, BLOCK_CODE_TIME, c, DATE_LENGTH);
	put_fixed(d, BLOCK_INTERFACE_TIME, c, DATE_LENGTH);
	put_be16(d, BLOCK_SSB, c);
	put_be16(d, BLOCK_ADD, c);
	put_be16(d, BLOCK_LOCAL_DATA, c);
	put_be16(d, BLOCK_MC7, c);
	put_block_texts(d, c);
}

static void put_block_question(struct dissect *d, const struct s7_userdata *u,
	struct cursor *c)
{
	if (u->sub == GET_BLOCK_INFO) {
		s7_put_block_name(d, c, c->left < BLOCK_NAME_LENGTH ? c->left :
			(size_t)BLOCK_NAME_LENGTH);
	} else if (c->left >= 2) {
		put_begin(d, BLOCKS);
		put_block_type(d, c);
		put_end(d);
	}
}

void s7_put_block_function(
	struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->type != S7_ANSWER) {
		put_block_question(d, u, c);
	} else if (u->sub == LIST_BLOCKS) {
		put_block_counts(d, c);
	} else if (u->sub == LIST_BLOCKS_OF_TYPE && u->code == S7_SUCCESS) {
		s7_begin_records(d, S7_BLOCK, u->sub, BLOCK_ENTRY);
		s7_put_records(d, u, c);
	} else if (u->sub == GET_BLOCK_INFO && u->code == S7_SUCCESS) {
		put_begin(d, BLOCKS);
		put_block_info(d, c);
		put_end(d);
	}
}
