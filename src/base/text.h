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
void text_shrink(struct text *t); /* gives half of it back if less than a quarter is used */

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

/* ---- many pieces, one look at the room ----
 *
 *	char *at = text_room(t, 40);
 *	at = raw_lit(at, "{\"id\":");
 *	at = raw_uint(at, id);
 *	text_end(t, at);
 *
 * Pieces are copied in whole words, so up to TEXT_SPARE bytes behind the last one are
 * overwritten: text_room() adds them to what the caller counted. */
enum { TEXT_SPARE = 32, TEXT_UINT = 20 }; /* digits of the largest integer */

/* Where to write `len` bytes, not counted as written yet. */
static inline char *text_room(struct text *t, size_t len)
{
	if (t->cap - t->len < len + TEXT_SPARE)
		text_grow(t, len + TEXT_SPARE);
	return t->at + t->len;
}

static inline void text_end(struct text *t, const char *at)
{
	t->len = (size_t)(at - t->at);
}

#define raw_lit(at, literal) ((char *)mempcpy(at, "" literal, sizeof(literal) - 1))

static inline char *raw_put(char *at, const void *from, size_t len)
{
	return (char *)memcpy(at, from, len) + len;
}

/* Text whose memory goes on for TEXT_SPARE bytes: short ones are copied in one piece. */
struct text_piece {
	const char *at;
	size_t len;
};

static inline char *raw_piece(char *at, const char *from, size_t len)
{
	if (len > TEXT_SPARE)
		return raw_put(at, from, len);
	memcpy(at, from, TEXT_SPARE);
	return at + len;
}

static inline void text_piece(struct text *t, struct text_piece piece)
{
	text_end(t, raw_piece(text_room(t, piece.len), piece.at, piece.len));
}

/* The digits of 0 to 999; larger numbers are written three at a time. */
struct text_number {
	char digits[3];
	uint8_t len;
};
extern const struct text_number text_numbers[1000];
char *raw_uint_long(char *at, uint64_t v);

static inline char *raw_uint(char *at, uint64_t v)
{
	if (v >= 1000)
		return raw_uint_long(at, v);
	memcpy(at, &text_numbers[v], sizeof(*text_numbers));
	return at + text_numbers[v].len;
}

/* `v` below 1000 with its leading zeros. */
static inline char *raw_triple(char *at, unsigned v)
{
	memcpy(at, "000", 3);
	memcpy(at + 3 - text_numbers[v].len, &text_numbers[v], sizeof(*text_numbers));
	return at + 3;
}

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
