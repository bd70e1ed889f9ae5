#include "base/report.h"
#include "commands.h"
#include "reload_rules.h"
#include "rule_notes.h"

static struct ruleset *load(const struct options *o)
{
	struct config config;
	struct ruleset *rules = NULL;
	bool ok = config_load(&config, o->config_path);

	ok = options_apply(o, &config) && ok;
	if (ok && config_finish(&config)) {
		struct rules_config rules_config = rules_config_of(&config);
		rules = ruleset_load(&rules_config);
	}
	config_free(&config);
	return rules;
}

/* More rules are refused than before; one of them is named. */
static void tell_refused(const struct rules_report *report)
{
	const struct rule_note *n = report->notes, *end = n + report->note_count;

	while (n < end && n->fate != RULE_REFUSED)
		n++;
	report_error("the rules were not reloaded, because %u were refused (%s:%u: %s); those that "
		"run stay", report->refused, n < end ? n->file : "", n < end ? n->line : 0,
		n < end ? n->reason : "");
}

struct ruleset *reload_rules(void *context)
{
	struct reload_rules *r = context;
	struct ruleset *rules = load(r->options);

	if (!rules) {
		report_error("the rules were not reloaded; those that run stay");
		return NULL;
	}
	const struct rules_report *report = ruleset_report(rules);
	rule_notes_tell(report, false);
	if (report->refused > r->refused) {
		tell_refused(report);
		ruleset_free(rules);
		return NULL;
	}
	r->refused = report->refused;
	r->loaded = report->loaded + report->fell_back;
	return rules;
}

void reload_ready(void *context)
{
	const struct reload_rules *r = context;

	report_news("%u rules reloaded", r->loaded);
}
