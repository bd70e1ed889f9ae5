#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/notice.h"
#include "incident/tier_state.h"

enum { TITLE = 400, TEXT = 64 << 10, NOTICES = 10000 };

static char *path_of(const struct tier *t, const char *uid)
{
	return tier_path(t, "notices", uid, ".json");
}

static json_t *load(const struct tier *t, const char *uid)
{
	char *path = path_of(t, uid);
	json_t *notice = tier_load(path);

	free(path);
	return notice;
}

static bool keep(const struct tier *t, const char *uid, const json_t *notice)
{
	char *path = path_of(t, uid);
	bool ok = tier_keep(path, notice);

	free(path);
	return ok;
}

/* ---- from others ---- */

static bool is_level(const json_t *body)
{
	static const char *const levels[] = { "red", "orange", "yellow", "blue" };

	for (unsigned i = 0; i < 4; i++)
		if (take_word(body, "level", levels[i]))
			return true;
	return false;
}

static bool is_text(const json_t *body, const char *key, size_t most)
{
	const json_t *v = json_object_get(body, key);

	return json_is_string(v) && json_string_length(v) > 0 && json_string_length(v) <= most;
}

static bool is_time_or_null(const json_t *body, const char *key)
{
	uint64_t ns;

	return json_is_null(json_object_get(body, key)) || take_time(&ns, body, key);
}

static bool is_ack_or_null(const json_t *body)
{
	const json_t *ack = json_object_get(body, "ack");
	uint64_t at_ns;

	return json_is_null(ack) ||
		(is_text(ack, "by", ENVELOPE_NODE) && take_time(&at_ns, ack, "at"));
}

const char *notice_read(const json_t *body, char uid[ENVELOPE_UID])
{
	uint64_t ns;

	if (!take_word(body, "schema", NOTICE_SCHEMA))
		return "not an " NOTICE_SCHEMA;
	if (!take_text(uid, ENVELOPE_UID, body, "uid") || !envelope_is_uid(uid))
		return "the notice has no uid";
	if (!is_level(body) || !is_text(body, "title", TITLE) || !is_text(body, "text", TEXT) ||
		!is_text(body, "issuer", ENVELOPE_NODE) || !take_time(&ns, body, "issued"))
		return "level, title, text, issuer or issued of the notice is missing or wrong";
	if (!is_time_or_null(body, "ack_by") || !is_time_or_null(body, "report_back_by") ||
		!is_ack_or_null(body))
		return "a time of the notice is wrong";
	return NULL;
}

/* A new one comes from its issuer; an answer concerns one that we issued to its sender. */
const char *notice_check(const struct tier *t, const struct envelope_head *h, const json_t *body)
{
	char uid[ENVELOPE_UID] = "";
	const char *why = notice_read(body, uid);

	if (why)
		return why;
	if (!take_word(body, "issuer", t->self.node))
		return take_word(body, "issuer", h->from.node) ? NULL :
			"a notice comes from its issuer";
	json_t *notice = load(t, uid);
	const json_t *answers = json_object_get(notice, "answers");
	why = json_object_get(answers, h->from.node) ? NULL :
		"an answer to what was not asked here";
	json_decref(notice);
	return why;
}

static bool take_answer(struct tier *t, const char *uid, const char *node, const json_t *body)
{
	json_t *notice = load(t, uid);
	json_t *answers = json_object_get(notice, "answers");

	json_object_set_new(answers, node, json_pack("{sO? sO?}", "ack",
		json_object_get(body, "ack"), "closing_report",
		json_object_get(body, "closing_report")));
	bool ok = notice && keep(t, uid, notice);
	json_decref(notice);
	return ok;
}

bool notice_take(struct tier *t, const struct envelope_head *h, const json_t *body)
{
	const char *uid = json_string_value(json_object_get(body, "uid"));

	if (take_word(body, "issuer", t->self.node))
		return take_answer(t, uid, h->from.node, body);
	json_t *before = load(t, uid); /* answered already, if it came twice in two envelopes */
	bool ok = before || keep(t, uid, body);
	json_decref(before);
	return ok;
}

/* ---- our own ---- */

static json_t *time_or_null(uint64_t ns)
{
	char text[TIME_TEXT];

	time_rfc3339(ns, text);
	return ns ? json_string(text) : json_null();
}

