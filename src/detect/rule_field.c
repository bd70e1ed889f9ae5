/* Keywords that are fields of a dissector or of `ot`: predicates and sticky buffers; and
 * the buffers of protocols that are not dissected. */
#include <ctype.h>
#include <stdlib.h>

#include "detect/rule_read.h"
#include "detect/runtime.h"

/* Snort's names, for fields that do not say them themselves. A service's node id is the number
 * that says which service it is. */
static bool synonym_find(struct slice name, struct field_ref *ref)
{
	static const struct { const char *name, *field; } synonyms[] = {
		{ "s7commplus_opcode", "s7commplus.opcode" },
		{ "s7commplus_func", "s7commplus.function" },
		{ "s7commplus_content", "s7commplus.data" },
		{ "opcua_msg_type", "opcua.message_type" },
		{ "opcua_msg_service", "opcua.service" },
		{ "opcua_node_id", "opcua.service_id" },
	};

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(*synonyms); i++)
		if (slice_is(name, synonyms[i].name))
			return field_find(synonyms[i].field, strlen(synonyms[i].field), ref);
	return false;
}

/* Snort's words for values that their field calls otherwise. */
static struct slice value_of(const struct option *o)
{
	static const struct { const char *name, *word, *value; } words[] = {
		{ "opcua_msg_type", "hello", "HEL" },
		{ "opcua_msg_type", "acknowledge", "ACK" },
		{ "opcua_msg_type", "error", "ERR" },
		{ "opcua_msg_type", "reverse_hello", "RHE" },
		{ "opcua_msg_type", "open_secure_channel", "OPN" },
		{ "opcua_msg_type", "message", "MSG" },
		{ "opcua_msg_type", "close_secure_channel", "CLO" },
		{ "s7commplus_func", "setmultivar", "SetMultiVariables" },
		{ "s7commplus_func", "getmultivar", "GetMultiVariables" },
		{ "s7commplus_func", "getvarsubstr", "GetVarSubStreamed" },
	};
	struct slice value = slice_unquote(o->value);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_is(o->name, words[i].name) && slice_is(value, words[i].word))
			return slice_of(words[i].value);
	return o->value;
}

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
	return name.len && (field_find(name.at, name.len, ref) || synonym_find(name, ref));
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

void predicate_fill(struct parse *p, struct predicate *out, const struct numbers *numbers,
	const char *spelling)
{
	*out = (struct predicate){ .spelled = spelling, .mask = numbers->mask,
		.negated = numbers->negated, .range_count = numbers->count };
	if (numbers->count)
		out->ranges = arena_copy(&p->load->list->arena, numbers->ranges,
			numbers->count * sizeof(*numbers->ranges));
}

struct predicate *predicate_add(struct parse *p, const struct field_ref *ref,
	const struct numbers *numbers, const char *spelling)
{
	struct predicate *added = &p->predicates[p->rule.predicate_count];

	if (p->rule.predicate_count == PREDICATES_MAX) {
		refuse(p, "more than %d predicates", PREDICATES_MAX);
		return NULL;
	}
	predicate_fill(p, added, numbers, spelling);
	added->ref = *ref;
	p->rule.predicate_count++;
	return added;
}

/* ---- what a field's type takes ---- */

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

/* ---- texts, compared whole: `name`, `!name`, `[a,"b c"]` ---- */

enum { TEXTS_MAX = 1024 };

