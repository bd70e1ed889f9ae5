/* Lines on disk that wait for a destination far away: bounded, in order, there again after a
 * restart.
 *
 * A folder holds two lanes of segment files, alert-NNN and event-NNN, so that events can be
 * given up without touching an alert. A record is its number in hexadecimal (the order of all
 * lines, over both lanes and over restarts), a space and the line. A file whose end is cut, as
 * a power failure leaves it, loses that one line; one with other damage loses what no longer
 * looks like a record. At the bound the oldest events go first; an event that finds no room is
 * lost, an alert only when nothing but alerts is left.
 *
 * What was read stays on disk until it is confirmed, so a line can come twice after a crash,
 * never not at all. One thread. */
#ifndef IRONSPAN_SPOOL_H
#define IRONSPAN_SPOOL_H

#include "output/queue.h"

struct spool;

/* The folder is made if it is missing, and locked. NULL after a reported error. */
struct spool *spool_open(const char *folder, size_t limit);
/* One line; false: it cannot be written now (errno says why), and nothing of it was. A line
 * that was lost for lack of room is counted, and true. */
bool spool_add(struct spool *s, struct bytes line, enum line_value value);
/* The next line, oldest first, as the caller's entry; NULL: all was read. */
struct queue_entry *spool_next(struct spool *s);
/* The oldest that was read and not confirmed has arrived: it is forgotten. */
void spool_confirm(struct spool *s, const struct queue_entry *e);
/* What was read and not confirmed will be read again. */
void spool_rewind(struct spool *s);
bool spool_is_read(const struct spool *s); /* nothing left to read */
uint64_t spool_lines(const struct spool *s); /* read or not */
/* Lines that were given up, damaged ones among the events. */
uint64_t spool_lost(const struct spool *s, enum line_value value);
void spool_close(struct spool *s); /* what is not confirmed stays */

#endif
