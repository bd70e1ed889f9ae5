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
	void *context, const struct transaction *t, struct repeat_memo *memo)
{
	(void)context;
	(void)t;
	*memo = (struct repeat_memo){ 0 };
}

static inline void ignore_repeated(void *context, struct flow *f, struct repeat_memo *memo,
	struct bytes values, const struct transaction *t)
{
	(void)context;
	(void)f;
	(void)memo;
	(void)values;
	(void)t;
}

static inline void ignore_released(void *context, struct transaction *t)
{
	(void)context;
	(void)t;
}

#endif