static int by_order(const void *a, const void *b)
{
	return text_order(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* The next member, up to a comma outside of quotes. */
static struct slice member_next(struct slice *rest)
{
	bool quoted = false;
	size_t end = 0;

	for (; end < rest->len && (quoted || rest->at[end] != ','); end++) {
		quoted ^= rest->at[end] == '"';
		end += rest->at[end] == '\\' && end + 1 < rest->len;
	}
	struct slice member = slice_trim((struct slice){ rest->at, end });
	end += end < rest->len;
	*rest = (struct slice){ rest->at + end, rest->len - end };
	return member;
}

static bool text_add(struct parse *p, struct slice text, struct predicate *to)
{
	struct arena *a = &p->load->list->arena;

	if (slice_unquote(text).len == 0)
		return refuse(p, "the value to compare with is empty");
	if (to->text_count == TEXTS_MAX)
		return refuse(p, "the list is too long: %d texts at most", TEXTS_MAX);
	char *plain = slice_plain(a, text);
	if (to->text_count % 16 == 0) {
		struct bytes *more = arena_take(a, (to->text_count + 16) * sizeof(*more));
		if (to->text_count)
			memcpy(more, to->texts, to->text_count * sizeof(*more));
		to->texts = more;
	}
	to->texts[to->text_count++] = (struct bytes){ (const uint8_t *)plain, strlen(plain) };
	return true;
}

static bool take_text(
	struct parse *p, const struct option *o, const struct field_ref *ref)
{
	struct slice text = slice_trim(o->value);
	struct numbers none = { .negated = text.len && *text.at == '!' };

	text.at += none.negated;
	text.len -= none.negated;
	struct predicate *added = predicate_add(p, ref, &none,
		spelled(p, o->name, o->value));
	if (!added)
		return false;
	if (text.len <= 2 || *text.at != '[' || text.at[text.len - 1] != ']')
		return text_add(p, text, added);
	text = (struct slice){ text.at + 1, text.len - 2 };
	while (text.len)
		if (!text_add(p, member_next(&text), added))
			return false;
	qsort(added->texts, added->text_count, sizeof(*added->texts), by_order);
	return true;
}

static const struct name *names_of(const struct field *f)
{
	static const struct name truth[] = {
		{ 1, "true" }, { 0, "false" }, { 1, "yes" }, { 0, "no" }, { 0, NULL },
	};
	return f->type == FIELD_BOOL ? truth : f->names;
}

static bool take_numbers(
	struct parse *p, const struct option *o, const struct field_ref *ref)
{
	const struct field *f = &ref->dissector->fields[ref->field];
	const struct name *names = names_of(f);
	struct numbers numbers = { 0 };
	const struct many *many = NULL;
	struct slice value = value_of(o);

	if (f->type != FIELD_FLAGS || !bits_read(f->names, value, &numbers))
		if (!many_read(p, names, &value, &many) ||
			(value.len && !numbers_read(p, value, names, &numbers)))
			return false;
	struct predicate *added = predicate_add(p, ref, &numbers, spelled(p, o->name, o->value));
	if (added)
		added->many = many;
	return added != NULL;
}

static bool has_texts(const struct field_ref *ref)
{
	for (unsigned i = 0; i < (ref->count ? ref->count : 1); i++)
		if (is_text(ref->dissector->fields[ref->field + i].type))
			return true;
	return false;
}

static bool asks_how_many(struct slice word)
{
	return word.len > 5 && memcmp(word.at, "count", 5) == 0 && strchr(" <>=!", word.at[5]);
}

/* Where values may be numbers or texts: a word that names no number, and does not ask how many. */
static bool is_spelled_as_text(const struct field *f, struct slice value)
{
	uint64_t number;

	for (; value.len && strchr("![ ", *value.at); value.at++)
		value.len--;
	struct slice word = slice_unquote(slice_cut(&value, ','));
	if (word.len && word.at[word.len - 1] == ']')
		word = slice_unquote((struct slice){ word.at, word.len - 1 });
	return word.len && isalpha((unsigned char)*word.at) &&
		!value_named(names_of(f), word, &number) &&
		!asks_how_many(word);
}

bool take_field(struct parse *p, const struct option *o, const struct field_ref *ref)
{
	const struct field *f = &ref->dissector->fields[ref->field];
	bool has_value = o->has_value && o->value.len;

	if (!use_dissector(p, ref->dissector))
		return false;
	if (f->type == FIELD_GROUP)
		return refuse(p, "%s is a group of fields: name one of them", p->name);
	if (has_value)
		return is_text(f->type) || (has_texts(ref) && is_spelled_as_text(f, o->value))
			? take_text(p, o, ref) : take_numbers(p, o, ref);
	if (!has_texts(ref))
		return refuse(p, "%s needs a value, such as %s:1;", p->name, p->name);
	if (ref->dissector == &ot_dissector)
		return refuse(p, "%s needs a value: contents do not look into operations",
			p->name);
	buffer_set(p, ref, false);
	return true;
}
