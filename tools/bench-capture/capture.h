/* What the writers of tools/bench's captures share: chance, bytes, and connections.
 *
 * A protocol says how a connection begins and what happens on it in one turn; messages are
 * built in a struct text and said by either end, which may take several segments. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_MAX = 10240 };

/* A message in the making. */
struct text {
	size_t len;
	uint8_t at[TEXT_MAX];
};

/* A connection, owned by main.c; the fields below `opened` are the protocol's. */
struct line {
	uint32_t seq[2];
	uint16_t ip_id[2];
	uint16_t port;
	uint32_t client, server;
	bool opened;
	unsigned turns;
	uint32_t number;          /* of the flow */
	uint32_t request[2];      /* transaction, reference, sequence: of each end */
	uint32_t waiting[2];      /* requests whose answer comes later */
	uint32_t reports;         /* sequence of what a server tells by itself */
};

struct protocol {
	const char *name;
	uint16_t port;
	void (*open)(struct line *line); /* NULL: nothing is said at first */
	void (*turn)(struct line *line);
};

extern const struct protocol modbus, s7comm, dnp3, opcua;

/* Always the same row of numbers. */
uint32_t draw(void);

/* The clock of the capture, in microseconds since 1970. */
uint64_t now_us(void);

/* One end says a whole message, in segments of at most 1,460 bytes. */
void say(struct line *line, bool from_server, const uint8_t *data, size_t len);

static inline void put8(struct text *t, unsigned value)
{
	assert(t->len < TEXT_MAX);
	t->at[t->len++] = (uint8_t)value;
}

static inline void put_be16(struct text *t, unsigned value)
{
	put8(t, value >> 8);
	put8(t, value);
}

static inline void put_be32(struct text *t, uint32_t value)
{
	put_be16(t, value >> 16);
	put_be16(t, value);
}

static inline void put_le16(struct text *t, unsigned value)
{
	put8(t, value);
	put8(t, value >> 8);
}

static inline void put_le32(struct text *t, uint32_t value)
{
	put_le16(t, value);
	put_le16(t, value >> 16);
}

static inline void put_le64(struct text *t, uint64_t value)
{
	put_le32(t, (uint32_t)value);
	put_le32(t, (uint32_t)(value >> 32));
}

static inline void put_data(struct text *t, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put8(t, ((const uint8_t *)data)[i]);
}

#endif
