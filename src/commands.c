#include "base/report.h"
#include "commands.h"
#include "engine/nearest.h"
#include "engine/settings.h"
#include "rule_notes.h"

static int unknown_protocol(const char *name)
{
	struct nearest n = { .word = name };

	for (unsigned i = 0; dissectors[i]; i++)
		nearest_offer(&n, dissectors[i]->name);
	report_error("no protocol is called \"%s\"%s%s%s; `ironspan fields` shows all", name,
		n.best[0] ? ", perhaps \"" : "", n.best, n.best[0] ? "\"" : "");
	return EXIT_CANNOT_RUN;
}

/* A full disk or a closed pipe shows when the last bytes are written. */
static int end_of_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	report_error("standard output cannot be written");
	return EXIT_CANNOT_RUN;
}

int command_fields(const struct options *o)
{
	const struct dissector *d = NULL;

	if (o->operand_count > 0) {
		const char *name = o->operands[0];
		d = strcmp(name, ot_dissector.name) == 0 ? &ot_dissector
							 : dissector_find(name, strlen(name));
		if (!d)
			return unknown_protocol(name);
	}
	fields_print(stdout, d, o->json);
	return end_of_output();
}

int command_settings(void)
{
	settings_print(stdout);
	return end_of_output();
}

struct rules_config rules_config_of(const struct config *c)
{
	return (struct rules_config){
		.files = c->rule_files,
		.file_count = c->rule_file_count,
		.addresses = c->addresses,
		.ports = c->ports,
		.address_count = c->address_count,
		.port_count = c->port_count,
		.classification = c->classification,
		.reference = c->reference,
		.attack = c->attack,
	};
}

/* Each file on its own, so that each has its own numbers. */
static int check_file(const char *file, bool json, const struct config *c)
{
	const char *files[] = { file };
	struct rules_config config = rules_config_of(c);

	config.files = files;
	config.file_count = 1;
	struct ruleset *rules = ruleset_load(&config);
	if (!rules)
		return EXIT_CANNOT_RUN;
	const struct rules_report *report = ruleset_report(rules);
	(json ? rule_notes_json : rule_notes_print)(stdout, file, report);
	int code = report->refused > 0 ? EXIT_MISTAKE : EXIT_FINE;
	ruleset_free(rules);
	return code;
}

int command_rules_check(bool json, const struct config *c)
{
	int worst = EXIT_FINE;

	for (unsigned i = 0; i < c->rule_file_count; i++) {
		int code = check_file(c->rule_files[i], json, c);
		worst = code > worst ? code : worst;
	}
	int code = end_of_output();
	return code > worst ? code : worst;
}
