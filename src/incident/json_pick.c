#include <string.h>

#include "incident/json_pick.h"
#include "incident/json_walk.h"

static const struct json_wanted *find(const struct json_wanted *w, const char *name, size_t len)
{
	while (w->name && (strlen(w->name) != len || memcmp(w->name, name, len) != 0))
		w++;
	return w->name ? w : NULL;
}

static const char *pick(const char *at, const char *end, const struct json_wanted *wanted,
	struct text *out);

/* From its name's quote; returns where it ends, NULL if it does not. */
static const char *pick_member(const char *name, const char *end, const struct json_wanted *wanted,
	struct text *out)
{
	const char *behind = json_over_string(name, end);
	const char *value = behind ? json_over_colon(behind, end) : NULL;
	if (!value)
		return NULL;
	const struct json_wanted *w = find(wanted, name + 1, (size_t)(behind - name) - 2);
	if (!w)
		return json_over_value(value, end);
	if (out->at[out->len - 1] != '{')
		text_char(out, ',');
	text_put(out, name, (size_t)(value - name));
	if (w->inside && value < end && *value == '{')
		return pick(value, end, w->inside, out);
	const char *at = json_over_value(value, end);
	if (at)
		text_put(out, value, (size_t)(at - value));
	return at;
}

/* An object, from its brace; as above. */
static const char *pick(const char *at, const char *end, const struct json_wanted *wanted,
	struct text *out)
{
	text_char(out, '{');
	at = json_over_space(at + 1, end);
	while (at && at < end && *at == '"') {
		at = pick_member(at, end, wanted, out);
		at = at ? json_over_space(at, end) : NULL;
		if (at && at < end && *at == ',')
			at = json_over_space(at + 1, end);
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
	at = json_over_space(at, end);
	if (at == end || *at != '{' || !(at = pick(at, end, wanted, out)))
		return false;
	text_put(out, at, (size_t)(end - at));
	return true;
}
