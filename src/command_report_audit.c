/* `ironspan report audit`: every control operation in a period. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "command_report.h"
#include "incident/control_log.h"
#include "incident/register.h"
#include "options.h"
#include "report_file.h"
#include "report_store.h"

struct audit {
	struct report_form form;
	const char *since, *until, *limit, *registers, *store;
};

static bool read_limit(const char *text, uint64_t *limit)
{
	char *end;

	if (!text)
		return true;
	unsigned long long n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || n == 0 || n > 100000000) {
		report_error("--limit is \"%s\"; it must be from 1 to 100000000", text);
		return false;
	}
	*limit = n;
	return true;
}

static void on_event(void *context, const json_t *event)
{
	control_log_event(context, event);
}

static bool read_all(const struct audit *a, struct control_log *log,
	const struct command_words *w, const struct control_log_config *config)
{
	struct eve_reader reader = { .event = on_event, .context = log };
	bool ok = !a->store || report_store_operations(a->store, config->since_ns,
		config->until_ns, &reader);

	for (int i = 0; ok && i < w->count; i++)
		ok = read_events(w->operands[i], &reader);
	control_log_unreadable(log, reader.unreadable);
	return ok;
}

static int write_log(const struct audit *a, struct control_log *log)
{
	struct out_file out;
	bool ok;

	if (!out_open(&out, a->form.out))
		return EXIT_CANNOT_RUN;
	if (a->form.is_json) {
		ok = control_log_json(log, out.file);
	} else {
		json_t *labels = report_labels();
		char *text = control_log_sheet(log, labels, a->form.language, a->form.format);
		ok = fputs(text, out.file) >= 0;
		free(text);
		json_decref(labels);
	}
	return out_close(&out, ok) ? EXIT_FINE : EXIT_CANNOT_RUN;
}

static int report_files(const struct audit *a, const struct command_words *w,
	const struct control_log_config *config)
{
	struct control_log *log = control_log_new(config);
	int code = EXIT_CANNOT_RUN;

	if (read_all(a, log, w, config))
		code = write_log(a, log);
	control_log_free(log);
	return code;
}

int command_report_audit(int argc, char **argv)
{
	struct audit a = { 0 };
	struct control_log_config config = { .limit = CONTROL_LOG_ROWS };
	struct command_words w = { "report audit", command_report_help() };
	const struct command_word rows[] = {
		REPORT_FORM_WORDS(&a.form),
		{ "since", .value = &a.since },
		{ "until", .value = &a.until },
		{ "limit", .value = &a.limit },
		{ "registers", .value = &a.registers },
		{ "store", .value = &a.store },
		{ NULL },
	};

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (w.count == 0 && !a.store) {
		report_error("report audit needs a file of events or a capture, - for standard "
			"input, or --store DIR");
		return EXIT_CANNOT_RUN;
	}
	if (!report_form_read(&a.form, w.command) || !read_limit(a.limit, &config.limit) ||
		!report_time("--since", a.since, &config.since_ns) ||
		!report_time("--until", a.until, &config.until_ns))
		return EXIT_CANNOT_RUN;
	struct registers *registers = NULL;
	if (a.registers && !(registers = report_registers(a.registers)))
		return EXIT_MISTAKE;
	config.registers = registers;
	int code = report_files(&a, &w, &config);
	registers_free(registers);
	return code;
}
