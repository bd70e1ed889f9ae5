/* Modbus in serial framing (RTU) inside TCP or UDP, as gateways and radio modems carry
 * it:
 *
 *      0      1      2 …           n-2    n-1
 *   +------+------+---------------+-------------+
 *   | unit | func | data          | CRC, low byte first
 *   +------+------+---------------+-------------+
 *   There is no length and no transaction: the function and its counts say where a
 *   frame ends, the checksum over all bytes before it says whether that was right.
 *   Answers come in the order of the requests. At most 256 bytes. */
#ifndef IRONSPAN_MODBUS_RTU_H
#define IRONSPAN_MODBUS_RTU_H

#include "modbus_umas.h"

enum { RTU_MIN = 4, RTU_MAX = 256, RTU_CRC = 2 };

/* Whether the last two bytes are the checksum of those before. */
bool rtu_is_intact(struct bytes frame);

enum probe rtu_probe(struct bytes head);
struct frame rtu_frame(const struct dissect *d, struct bytes head);

/* Who sent a message of this shape: the side the flow knows, unless the connection was
 * opened by the device, as modems do. Learns that from the first that only one side sends;
 * FITS_BOTH says nothing. */
enum side modbus_side(const struct dissect *d, unsigned shape);
/* The same of an intact frame. */
enum side rtu_side(const struct dissect *d, struct bytes frame);

#endif
