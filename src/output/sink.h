/* Where lines go. A sink takes whole lines from the ordered stage, in order; in replay it
 * blocks, so that nothing is lost. One thread. */
#ifndef IRONSPAN_SINK_H
#define IRONSPAN_SINK_H

#include "base/bytes.h"

enum line_value { LINE_EVENT, LINE_ALERT }; /* what may be dropped first when a sink is slow */

struct sink;
struct sink_ops {
	bool (*write)(struct sink *s, struct bytes lines, enum line_value value);
	bool (*flush)(struct sink *s);
	void (*reopen)(struct sink *s); /* after log rotation; NULL where it means nothing */
	void (*close)(struct sink *s);
};
struct sink {
	const struct sink_ops *ops;
	uint64_t lines, bytes, lost; /* counted by the sink */
};

/* Appends to a file, created if need be. NULL after a reported error. Up to 1 MiB of lines
 * waits for sink_flush() or its turn; when the disk is full the file still ends in a whole
 * line. */
struct sink *sink_open_file(const char *path);
/* The same; a terminal gets every line at once. Ignores SIGPIPE for the whole program. */
struct sink *sink_open_stdout(void);

/* false: the sink cannot take any more (disk full, pipe closed); reported once. */
static inline bool sink_write(struct sink *s, struct bytes lines, enum line_value value)
{
	return s->ops->write(s, lines, value);
}

static inline bool sink_flush(struct sink *s)
{
	return s->ops->flush(s);
}

static inline void sink_close(struct sink *s)
{
	s->ops->close(s);
}

#endif
