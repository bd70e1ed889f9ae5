/* Spelling: how far one word is from another, to answer a wrong word with the right one. */
#ifndef IRONSPAN_NEAREST_H
#define IRONSPAN_NEAREST_H

#include <stddef.h>

/* Letters to insert, delete, replace or swap (Damerau's restricted distance); words are
 * compared up to 63 letters. */
unsigned word_distance(const char *a, const char *b);

/* Keeps the best of the candidates it is shown. Begin with { .word = …}. */
struct nearest {
	const char *word;
	char best[128];     /* empty: nothing is near enough to be meant */
	unsigned distance;
};
void nearest_offer(struct nearest *n, const char *candidate);

#endif
