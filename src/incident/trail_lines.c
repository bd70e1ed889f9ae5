#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/trail_line.h"
#include "incident/trail_lines.h"

bool trail_lines_open(struct trail_lines *l, const char *path)
{
	*l = (struct trail_lines){ .in = fopen(path, "re") };
	if (!l->in) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	l->buffer = mem_array(TRAIL_LINE, 1);
	return true;
}

bool trail_lines_next(struct trail_lines *l, struct bytes *line)
{
	size_t len = 0;
	int c = EOF;

	if (l->is_cut || l->is_too_long)
		return false;
	while (len < TRAIL_LINE && (c = getc_unlocked(l->in)) != EOF && c != '\n')
		l->buffer[len++] = (uint8_t)c;
	if (c == EOF && len == 0)
		return false;
	l->number++;
	l->is_cut = c == EOF;
	l->is_too_long = len == TRAIL_LINE;
	*line = (struct bytes){ l->buffer, len };
	return true;
}

void trail_lines_close(struct trail_lines *l)
{
	if (l->in)
		fclose(l->in);
	free(l->buffer);
	*l = (struct trail_lines){ 0 };
}
