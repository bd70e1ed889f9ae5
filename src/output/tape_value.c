/* The values of a tape's items in JSON. */
#include "dissect/fields.h"
#include "output/tape_plan.h"

static struct bytes cut(struct bytes b, uint32_t limit)
{
	return (struct bytes){ b.at, b.len < limit ? b.len : limit };
}

/* Names of bits are ours: plain ASCII. A name of several bits is for rules; its bits have names
 * of their own. */
static void put_bits_set(const struct name *names, uint64_t value, const char *between,
	struct text *out)
{
	size_t begin = out->len;
	for (; names && names->text; names++) {
		if (__builtin_popcountll(names->value) != 1 || !(value & names->value))
			continue;
		if (out->len > begin)
			text_str(out, between);
		text_str(out, names->text);
	}
}

void tape_name_list(const struct name *names, uint64_t value, struct text *out)
{
	text_char(out, '[');
	size_t begin = out->len;
	text_char(out, '"');
	put_bits_set(names, value, "\",\"", out);
	if (out->len == begin + 1)
		out->len = begin;
	else
		text_char(out, '"');
	text_char(out, ']');
}

static void put_flags(const struct name *names, uint64_t value, struct text *out)
{
	text_char(out, '"');
	size_t begin = out->len;
	put_bits_set(names, value, " | ", out);
	if (out->len == begin)
		text_lit(out, "unknown");
	text_char(out, '"');
}

void tape_name_text(
	const struct name *names, bool are_flags, uint64_t value, struct text *out)
{
	const char *name = name_of(names, value);
	if (are_flags && value)
		put_flags(names, value, out);
	else
		text_json_str(out, name ? name : are_flags ? "" : "unknown");
}

static void put_named(const struct tape_field *f, uint64_t value, struct text *out)
{
	if (value < NAMES_KNOWN)
		text_piece(out, f->names->of[value]);
	else if (f->is_list)
		tape_name_list(f->all_names, value, out);
	else
		tape_name_text(f->all_names, f->type == FIELD_FLAGS, value, out);
}

/* ---- arrays ---- */

static uint32_t least(uint64_t a, uint64_t b)
{
	return (uint32_t)(a < b ? a : b);
}

/* The comma behind the last element becomes the bracket. */
static void end_array(struct text *out, char *at)
{
	if (at[-1] == ',')
		at[-1] = ']';
	else
		*at++ = ']';
	text_end(out, at);
}

void json_u16s(struct text *out, struct bytes b, uint32_t count, uint32_t limit)
{
	uint32_t n = least(least(count, limit), b.len / 2);
	char *at = text_room(out, 6 * (size_t)n + 2);
	*at++ = '[';
	for (uint32_t i = 0; i < n; i++) {
		at = raw_uint(at, be16_at(b.at + 2 * (size_t)i));
		*at++ = ',';
	}
	end_array(out, at);
}

/* Four bits, the lowest first. */
static const char fours[16][8] = {
	"0,0,0,0,", "1,0,0,0,", "0,1,0,0,", "1,1,0,0,", "0,0,1,0,", "1,0,1,0,", "0,1,1,0,",
	"1,1,1,0,", "0,0,0,1,", "1,0,0,1,", "0,1,0,1,", "1,1,0,1,", "0,0,1,1,", "1,0,1,1,",
	"0,1,1,1,", "1,1,1,1,",
};

void json_bits(struct text *out, struct bytes b, uint32_t count, uint32_t limit)
{
	uint32_t n = least(least(count, limit), (uint64_t)b.len * 8);
	char *at = text_room(out, 2 * (size_t)n + 2);
	*at++ = '[';
	for (uint32_t i = 0; i < n; i += 8) {
		uint8_t bits = b.at[i / 8];
		memcpy(at + 2 * (size_t)i, fours[bits & 15], 8);
		memcpy(at + 2 * (size_t)i + 8, fours[bits >> 4], 8);
	}
	end_array(out, at + 2 * (size_t)n);
}

/* ---- data ---- */

/* A byte between quotes, copied in one piece. */
struct escaped {
	char text[7];
	uint8_t len;
};
#define HEX(digits) { "\\\\x" digits, 5 }
#define HEX_ROW(d) HEX(d "0"), HEX(d "1"), HEX(d "2"), HEX(d "3"), HEX(d "4"), HEX(d "5"), \
	HEX(d "6"), HEX(d "7"), HEX(d "8"), HEX(d "9"), HEX(d "A"), HEX(d "B"), \
	HEX(d "C"), HEX(d "D"), HEX(d "E"), HEX(d "F")
