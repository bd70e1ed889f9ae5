/* The values of a tape's items in JSON. */
#include "output/tape_plan.h"

static struct bytes cut(struct bytes b, uint32_t limit)
{
	return (struct bytes){ b.at, b.len < limit ? b.len : limit };
}

/* Names of bits are ours: plain ASCII. A name of several bits is for rules; its bits have names
 * of their own. */
static void put_flags(const struct name *names, uint64_t value, struct text *out)
{
	text_char(out, '"');
	size_t begin = out->len;
	for (; names && names->text; names++) {
		if (__builtin_popcountll(names->value) != 1 || !(value & names->value))
			continue;
		if (out->len > begin)
			text_lit(out, " | ");
		text_str(out, names->text);
	}
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
	if (value < 256)
		put_quick(out, f->names->of[value].at, f->names->of[value].len);
	else
		tape_name_text(f->all_names, f->type == FIELD_FLAGS, value, out);
}

/* Room for `len` bytes at the end, not yet counted. */
static char *room(struct text *out, size_t len)
{
	if (out->cap - out->len < len)
		text_grow(out, len);
	return out->at + out->len;
}

void json_u16s(struct text *out, struct bytes b, uint32_t count, uint32_t limit)
{
	uint32_t n = count < limit ? count : limit;
	if (n > b.len / 2)
		n = (uint32_t)(b.len / 2);
	text_char(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			text_char(out, ',');
		text_uint(out, be16_at(b.at + 2 * i));
	}
	text_char(out, ']');
}

void json_bits(struct text *out, struct bytes b, uint32_t count, uint32_t limit)
{
	uint32_t n = count < limit ? count : limit;
	if (n > b.len * 8)
		n = (uint32_t)(b.len * 8);
	char *at = room(out, 2 * (size_t)n + 2);
	*at++ = '[';
	for (uint32_t i = 0; i < n; i++) {
		*at++ = (char)('0' + (b.at[i / 8] >> (i % 8) & 1));
		*at++ = ',';
	}
	at[n ? -1 : 0] = ']';
	out->len += n ? 2 * (size_t)n + 1 : 2;
}

void json_data(struct text *out, struct bytes b)
{
	static const char digits[] = "0123456789ABCDEF";
	char *begin = room(out, b.len * 5 + 2), *at = begin;
	*at++ = '"';
	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = b.at[i];
		if (c < 0x20 || c >= 0x7f) {
			memcpy(at, "\\\\x", 3);
			at[3] = digits[c >> 4];
			at[4] = digits[c & 15];
			at += 5;
			continue;
		}
		if (c == '"' || c == '\\')
			*at++ = '\\';
		*at++ = (char)c;
	}
	*at++ = '"';
	out->len += (size_t)(at - begin);
}

static bool put_array(const struct tape_field *f, const struct item *item, uint32_t limit,
	struct text *out)
{
	struct bytes b = item_bytes(item);
	uint32_t count = f->type == FIELD_BITS ? item_bit_count(item) : item->len / 2;
	if (f->type == FIELD_BITS)
		json_bits(out, b, count, limit);
	else
		json_u16s(out, b, count, limit);
	return count <= limit;
}

static bool put_string(const struct tape_field *f, const struct item *item,
	uint32_t limit, struct text *out)
{
	struct bytes b = cut(item_bytes(item), limit);
	if (f->type == FIELD_TEXT) {
		text_json(out, b);
	} else if (f->type == FIELD_DATA) {
		json_data(out, b);
	} else {
		text_char(out, '"');
		text_hex(out, b);
		text_char(out, '"');
	}
	return item->len <= limit;
}

bool tape_value(const struct tape_field *f, const struct item *item,
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
		return put_string(f, item, limits.bytes, out);
	case FIELD_BITS:
	case FIELD_U16S:
		return put_array(f, item, limits.elements, out);
	case FIELD_GROUP:
		break; /* the walk's */
	}
	return true;
}
