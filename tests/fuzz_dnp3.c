/* Fuzzes the DNP3 dissector past its checksums: those of the frames in the input are made right
 * before it is fed, unless bit 3 of the byte before it says no. */
#include "conversation.h"

enum { HEADER = 10, BLOCK = 16, CRC = 2, LENGTH_MIN = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- checksums, bit by bit: not the dissector's own ---- */

static void seal(uint8_t *at, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xa6bc : crc >> 1;
	}
	at[len] = (uint8_t)~crc;
	at[len + 1] = (uint8_t)(~crc >> 8);
}

/* The frame at `at`; returns its size, 0: there is none. */
static size_t repair_frame(uint8_t *at, size_t left)
{
	size_t done = HEADER;

	if (left < HEADER || at[0] != 0x05 || at[1] != 0x64 || at[2] < LENGTH_MIN)
		return 0;
	seal(at, HEADER - CRC);
	for (size_t data = at[2] - LENGTH_MIN; data > 0;) {
		size_t block = data < BLOCK ? data : BLOCK;
		if (left < done + block + CRC)
			return left;
		seal(at + done, block);
		done += block + CRC;
		data -= block;
	}
	return done;
}

static void repair(uint8_t how, uint8_t *at, size_t len)
{
	if (how & 8)
		return;
	for (size_t i = 0, size; i < len; i += size ? size : 1)
		size = repair_frame(at + i, len - i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return converse(data, size, 20000, repair);
}
