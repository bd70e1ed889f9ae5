/* Link frames and transport segments.
 *
 *      0     1     2     3     4     5     6     7     8     9    10 …
 *   +-----+-----+-----+-----+-----------+-----------+-----------+-----------------
 *   | 05  | 64  | len | ctl | dest      | source    | crc       | data blocks
 *   +-----+-----+-----+-----+-----------+-----------+-----------+-----------------
 *   `len` counts from `ctl` on, without checksums: 5 to 255. User data follow in blocks
 * of 16 bytes, the last one shorter, each with a checksum of its own. Their first byte is
 * the transport header: bit 7 last segment, bit 6 first segment, then a sequence number.
 */
#ifndef IRONSPAN_DNP3_LINK_H
#define IRONSPAN_DNP3_LINK_H

#include "dnp3_fields.h"

enum {
	LINK_HEADER = 10, /* with its checksum */
	LINK_LEN_MIN = 5, /* what `len` counts of the header */
	LINK_DATA_MAX = 250,
	BLOCK_SIZE = 16,
	CRC_SIZE = 2,
	FRAME_MAX = 292,
};

uint16_t dnp3_crc(struct bytes b);

/* A link header, as far as it is there, and what its data showed. */
struct dnp3_link {
	uint8_t length, control;
	uint16_t dst, src;
	bool is_whole;   /* all ten bytes are there */
	bool is_checked; /* and their checksum is right */
	bool is_good;    /* and the length too */
	bool has_bad_block;
	bool has_transport;
	bool is_resent;     /* its receiver had it already */
	uint8_t blocks; /* with a good checksum */
	uint8_t transport;
	uint16_t last_crc; /* of the last good block, as sent */
};

struct dnp3_link dnp3_link_of(struct bytes frame);
/* With checksums, for the length that its header has. */
uint32_t dnp3_frame_size(uint8_t length);
/* User data without their checksums, up to a bad block or the frame's end: in `room`, which has
 * LINK_DATA_MAX bytes, or where they lie. Notes in the link what it saw. */
struct bytes dnp3_strip(struct dnp3_link *l, struct bytes frame, uint8_t *room);

/* Whether its function is to carry data. */
static inline bool dnp3_carries_data(const struct dnp3_link *l)
{
	unsigned function = l->control & (PRIMARY | FUNCTION_BITS);

	return function == (PRIMARY | CONFIRMED_DATA) ||
	       function == (PRIMARY | UNCONFIRMED_DATA);
}

static inline uint32_t dnp3_id(uint16_t src, uint16_t dst)
{
	return (uint32_t)src << 16 | dst;
}

enum probe dnp3_probe(struct bytes head);
struct frame dnp3_frame(const struct dissect *d, struct bytes head);
/* dnp3_transport.c. Puts the link and transport fields, when a message is whole; notes in
 * the state what it is. */
enum assembled dnp3_assemble(struct dissect *d, struct bytes frame, struct piece *piece);

#endif
