/* EVE as input: one JSON object a line, ours or Suricata's, from a file, a pipe, or handed over
 * line by line. A line that is no object, or longer than EVE_LINE_MAX, is counted and skipped.
 * One thread. */
#ifndef IRONSPAN_EVE_LINES_H
#define IRONSPAN_EVE_LINES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

enum { EVE_LINE_MAX = 16 << 20 };

struct eve_reader {
	void (*event)(void *context, const json_t *event); /* borrowed for the call */
	void *context;
	uint64_t lines, unreadable; /* counted by the reader */
};

void eve_line(struct eve_reader *r, struct bytes line);
/* To the end of the file; `name` is for errors. false after a reported error. */
bool eve_lines(struct eve_reader *r, FILE *file, const char *name);

/* The event's `timestamp`. false: it has none. */
bool eve_event_time(const json_t *event, uint64_t *ns);

#endif
