/* Values of documents that others wrote: there, of the right type, in bounds, or false. */
#ifndef IRONSPAN_INCIDENT_DOCUMENT_TAKE_H
#define IRONSPAN_INCIDENT_DOCUMENT_TAKE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "incident/time.h"

/* A string of less than `size` bytes, copied. */
static inline bool take_text(char *out, size_t size, const json_t *doc, const char *key)
{
	const json_t *v = json_object_get(doc, key);

	if (!json_is_string(v) || json_string_length(v) >= size)
		return false;
	memcpy(out, json_string_value(v), json_string_length(v) + 1);
	return true;
}

static inline bool take_word(const json_t *doc, const char *key, const char *word)
{
	const char *s = json_string_value(json_object_get(doc, key));

	return s && strcmp(s, word) == 0;
}

static inline bool take_integer(json_int_t *out, const json_t *doc, const char *key,
	json_int_t least, json_int_t most)
{
	const json_t *v = json_object_get(doc, key);

	*out = json_integer_value(v);
	return json_is_integer(v) && *out >= least && *out <= most;
}

static inline bool take_bool(bool *out, const json_t *doc, const char *key)
{
	const json_t *v = json_object_get(doc, key);

	*out = json_is_true(v);
	return json_is_boolean(v);
}

static inline bool take_time(uint64_t *ns, const json_t *doc, const char *key)
{
	const char *s = json_string_value(json_object_get(doc, key));

	return s && time_read_rfc3339(s, ns);
}

#endif
