/* The lines of a file that may be anything: in order, bounded. */
#ifndef IRONSPAN_INCIDENT_TRAIL_LINES_H
#define IRONSPAN_INCIDENT_TRAIL_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"

struct trail_lines {
	FILE *in;
	uint8_t *buffer;
	uint64_t number;   /* of the line that was read last, from 1 */
	bool is_cut;       /* the last line has no end */
	bool is_too_long;  /* a line is longer than TRAIL_LINE: nothing is read any more */
};

/* false after a reported error. */
bool trail_lines_open(struct trail_lines *l, const char *path);
/* The next line without its end, borrowed until the next call; false at the end. */
bool trail_lines_next(struct trail_lines *l, struct bytes *line);
void trail_lines_close(struct trail_lines *l);

#endif
