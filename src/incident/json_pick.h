/* Of a JSON object only the members that somebody asks for: the rest need not be parsed. */
#ifndef IRONSPAN_JSON_PICK_H
#define IRONSPAN_JSON_PICK_H

#include "base/text.h"

/* A list ends where the name is NULL. */
struct json_wanted {
	const char *name;                 /* as it stands between the quotes */
	const struct json_wanted *inside; /* NULL: all that is in it */
};

/* Appends the object in `line` with those members alone, spelled as they are, and what follows
 * it. What is left out need not be valid. false, and `out` is of no use: it is no object, or
 * broken. Linear, not recursive beyond `wanted`. */
bool json_pick(struct bytes line, const struct json_wanted *wanted, struct text *out);

#endif
