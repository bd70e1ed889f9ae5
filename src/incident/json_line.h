/* Where in a file a JSON value stands, for messages to people. */
#ifndef IRONSPAN_JSON_LINE_H
#define IRONSPAN_JSON_LINE_H

/* Line, from 1, of the value that a JSON pointer (RFC 6901, "/assets/3/mac") names.
 * `text` is valid JSON. Where the pointer leads nowhere, the last value on the way: what
 * lacks a member. */
unsigned json_line(const char *text, const char *pointer);

#endif
