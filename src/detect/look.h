/* One evaluation of rules on messages: what match.c and match_buffers.c share. */
#ifndef IRONSPAN_LOOK_H
#define IRONSPAN_LOOK_H

#include "detect/runtime.h"

/* A transaction in one phase. */
struct look {
	struct detector *d;
	struct transaction *t;
	const struct check_index *index;
	enum phase phase;
	const uint64_t *fits; /* which header classes fit the flow */
	struct tapes tapes;
	const struct message *newest; /* what contents are looked for in */
	const struct operation *operation; /* its tape is written when a rule gets that far */
	bool wants_scan;
	uint32_t buffers; /* fields in which rules wait */
};

/* Looks at one rule that something led to; it is added to d->matched if it holds. */
void look_at_check(struct look *l, const struct check *c);
/* The rules that wait in the buffers noted in l->buffers. */
void look_into_buffers(struct look *l);

#endif
