/* The lines of one value in a spool: files that are written at the end and read from the
 * beginning. Between spool.c, spool_lane.c and spool_mend.c; nothing else includes it. */
#ifndef IRONSPAN_SPOOL_LANE_H
#define IRONSPAN_SPOOL_LANE_H

#include <stdio.h>

#include "base/text.h"
#include "output/spool.h"

enum { SPOOL_HEAD = 17 }; /* of a record: 16 digits and a space */

struct segment {
	uint64_t number;  /* in its name; they only grow */
	uint64_t size;    /* bytes of whole records */
	uint64_t lines;
};

struct lane {
	const char *folder, *name;
	enum line_value value;
	struct segment *segments; /* oldest first */
	unsigned count;
	int out;              /* the last one, open for writing; -1: the next line begins one */
	struct text record;
	uint64_t segment_max; /* bytes */
	uint64_t next_segment;

	uint64_t confirmed;   /* bytes of the first segment that were */
	uint64_t confirmed_lines;
	FILE *in;             /* segments[reading] from read_at on; NULL: not open */
	unsigned reading;
	uint64_t read_at;
	char *text;           /* getline()'s */
	size_t text_cap;
	struct queue_entry *next; /* read ahead; NULL: not yet */

	uint64_t size, lines; /* of all segments; of lines those that are not confirmed */
	uint64_t lost, damaged;
};

/* ---- spool_mend.c ---- */

char *lane_path(const struct lane *l, uint64_t number); /* of a segment; the caller frees it */
bool lane_is_record(const char *text, size_t len); /* with its '\n' */
void lane_add_segment(struct lane *l, uint64_t number);
/* Finds the segments of an earlier run and mends them; *last becomes the largest number of a
 * record if it is larger. false after a reported error. */
bool lane_open(struct lane *l, uint64_t *last);

/* ---- spool_lane.c ---- */

bool lane_add(struct lane *l, struct bytes line, uint64_t number);
/* Reads ahead; NULL: nothing is left. The entry stays the lane's until lane_pass(). */
const struct queue_entry *lane_peek(struct lane *l);
struct queue_entry *lane_pass(struct lane *l);
void lane_confirm(struct lane *l, const struct queue_entry *e);
void lane_rewind(struct lane *l);
/* Gives the oldest segment up; false: there is none. */
bool lane_shed(struct lane *l);
void lane_close(struct lane *l);

#endif
