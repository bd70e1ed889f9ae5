/* UMAS, by which Schneider Electric's engineering stations talk to Modicon
 * controllers: Modbus function 90. There is no public specification; what is known
 * comes from public research and captures, so a message that does not look as expected
 * is no violation: it shows less.
 *
 *      0         1         2          3 …
 *   +---------+---------+----------+---------------
 *   | unit    | 90      | session  | function, or the answer: 254 yes, 253 no; then data
 *   +---------+---------+----------+---------------
 *   Numbers behind the function are little-endian. An answer does not say what it
 *   answers: the flow remembers. Functions that change the controller need a
 *   reservation; the session that it hands out stands in each of them. Newer
 *   controllers want some functions signed:
 *
 *   | session | 56 | 1 byte | signature, 32 bytes | 90 | session | function | data
 *
 * A program travels in numbered blocks, of which the flow keeps a running hash. */
#ifndef IRONSPAN_MODBUS_UMAS_H
#define IRONSPAN_MODBUS_UMAS_H

#include <sha2.h>

#include "modbus_pdu.h"

enum {
	UMAS_ASKED = 8,
	UMAS_UPLOAD_BLOCK = 0x31,   /* to the controller */
	UMAS_DOWNLOAD_BLOCK = 0x34, /* from it */
};

/* A request, to know what an answer answers. */
struct umas_asked {
	uint16_t transaction;
	uint8_t function;  /* 0: none */
	bool is_signed;
	uint16_t detail;   /* number of the block, or the subfunction */
};

/* A program on its way. */
struct umas_transfer {
	uint8_t function;  /* which one carries its blocks; 0: none, or one was missed */
	uint16_t blocks;   /* so far */
	uint32_t size;
	SHA2_CTX hash;
};

struct umas_flow {
	struct umas_asked asked[UMAS_ASKED];
	uint8_t next;
	struct umas_transfer transfer;
};

/* What the dissector keeps of a flow. */
struct modbus_flow {
	uint8_t framing;   /* enum framing */
	bool has_roles;    /* in serial framing, who asks and who answers is known … */
	bool is_reversed;  /* … and it is the end that was called which asks */
	bool has_begun;    /* a whole message was seen */
	struct umas_flow umas;
};

/* What an ADU of this function is: only an answer has an answer's code. */
unsigned umas_shape(struct bytes adu);
/* What stands behind the function code 90. */
modbus_put umas_put;
modbus_meaning umas_operate;

/* Programs on their way: behind the function, or the answer. */
modbus_put umas_put_upload_begin, umas_put_upload_block, umas_put_upload_end,
	umas_put_download_begin, umas_put_download_size, umas_put_download_request,
	umas_put_download_end;
/* The number of the block stood in the request. */
void umas_put_download_block(struct dissect *d, struct cursor *c, uint16_t number);

#endif
