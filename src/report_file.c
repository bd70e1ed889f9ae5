#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/report.h"
#include "commands.h"
#include "engine/config_file.h"
#include "engine/engine.h"
#include "incident/disk.h"
#include "incident/document.h"
#include "incident/register.h"
#include "report_file.h"

enum { OUT_MODE = 0640, ALERTS_MAX = 20000 };

/* ---- what ships ---- */

char *shared_folder(void)
{
	char *signatures = config_share_folder();

	if (!signatures) {
		report_error("the signatures folder is not installed");
		return NULL;
	}
	char *folder = mem_printf("%s/incident", signatures);
	free(signatures);
	return folder;
}

/* "profiles/GROUP/internal" is in the file profiles/GROUP-internal.json. */
static void spell_file_name(char *name)
{
	char *slash = strchr(name, '/');

	while (slash && (slash = strchr(slash + 1, '/')))
		*slash = '-';
}

json_t *shared_document(const char *name)
{
	char *folder = shared_folder(), *file = mem_string(name);
	json_t *doc = NULL;

	spell_file_name(file);
	if (folder && strstr(name, "..") == NULL) {
		char *path = mem_printf("%s/%s.json", folder, file);
		doc = document_load(path, DOCUMENT_MAX);
		free(path);
	}
	free(file);
	free(folder);
	return doc;
}

struct registers *report_registers(const char *dir)
{
	char *shared = shared_folder();
	struct registers *registers = shared ? registers_load(dir, shared) : NULL;

	free(shared);
	return registers;
}

/* ---- captures ---- */

/* A sink that hands lines to a reader. */
struct event_sink {
	struct sink base;
	struct eve_reader *reader;
};

static bool sink_lines(struct sink *base, struct bytes lines, enum line_value value)
{
	struct event_sink *s = (struct event_sink *)base;

	(void)value;
	while (lines.len > 0) {
		const uint8_t *end = memchr(lines.at, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.at) : lines.len;
		eve_line(s->reader, (struct bytes){ lines.at, len });
		len += end != NULL;
		lines = (struct bytes){ lines.at + len, lines.len - len };
	}
	return true;
}

static bool sink_nothing(struct sink *base)
{
	(void)base;
	return true;
}

static bool no_counters(struct sink *base, unsigned index, struct sink_counters *c)
{
	(void)base;
	(void)index;
	(void)c;
	return false;
}

static const struct sink_ops event_sink_ops = { .write = sink_lines, .flush = sink_nothing,
	.finish = sink_nothing, .count = no_counters };

static bool run_engine(const struct config *c, struct eve_reader *reader)
{
	struct event_sink sink = { { .ops = &event_sink_ops }, reader };
	struct rules_config rules_config = rules_config_of(c);
	struct ruleset *rules = ruleset_load(&rules_config);
	struct source *source = rules ? source_open_files(c->inputs, c->input_count, NULL) : NULL;
	bool ok = false;

	if (source) { /* the rules become the engine's */
		struct engine *e = engine_new(&(struct engine_parts){ .config = c,
			.rules = rules, .source = source, .sink = &sink.base });
		ok = engine_run(e, NULL, NULL);
		engine_free(e);
		source_close(source);
	} else if (rules) {
		ruleset_free(rules);
	}
	return ok;
}

static bool read_capture(const char *path, struct eve_reader *r)
{
	struct config config;
	bool ok = config_load(&config, NULL) && config_set(&config, "outputs.events=all");

	config_append(&config, &config.inputs, &config.input_count, path);
	ok = ok && config_finish(&config) && run_engine(&config, r);
	config_free(&config);
	return ok;
}

/* ---- input ---- */

/* Captures begin with a magic number, EVE with a brace; a folder holds captures. */
static bool is_events(FILE *file)
{
	struct stat status;

	if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode))
		return false;
	int c = getc(file);

	while (c == ' ' || c == '\n' || c == '\r' || c == '\t')
		c = getc(file);
	rewind(file);
	return c == '{' || c == EOF;
}

bool read_events(const char *path, struct eve_reader *r)
{
	if (strcmp(path, "-") == 0)
		return eve_lines(r, stdin, "standard input");
	FILE *file = fopen(path, "rb");
	if (!file) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	bool ok = is_events(file) ? eve_lines(r, file, path) : read_capture(path, r);
	fclose(file);
	return ok;
}

/* ---- incidents ---- */

json_t *report_incident(const char *path)
{
	json_t *doc = document_load(path, DOCUMENT_MAX);
	const json_t *within = document_at(doc, "/ot/incident");

	if (within) {
		json_t *incident = json_incref((json_t *)within);
		json_decref(doc);
		doc = incident;
	}
	if (doc && !document_string(doc, "/id")) {
		report_error("%s: not an incident: it has no id", path);
		json_decref(doc);
		return NULL;
	}
	return doc;
}

struct wanted {
	json_t *uids, *found;
};

static void on_event(void *context, const json_t *event)
{
	struct wanted *w = context;
	const char *uid = document_string(event, "/ot/uid"), *type;

	type = document_string(event, "/event_type");
	if (uid && type && strcmp(type, "alert") == 0 && json_object_get(w->uids, uid) &&
		json_array_size(w->found) < ALERTS_MAX)
		json_array_append(w->found, (json_t *)event);
}

json_t *report_alerts_of(const json_t *incident, const struct command_list *files)
{
	struct wanted wanted = { json_object(), json_array() };
	struct eve_reader reader = { .event = on_event, .context = &wanted };
	const json_t *uid;
	bool ok = true;
	size_t i;

	json_array_foreach (document_at(incident, "/alerts/uids"), i, uid)
		if (json_is_string(uid))
			json_object_set_new(wanted.uids, json_string_value(uid), json_true());
	for (unsigned k = 0; ok && k < files->count; k++)
		ok = read_events(files->at[k], &reader);
	json_decref(wanted.uids);
	if (ok)
		return wanted.found;
	json_decref(wanted.found);
	return NULL;
}

/* ---- output ---- */

bool out_open(struct out_file *o, const char *path)
{
	bool is_stdout = !path || strcmp(path, "-") == 0;

	*o = (struct out_file){ .path = is_stdout ? NULL : path };
	o->file = open_memstream(&o->text, &o->len);
	if (!o->file)
		report_error("no memory for the report");
	return o->file != NULL;
}

static bool write_out(const struct out_file *o)
{
	if (o->path)
		return disk_write_out(o->path, (struct bytes){ (const uint8_t *)o->text, o->len },
			OUT_MODE);
	return fwrite(o->text, 1, o->len, stdout) == o->len; /* main() tells why not */
}

bool out_close(struct out_file *o, bool ok)
{
	ok = fclose(o->file) == 0 && ok;
	if (!ok)
		report_error("the report could not be made");
	ok = ok && write_out(o);
	free(o->text);
	return ok;
}
