/* What an EVE event's `ot.operation` says, in words for people. Any thread. */
#ifndef IRONSPAN_OPERATION_TEXT_H
#define IRONSPAN_OPERATION_TEXT_H

#include <jansson.h>
#include <stdbool.h>

/* Whether it changes, or tries to change, something in the plant: all verbs but those that
 * look (read, discover, diagnose, subscribe), program_upload, and those that come before
 * (session, login). */
bool operation_alters(const json_t *operation);

/* Any JSON value as a line, cut when it is long: 1850, [500,510]. NULL for none. To be freed. */
char *value_text(const json_t *value);
/* "TIC-101.SP (40021)", "20", "20 (4)" for four from 20 on. NULL if no point is named. */
char *point_text(const json_t *operation);
/* "PULSE_ON", "1850 0.1 degC": key is "value" or "value_prev". NULL for none. */
char *operation_value_text(const json_t *operation, const char *key);

/* Of several operations only the one that is shown alone has the value before: `each`, or `shown`
 * if it is the same. */
const json_t *operation_with_value_before(const json_t *each, const json_t *shown);

#endif
