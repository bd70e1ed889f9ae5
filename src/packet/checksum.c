/* The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of
 * all 16-bit words. A sum of 32-bit words folds to the same; 2^32 of them fit into 64
 * bits. */
#include "packet/checksum.h"

static uint64_t add(uint64_t sum, struct bytes b)
{
	struct cursor c = cursor_of(b);
	while (c.left >= 4)
		sum += be32_at(cursor_bytes(&c, 4).at);
	uint8_t tail[4] = { 0 };
	size_t left = c.left;
	if (left > 0)
		memcpy(tail, cursor_rest(&c).at, left);
	return sum + be32_at(tail);
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t checksum(struct bytes b)
{
	return fold(add(0, b));
}

/* The mapped prefix of an IPv4 address (FFFF) would be summed too: only its tail is. */
static struct bytes address_bytes(const struct packet *p, const struct address *a)
{
	return p->ip_version == 4 ? (struct bytes){ a->at + 12, 4 }
				  : (struct bytes){ a->at, 16 };
}

uint16_t checksum_transport(const struct packet *p, uint8_t proto, struct bytes b)
{
	uint64_t sum = proto + b.len;
	sum = add(sum, address_bytes(p, &p->src));
	sum = add(sum, address_bytes(p, &p->dst));
	return fold(add(sum, b));
}
