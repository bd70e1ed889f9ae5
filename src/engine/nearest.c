#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/nearest.h"

enum { WORD = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned word_distance(const char *a, const char *b)
{
	uint8_t rows[3][WORD + 1];
	uint8_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t alen = strnlen(a, WORD), blen = strnlen(b, WORD);

	for (size_t j = 0; j <= blen; j++)
		above[j] = (uint8_t)j;
	for (size_t i = 1; i <= alen; i++) {
		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= blen; j++) {
			unsigned d = above[j - 1] + (a[i - 1] != b[j - 1]);
			d = least(d, least(above[j] + 1u, row[j - 1] + 1u));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 1u);
			row[j] = (uint8_t)d;
		}
		uint8_t *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[blen];
}

void nearest_offer(struct nearest *n, const char *candidate)
{
	unsigned distance = word_distance(n->word, candidate);
	unsigned bearable = 1 + (unsigned)strnlen(n->word, WORD) / 4;

	if (distance > bearable || (n->best[0] && distance >= n->distance))
		return;
	snprintf(n->best, sizeof(n->best), "%s", candidate);
	n->distance = distance;
}
