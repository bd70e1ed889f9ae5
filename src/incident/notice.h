/* Warnings from above, `ironspan.notice/1`, and what they ask for: to be acknowledged and reported
 * back on by some time.
 *
 *	{ "schema": "ironspan.notice/1", "uid", "issuer", "level": red|orange|yellow|blue, "title",
 *	  "text", "indicators_ref", "issued", "ack_by", "report_back_by", "ack": {by, at},
 *	  "closing_report" }
 *
 * A notice goes down with `ack` null. The node that got it answers with the same document, `ack`
 * filled, and later `closing_report`. notices/UID.json is, below, the notice as answered so far;
 * above, the notice with "answers": { NODE: {ack, closing_report} } of those it was sent to. */
#ifndef IRONSPAN_INCIDENT_NOTICE_H
#define IRONSPAN_INCIDENT_NOTICE_H

#include "incident/tier.h"

#define NOTICE_SCHEMA "ironspan.notice/1"

/* Its uid, or why it is none. */
const char *notice_read(const json_t *body, char uid[ENVELOPE_UID]);

struct notice_text {
	const char *level, *title, *text;
	const char *indicators; /* what it refers to, or NULL */
	uint64_t ack_by_ns, report_back_by_ns; /* 0: not asked for */
};

/* Sends a notice to these nodes. false: `why`, NULL after a reported error. `uid` is the
 * notice's. */
bool notice_issue(struct tier *t, const struct notice_text *n, const char *const *nodes,
	unsigned count, const char *by, uint64_t now_ns, char uid[ENVELOPE_UID],
	const char **why);
/* Answers a notice that came in: acknowledges it, and with `report` (a report's uid) closes it. */
bool notice_answer(struct tier *t, const char *uid, const char *by, const char *report,
	uint64_t now_ns, const char **why);

/* Nobody asked and nobody did: NOTICE_NOT_ASKED. */
enum notice_state { NOTICE_OPEN, NOTICE_OVERDUE, NOTICE_DONE, NOTICE_NOT_ASKED };
/* What one node owes (`answer` is the notice itself, or one of its answers). */
enum notice_state notice_ack_state(const json_t *notice, const json_t *answer, uint64_t now_ns);
enum notice_state notice_report_state(const json_t *notice, const json_t *answer, uint64_t now_ns);
/* All notices, by uid: an array, a new reference. */
json_t *notice_list(const struct tier *t);

#endif
