/* One line of the trail, read and checked by itself. */
#ifndef IRONSPAN_INCIDENT_TRAIL_LINE_H
#define IRONSPAN_INCIDENT_TRAIL_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "incident/canonical.h"

#define TRAIL_SCHEMA "ironspan.audit/1"

enum {
	TRAIL_LINE = 1 << 20, /* bytes; a longer line is no entry */
	TRAIL_LOG = 128,
};

struct trail_line {
	uint64_t seq;
	char log[TRAIL_LOG];
	char hash[SHA256_TEXT];
	char prev[SHA256_TEXT]; /* "" is null: the first */
};

enum trail_fault {
	TRAIL_FINE,
	TRAIL_NOT_JSON,      /* not one JSON object */
	TRAIL_NOT_ENTRY,     /* another schema, or a key that is missing or of a wrong type */
	TRAIL_UNKNOWN_ALG,   /* hashed with what this program does not know */
	TRAIL_NOT_CANONICAL, /* the same content, spelled otherwise */
	TRAIL_CHANGED,       /* the hash does not fit the content */
};

/* `line` is without its line end. With TRAIL_CHANGED and TRAIL_NOT_CANONICAL, `l` is filled
 * all the same. */
enum trail_fault trail_line_read(struct trail_line *l, struct bytes line);
/* In words for people. */
const char *trail_fault_text(enum trail_fault fault);

#endif
