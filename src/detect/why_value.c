/* A value or a pattern for people, as JSON or as a rule writes it. */
#include "detect/runtime.h"

static void put_named(struct text *out, const struct field *f, uint64_t value)
{
	const char *name = f->type == FIELD_ENUM ? name_of(f->names, value) : NULL;
	if (name)
		text_json_str(out, name);
	else
		text_json_uint(out, value);
}

static void put_hex(struct text *out, struct bytes b)
{
	text_char(out, '"');
	text_hex(out, b);
	text_char(out, '"');
}

static void put_readable(struct text *out, const struct field *f, const struct item *item)
{
	char room[FORMAT_MAX];
	text_json(out, item_text(f, item, room));
}

void element_put(struct text *out, const struct field *f, const struct item *item,
	uint32_t i)
{
	switch (f->type) {
	case FIELD_UINT:
	case FIELD_ENUM:
	case FIELD_FLAGS:
		put_named(out, f, item->u);
		break;
	case FIELD_BOOL:
		text_str(out, item->u ? "true" : "false");
		break;
	case FIELD_INT:
		text_json_int(out, item->i);
		break;
	case FIELD_REAL:
		text_json_double(out, item->real);
		break;
	case FIELD_U16S:
		text_uint(out, be16_at(item->at + 2 * (size_t)i));
		break;
	case FIELD_BITS:
		text_uint(out, item_bit(item, i));
		break;
	case FIELD_TEXT:
	case FIELD_DATA:
		put_readable(out, f, item);
		break;
	case FIELD_BYTES:
		put_hex(out, item_bytes(item));
		break;
	case FIELD_GROUP:
	case FIELD_LAZY:
		break;
	}
}

/* As a rule writes it: what does not print stands between bars. */
void pattern_put(struct text *out, struct bytes p)
{
	bool in_bars = false;
	for (size_t i = 0; i < p.len; i++) {
		uint8_t c = p.at[i];
		bool prints = c >= 0x20 && c < 0x7f && !strchr("|\"\\;:", c);
		if (prints == in_bars)
			text_char(out, '|');
		else if (!prints && i > 0)
			text_char(out, ' ');
		if (prints)
			text_char(out, (char)c);
		else
			text_hex(out, (struct bytes){ &p.at[i], 1 });
		in_bars = !prints;
	}
	if (in_bars)
		text_char(out, '|');
}
