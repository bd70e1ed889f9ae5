#include "base/report.h"
#include "rule_notes.h"

enum { TOLD = 10 }; /* notes of a kind before a replay; `rules check` has all */

static const char *const fates[] = {
	[RULE_LOADED] = "loaded",
	[RULE_FELL_BACK] = "fell_back",
	[RULE_REFUSED] = "refused",
	[RULE_COMMENTED] = "commented",
};

/* "plant.rules:12:40: rule 7000001 refused: byte_test: reason" */
static void describe(struct text *t, const struct rule_note *n)
{
	text_printf(t, "%s:%u:%u: rule", n->file, n->line, n->column);
	if (n->sid)
		text_printf(t, " %u", n->sid);
	text_printf(t, " %s: ", n->fate == RULE_REFUSED ? "refused" : "loaded, but");
	if (n->option)
		text_printf(t, "%s: ", n->option);
	text_str(t, n->reason);
	text_char(t, '\0');
}

static void tell(const struct rule_note *n)
{
	struct text t = { 0 };

	describe(&t, n);
	report_warning("%s", t.at);
	text_fini(&t);
}

/* The first notes of one kind; `rest` tells of the others. */
static void tell_some(const struct rules_report *report, enum rule_fate fate, const char *rest)
{
	unsigned count = 0;

	for (unsigned i = 0; i < report->note_count; i++)
		if (report->notes[i].fate == fate && ++count <= TOLD)
			tell(&report->notes[i]);
	if (count > TOLD)
		report_warning("%u more %s; `ironspan rules check FILE` names all", count - TOLD,
			rest);
}

void rule_notes_tell(const struct rules_report *report, bool all)
{
	if (!all) {
		tell_some(report, RULE_REFUSED, "rules refused");
		tell_some(report, RULE_LOADED, "notes on rules");
	}
	for (unsigned i = 0; i < report->note_count && all; i++)
		tell(&report->notes[i]);
	report_note("%u rules of %u files: %u loaded as written, %u with a note, %u refused, "
		    "%u commented out", report->loaded + report->fell_back + report->refused,
		report->files, report->loaded, report->fell_back, report->refused,
		report->commented);
}

void rule_notes_print(FILE *out, const char *file, const struct rules_report *report)
{
	struct text t = { 0 };

	for (unsigned i = 0; i < report->note_count; i++) {
		text_clear(&t);
		describe(&t, &report->notes[i]);
		fprintf(out, "%s\n", t.at);
	}
	text_fini(&t);
	fprintf(out, "%s: %u loaded, %u with a note, %u refused, %u commented out\n", file,
		report->loaded, report->fell_back, report->refused, report->commented);
}

static void json_note(struct text *t, const struct rule_note *n)
{
	text_printf(t, "{\"fate\":\"%s\",\"line\":%u,\"column\":%u,\"sid\":%u", fates[n->fate],
		n->line, n->column, n->sid);
	if (n->option) {
		text_lit(t, ",\"option\":");
		text_json_str(t, n->option);
	}
	text_lit(t, ",\"reason\":");
	text_json_str(t, n->reason);
	text_char(t, '}');
}

void rule_notes_json(FILE *out, const char *file, const struct rules_report *report)
{
	struct text t = { 0 };

	text_lit(&t, "{\"file\":");
	text_json_str(&t, file);
	text_printf(&t, ",\"loaded\":%u,\"fell_back\":%u,\"refused\":%u,\"commented\":%u",
		report->loaded, report->fell_back, report->refused, report->commented);
	text_lit(&t, ",\"notes\":[");
	for (unsigned i = 0; i < report->note_count; i++) {
		if (i > 0)
			text_char(&t, ',');
		json_note(&t, &report->notes[i]);
	}
	text_lit(&t, "]}\n");
	fwrite(t.at, 1, t.len, out);
	text_fini(&t);
}
