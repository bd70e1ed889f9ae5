/* Flows: who talks to whom, and what is kept for each pair.
 *
 * A table belongs to one shard. It is bounded: at its limit the flow that was silent longest
 * is shed and counted. Time is packet time. The hash is keyed and symmetric. A VLAN
 * tag is not part of the key, because mirrors often tag one direction only. */
#ifndef IRONSPAN_FLOW_H
#define IRONSPAN_FLOW_H

#include <assert.h>

#include "base/hash.h"
#include "flow/stream.h"
#include "packet/packet.h"

/* One end; the sender of the flow's first packet is end 0. */
struct flow_end {
	struct address address;
	uint16_t port;
};

enum client_known {
	CLIENT_GUESSED,  /* nothing but who spoke first */
	CLIENT_BY_PORT,  /* the other end has a known port */
	CLIENT_BY_SENSE, /* a message that only a client or a server sends */
	CLIENT_BY_SYN,
};

/* A rule dropped the flow: what still passes of it. */
enum flow_block {
	BLOCK_NOTHING,
	BLOCK_DATA, /* TCP segments that carry nothing: its ends may close it and begin anew */
	BLOCK_ALL,  /* none */
};

enum { RECENT_PACKETS = 4 };
enum { FLOW_COPY_LATE_NS = 250 * 1000 * 1000 }; /* a mirror's second copy is no later */

/* Why a flow goes away. */
enum flow_end_reason {
	FLOW_TIMEOUT,  /* silent for too long */
	FLOW_SHED,     /* no room */
	FLOW_REPLACED, /* its ports began a new one */
	FLOW_SHUTDOWN, /* the input ends */
};

/* The last packets of an end, to know copies. */
struct flow_recent {
	uint32_t mark[RECENT_PACKETS], time_us[RECENT_PACKETS];
};

/* Who is logged in, as the login said it: bytes of the wire, not ended. */
enum { FLOW_USER_MAX = 127 };
struct flow_user {
	uint8_t len;
	uint8_t name[FLOW_USER_MAX];
};

/* What every packet touches comes first: the lookup reads one cache line, what follows two,
 * and one more if it is from end 1. */
struct flow {
	uint64_t hash;
	struct flow *chain;       /* the table's */
	struct flow_end end[2];
	uint8_t proto, ip_version;
	uint8_t client;           /* which end is the client: 0 or 1 */
	uint8_t client_known;     /* enum client_known */
	uint8_t list;             /* the table's */
	bool is_closed;           /* FIN both ways, or RST */
	bool is_stalled;          /* streams': something waits */
	bool is_claimed;          /* dissect's: its protocol is known */
	bool is_sighted;          /* engine's: both ends were reported as devices */
	uint8_t block;            /* engine's: enum flow_block */
	bool had_rst;
	bool is_midstream;        /* TCP, its beginning was not seen */

	uint64_t last_ns, listed_ns;
	struct stream *stream[2]; /* TCP, by sending end; NULL until it sends */
	void *session;            /* dissect's; see dissect/session.h */
	uint64_t transactions;    /* how many so far: the next tx_id */
	void *rules;              /* detect's cache of which rule headers fit; freed by its owner */
	uint8_t recent_next[2];
	uint8_t tcp_flags[2];     /* all that each end ever set */
	uint16_t iface;           /* of the first packet */
	uint8_t reason;           /* enum flow_end_reason, when it is released */

	uint64_t packets[2], bytes[2]; /* sent by each end; bytes of frames on the wire */
	struct flow_recent recent[2];

	uint64_t id;              /* EVE flow_id: from the tuple and the first packet's number */
	uint64_t first_ns;
	void *text;               /* output's cache of the flow's JSON text */
	struct flow *older, *newer; /* the table's */
	struct flow *stalled_before, *stalled_after; /* streams': is_stalled too, for longer or not */
	struct flow_told *told;   /* engine's: of what was hidden; NULL: nothing */
	uint32_t former[2];       /* streams': where the bytes of the connection on the same ports … */
	bool has_former[2];       /* … before it went on: what ended that may be forged */
	uint32_t copies;          /* engine's: packets that a mirror sent twice */
	bool has_alerted;         /* engine's: a rule that alerts matched; thresholds are judged later */
	struct flow_user *user;   /* dissect's; NULL: nobody by a name */
};
static_assert(offsetof(struct flow, last_ns) == 64, "the lookup's line");
static_assert(offsetof(struct flow, packets) == 128, "two lines for all, then a half each");
static_assert(offsetof(struct flow, id) == 224, "four lines");

struct flow_config {
	unsigned flows;        /* at most so many in this table */
	unsigned tcp_timeout_s, udp_timeout_s, closed_timeout_s; /* silence that ends a flow */
	const uint8_t *server_ports; /* 65536 bits: ports that servers are known to use */
};

struct flow_counters {
	uint64_t created, expired, shed, active;
};

struct flow_table;

/* `released` is called once for every flow before it goes away. */
struct flow_table *flow_table_new(const struct flow_config *config, const struct hash_key *key,
	void (*released)(void *context, struct flow *f), void *context);
/* Releases what is left, silent longest first. */
void flow_table_free(struct flow_table *t);
const struct flow_counters *flow_counters(const struct flow_table *t);

/* The keyed hash of the packet's tuple, the same for both directions. flow_find() expects it
 * in p->flow_hash; all tables of one key share it. */
uint64_t flow_hash(const struct hash_key *key, const struct packet *p);

/* Where flows are found by their hash, for those who look ahead; the chain goes on from the
 * first of a bucket. The table's own, valid as long as the table; read only. */
struct flow_index {
	struct flow **buckets;
	uint64_t mask;
};
const struct flow_index *flow_index(const struct flow_table *t);

static inline bool flow_is_end(const struct flow_end *e, const struct address *a, uint16_t port)
{
	return e->port == port && memcmp(&e->address, a, sizeof(*a)) == 0;
}

/* The end that sent a packet which has ports and is of this flow. */
static inline unsigned flow_end_of(const struct flow *f, const struct packet *p)
{
	return !flow_is_end(&f->end[0], &p->src, p->sport);
}

/* Fetch into the cache what flow_find() will touch, then (when that is there) what the
 * streams begin with. See stream_prefetch() for what comes after. */
static inline void flow_prefetch(const struct flow *f)
{
	for (unsigned i = 0; i < 4; i++)
		__builtin_prefetch((const char *)f + 64 * i);
}

static inline void flow_prefetch_parts(const struct flow *f)
{
	__builtin_prefetch(f->stream[0]);
	__builtin_prefetch(f->stream[1]);
}

/* The flow of this packet, created on first sight, with its counters brought up to date;
 * never NULL; a new one for a new connection after the old one was closed, or blocked and
 * the server agrees to a new one. Sets *from to the sending end. Owned by the table, valid until it is released. */
struct flow *flow_find(struct flow_table *t, const struct packet *p, unsigned *from);

/* Whether this packet is a copy that a mirror made: same IP id and payload within 50 ms;
 * without an IP id TCP only. Remembers the packet otherwise. */
bool flow_is_copy(const struct flow_table *t, struct flow *f, unsigned from,
	const struct packet *p);

/* End flows that were silent for too long at `now_ns`. Cheap when there are none. */
void flow_expire(struct flow_table *t, uint64_t now_ns);

/* Every flow, in no order; `visit` must not release any. */
void flow_each(const struct flow_table *t, void (*visit)(void *context, struct flow *f),
	void *context);

#endif
