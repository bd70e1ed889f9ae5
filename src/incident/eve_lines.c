#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "base/text.h"
#include "incident/document.h"
#include "incident/eve_lines.h"
#include "incident/time.h"

enum { BLOCK = 1 << 16 };

void eve_line(struct eve_reader *r, struct bytes line)
{
	json_t *event = NULL;

	if (line.len == 0)
		return;
	r->lines++;
	if (line.len <= EVE_LINE_MAX)
		event = json_loadb((const char *)line.at, line.len, JSON_ALLOW_NUL, NULL);
	if (json_is_object(event))
		r->event(r->context, event);
	else
		r->unreadable++;
	json_decref(event);
}

/* Lines come in pieces; of one that is too long its first bytes are kept, so that it is
 * counted at its end. */
static void take(struct eve_reader *r, struct text *line, const char *at, size_t len)
{
	while (len > 0) {
		const char *end = memchr(at, '\n', len);
		size_t piece = end ? (size_t)(end - at) : len;
		if (line->len <= EVE_LINE_MAX)
			text_put(line, at, piece);
		if (end) {
			eve_line(r, (struct bytes){ (const uint8_t *)line->at, line->len });
			text_clear(line);
			piece++;
		}
		at += piece;
		len -= piece;
	}
}

bool eve_lines(struct eve_reader *r, FILE *file, const char *name)
{
	char *block = mem_new(BLOCK);
	struct text line = { 0 };
	size_t got;

	while ((got = fread(block, 1, BLOCK, file)) > 0)
		take(r, &line, block, got);
	bool ok = !ferror(file);
	if (!ok)
		report_error("%s: %s", name, strerror(errno));
	eve_line(r, (struct bytes){ (const uint8_t *)line.at, line.len });
	text_fini(&line);
	free(block);
	return ok;
}

bool eve_event_time(const json_t *event, uint64_t *ns)
{
	const char *text = document_string(event, "/timestamp");

	return text && time_read_rfc3339(text, ns);
}
