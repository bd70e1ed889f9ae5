#include "output/line.h"

bool line_next(struct bytes *lines, struct bytes *line)
{
	const uint8_t *end = lines->len ? memchr(lines->at, '\n', lines->len) : NULL;

	if (!end)
		return false;
	*line = (struct bytes){ lines->at, (size_t)(end - lines->at) + 1 };
	lines->at += line->len;
	lines->len -= line->len;
	return true;
}

uint64_t line_count(struct bytes lines)
{
	uint64_t count = 0;
	struct bytes line;

	while (line_next(&lines, &line))
		count++;
	return count;
}

/* Each of these returns where it ends, at most `end`. */
static const uint8_t *skip_string(const uint8_t *at, const uint8_t *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\' && at + 1 < end)
			at++;
	return at < end ? at + 1 : end;
}

static const uint8_t *skip_value(const uint8_t *at, const uint8_t *end)
{
	unsigned depth = 0;

	while (at < end) {
		if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
			return at;
		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		at++;
	}
	return end;
}

static const uint8_t *skip_spaces(const uint8_t *at, const uint8_t *end)
{
	while (at < end && (*at == ' ' || *at == ',' || *at == ':'))
		at++;
	return at;
}

bool line_member(struct bytes object, const char *key, struct bytes *value)
{
	size_t len = strlen(key);

	if (object.len == 0)
		return false;
	const uint8_t *at = object.at + 1, *end = object.at + object.len; /* behind '{' */
	for (;;) {
		at = skip_spaces(at, end);
		if (at >= end || *at != '"')
			return false;
		const uint8_t *name = at + 1;
		at = skip_string(at, end);
		bool is_it = (size_t)(at - name) == len + 1 && memcmp(name, key, len) == 0;
		const uint8_t *begin = skip_spaces(at, end);
		at = skip_value(begin, end);
		*value = (struct bytes){ begin, (size_t)(at - begin) };
		if (is_it)
			return true;
	}
}

struct bytes line_string(struct bytes object, const char *key)
{
	struct bytes value;

	if (!line_member(object, key, &value) || value.len < 2 || value.at[0] != '"')
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ value.at + 1, value.len - 2 };
}
