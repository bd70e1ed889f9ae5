/* A report on its way to a sheet. Internal to src/incident/report_sheet*.c. */
#ifndef IRONSPAN_REPORT_PAGE_H
#define IRONSPAN_REPORT_PAGE_H

#include "incident/report_draft.h"

struct report_page {
	struct sheet *sheet;
	const json_t *report, *labels;
	const char *language;
	int utc_offset_min;
};

const char *page_say(const struct report_page *p, const char *zh, const char *en);
const char *page_label(const struct report_page *p, const char *group, const char *code);
/* Any value in words: yes and no, lists with separators; times in local time. NULL for null.
 * To be freed. */
char *page_value(const struct report_page *p, const json_t *value);
/* "2026-11-20 10:14:07 +08:00"; to be freed. */
char *page_time(const struct report_page *p, const char *utc);
/* A row of the table of facts; left out where there is no value and `always` is false. */
void page_fact(const struct report_page *p, const char *label, const json_t *value, bool always);

void page_annex(const struct report_page *p);

/* A sentence of the labels, with its {facts}; `otherwise` where there is none, or no facts. To be
 * freed, may be NULL. */
char *page_told(const struct report_page *p, const char *group, const char *code,
	const json_t *facts, const char *otherwise);

#endif
