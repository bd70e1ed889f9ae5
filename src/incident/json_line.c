#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incident/json_line.h"

/* A place in valid JSON; what is not is cut short by the text's end. */
struct reader {
	const char *at;
	unsigned line;
};

static void skip_space(struct reader *r)
{
	for (; *r->at == ' ' || *r->at == '\t' || *r->at == '\r' ||
		*r->at == '\n'; r->at++)
		r->line += *r->at == '\n';
}

static void skip_string(struct reader *r)
{
	for (r->at++; *r->at && *r->at != '"'; r->at++)
		if (*r->at == '\\' && r->at[1])
			r->at++;
	if (*r->at)
		r->at++;
}

/* A whole value; without recursion, so depth costs nothing. */
static void skip_value(struct reader *r)
{
	unsigned depth = 0;

	do {
		skip_space(r);
		if (*r->at == '"') {
			skip_string(r);
			continue;
		}
		if (*r->at == '{' || *r->at == '[')
			depth++;
		else if (*r->at == '}' || *r->at == ']')
			depth--;
		else if (*r->at != ',' && *r->at != ':')
			r->at += strcspn(r->at, ",]} \t\r\n") - 1;
		r->at++;
	} while (depth > 0 && *r->at);
}

/* Compares a key as it stands in the text with a pointer's token; escapes other than the
 * pointer's own are not undone, keys of registers have none. */
static bool is_key(const struct reader *r, const char *token, size_t len)
{
	const char *key = r->at + 1;

	for (size_t i = 0; i < len; i++, key++) {
		char c = token[i];
		if (c == '~' && i + 1 < len)
			c = token[++i] == '1' ? '/' : '~';
		if (*key != c)
			return false;
	}
	return *key == '"';
}

/* Both are at the opening bracket, and end at the member; false: there is none. */
static bool enter_object(struct reader *r, const char *token, size_t len)
{
	for (r->at++;;) {
		skip_space(r);
		if (*r->at != '"')
			return false;
		bool found = is_key(r, token, len);
		skip_string(r);
		skip_space(r);
		r->at += *r->at == ':';
		skip_space(r);
		if (found)
			return true;
		skip_value(r);
		skip_space(r);
		if (*r->at++ != ',')
			return false;
	}
}

static bool enter_array(struct reader *r, unsigned long index)
{
	for (r->at++;; index--) {
		skip_space(r);
		if (*r->at == ']' || !*r->at)
			return false;
		if (index == 0)
			return true;
		skip_value(r);
		skip_space(r);
		if (*r->at++ != ',')
			return false;
	}
}

unsigned json_line(const char *text, const char *pointer)
{
	struct reader r = { text, 1 };

	skip_space(&r);
	while (*pointer == '/') {
		const char *token = pointer + 1;
		size_t len = strcspn(token, "/");
		struct reader inner = r;
		bool found = *r.at == '{' ? enter_object(&inner, token, len) :
			*r.at == '[' && enter_array(&inner, strtoul(token, NULL, 10));
		if (!found)
			break;
		r = inner;
		pointer = token + len;
	}
	return r.line;
}
