/* `ironspan report`: incidents, risk before and after networking, the audit of operations. */
#ifndef IRONSPAN_COMMAND_REPORT_H
#define IRONSPAN_COMMAND_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "command_words.h"
#include "incident/sheet.h"

struct time_zone;

int command_report(int argc, char **argv);
/* Its parts; argv[0] is the last word of the command's name. */
int command_report_incident(int argc, char **argv);
int command_report_risk(int argc, char **argv);
int command_report_audit(int argc, char **argv);
const char *command_report_help(void);

/* How every report is written: --lang, --format, -o. */
struct report_form {
	const char *language_word, *format_word, *out; /* as given; NULL: not */
	const char *language; /* "zh-CN" or "en" */
	bool is_json;
	enum sheet_format format; /* when it is no JSON */
};

/* Rows of a table of command_word. */
#define REPORT_FORM_WORDS(form) \
	{ "lang", .value = &(form)->language_word }, \
	{ "format", .value = &(form)->format_word }, \
	{ "out", .value = &(form)->out, .letter = 'o' }

/* false, and says so: a language or format that there is not. Without --format it is what the
 * file's name ends in, else Markdown. */
bool report_form_read(struct report_form *form, const char *command);
/* A document, or what `sheet` makes of it for people, to where it belongs. Exit code. */
int report_form_write(const struct report_form *form, const json_t *doc,
	char *(*sheet)(const json_t *doc, const json_t *labels, enum sheet_format format));
/* labels.json; NULL: sheets show codes (reported). */
json_t *report_labels(void);
/* A time as people give it: a date, or RFC 3339. false, and says so. NULL leaves *ns. */
bool report_time(const char *option, const char *text, uint64_t *ns);

/* Minutes that a zone is ahead of UTC at a time. */
int report_offset(const struct time_zone *zone, uint64_t ns);

#endif
