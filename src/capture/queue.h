/* One of the kernel's NFQUEUE queues, through libnetfilter_queue and libmnl.
 *
 * What waits here waits in two places: packets that were not read yet, bounded by the
 * memory of our socket, and those that were read and are not settled, bounded by the
 * engine's batches. The kernel's own limit in packets is set so high that it is never
 * reached, because it alone does not say what it let through: every packet that found
 * no room in the socket leaves a gap in the packets' ids, which the next packet or the
 * end shows. Reading is the reader's, settling any thread's, one at a time. Private to
 * src/capture. */
#ifndef IRONSPAN_QUEUE_H
#define IRONSPAN_QUEUE_H

#include "capture/source.h"

struct mnl_socket;

struct queue {
	struct mnl_socket *socket; /* NULL: closed */
	int fd;                    /* to poll */
	uint16_t number;           /* the firewall's */
	bool is_open;              /* what nobody looks at passes */
	uint32_t last_id;          /* of the packets read */
	uint64_t missed;           /* ids that never came: there was no room */
};

/* A packet as it was read; frame points into the buffer. */
struct queued {
	uint32_t id, mark, iface;  /* iface: the kernel's index; 0: made on this machine */
	struct bytes frame;        /* from the IP header on */
	uint32_t wire_len;
	uint64_t time_ns;          /* 0: the kernel did not say */
	bool is_unsummed;          /* as a packet's */
};

/* What becomes of packets up to an id: those before it that are not settled yet share
 * it. */
struct settlement {
	uint32_t up_to;
	uint32_t verdict;          /* NF_ACCEPT, NF_DROP, NF_REPEAT */
	bool has_mark;
	uint32_t mark;
};

enum { QUEUED_MAX = 66 * 1024 }; /* bytes that reading one packet may take */

enum queue_read {
	QUEUE_PACKET,
	QUEUE_EMPTY,
	QUEUE_OTHER,   /* a message that is no packet */
	QUEUE_OVERRUN, /* there was no room for some; there may be more to read */
	QUEUE_BROKEN,  /* reported */
};

/* False after a reported error. */
bool queue_open(struct queue *q, uint16_t number, const struct queue_config *config);
/* The next message, if there is one, into `room`, which has QUEUED_MAX bytes and is
 * aligned as malloc's; *used are those to be kept. */
enum queue_read queue_read(struct queue *q, uint8_t *room, struct queued *out,
	size_t *used);
/* In the order of ids. */
void queue_settle(struct queue *q, const struct settlement *list, unsigned count);
/* The kernel gives the queue up; what waits passes if it may. Fine when it is closed. */
void queue_close(struct queue *q);

/* ---- refuse.c: telling the ends of a dropped packet ---- */

struct refuser;

/* Raw sockets; where they are forbidden, nobody will be told, and a warning says so.
 * `mark` is what ironspan's own packets carry. */
struct refuser *refuser_new(uint32_t mark);
void refuser_free(struct refuser *r);
/* Tells the ends that the verdict names; how many were told. */
unsigned refuser_tell(const struct refuser *r, const struct packet *p, uint8_t verdict);

#endif
