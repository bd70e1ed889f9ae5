/* Regular expressions through PCRE2: compiled once, shared by all threads, matched with
 * scratch that each thread has for itself.
 *
 * A match is bounded: an expression that backtracks without end is given up, it does not stall.
 * Bytes are bytes: there is no UTF. */
#ifndef IRONSPAN_REGEX_H
#define IRONSPAN_REGEX_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/bytes.h"
#include "base/memory.h"

struct regex;

/* `options` are PCRE2's. NULL and a reason if the expression is wrong. The regex lives until
 * regexes_free() of the arena it came from. */
const struct regex *regex_new(struct arena *arena, struct bytes expression, uint32_t options,
	char *why, size_t why_len);
bool regex_is_anchored(const struct regex *r); /* it matches at the first byte or not at all */
void regex_free(const struct regex *r);

/* As Hyperscan can look for it beforehand: whatever matches, it finds. NULL if it cannot, or
 * if the place where the search begins takes part (`is_relative`). */
const char *regex_scannable(const struct regex *r, bool is_relative, unsigned *hs_flags);

/* The longest match of what regex_scannable() said, UINT_MAX if it has no end. */
unsigned regex_reach(const char *expression, unsigned hs_flags);

struct regex_match {
	size_t from, to;
};

enum regex_result {
	REGEX_NONE, REGEX_FOUND,
	REGEX_GAVE_UP, /* beyond its bounds: nobody knows */
};
/* The first match that begins at `start` or later in `data`. */
enum regex_result regex_find(const struct regex *r, struct bytes data, size_t start, struct regex_match *m);

#endif
