/* One evaluation of rules on messages: what match.c, match_buffers.c and leads.c share. */
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

/* leads.c: whether any rule of the index may be reached. `outcomes` are those of the operations
 * that rules will be tried with, bit each. The same of rules on what was done. */
bool index_leads(struct detector *d, const struct check_index *index,
	const struct transaction *t, unsigned outcomes);
bool operations_lead(struct detector *d, const struct check_index *index,
	const struct transaction *t);

static inline const struct message *newest_of(const struct transaction *t)
{
	return t->response ? t->response : t->request;
}

static inline uint16_t group_for(const struct selector *s, uint64_t value)
{
	return value < s->size ? s->group[value] : 0;
}

static inline uint64_t events_that_lead(const struct check_index *index,
	const struct transaction *t, const struct message *newest)
{
	uint64_t before = t->response && t->request ? t->request->events : 0;
	return (newest->events & index->events) | (before & index->either_events);
}

#endif