static json_t *make(const struct tier *t, const struct notice_text *n, uint64_t now_ns,
	char uid[ENVELOPE_UID])
{
	envelope_new_uid(uid);
	return json_pack("{ss ss ss ss ss ss ss? so so so sn sn}", "schema", NOTICE_SCHEMA, "uid",
		uid, "issuer", t->self.node, "level", n->level, "title", n->title, "text", n->text,
		"indicators_ref", n->indicators, "issued", time_or_null(now_ns), "ack_by",
		time_or_null(n->ack_by_ns), "report_back_by", time_or_null(n->report_back_by_ns),
		"ack", "closing_report");
}

/* The copy above: who owes an answer. */
static bool keep_issued(struct tier *t, const json_t *notice, const char *const *nodes,
	unsigned count)
{
	json_t *copy = json_copy((json_t *)notice), *answers = json_object();

	for (unsigned i = 0; i < count; i++)
		json_object_set_new(
			answers, nodes[i], json_pack("{sn sn}", "ack", "closing_report"));
	json_object_set_new(copy, "answers", answers);
	bool ok = keep(t, json_string_value(json_object_get(copy, "uid")), copy);
	json_decref(copy);
	return ok;
}

bool notice_issue(struct tier *t, const struct notice_text *n, const char *const *nodes,
	unsigned count, const char *by, uint64_t now_ns, char uid[ENVELOPE_UID],
	const char **why)
{
	char envelope[ENVELOPE_UID];
	json_t *notice = make(t, n, now_ns, uid);
	bool ok = true;

	*why = notice_read(notice, uid);
	for (unsigned i = 0; !*why && i < count; i++)
		*why = tier_peer(t, nodes[i]) ? NULL : "not a peer of this node";
	if (!*why)
		ok = keep_issued(t, notice, nodes, count);
	for (unsigned i = 0; !*why && ok && i < count; i++) {
		struct tier_letter letter = { "notice", nodes[i], notice, -1, 0, by };
		ok = tier_send(t, &letter, now_ns, envelope, why);
	}
	json_decref(notice);
	return ok && !*why;
}

static void fill_answer(json_t *notice, const char *by, const char *report, uint64_t now_ns)
{
	if (json_is_null(json_object_get(notice, "ack")))
		json_object_set_new(notice, "ack",
			json_pack("{ss so}", "by", by, "at", time_or_null(now_ns)));
	if (report)
		json_object_set_new(notice, "closing_report", json_string(report));
}

/* Sent first: if it cannot be, nothing has changed. */
bool notice_answer(struct tier *t, const char *uid, const char *by, const char *report,
	uint64_t now_ns, const char **why)
{
	char envelope[ENVELOPE_UID], read_uid[ENVELOPE_UID];
	json_t *notice = envelope_is_uid(uid) ? load(t, uid) : NULL;

	*why = notice ? notice_read(notice, read_uid) : "there is no notice of this uid";
	if (!*why && take_word(notice, "issuer", t->self.node))
		*why = "this node issued it; others answer";
	bool ok = !*why;
	if (ok) {
		fill_answer(notice, by, report, now_ns);
		struct tier_letter letter = { "notice",
			json_string_value(json_object_get(notice, "issuer")), notice, -1, 0, by };
		ok = tier_send(t, &letter, now_ns, envelope, why) && keep(t, uid, notice);
	}
	json_decref(notice);
	return ok;
}

/* ---- deadlines ---- */

static enum notice_state state_of(bool is_done, const json_t *notice, const char *due,
	uint64_t now_ns)
{
	uint64_t due_ns;

	if (is_done)
		return NOTICE_DONE;
	if (json_is_null(json_object_get(notice, due)))
		return NOTICE_NOT_ASKED;
	return take_time(&due_ns, notice, due) && due_ns < now_ns ? NOTICE_OVERDUE : NOTICE_OPEN;
}

enum notice_state notice_ack_state(const json_t *notice, const json_t *answer, uint64_t now_ns)
{
	return state_of(json_is_object(json_object_get(answer, "ack")), notice, "ack_by", now_ns);
}

enum notice_state notice_report_state(const json_t *notice, const json_t *answer, uint64_t now_ns)
{
	return state_of(json_is_string(json_object_get(answer, "closing_report")), notice,
		"report_back_by", now_ns);
}

static int is_notice(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len == ENVELOPE_UID - 1 + 5 && strcmp(e->d_name + len - 5, ".json") == 0;
}

json_t *notice_list(const struct tier *t)
{
	char *folder = tier_path(t, "notices", "", "");
	struct dirent **names;
	int count = scandir(folder, &names, is_notice, alphasort);
	json_t *list = json_array();

	for (int i = 0; i < count; i++) {
		char *path = mem_printf("%s/%s", folder, names[i]->d_name);
		if (i < NOTICES)
			json_array_append_new(list, tier_load(path));
		free(path);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	free(folder);
	return list;
}
