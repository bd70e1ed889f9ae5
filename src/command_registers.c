#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_registers.h"
#include "command_words.h"
#include "engine/config_file.h"
#include "incident/register.h"
#include "incident/time.h"
#include "options.h"

static const char help[] =
	"usage: ironspan registers check [DIR]\n"
	"\n"
	"Reads the registers of a plant (organization.json, assets.json, …) from DIR and\n"
	"the shared tables that ship, says what is in them, what is wrong, and for which\n"
	"assets nobody is responsible. Without DIR the shared tables only.\n"
	"ironspan-registers(5) describes the files; signatures/example-plant is one.\n"
	"\n"
	"      --shared DIR       take the shared tables from there\n"
	"      --help             this text\n"
	"\n"
	"Exit code\n"
	"  0  all loads, warnings or not\n"
	"  1  a mistake in a file\n"
	"  2  could not run\n";

static bool is_folder(const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(s.st_mode))
		report_error("%s: not a folder", path);
	return S_ISDIR(s.st_mode);
}

/* ---- what is there ---- */

/* Which list of a file is counted, and in which words. */
static const struct {
	const char *file, *list, *words;
} counted[] = {
	{ "organization", "sites", "sites" },
	{ "zones", "zones", "zones" },
	{ "zones", "conduits", "conduits" },
	{ "assets", "assets", "assets" },
	{ "responsible", "responsible", "duties" },
	{ "persons", "persons", "persons" },
	{ "recipients", "recipients", "recipients" },
	{ "maintenance", "windows", "maintenance windows" },
	{ "grade-rules", "thresholds", "thresholds of grades" },
	{ "clocks", "clocks", "clocks" },
	{ "categories", "categories", "categories" },
};

static void tell_counts(const struct registers *r)
{
	for (unsigned i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
		const json_t *file = registers_data(r, counted[i].file);
		if (file)
			printf("%-14s %-12s %5zu %s\n", counted[i].file,
				json_string_value(json_object_get(file, "version")),
				json_array_size(json_object_get(file, counted[i].list)),
				counted[i].words);
	}
}

static void tell_row(const char *name, const char *version, const json_t *row)
{
	const char *why = json_string_value(json_object_get(row, "disabled_because"));

	printf("%-40s %-10s %s%s%s\n", name, version,
		json_string_value(json_object_get(row, "status")), why ? ", off: " : "",
		why ? why : "");
}

/* Legal data: how sure it is, and what is off because it is not. */
static void tell_legal(const struct registers *r)
{
	const char *name, *none = "";
	json_t *row;
	size_t i;

	puts("");
	json_object_foreach((json_t *)registers_all(r), name, row)
		if (strchr(name, '/'))
			tell_row(name, json_string_value(json_object_get(row, "version")),
				row);
	json_array_foreach(json_object_get(registers_data(r, "clocks"), "clocks"), i,
		row) {
		const char *duration = json_string_value(json_object_get(row,
			"duration"));
		char *clock = mem_printf("clocks/%s", json_string_value(
			json_object_get(row, "id")));
		tell_row(clock, duration ? duration : none, row);
		free(clock);
	}
}

static int check(const char *plant, const char *shared)
{
	if ((plant && !is_folder(plant)) || !is_folder(shared))
		return EXIT_CANNOT_RUN;
	struct registers *r = registers_load(plant, shared);
	if (!r)
		return EXIT_MISTAKE;
	tell_counts(r);
	tell_legal(r);
	fflush(stdout); /* before what is told of it */
	registers_warn(r, time_now_ns());
	registers_free(r);
	return EXIT_FINE;
}

static int check_words(int argc, char **argv)
{
	struct command_words w = { "registers check", help };
	const char *shared = NULL;
	const struct command_word rows[] = { { "shared", .value = &shared }, { NULL } };

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (w.count > 1) {
		report_error("one folder at a time, not %s too", w.operands[1]);
		return EXIT_CANNOT_RUN;
	}
	char *share = config_share_folder();
	char *found = mem_printf("%s/incident", share ? share :
		IRONSPAN_DATADIR "/signatures");
	int code = check(w.count > 0 ? w.operands[0] : NULL, shared ? shared : found);
	free(found);
	free(share);
	return code;
}

int command_registers(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "check") == 0)
		return check_words(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	if (argc > 1)
		report_error("ironspan registers has no command \"%s\"; it has check",
			argv[1]);
	else
		fputs(help, stderr);
	return EXIT_CANNOT_RUN;
}
