#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/canonical.h"
#include "incident/document.h"
#include "incident/register.h"
#include "incident/report_draft.h"
#include "incident/time.h"
#include "incident/uid.h"

/* ---- what the parts share ---- */

const char *report_say(const struct report_draft *d, const char *zh, const char *en)
{
	return label_either(d->language, zh, en);
}

const char *report_label(const struct report_draft *d, const char *group, const char *code)
{
	return label_of(d->request->labels, group, code, d->language);
}

const char *report_host(const struct report_draft *d, const char *ip, const char *asset)
{
	const json_t *actor;
	size_t i;

	if (asset || !ip)
		return asset ? asset : ip;
	json_array_foreach (document_at(d->incident, "/actors"), i, actor) {
		const char *its = document_string(actor, "/ip");
		const char *ref = document_string(actor, "/ref");
		if (its && ref && strcmp(its, ip) == 0)
			return ref;
	}
	json_array_foreach (document_at(d->incident, "/affected"), i, actor) {
		const char *its = document_string(actor, "/ip");
		if (its && strcmp(its, ip) == 0 && document_string(actor, "/asset"))
			return document_string(actor, "/asset");
	}
	return ip;
}

bool report_local_time(const char *utc, int offset_min, char out[REPORT_TIME])
{
	char text[TIME_TEXT];
	uint64_t ns;
	int ahead = abs(offset_min);

	if (!time_read_rfc3339(utc, &ns))
		return false;
	time_rfc3339((uint64_t)((int64_t)ns + (int64_t)offset_min * 60000000000), text);
	snprintf(out, REPORT_TIME, "%.19s%c%02d:%02d", text, offset_min < 0 ? '-' : '+',
		ahead / 60 % 100, ahead % 60);
	return true;
}

/* ---- kinds ---- */

static const char *const kinds[] = { "first", "progress", "final", "correction", "withdrawal" };

bool report_kind_exists(const char *kind)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

static const json_t *items_of_kind(const struct report_draft *d, const char *kind)
{
	return json_object_get(document_at(d->profile, "/kinds"), kind);
}

static bool same_items(const json_t *form, const json_t *items)
{
	const json_t *item;
	size_t i;

	json_array_foreach (items, i, item) {
		const char *key = document_string(item, "/key");
		const char *its = document_string(json_array_get(form, i), "/key");
		if (!key || !its || strcmp(key, its) != 0)
			return false;
	}
	return i > 0 && i == json_array_size(form);
}

/* Of a correction: the first kind with its items. */
static const char *corrected_kind(const struct report_draft *d)
{
	const json_t *form = document_at(d->request->previous, "/form");

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (same_items(form, items_of_kind(d, kinds[i])))
			return kinds[i];
	return kinds[0];
}

/* A correction has the items of what it corrects; a withdrawal has none. */
static const char *items_kind(const struct report_draft *d)
{
	const char *kind = d->request->kind, *before = document_string(d->request->previous, "/kind");

	if (strcmp(kind, "correction") != 0)
		return kind;
	if (before && strcmp(before, "correction") == 0)
		return corrected_kind(d);
	return before && report_kind_exists(before) ? before : "first";
}

/* ---- the head ---- */

static json_t *make_incident(const struct report_draft *d)
{
	char hash[SHA256_TEXT];
	json_t *out = json_object();
	static const char *const keys[] = { "id", "uid", "revision" };

	if (!canonical_sha256(d->incident, hash)) {
		report_error("the incident has no canonical form: it holds floats, or is too deep");
		json_decref(out);
		return NULL;
	}
	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		json_t *value = json_object_get(d->incident, keys[i]);
		json_object_set(out, keys[i], value ? value : json_null());
	}
	json_object_set_new(out, "sha256", json_string(hash));
	return out;
}

/* The plant's register knows whom it reports to. */
static const json_t *registered_recipient(const struct report_draft *d, const char *tier)
{
	const json_t *rows = NULL, *row;
	size_t i;

	if (d->registers && tier)
		rows = document_at(registers_data(d->registers, "recipients"), "/recipients");
	json_array_foreach (rows, i, row) {
		const char *its = document_string(row, "/tier");
		if (its && strcmp(its, tier) == 0)
			return row;
	}
	return NULL;
}

