#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "base/text.h"
#include "incident/document.h"

/* ---- pointers ---- */

enum { STEP_MAX = 128 };

/* The step behind '/' as it is in the document: ~1 is '/', ~0 is '~' (RFC 6901, 4). false: it
 * is too long to be one of ours. */
static bool read_step(const char **at, char step[STEP_MAX])
{
	const char *from = *at + 1;
	size_t len = 0;

	for (; *from && *from != '/'; from++) {
		if (len == STEP_MAX - 1)
			return false;
		bool is_escape = from[0] == '~' && (from[1] == '0' || from[1] == '1');
		step[len++] = !is_escape ? *from : from[1] == '1' ? '/' : '~';
		from += is_escape;
	}
	step[len] = '\0';
	*at = from;
	return true;
}

static const json_t *child(const json_t *value, const char *step)
{
	char *end;

	if (json_is_object(value))
		return json_object_get(value, step);
	if (!json_is_array(value) || step[0] < '0' || step[0] > '9')
		return NULL;
	unsigned long index = strtoul(step, &end, 10);
	return *end ? NULL : json_array_get(value, index);
}

const json_t *document_at(const json_t *doc, const char *pointer)
{
	char step[STEP_MAX];

	while (doc && *pointer == '/') {
		if (!read_step(&pointer, step))
			return NULL;
		doc = child(doc, step);
	}
	return json_is_null(doc) ? NULL : doc;
}

const char *document_string(const json_t *doc, const char *pointer)
{
	return json_string_value(document_at(doc, pointer));
}

bool document_integer(const json_t *doc, const char *pointer, json_int_t *value)
{
	const json_t *found = document_at(doc, pointer);

	*value = json_integer_value(found);
	return json_is_integer(found);
}

bool document_is_true(const json_t *doc, const char *pointer)
{
	return json_is_true(document_at(doc, pointer));
}

char *document_step(const char *key)
{
	struct text t = { 0 };

	for (; *key; key++) {
		if (*key == '/' || *key == '~')
			text_char(&t, '~');
		text_char(&t, *key == '/' ? '1' : *key == '~' ? '0' : *key);
	}
	text_char(&t, '\0');
	return t.at;
}

json_t *document_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

/* ---- files ---- */

static bool read_whole(FILE *file, const char *path, size_t limit, struct text *t)
{
	size_t got;

	do {
		text_grow(t, 65536);
		got = fread(t->at + t->len, 1, 65536, file);
		t->len += got;
	} while (got > 0 && t->len <= limit);
	if (ferror(file)) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	if (t->len > limit)
		report_error("%s: longer than %zu bytes", path, limit);
	return t->len <= limit;
}

json_t *document_load(const char *path, size_t limit)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	struct text t = { 0 };
	json_error_t error;
	json_t *doc = NULL;

	if (!file) {
		report_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	if (read_whole(file, path, limit, &t)) {
		doc = json_loadb(t.at, t.len, JSON_REJECT_DUPLICATES, &error);
		if (!doc)
			report_error("%s:%d: %s", path, error.line, error.text);
	}
	if (!is_stdin)
		fclose(file);
	text_fini(&t);
	return doc;
}

/* ---- words ---- */

const char *label_in(const json_t *object, const char *name, const char *language)
{
	char key[64];

	snprintf(key, sizeof(key), "%s_%s", name, label_either(language, "zh", "en"));
	return json_string_value(json_object_get(object, key));
}

const char *label_of(const json_t *labels, const char *group, const char *code,
	const char *language)
{
	if (!code)
		return NULL;
	const json_t *names = json_object_get(json_object_get(labels, "groups"), group);
	const json_t *words = json_object_get(names, code);
	const json_t *word = json_object_get(words, label_either(language, "zh", "en"));
	return word ? json_string_value(word) : code;
}
