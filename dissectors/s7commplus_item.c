/* Addresses of variables.
 *
 *   symbol CRC | area | count | sub-area | LID …        each a VLQ
 *
 * The area is an object: a data block by its number, inputs, outputs, memory bits,
 * counters, timers, or any other; the sub-area is the attribute, most often its actual
 * value. `count` numbers what follows. The LIDs lead through structures and arrays to the
 * variable. Without a CRC a first LID of 3 means bytes at an offset (offset, length, and
 * for one bit its number), as in older PLCs (inferred). */
#include "s7commplus_parts.h"

static void put_db(struct plus *p, unsigned field, uint32_t area)
{
	if ((area & ~(uint32_t)ID_NUMBER) == ID_DB)
		put_uint(p->d, field, area & ID_NUMBER);
}

static void skip_vlqs(struct plus *p, struct cursor *c, uint32_t count)
{
	for (uint32_t i = 0; i < count && cursor_ok(c); i++)
		plus_vlq(p, c);
}

/* The text is made of all of the address, when it is asked for. */
static void put_text_of(struct plus *p, unsigned field, const struct cursor *c,
	const uint8_t *begin)
{
	if (cursor_ok(c))
		put_bytes(p->d, field, (struct bytes){ begin, (size_t)(c->at - begin) });
}

void plus_address(struct plus *p, struct cursor *c)
{
	const uint8_t *begin = c->at;

	plus_put_vlq(p, FIELD_ITEM_CRC, c);
	uint32_t area = plus_put_vlq(p, FIELD_ITEM_AREA, c);
	put_db(p, FIELD_ITEM_DB, area);
	uint32_t count = plus_vlq(p, c);
	skip_vlqs(p, c, count);
	put_text_of(p, FIELD_ITEM_ADDRESS, c, begin);
}

/* ---- what to subscribe ----
 *
 * An address array of numbers: flags, how many references are dropped and added, the
 * dropped ones, then for each added one
 *   count | reference | 0 | area | symbol CRC | sub-area | LID …
 * where the low half of `count` numbers what follows the CRC. */

static void put_dropped(struct plus *p, unsigned rows, struct cursor *c)
{
	put_begin(p->d, rows + ROW_REFERENCES);
	plus_put_vlq(p, rows + ROW_REFERENCE, c);
	put_end(p->d);
}

static void put_added(struct plus *p, unsigned rows, struct cursor *c)
{
	const uint8_t *begin = c->at;
	uint32_t count = plus_vlq(p, c) & 0xffff;

	if (!cursor_ok(c))
		return;
	put_begin(p->d, rows + ROW_REFERENCES);
	plus_put_vlq(p, rows + ROW_REFERENCE, c);
	plus_vlq(p, c);
	uint32_t area = plus_put_vlq(p, rows + ROW_REFERENCE_AREA, c);
	put_db(p, rows + ROW_REFERENCE_DB, area);
	plus_put_vlq(p, rows + ROW_REFERENCE_CRC, c);
	skip_vlqs(p, c, count);
	put_text_of(p, rows + ROW_REFERENCE_ADDRESS, c, begin);
	put_end(p->d);
}

void plus_reference_list(struct plus *p, unsigned rows, struct cursor *c)
{
	plus_put_vlq(p, rows + ROW_SIZE, c); /* numbers in all */
	plus_vlq(p, c);
	uint32_t dropped = plus_vlq(p, c), added = plus_vlq(p, c);

	for (uint32_t i = 0; i < dropped && cursor_ok(c); i++)
		put_dropped(p, rows, c);
	for (uint32_t i = 0; i < added && cursor_ok(c); i++)
		put_added(p, rows, c);
}
