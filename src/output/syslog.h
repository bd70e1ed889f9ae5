/* A line as a syslog message (RFC 5424): the event as it is, behind a header that a receiver
 * can sort by:
 *
 *	<105>1 2026-11-20T02:14:07.412873Z sensor-a1 ironspan - alert
 *		[ironspan@32473 uid="..." sev="1" zone="Z-CTRL-1"] {"timestamp":...
 *
 * The severity follows the alert's or the incident's: 1 is "alert", 4 "informational". */
#ifndef IRONSPAN_SYSLOG_H
#define IRONSPAN_SYSLOG_H

#include "base/text.h"

struct syslog {
	unsigned facility, enterprise;
	char host[256];  /* as the standard wants it: no spaces, ASCII */
};

void syslog_init(struct syslog *s, unsigned facility, unsigned enterprise, const char *host);
/* Appends the message. With `is_framed` its length in decimal and a space come before it: the
 * octet counting of RFC 6587 and RFC 5425. */
void syslog_message(const struct syslog *s, struct bytes line, bool is_framed, struct text *out);

#endif
