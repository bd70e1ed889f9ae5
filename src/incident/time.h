/* Times in documents: RFC 3339 in UTC with microseconds, "2026-11-20T02:14:07.412873Z". In C,
 * nanoseconds since 1970. Any thread. */
#ifndef IRONSPAN_INCIDENT_TIME_H
#define IRONSPAN_INCIDENT_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum { TIME_TEXT = 28 }; /* 27 characters and the end */

/* What is below a microsecond is cut off. */
void time_rfc3339(uint64_t ns, char out[TIME_TEXT]);
/* Reads what time_rfc3339() writes, and what others do: any number of decimals, an offset as
 * +08:00 or, as in EVE, +0800. false: it is no time between 1970 and 2554. */
bool time_read_rfc3339(const char *text, uint64_t *ns);
/* Reads what people write: such a time; "2026-11-20", which is its midnight in UTC; or "90s", "5m",
 * "24h", "7d": so long before `now_ns`, 1970 at the earliest. */
bool time_read_written(const char *text, uint64_t now_ns, uint64_t *ns);
#define TIME_WRITTEN "24h, 7d, 2026-11-20 or 2026-11-20T10:14:07+08:00"
uint64_t time_now_ns(void); /* the system's clock */

#endif
