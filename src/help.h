/* What the program says of itself. */
#ifndef IRONSPAN_HELP_H
#define IRONSPAN_HELP_H

#include <stdio.h>

void help_usage(FILE *out);   /* a few lines, for a call without arguments */
void help_print(FILE *out);
void help_version(FILE *out); /* the program's and its libraries' */

#endif
