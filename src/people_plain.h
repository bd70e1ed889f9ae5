/* Words of others, as a terminal may show them: control characters and those that turn
 * the reading direction become question marks, so that no device's name and no note can
 * move the cursor. Widths are columns: Chinese characters take two. */
#ifndef IRONSPAN_PEOPLE_PLAIN_H
#define IRONSPAN_PEOPLE_PLAIN_H

#include <stdio.h>

#include "base/text.h"

void people_plain(struct text *out, const char *words);
unsigned people_width(const char *words);
/* In `width` columns and one more of space; what is too long ends with "…". */
void people_column(FILE *out, const char *words, unsigned width);

#endif
