/* The audit of operations: everything in a period that changed, or tried to change, something
 * in the plant: who, to what, from what value to what value, accepted or refused.
 *
 * Built from EVE events. A protocol's event has all operations; a log that holds alerts only
 * has those that a rule alerted on, and the report says so. The user is the one who last
 * logged in on the same connection, where that was seen. Rows beyond the limit are counted and
 * not listed; sums cover them. One thread; bounded by `limit` rows. */
#ifndef IRONSPAN_CONTROL_LOG_H
#define IRONSPAN_CONTROL_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "incident/sheet.h"

struct registers;
struct control_log;

enum { CONTROL_LOG_ROWS = 100000 }; /* the usual limit */

struct control_log_config {
	uint64_t since_ns, until_ns; /* from, and before; 0: no bound */
	uint64_t limit;              /* rows */
	const struct registers *registers; /* names of assets; NULL: addresses only */
};

struct control_log *control_log_new(const struct control_log_config *config);
void control_log_free(struct control_log *l);
/* Any EVE event: those without an operation of interest only move the period seen. */
void control_log_event(struct control_log *l, const json_t *event);
/* Lines of the input that could not be read, to be told. */
void control_log_unreadable(struct control_log *l, uint64_t lines);

/* {"schema":"ironspan.operations/1",…,"operations":[…]} and '\n'. false: `out` failed. */
bool control_log_json(struct control_log *l, FILE *out);
/* The same for people; labels may be NULL. To be freed. */
char *control_log_sheet(struct control_log *l, const json_t *labels, const char *language,
	enum sheet_format format);

#endif
