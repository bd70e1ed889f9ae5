/* One spelling for one JSON value, so that its bytes can be hashed and signed: RFC 8785 (JCS)
 * for documents of strings, integers, booleans and null. Keys are sorted by their UTF-16 code
 * units, nothing is escaped that need not be, there is no white space.
 *
 * Floats and integers beyond 2^53 have no place in documents, because writers disagree about
 * them; a value that holds one, or is nested deeper than CANONICAL_DEPTH, has no canonical
 * form. Any thread. */
#ifndef IRONSPAN_INCIDENT_CANONICAL_H
#define IRONSPAN_INCIDENT_CANONICAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

enum { CANONICAL_DEPTH = 64, SHA256_TEXT = 65 };

/* Appends to `t`. false: there is no canonical form; `t` holds a part then. */
bool canonical_put(struct text *t, const json_t *value);
/* The same as a string of its own, to be freed; `len` may be NULL. NULL: none. */
char *canonical_json(const json_t *value, size_t *len);
/* SHA-256 over the canonical form, in hex. */
bool canonical_sha256(const json_t *value, char hex[SHA256_TEXT]);
/* The same for bytes. */
void sha256_hex(struct bytes b, char hex[SHA256_TEXT]);

/* A document from somebody else: one JSON object in which no key stands twice; else NULL. */
json_t *canonical_read(struct bytes b);

#endif
