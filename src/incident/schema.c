#include <assert.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "incident/schema.h"
#include "incident/schema_texts.h"

enum { PATTERNS_MAX = 32 };

/* Patterns are compiled once a check; the same few serve thousands of rows. */
struct pattern {
	const char *text;
	regex_t compiled;
};

struct check {
	const json_t *root;
	struct text pointer; /* of the value being looked at, no NUL behind it */
	unsigned mistakes;
	schema_tell *tell;
	void *context;
	struct pattern patterns[PATTERNS_MAX];
	unsigned pattern_count;
};

static void check_value(struct check *c, const json_t *schema, const json_t *value);

/* ---- mistakes ---- */

static void __attribute__((format(printf, 2, 3))) wrong(struct check *c,
	const char *format, ...)
{
	va_list args;
	char reason[512];

	if (c->mistakes++ >= SCHEMA_MISTAKES)
		return;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	size_t len = c->pointer.len;
	text_char(&c->pointer, '\0');
	c->tell(c->context, len > 0 ? c->pointer.at : "/", reason);
	c->pointer.len = len;
}

/* "/key" behind the pointer; returns what to cut it back to. */
static size_t enter(struct check *c, const char *key)
{
	size_t before = c->pointer.len;

	text_char(&c->pointer, '/');
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			text_str(&c->pointer, *key == '~' ? "~0" : "~1");
		else
			text_char(&c->pointer, *key);
	}
	return before;
}

/* A value in a message, cut to a readable length. */
static const char *shown(const json_t *value, char text[80])
{
	size_t len = json_dumpb(value, text, 79, JSON_ENCODE_ANY | JSON_COMPACT);

	if (len < 79) {
		text[len] = '\0';
		return text;
	}
	for (len = 75; ((unsigned char)text[len] & 0xc0) == 0x80; len--) /* whole characters */
		;
	memcpy(text + len, "...", 4);
	return text;
}

/* ---- keywords ---- */

static const char *type_name(const json_t *v)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array",
			[JSON_STRING] = "string",
		[JSON_INTEGER] = "integer", [JSON_REAL] = "number",
		[JSON_TRUE] = "boolean", [JSON_FALSE] = "boolean", [JSON_NULL] = "null",
	};

	return names[json_typeof(v)];
}

static bool is_type(const json_t *wanted, const json_t *value)
{
	const char *name = json_string_value(wanted);

	return strcmp(name, type_name(value)) == 0 ||
		(json_is_integer(value) && strcmp(name, "number") == 0);
}

/* "string" or ["string", "null"]; what follows in the schema only holds for the right
 * type. */
static bool check_type(struct check *c, const json_t *wanted, const json_t *value)
{
	struct text words = { 0 };
	json_t *one;
	size_t i;

	if (!wanted || (json_is_string(wanted) && is_type(wanted, value)))
		return true;
	if (json_is_string(wanted))
		text_str(&words, json_string_value(wanted));
	json_array_foreach(wanted, i, one) {
		if (is_type(one, value)) {
			text_fini(&words);
			return true;
		}
		text_printf(&words, "%s%s", i > 0 ? " or " : "", json_string_value(one));
	}
	wrong(c, "must be %.*s, not %s", (int)words.len, words.at, type_name(value));
	text_fini(&words);
	return false;
}

static void check_enum(struct check *c, const json_t *allowed, const json_t *value)
{
	struct text words = { 0 };
	char text[80];
	json_t *one;
	size_t i;

	json_array_foreach(allowed, i, one) {
		if (json_equal(one, value)) {
			text_fini(&words);
			return;
		}
		text_printf(&words, "%s%s", i > 0 ? ", " : "",
			json_is_string(one) ? json_string_value(one) : shown(one, text));
	}
	wrong(c, "is %s, must be one of %.*s", shown(value, text), (int)words.len,
		words.at);
	text_fini(&words);
}

static const regex_t *pattern_of(struct check *c, const char *text)
{
	for (unsigned i = 0; i < c->pattern_count; i++)
		if (c->patterns[i].text == text)
			return &c->patterns[i].compiled;
	assert(c->pattern_count < PATTERNS_MAX);
	struct pattern *p = &c->patterns[c->pattern_count++];
	p->text = text;
	if (regcomp(&p->compiled, text, REG_EXTENDED | REG_NOSUB) != 0)
		abort(); /* a schema of ours; the tests compile them all */
	return &p->compiled;
}

static void check_string(struct check *c, const json_t *schema, const json_t *value)
{
	const json_t *pattern = json_object_get(schema, "pattern");
	const json_t *least = json_object_get(schema, "minLength");
	char text[80];

	if (least && json_string_length(value) < (size_t)json_integer_value(least))
		wrong(c, "must not be empty");
	else if (pattern && (strlen(json_string_value(value)) != json_string_length(value) ||
			regexec(pattern_of(c, json_string_value(pattern)),
				json_string_value(value), 0, NULL, 0) != 0))
		wrong(c, "is %s, which is not of the form %s", shown(value, text),
			json_string_value(pattern));
}

