/* EVE lines as rows of a store of incidents. One thread an instance. */
#ifndef IRONSPAN_STORE_LINE_H
#define IRONSPAN_STORE_LINE_H

#include "incident/store.h"

/* Adds the alert of a line, which counts in `incident` (NULL: in none). false: it is
 * none, or the store failed. */
bool store_line_alert(struct store *s, struct bytes line, const char *incident);
/* Adds the operations of a transaction's line that change something. */
bool store_line_operations(struct store *s, struct bytes line);

#endif
