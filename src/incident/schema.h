/* JSON Schema (2020-12), as much of it as our own schemas use: type, enum, const,
 * pattern, minLength, minimum, maximum, required, properties, additionalProperties (false
 * or a schema), items, minItems, $ref to #/$defs/NAME; titles, descriptions and the like
 * are skipped. Another keyword is a mistake of ours, and schema_supported() a test.
 *
 * A schema checker of its own because the libraries that there are are for C++; it is
 * small, and says which value is wrong and why in words. */
#ifndef IRONSPAN_SCHEMA_H
#define IRONSPAN_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

/* Called for each mistake: the value's JSON pointer and the reason, both borrowed. */
typedef void schema_tell(void *context, const char *pointer, const char *reason);

/* How many mistakes; at most SCHEMA_MISTAKES are told. */
enum { SCHEMA_MISTAKES = 20 };
unsigned schema_check(const json_t *schema, const json_t *value, schema_tell *tell,
	void *context);

/* A schema that ships, src/incident/register_NAME.schema.json; it is part of the program.
 * The caller's to decref; NULL: there is none of that name. */
json_t *schema_load(const char *name);
/* NULL, or a keyword in it that schema_check() does not know. */
const char *schema_supported(const json_t *schema);

#endif
