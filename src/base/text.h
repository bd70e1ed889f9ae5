/* A growing buffer of output text, and the JSON spelling of values.
 *
 * The owner keeps one and reuses it: text_clear() keeps the memory. Growing can only fail
 * when the machine is out of memory, which ends the program. One thread at a time. */
#ifndef IRONSPAN_TEXT_H
#define IRONSPAN_TEXT_H

#include "base/bytes.h"

struct text {
	char *at;
	size_t len;
	size_t cap;
};

void text_fini(struct text *t);
void text_grow(struct text *t, size_t more); /* room for at least `more` bytes */

static inline void text_clear(struct text *t)
{
	t->len = 0;
}

static inline void text_put(struct text *t, const void *at, size_t len)
{
	if (t->cap - t->len < len)
		text_grow(t, len);
	if (len)
		memcpy(t->at + t->len, at, len);
	t->len += len;
}

static inline void text_char(struct text *t, char c)
{
	text_put(t, &c, 1);
}

static inline void text_str(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

#define text_lit(t, literal) text_put(t, "" literal, sizeof(literal) - 1)

void text_uint(struct text *t, uint64_t v);
void text_int(struct text *t, int64_t v);
void text_hex(struct text *t, struct bytes b); /* lower case, no separators */
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A quoted JSON string. Bytes that are not UTF-8 become U+FFFD, controls are escaped:
 * whatever a packet holds, the line stays one valid line. */
void text_json(struct text *t, struct bytes b);
void text_json_str(struct text *t, const char *s);

/* Integers beyond 2^53 are written as strings, for readers that keep numbers in doubles;
 * a double that is not finite is written as a string too ("NaN", "Infinity"). */
void text_json_uint(struct text *t, uint64_t v);
void text_json_int(struct text *t, int64_t v);
void text_json_double(struct text *t, double v);

void text_base64(struct text *t, struct bytes b);

#endif
