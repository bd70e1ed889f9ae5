/* Documents out of a store. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_incident_parts.h"
#include "command_report.h"
#include "incident/report.h"

static const char export_help[] =
	"ironspan incident export ID --store DIR [options]\n"
	"\n"
	"Prints the document of an incident, or one of its reports: as JSON, as Markdown,\n"
	"or as a page that prints on A4.\n"
	"\n"
	"  --report UID    this report; the first characters of its id are enough\n"
	"  --format json|md|html  of a report; json, or what FILE's name says\n"
	"  --out FILE      instead of standard output\n";

char *incident_find_report(const json_t *doc, const char *part)
{
	const char *found = NULL;
	size_t i;
	json_t *report;
	json_array_foreach(json_object_get(doc, "reports"), i, report) {
		const char *uid = json_string_value(json_object_get(report, "uid"));
		if (!uid || strncmp(uid, part, strlen(part)) != 0)
			continue;
		if (found) {
			report_error(
				"%s is not enough: it may be %s or %s", part, found, uid);
			return NULL;
		}
		found = uid;
	}
	if (!found)
		report_error("the incident has no report %s", part);
	return found ? mem_string(found) : NULL;
}

static json_t *find_document(struct incident_call *c, const char *report)
{
	char *id = incident_call_find(c, c->words.operands[0]);
	json_t *doc = id ? store_get(c->store, id) : NULL;
	char *uid = doc && report ? incident_find_report(doc, report) : NULL;
	if (report) {
		json_decref(doc);
		doc = uid ? store_report(c->store, uid) : NULL;
	}
	free(uid);
	free(id);
	return doc;
}

int incident_export(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident export",
		.help = export_help } };
	struct report_form form = { NULL };
	const char *report = NULL;
	const struct command_word rows[] = { REPORT_FORM_WORDS(&form),
		{ "report", .value = &report }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_READ) ||
		!incident_call_wants(&c, 1, 1, "ID --store DIR"))
		return c.words.exit_code;
	json_t *doc = report_form_read(&form, c.words.command) ? find_document(&c, report) :
		NULL;
	int code = EXIT_MISTAKE;
	if (!report || (!form.format_word && !form.out))
		form.is_json = true;
	if (doc)
		code = report_form_write(&form, doc, report_sheet);
	json_decref(doc);
	return incident_call_stop(&c, code);
}
