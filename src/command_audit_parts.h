/* What the files of `ironspan audit` share. */
#ifndef IRONSPAN_COMMAND_AUDIT_PARTS_H
#define IRONSPAN_COMMAND_AUDIT_PARTS_H

#include "base/text.h"
#include "incident/checkpoint.h"

const char *command_audit_help(void);
/* Reads a checkpoint into `note`, which `c` borrows from. false after a reported error. */
bool checkpoint_file_read(struct checkpoint *c, struct text *note, const char *path);

#endif
