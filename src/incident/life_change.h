/* Inside life_*.c: one action that is being done. */
#ifndef IRONSPAN_LIFE_CHANGE_H
#define IRONSPAN_LIFE_CHANGE_H

#include "incident/life.h"
#include "incident/time.h"

struct life_change {
	const struct life_action *action;
	json_t *doc;
	json_t *args;       /* checked: numbers are numbers */
	const char *person;
	uint64_t now_ns;
	char at[TIME_TEXT]; /* args.at, else now */
	enum life_state state, next;
	char *error;
	size_t error_size;
};

/* Always false, so that a check can return it. */
bool life_refuse(struct life_change *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Refuses a given `at` that lies before `time`, which may be null: "it was confirmed". */
bool life_not_before(struct life_change *c, const json_t *time, const char *what);
/* The same for one of the document's times. */
bool life_follows(struct life_change *c, const char *time, const char *what);
const char *life_text(
	const struct life_change *c, const char *name); /* NULL: not given */
/* The object or list of that name in the document, made if it is not there. */
json_t *life_object(json_t *doc, const char *name);
json_t *life_list(json_t *doc, const char *name);
/* `entry` is taken over. */
bool life_append(struct life_change *c, const char *list, json_t *entry);
bool life_check_arguments(struct life_change *c, const json_t *given);

/* What actions do, one function each. */
bool life_ack(struct life_change *c);
bool life_assign(struct life_change *c);
bool life_note(struct life_change *c);
bool life_confirm(struct life_change *c);
bool life_dismiss(struct life_change *c);
bool life_reopen(struct life_change *c);
bool life_merge(struct life_change *c);
bool life_act(struct life_change *c);
bool life_contain(struct life_change *c);
bool life_resolve(struct life_change *c);
bool life_close(struct life_change *c);
bool life_set(struct life_change *c);
bool life_rectify(struct life_change *c);
bool life_rectified(struct life_change *c);
bool life_lessons(struct life_change *c);
bool life_evidence(struct life_change *c);
bool life_report(struct life_change *c);
bool life_approve(struct life_change *c);
bool life_submit(struct life_change *c);
bool life_forward(struct life_change *c);
/* Seconds from detection to what people did, where both are known. */
void life_account(json_t *doc);

#endif
