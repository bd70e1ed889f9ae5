/* Fragments of the application layer, and which of them answers which.
 *
 *      0         1          2         3         4 …
 *   +---------+----------+---------+---------+------------
 *   | control | function | IIN1    | IIN2    | objects …     IIN in responses only
 *   +---------+----------+---------+---------+------------
 *   Control: first, last, confirm, unsolicited, sequence (4 bits). A response has the
 * sequence of its request, a confirm that of what it confirms. */
#ifndef IRONSPAN_DNP3_APPLICATION_H
#define IRONSPAN_DNP3_APPLICATION_H

#include "dissect/dissect.h"

/* What a message's key begins with; none: nobody acts on it, and it answers nothing. */
enum dnp3_class { CLASS_NONE, CLASS_APPLICATION, CLASS_UNSOLICITED, CLASS_LINK };

static inline uint64_t dnp3_key(enum dnp3_class class, unsigned sequence, uint32_t id)
{
	return (uint64_t) class << 40 | (uint64_t)sequence << 32 | id;
}

static inline enum dnp3_class dnp3_class_of(const struct message *m)
{
	return (enum dnp3_class)(m->key >> 40);
}

void dnp3_fragment(struct dissect *d, struct cursor *c);

/* dnp3_join.c */
unsigned dnp3_join(const struct message *request, const struct message *response);
void dnp3_check(struct dissect *d, const struct message *request);

/* dnp3_operate.c */
void dnp3_operate(
	struct dissect *d, const struct message *request, const struct message *response);

#endif
