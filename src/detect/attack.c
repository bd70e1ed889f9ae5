/* The ATT&CK table: ids, names and tactics from a data file with a version in it, so
 * that a new release of ATT&CK is a new file. */
#include <stdlib.h>
#include <strings.h>
#include <jansson.h>

#include "base/report.h"
#include "detect/load.h"

struct attack_table {
	const char *version;
	struct attack_technique *techniques; /* sorted by id */
	unsigned count;
};

static const char *own_text(struct arena *a, const char *s)
{
	return s ? arena_copy(a, s, strlen(s) + 1) : NULL;
}

/* "Persistence, Impair Process Control" */
static const char *join(struct arena *a, const json_t *tactics)
{
	struct text t = { 0 };
	json_t *tactic;
	size_t i;

	json_array_foreach(tactics, i, tactic) {
		if (i > 0)
			text_lit(&t, ", ");
		text_put(&t, json_string_value(tactic), json_string_length(tactic));
	}
	text_char(&t, 0);
	const char *kept = own_text(a, t.at);
	text_fini(&t);
	return kept;
}

static bool read_row(struct arena *a, const json_t *row, struct attack_technique *out)
{
	const json_t *tactics = json_object_get(row, "tactics");

	out->id = own_text(a, json_string_value(json_object_get(row, "id")));
	out->name = own_text(a, json_string_value(json_object_get(row, "name")));
	out->successor = own_text(a, json_string_value(json_object_get(row, "successor")));
	out->tactic = join(a, tactics);
	return out->id && out->name && json_is_array(tactics);
}

static int by_id(const void *a, const void *b)
{
	const struct attack_technique *x = a, *y = b;

	return strcasecmp(x->id, y->id);
}

static bool read_rows(struct attack_table *t, struct arena *a, const json_t *rows)
{
	json_t *row;
	size_t i;

	t->techniques = arena_take(a, json_array_size(rows) * sizeof(*t->techniques));
	json_array_foreach(rows, i, row)
		if (!read_row(a, row, &t->techniques[t->count++]))
			return false;
	qsort(t->techniques, t->count, sizeof(*t->techniques), by_id);
	return t->count > 0;
}

struct attack_table *attack_read(const char *path, struct arena *arena)
{
	json_error_t error;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	struct attack_table *t = arena_take(arena, sizeof(*t));

	if (!root) {
		report_error("%s:%d: %s", path, error.line, error.text);
		return NULL;
	}
	*t = (struct attack_table){ 0 };
	t->version = own_text(arena, json_string_value(json_object_get(root, "version")));
	bool ok = t->version && read_rows(t, arena, json_object_get(root, "techniques"));
	json_decref(root);
	if (!ok)
		report_error("%s: not a table of ATT&CK techniques", path);
	return ok ? t : NULL;
}

const struct attack_technique *attack_find(const struct attack_table *t, const char *id)
{
	struct attack_technique key = { .id = id };

	return t ? bsearch(&key, t->techniques, t->count, sizeof(key), by_id) : NULL;
}

const char *attack_version(const struct attack_table *t)
{
	return t ? t->version : NULL;
}
