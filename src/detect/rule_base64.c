/* base64_decode:bytes 12,offset 3,relative; and base64_data, which makes the contents behind it
 * look at what was decoded. */
#include "detect/rule_read.h"

static bool read_word(struct parse *p, struct slice word, struct content *c, struct base64_at *at)
{
	struct slice value = word, key = slice_word(&value);
	int64_t number;

	if (slice_is(word, "relative")) {
		c->relative = true;
		return true;
	}
	bool is_bytes = slice_is(key, "bytes");
	if ((!is_bytes && !slice_is(key, "offset")) || !slice_number(value, &number))
		return refuse(p, "'%s' is no word of base64_decode: bytes N, offset N, "
			"relative", shown(p, word));
	if (number < 0 || number > BASE64_MAX)
		return refuse(p, "%s has to be between 0 and %d", is_bytes ? "bytes" : "offset",
			BASE64_MAX);
	*(is_bytes ? &at->bytes : &at->offset) = (uint32_t)number;
	return true;
}

bool take_base64_decode(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value);
	struct slice spelling = { o->name.at, o->name.len };
	struct base64_at at = { 0 };

	if (p->decoded)
		return refuse(p, "what was decoded is not decoded again: name the buffer "
			"before it");
	if (o->value.len)
		spelling.len = (size_t)(o->value.at + o->value.len - o->name.at);
	struct content *c = step_add(p, CONTENT_BASE64, spelling);
	if (!c)
		return false;
	while (rest.len) {
		struct slice word = slice_cut(&rest, ',');
		if (word.len && !read_word(p, word, c, &at))
			return false;
	}
	if (p->anywhere && !c->relative)
		return refuse(p, "nobody cuts the buffer before it out, so where decoding begins "
			"is not known: write relative, behind a content");
	at.bytes = at.bytes ? at.bytes : BASE64_MAX;
	at.number = (uint8_t)++p->decodes;
	c->base64 = arena_copy(&p->load->list->arena, &at, sizeof(at));
	return true;
}

bool take_base64_data(struct parse *p, const struct option *o)
{
	(void)o;
	if (p->decodes == 0)
		return refuse(p, "base64_data needs base64_decode before it");
	const struct content *c = &p->contents[p->rule.content_count - 1];
	while (c->kind != CONTENT_BASE64)
		c--;
	struct field_ref buffer = { .field = (unsigned)c->field, .half = c->half,
		.dissector = c->field < 0 ? NULL : p->rule.header.dissector };
	buffer_set(p, &buffer, false);
	p->decoded = (uint8_t)p->decodes;
	return true;
}
