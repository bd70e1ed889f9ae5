/* ironspan.yaml: reads it into the configuration, row by row of the settings' table. Every
 * mistake is reported with file and line, not only the first. */
#ifndef IRONSPAN_CONFIG_FILE_H
#define IRONSPAN_CONFIG_FILE_H

#include "engine/config.h"

bool config_file_read(struct config *c, const char *path);
/* The configuration used without -c; NULL if there is none. The caller frees it. */
char *config_file_find(void);
/* The folder that holds the shipped signatures; NULL if there is none. The caller frees it. */
char *config_share_folder(void);

#endif
