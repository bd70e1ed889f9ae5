/* What people gave an action, made sure of. */
#include <stdlib.h>
#include <string.h>

#include "incident/life_change.h"

/* Numbers and booleans are as good as their text. */
static bool text_of(const json_t *value, char *out, size_t size)
{
	if (json_is_integer(value))
		snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(out, size, "%s", json_is_true(value) ? "true" : "false");
	else if (json_is_string(value) && json_string_length(value) < size)
		strcpy(out, json_string_value(value));
	else
		return false;
	return true;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static json_t *read_text(
	struct life_change *c, const struct life_argument *a, const char *text)
{
	size_t most = a->kind == LIFE_NAME ? LIFE_NAME_MAX : LIFE_TEXT_MAX;
	if (strspn(text, " \t\n") == strlen(text))
		life_refuse(c, "%s is empty", a->name);
	else if (strlen(text) > most)
		life_refuse(c, "%s is longer than %zu bytes", a->name, most);
	else if (a->kind == LIFE_NAME && has_control(text))
		life_refuse(c, "%s is more than one line", a->name);
	else
		return json_string(text);
	return NULL;
}

static json_t *read_word(
	struct life_change *c, const struct life_argument *a, const char *text)
{
	struct text all = { 0 };
	for (unsigned i = 0; a->words[i]; i++) {
		if (strcmp(a->words[i], text) == 0) {
			text_fini(&all);
			return json_string(text);
		}
		text_printf(&all, "%s%s", i ? ", " : "", a->words[i]);
	}
	text_char(&all, '\0');
	life_refuse(c, "%s is one of: %s", a->name, all.at);
	text_fini(&all);
	return NULL;
}

static json_t *read_number(struct life_change *c, const struct life_argument *a,
	const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value < a->low || value > a->high) {
		life_refuse(c, "%s is a number from %lld to %lld", a->name,
			(long long)a->low, (long long)a->high);
		return NULL;
	}
	return json_integer(value);
}

static json_t *read_time(
	struct life_change *c, const struct life_argument *a, const char *text)
{
	uint64_t ns;
	char out[TIME_TEXT];
	if (!time_read_rfc3339(text, &ns)) {
		life_refuse(c, "%s is a time like 2026-11-20T10:14:07+08:00", a->name);
		return NULL;
	}
	if (ns > c->now_ns) {
		life_refuse(c, "%s lies in the future", a->name);
		return NULL;
	}
	time_rfc3339(ns, out);
	return json_string(out);
}

static json_t *read_date(
	struct life_change *c, const struct life_argument *a, const char *text)
{
	char whole[32];
	uint64_t ns;
	snprintf(whole, sizeof(whole), "%.10sT00:00:00Z", text);
	if (strlen(text) == 10 && time_read_rfc3339(whole, &ns))
		return json_string(text);
	life_refuse(c, "%s is a date like 2026-12-31", a->name);
	return NULL;
}

static json_t *read_argument(struct life_change *c, const struct life_argument *a,
	const char *text)
{
	static json_t *(*const readers[])(
		struct life_change *, const struct life_argument *, const char *) = {
		[LIFE_TEXT] = read_text,
		[LIFE_NAME] = read_text,
		[LIFE_WORD] = read_word,
		[LIFE_NUMBER] = read_number,
		[LIFE_TIME] = read_time,
		[LIFE_DATE] = read_date,
	};
	return readers[a->kind](c, a, text);
}

static bool check_one(
	struct life_change *c, const struct life_argument *a, const json_t *value)
{
	char text[LIFE_TEXT_MAX + 2];
	if (!value || json_is_null(value))
		return !a->required ||
			life_refuse(c, "%s is missing: %s", a->name, a->help);
	if (!text_of(value, text, sizeof(text)))
		return life_refuse(c, "%s is no text, or too long", a->name);
	json_t *checked = read_argument(c, a, text);
	if (!checked)
		return false;
	json_object_set_new(c->args, a->name, checked);
	return true;
}

static bool is_known(const struct life_action *action, const char *name)
{
	for (const struct life_argument *a = action->arguments; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return true;
	return false;
}

bool life_check_arguments(struct life_change *c, const json_t *given)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)given, name, value)
		if (!is_known(c->action, name))
			return life_refuse(
				c, "%s has no argument %s", c->action->name, name);
	for (const struct life_argument *a = c->action->arguments; a->name; a++)
		if (!check_one(c, a, json_object_get(given, a->name)))
			return false;
	return true;
}
