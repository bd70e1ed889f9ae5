/* Reading the files of registers and holding them against their schemas. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "base/text.h"
#include "incident/json_line.h"
#include "incident/register_state.h"
#include "incident/schema.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

static const char *const plant_files[] = { "organization", "zones", "assets",
	"responsible",
	"persons", "recipients", "maintenance", NULL };
static const char *const shared_files[] = { "grade-rules", "clocks", "categories", "labels",
	NULL };

/* ---- messages ---- */

static void report_at(struct loader *l, const char *name, const char *pointer,
	const char *reason)
{
	const char *text = json_string_value(json_object_get(l->texts, name));

	l->errors++;
	report_error("%s:%u: %s: %s", json_string_value(json_object_get(l->paths, name)),
		json_line(text, pointer), pointer, reason);
}

void register_wrong(struct loader *l, const char *name, const char *pointer,
	const char *format, ...)
{
	va_list args;
	char reason[512];

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	report_at(l, name, pointer, reason);
}

/* ---- one file ---- */

static bool read_all(struct text *t, FILE *in)
{
	size_t got;

	do {
		text_grow(t, 65536);
		got = fread(t->at + t->len, 1, t->cap - t->len, in);
		t->len += got;
	} while (got > 0 && t->len <= FILE_MAX);
	return !ferror(in);
}

/* The whole file, with a NUL behind it; NULL after a reported error. */
static char *read_file(const char *path, size_t *len)
{
	struct text t = { 0 };
	FILE *in = fopen(path, "rb");

	if (!in || !read_all(&t, in))
		report_error("%s: %s", path, strerror(errno));
	else if (t.len > FILE_MAX)
		report_error("%s: more than %d MiB", path, FILE_MAX >> 20);
	else
		text_char(&t, '\0');
	bool whole = in && !ferror(in) && t.len > 0 && t.at[t.len - 1] == '\0';
	if (in)
		fclose(in);
	if (!whole) {
		text_fini(&t);
		return NULL;
	}
	*len = t.len - 1;
	return t.at;
}

static json_t *parse(const char *path, const char *text, size_t len)
{
	json_error_t error;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (value && !json_is_object(value)) {
		report_error("%s:1: must be an object", path);
		json_decref(value);
		return NULL;
	}
	if (!value)
		report_error("%s:%d: %s", path, error.line, error.text);
	return value;
}

struct telling {
	struct loader *l;
	const char *name;
};

static void on_mistake(void *context, const char *pointer, const char *reason)
{
	const struct telling *t = context;

	report_at(t->l, t->name, pointer, reason);
}

/* Under which name a file is kept: its own, or for one of many the folder's and its
 * id. */
static char *kept_name(const char *kind, const char *folder, const json_t *value)
{
	const char *id = register_text(value, "id");

	return folder ? mem_printf("%s/%s", folder, id ? id : "") : mem_string(kind);
}

static void check_and_keep(struct loader *l, const char *kind, const char *folder,
	const char *path, const char *text, json_t *value)
{
	char *name = kept_name(kind, folder, value);
	json_t *schema = schema_load(kind);
	struct telling telling = { l, name };

	json_object_set_new(l->texts, name, json_string(text));
	json_object_set_new(l->paths, name, json_string(path));
	if (schema_check(schema, value, on_mistake, &telling) == 0)
		json_object_set(l->r->files, name, value);
	json_decref(schema);
	free(name);
}

static void load_file(struct loader *l, const char *path, const char *kind,
	const char *folder)
{
	size_t len = 0;
	char *text = read_file(path, &len);
	json_t *value = text ? parse(path, text, len) : NULL;

	if (value)
		check_and_keep(l, kind, folder, path, text, value);
	else
		l->errors++;
	json_decref(value);
	free(text);
}

/* ---- folders ---- */

static void load_named(struct loader *l, const char *folder, const char *const *names,
	const char *needed)
{
	for (; *names; names++) {
		char *path = mem_printf("%s/%s.json", folder, *names);
		if (access(path, F_OK) == 0 || (needed && strstr(needed, *names)))
			load_file(l, path, *names, NULL);
		free(path);
	}
}

static int is_json(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return *d->d_name != '.' && dot && strcmp(dot, ".json") == 0;
}

/* Every file of profiles/ or redaction/, in the order of their names. */
static void load_many(struct loader *l, const char *folder, const char *below,
	const char *kind)
{
	char *path = mem_printf("%s/%s", folder, below);
	struct dirent **found = NULL;
	int count = scandir(path, &found, is_json, alphasort);

	for (int i = 0; i < count; i++) {
		char *file = mem_printf("%s/%s", path, found[i]->d_name);
		load_file(l, file, kind, below);
		free(file);
		free(found[i]);
	}
	free(found);
	free(path);
}

static void load_rules(struct loader *l, const char *folder, const char *needed)
{
	load_named(l, folder, shared_files, needed);
	load_many(l, folder, "profiles", "profile");
	load_many(l, folder, "redaction", "redaction");
}

void register_read_shared(struct loader *l, const char *folder)
{
	load_rules(l, folder, "grade-rules clocks categories");
}

void register_read_plant(struct loader *l, const char *folder)
{
	load_named(l, folder, plant_files, "organization");
	load_rules(l, folder, NULL);
}
