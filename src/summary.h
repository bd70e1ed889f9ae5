/* The table for people at the end of a run, on stderr: what was seen, what was not, and what
 * alerted. At most as wide as the terminal, 80 columns where there is none. */
#ifndef IRONSPAN_SUMMARY_H
#define IRONSPAN_SUMMARY_H

#include <stdio.h>

#include "engine/engine.h"

void summary_print(FILE *out, const struct config *config, struct engine *e, uint64_t run_ns);

#endif
