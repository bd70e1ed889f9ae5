/* Steps through JSON text without parsing it. Each goes over something and returns where that
 * ends, at most `end`; NULL: it is not there, or does not end. What is gone over need not be
 * valid inside. No recursion, linear. */
#ifndef IRONSPAN_JSON_WALK_H
#define IRONSPAN_JSON_WALK_H

const char *json_over_space(const char *at, const char *end);              /* never NULL */
const char *json_over_string(const char *at, const char *end);             /* from its quote */
const char *json_over_value(const char *at, const char *end);
const char *json_over_colon(const char *at, const char *end); /* behind a name, to the value */
/* Behind an element, to the next one; NULL: it was the last. */
const char *json_over_comma(const char *at, const char *end);

#endif