#define SELF(c) { { c }, 1 }
#define SELF_4(c) SELF(c), SELF(c + 1), SELF(c + 2), SELF(c + 3)
#define SELF_ROW(c) SELF_4(c), SELF_4(c + 4), SELF_4(c + 8), SELF_4(c + 12)
static const struct escaped escaped[256] = {
	HEX_ROW("0"), HEX_ROW("1"),
	SELF(' '), SELF('!'), { "\\\"", 2 }, SELF('#'), SELF_4('$'), SELF_4('('), SELF_4(','),
	SELF_ROW('0'), SELF_ROW('@'),
	SELF_4('P'), SELF_4('T'), SELF_4('X'), { "\\\\", 2 }, SELF(']'), SELF('^'), SELF('_'),
	SELF_ROW('`'),
	SELF_4('p'), SELF_4('t'), SELF_4('x'), SELF('|'), SELF('}'), SELF('~'), HEX("7F"),
	HEX_ROW("8"), HEX_ROW("9"), HEX_ROW("A"), HEX_ROW("B"),
	HEX_ROW("C"), HEX_ROW("D"), HEX_ROW("E"), HEX_ROW("F"),
};

void json_data(struct text *out, struct bytes b)
{
	char *at = text_room(out, b.len * 5 + 2);
	*at++ = '"';
	for (size_t i = 0; i < b.len; i++) {
		const struct escaped *e = &escaped[b.at[i]];
		memcpy(at, e, sizeof(*e));
		at += e->len;
	}
	*at++ = '"';
	text_end(out, at);
}

void json_hex(struct text *out, struct bytes b)
{
	text_char(out, '"');
	text_hex(out, b);
	text_char(out, '"');
}

/* ---- items ---- */

static bool put_bit_array(const struct item *item, uint32_t limit, struct text *out)
{
	uint32_t count = item_bit_count(item);
	json_bits(out, item_bytes(item), count, limit);
	return count <= limit;
}

static bool put_number_array(struct tape_plan *p, const struct item *item, uint32_t limit,
	struct text *out)
{
	size_t begin = out->len;
	uint32_t count = item->len / 2;
	json_u16s(out, item_bytes(item), count, limit);
	if (count > limit)
		return false;
	p->last_array.of = item_bytes(item);
	p->last_array.at = begin;
	p->last_array.len = out->len - begin;
	return true;
}

bool tape_again(const struct tape_plan *p, struct bytes b, uint32_t count, struct text *out)
{
	struct bytes of = p->last_array.of;
	if (!of.at || of.at != b.at || of.len != b.len || of.len / 2 != count)
		return false;
	char *at = text_room(out, p->last_array.len);
	text_end(out, raw_put(at, out->at + p->last_array.at, p->last_array.len));
	return true;
}

void tape_forget(struct tape_plan *p)
{
	p->last_array.of.at = NULL;
}

static bool put_string(struct tape_plan *p, const struct tape_field *f,
	const struct item *item, uint32_t limit, struct text *out)
{
	char room[FORMAT_MAX];
	if (f->type == FIELD_TEXT && f->field->format)
		return tape_text(p, f->field->format, item_bytes(item), limit, out);
	struct bytes whole = item_text(f->field, item, room), b = cut(whole, limit);
	if (f->type == FIELD_TEXT) {
		text_json(out, b);
	} else if (f->type == FIELD_DATA) {
		json_data(out, b);
	} else {
		json_hex(out, b);
	}
	return whole.len <= limit;
}

bool tape_value(struct tape_plan *p, const struct tape_field *f, const struct item *item,
	struct tape_limits limits, struct text *out)
{
	switch ((enum field_type)f->type) {
	case FIELD_UINT:
		text_json_uint(out, item->u);
		return true;
	case FIELD_INT:
		text_json_int(out, item->i);
		return true;
	case FIELD_REAL:
		text_json_double(out, item->real);
		return true;
	case FIELD_BOOL:
		text_str(out, item->u ? "true" : "false");
		return true;
	case FIELD_ENUM:
	case FIELD_FLAGS:
		put_named(f, item->u, out);
		return true;
	case FIELD_TEXT:
	case FIELD_DATA:
	case FIELD_BYTES:
		return put_string(p, f, item, limits.bytes, out);
	case FIELD_BITS:
		return put_bit_array(item, limits.elements, out);
	case FIELD_U16S:
		return put_number_array(p, item, limits.elements, out);
	case FIELD_GROUP:
	case FIELD_LAZY:
		break; /* the walk's */
	}
	return true;
}
