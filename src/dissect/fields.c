/* Finding fields and dissectors by the names that rules use. */
#include "dissect/fields.h"

const struct dissector *dissector_find(const char *name, size_t len)
{
	for (unsigned i = 0; dissectors[i]; i++)
		if (strlen(dissectors[i]->name) == len &&
			memcmp(dissectors[i]->name, name, len) == 0)
			return dissectors[i];
	return NULL;
}

unsigned dissector_index(const struct dissector *d)
{
	unsigned i = 0;

	while (dissectors[i] && dissectors[i] != d)
		i++;
	return i;
}

const char *field_keyword(const struct field *f)
{
	return f->keyword ? f->keyword : f->name;
}

bool field_in_lazy(const struct field_ref *ref)
{
	bool is_in = false;

	for (unsigned i = 0; i < (ref->count ? ref->count : 1); i++)
		is_in |= (ref->dissector->fields[ref->field + i].flags & FIELD_IN_LAZY) != 0;
	return is_in;
}

struct words {
	const char *at;
	size_t len;
};

static bool is_word(const char *word, struct words k)
{
	return strlen(word) == k.len && memcmp(word, k.at, k.len) == 0;
}

static bool has_word(const char *list, struct words k)
{
	while (list && *list) {
		size_t len = strcspn(list, " ");
		if (len == k.len && memcmp(list, k.at, len) == 0)
			return true;
		list += len + (list[len] == ' ');
	}
	return false;
}

/* Steps over `prefix` and the dot behind it. */
static bool take_prefix(struct words *k, const char *prefix)
{
	size_t len = strlen(prefix);

	if (k->len <= len || k->at[len] != '.' || memcmp(k->at, prefix, len) != 0)
		return false;
	k->at += len + 1;
	k->len -= len + 1;
	return true;
}

unsigned field_rows(const struct dissector *d, unsigned field)
{
	const char *keyword = field_keyword(&d->fields[field]);
	unsigned count = 1;

	while (field + count < d->field_count &&
		strcmp(field_keyword(&d->fields[field + count]), keyword) == 0)
		count++;
	return count;
}

static bool found(const struct dissector *d, unsigned field, struct field_ref *ref)
{
	ref->dissector = d;
	ref->field = field;
	ref->count = field_rows(d, field);
	return true;
}

static bool find_alias(const struct dissector *d, struct words k, struct field_ref *ref)
{
	for (unsigned i = 0; i < d->field_count; i++)
		if (has_word(d->fields[i].aliases, k))
			return found(d, i, ref);
	return false;
}

static bool find_in(const struct dissector *d, struct words k, struct field_ref *ref)
{
	struct words name = k;

	ref->half = HALF_ANY;
	if (find_alias(d, k, ref))
		return true;
	if (!take_prefix(&name, d->name))
		return false;
	if (take_prefix(&name, "request"))
		ref->half = HALF_REQUEST;
	else if (take_prefix(&name, "response"))
		ref->half = HALF_RESPONSE;
	for (unsigned i = 0; i < d->field_count; i++)
		if (is_word(field_keyword(&d->fields[i]), name))
			return found(d, i, ref);
	return false;
}

bool field_find(const char *keyword, size_t len, struct field_ref *ref)
{
	struct words k = { keyword, len };

	for (unsigned i = 0; dissectors[i]; i++)
		if (find_in(dissectors[i], k, ref))
			return true;
	return find_in(&ot_dissector, k, ref);
}
