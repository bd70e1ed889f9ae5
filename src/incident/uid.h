/* UUIDs that are made from what they name (RFC 9562, version 5), so that a replay gives the same
 * ones. Any thread. */
#ifndef IRONSPAN_UID_H
#define IRONSPAN_UID_H

enum { UID_TEXT = 37 };

/* Of a name in a namespace of ours; `kind` keeps names of different things apart. */
void uid_of(const char *kind, const char *name, char out[UID_TEXT]);

#endif
