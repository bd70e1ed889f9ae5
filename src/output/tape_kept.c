/* Texts that are spelled again and again: node ids, tokens, times. Which text an encoding has
 * follows from its bytes alone, so a plan keeps the last of each place in a table, ready as JSON.
 * Each way to spell has a table of its own: times are ever new and would push out the rest. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "output/tape_plan.h"

/* NULL: there are too many ways, or the value is too long. */
static struct kept_text *place_of(struct tape_plan *p, text_format *format, struct bytes value)
{
	struct kept_texts *of = p->kept, *end = of + KEPT_FORMATS;
	if (value.len > KEPT_VALUE_MAX)
		return NULL;
	while (of < end && of->format && of->format != format)
		of++;
	if (of == end)
		return NULL;
	if (!of->at) {
		of->format = format;
		of->at = mem_array(KEPT_TEXTS, sizeof(*of->at));
	}
	return &of->at[hash_fast(value.at, value.len, 0) % KEPT_TEXTS];
}

static bool is_of(const struct kept_text *k, struct bytes value)
{
	return k->text_len && k->value_len == value.len &&
		memcmp(k->value, value.at, value.len) == 0;
}

static void remember(struct kept_text *k, struct bytes value, struct bytes text)
{
	k->value_len = (uint8_t)value.len;
	k->text_len = (uint8_t)text.len;
	memcpy(k->value, value.at, value.len);
	memcpy(k->text, text.at, text.len);
}

bool tape_text(struct tape_plan *p, text_format *format, struct bytes value, uint32_t limit,
	struct text *out)
{
	char room[FORMAT_MAX];
	bool is_whole = limit >= KEPT_TEXT_MAX;
	struct kept_text *k = is_whole ? place_of(p, format, value) : NULL;
	if (k && is_of(k, value)) {
		text_piece(out, (struct text_piece){ k->text, k->text_len });
		return true;
	}
	size_t len = format(value, room), begin = out->len;
	text_json(out, (struct bytes){ (const uint8_t *)room, len < limit ? len : limit });
	if (k && out->len - begin <= KEPT_TEXT_MAX)
		remember(k, value, (struct bytes){ (const uint8_t *)out->at + begin,
			out->len - begin });
	return len <= limit;
}

void kept_texts_free(struct tape_plan *p)
{
	for (unsigned i = 0; i < KEPT_FORMATS; i++)
		free(p->kept[i].at);
}
