/* `ironspan report risk`: what stands open before and after networking. */
#include <stdio.h>
#include <stdlib.h>

#include "base/report.h"
#include "command_report.h"
#include "incident/register.h"
#include "incident/risk.h"
#include "options.h"
#include "report_file.h"
#include "report_store.h"

struct sides {
	struct risk *before, *after;
	uint64_t split_ns; /* of one input; 0: the sides come from two */
};

static void on_event(void *context, const json_t *event)
{
	risk_event(context, event);
}

/* One input, two periods. */
static void on_event_of_both(void *context, const json_t *event)
{
	struct sides *s = context;
	uint64_t at_ns;

	if (eve_event_time(event, &at_ns))
		risk_event(at_ns < s->split_ns ? s->before : s->after, event);
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

static bool read_store(const char *dir, struct eve_reader *reader)
{
	return report_store_operations(dir, 0, 0, reader) &&
		report_store_alerts(dir, reader);
}

struct call {
	struct report_form form;
	const char *registers, *split, *store;
	struct command_words words;
};

/* false after a reported error. */
static bool read_periods(const struct call *c, struct sides *s, const struct registers *registers)
{
	struct eve_reader reader = { .event = on_event_of_both, .context = s };
	bool ok = true;

	s->before = risk_new(registers);
	s->after = risk_new(registers);
	if (c->store)
		ok = read_store(c->store, &reader);
	for (int i = 0; ok && i < c->words.count; i++)
		ok = read_events(c->words.operands[i], &reader);
	return ok;
}

static bool read_two(const struct call *c, struct sides *s, const struct registers *registers)
{
	s->before = look_at(c->words.operands[0], registers);
	s->after = s->before ? look_at(c->words.operands[1], registers) : NULL;
	return s->after != NULL;
}

static int write(const struct call *c, const struct sides *s)
{
	char *const *paths = c->words.operands;
	bool is_en = c->form.language[0] == 'e';
	const char *before = paths[0], *after = paths[1];
	char names[2][128];

	if (s->split_ns) {
		snprintf(names[0], sizeof(names[0]), is_en ? "until %s" : "%s 之前", c->split);
		snprintf(names[1], sizeof(names[1]), is_en ? "from %s on" : "%s 起", c->split);
		before = names[0];
		after = names[1];
	}
	json_t *doc = risk_compare(s->before, before, s->after, after, c->form.language);
	int code = report_form_write(&c->form, doc, risk_sheet);
	json_decref(doc);
	return code;
}

static int compare(const struct call *c, struct sides *s, const struct registers *registers)
{
	bool ok = s->split_ns ? read_periods(c, s, registers) : read_two(c, s, registers);
	int code = ok ? write(c, s) : EXIT_CANNOT_RUN;

	if (s->before)
		risk_free(s->before);
	if (s->after)
		risk_free(s->after);
	return code;
}

/* false after a reported error. */
static bool check(const struct call *c)
{
	bool fits = c->split ? c->words.count > 0 || c->store : c->words.count == 2 && !c->store;

	if (!fits)
		report_error("report risk needs two inputs, before and after; or --split TIME and "
			"files or --store DIR");
	return fits;
}

int command_report_risk(int argc, char **argv)
{
	struct call c = { .words = { "report risk", command_report_help() } };
	struct sides sides = { NULL };
	struct registers *registers = NULL;
	const struct command_word rows[] = {
		REPORT_FORM_WORDS(&c.form),
		{ "registers", .value = &c.registers },
		{ "split", .value = &c.split },
		{ "store", .value = &c.store },
		{ NULL },
	};

	if (!command_words_read(&c.words, rows, argc, argv))
		return c.words.exit_code;
	if (!check(&c) || !report_form_read(&c.form, c.words.command) ||
		!report_time("--split", c.split, &sides.split_ns))
		return EXIT_CANNOT_RUN;
	if (c.registers && !(registers = report_registers(c.registers)))
		return EXIT_MISTAKE;
	int code = compare(&c, &sides, registers);
	registers_free(registers);
	return code;
}
