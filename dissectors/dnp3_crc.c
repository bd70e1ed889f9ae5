/* The checksum of a link header and of each data block: polynomial 0x3d65, the lowest bit of
 * a byte first, the result inverted and sent with the low byte first. */
#include "dnp3_link.h"

enum { POLYNOMIAL = 0xa6bc /* 0x3d65 with its bits reversed */, AT_ONCE = 8 };

/* What a byte makes of the checksum, by how many bytes follow it. The same for all bytes at
 * once, because a checksum of a sum is the sum of the checksums. */
static uint16_t steps[AT_ONCE][256];

static uint16_t step_of(unsigned crc)
{
	for (unsigned bit = 0; bit < 8; bit++)
		crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
	return (uint16_t)crc;
}

/* Before the program begins; constant from then on. */
static __attribute__((constructor)) void make_steps(void)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		steps[0][byte] = step_of(byte);
		for (unsigned i = 1; i < AT_ONCE; i++) {
			unsigned crc = steps[i - 1][byte];
			steps[i][byte] = (uint16_t)(crc >> 8 ^ step_of(crc & 0xff));
		}
	}
}

static inline unsigned eight_steps(unsigned crc, const uint8_t *at)
{
	uint64_t x = le64_at(at) ^ crc;

	return steps[7][x & 0xff] ^ steps[6][x >> 8 & 0xff] ^ steps[5][x >> 16 & 0xff] ^
	       steps[4][x >> 24 & 0xff] ^ steps[3][x >> 32 & 0xff] ^
	       steps[2][x >> 40 & 0xff] ^ steps[1][x >> 48 & 0xff] ^ steps[0][x >> 56];
}

uint16_t dnp3_crc(struct bytes b)
{
	unsigned crc = 0;
	size_t i = 0;

	for (; i + AT_ONCE <= b.len; i += AT_ONCE)
		crc = eight_steps(crc, b.at + i);
	for (; i < b.len; i++)
		crc = crc >> 8 ^ steps[0][(crc ^ b.at[i]) & 0xff];
	return (uint16_t)~crc;
}