static json_t *make_recipient(const struct report_draft *d)
{
	const char *tier = document_string(d->profile, "/recipient_tier");
	const json_t *row = registered_recipient(d, tier);
	const json_t *channels = document_at(row, "/channels");
	const char *name = document_string(row, report_say(d, "/name", "/name_en"));
	const char *submission = document_string(row, "/submission");

	if (!name)
		name = document_string(row, "/name");
	return json_pack("{s:o,s:o,s:o,s:s}", "tier", document_or_null(tier), "name",
		document_or_null(name ? name : report_label(d, "tier", tier)), "channels",
		channels ? json_deep_copy(channels) : json_array(), "submission",
		submission ? submission : "manual");
}

static bool clock_fits(const json_t *clock, const char *profile, const char *kind)
{
	const char *its = document_string(clock, "/profile");
	const char *its_kind = document_string(clock, "/kind");

	return its && strcmp(its, profile) == 0 && (!its_kind || strcmp(its_kind, kind) == 0);
}

/* The incident's clock of this profile and kind of report. */
static const json_t *find_clock(const struct report_draft *d)
{
	const json_t *clock;
	size_t i;

	json_array_foreach (document_at(d->incident, "/clocks"), i, clock)
		if (clock_fits(clock, d->request->profile_id, items_kind(d)))
			return clock;
	return NULL;
}

static json_t *make_clock(const struct report_draft *d)
{
	const json_t *clock = find_clock(d);
	char prepared[TIME_TEXT];

	time_rfc3339(d->request->now_ns, prepared);
	return json_pack("{s:o,s:o,s:s,s:n,s:n}", "t0",
		document_or_null(document_string(clock, "/t0")), "due",
		document_or_null(document_string(clock, "/due")), "prepared", prepared,
		"submitted", "on_time");
}

static json_int_t sequence_of(const struct report_draft *d)
{
	json_int_t before;

	if (document_integer(d->request->previous, "/sequence", &before))
		return before + 1;
	return (json_int_t)json_array_size(document_at(d->incident, "/reports")) + 1;
}

static bool is_exercise(const struct report_draft *d)
{
	const char *origin = document_string(d->incident, "/origin");

	return !origin || strcmp(origin, "live") != 0;
}

/* The titles of the items, in the report's language, so that it can be read by itself. */
static json_t *make_form(const struct report_draft *d, const json_t *items)
{
	json_t *form = json_array();
	const json_t *item;
	size_t i;

	json_array_foreach (items, i, item) {
		const char *key = document_string(item, "/key");
		const char *title = document_string(item, report_say(d, "/zh", "/en"));
		if (key)
			json_array_append_new(form, json_pack("{s:s,s:s,s:b}", "key", key,
				"title", title ? title : key,
				"required", document_is_true(item, "/required")));
	}
	return form;
}

static json_t *make_field_status(const struct report_draft *d)
{
	return json_pack("{s:o,s:o,s:o}", "source",
		document_or_null(document_string(d->profile, "/source")), "version",
		document_or_null(document_string(d->profile, "/version")), "verified",
		document_or_null(document_string(d->profile, "/status")));
}

static const char *disclaimer(const struct report_draft *d)
{
	return report_say(d,
		"本报告由 ironspan 依据网络证据起草。级别、影响数字以及是否上报由运营者决定；"
		"本文不是官方表格。",
		"Drafted by ironspan from network evidence. Grade, impact figures and the decision "
		"to report are the operator's. Not an official form.");
}

