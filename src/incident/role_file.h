/* Inside role*.c: the file that says who has which role. */
#ifndef IRONSPAN_ROLE_FILE_H
#define IRONSPAN_ROLE_FILE_H

#include <jansson.h>
#include <sys/types.h>

#include "incident/role.h"

/* DIR/roles.json, checked; *file is NULL if there is none. false after a reported error:
 * it is not right, or somebody else than `owner` and root can write it. */
bool role_file_read(const char *dir, uid_t owner, json_t **file);

#endif
