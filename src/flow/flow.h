/* Flows: who talks to whom, and what is kept for each pair.
 *
 * A table belongs to one shard. It is bounded: at its limit the flow that was silent longest
 * is shed and counted. Time is packet time. The hash is keyed and symmetric. A VLAN
 * tag is not part of the key, because mirrors often tag one direction only. */
#ifndef IRONSPAN_FLOW_H
#define IRONSPAN_FLOW_H

#include "base/hash.h"
#include "flow/stream.h"
#include "packet/packet.h"

/* One end; the sender of the flow's first packet is end 0. */
struct flow_end {
	struct address address;
	uint16_t port;
};

/* Where an event comes from: what is kept of a packet when the packet is gone. */
struct origin {
	uint64_t number, time_ns;
	uint16_t vlan[VLAN_MAX];
	uint8_t vlan_count;
	bool has_macs;
	uint8_t src_mac[6], dst_mac[6];
	uint16_t iface;
};

struct origin origin_of(const struct packet *p);

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

/* Why a flow goes away. */
enum flow_end_reason {
	FLOW_TIMEOUT,  /* silent for too long */
	FLOW_SHED,     /* no room */
	FLOW_REPLACED, /* its ports began a new one */
	FLOW_SHUTDOWN, /* the input ends */
};

/* What every packet touches comes first: the lookup reads one cache line. */
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
	bool is_sighted;          /* engine's: both ends were reported as devices */
	uint8_t block;            /* engine's: enum flow_block */
	uint64_t last_ns, listed_ns;
	struct stream *stream[2]; /* TCP, by sending end; NULL until it sends */
	void *session;            /* dissect's; see dissect/session.h */
	void *rules;              /* detect's cache of which rule headers fit; freed by its owner */
	uint64_t packets[2], bytes[2]; /* sent by each end; bytes of frames on the wire */
	uint64_t transactions;    /* how many so far: the next tx_id */
	void *text;               /* output's cache of the flow's JSON text */
	uint64_t id;              /* EVE flow_id: from the tuple and the first packet's number */
	uint64_t first_ns;
	struct flow *older, *newer; /* the table's */
	struct flow *next_stalled;  /* streams' */
	uint64_t stalled_ns;
	uint8_t stalled_packets;
	uint8_t tcp_flags[2];     /* all that each end ever set */
	uint16_t iface;           /* of the first packet */
	uint8_t reason;           /* enum flow_end_reason, when it is released */
	bool has_alerted;         /* engine's: a rule matched */
	uint32_t copies;          /* engine's: packets that a mirror sent twice */
	struct flow_told *told;   /* engine's: of what was hidden; NULL: nothing */
	bool had_rst;
	bool is_midstream;        /* TCP, its beginning was not seen */
	struct flow_recent {      /* the last packets of each end, to know copies */
		uint32_t mark, time_us;
	} recent[2][RECENT_PACKETS];
	uint8_t recent_next[2];
};

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

/* Fetch into the cache what flow_find() and what follows will touch for a packet that comes
 * a few packets later: call with steps 0 to 3, some packets apart. From step 2 on returns the flow, if it is
 * likely to be that packet's, so that others can fetch what hangs on it. */
const struct flow *flow_prefetch(const struct flow_table *t, const struct packet *p,
	unsigned step);

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
