/* Reports on their way: drafted, approved by somebody else, filed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_incident_parts.h"
#include "command_report.h"
#include "incident/sign.h"
#include "incident/time.h"

#define FILL "[人工填写]" /* stands where a person must write */

static const char report_help[] =
	"ironspan incident report ID --store DIR [options]\n"
	"ironspan incident report ID FILE --store DIR\n"
	"\n"
	"Drafts a report under your name: what the network shows is filled in, what a\n"
	"person must fill holds [人工填写] and is listed. Write it to a file with\n"
	"`ironspan incident export ID --report UID --out FILE`, fill in what is missing,\n"
	"and put the FILE in again; that may be done until the report is approved.\n"
	"\n"
	"  --kind KIND     first, progress, final, correction, withdrawal\n"
	"  --profile ID    GROUP/internal, CN-CAC-2025/other-operator, …\n"
	"  --lang zh|en    else the form's\n"
	"  --json          the draft\n";

static const char approve_help[] =
	"ironspan incident approve ID REPORT --store DIR [options]\n"
	"\n"
	"Lets a report leave the plant. Another person than who drafted it must do\n"
	"that, and what the form requires must be filled in. REPORT is the first\n"
	"characters of its id. With incident.tier in the configuration it is redacted\n"
	"and handed to that node, for the tier above.\n"
	"\n"
	"  --reason TEXT   why\n"
	"  --key FILE      sign it with this key (ironspan audit key make)\n";

static const char submit_help[] =
	"ironspan incident submit ID REPORT CHANNEL --store DIR [options]\n"
	"\n"
	"Records that a person filed an approved report: nothing is sent. REPORT is\n"
	"the first characters of its id, CHANNEL how it went: phone, e-mail, a\n"
	"website …\n"
	"\n"
	"  --receipt TEXT  the authority's number\n"
	"  --at TIME       when it really was, RFC 3339; now. Not before it was approved\n";

static const char *text_at(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* ---- what is still to be written by hand ---- */

static void find_missing(const json_t *value, struct text *path, json_t *missing)
{
	const char *name;
	json_t *member;
	if (json_is_string(value) && strstr(json_string_value(value), FILL))
		json_array_append_new(missing, json_stringn(path->at, path->len));
	json_object_foreach((json_t *)value, name, member) {
		size_t len = path->len;
		text_printf(path, "%s%s", len ? "." : "", name);
		find_missing(member, path, missing);
		path->len = len;
	}
}

static json_t *missing_of(const json_t *report)
{
	struct text path = { 0 };
	json_t *missing = json_array();
	find_missing(json_object_get(report, "content"), &path, missing);
	text_fini(&path);
	return missing;
}

static bool is_required(const json_t *report, const char *key)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(report, "form"), i, item)
		if (text_at(item, "key") && strcmp(text_at(item, "key"), key) == 0)
			return json_is_true(json_object_get(item, "required"));
	return false;
}

/* Keys of items that hold the mark still, with commas: those that the form requires, or others. */
static struct text unfilled(const json_t *report, bool required)
{
	json_t *key, *missing = missing_of(report);
	struct text t = { 0 };
	size_t i;
	json_array_foreach(missing, i, key)
		if (is_required(report, json_string_value(key)) == required)
			text_printf(
				&t, "%s%s", t.len ? ", " : "", json_string_value(key));
	text_char(&t, '\0');
	json_decref(missing);
	return t;
}

/* What the form requires is there; what else is not is told. */
static bool check_complete(const json_t *report)
{
	struct text lacks = unfilled(report, true), open = unfilled(report, false);
	bool complete = !lacks.at[0];
	if (!complete)
		report_error("still to be filled in: %s", lacks.at);
	else if (open.at[0])
		report_warning("not filled in, and not required by the form: %s", open.at);
	text_fini(&lacks);
	text_fini(&open);
	return complete;
}

/* ---- the three steps ---- */

static const char *done_word(const char *action)
{
	return strcmp(action, "report") == 0	? "drafted" :
		strcmp(action, "approve") == 0	? "approved" :
						  "submitted";
}

