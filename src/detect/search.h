/* One search of a rule's steps through one buffer: what match_content.c, which orders the
 * steps, shares with match_number.c. */
#ifndef IRONSPAN_SEARCH_H
#define IRONSPAN_SEARCH_H

#include "detect/runtime.h"

struct search {
	const struct content_list *list;
	struct bytes data;
	uint32_t *at;     /* where each was found, or NULL */
	uint32_t budget;
	bool is_hopeless; /* no other place of an earlier step can help */
	bool gave_up;     /* nor does anybody know whether it would */
	uint64_t extracted[EXTRACTED_MAX];
};

static inline uint64_t operand_raw(const struct search *s, const struct operand *o)
{
	return o->extracted ? s->extracted[o->extracted - 1] : (uint64_t)o->value;
}

/* As a place. Extracted numbers beyond 2^62 would lie outside of any bytes; they are cut there. */
static inline int64_t operand_value(const struct search *s, const struct operand *o)
{
	enum { HUGE_BITS = 62 };
	uint64_t v = operand_raw(s, o);
	return o->extracted && v >> HUGE_BITS ? INT64_MAX / 4 : (int64_t)v;
}

/* What a CONTENT_BASE64 step decodes when the last one ended at `base`, into room for
 * BASE64_ROOM bytes; 0: nothing. */
enum { BASE64_ROOM = (BASE64_MAX / 4 + 1) * 3 };
size_t base64_decode(const struct content *c, struct bytes data, size_t base, uint8_t *room);

/* Whether a CONTENT_NUMBER step holds when the last step ended at *base; moves *base. */
bool number_step_holds(struct search *s, const struct content *c, size_t *base);

#endif
