#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_report.h"
#include "incident/document.h"
#include "incident/time.h"
#include "options.h"
#include "report_file.h"

static const char help[] =
	"Reports are drafts: what the network shows is filled in, what a person must fill holds\n"
	"[人工填写] and is listed. Nothing is sent anywhere.\n"
	"\n"
	"  ironspan report incident FILE | ID --store DIR [--profile ID] [--kind KIND]\n"
	"                                 about an incident, for who wants to know\n"
	"      --kind KIND                first (default), progress, final, correction,\n"
	"                                 withdrawal\n"
	"      --profile ID               GROUP/internal (default), CN-CAC-2025/other-operator, …\n"
	"                                 as in signatures/incident/profiles\n"
	"      --alerts FILE              EVE with the incident's alerts (values, time line); may\n"
	"                                 be repeated\n"
	"      --save                     keeps the draft in the store, for approval and filing\n"
	"      --previous FILE            the report before: it is followed or superseded\n"
	"      --reason TEXT              of a correction or withdrawal\n"
	"      --by PERSON                who drafts it\n"
	"      --at TIME                  when it is drafted; now\n"
	"      --time-zone NAME           of local times, as Asia/Shanghai; else the registers',\n"
	"                                 else UTC\n"
	"      --redact ID                for leaving the plant: to-group, to-authority,\n"
	"                                 to-sharing, as in signatures/incident/redaction\n"
	"      --key FILE                 of the pseudonyms (0600); made if it is not there\n"
	"      --openings FILE            salts and values behind the commitments (0600); stays\n"
	"                                 in the plant\n"
	"  ironspan report audit FILE... | --store DIR [--since TIME] [--until TIME] [--limit N]\n"
	"                                 every control operation: who, to what, from what value\n"
	"                                 to what value, accepted or refused\n"
	"  ironspan report risk BEFORE AFTER | --split TIME FILE... | --split TIME --store DIR\n"
	"                                 devices and what stands open, before and after\n"
	"                                 networking, and the difference: of two inputs, or of\n"
	"                                 one before and from TIME on. A store knows of devices\n"
	"                                 what alerts and control operations tell\n"
	"A TIME is " TIME_WRITTEN ".\n"
	"A FILE of audit and risk is a capture or EVE lines; - is EVE from standard input:\n"
	"  ironspan -r plant.pcap --events all | ironspan report audit -\n"
	"\n"
	"For each:\n"
	"      --registers DIR            the plant's registers: names of devices, recipients,\n"
	"                                 persons, time zone\n"
	"      --lang zh|en               language (zh; of an incident's report the profile's)\n"
	"      --format json|md|html      (md, or what FILE's name says); html prints on A4\n"
	"  -o, --out FILE                 instead of standard output\n"
	"\n"
	"Exit code 0: written; 1: a mistake in what was given; 2: could not run.\n";

const char *command_report_help(void)
{
	return help;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} parts[] = {
	{ "incident", command_report_incident },
	{ "audit", command_report_audit },
	{ "risk", command_report_risk },
};

int command_report(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(*parts); i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			return parts[i].run(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	report_error("report incident, audit or risk; see `ironspan report --help`");
	return EXIT_CANNOT_RUN;
}

/* ---- what all have ---- */

static bool read_language(struct report_form *form, const char *command)
{
	const char *word = form->language_word;

	form->language = "zh-CN";
	if (!word)
		return true;
	if (strcmp(word, "en") == 0)
		form->language = "en";
	else if (strcmp(word, "zh") != 0 && strcmp(word, "zh-CN") != 0) {
		report_error("%s: --lang is \"%s\"; it must be zh or en", command, word);
		return false;
	}
	return true;
}

static const char *ending(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	return dot ? dot + 1 : "md";
}

bool report_form_read(struct report_form *form, const char *command)
{
	const char *word = form->format_word ? form->format_word : ending(form->out);

	if (!read_language(form, command))
		return false;
	form->is_json = strcmp(word, "json") == 0;
	form->format = strcmp(word, "html") == 0 ? SHEET_HTML : SHEET_MARKDOWN;
	if (form->is_json || form->format == SHEET_HTML || strcmp(word, "md") == 0 ||
		!form->format_word)
		return true;
	report_error("%s: --format is \"%s\"; it must be json, md or html", command, word);
	return false;
}

json_t *report_labels(void)
{
	return shared_document("labels");
}

static bool write_sheet(FILE *file, const json_t *doc,
	char *(*sheet)(const json_t *doc, const json_t *labels, enum sheet_format format),
	enum sheet_format format)
{
	json_t *labels = report_labels();
	char *text = sheet(doc, labels, format);
	bool ok = fputs(text, file) >= 0;

	free(text);
	json_decref(labels);
	return ok;
}

int report_form_write(const struct report_form *form, const json_t *doc,
	char *(*sheet)(const json_t *doc, const json_t *labels, enum sheet_format format))
{
	struct out_file out;
	bool ok;

	if (!out_open(&out, form->out))
		return EXIT_CANNOT_RUN;
	if (form->is_json)
		ok = json_dumpf(doc, out.file, JSON_INDENT(1)) == 0 && fputc('\n', out.file) != EOF;
	else
		ok = write_sheet(out.file, doc, sheet, form->format);
	return out_close(&out, ok) ? EXIT_FINE : EXIT_CANNOT_RUN;
}

bool report_time(const char *option, const char *text, uint64_t *ns)
{
	if (!text || time_read_written(text, time_now_ns(), ns))
		return true;
	report_error("%s is \"%s\"; write it as " TIME_WRITTEN, option, text);
	return false;
}
