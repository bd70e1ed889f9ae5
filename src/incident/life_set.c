/* What people fill in: one value at a path of the document. */
#include <stdlib.h>
#include <string.h>

#include "incident/life_change.h"

static const struct life_key *find_key(const char *path)
{
	for (const struct life_key *k = life_keys; k->path; k++)
		if (strcmp(k->path, path) == 0 ||
			strcmp(strrchr(k->path, '.') + 1, path) == 0)
			return k;
	return NULL;
}

static json_t *read_switch(const char *text)
{
	if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0)
		return json_true();
	if (strcmp(text, "false") == 0 || strcmp(text, "no") == 0)
		return json_false();
	return NULL;
}

static json_t *read_count(const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 10);
	return *end || *text < '0' || *text > '9' || value > INT64_C(9007199254740991) ?
		NULL :
		json_integer(value);
}

static json_t *read_value(struct life_change *c, const struct life_key *k)
{
	const char *text = life_text(c, "value");
	json_t *value;
	if (strcmp(text, "null") == 0)
		return json_null();
	if (k->kind == LIFE_KEY_TEXT)
		return json_string(text);
	value = k->kind == LIFE_KEY_SWITCH ? read_switch(text) : read_count(text);
	if (!value)
		life_refuse(c, "%s is %s", k->path, k->kind == LIFE_KEY_SWITCH ?
			"true, false or null" : "a whole number or null");
	return value;
}

/* Makes the objects on the way; who set it is told beside what the machine
 * would set too. */
static void set_at(struct life_change *c, const char *path, json_t *value)
{
	json_t *at = c->doc;
	const char *dot;
	for (; (dot = strchr(path, '.')) != NULL; path = dot + 1) {
		char name[64];
		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		at = life_object(at, name);
		if (strcmp(name, "gbt20986") == 0)
			json_object_set_new(at, "by", json_string(c->person));
	}
	json_object_set_new(at, path, value);
}

bool life_set(struct life_change *c)
{
	const struct life_key *k = find_key(life_text(c, "key"));
	if (!k)
		return life_refuse(c,
			"there is no key %s; `ironspan incident set --help` lists "
			"them",
			life_text(c, "key"));
	json_t *value = read_value(c, k);
	if (!value)
		return false;
	set_at(c, k->path, value);
	return true;
}
