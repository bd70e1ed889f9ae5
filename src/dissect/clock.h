/* Times as text, for struct field's `format`. Pure functions; any thread. */
#ifndef IRONSPAN_CLOCK_H
#define IRONSPAN_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT = 32 }; /* bytes that clock_text() writes at most */

/* "2026-01-31T12:00:00", UTC, from seconds since 1970, which may be negative: from the year 0
 * to 99999. Returns where it ends. */
char *clock_text(char *out, int64_t seconds);

/* `value` with at least `width` digits, zeros in front. Returns where it ends. */
char *clock_digits(char *out, uint32_t value, unsigned width);

#endif
