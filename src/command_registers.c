#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_registers.h"
#include "engine/config_file.h"
#include "incident/register.h"
#include "incident/time.h"
#include "options.h"

static const char help[] =
	"usage: ironspan registers check [DIR]\n"
	"\n"
	"Reads the registers of a plant (organization.json, assets.json, …) from DIR and the shared\n"
	"tables that ship, says what is in them, what is wrong, and for which assets nobody is\n"
	"responsible. Without DIR the shared tables only. ironspan-registers(5) describes the files;\n"
	"signatures/example-plant is an example.\n"
	"\n"
	"      --shared DIR       take the shared tables from there\n"
	"  -h, --help             this text\n"
	"\n"
	"Exit code: 0 all loads, warnings or not; 1 a mistake in a file; 2 could not run\n";

struct asked {
	const char *plant, *shared; /* NULL: not given */
	bool help;
};

/* ---- what was asked ---- */

static bool read_words(struct asked *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			a->help = true;
		} else if (strcmp(argv[i], "--shared") == 0) {
			a->shared = ++i < argc ? argv[i] : NULL;
			if (!a->shared) {
				report_error("--shared needs a value");
				return false;
			}
		} else if (argv[i][0] == '-') {
			report_error("unknown option %s; `ironspan registers --help` shows all",
				argv[i]);
			return false;
		} else if (i > 1 && a->plant) {
			report_error("one folder at a time, not %s too", argv[i]);
			return false;
		} else if (i > 1) {
			a->plant = argv[i];
		} else if (strcmp(argv[i], "check") != 0) {
			report_error("ironspan registers has no command \"%s\"; it has check",
				argv[i]);
			return false;
		}
	}
	return true;
}

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
			tell_row(name, json_string_value(json_object_get(row, "version")), row);
	json_array_foreach(json_object_get(registers_data(r, "clocks"), "clocks"), i, row) {
		const char *duration = json_string_value(json_object_get(row, "duration"));
		char *clock = mem_printf("clocks/%s", json_string_value(
			json_object_get(row, "id")));
		tell_row(clock, duration ? duration : none, row);
		free(clock);
	}
}

static int check(const struct asked *a, const char *shared)
{
	if ((a->plant && !is_folder(a->plant)) || !is_folder(shared))
		return EXIT_CANNOT_RUN;
	struct registers *r = registers_load(a->plant, shared);
	if (!r)
		return EXIT_MISTAKE;
	tell_counts(r);
	tell_legal(r);
	fflush(stdout);
	registers_warn(r, time_now_ns());
	registers_free(r);
	return ferror(stdout) ? EXIT_CANNOT_RUN : EXIT_FINE;
}

int command_registers(int argc, char **argv)
{
	struct asked a = { 0 };

	if (!read_words(&a, argc, argv))
		return EXIT_CANNOT_RUN;
	if (a.help || argc < 2) {
		fputs(help, a.help ? stdout : stderr);
		return a.help ? EXIT_FINE : EXIT_CANNOT_RUN;
	}
	char *share = config_share_folder();
	char *found = mem_printf("%s/incident", share ? share : IRONSPAN_DATADIR "/signatures");
	int code = check(&a, a.shared ? a.shared : found);
	free(found);
	free(share);
	return code;
}
