#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_words.h"
#include "engine/nearest.h"
#include "options.h"

enum { HELP = 1000 };

static unsigned count_rows(const struct command_word *rows)
{
	unsigned count = 0;

	while (rows[count].name)
		count++;
	return count;
}

/* getopt's form of the table; the value of row i is i. */
static struct option *options_of(const struct command_word *rows)
{
	unsigned count = count_rows(rows);
	struct option *options = mem_array(count + 2, sizeof(*options));

	for (unsigned i = 0; i < count; i++)
		options[i] = (struct option){ rows[i].name,
			rows[i].flag ? no_argument : required_argument, NULL, (int)i };
	options[count] = (struct option){ "help", no_argument, NULL, HELP };
	return options;
}

/* The letters as getopt wants them; ':' first tells a missing value from an unknown letter. */
static char *letters_of(const struct command_word *rows)
{
	char *letters = mem_new(2 * count_rows(rows) + 2), *at = letters;

	for (*at++ = ':'; rows->name; rows++) {
		if (!rows->letter)
			continue;
		*at++ = rows->letter;
		if (!rows->flag)
			*at++ = ':';
	}
	return letters;
}

/* getopt answers with a row's number or its letter; letters lie above all numbers. */
static const struct command_word *row_of(const struct command_word *rows, int found)
{
	unsigned count = count_rows(rows);

	if ((unsigned)found < count)
		return &rows[found];
	while (rows->letter != found)
		rows++;
	return rows;
}

static bool refuse(struct command_words *w)
{
	w->exit_code = EXIT_CANNOT_RUN;
	return false;
}

static bool say_unknown(struct command_words *w, const struct command_word *rows, const char *word)
{
	struct nearest n = { .word = word + strspn(word, "-") };

	for (; rows->name; rows++)
		nearest_offer(&n, rows->name);
	report_error("%s: unknown option %s%s%s%s", w->command, word,
		n.best[0] ? "; did you mean --" : "", n.best, n.best[0] ? "?" : "");
	return refuse(w);
}

static bool take(struct command_words *w, const struct command_word *row, const char *value)
{
	if (row->flag)
		*row->flag = true;
	else if (row->value)
		*row->value = value;
	else if (row->list->count < COMMAND_LIST)
		row->list->at[row->list->count++] = value;
	else {
		report_error("%s: --%s more than %d times", w->command, row->name, COMMAND_LIST);
		return refuse(w);
	}
	return true;
}

static bool read_all(struct command_words *w, const struct command_word *rows,
	const struct option *options, const char *letters, int argc, char **argv)
{
	int found;

	optind = 0; /* from the start, and again if it was used before */
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (found == HELP) {
			fputs(w->help, stdout);
			w->exit_code = EXIT_FINE;
			return false;
		}
		if (found == ':') {
			report_error("%s: %s needs a value", w->command, argv[optind - 1]);
			return refuse(w);
		}
		if (found == '?')
			return say_unknown(w, rows, argv[optind - 1]);
		if (!take(w, row_of(rows, found), optarg))
			return false;
	}
	return true;
}

bool command_words_read(struct command_words *w, const struct command_word *rows, int argc,
	char **argv)
{
	struct option *options = options_of(rows);
	char *letters = letters_of(rows);
	bool ok = read_all(w, rows, options, letters, argc, argv);

	free(letters);
	free(options);
	w->operands = argv + optind;
	w->count = argc - optind;
	return ok;
}

bool command_needs(const struct command_words *w, const char *option, const char *value)
{
	if (!value)
		report_error("%s needs %s; see `ironspan %s --help`", w->command, option,
			w->command);
	return value != NULL;
}
