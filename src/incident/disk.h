/* Small files that are there whole or not at all. */
#ifndef IRONSPAN_INCIDENT_DISK_H
#define IRONSPAN_INCIDENT_DISK_H

#include <stdbool.h>

#include "base/text.h"

/* Writes `path` through `path.tmp`, fsync() and rename(), then fsync() of the folder. false after
 * a reported error; `path` is as it was then. */
bool disk_replace(const char *path, struct bytes content, unsigned mode);
/* The same for a file that a person names: what is no regular file, such as /dev/stdout, is
 * written into. */
bool disk_write_out(const char *path, struct bytes content, unsigned mode);
/* Appends the file's content to `t`, at most `limit` bytes. false after a reported error, or,
 * without a report, where there is no such file and `may_miss`. */
bool disk_read(struct text *t, const char *path, size_t limit, bool may_miss);
/* What somebody else brings: a whole file if nobody wrote to it for `settle_s` seconds. */
enum disk_file { DISK_NO_FILE, DISK_GROWING, DISK_WHOLE };
enum disk_file disk_look(const char *path, unsigned settle_s);
/* A folder, made if need be with this mode. false after a reported error. */
bool disk_make_folder(const char *path, unsigned mode);
bool disk_sync_folder(const char *path); /* its entries, to the disk */

#endif
