/* The commands beside replay; each returns the exit code. */
#ifndef IRONSPAN_COMMANDS_H
#define IRONSPAN_COMMANDS_H

#include "options.h"

int command_fields(const struct options *o);
int command_settings(void);
/* Each of the configuration's rule files on its own. */
int command_rules_check(bool json, const struct config *c);
/* What a rule says and how it is run; it on the captures of -r. `sid` is as typed. */
int command_rules_show(const char *sid, const struct config *c);
int command_rules_test(const char *sid, const struct config *c);

/* What ruleset_load() is told, out of the configuration. */
struct rules_config rules_config_of(const struct config *c);

#endif
