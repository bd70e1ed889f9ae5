/* Inside command_incident*.c: what all of its commands share. */
#ifndef IRONSPAN_COMMAND_INCIDENT_PARTS_H
#define IRONSPAN_COMMAND_INCIDENT_PARTS_H

#include "command_words.h"
#include "incident/store.h"
#include "options.h"

struct incident_call {
	struct command_words words;
	const char *dir;   /* --store, else the configuration's */
	const char *plant; /* --registers, else the configuration's */
	const char *config_path; /* --config */
	struct config config;
	struct registers *registers; /* of commands that change something */
	bool json;         /* --json */
	struct store *store;
	uint64_t now_ns;
};

enum { INCIDENT_WORDS = 24 };

/* Reads the words (the command's own options in `rows`, and those of all) and opens the
 * store. false: words.exit_code. */
bool incident_call_begin(struct incident_call *c, const struct command_word *rows,
	int argc, char **argv, enum store_mode mode);
/* As many words that are no options as are wanted; else says what is, false. */
bool incident_call_wants(struct incident_call *c, int least, int most, const char *words);
/* The whole id of the incident that a word means, to be freed; NULL after a reported
 * error. */
char *incident_call_find(struct incident_call *c, const char *part);
/* The whole id of the document's report that `part` begins, to be freed; NULL after a
 * reported error. */
char *incident_find_report(const json_t *doc, const char *part);
/* The incident and the report that the first two words name; both to be freed. false after a
 * reported error. */
bool incident_find_both(struct incident_call *c, char **id, json_t **report);
/* Redacts an approved report and hands it to the node of incident.tier. false after a reported
 * error. */
bool incident_forward_report(struct incident_call *c, const char *id, const json_t *report);
int incident_call_end(struct incident_call *c, bool ok); /* reports store_error() */
int incident_call_stop(
	struct incident_call *c, int code); /* what is wrong was reported */

/* "24h", "7d", "2026-11-20" or RFC 3339; NULL: 0. false after a reported error. */
bool incident_time_read(const struct incident_call *c, const char *text, uint64_t *ns);
/* A whole number; NULL: what it was. */
bool incident_number_read(const struct incident_call *c, const char *option,
	const char *text, unsigned *number);
void incident_print_json(const json_t *value);

/* What kind of report is wanted; NULL: the first one, for the plant's own group. */
struct draft_words {
	const char *kind, *profile, *language;
};
/* A report made from what the store knows; NULL after a reported error. */
json_t *incident_draft(struct incident_call *c, const json_t *doc, const struct draft_words *w);

int incident_list(int argc, char **argv);
int incident_show(int argc, char **argv);
int incident_alerts(int argc, char **argv);
int incident_operations(int argc, char **argv);
int incident_report(int argc, char **argv);
int incident_approve(int argc, char **argv);
int incident_forward(int argc, char **argv);
int incident_submit(int argc, char **argv);
int incident_export(int argc, char **argv);
int incident_backup(int argc, char **argv);
int incident_retain(int argc, char **argv);
/* Any action of life.h that has no function of its own. */
int incident_act(int argc, char **argv);

void incident_action_help(const struct life_action *action);

#endif
