/* When a file is old or large enough, and where it goes then: FILE to FILE.1, that to FILE.2,
 * up to a number that is kept. Periods begin with those of UTC: of a day at midnight, of an
 * hour with the hour, so that a restart does not begin a new one. */
#ifndef IRONSPAN_ROTATE_H
#define IRONSPAN_ROTATE_H

#include <sys/stat.h>

#include "base/bytes.h"

struct rotation {
	uint64_t size_limit;  /* bytes; 0: none */
	uint64_t period_s;    /* 0: none */
	unsigned keep;
	uint64_t size;        /* of the file, now */
	uint64_t period;      /* the file's, counted from 1970 */
	uint64_t not_before_s; /* it failed: not again until then */
};

/* For a file that was just opened. */
void rotation_begin(struct rotation *r, const struct stat *file);
/* How many bytes of these lines belong into the present file: whole lines, 0 if it must be
 * rotated first. `now_s` is the clock's. */
size_t rotation_fit(const struct rotation *r, struct bytes lines, uint64_t now_s);
/* Renames. false, with errno: it did not work, and the file is where it was. */
bool rotation_shift(const struct rotation *r, const char *path);
void rotation_put_off(struct rotation *r, uint64_t now_s); /* it did not work; later */

#endif
