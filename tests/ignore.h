/* What a session tells and a test does not listen to. */
#ifndef IRONSPAN_IGNORE_H
#define IRONSPAN_IGNORE_H

#include "dissect/session.h"

static inline void ignore_event(void *context, struct flow *f, const struct dissector *d,
	unsigned end, enum session_event event, const struct origin *origin)
{
	(void)context;
	(void)f;
	(void)d;
	(void)end;
	(void)event;
	(void)origin;
}

static inline void ignore_unclaimed(void *context, struct flow *f, unsigned end,
	struct bytes data, const struct origin *origin)
{
	(void)context;
	(void)f;
	(void)end;
	(void)data;
	(void)origin;
}

static inline void ignore_remembered(
	void *context, const struct transaction *t, struct repeat_memo *memos)
{
	(void)context;
	memset(memos, 0, t->operation_count * sizeof(*memos));
}

static inline void ignore_repeated(void *context, struct flow *f,
	const struct repeat_news *news, const struct transaction *t)
{
	(void)context;
	(void)f;
	(void)news;
	(void)t;
}

static inline void ignore_released(void *context, struct transaction *t)
{
	(void)context;
	(void)t;
}

#endif
