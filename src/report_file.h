/* Where `ironspan report` and `ironspan share` find what ships, what they read, and where what
 * they write goes. */
#ifndef IRONSPAN_REPORT_FILE_H
#define IRONSPAN_REPORT_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "command_words.h"
#include "incident/eve_lines.h"

struct registers;

enum { DOCUMENT_MAX = 64 << 20 }; /* bytes of a JSON document that is read */

/* A shipped file below signatures/incident: "labels", "profiles/GROUP/internal" (its id). NULL
 * after a reported error. */
json_t *shared_document(const char *name);
/* The folder itself; to be freed. NULL: not installed. */
char *shared_folder(void);

/* The plant's registers and what ships. NULL after reported errors. */
struct registers *report_registers(const char *dir);

/* Each event of a file to the reader: EVE lines, or a capture that the engine is run on with
 * all events; "-" is EVE from standard input. false after a reported error. */
bool read_events(const char *path, struct eve_reader *r);

/* An incident's document, or an event of ours that holds one under ot.incident. NULL after a
 * reported error. */
json_t *report_incident(const char *path);
/* Its alerts among the events of these files. NULL after a reported error. */
json_t *report_alerts_of(const json_t *incident, const struct command_list *files);

/* What is written is gathered and then put in its place whole: nobody reads half a report.
 * `path` NULL or "-": standard output. */
struct out_file {
	FILE *file; /* to write to */
	const char *path;
	char *text;
	size_t len;
};
bool out_open(struct out_file *o, const char *path);
/* `ok` is whether all writing went well. false after a reported error. */
bool out_close(struct out_file *o, bool ok);

#endif
