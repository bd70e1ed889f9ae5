/* `ironspan tier status` */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "command_tier_parts.h"
#include "incident/document_take.h"
#include "incident/notice.h"
#include "incident/tier_state.h"
#include "options.h"
#include "people_plain.h"

static const char *const states[] = {
	[NOTICE_OPEN] = "open", [NOTICE_OVERDUE] = "overdue", [NOTICE_DONE] = "done",
	[NOTICE_NOT_ASKED] = "not_asked",
};

static json_t *owed_by(const json_t *notice, const json_t *answer, uint64_t now_ns)
{
	return json_pack("{ss ss}", "ack", states[notice_ack_state(notice, answer, now_ns)],
		"report_back", states[notice_report_state(notice, answer, now_ns)]);
}

/* What this node owes about a notice, or what others owe it. */
static json_t *owed(const json_t *notice, uint64_t now_ns, const char *self)
{
	const json_t *answers = json_object_get(notice, "answers"), *answer;
	json_t *by = json_object();
	const char *node;

	if (!answers)
		json_object_set_new(by, self, owed_by(notice, notice, now_ns));
	json_object_foreach ((json_t *)answers, node, *(json_t **)&answer)
		json_object_set_new(by, node, owed_by(notice, answer, now_ns));
	return json_pack("{sO sO sO sO sO so}", "uid", json_object_get(notice, "uid"), "issuer",
		json_object_get(notice, "issuer"), "level", json_object_get(notice, "level"),
		"title", json_object_get(notice, "title"), "ack_by",
		json_object_get(notice, "ack_by"), "nodes", by);
}

static json_t *notices_of(const struct tier *t, uint64_t now_ns)
{
	json_t *list = notice_list(t), *all = json_array(), *notice;
	size_t i;

	json_array_foreach (list, i, notice)
		json_array_append_new(all, owed(notice, now_ns, t->self.node));
	json_decref(list);
	return all;
}

static json_t *status_of(struct tier_work *w, uint64_t now_ns)
{
	const struct outbox *o = &w->out;
	json_t *lanes = json_array();

	for (unsigned i = 0; i < ENVELOPE_LANES; i++) {
		char part[2] = { (char)('0' + i), '\0' };
		json_array_append_new(lanes, json_integer(outbox_count(o, part)));
	}
	return json_pack("{ss ss sb so si si si sI so}", "node", w->t->self.node, "tier",
		w->t->self.tier, "exercise", (int)w->t->is_exercise, "waiting", lanes, "receipts",
		(int)outbox_count(o, "receipts"), "sent", (int)outbox_count(o, "sent"), "dead",
		(int)outbox_count(o, "dead"), "audit_entries", (json_int_t)trail_seq(w->trail),
		"notices", notices_of(w->t, now_ns));
}

static json_int_t number(const json_t *status, const char *key)
{
	return json_integer_value(json_object_get(status, key));
}

static const char *words_of(const json_t *object, const char *key)
{
	const char *words = json_string_value(json_object_get(object, key));

	return words ? words : "";
}

/* The title is another node's. */
static void print_notice(const json_t *notice, const char *node, const json_t *state)
{
	struct text title = { 0 };

	people_plain(&title, words_of(notice, "title"));
	text_char(&title, '\0');
	printf("notice %s  %-6s  %-16s ack %-9s report back %-9s %s\n", words_of(notice, "uid"),
		words_of(notice, "level"), node, words_of(state, "ack"),
		words_of(state, "report_back"), title.at);
	text_fini(&title);
}

static void print_notices(const json_t *status)
{
	json_t *notice, *state;
	const char *node;
	size_t i;

	json_array_foreach (json_object_get(status, "notices"), i, notice)
		json_object_foreach (json_object_get(notice, "nodes"), node, state)
			print_notice(notice, node, state);
}

static void print(const json_t *status)
{
	const json_t *lanes = json_object_get(status, "waiting");

	printf("%s, %s%s\n", json_string_value(json_object_get(status, "node")),
		json_string_value(json_object_get(status, "tier")),
		json_is_true(json_object_get(status, "exercise")) ? ", in an exercise" : "");
	printf("waiting   ");
	for (size_t i = 0; i < ENVELOPE_LANES; i++)
		printf("lane %zu: %" JSON_INTEGER_FORMAT "   ", i,
			json_integer_value(json_array_get(lanes, i)));
	printf("receipts: %" JSON_INTEGER_FORMAT "\n", number(status, "receipts"));
	printf("settled   accepted: %" JSON_INTEGER_FORMAT "   rejected or expired: %"
		JSON_INTEGER_FORMAT "\n", number(status, "sent"), number(status, "dead"));
	print_notices(status);
}

int tier_status(struct tier *t, const struct tier_words *words)
{
	struct tier_work w;

	if (!tier_begin(&w, t))
		return EXIT_CANNOT_RUN;
	json_t *status = status_of(&w, time_now_ns());
	tier_end(&w);
	if (words->json) {
		json_dumpf(status, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print(status);
	}
	json_decref(status);
	return EXIT_FINE;
}
