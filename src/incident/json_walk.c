#include <stdbool.h>
#include <string.h>

#include "incident/json_walk.h"

const char *json_over_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

static bool is_escaped(const char *at, const char *begin)
{
	const char *from = at;
	while (from > begin && from[-1] == '\\')
		from--;
	return (at - from) & 1;
}

const char *json_over_string(const char *at, const char *end)
{
	const char *begin = ++at;
	while ((at = memchr(at, '"', (size_t)(end - at))) && is_escaped(at, begin))
		at++;
	return at ? at + 1 : NULL;
}

static const char *over_scalar(const char *at, const char *end)
{
	const char *begin = at;
	while (at < end && !strchr(",]}", *at))
		at++;
	return at > begin ? at : NULL;
}

static const char *over_nested(const char *at, const char *end)
{
	size_t depth = 0;
	while (at && at < end) {
		char c = *at;
		at = c == '"' ? json_over_string(at, end) : at + 1;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		if (depth == 0)
			return at;
	}
	return NULL;
}

const char *json_over_value(const char *at, const char *end)
{
	if (at == end)
		return NULL;
	if (*at == '"')
		return json_over_string(at, end);
	return *at == '{' || *at == '[' ? over_nested(at, end) : over_scalar(at, end);
}

/* `sign` between two parts, and the space around it. */
static const char *over_sign(const char *at, const char *end, char sign)
{
	at = json_over_space(at, end);
	return at < end && *at == sign ? json_over_space(at + 1, end) : NULL;
}

const char *json_over_colon(const char *at, const char *end)
{
	return over_sign(at, end, ':');
}

const char *json_over_comma(const char *at, const char *end)
{
	return over_sign(at, end, ',');
}
