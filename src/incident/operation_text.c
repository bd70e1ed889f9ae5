#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "incident/document.h"
#include "incident/operation_text.h"

enum { LINE_MAX_BYTES = 200, REAL_DIGITS = 9 };

bool operation_alters(const json_t *operation)
{
	static const char *const harmless[] = { "read", "discover", "diagnose", "subscribe",
		"session", "login", "program_upload" };
	const char *verb = document_string(operation, "/verb");

	if (!verb)
		return false;
	for (unsigned i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (strcmp(verb, harmless[i]) == 0)
			return false;
	return true;
}

static void put_value(struct text *t, const json_t *value);

static void put_list(struct text *t, const json_t *list)
{
	text_char(t, '[');
	for (size_t i = 0; i < json_array_size(list) && t->len < LINE_MAX_BYTES; i++) {
		if (i > 0)
			text_char(t, ',');
		put_value(t, json_array_get(list, i));
	}
	text_char(t, ']');
}

static void put_members(struct text *t, const json_t *object)
{
	const char *key;
	json_t *value;
	bool is_first = true;

	json_object_foreach ((json_t *)object, key, value) {
		if (t->len >= LINE_MAX_BYTES)
			return;
		text_printf(t, "%s%s ", is_first ? "" : ", ", key);
		put_value(t, value);
		is_first = false;
	}
}

/* Devices may put a NUL into their names: what stands behind it is told, too. */
static void put_string(struct text *t, const char *at, size_t len)
{
	for (; len > 0; at++, len--)
		if (*at)
			text_char(t, *at);
		else
			text_lit(t, "\uFFFD");
}

static void put_value(struct text *t, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		put_string(t, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		text_int(t, json_integer_value(value));
		break;
	case JSON_REAL:
		text_printf(t, "%.*g", REAL_DIGITS, json_real_value(value));
		break;
	case JSON_ARRAY:
		put_list(t, value);
		break;
	case JSON_OBJECT:
		put_members(t, value);
		break;
	case JSON_NULL:
		text_lit(t, "null");
		break;
	default:
		text_str(t, json_is_true(value) ? "true" : "false");
	}
}

/* At the start of a character, so that what is left is UTF-8. */
static void cut(struct text *t)
{
	if (t->len <= LINE_MAX_BYTES)
		return;
	t->len = LINE_MAX_BYTES;
	while (t->len > 0 && ((uint8_t)t->at[t->len] & 0xc0) == 0x80)
		t->len--;
	text_lit(t, "…");
}

char *value_text(const json_t *value)
{
	struct text t = { 0 };

	if (!value || json_is_null(value))
		return NULL;
	put_value(&t, value);
	cut(&t);
	text_char(&t, '\0');
	return t.at;
}

char *point_text(const json_t *operation)
{
	const json_t *point = document_at(operation, "/point");
	char *addr = value_text(document_at(point, "/addr"));
	const char *tag = document_string(point, "/tag");
	struct text t = { 0 };
	json_int_t count;

	if (!addr && !tag)
		return NULL;
	if (tag && addr)
		text_printf(&t, "%s (%s)", tag, addr);
	else
		text_str(&t, tag ? tag : addr);
	if (document_integer(point, "/count", &count) && count > 1)
		text_printf(&t, " (%lld)", (long long)count);
	free(addr);
	cut(&t);
	text_char(&t, '\0');
	return t.at;
}

char *operation_value_text(const json_t *operation, const char *key)
{
	const char *unit = document_string(operation, "/point/unit");
	char *value = value_text(json_object_get(operation, key));

	if (!value || !unit)
		return value;
	char *both = mem_printf("%s %s", value, unit);
	free(value);
	return both;
}

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
	const json_t *first = json_object_get(a, key), *second = json_object_get(b, key);

	return first == second || (first && second && json_equal(first, second));
}

const json_t *operation_with_value_before(const json_t *each, const json_t *shown)
{
	static const char *const keys[] = { "verb", "unit", "object", "point", "value",
		"outcome" };

	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!is_same(each, shown, keys[i]))
			return each;
	return shown;
}
