/* Reading JSON documents: incidents, reports, EVE events. A value that is missing and one of
 * another type are the same: NULL, or false. All is borrowed from the document. Any thread. */
#ifndef IRONSPAN_DOCUMENT_H
#define IRONSPAN_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

/* By JSON pointer (RFC 6901): "/affected/0/asset"; "" is the document. JSON null is NULL. */
const json_t *document_at(const json_t *doc, const char *pointer);
const char *document_string(const json_t *doc, const char *pointer);
bool document_integer(const json_t *doc, const char *pointer, json_int_t *value);
bool document_is_true(const json_t *doc, const char *pointer);

/* `key` as one step of a pointer, to be freed: "a/b" is "a~1b". */
char *document_step(const char *key);

/* A copy of a string, or null. */
json_t *document_or_null(const char *s);

/* A JSON file of at most `limit` bytes, no key twice. NULL after a reported error with file
 * and line. "-" is standard input. */
json_t *document_load(const char *path, size_t limit);

/* ---- words for codes ----
 *
 * signatures/incident/labels.json has them, in groups: "outcome" has "accepted". */

/* The code itself where there is no word for it, or labels are NULL; NULL for NULL. */
const char *label_of(const json_t *labels, const char *group, const char *code,
	const char *language);
/* object[name_zh] or object[name_en]; NULL if there is none. */
const char *label_in(const json_t *object, const char *name, const char *language);
/* The one of two texts. */
static inline const char *label_either(const char *language, const char *zh, const char *en)
{
	return language[0] == 'e' ? en : zh;
}

#endif
