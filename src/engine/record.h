/* What workers hand to the ordered stage: records, each with the packet it belongs to, and
 * the text and values they refer to. A worker fills an `out` while it works through a batch;
 * the stage reads it afterwards; it then goes back to be filled again. Owned by one thread
 * at a time. */
#ifndef IRONSPAN_RECORD_H
#define IRONSPAN_RECORD_H

#include "output/eve.h"

enum record_kind {
	RECORD_LINE,  /* an event's line, written as it is */
	RECORD_MATCH, /* a rule matched: its line goes out if its thresholds let it */
	RECORD_ASSET, /* a device was seen in a role, or told who it is */
	RECORD_COUNTS,  /* what a shard counted since its last report */
	RECORD_TROUBLE, /* what was hidden of a flow */
	RECORD_SILENCE, /* a server gave no answers for a while */
	RECORD_OPERATIONS, /* a transaction's line for the store, not for the sink */
};

/* Order of records: by packet, then time passing before the packet itself, then shard. */
struct record {
	uint64_t number;   /* packet */
	uint32_t order;    /* is it the packet itself << 16 | shard */
	enum record_kind kind;
	uint32_t text_at, text_len;
	uint32_t detail;   /* index into matches or assets, or where in the values: by kind */
};

struct match {
	const struct rule *rule;
	struct address src, dst;
	uint64_t flow_id, time_ns, number; /* of the packet that completed it */
	uint64_t flow_hash; /* of its packets; 0: it is of no flow */
	uint64_t value;    /* for `distinct`: hash of the value */
	uint64_t deed;     /* hash of what was done and where; 0: each is another */
	enum outcome outcome;
	enum order order; /* what it is about */
	bool is_back;      /* of the rule dst is the source: it is about what comes back */
	const struct eve_subject *snapshot; /* the line is still to be written; NULL: it is there */
};

struct sighting {
	struct eve_asset asset;             /* its identity's bytes are not valid: */
	uint32_t identity_at[IDENTITY_COUNT]; /* they lie in the values */
};

/* A server and port without answers, from the first request in vain to the last try. */
struct silence {
	struct address server;
	uint16_t port;
	uint64_t since_ns, tried_ns, told_ns;
};

struct out {
	struct text text;    /* lines */
	struct text values;  /* bytes of identities, counts and the like */
	struct arena arena;  /* snapshots */
	struct record *records;
	struct match *matches;
	struct sighting *sightings;
	unsigned record_count, record_cap, match_count, match_cap, sighting_count, sighting_cap;
	unsigned next;       /* the stage's: next record to take */
};

void out_clear(struct out *o);
void out_fini(struct out *o);
void out_grow_records(struct out *o);

static inline struct record *out_record(struct out *o)
{
	if (o->record_count == o->record_cap)
		out_grow_records(o);
	struct record *r = &o->records[o->record_count++];
	*r = (struct record){ 0 };
	return r;
}

struct match *out_match(struct out *o, uint32_t *index);
struct sighting *out_sighting(struct out *o, uint32_t *index);

#endif
