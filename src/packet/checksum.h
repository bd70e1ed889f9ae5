/* The Internet checksum (RFC 1071), to look at and to write. */
#ifndef IRONSPAN_CHECKSUM_H
#define IRONSPAN_CHECKSUM_H

#include "packet/packet.h"

/* Of `b`: 0 when the checksum inside is right, and what to put where zeros stand. */
uint16_t checksum(struct bytes b);
/* The same with the pseudo header before it, of the packet's ends and IP version. */
uint16_t checksum_transport(const struct packet *p, uint8_t proto, struct bytes b);

#endif