static void check_number(struct check *c, const json_t *schema, const json_t *value)
{
	const json_t *low = json_object_get(schema, "minimum");
	const json_t *high = json_object_get(schema, "maximum");
	char text[80];

	if (low && json_number_value(value) < json_number_value(low))
		wrong(c, "is %s, less than %lld", shown(value, text),
			(long long)json_integer_value(low));
	else if (high && json_number_value(value) > json_number_value(high))
		wrong(c, "is %s, more than %lld", shown(value, text),
			(long long)json_integer_value(high));
}

static void check_items(struct check *c, const json_t *schema, const json_t *value)
{
	const json_t *items = json_object_get(schema, "items");
	const json_t *least = json_object_get(schema, "minItems");
	char index[24];
	json_t *one;
	size_t i;

	if (json_array_size(value) < (size_t)json_integer_value(least))
		wrong(c, "must have at least %lld items",
			(long long)json_integer_value(least));
	json_array_foreach(value, i, one) {
		snprintf(index, sizeof(index), "%zu", i);
		size_t before = enter(c, index);
		check_value(c, items, one);
		c->pointer.len = before;
	}
}

static void check_required(struct check *c, const json_t *required, const json_t *value)
{
	json_t *name;
	size_t i;

	json_array_foreach(required, i, name)
		if (!json_object_get(value, json_string_value(name)))
			wrong(c, "lacks \"%s\"", json_string_value(name));
}

static void check_members(struct check *c, const json_t *schema, const json_t *value)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *others = json_object_get(schema, "additionalProperties");
	const char *key;
	json_t *one;

	check_required(c, json_object_get(schema, "required"), value);
	json_object_foreach((json_t *)value, key, one) {
		const json_t *known = json_object_get(properties, key);
		size_t before = enter(c, key);
		if (known)
			check_value(c, known, one);
		else if (json_is_false(others))
			wrong(c, "there is no such key here");
		else if (others)
			check_value(c, others, one);
		c->pointer.len = before;
	}
}

/* {"$ref": "#/$defs/NAME"} is what that name says. */
static const json_t *resolve(const struct check *c, const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));

	return ref ? json_object_get(json_object_get(c->root, "$defs"),
		ref + strlen("#/$defs/")) : schema;
}

/* The depth is the schema's: values below what it describes are not entered. */
static void check_value(struct check *c, const json_t *schema, const json_t *value)
{
	schema = resolve(c, schema);
	const json_t *one_of = json_object_get(schema, "enum");
	const json_t *constant = json_object_get(schema, "const");
	char text[80], other[80];

	if (!schema || !check_type(c, json_object_get(schema, "type"), value))
		return;
	if (one_of)
		check_enum(c, one_of, value);
	if (constant && !json_equal(constant, value))
		wrong(c, "is %s, must be %s", shown(value, text), shown(constant, other));
	if (json_is_string(value))
		check_string(c, schema, value);
	else if (json_is_number(value))
		check_number(c, schema, value);
	else if (json_is_array(value))
		check_items(c, schema, value);
	else if (json_is_object(value))
		check_members(c, schema, value);
}

unsigned schema_check(const json_t *schema, const json_t *value, schema_tell *tell,
	void *context)
{
	struct check c = { .root = schema, .tell = tell, .context = context };

	check_value(&c, schema, value);
	for (unsigned i = 0; i < c.pattern_count; i++)
		regfree(&c.patterns[i].compiled);
	text_fini(&c.pointer);
	return c.mistakes;
}

/* ---- our own mistakes ---- */

const char *schema_supported(const json_t *schema)
{
	static const char known[] = " $schema $id $comment title description $defs $ref type enum "
		"const pattern minLength minimum maximum required properties "
		"additionalProperties items minItems ";
	static const char *const nests[] = { "$defs", "properties" };
	const char *key, *unknown = NULL;
	json_t *one;
	char word[64];

	if (!json_is_object(schema))
		return NULL;
	json_object_foreach((json_t *)schema, key, one) {
		snprintf(word, sizeof(word), " %s ", key);
		if (!strstr(known, word))
			return key;
	}
	for (unsigned i = 0; i < 2 && !unknown; i++)
		json_object_foreach(json_object_get(schema, nests[i]), key, one)
			unknown = unknown ? unknown : schema_supported(one);
	if (!unknown)
		unknown = schema_supported(json_object_get(schema, "items"));
	return unknown ? unknown : schema_supported(json_object_get(schema,
		"additionalProperties"));
}

/* ---- the schemas that ship, as the build put them in ---- */

json_t *schema_load(const char *name)
{
	for (const struct schema_text *s = schema_texts; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return json_loads(s->text, 0, NULL);
	return NULL;
}
