/* What the parts of a report are made from. Internal to src/incident/report*.c. */
#ifndef IRONSPAN_REPORT_DRAFT_H
#define IRONSPAN_REPORT_DRAFT_H

#include "base/text.h"
#include "incident/report.h"

struct report_draft {
	const json_t *incident, *profile;
	json_t *alerts; /* the incident's, as rows: see report_alerts() */
	const struct registers *registers;
	const struct report_request *request;
	const char *language;
};

enum { REPORT_ROWS = 500, REPORT_TIME = 40 };

/* One of two texts, by the report's language. */
const char *report_say(const struct report_draft *d, const char *zh, const char *en)
	__attribute__((format_arg(2), format_arg(3)));
const char *report_label(const struct report_draft *d, const char *group, const char *code);
/* An address as people call it: asset, else the incident's name for it, else itself. */
const char *report_host(const struct report_draft *d, const char *ip, const char *asset);
/* "2026-11-20T10:14:07+08:00" of a document's time; false: it is none. */
bool report_local_time(const char *utc, int offset_min, char out[REPORT_TIME]);

/* Alerts that belong to the incident, in order of time, at most REPORT_ROWS:
 * {at, uid, sid, signature, severity, from, to, protocol, operation, operations}. Where none
 * is at hand, the incident's own list of changes in the same form, without sid. */
json_t *report_alerts(const struct report_draft *d);

/* What a profile's `from` names when it is no pointer. NULL: not known. */
json_t *report_text(const struct report_draft *d, const char *name);
json_t *report_impact(const struct report_draft *d);
json_t *report_cause(const struct report_draft *d);
json_t *report_trend(const struct report_draft *d);
json_t *report_system(const struct report_draft *d);
json_t *report_path(const struct report_draft *d);
json_t *report_event_type(const struct report_draft *d);
json_t *report_mlps_level(const struct report_draft *d);
json_t *report_cii(const struct report_draft *d);

/* What was written, and the end of it; NULL for nothing. */
json_t *report_take(struct text *t);
void report_separate(struct text *t, const char *separator); /* unless it stands first */
/* Unless it is there already, or there are many; s may be NULL. */
void report_add_name(json_t *list, const char *s);

/* The level as people write it; *is_confirmed is whether a person said so. */
char *report_level(const struct report_draft *d, bool *is_confirmed);
/* The profile's items, filled in. */
json_t *report_content(const struct report_draft *d, const json_t *items);
/* [{at, from, to, protocol, verb, object, point, value_before, value, outcome}] */
json_t *report_changes(const struct report_draft *d);
/* [{at, kind, what, count, last}], kind is alert, state or action. */
json_t *report_timeline(const struct report_draft *d);
json_t *report_annex(const struct report_draft *d);
/* [{key, before, after}] of two contents. */
json_t *report_differences(const json_t *before, const json_t *after);

#endif
