/* What is different between two revisions: {"/times/closed": [before, after], …}. Paths
 * are JSON pointers (RFC 6901); of what was not there, the value is null. The ids of
 * alerts, of which there may be a thousand, stand in a table of their own and are left
 * out. */
#include <string.h>

#include "incident/store_state.h"

struct walk {
	json_t *found;
	struct text path;
};

static void compare(struct walk *w, const json_t *before, const json_t *after);

static void put_name(struct text *t, const char *name)
{
	text_char(t, '/');
	for (; *name; name++)
		if (*name == '~')
			text_lit(t, "~0");
		else if (*name == '/')
			text_lit(t, "~1");
		else
			text_char(t, *name);
}

static void compare_member(struct walk *w, const char *name, const json_t *before,
	const json_t *after)
{
	size_t len = w->path.len;
	put_name(&w->path, name);
	compare(w, before, after);
	w->path.len = len;
}

static void compare_objects(struct walk *w, const json_t *before, const json_t *after)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)after, name, value)
		compare_member(w, name, json_object_get(before, name), value);
	json_object_foreach((json_t *)before, name, value)
		if (!json_object_get(after, name))
			compare_member(w, name, value, NULL);
}

static void compare_arrays(struct walk *w, const json_t *before, const json_t *after)
{
	size_t most = json_array_size(before) > json_array_size(after) ?
		json_array_size(before) :
		json_array_size(after);
	for (size_t i = 0; i < most; i++) {
		char name[24];
		snprintf(name, sizeof(name), "%zu", i);
		compare_member(
			w, name, json_array_get(before, i), json_array_get(after, i));
	}
}

static json_t *copy_or_null(const json_t *value)
{
	return value ? json_deep_copy(value) : json_null();
}

static bool is_left_out(const struct text *path)
{
	static const char *const left_out[] = { "/alerts/uids", "/revision", "/audit" };
	for (unsigned i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
		if (path->len == strlen(left_out[i]) &&
			memcmp(path->at, left_out[i], path->len) == 0)
			return true;
	return false;
}

static void note(struct walk *w, const json_t *before, const json_t *after)
{
	text_char(&w->path, '\0');
	json_object_set_new(w->found, w->path.at,
		json_pack("[o, o]", copy_or_null(before), copy_or_null(after)));
	w->path.len--;
}

static void compare(struct walk *w, const json_t *before, const json_t *after)
{
	if (is_left_out(&w->path) || (before && after && json_equal(before, after)))
		return;
	if (json_is_object(before) && json_is_object(after))
		compare_objects(w, before, after);
	else if (json_is_array(before) && json_is_array(after))
		compare_arrays(w, before, after);
	else
		note(w, before, after);
}

json_t *store_changes(const json_t *before, const json_t *after)
{
	struct walk w = { .found = json_object() };
	if (before)
		compare(&w, before, after);
	text_fini(&w.path);
	return w.found;
}
