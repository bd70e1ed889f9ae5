/* What eve_again.c and eve_learn.c share: texts of polls with holes. Nobody else includes this. */
#ifndef IRONSPAN_EVE_AGAIN_H
#define IRONSPAN_EVE_AGAIN_H

#include "dissect/session.h"
#include "output/eve_event.h"

enum { SETS_BITS = 8, SETS = 1 << SETS_BITS, TOGETHER = 4, POLL_MAX = 1024,
	HOLES_MAX = TAPE_MARKS_MAX };

enum hole_kind {
	HOLE_TX, HOLE_ID, HOLE_PACKETS,
	HOLE_DATA, HOLE_BYTES, HOLE_U16S, HOLE_BITS, /* what the answer says */
	HOLE_VALUES,                                 /* what the operation read */
};

struct hole {
	uint8_t kind, value;
	uint16_t count;    /* HOLE_BITS */
	uint32_t text_len; /* in front of it, behind the hole before */
};

/* Where a value stands in the answer, and what it is. */
struct form_value {
	uint16_t at, len;
	uint32_t count;
	enum value_type type;
};

struct poll_text {
	uint64_t hash;                     /* poll_hash()'s */
	uint64_t unit;                     /* as in struct repeat_news */
	const struct dissector *dissector; /* NULL: nothing is kept here */
	unsigned value_count, hole_count;
	struct form_value values[REPEAT_VALUES_MAX];
	struct hole holes[HOLES_MAX];
	size_t request_len, answer_len;
	struct text bytes;                 /* of both, of whatever id, whatever values */
	struct text text;
};

/* Where a poll's text may be; the next to make room. */
struct poll_set {
	struct poll_text *of[TOGETHER];
	unsigned next;
};

struct poll_texts {
	struct poll_set sets[SETS];
	struct tape_marks marks;
	struct text tried;
};

static inline uint64_t poll_id(const struct transaction *t)
{
	const struct repeat *r = &t->dissector->repeat;
	uint64_t id = 0;
	for (unsigned i = 0; i < r->id_len; i++)
		id = id << 8 | t->request->raw.at[r->id_at + i];
	return id;
}

/* Of the request but its id, what its device is called, and how long the answer is. */
uint64_t poll_hash(const struct transaction *t, const struct repeat_news *news);
struct poll_set *poll_set_of(struct poll_texts *texts, uint64_t hash);
/* All behind the header, from the text. */
void poll_put_body(const struct poll_text *p, const struct transaction *t,
	const struct repeat_news *news, struct text *out);

/* Keeps what was written to `out`, with the marks that were made. */
void poll_learn(struct poll_texts *texts, const struct transaction *t,
	const struct repeat_news *news, const struct text *out);

#endif
