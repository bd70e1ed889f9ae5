/* One datagram under reassembly: its bytes in chunks, taken from a pool as they are
 * needed, and which of its eight-byte blocks have come. First data wins. Private to
 * src/packet. */
#ifndef IRONSPAN_DATAGRAM_H
#define IRONSPAN_DATAGRAM_H

#include <sys/queue.h>

#include "base/memory.h"
#include "packet/packet.h"

enum {
	BLOCK = 8,          /* fragment offsets count in these */
	CHUNK_BLOCKS = 252, /* with their bits they fill 2 KiB, a size of the pool */
	CHUNK_BYTES = CHUNK_BLOCKS * BLOCK,
	DATAGRAM_CHUNKS = 65536 / CHUNK_BYTES + 1,
};

struct chunk {
	uint64_t have[4]; /* a bit a block */
	uint8_t bytes[CHUNK_BYTES];
};

struct datagram_key {
	struct address src, dst;
	uint32_t id;
	uint16_t vlan[VLAN_MAX];
	uint8_t ip_version;
	uint8_t proto; /* IPv4 only: RFC 8200 leaves it out */
};

enum datagram_state {
	DATAGRAM_WAITING,  /* for its other fragments */
	DATAGRAM_COMPLETE, /* handed on; kept a moment to know its duplicates */
	DATAGRAM_DEAD,     /* no host takes it any more, nor do we */
};

struct datagram {
	struct datagram *next; /* in its bucket */
	TAILQ_ENTRY(datagram) by_age;
	struct datagram_key key;
	enum datagram_state state;
	bool told_overlap, has_first;
	uint8_t next_header; /* of the fragment at offset 0 */
	uint64_t since_ns;   /* first fragment's time; when complete, the last one's */
	size_t total;        /* bytes in all; 0 until the last fragment has come */
	size_t highest;      /* end of what has come */
	size_t blocks;       /* how many have come */
	struct chunk *chunks[DATAGRAM_CHUNKS];
};

/* One fragment: `end` is where it ended on the wire, `data` what was captured of it. */
struct piece {
	size_t offset, end;
	bool more;
	struct bytes data;
};

/* Put a piece where it belongs. False if it contradicts what is there, in its bytes or in
 * where the datagram ends; what was there stays. */
bool datagram_put(struct datagram *d, struct pool *pool, const struct piece *piece);
/* Is this piece a copy of a part of the (complete) datagram? */
bool datagram_holds(const struct datagram *d, const struct piece *piece);
bool datagram_is_whole(const struct datagram *d);
struct bytes datagram_copy(const struct datagram *d, struct arena *arena);
void datagram_drop_bytes(struct datagram *d, struct pool *pool);

#endif
