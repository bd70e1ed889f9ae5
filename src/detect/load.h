/* What the loader hands to the compiler: rules as understood, not yet as run.
 *
 * rules_read() turns rule files into a list of struct rule; ruleset_load() builds the
 * databases and indexes on top of it. The list owns everything in it, the notes and the
 * ATT&CK table included, and is constant from then on: any thread may read it.
 *
 * Counts of the report: `loaded` are the rules that do exactly what they say, `fell_back`
 * those that are used but not quite as written: the list holds loaded + fell_back rules.
 * Notes are in the order of files and lines. A note with fate RULE_LOADED is a warning
 * about a rule that is used all the same (a sid seen before, an undefined variable). */
#ifndef IRONSPAN_LOAD_H
#define IRONSPAN_LOAD_H

#include "detect/detect.h"

struct attack_table;

/* One rule file's share of the report. */
struct rule_file {
	const char *path;
	unsigned loaded, fell_back, refused, commented;
};

/* What rules call a flow's bits, or its numbers: each name has one, from 0 on. */
struct mark_name {
	const char *name;
	unsigned number;
};
struct mark_names {
	struct mark_name *at; /* sorted by name, once all are read */
	unsigned count;
};

struct rule_list {
	struct rule **rules; /* rules[i]->index == i */
	unsigned count;
	struct mark_names flowbits, flowints; /* of all rules together */
	struct rule_file *files; /* as in the configuration: report.files of them */
	struct rules_report report;
	struct attack_table *attack; /* NULL when the configuration names none */
	char sha256[65];             /* of the files' bytes, one after the other; hex */
	struct arena arena;
};

/* NULL after a reported error: a file cannot be read, or a table in it is not one. */
struct rule_list *rules_read(const struct rules_config *config);
void rules_release(struct rule_list *l);

/* The ATT&CK table: ids are found in any case, NULL if the table has not got them.
 * A successor has a row of its own, so that its name can be looked up too. */
struct attack_table *attack_read(const char *path, struct arena *arena);
const struct attack_technique *attack_find(const struct attack_table *t, const char *id);
const char *attack_version(const struct attack_table *t); /* "18.1" */

#endif
