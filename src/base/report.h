/* What the program tells its user about the program: errors, warnings and notes, on stderr,
 * one line each. Never about the content of a packet: that is data, and goes into events.
 * Any thread, but nobody on the packet path: standard error may block. */
#ifndef IRONSPAN_REPORT_H
#define IRONSPAN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_news(const char *format, ...) __attribute__((format(printf, 1, 2))); /* no mistake */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2))); /* with -v */

/* The first error that this thread reports from now on is copied to `first` too, if there is
 * one; NULL: no more. */
void report_keep(char *first, size_t size);

void report_verbose(bool on);
unsigned report_warnings(void); /* how many so far */

#endif
