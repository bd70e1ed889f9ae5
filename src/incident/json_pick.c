#include <string.h>

#include "incident/json_pick.h"

/* Each function that goes over something returns where it ends; NULL: it does not. */

static const char *over_space(const char *at, const char *end)
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

/* From one quote behind the other. */
static const char *over_string(const char *at, const char *end)
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
		at = c == '"' ? over_string(at, end) : at + 1;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		if (depth == 0)
			return at;
	}
	return NULL;
}

static const char *over_value(const char *at, const char *end)
{
	if (at == end)
		return NULL;
	if (*at == '"')
		return over_string(at, end);
	return *at == '{' || *at == '[' ? over_nested(at, end) : over_scalar(at, end);
}

static const struct json_wanted *find(const struct json_wanted *w, const char *name, size_t len)
{
	while (w->name && (strlen(w->name) != len || memcmp(w->name, name, len) != 0))
		w++;
	return w->name ? w : NULL;
}

static const char *pick(const char *at, const char *end, const struct json_wanted *wanted,
	struct text *out);

/* From its name's quote. */
static const char *pick_member(const char *at, const char *end, const struct json_wanted *wanted,
	struct text *out)
{
	const char *name = at, *colon = over_string(at, end);
	if (!colon)
		return NULL;
	const struct json_wanted *w = find(wanted, name + 1, (size_t)(colon - name) - 2);
	at = over_space(colon, end);
	if (at == end || *at != ':')
		return NULL;
	at = over_space(at + 1, end);
	if (!w)
		return over_value(at, end);
	if (out->at[out->len - 1] != '{')
		text_char(out, ',');
	text_put(out, name, (size_t)(at - name));
	if (w->inside && at < end && *at == '{')
		return pick(at, end, w->inside, out);
	const char *value = at;
	at = over_value(at, end);
	if (at)
		text_put(out, value, (size_t)(at - value));
	return at;
}

/* An object, from its brace. */
static const char *pick(const char *at, const char *end, const struct json_wanted *wanted,
	struct text *out)
{
	text_char(out, '{');
	at = over_space(at + 1, end);
	while (at && at < end && *at == '"') {
		at = pick_member(at, end, wanted, out);
		at = at ? over_space(at, end) : NULL;
		if (at && at < end && *at == ',')
			at = over_space(at + 1, end);
		else
			break;
	}
	if (!at || at == end || *at != '}')
		return NULL;
	text_char(out, '}');
	return at + 1;
}

bool json_pick(struct bytes line, const struct json_wanted *wanted, struct text *out)
{
	const char *at = (const char *)line.at, *end = at + line.len;
	at = over_space(at, end);
	if (at == end || *at != '{' || !(at = pick(at, end, wanted, out)))
		return false;
	text_put(out, at, (size_t)(end - at));
	return true;
}
