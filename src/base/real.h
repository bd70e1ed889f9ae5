/* The decimal digits of a real number.
 *
 * What printf's %.15g, %.16g or %.17g would say, the first of them that reads back as the same
 * number, without its arbitrary precision: 128 bits tell the digits but where they come to lie
 * within a hair of a boundary, and then there is no answer. Any thread. */
#ifndef IRONSPAN_REAL_H
#define IRONSPAN_REAL_H

#include <stdbool.h>
#include <stdint.h>

struct real {
	uint64_t digits;    /* without zeros at the end */
	unsigned count;     /* how many they are */
	int exponent;       /* of the first: 5 is 5·10^0 */
	unsigned precision; /* 15, 16 or 17: what told the number apart */
};

/* Of a finite number above 0. false: ask printf. */
bool real_digits(double v, struct real *r);

#endif