/* Does the action and keeps the report with it. Takes over args. */
static bool act(struct incident_call *c, const char *id, const char *action, json_t *args,
	const json_t *report)
{
	struct store_change change = { .id = id,
		.action = action,
		.args = args,
		.report = report,
		.now_ns = c->now_ns };
	bool ok = store_change(c->store, &change);
	if (ok && c->json)
		incident_print_json(report);
	else if (ok)
		printf("%s: report %s: %s\n", id, text_at(report, "uid"),
			done_word(action));
	json_decref(args);
	return ok;
}

static int step(struct incident_call *c, const char *id, const char *action, json_t *args,
	const json_t *report)
{
	return incident_call_end(c, act(c, id, action, args, report));
}

static json_t *read_report(const char *path)
{
	json_error_t error;
	FILE *in = fopen(path, "re");
	if (!in) {
		report_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	json_t *report = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
	fclose(in);
	if (!report) {
		report_error("%s:%d: %s", path, error.line, error.text);
	} else if (!text_at(report, "schema") || !text_at(report, "uid") ||
		!text_at(report, "kind") || !text_at(report, "profile") ||
		strcmp(text_at(report, "schema"), "ironspan.report/1") != 0) {
		report_error(
			"%s: is no ironspan.report/1 with uid, kind and profile", path);
		json_decref(report);
		return NULL;
	}
	return report;
}

static void put_copy(json_t *to, const char *name, const json_t *value)
{
	if (json_is_string(value))
		json_object_set_new(to, name, json_deep_copy(value));
}

/* A draft is nobody's word yet, whatever the file says. */
static void make_draft(struct incident_call *c, json_t *report)
{
	json_object_set_new(report, "missing", missing_of(report));
	json_object_set_new(report, "approval",
		json_pack("{s:s, s:n, s:n, s:b}", "prepared_by",
			store_person(c->store)->id, "approved_by", "approved_at",
			"two_person", 0));
	json_object_set_new(report, "delivery", json_array());
	json_object_set_new(report, "signature", json_null());
}

static json_t *args_of(const json_t *report)
{
	json_t *args = json_object();
	put_copy(args, "uid", json_object_get(report, "uid"));
	put_copy(args, "kind", json_object_get(report, "kind"));
	put_copy(args, "profile", json_object_get(report, "profile"));
	put_copy(args, "recipient",
		json_object_get(json_object_get(report, "recipient"), "name"));
	return args;
}

/* From the file that was named, or made now. */
static json_t *new_report(struct incident_call *c, const char *id, const struct draft_words *w)
{
	if (c->words.count == 2)
		return read_report(c->words.operands[1]);
	json_t *doc = store_get(c->store, id);
	json_t *report = doc ? incident_draft(c, doc, w) : NULL;
	json_decref(doc);
	return report;
}

static void tell_missing(const json_t *report)
{
	size_t i;
	json_t *key;
	json_array_foreach(json_object_get(report, "missing"), i, key)
		printf("%s%s%s", i ? ", " : "still to fill in: ", json_string_value(key),
			is_required(report, json_string_value(key)) ? " (required)" : "");
	if (json_array_size(json_object_get(report, "missing")) > 0)
		putchar('\n');
}

int incident_report(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident report",
		.help = report_help } };
	struct draft_words w = { NULL };
	struct report_form form = { NULL };
	const struct command_word rows[] = { { "kind", .value = &w.kind },
		{ "profile", .value = &w.profile },
		{ "lang", .value = &form.language_word }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_WRITE) ||
		!incident_call_wants(&c, 1, 2, "ID [FILE] --store DIR"))
		return c.words.exit_code;
	bool ok = report_form_read(&form, c.words.command);
	w.language = form.language_word ? form.language : NULL;
	char *id = ok ? incident_call_find(&c, c.words.operands[0]) : NULL;
	json_t *report = id ? new_report(&c, id, &w) : NULL;
	int code = EXIT_MISTAKE;
	if (report) {
		make_draft(&c, report);
		bool told = c.json;
		code = step(&c, id, "report", args_of(report), report);
		if (code == EXIT_FINE && !told)
			tell_missing(report);
	} else {
		incident_call_stop(&c, code);
	}
	json_decref(report);
	free(id);
	return code;
}

