/* What repeat.c and repeat_known.c share: the bytes of a poll that is known. Nobody else
 * includes this. */
#ifndef IRONSPAN_REPEAT_KNOWN_H
#define IRONSPAN_REPEAT_KNOWN_H

#include "dissect/driver.h"

static inline const struct repeat *repeat_rule(const struct session *ses)
{
	return &ses->dissector->repeat;
}

static inline uint32_t repeat_id(const struct repeat *r, const uint8_t *message)
{
	uint32_t id = 0;
	for (unsigned i = 0; i < r->id_len; i++)
		id = id << 8 | message[r->id_at + i];
	return id;
}

/* Whether the message has an id where polls have it. */
bool repeat_has_id(const struct repeat *r, struct bytes message);

/* ---- a poll's parts ---- */

static inline struct repeated_value *repeated_values(struct repeated *known)
{
	return (struct repeated_value *)known->bytes;
}

static inline uint8_t *repeated_request(const struct repeated *known)
{
	return (uint8_t *)known->bytes + known->value_count * sizeof(struct repeated_value);
}

static inline uint8_t *repeated_fixed(const struct repeated *known)
{
	return repeated_request(known) + known->request_len;
}

static inline struct repeat_memo *repeated_memos(struct repeated *known)
{
	return (struct repeat_memo *)((char *)known + known->memos_at);
}

static inline size_t repeated_size(const struct repeated *known)
{
	return known->memos_at + known->value_count * sizeof(struct repeat_memo);
}

static inline uint8_t repeated_lines(const struct repeated *known)
{
	size_t lines = (repeated_size(known) + LINE - 1) / LINE;
	return lines < ANSWER_LINES_MAX ? (uint8_t)lines : ANSWER_LINES_MAX;
}

/* The poll that asks like this, silent until later than now; the next one to come is looked
 * for first behind it. NULL: there is none. */
struct repeated *repeat_find(struct session *ses, struct bytes request, uint64_t now_ns);
/* Whether this is the poll's answer but for its values; where those are, as many as it has. */
bool repeat_is_answer(const struct session *ses, struct repeated *known, struct bytes answer,
	struct bytes *values);

#endif
