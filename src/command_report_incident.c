/* `ironspan report incident`: a report about an incident. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_report.h"
#include "incident/disk.h"
#include "incident/document.h"
#include "incident/redact.h"
#include "incident/register.h"
#include "incident/report.h"
#include "incident/time.h"
#include "incident/time_zone.h"
#include "options.h"
#include "report_file.h"
#include "report_store.h"

struct words {
	struct report_form form;
	struct command_list alerts;
	const char *kind, *profile, *previous, *reason, *by, *registers, *at;
	const char *time_zone, *redact, *key, *openings, *store;
	bool save;
};

/* What a report is made from. */
struct material {
	json_t *incident, *profile, *labels, *alerts, *previous;
	struct registers *registers;
};

/* ---- material ---- */

static json_t *load_profile(const char *id)
{
	char *name = mem_printf("profiles/%s", id);
	json_t *profile = shared_document(name);

	free(name);
	return profile;
}

static bool gather_incident(const struct words *w, const char *incident, struct material *m)
{
	json_t *more;

	if (!w->store)
		m->incident = report_incident(incident);
	else if (!report_store_incident(w->store, incident, &m->incident, &m->alerts))
		return false;
	if (!m->incident)
		return false;
	if (!m->alerts)
		m->alerts = json_array();
	more = report_alerts_of(m->incident, &w->alerts);
	if (more)
		json_array_extend(m->alerts, more);
	json_decref(more);
	return more != NULL;
}

static bool gather(const struct words *w, const char *incident, struct material *m)
{
	if (!gather_incident(w, incident, m))
		return false;
	m->profile = load_profile(w->profile);
	m->labels = m->profile ? report_labels() : NULL;
	if (m->labels && w->registers)
		m->registers = report_registers(w->registers);
	if (!m->labels || (w->registers && !m->registers))
		return false;
	if (w->previous)
		m->previous = document_load(w->previous, DOCUMENT_MAX);
	return m->previous || !w->previous;
}

static void material_fini(struct material *m)
{
	json_decref(m->incident);
	json_decref(m->profile);
	json_decref(m->labels);
	json_decref(m->alerts);
	json_decref(m->previous);
	registers_free(m->registers);
}

/* ---- the report ---- */

int report_offset(const struct time_zone *zone, uint64_t ns)
{
	struct local_time there = time_zone_local(zone, ns), here = time_zone_local(NULL, ns);
	int64_t days = there.day - here.day;

	if (days > 1 || days < -1) /* another month */
		days = days > 0 ? -1 : 1;
	return (int)((days * 86400 + there.second - here.second) / 60);
}

/* As asked for, else the site's; false: no such zone. */
static bool find_offset(const struct words *w, const struct material *m, uint64_t ns, int *offset)
{
	struct time_zone *zone = w->time_zone ? time_zone_load(w->time_zone) : NULL;

	*offset = 0;
	if (w->time_zone && !zone) {
		report_error("--time-zone: this machine knows no time zone \"%s\"", w->time_zone);
		return false;
	}
	if (zone)
		*offset = report_offset(zone, ns);
	else if (m->registers)
		*offset = report_offset(registers_time_zone(m->registers,
			document_string(m->incident, "/site/id")), ns);
	time_zone_free(zone);
	return true;
}

/* ---- for leaving the plant ---- */

static bool write_openings(const char *path, const json_t *openings)
{
	char *text = json_dumps(openings, JSON_INDENT(1));
	bool ok = text && disk_write_out(path, (struct bytes){ (const uint8_t *)text, strlen(text) },
		0600);

	free(text);
	return ok;
}

static bool redact(const struct words *w, const struct material *m, json_t *report)
{
	char *name = mem_printf("redaction/%s", w->redact);
	json_t *profile = shared_document(name), *openings = json_array();
	uint8_t key[REDACT_KEY];
	struct redact_request request = { profile, m->incident, m->registers, key, openings };
	bool ok = profile && redact_key_load(w->key, key) && redact_apply(report, &request) &&
		(!w->openings || write_openings(w->openings, openings));

	json_decref(openings);
	json_decref(profile);
	free(name);
	return ok;
}

static int write_report(const struct words *w, const struct material *m, uint64_t now_ns)
{
	struct report_request request = { .kind = w->kind, .profile = m->profile,
		.profile_id = w->profile, .labels = m->labels, .alerts = m->alerts,
		.language = w->form.language_word ? w->form.language : NULL,
		.previous = m->previous, .reason = w->reason, .prepared_by = w->by,
		.now_ns = now_ns };
	int code = EXIT_CANNOT_RUN;

	if (!find_offset(w, m, now_ns, &request.utc_offset_min))
		return code;
	json_t *report = report_build(m->incident, m->registers, &request);
	if (!report)
		return EXIT_MISTAKE;
	if ((!w->save || report_store_keep(w->store, report, now_ns)) &&
		(!w->redact || redact(w, m, report)))
		code = report_form_write(&w->form, report, report_sheet);
	json_decref(report);
	return code;
}

static bool check(struct words *w, const struct command_words *words, uint64_t *now_ns)
{
	if (words->count != 1) {
		report_error("report incident needs one incident: a file or an id");
		return false;
	}
	if (!report_kind_exists(w->kind)) {
		report_error("--kind is \"%s\"; it must be first, progress, final, correction or "
			"withdrawal", w->kind);
		return false;
	}
	if (w->save && !w->store) {
		report_error("--save needs --store DIR, where the draft is kept");
		return false;
	}
	if (w->redact && !w->key) {
		report_error("--redact needs --key FILE, where the key of the pseudonyms is kept");
		return false;
	}
	return report_form_read(&w->form, words->command) && report_time("--at", w->at, now_ns);
}

int command_report_incident(int argc, char **argv)
{
	struct words o = { .kind = "first", .profile = "GROUP/internal" };
	struct command_words w = { "report incident", command_report_help() };
	const struct command_word rows[] = {
		REPORT_FORM_WORDS(&o.form),
		{ "kind", .value = &o.kind },
		{ "profile", .value = &o.profile },
		{ "alerts", .list = &o.alerts },
		{ "previous", .value = &o.previous },
		{ "reason", .value = &o.reason },
		{ "by", .value = &o.by },
		{ "registers", .value = &o.registers },
		{ "at", .value = &o.at },
		{ "time-zone", .value = &o.time_zone },
		{ "redact", .value = &o.redact },
		{ "key", .value = &o.key },
		{ "openings", .value = &o.openings },
		{ "store", .value = &o.store },
		{ "save", .flag = &o.save },
		{ NULL },
	};
	struct material m = { 0 };
	uint64_t now_ns = time_now_ns();

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!check(&o, &w, &now_ns))
		return EXIT_CANNOT_RUN;
	int code = gather(&o, w.operands[0], &m) ? write_report(&o, &m, now_ns) : EXIT_CANNOT_RUN;
	material_fini(&m);
	return code;
}
