#include <stddef.h>
#include <string.h>

#include "command_audit.h"
#include "command_collect.h"
#include "command_ctl.h"
#include "command_incident.h"
#include "command_registers.h"
#include "command_report.h"
#include "command_share.h"
#include "command_tier.h"
#include "subcommand.h"

/* In the order of --help; the last has no name. */
static const struct subcommand subcommands[] = {
	{ "audit", command_audit },
	{ "collect", command_collect },
	{ "ctl", command_ctl },
	{ "incident", command_incident },
	{ "registers", command_registers },
	{ "report", command_report },
	{ "share", command_share },
	{ "tier", command_tier },
	{ NULL, NULL },
};

const struct subcommand *subcommand_find(const char *name)
{
	for (const struct subcommand *c = subcommands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
