#include <stdlib.h>

#include "base/report.h"
#include "commands.h"
#include "detect/explain.h"
#include "engine/nearest.h"
#include "engine/settings.h"
#include "rule_notes.h"
#include "rule_trial.h"

static int unknown_protocol(const char *name)
{
	struct nearest n = { .word = name };

	for (unsigned i = 0; dissectors[i]; i++)
		nearest_offer(&n, dissectors[i]->name);
	report_error("no protocol is called \"%s\"%s%s%s; `ironspan fields` shows all", name,
		n.best[0] ? ", perhaps \"" : "", n.best, n.best[0] ? "\"" : "");
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
	return EXIT_FINE;
}

int command_settings(void)
{
	settings_print(stdout);
	return EXIT_FINE;
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
		.cache_dir = c->cache_dir,
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
	return worst;
}

/* ---- one rule ---- */

static void print_indented(const struct text *t, const char *indent)
{
	const char *at = t->at, *end = t->at + t->len;

	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		line = line ? line : end;
		printf("%s%.*s\n", indent, (int)(line - at), at);
		at = line + 1;
	}
}

static int show(const struct ruleset *rules, const struct rule *r, const struct config *c)
{
	struct text text = { 0 };

	(void)c;
	printf("%s:%u: rule %u:%u, revision %u: %s\n", r->file, r->line, r->gid, r->sid, r->rev,
		r->msg ? r->msg : "(no msg)");
	printf("severity %u%s%s\n", r->priority, r->category ? ", " : "",
		r->category ? r->category : "");
	printf("What it asks for:\n");
	rule_say(r, &text);
	print_indented(&text, "  ");
	text_clear(&text);
	printf("How it is run:\n");
	rule_plan(rules, r, &text);
	print_indented(&text, "  ");
	text_fini(&text);
	return EXIT_FINE;
}

static int test(const struct ruleset *rules, const struct rule *r, const struct config *c)
{
	printf("%s:%u: rule %u:%u: %s\n", r->file, r->line, r->gid, r->sid,
		r->msg ? r->msg : "(no msg)");
	return rule_trial(stdout, c, rules, r);
}

static void tell_refused(const struct rules_report *report, uint32_t sid)
{
	for (unsigned i = 0; i < report->note_count; i++)
		if (report->notes[i].fate == RULE_REFUSED && report->notes[i].sid == sid)
			report_error("%s:%u: rule %u was refused: %s", report->notes[i].file,
				report->notes[i].line, sid, report->notes[i].reason);
}

/* Every rule of this sid: some sets use one several times. */
static int with_rule(const char *word, const struct config *c,
	int (*act)(const struct ruleset *rules, const struct rule *r, const struct config *c))
{
	struct rules_config config = rules_config_of(c);
	int code = EXIT_CANNOT_RUN;
	char *end;
	unsigned long sid = strtoul(word, &end, 10);

	if (*end || sid == 0 || sid > UINT32_MAX) {
		report_error("%s is no sid", word);
		return code;
	}
	struct ruleset *rules = ruleset_load(&config);
	if (!rules)
		return code;
	bool found = false;
	for (unsigned i = 0; i < ruleset_count(rules); i++) {
		const struct rule *r = ruleset_rule(rules, i);
		if (r->sid != sid)
			continue;
		int one = act(rules, r, c);
		code = !found || one < code ? one : code;
		found = true;
	}
	tell_refused(ruleset_report(rules), (uint32_t)sid);
	if (!found)
		report_error("no rule has the sid %s; name its file behind it", word);
	ruleset_free(rules);
	return code;
}

int command_rules_show(const char *sid, const struct config *c)
{
	return with_rule(sid, c, show);
}

int command_rules_test(const char *sid, const struct config *c)
{
	if (c->input_count > 0)
		return with_rule(sid, c, test);
	report_error("nothing to test on: name a capture with -r");
	return EXIT_CANNOT_RUN;
}
