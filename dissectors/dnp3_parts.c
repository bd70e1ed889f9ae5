/* The parts of a point, as its layout says. */
#include "dnp3_objects.h"

enum { COMMANDS = 12, ANALOG_COMMANDS = 41 };

/* ---- one kind of part each ---- */

static void put_flags(struct dissect *d, const uint16_t *fields, struct cursor *c)
{
	unsigned bits = cursor_u8(c);

	for (unsigned i = 0; i < FLAG_BITS && cursor_ok(c); i++) {
		unsigned width = i + 1 < FLAG_BITS && fields[i] == fields[i + 1] ? 2 : 1;
		put_uint(d, fields[i], bits >> i & (width == 2 ? 3 : 1));
		i += width - 1;
	}
}

static void put_float(struct dissect *d, unsigned field, struct cursor *c)
{
	uint32_t bits = cursor_le32(c);
	float value;

	memcpy(&value, &bits, sizeof(value));
	if (cursor_ok(c))
		put_real(d, field, (double)value);
}

static void put_double(struct dissect *d, unsigned field, struct cursor *c)
{
	uint64_t bits = cursor_le64(c);
	double value;

	memcpy(&value, &bits, sizeof(value));
	if (cursor_ok(c))
		put_real(d, field, value);
}

static void put_signed(struct dissect *d, unsigned field, struct cursor *c, size_t width)
{
	uint64_t value = cursor_le(c, width);

	if (cursor_ok(c))
		put_int(d, field, width == 2 ? (int16_t)value : (int32_t)value);
}

uint64_t dnp3_put_time(
	struct dissect *d, unsigned field, struct cursor *c, bool with_text)
{
	struct bytes b = cursor_bytes(c, DNP3_TIME_SIZE);

	if (!b.len)
		return 0;
	uint64_t ms = le32_at(b.at) | (uint64_t)le16_at(b.at + 4) << 32;
	put_uint(d, field, ms);
	if (with_text)
		put_bytes(d, TIME, b);
	return ms;
}

/* The time itself, where it is known what the number counts from. */
static void put_relative(struct dnp3_reader *r, unsigned field, struct cursor *c)
{
	uint64_t ms = r->base_ms + put_le16(r->d, field, c);
	uint8_t text[DNP3_TIME_SIZE];

	if (!cursor_ok(c) || !r->has_base)
		return;
	for (unsigned i = 0; i < DNP3_TIME_SIZE; i++)
		text[i] = (uint8_t)(ms >> 8 * i);
	struct bytes kept = keep(r->d, (struct bytes){ text, sizeof(text) });
	if (kept.len)
		put_bytes(r->d, TIME, kept);
}

static void put_control(struct dissect *d, struct cursor *c)
{
	uint8_t code = cursor_u8(c);

	if (!cursor_ok(c))
		return;
	put_uint(d, COMMAND, code & 0xcf);
	put_uint(d, OP_TYPE, code & 0x0f);
	put_uint(d, QU, code >> 4 & 1);
	put_uint(d, CR, code >> 5 & 1);
	put_uint(d, TCC, code >> 6);
}

static void put_status(
	struct dnp3_reader *r, const struct dnp3_part *part, struct cursor *c)
{
	uint8_t byte = cursor_u8(c), status = byte & 0x7f;
	bool is_whole = part->kind == PART_STATUS_BYTE;

	if (!cursor_ok(c))
		return;
	put_uint(r->d, is_whole ? part->field : STATUS_CODE, is_whole ? byte : status);
	if (!is_whole)
		put_uint(r->d, part->field, byte >> 7);
	put_uint(r->d, STATUS, status);
	const char *name = name_of(dnp3_statuses, status);
	if (status && !r->refusal &&
		(r->group == COMMANDS || r->group == ANALOG_COMMANDS))
		r->refusal = name ? name : "RESERVED";
}

static void put_seven(struct dissect *d, unsigned field, struct cursor *c)
{
	uint8_t byte = cursor_u8(c);

	if (!cursor_ok(c))
		return;
	put_uint(d, field, byte & 0x7f);
	put_uint(d, field + 1, byte >> 7);
}

