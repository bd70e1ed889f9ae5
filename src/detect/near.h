/* What near.c (transactions) and near_bytes.c (bytes and packets) share. */
#ifndef IRONSPAN_NEAR_H
#define IRONSPAN_NEAR_H

#include "detect/explain.h"
#include "detect/runtime.h"

struct near {
	const struct check *check;
	struct text *out;
	unsigned held;
};

/* Counts a condition that holds; true: go on. Otherwise the caller says which it was. */
static inline bool near_holds(struct near *n, bool it_does)
{
	n->held += it_does;
	return it_does;
}

static inline struct nearness near_missed(const struct near *n)
{
	return (struct nearness){ n->held, false };
}

/* Each says what does not hold, if it does not. Of two messages either will do. */
void near_say_header(struct near *n, const struct flow *f, unsigned from);
void near_say_step(struct near *n, const struct content_list *l, unsigned step);
bool near_bytes_hold(struct near *n, const struct content_list *l, struct bytes a,
	struct bytes b);
bool near_size_holds(struct near *n, int64_t a, int64_t b); /* -1: there is none */

#endif