bool incident_find_both(struct incident_call *c, char **id, json_t **report)
{
	*report = NULL;
	*id = incident_call_find(c, c->words.operands[0]);
	json_t *doc = *id ? store_get(c->store, *id) : NULL;
	char *uid = doc ? incident_find_report(doc, c->words.operands[1]) : NULL;
	*report = uid ? store_report(c->store, uid) : NULL;
	if (uid && !*report)
		report_error("%s", store_error(c->store));
	json_decref(doc);
	free(uid);
	return *report;
}

static void note_approval(struct incident_call *c, json_t *report)
{
	char at[TIME_TEXT];
	json_t *approval = json_object_get(report, "approval");
	time_rfc3339(c->now_ns, at);
	json_object_set_new(
		approval, "approved_by", json_string(store_person(c->store)->id));
	json_object_set_new(approval, "approved_at", json_string(at));
	json_object_set_new(approval, "two_person", json_true());
}

static bool sign(json_t *report, const char *path)
{
	struct sign_key key;
	if (!path)
		return true;
	bool ok = sign_key_load(&key, path) &&
		sign_document(report, "JCS(report without signature)", &key);
	sign_key_wipe(&key);
	return ok;
}

/* What was approved stays so when it cannot be sent. */
static int approve(
	struct incident_call *c, const char *id, const json_t *report, const char *reason)
{
	json_t *args = json_pack(
		"{s:s, s:s*}", "report", text_at(report, "uid"), "reason", reason);
	if (!act(c, id, "approve", args, report))
		return incident_call_end(c, false);
	if (!c->config.tier || incident_forward_report(c, id, report))
		return incident_call_stop(c, EXIT_FINE);
	report_error("it is approved, but was not handed over; `ironspan incident forward %s %s` "
		"does that", id, text_at(report, "uid"));
	return incident_call_stop(c, EXIT_MISTAKE);
}

int incident_approve(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident approve",
		.help = approve_help } };
	const char *reason = NULL, *key = NULL;
	char *id;
	json_t *report;
	const struct command_word rows[] = { { "reason", .value = &reason },
		{ "key", .value = &key }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_WRITE) ||
		!incident_call_wants(&c, 2, 2, "ID REPORT --store DIR"))
		return c.words.exit_code;
	bool ok = incident_find_both(&c, &id, &report) && check_complete(report);
	if (ok)
		note_approval(&c, report);
	int code = ok && sign(report, key) ? approve(&c, id, report, reason) :
		incident_call_stop(&c, EXIT_MISTAKE);
	json_decref(report);
	free(id);
	return code;
}

struct filing {
	const char *channel, *receipt, *at;
};

/* The signature is over what was approved: what follows stands outside of it, in the
 * incident and in the trail, unless nobody signed. */
static void note_delivery(struct incident_call *c, json_t *report, const struct filing *f)
{
	char now[TIME_TEXT];
	json_t *list = json_object_get(report, "delivery");
	time_rfc3339(c->now_ns, now);
	if (json_is_object(json_object_get(report, "signature")) || !json_is_array(list))
		return;
	json_array_append_new(list,
		json_pack("{s:i, s:s, s:s, s:s, s:s, s:s?}", "attempt",
			(int)json_array_size(list) + 1, "channel", f->channel, "at",
			f->at ? f->at : now, "by", store_person(c->store)->id, "result",
			"filed", "receipt", f->receipt));
}

int incident_submit(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident submit",
		.help = submit_help } };
	struct filing f = { NULL };
	char *id;
	json_t *report;
	const struct command_word rows[] = { { "channel", .value = &f.channel },
		{ "receipt", .value = &f.receipt }, { "at", .value = &f.at }, { NULL } };
	if (!incident_call_begin(&c, rows, argc, argv, STORE_WRITE) ||
		!incident_call_wants(&c, 2, 3, "ID REPORT CHANNEL --store DIR"))
		return c.words.exit_code;
	if (!f.channel && c.words.count == 3)
		f.channel = c.words.operands[2];
	int code = EXIT_MISTAKE;
	if (incident_find_both(&c, &id, &report) &&
		command_needs(&c.words, "--channel", f.channel)) {
		note_delivery(&c, report, &f);
		code = step(&c, id, "submit",
			json_pack("{s:s, s:s, s:s*, s:s*}", "report",
				text_at(report, "uid"), "channel", f.channel, "receipt",
				f.receipt, "at", f.at),
			report);
	} else {
		incident_call_stop(&c, code);
	}
	json_decref(report);
	free(id);
	return code;
}
