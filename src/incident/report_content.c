/* A profile's items, filled in: dotted keys nest, "2_event.impact" is content["2_event"]
 * ["impact"]; an item that others extend is a section's title only. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/register.h"
#include "incident/report_draft.h"

/* What an incident that knows no plant lacks, its register may have. */
static const json_t *from_registers(const struct report_draft *d, const char *from)
{
	static const char organization[] = "/organization/", site[] = "/site/";
	const json_t *own, *row = NULL;

	if (!d->registers)
		return NULL;
	own = registers_data(d->registers, "organization");
	if (strncmp(from, organization, sizeof(organization) - 1) == 0)
		return document_at(own, from + sizeof(organization) - 2);
	if (strncmp(from, site, sizeof(site) - 1) == 0)
		row = registers_site(d->registers, document_string(d->incident, "/site/id"));
	return document_at(row, from + sizeof(site) - 2);
}

static json_t *from_one(const struct report_draft *d, const char *from)
{
	const json_t *value;

	if (from[0] != '/')
		return report_text(d, from);
	value = document_at(d->incident, from);
	if (!value)
		value = from_registers(d, from);
	return json_incref((json_t *)value);
}

static bool says_something(const json_t *value)
{
	if (!value || json_is_null(value))
		return false;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	return !json_is_string(value) || json_string_length(value) > 0;
}

static json_t *fill_in(const struct report_draft *d, const json_t *item)
{
	const char *by = document_string(item, "/filled_by");
	const json_t *from;
	size_t i;

	json_array_foreach (document_at(item, "/from"), i, from) {
		json_t *value = json_is_string(from) ? from_one(d, json_string_value(from)) : NULL;
		if (says_something(value))
			return value;
		json_decref(value);
	}
	return by && strcmp(by, "machine") == 0 ? json_null() : json_string(SHEET_FILL);
}

static bool has_parts(const json_t *items, const char *key)
{
	const json_t *item;
	size_t i, len = strlen(key);

	json_array_foreach (items, i, item) {
		const char *other = document_string(item, "/key");
		if (other && strncmp(other, key, len) == 0 && other[len] == '.')
			return true;
	}
	return false;
}

/* The object below `root` that a dotted key's last part belongs to. */
static json_t *place_of(json_t *root, const char **key)
{
	const char *dot;

	while ((dot = strchr(*key, '.'))) {
		char *part = mem_printf("%.*s", (int)(dot - *key), *key);
		json_t *below = json_object_get(root, part);
		if (!json_is_object(below)) {
			below = json_object();
			json_object_set_new(root, part, below);
		}
		free(part);
		root = below;
		*key = dot + 1;
	}
	return root;
}

json_t *report_content(const struct report_draft *d, const json_t *items)
{
	json_t *content = json_object();
	const json_t *item;
	size_t i;

	json_array_foreach (items, i, item) {
		const char *key = document_string(item, "/key");
		if (!key || has_parts(items, key))
			continue;
		json_t *place = place_of(content, &key);
		json_object_set_new(place, key, fill_in(d, item));
	}
	return content;
}

/* ---- what is missing ---- */

static bool holds_fill(const json_t *value)
{
	const char *s = json_string_value(value);

	return s && strstr(s, SHEET_FILL);
}

static char *dotted(const char *prefix, const char *key)
{
	return mem_printf("%s%s%s", prefix, *prefix ? "." : "", key);
}

static void find_missing(const json_t *object, const char *prefix, json_t *missing)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		char *name = dotted(prefix, key);
		if (json_is_object(value))
			find_missing(value, name, missing);
		else if (holds_fill(value))
			json_array_append_new(missing, json_string(name));
		free(name);
	}
}

json_t *report_missing(const json_t *content)
{
	json_t *missing = json_array();

	find_missing(content, "", missing);
	return missing;
}

/* ---- what became of an earlier report ---- */

static void compare(const json_t *before, const json_t *after, const char *prefix, json_t *list)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)after, key, value) {
		const json_t *old = json_object_get(before, key);
		char *name = dotted(prefix, key);
		if (json_is_object(value))
			compare(old, value, name, list);
		else if (!old || !json_equal(old, value))
			json_array_append_new(list, json_pack("{s:s,s:O?,s:O}", "key", name,
				"before", old, "after", value));
		free(name);
	}
}

json_t *report_differences(const json_t *before, const json_t *after)
{
	json_t *list = json_array();

	compare(before, after, "", list);
	return list;
}