static void put_head(const struct report_draft *d, json_t *report)
{
	const struct report_request *q = d->request;
	const char *title = label_in(d->profile, "title", d->language);

	json_object_set_new(report, "kind", json_string(q->kind));
	json_object_set_new(report, "sequence", json_integer(sequence_of(d)));
	json_object_set_new(report, "supersedes",
		document_or_null(document_string(q->previous, "/uid")));
	json_object_set_new(report, "exercise", json_boolean(is_exercise(d)));
	json_object_set_new(report, "profile", json_string(q->profile_id));
	json_object_set_new(report, "language", json_string(d->language));
	json_object_set_new(report, "utc_offset_min", json_integer(q->utc_offset_min));
	json_object_set_new(report, "title", document_or_null(title));
	json_object_set_new(report, "recipient", make_recipient(d));
	json_object_set_new(report, "clock", make_clock(d));
}

/* ---- the body ---- */

static bool is_about_another(const struct report_request *q)
{
	return strcmp(q->kind, "correction") == 0 || strcmp(q->kind, "withdrawal") == 0;
}

static void put_body(const struct report_draft *d, const json_t *items, json_t *report)
{
	const struct report_request *q = d->request;
	json_t *content = report_content(d, items);

	if (is_about_another(q))
		json_object_set_new(content, "reason",
			json_string(q->reason ? q->reason : SHEET_FILL));
	json_object_set_new(report, "form", make_form(d, items));
	json_object_set_new(report, "content", content);
	if (q->previous)
		json_object_set_new(report, "since_previous",
			report_differences(document_at(q->previous, "/content"), content));
	json_object_set_new(report, "annex", report_annex(d));
	json_object_set_new(report, "missing", report_missing(content));
}

static void put_tail(const struct report_draft *d, json_t *report)
{
	json_object_set_new(report, "field_status", make_field_status(d));
	json_object_set_new(report, "redaction", json_null());
	json_object_set_new(report, "approval", json_pack("{s:o,s:n,s:n,s:b}", "prepared_by",
		document_or_null(d->request->prepared_by), "approved_by", "approved_at",
		"two_person", 0));
	json_object_set_new(report, "delivery", json_array());
	json_object_set_new(report, "disclaimer", json_string(disclaimer(d)));
	json_object_set_new(report, "signature", json_null());
}

/* From what makes it the report it is. */
static void put_uid(const struct report_draft *d, const json_t *incident, json_t *report)
{
	char uid[UID_TEXT];
	char *name = mem_printf("%s %s %s %lld %s", document_string(incident, "/sha256"),
		d->request->profile_id, d->request->kind, (long long)sequence_of(d), d->language);

	uid_of("report", name, uid);
	json_object_set_new(report, "uid", json_string(uid));
	free(name);
}

static json_t *build(const struct report_draft *d)
{
	const json_t *items = items_of_kind(d, items_kind(d));
	bool is_withdrawal = strcmp(d->request->kind, "withdrawal") == 0;

	if (!json_is_array(items) && !is_withdrawal) {
		report_error("profile %s has no report of kind %s", d->request->profile_id,
			d->request->kind);
		return NULL;
	}
	json_t *incident = make_incident(d);
	if (!incident)
		return NULL;
	json_t *report = json_object();
	json_object_set_new(report, "schema", json_string("ironspan.report/1"));
	put_uid(d, incident, report);
	json_object_set_new(report, "incident", incident);
	put_head(d, report);
	put_body(d, items, report);
	put_tail(d, report);
	return report;
}

static const json_t *registered_profile(const struct registers *registers, const char *id)
{
	char *name = mem_printf("profiles/%s", id);
	const json_t *profile = registers ? registers_data(registers, name) : NULL;

	free(name);
	return profile;
}

json_t *report_build(const json_t *incident, const struct registers *registers,
	const struct report_request *request)
{
	struct report_draft d = { .incident = incident, .profile = request->profile,
		.registers = registers, .request = request, .language = request->language };

	if (!d.profile)
		d.profile = registered_profile(registers, request->profile_id);
	if (!json_is_object(d.profile)) {
		report_error("there is no report profile %s", request->profile_id);
		return NULL;
	}
	if (!d.language)
		d.language = document_string(d.profile, "/language");
	d.language = d.language && d.language[0] == 'e' ? "en" : "zh-CN";
	d.alerts = report_alerts(&d);
	json_t *report = build(&d);
	json_decref(d.alerts);
	return report;
}
