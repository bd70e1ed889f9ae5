/* Is this log whole? Reads it from its first line to its last, once, in bounded memory. */
#ifndef IRONSPAN_INCIDENT_TRAIL_VERIFY_H
#define IRONSPAN_INCIDENT_TRAIL_VERIFY_H

#include "incident/checkpoint.h"
#include "incident/trail_line.h"

enum trail_result {
	TRAIL_OK,
	TRAIL_BAD,       /* a line is no entry, or was changed */
	TRAIL_MISSING,   /* entries are missing before this line */
	TRAIL_SWAPPED,   /* this line stands where another belongs, which comes later */
	TRAIL_REPEATED,  /* this line was there before */
	TRAIL_FORKED,    /* two entries follow the same one, or the log is not the checkpoint's */
	TRAIL_TRUNCATED, /* the last line is cut, or the checkpoint has more entries */
};

struct trail_verdict {
	enum trail_result result;
	uint64_t line, seq;     /* where: the first that is wrong; 0 where it has none */
	char text[320];         /* for people, one line */
	/* of what was read */
	char log[TRAIL_LOG];
	uint64_t entries, first_seq, last_seq;
	char last_hash[SHA256_TEXT];
	struct merkle tree;
};

/* Checks the file's chain and, on the way, that it begins with each tree in `checkpoints`
 * (whose signatures the caller has checked). false after a reported error: it could not be
 * read. */
bool trail_verify(struct trail_verdict *v, const char *path, const struct checkpoint *checkpoints,
	unsigned count);
/* The leaves of the log's tree, `v->entries` of them, to be freed; NULL after a reported error.
 * The log must have been verified. */
struct merkle_hash *trail_leaves(const char *path, uint64_t count);
/* "ok", "changed", …: for machines. */
const char *trail_result_name(enum trail_result result);

#endif
