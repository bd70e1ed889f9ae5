/* Bytes written as hexadecimal text in the rows of tests. */
#ifndef IRONSPAN_HEX_H
#define IRONSPAN_HEX_H

#include <stddef.h>
#include <stdint.h>

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Pairs of digits, anything else between them; returns how many bytes, at most `cap`. */
static inline size_t hex_read(const char *text, uint8_t *at, size_t cap)
{
	size_t len = 0;
	while (*text && len < cap) {
		if (hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0) {
			at[len++] =
				(uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
			text++;
		}
		text++;
	}
	return len;
}

#endif
