/* Two inventories and their difference as one document. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/risk_state.h"
#include "incident/time.h"

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keys of a map, sorted; the array is to be freed. */
static const char **sorted_keys(const json_t *map)
{
	const char **keys = mem_array(json_object_size(map) + 1, sizeof(*keys)), *key;
	json_t *value;
	size_t count = 0;

	json_object_foreach ((json_t *)map, key, value)
		keys[count++] = key;
	if (count)
		qsort(keys, count, sizeof(*keys), compare_keys);
	return keys;
}

static json_t *rows_of(const json_t *map)
{
	const char **keys = sorted_keys(map);
	json_t *rows = json_array();

	for (const char **key = keys; *key; key++)
		json_array_append(rows, json_object_get(map, *key));
	free(keys);
	return rows;
}

/* Rows of one map that the other lacks. */
static json_t *rows_without(const json_t *map, const json_t *other)
{
	const char **keys = sorted_keys(map);
	json_t *rows = json_array();

	for (const char **key = keys; *key; key++)
		if (!json_object_get(other, *key))
			json_array_append(rows, json_object_get(map, *key));
	free(keys);
	return rows;
}

static bool holds_each(const json_t *list, const json_t *of)
{
	const json_t *want, *have;
	size_t i, k;

	json_array_foreach (of, i, want) {
		json_array_foreach (list, k, have)
			if (json_equal(have, want))
				break;
		if (k == json_array_size(list))
			return false;
	}
	return true;
}

/* Lists in any order: it is that in which their members were first seen. */
static bool same_fact(const json_t *a, const json_t *b)
{
	return json_is_array(a) && json_is_array(b) ? holds_each(a, b) && holds_each(b, a) :
		json_equal(a, b);
}

/* [{ip, fact, before, after}] of what devices say of themselves. */
static void compare_facts(const char *ip, const json_t *before, const json_t *after, json_t *list)
{
	static const char *const facts[] = { "mac", "vendor", "model", "product", "firmware",
		"name", "serial", "roles", "protocols" };

	for (unsigned i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		json_t *old = json_object_get(before, facts[i]);
		json_t *now = json_object_get(after, facts[i]);
		if (old && now && !same_fact(old, now))
			json_array_append_new(list, json_pack("{s:s,s:s,s:O,s:O}", "ip", ip, "fact",
				facts[i], "before", old, "after", now));
	}
}

static json_t *changed_assets(const json_t *before, const json_t *after)
{
	const char **keys = sorted_keys(after);
	json_t *list = json_array();

	for (const char **key = keys; *key; key++)
		compare_facts(*key, json_object_get(before, *key),
			json_object_get(after, *key), list);
	free(keys);
	return list;
}

static json_t *time_or_null(uint64_t ns)
{
	char text[TIME_TEXT];

	time_rfc3339(ns, text);
	return ns ? json_string(text) : json_null();
}

static json_t *make_side(const struct risk *r, const char *name)
{
	return json_pack("{s:s,s:o,s:o,s:I,s:I,s:b,s:o,s:o}", "input", name, "first_seen",
		time_or_null(r->first_ns), "last_seen", time_or_null(r->last_ns), "events",
		(json_int_t)r->events, "left_out", (json_int_t)r->left_out, "registers",
		r->registers != NULL, "assets", rows_of(r->assets), "exposures",
		rows_of(r->exposures));
}

json_t *risk_compare(const struct risk *before, const char *before_name,
	const struct risk *after, const char *after_name, const char *language)
{
	json_t *assets = json_pack("{s:o,s:o,s:o}", "added",
		rows_without(after->assets, before->assets), "removed",
		rows_without(before->assets, after->assets), "changed",
		changed_assets(before->assets, after->assets));
	json_t *exposures = json_pack("{s:o,s:o}", "added",
		rows_without(after->exposures, before->exposures), "removed",
		rows_without(before->exposures, after->exposures));

	return json_pack("{s:s,s:s,s:o,s:o,s:{s:o,s:o}}", "schema", "ironspan.risk/1", "language",
		language, "before", make_side(before, before_name), "after",
		make_side(after, after_name), "difference", "assets", assets, "exposures",
		exposures);
}
