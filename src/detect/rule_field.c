/* Keywords that are fields of a dissector or of `ot`: predicates and sticky buffers; and
 * the buffers of protocols that are not dissected. */
#include "detect/rule_read.h"

/* "request.modbus.function" is the same as "modbus.request.function". */
bool keyword_find(struct slice name, struct field_ref *ref)
{
	static const struct name halves[] = {
		{ HALF_REQUEST, "request." }, { HALF_RESPONSE, "response." }, { 0, NULL },
	};

	for (const struct name *h = halves; h->text; h++) {
		size_t len = strlen(h->text);
		if (name.len > len && memcmp(name.at, h->text, len) == 0 &&
			field_find(name.at + len, name.len - len, ref)) {
			ref->half = (enum half)h->value;
			return true;
		}
	}
	return name.len && field_find(name.at, name.len, ref);
}

bool use_dissector(struct parse *p, const struct dissector *d)
{
	struct rule_header *h = &p->rule.header;

	if (d == &ot_dissector)
		return true;
	if (h->dissector && h->dissector != d)
		return refuse(p, "the rule is about %s and this is %s's: one rule looks "
			"at one protocol", h->dissector->name, d->name);
	h->dissector = d;
	return true;
}

struct predicate *predicate_add(struct parse *p, const struct field_ref *ref,
	const struct numbers *numbers, const char *spelling)
{
	struct predicate *added = &p->predicates[p->rule.predicate_count];

	if (p->rule.predicate_count == PREDICATES_MAX) {
		refuse(p, "more than %d predicates", PREDICATES_MAX);
		return NULL;
	}
	*added = (struct predicate){ .ref = *ref, .spelled = spelling };
	added->mask = numbers->mask;
	added->negated = numbers->negated;
	added->range_count = numbers->count;
	if (numbers->count)
		added->ranges = arena_copy(&p->load->list->arena, numbers->ranges,
			numbers->count * sizeof(*numbers->ranges));
	p->rule.predicate_count++;
	return added;
}

static bool is_text(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_DATA || type == FIELD_BYTES;
}

const char *spelled(struct parse *p, struct slice name, struct slice value)
{
	char *text = arena_take(&p->load->list->arena, name.len + value.len + 2);

	memcpy(text, name.at, name.len);
	text[name.len] = ':';
	memcpy(text + name.len + 1, value.at, value.len);
	text[name.len + 1 + value.len] = 0;
	return text;
}

/* A text field's value, compared whole. */
static bool take_text(
	struct parse *p, const struct option *o, const struct field_ref *ref)
{
	struct slice text = slice_trim(o->value);
	struct numbers none = { .negated = text.len && *text.at == '!' };

	text.at += none.negated;
	text.len -= none.negated;
	if (slice_unquote(text).len == 0)
		return refuse(p, "the value to compare with is empty");
	struct predicate *added = predicate_add(p, ref, &none,
		spelled(p, o->name, o->value));
	if (!added)
		return false;
	char *plain = slice_plain(&p->load->list->arena, text);
	added->text = (struct bytes){ (const uint8_t *)plain, strlen(plain) };
	return true;
}

/* Names of flags are bits: any of them, or for the name of zero none at all. */
static bool read_flags(const struct field *f, struct slice text, struct numbers *out)
{
	uint64_t bits = 0, bit;

	text = slice_unquote(text);
	out->negated = text.len && *text.at == '!';
	text.at += out->negated;
	text.len -= out->negated;
	if (text.len > 2 && *text.at == '[' && text.at[text.len - 1] == ']')
		text = (struct slice){ text.at + 1, text.len - 2 };
	while (text.len) {
		if (!value_named(f->names, slice_cut(&text, ','), &bit))
			return false;
		bits |= bit;
	}
	out->mask = bits;
	out->count = bits == 0;
	out->ranges[0] = (struct number_range){ 0, 0 };
	return true;
}

static bool take_numbers(
	struct parse *p, const struct option *o, const struct field_ref *ref)
{
	static const struct name truth[] = {
		{ 1, "true" }, { 0, "false" }, { 1, "yes" }, { 0, "no" }, { 0, NULL },
	};
	const struct field *f = &ref->dissector->fields[ref->field];
	const struct name *names = f->type == FIELD_BOOL ? truth : f->names;
	struct numbers numbers;

	if (f->type == FIELD_FLAGS && o->value.len && read_flags(f, o->value, &numbers))
		return predicate_add(p, ref, &numbers,
			spelled(p, o->name, o->value)) != NULL;
	return numbers_read(p, o->value, names, &numbers) &&
		predicate_add(p, ref, &numbers, spelled(p, o->name, o->value)) != NULL;
}

bool take_field(struct parse *p, const struct option *o, const struct field_ref *ref)
{
	enum field_type type = ref->dissector->fields[ref->field].type;
	bool has_value = o->has_value && o->value.len;

	if (!use_dissector(p, ref->dissector))
		return false;
	if (type == FIELD_GROUP)
		return refuse(p, "%s is a group of fields: name one of them", p->name);
	if (has_value)
		return is_text(type) ? take_text(p, o, ref) : take_numbers(p, o, ref);
	if (!is_text(type))
		return refuse(p, "%s needs a value, such as %s:1;", p->name, p->name);
	if (ref->dissector == &ot_dissector)
		return refuse(p, "%s needs a value: contents do not look into operations",
			p->name);
	p->buffer = *ref;
	p->anywhere = false;
	return true;
}

/* ---- buffers ---- */

bool take_pkt_data(struct parse *p, const struct option *o)
{
	(void)o;
	p->buffer = (struct field_ref){ 0 };
	p->anywhere = false;
	return true;
}

/* A buffer of a protocol that is not dissected: the whole payload stands in for it, and
 * what the rule says about places in the buffer is not looked at. `http.uri` comes before
 * its contents, Snort 2's `http_uri` after its content. */
bool take_undissected(struct parse *p, const struct option *o)
{
	bool is_modifier = o->row->flags & OPTION_MODIFIER && p->rule.content_count > 0;

	if (is_modifier) {
		p->is_anywhere[p->rule.content_count - 1] = true;
	} else {
		p->buffer = (struct field_ref){ 0 };
		p->anywhere = true;
	}
	fall_back(p, "%s not dissected: the contents are looked for in the whole payload",
		strcmp(o->row->what, "HTTP") == 0 ? "HTTP is" :
		strcmp(o->row->what, "TLS") == 0 ? "TLS is" : "files are");
	return true;
}

bool take_bsize(struct parse *p, const struct option *o)
{
	struct numbers numbers;

	if (p->anywhere) /* a place in a buffer that nobody cuts out */
		return true;
	if (!p->buffer.dissector)
		return refuse(p, "bsize needs a field before it, such as modbus.data;");
	if (!numbers_read(p, o->value, NULL, &numbers))
		return false;
	struct predicate *added = predicate_add(p, &p->buffer, &numbers,
		spelled(p, o->name, o->value));
	if (added)
		added->of_length = true;
	return added != NULL;
}
