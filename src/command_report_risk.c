/* `ironspan report risk`: what stands open before and after networking. */
#include <stdlib.h>

#include "base/report.h"
#include "command_report.h"
#include "incident/register.h"
#include "incident/risk.h"
#include "options.h"
#include "report_file.h"

static void on_event(void *context, const json_t *event)
{
	risk_event(context, event);
}

static struct risk *look_at(const char *path, const struct registers *registers)
{
	struct risk *r = risk_new(registers);
	struct eve_reader reader = { .event = on_event, .context = r };

	if (read_events(path, &reader))
		return r;
	risk_free(r);
	return NULL;
}

static int compare(const struct report_form *form, char *const *paths,
	const struct registers *registers)
{
	struct risk *before = look_at(paths[0], registers);
	struct risk *after = before ? look_at(paths[1], registers) : NULL;
	int code = EXIT_CANNOT_RUN;

	if (after) {
		json_t *doc = risk_compare(before, paths[0], after, paths[1], form->language);
		code = report_form_write(form, doc, risk_sheet);
		json_decref(doc);
		risk_free(after);
	}
	if (before)
		risk_free(before);
	return code;
}

int command_report_risk(int argc, char **argv)
{
	struct report_form form = { 0 };
	const char *registers_dir = NULL;
	struct registers *registers = NULL;
	struct command_words w = { "report risk", command_report_help() };
	const struct command_word rows[] = {
		REPORT_FORM_WORDS(&form),
		{ "registers", .value = &registers_dir },
		{ NULL },
	};

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (w.count != 2) {
		report_error("report risk needs two inputs: before and after");
		return EXIT_CANNOT_RUN;
	}
	if (!report_form_read(&form, w.command))
		return EXIT_CANNOT_RUN;
	if (registers_dir && !(registers = report_registers(registers_dir)))
		return EXIT_MISTAKE;
	int code = compare(&form, w.operands, registers);
	registers_free(registers);
	return code;
}
