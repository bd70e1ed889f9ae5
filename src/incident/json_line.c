#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incident/json_line.h"
#include "incident/json_walk.h"

/* Compares a key as it stands in the text with a pointer's token; escapes other than the
 * pointer's own are not undone, keys of registers have none. */
static bool is_key(const char *quote, const char *token, size_t len)
{
	const char *key = quote + 1;

	for (size_t i = 0; i < len; i++, key++) {
		char c = token[i];
		if (c == '~' && i + 1 < len)
			c = token[++i] == '1' ? '/' : '~';
		if (*key != c)
			return false;
	}
	return *key == '"';
}

/* To the element behind this one; NULL: there is none. */
static const char *next(const char *at, const char *end)
{
	at = json_over_value(at, end);
	return at ? json_over_comma(at, end) : NULL;
}

/* From the opening bracket to the member's value; NULL: there is no such member. */
static const char *enter_object(const char *at, const char *end, const char *token, size_t len)
{
	at = json_over_space(at + 1, end);
	while (at && *at == '"') {
		bool found = is_key(at, token, len);
		at = json_over_string(at, end);
		at = at ? json_over_colon(at, end) : NULL;
		if (found || !at)
			return at;
		at = next(at, end);
	}
	return NULL;
}

static const char *enter_array(const char *at, const char *end, unsigned long index)
{
	at = json_over_space(at + 1, end);
	for (; at && index > 0; index--)
		at = next(at, end);
	return at && *at != ']' && at < end ? at : NULL;
}

static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

unsigned json_line(const char *text, const char *pointer)
{
	const char *end = text + strlen(text), *at = json_over_space(text, end);

	while (*pointer == '/') {
		const char *token = pointer + 1, *inner = NULL;
		size_t len = strcspn(token, "/");
		if (*at == '{')
			inner = enter_object(at, end, token, len);
		else if (*at == '[')
			inner = enter_array(at, end, strtoul(token, NULL, 10));
		if (!inner)
			break;
		at = inner;
		pointer = token + len;
	}
	return line_of(text, at);
}
