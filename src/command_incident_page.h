/* One incident as a page for people: labels, and words that go on in the next lines. */
#ifndef IRONSPAN_COMMAND_INCIDENT_PAGE_H
#define IRONSPAN_COMMAND_INCIDENT_PAGE_H

#include <jansson.h>

#include "base/text.h"
#include "people.h"

struct incident_page {
	FILE *out;
	struct table table; /* colours and columns */
	const json_t *doc;
};

/* All that the document says. */
void incident_page_show(struct incident_page *p);

void incident_page_line(struct incident_page *p, const char *label, const char *words);
/* The same from `t`, which is empty afterwards; nothing if it is empty before. */
void incident_page_line_of(struct incident_page *p, const char *label, struct text *t);
/* "name value" if there is a value, with a comma before all but the first. */
void incident_page_add(struct text *t, const char *name, const char *value);

#endif
