#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "command_report.h"
#include "command_share.h"
#include "incident/disk.h"
#include "incident/document.h"
#include "incident/share.h"
#include "incident/stix_import.h"
#include "incident/time.h"
#include "options.h"
#include "report_file.h"

static const char help[] =
	"  ironspan share export INCIDENT --as FORM [--alerts FILE]... [-o FILE]\n"
	"                                 an incident in a language that others read\n"
	"      --as FORM                  stix: indicators, sightings, techniques; no names, no\n"
	"                                 addresses inside, no values. For systems of your own,\n"
	"                                 all that they have a place for: ocsf, idmef, iodef\n"
	"      --alerts FILE              EVE with the incident's alerts; with alert.rule in them\n"
	"                                 (outputs.rule-text) the rules become indicators\n"
	"      --tlp white|green|amber|red\n"
	"                                 of a STIX bundle (amber)\n"
	"      --sector NAME              whose plants, in STIX's words: chemical, energy, …\n"
	"      --exercise                 also what is no live incident; it is marked\n"
	"      --at TIME                  when it is made; now\n"
	"  ironspan share import BUNDLE --source NAME -o FILE.rules [--at TIME]\n"
	"                                 indicators of a STIX 2.1 bundle as rules; load them\n"
	"                                 with -s FILE.rules. Alerts name the indicator. Sids 8000000\n"
	"                                 to 8999999; imported again, a rule keeps its sid\n"
	"  -v, --verbose                  say of each indicator that was left out, why\n"
	"  -o, --out FILE                 instead of standard output\n"
	"\n"
	"Exit code 0: written; 1: not a bundle, or nothing in it could become a rule; 2: could\n"
	"not run.\n";

/* ---- export ---- */

static const struct {
	const char *name;
	json_t *(*make)(const json_t *incident, const struct share_request *request);
} forms[] = {
	{ "stix", share_stix }, { "ocsf", share_ocsf }, { "idmef", share_idmef },
	{ "iodef", share_iodef },
};

struct words {
	const char *as, *tlp, *sector, *at, *out, *source;
	struct command_list alerts;
	bool exercise;
};

static int find_form(const char *name)
{
	for (unsigned i = 0; name && i < sizeof(forms) / sizeof(*forms); i++)
		if (strcmp(forms[i].name, name) == 0)
			return (int)i;
	report_error("share export: --as is \"%s\"; it must be stix, ocsf, idmef or iodef",
		name ? name : "");
	return -1;
}

static int write_json(const json_t *doc, const char *path)
{
	struct out_file out;

	if (!out_open(&out, path))
		return EXIT_CANNOT_RUN;
	bool ok = json_dumpf(doc, out.file, JSON_INDENT(1)) == 0 && fputc('\n', out.file) != EOF;
	return out_close(&out, ok) ? EXIT_FINE : EXIT_CANNOT_RUN;
}

/* Replay and exercise do not leave as real. */
static bool may_leave(const struct words *o, const json_t *incident)
{
	const char *origin = document_string(incident, "/origin");

	if (o->exercise || (origin && strcmp(origin, "live") == 0))
		return true;
	report_error("the incident is no live one (origin %s): with --exercise it is written, and "
		"marked", origin ? origin : "not told");
	return false;
}

static int export_incident(const struct words *o, const char *path, int form, uint64_t now_ns)
{
	json_t *incident = report_incident(path);
	json_t *alerts = incident ? report_alerts_of(incident, &o->alerts) : NULL;
	struct share_request request = { alerts, o->sector, o->tlp, now_ns };
	int code = EXIT_CANNOT_RUN;

	if (alerts && !may_leave(o, incident)) {
		code = EXIT_MISTAKE;
	} else if (alerts) {
		json_t *doc = forms[form].make(incident, &request);
		code = write_json(doc, o->out);
		json_decref(doc);
	}
	json_decref(alerts);
	json_decref(incident);
	return code;
}

