#include <stdio.h>
#include <stdlib.h>

#include "base/report.h"
#include "command_incident_parts.h"
#include "people.h"

static const char backup_help[] =
	"ironspan incident backup FOLDER --store DIR\n"
	"\n"
	"Copies the store as it is now into a new folder, which is a store of its\n"
	"own; sensors and people may go on meanwhile. To restore, put the copy in the\n"
	"place of the store. Needs the right to administer the store.\n";

static const char retain_help[] =
	"ironspan incident retain --store DIR [options]\n"
	"\n"
	"Deletes old alerts and operations. Those of open incidents stay unless the\n"
	"bound on size asks for them; incidents, reports and the trail always stay.\n"
	"What went is told in the trail. A sensor does the same by itself; see\n"
	"incident.keep in its configuration.\n"
	"\n"
	"  --days N        what is older than so many days\n"
	"  --megabytes N   the oldest, until the database is no larger\n";

int incident_backup(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident backup",
		.help = backup_help } };
	if (!incident_call_begin(&c, NULL, argc, argv, STORE_WRITE) ||
		!incident_call_wants(&c, 1, 1, "FOLDER --store DIR"))
		return c.words.exit_code;
	bool ok = store_backup(c.store, c.words.operands[0], c.now_ns);
	if (ok && !c.json)
		printf("%s: a copy of %s\n", c.words.operands[0], c.dir);
	return incident_call_end(&c, ok);
}

static bool retain(struct incident_call *c, const struct store_keep *keep)
{
	struct store_counts before, after;
	if (!store_count(c->store, &before) || !store_retain(c->store, keep, c->now_ns) ||
		!store_count(c->store, &after))
		return false;
	printf("%s alerts and %s operations deleted\n",
		number_text(before.alerts - after.alerts).text,
		number_text(before.operations - after.operations).text);
	return true;
}

int incident_retain(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident retain",
		.help = retain_help } };
	const char *days = NULL, *size = NULL;
	unsigned megabytes = 0;
	struct store_keep keep = { 0 };
	const struct command_word rows[] = { { "days", .value = &days },
		{ "megabytes", .value = &size }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_WRITE) ||
		!incident_call_wants(&c, 0, 0, "--store DIR"))
		return c.words.exit_code;
	bool ok = incident_number_read(&c, "days", days, &keep.days) &&
		incident_number_read(&c, "megabytes", size, &megabytes);
	keep.bytes = (uint64_t)megabytes * 1000000;
	if (ok)
		return incident_call_end(&c, retain(&c, &keep));
	return incident_call_stop(&c, EXIT_CANNOT_RUN);
}
