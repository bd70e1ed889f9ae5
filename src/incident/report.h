/* Reports: what a plant hands up about an incident, `ironspan.report/1`.
 *
 * A report is one profile (who wants to know what, signatures/incident/profiles/) for one
 * revision of one incident, to which it is bound by hash. What the network shows is filled in;
 * what only a person can know holds SHEET_FILL and is listed in `missing`. A report is a
 * draft: the operator decides and files. Behind the profile's items stand annexes: who and
 * what was involved, values before and after, the time line, evidence, and what the sensor
 * could not see.
 *
 * Documents are borrowed and not changed; results belong to the caller. Deterministic: the
 * same request gives the same bytes. Any thread. */
#ifndef IRONSPAN_REPORT_DOCUMENT_H
#define IRONSPAN_REPORT_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>

#include "incident/sheet.h"

struct registers;

struct report_request {
	const char *kind;         /* first, progress, final, correction, withdrawal */
	const json_t *profile;    /* the profile's file; NULL: the registers' of profile_id */
	const char *profile_id;   /* "CN-CAC-2025/other-operator" */
	const char *language;     /* "zh-CN" or "en"; NULL: the profile's */
	const json_t *labels;     /* labels.json, or NULL: codes stay codes */
	const json_t *alerts;     /* EVE alerts among which the incident's are; NULL: none known */
	const json_t *previous;   /* the report that this one follows, or NULL */
	const char *reason;       /* why: of a correction or withdrawal; NULL: a person must say */
	const char *prepared_by;  /* a person's id, or NULL */
	uint64_t now_ns;
	int utc_offset_min;       /* of local times */
};

/* NULL after a reported error: no such profile or kind, an incident that cannot be hashed. */
json_t *report_build(const json_t *incident, const struct registers *registers,
	const struct report_request *request);

bool report_kind_exists(const char *kind);

/* For people, in the report's language; labels may be NULL. To be freed. */
char *report_sheet(const json_t *report, const json_t *labels, enum sheet_format format);

/* What a person must still fill in: an array of dotted names, made anew from `content`. */
json_t *report_missing(const json_t *content);

#endif
