/* Looks into a line that is already written: which event it is, who sent it. Lines are ours
 * and well formed; what packets put into them stands inside strings. Nothing is copied, what
 * comes back points into the line. Any thread. */
#ifndef IRONSPAN_LINE_H
#define IRONSPAN_LINE_H

#include "base/bytes.h"

/* Takes the first line off `lines`, with its '\n'. false: there is none left. */
bool line_next(struct bytes *lines, struct bytes *line);
uint64_t line_count(struct bytes lines);

/* The value of a member of `object` (which begins with '{'), as it is spelled. */
bool line_member(struct bytes object, const char *key, struct bytes *value);
/* The same of a string, without its quotes, its escapes as they are; empty if there is none. */
struct bytes line_string(struct bytes object, const char *key);
static inline struct bytes line_event_type(struct bytes line)
{
	return line_string(line, "event_type");
}

#endif