static void put_block(struct dissect *d, unsigned field, struct cursor *c)
{
	uint32_t number = put_le32(d, field, c);

	if (!cursor_ok(c))
		return;
	put_uint(d, BLOCK, number & 0x7fffffff);
	put_uint(d, LAST_BLOCK, number >> 31);
}

/* What is hidden must not be found in the fragment's bytes either: they end before it. */
static void hide_from(struct dissect *d, const uint8_t *at)
{
	struct message *m = d->message;
	const struct item *data = message_item(m, APP_DATA);

	if (data && at >= data->at && at < data->at + data->len)
		m->items[data - m->items].len = (uint32_t)(at - data->at);
}

static void skip_secret(struct dissect *d, struct cursor *c, size_t len)
{
	if (len)
		hide_from(d, c->at);
	conceal(d, (struct bytes){ c->at, len < c->left ? len : c->left });
	cursor_skip(c, len);
}

/* ---- parts in their order ---- */

static void put_part(
	struct dnp3_reader *r, const struct dnp3_part *part, struct cursor *c)
{
	struct dissect *d = r->d;
	unsigned field = part->field;

	switch ((enum dnp3_part_kind)part->kind) {
	case PART_END:
		break;
	case PART_FLAGS:
		put_flags(d, dnp3_flags[part->arg], c);
		break;
	case PART_U8:
		put_u8(d, field, c);
		break;
	case PART_U16:
		put_le16(d, field, c);
		break;
	case PART_U32:
		put_le32(d, field, c);
		break;
	case PART_S16:
		put_signed(d, field, c, 2);
		break;
	case PART_S32:
		put_signed(d, field, c, 4);
		break;
	case PART_F32:
		put_float(d, field, c);
		break;
	case PART_F64:
		put_double(d, field, c);
		break;
	case PART_TIME:
		r->last_ms = dnp3_put_time(d, field, c, true);
		break;
	case PART_TIME_ONLY:
		dnp3_put_time(d, field, c, false);
		break;
	case PART_RELATIVE:
		put_relative(r, field, c);
		break;
	case PART_CONTROL:
		put_control(d, c);
		break;
	case PART_STATUS:
	case PART_STATUS_BYTE:
		put_status(r, part, c);
		break;
	case PART_SEVEN:
		put_seven(d, field, c);
		break;
	case PART_SIZE:
		r->sizes[part->arg] = put_le16(d, field, c);
		break;
	case PART_TEXT:
		put_run(d, field, c, r->sizes[part->arg]);
		break;
	case PART_SECRET:
		skip_secret(d, c, r->sizes[part->arg]);
		break;
	case PART_REST:
		if (c->left > 0)
			put_rest(d, field, c);
		break;
	case PART_SECRET_REST:
		put_uint(d, field, c->left);
		skip_secret(d, c, c->left);
		break;
	case PART_KEY_SET:
		conceal(d, (struct bytes){ c->at, c->left < 4 ? c->left : 4 });
		put_uint(d, field, cursor_le32(c) != 0);
		break;
	case PART_BLOCK:
		put_block(d, field, c);
		break;
	case PART_FIXED:
		put_run(d, field, c, part->arg);
		break;
	case PART_ATTRIBUTE:
		dnp3_attribute(d, c);
		break;
	case PART_SET_ID:
		dnp3_set_id(d, field, c);
		break;
	case PART_SET_TIME:
		dnp3_set_time(d, field, c);
		break;
	case PART_ELEMENTS:
	case PART_DESCRIPTORS:
	case PART_POINT_TYPES:
		dnp3_elements(d, c, (enum dnp3_part_kind)part->kind);
		break;
	}
}

void dnp3_parts(struct dnp3_reader *r, const struct dnp3_part *parts, struct cursor *c)
{
	for (; parts->kind != PART_END && cursor_ok(c); parts++)
		put_part(r, parts, c);
}
