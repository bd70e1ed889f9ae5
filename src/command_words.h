/* The words behind `ironspan NAME`: options of a command of its own (subcommand.h), from a table.
 *
 *	struct command_words w = { "audit", help };
 *	const struct command_word rows[] = {
 *		{ "log", .value = &log }, { "json", .flag = &json }, { NULL },
 *	};
 *	if (!command_words_read(&w, rows, argc, argv))
 *		return w.exit_code;
 *
 * "--log FILE" or "--log=FILE", or "-l FILE" where the row has a letter; --help prints the
 * text. */
#ifndef IRONSPAN_COMMAND_WORDS_H
#define IRONSPAN_COMMAND_WORDS_H

#include <stdbool.h>

enum { COMMAND_LIST = 32 };

struct command_list {
	const char *at[COMMAND_LIST];
	unsigned count;
};

/* One option: takes a value, may be repeated (a list), or is a flag. */
struct command_word {
	const char *name;
	const char **value;
	struct command_list *list;
	bool *flag;
	char letter; /* 0: none */
};

struct command_words {
	const char *command; /* for messages: "audit verify" */
	const char *help;
	char **operands;     /* what is no option, in order */
	int count;
	int exit_code;       /* when command_words_read() said false */
};

/* false after --help or a reported error. `argv[0]` is not looked at. */
bool command_words_read(struct command_words *w, const struct command_word *rows, int argc,
	char **argv);
/* false, and says so: an option that must be there is not. */
bool command_needs(const struct command_words *w, const char *option, const char *value);

#endif
