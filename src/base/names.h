/* Names for numbers, as the specifications print them. Tables end with a NULL text. */
#ifndef IRONSPAN_NAMES_H
#define IRONSPAN_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct name {
	uint64_t value;
	const char *text;
};

const char *name_of(const struct name *names, uint64_t value); /* NULL if it has none */
/* The value of a name, spelled in any case; false if there is none. */
bool name_value(const struct name *names, const char *text, size_t len, uint64_t *value);

#endif
