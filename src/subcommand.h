/* Commands that have options of their own: `ironspan NAME …`. Each is a program in small: it
 * gets its own words (argv[0] is its name), explains itself with --help, and returns the exit
 * code of the whole program (options.h). One file each, command_NAME.c. */
#ifndef IRONSPAN_SUBCOMMAND_H
#define IRONSPAN_SUBCOMMAND_H

struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv);
};

/* NULL: there is none of that name. */
const struct subcommand *subcommand_find(const char *name);

#endif
