/* The command line: what was asked for, before and after the configuration is known.
 *
 * Options that stand for a key of the configuration are given to it as --set would, so their
 * values are checked in one place. */
#ifndef IRONSPAN_OPTIONS_H
#define IRONSPAN_OPTIONS_H

#include "engine/config.h"

enum { EXIT_FINE, EXIT_MISTAKE, EXIT_CANNOT_RUN }; /* exit codes, see the manual */

enum command {
	COMMAND_REPLAY, COMMAND_FIELDS, COMMAND_RULES_CHECK, COMMAND_RULES_SHOW,
	COMMAND_RULES_TEST, COMMAND_SETTINGS, COMMAND_HELP, COMMAND_VERSION,
};

struct options {
	enum command command;
	const char *config_path;  /* -c */
	bool json;                /* --json */
	bool profile;             /* --profile-rules */
	char **operands;          /* what follows the command */
	int operand_count;
	struct option_given *given; /* the other options, in order */
	unsigned given_count;
};

/* false after a reported error: exit code EXIT_CANNOT_RUN. */
bool options_parse(struct options *o, int argc, char **argv);
/* The second half of it: the words that are no options. */
bool options_find_command(struct options *o);
/* Everything but -c into a loaded configuration. false after reported errors. */
bool options_apply(const struct options *o, struct config *c);
void options_free(struct options *o);

#endif