static int share_export(const struct command_words *w, const struct words *o, uint64_t now_ns)
{
	int form = find_form(o->as);

	if (form < 0)
		return EXIT_CANNOT_RUN;
	if (!share_tlp_id(o->tlp)) {
		report_error("share export: --tlp is \"%s\"; it must be white, green, amber or red",
			o->tlp);
		return EXIT_CANNOT_RUN;
	}
	return export_incident(o, w->operands[0], form, now_ns);
}

/* ---- import ---- */

static void tell(const struct stix_import *i)
{
	const json_t *note;
	size_t k;

	fprintf(stderr, "ironspan: %u indicators: %u imported as %u rules, %u left out\n",
		i->indicators, i->imported, i->rule_count, i->left_out);
	json_array_foreach (i->notes, k, note) {
		const char *id = document_string(note, "/id");
		report_note("%s: left out: %s", id ? id : "an indicator without id",
			document_string(note, "/why"));
	}
}

static int write_rules(const struct stix_import *i, const char *path)
{
	struct out_file out;

	if (!out_open(&out, path))
		return EXIT_CANNOT_RUN;
	bool ok = fwrite(i->rules.at, 1, i->rules.len, out.file) == i->rules.len;
	if (!out_close(&out, ok))
		return EXIT_CANNOT_RUN;
	return i->rule_count > 0 || i->indicators == 0 ? EXIT_FINE : EXIT_MISTAKE;
}

static int import_bundle(const struct words *o, struct bytes bundle, struct bytes earlier,
	uint64_t now_ns)
{
	struct stix_import i = { .source = o->source, .now_ns = now_ns, .earlier = earlier };
	int code = EXIT_MISTAKE;

	if (stix_import(&i, bundle)) {
		tell(&i);
		code = write_rules(&i, o->out);
	}
	stix_import_fini(&i);
	return code;
}

static struct bytes bytes_of(const struct text *t)
{
	return (struct bytes){ (const uint8_t *)t->at, t->len };
}

static int share_import(const struct command_words *w, const struct words *o, uint64_t now_ns)
{
	struct text bundle = { 0 }, earlier = { 0 };
	int code = EXIT_CANNOT_RUN;

	if (!command_needs(w, "--source", o->source))
		return code;
	if (disk_read(&bundle, w->operands[0], STIX_BUNDLE_MAX, false) &&
		(!o->out || access(o->out, F_OK) != 0 ||
			disk_read(&earlier, o->out, STIX_BUNDLE_MAX, true)))
		code = import_bundle(o, bytes_of(&bundle), bytes_of(&earlier), now_ns);
	text_fini(&bundle);
	text_fini(&earlier);
	return code;
}

/* ---- the command ---- */

static int run(const char *part, int argc, char **argv)
{
	struct words o = { .tlp = "amber" };
	bool is_export = strcmp(part, "export") == 0, verbose = false;
	struct command_words w = { is_export ? "share export" : "share import", help };
	const struct command_word rows[] = {
		{ "as", .value = &o.as },
		{ "tlp", .value = &o.tlp },
		{ "sector", .value = &o.sector },
		{ "at", .value = &o.at },
		{ "alerts", .list = &o.alerts },
		{ "exercise", .flag = &o.exercise },
		{ "source", .value = &o.source },
		{ "out", .value = &o.out, .letter = 'o' },
		{ "verbose", .flag = &verbose, .letter = 'v' },
		{ NULL },
	};
	uint64_t now_ns = time_now_ns();

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	report_verbose(verbose);
	if (w.count != 1) {
		report_error("%s needs one file: %s", w.command, is_export ? "an incident" :
			"a STIX bundle");
		return EXIT_CANNOT_RUN;
	}
	if (!report_time("--at", o.at, &now_ns))
		return EXIT_CANNOT_RUN;
	return (is_export ? share_export : share_import)(&w, &o, now_ns);
}

int command_share(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	if (strcmp(part, "export") == 0 || strcmp(part, "import") == 0)
		return run(part, argc - 1, argv + 1);
	if (strcmp(part, "--help") == 0) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	report_error("share export or import; see `ironspan share --help`");
	return EXIT_CANNOT_RUN;
}
