/* classification.config and reference.config, in Suricata's format:
 *   config classification: attempted-recon,Somebody looks around,2
 *   config reference: url https://  */
#include <ctype.h>

#include "base/report.h"
#include "detect/rule_read.h"

enum { NAME_MAX_LEN = 64 };

static void **entry(struct map *m, struct arena *a, struct slice name)
{
	char key[NAME_MAX_LEN];
	size_t len = name.len < sizeof(key) ? name.len : sizeof(key);

	for (size_t i = 0; i < len; i++)
		key[i] = (char)tolower((unsigned char)name.at[i]);
	return map_slot(m, a, key, len);
}

const struct rule_class *class_find(struct reading *r, const char *name)
{
	return *entry(&r->classes, &r->list->arena, slice_of(name));
}

const char *reference_url(struct reading *r, const char *system, const char *id)
{
	const char *prefix = *entry(&r->references, &r->list->arena, slice_of(system));
	struct text url = { 0 };

	if (!prefix)
		return NULL;
	if (strncasecmp(id, "http://", 7) == 0 || strncasecmp(id, "https://", 8) == 0)
		prefix = "";
	text_str(&url, prefix);
	text_str(&url, id);
	char *kept = slice_string(&r->list->arena, (struct slice){ url.at, url.len });
	text_fini(&url);
	return kept;
}

static bool read_class(struct reading *r, struct slice rest)
{
	struct slice name = slice_cut(&rest, ',');
	struct slice text = slice_cut(&rest, ',');
	struct rule_class *class = arena_take(&r->list->arena, sizeof(*class));
	int64_t priority;

	if (name.len == 0 || !slice_number(rest, &priority) || priority < 1 ||
		priority > 255)
		return false;
	class->text = slice_string(&r->list->arena, text);
	class->priority = (unsigned)priority;
	*entry(&r->classes, &r->list->arena, name) = class;
	return true;
}

static bool read_reference(struct reading *r, struct slice rest)
{
	struct slice name = slice_word(&rest);

	if (name.len == 0)
		return false;
	*entry(&r->references, &r->list->arena, name) =
		slice_string(&r->list->arena, slice_trim(rest));
	return true;
}

/* Every line "config WHAT: …", through `read`. */
static bool read_table(struct reading *r, const char *path, const char *what,
	bool (*read)(struct reading *r, struct slice rest))
{
	struct text text = { 0 };
	unsigned line_number = 0;
	bool ok = rule_file_read(path, &text);
	struct slice rest = { text.at, text.len };

	while (ok && rest.len) {
		struct slice line = slice_cut(&rest, '\n');
		line_number++;
		if (line.len == 0 || *line.at == '#')
			continue;
		struct slice head = slice_cut(&line, ':');
		struct slice config = slice_word(&head);
		ok = slice_is(config, "config") && slice_is(slice_trim(head), what) &&
			read(r, line);
		if (!ok)
			report_error("%s:%u: not of the form 'config %s: …'", path,
				line_number, what);
	}
	text_fini(&text);
	return ok;
}

bool classes_read(struct reading *r, const char *path)
{
	return read_table(r, path, "classification", read_class);
}

bool references_read(struct reading *r, const char *path)
{
	return read_table(r, path, "reference", read_reference);
}
