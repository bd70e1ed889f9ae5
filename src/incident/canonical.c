#include <sodium.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/canonical.h"

#define EXACT ((json_int_t)1 << 53)

static bool put_value(struct text *t, const json_t *value, unsigned depth);

/* UTF-8 sorts by code point, UTF-16 by code unit. They differ where a surrogate pair
 * (UTF-8 lead byte 0xf0 and up) meets U+E000 to U+FFFF (0xee, 0xef): pairs come first. */
static int compare_units(const char *a, const char *b)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

	for (; *x && *x == *y; x++, y++)
		;
	if (*x >= 0xee && *y >= 0xee && (*x >= 0xf0) != (*y >= 0xf0))
		return *x >= 0xf0 ? -1 : 1;
	return (int)*x - (int)*y;
}

static int compare_keys(const void *a, const void *b)
{
	return compare_units(*(const char *const *)a, *(const char *const *)b);
}

static void put_escape(struct text *t, uint8_t c)
{
	static const char letters[] = "\bb\tt\nn\ff\rr\"\"\\\\";

	for (const char *l = letters; *l; l += 2)
		if ((uint8_t)*l == c) {
			text_char(t, '\\');
			text_char(t, l[1]);
			return;
		}
	text_printf(t, "\\u%04x", c);
}

static void put_string(struct text *t, const char *s, size_t len)
{
	size_t from = 0;

	text_char(t, '"');
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)s[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		text_put(t, s + from, i - from);
		put_escape(t, c);
		from = i + 1;
	}
	text_put(t, s + from, len - from);
	text_char(t, '"');
}

static bool put_integer(struct text *t, json_int_t v)
{
	if (v < -EXACT || v > EXACT)
		return false;
	text_int(t, v);
	return true;
}

static bool put_array(struct text *t, const json_t *array, unsigned depth)
{
	text_char(t, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0)
			text_char(t, ',');
		if (!put_value(t, json_array_get(array, i), depth))
			return false;
	}
	text_char(t, ']');
	return true;
}

static const char **sorted_keys(const json_t *object)
{
	const char **keys = mem_array(json_object_size(object), sizeof(*keys));
	const char *key;
	json_t *value;
	size_t count = 0;

	json_object_foreach ((json_t *)object, key, value)
		keys[count++] = key;
	qsort(keys, count, sizeof(*keys), compare_keys);
	return keys;
}

static bool put_object(struct text *t, const json_t *object, unsigned depth)
{
	const char **keys = sorted_keys(object);
	bool ok = true;

	text_char(t, '{');
	for (size_t i = 0; ok && i < json_object_size(object); i++) {
		if (i > 0)
			text_char(t, ',');
		put_string(t, keys[i], strlen(keys[i]));
		text_char(t, ':');
		ok = put_value(t, json_object_get(object, keys[i]), depth);
	}
	text_char(t, '}');
	free(keys);
	return ok;
}

static bool put_value(struct text *t, const json_t *value, unsigned depth)
{
	if (!value || depth == CANONICAL_DEPTH)
		return false;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return put_object(t, value, depth + 1);
	case JSON_ARRAY:
		return put_array(t, value, depth + 1);
	case JSON_STRING:
		put_string(t, json_string_value(value), json_string_length(value));
		return true;
	case JSON_INTEGER:
		return put_integer(t, json_integer_value(value));
	case JSON_TRUE:
		text_lit(t, "true");
		return true;
	case JSON_FALSE:
		text_lit(t, "false");
		return true;
	case JSON_NULL:
		text_lit(t, "null");
		return true;
	default: /* a float */
		return false;
	}
}

bool canonical_put(struct text *t, const json_t *value)
{
	return put_value(t, value, 0);
}

char *canonical_json(const json_t *value, size_t *len)
{
	struct text t = { 0 };

	if (!canonical_put(&t, value)) {
		text_fini(&t);
		return NULL;
	}
	if (len)
		*len = t.len;
	text_char(&t, '\0');
	return t.at;
}

void sha256_hex(struct bytes b, char hex[SHA256_TEXT])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, b.at, b.len);
	sodium_bin2hex(hex, SHA256_TEXT, hash, sizeof(hash));
}

bool canonical_sha256(const json_t *value, char hex[SHA256_TEXT])
{
	struct text t = { 0 };
	bool ok = canonical_put(&t, value);

	if (ok)
		sha256_hex((struct bytes){ (const uint8_t *)t.at, t.len }, hex);
	text_fini(&t);
	return ok;
}

json_t *canonical_read(struct bytes b)
{
	json_t *value = json_loadb((const char *)b.at, b.len, JSON_REJECT_DUPLICATES, NULL);

	if (value && !json_is_object(value)) {
		json_decref(value);
		return NULL;
	}
	return value;
}
