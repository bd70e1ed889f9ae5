/* The texts that a profile may name, and the pieces they share. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/report_draft.h"
#include "incident/time.h"

enum { NAMES_SHOWN = 20 };

json_t *report_take(struct text *t)
{
	json_t *s = t->len ? json_stringn(t->at, t->len) : NULL;

	text_fini(t);
	return s;
}

void report_separate(struct text *t, const char *separator)
{
	if (t->len)
		text_str(t, separator);
}

void report_add_name(json_t *list, const char *s)
{
	const json_t *have;
	size_t i;

	if (!s || json_array_size(list) >= NAMES_SHOWN)
		return;
	json_array_foreach (list, i, have)
		if (strcmp(json_string_value(have), s) == 0)
			return;
	json_array_append_new(list, json_string(s));
}

/* ---- the level ---- */

char *report_level(const struct report_draft *d, bool *is_confirmed)
{
	json_int_t level;
	char code[24];

	*is_confirmed = document_integer(d->incident, "/grade/confirmed/level", &level);
	if (!*is_confirmed && !document_integer(d->incident, "/grade/proposed/level", &level))
		return NULL;
	snprintf(code, sizeof(code), "%lld", (long long)level);
	const char *word = report_label(d, "grade", code);
	if (word == code)
		return mem_printf("%s%s", code, report_say(d, "级", " (level)"));
	return mem_string(word);
}

static json_t *level(const struct report_draft *d)
{
	bool is_confirmed;
	char *word = report_level(d, &is_confirmed);

	if (!word)
		return NULL;
	json_t *text = is_confirmed ? json_string(word) :
		json_sprintf("%s%s %s", word, report_say(d, "（程序建议，待确认）",
			" (proposed by the program, to be confirmed)"), SHEET_FILL);
	free(word);
	return text;
}

static json_t *discovered_at(const struct report_draft *d)
{
	const char *detected = document_string(d->incident, "/times/detected");
	char local[REPORT_TIME];

	if (!detected || !report_local_time(detected, d->request->utc_offset_min, local))
		return NULL;
	return json_string(local);
}

/* ---- lists ---- */

static json_t *attackers(const struct report_draft *d)
{
	json_t *list = json_array();
	const json_t *actor;
	size_t i;

	json_array_foreach (document_at(d->incident, "/actors"), i, actor)
		report_add_name(list, report_host(d, document_string(actor, "/ip"), NULL));
	return list;
}

static void add_rules(json_t *list, const json_t *rows, const char *sid_pointer)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		json_int_t sid;
		const char *signature = document_string(row, "/signature");
		if (!document_integer(row, sid_pointer, &sid))
			continue;
		char *name = mem_printf("%lld %s", (long long)sid, signature ? signature : "");
		report_add_name(list, name);
		free(name);
	}
}

static json_t *indicators(const struct report_draft *d)
{
	json_t *list = json_array();

	add_rules(list, document_at(d->incident, "/alerts/rules"), "/signature_id");
	add_rules(list, d->alerts, "/sid");
	return list;
}

static json_t *evidence(const struct report_draft *d)
{
	json_t *list = json_array();
	const json_t *item;
	size_t i;

	json_array_foreach (document_at(d->incident, "/evidence"), i, item) {
		const char *type = document_string(item, "/type");
		const char *hash = document_string(item, "/sha256");
		if (hash && json_array_size(list) < REPORT_ROWS)
			json_array_append_new(list, json_sprintf("%s SHA-256 %s", type ? type : "",
				hash));
	}
	return list;
}

/* Of each action of a person: `what` is its text or its effect. */
static json_t *of_actions(const struct report_draft *d, const char *what)
{
	const json_t *action;
	struct text t = { 0 };
	size_t i;

	json_array_foreach (document_at(d->incident, "/actions"), i, action) {
		const char *said = document_string(action, what);
		if (!said)
			continue;
		report_separate(&t, report_say(d, "；", "; "));
		text_str(&t, said);
	}
	return report_take(&t);
}

static json_t *measures(const struct report_draft *d)
{
	return of_actions(d, "/text");
}

static json_t *effect(const struct report_draft *d)
{
	return of_actions(d, "/effect");
}

static json_t *rectification(const struct report_draft *d)
{
	json_t *list = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach (document_at(d->incident, "/rectification"), i, row) {
		const char *item = document_string(row, "/item");
		const char *due = document_string(row, "/due");
		const char *who = document_string(row, "/responsible");
		if (item)
			json_array_append_new(list, json_sprintf("%s%s%s%s%s", item,
				who ? " · " : "", who ? who : "",
				due ? " · " : "", due ? due : ""));
	}
	return list;
}

static json_t *audit_range(const struct report_draft *d)
{
	const char *log = document_string(d->incident, "/audit/log");
	json_int_t first, last;

	if (!log || !document_integer(d->incident, "/audit/first_seq", &first) ||
		!document_integer(d->incident, "/audit/last_seq", &last))
		return NULL;
	return json_sprintf("%s#%lld-%lld", log, (long long)first, (long long)last);
}

/* Seconds from detection; NULL while it has not happened. */
static json_t *since_detected(const struct report_draft *d, const char *pointer)
{
	const char *detected = document_string(d->incident, "/times/detected");
	const char *then = document_string(d->incident, pointer);
	uint64_t from_ns, to_ns;

	if (!detected || !then || !time_read_rfc3339(detected, &from_ns) ||
		!time_read_rfc3339(then, &to_ns) || to_ns < from_ns)
		return NULL;
	return json_integer((json_int_t)((to_ns - from_ns) / 1000000000));
}

static json_t *ack_s(const struct report_draft *d)
{
	return since_detected(d, "/times/acknowledged");
}

static json_t *confirm_s(const struct report_draft *d)
{
	return since_detected(d, "/times/confirmed");
}

static json_t *contain_s(const struct report_draft *d)
{
	return since_detected(d, "/times/contained");
}

static const struct {
	const char *name;
	json_t *(*make)(const struct report_draft *d);
} texts[] = {
	{ "ack_s", ack_s }, { "attackers", attackers }, { "audit_range", audit_range },
	{ "cause", report_cause }, { "cii", report_cii }, { "confirm_s", confirm_s },
	{ "contain_s", contain_s }, { "discovered_at", discovered_at }, { "effect", effect },
	{ "event_type", report_event_type }, { "evidence", evidence }, { "impact", report_impact },
	{ "indicators", indicators }, { "level", level }, { "measures", measures },
	{ "mlps_level", report_mlps_level }, { "path", report_path },
	{ "rectification", rectification },
	{ "system", report_system }, { "trend", report_trend },
};

json_t *report_text(const struct report_draft *d, const char *name)
{
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(texts[i].name, name) == 0)
			return texts[i].make(d);
	return NULL;
}
