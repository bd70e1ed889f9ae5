/* What the files of a shard share; nobody else includes this. A shard's state is laid open
 * here so that its topics can live apart: shard.c has its life, packets, time and counters,
 * shard_sink.c what streams, sessions and flows tell, shard_alert.c records, alerts and
 * anomalies, shard_verdict.c what is dropped, shard_learn.c points and devices,
 * shard_silence.c servers that do not answer. As everywhere in a shard, one worker at a
 * time calls these, and what they write goes to the `out` of that worker's tools. */
#ifndef IRONSPAN_SHARD_STATE_H
#define IRONSPAN_SHARD_STATE_H

#include <assert.h>

#include "detect/tails.h"
#include "engine/points.h"
#include "engine/shard.h"

enum { SHARD_TOLD = 256, SHARD_OBJECTS = 64, SHARD_UNIT_MAX = 128,
	SHARD_SILENCES = 64, SHARD_NUMBERS = POINTS_ASKED_MAX / 2 };
/* What was told is not told again within so long; a poll that told nothing is weighed again, to
 * be on the safe side, after so long. */
#define SHARD_AGAIN_NS UINT64_C(1000000000)
#define SHARD_SILENT_NS (60 * SHARD_AGAIN_NS)

/* What was passed on in this second, so that polls that repeat themselves cost the ordered
 * stage nothing: a small table, in each line of which the newest come first. */
enum { TOLD_TOGETHER = 8 };
struct told {
	_Alignas(64) uint64_t what[TOLD_TOGETHER];
};

/* Whose points of which kind; of which kind their values are is hashed apart. */
struct place {
	struct address server;
	uint64_t object;    /* hash of its name */
	uint32_t unit, port;
};
static_assert(sizeof(struct place) == 32, "no padding: it is compared and hashed");

struct shard {
	unsigned index;
	const struct config *config;
	struct tools *tools;
	struct flow_table *flows;
	struct streams *streams;
	struct sessions *sessions;
	struct tails *tails;
	uint64_t number;    /* the packet under way */
	uint32_t order;
	uint64_t now_ns;
	struct packet_wants packet_wants;
	bool wants_unclaimed, wants_events;
	uint64_t secret;    /* the seed of hashes of what is on the wire; the same in all shards */
	uint64_t silent_until_ns; /* of the transaction under way; 0: it says something */
	struct flow *under_way; /* of the packet; NULL: it has none */
	uint8_t verdict;        /* on the packet */
	uint64_t blocked, would_block; /* packets */
	uint64_t duplicates, stream_events;
	struct detect_losses losses; /* of rules */
	struct silence silences[SHARD_SILENCES];
	unsigned silence_count;
	uint64_t report_ns;           /* when the next report is due; 0: not known yet */
	struct engine_totals reported; /* sums of the last one */
	unsigned troubles;            /* told in this report */
	struct flow_counters flow_totals; /* when the table is gone */
	struct {
		const char *name;
		uint64_t hash;
	} objects[SHARD_OBJECTS];
	struct {
		uint8_t text[SHARD_UNIT_MAX];
		size_t len;
		uint64_t hash;
	} unit;             /* the unit_text seen last */
	struct told told[SHARD_TOLD];
	uint64_t told_until_ns; /* then all is forgotten */
	struct place place; /* the one seen last */
	uint64_t place_hash;
	struct points *points;
	uint64_t numbers[SHARD_NUMBERS]; /* a value before, made of bytes of a memory */
	struct values values_prev[OPERATIONS_MAX]; /* of the transaction under way */
};

/* ---- shard_sink.c ---- */

/* What the shard's streams and sessions call; the context is the shard. */
extern const struct stream_sink shard_stream_sink;
extern const struct session_sink shard_session_sink;
/* A flow leaves the table: all that hangs on it goes; the context is the shard. */
void shard_on_flow_released(void *context, struct flow *f);

/* ---- shard_alert.c ---- */

/* A new record for the ordered stage, stamped with the packet under way. */
struct record *shard_record(struct shard *s, enum record_kind kind);
/* Everything that was appended to the text since `from` is the record's line. */
void shard_end_line(struct shard *s, struct record *r, size_t from);
/* Matches of the rules that hit the transaction. */
void shard_alert_transaction(struct shard *s, const struct transaction *t);
/* Matches of rules about a packet, or about an `origin` when p is NULL; f may be NULL. */
void shard_alert_packets(struct shard *s, struct flow *f, unsigned from,
	const struct packet *p, const struct origin *origin, const struct rule **rules,
	unsigned count);
/* An anomaly event, if these are wanted; f, p, o and layer may be NULL. */
void shard_anomaly(struct shard *s, const char *type, const char *event, const char *layer,
	const struct flow *f, unsigned from, const struct packet *p, const struct origin *o);
/* An anomaly event for each thing wrong with a message, which may be NULL. */
void shard_message_anomalies(struct shard *s, const struct transaction *t,
	const struct message *m, bool on_response);

/* ---- shard_health.c ---- */

/* Time comes to now_ns: a report if one is due, or `is_last`. */
void shard_report(struct shard *s, uint64_t now_ns, bool is_last);
/* The flow goes away: its event, and its troubles. Before its session does. */
void shard_end_flow(struct shard *s, struct flow *f);

/* A record whose detail is where `at` lies in the values. */
void shard_hand_over(struct shard *s, enum record_kind kind, const void *at, size_t size);

/* ---- shard_silence.c ---- */

/* A request that nobody answered in time; a connection that somebody asks for. */
void shard_unanswered(struct shard *s, const struct transaction *t);
void shard_knocked(struct shard *s, const struct packet *p);
void shard_answered_anew(struct shard *s, const struct flow_end *server);
static inline void shard_answered(struct shard *s, const struct flow_end *server)
{
	if (s->silence_count)
		shard_answered_anew(s, server);
}
void shard_end_silences(struct shard *s);

/* ---- shard_verdict.c ---- */

/* These rules matched on the flow (NULL: on the packet under way, which has none); `block`
 * is what becomes of the rest of it if one of them drops. */
void shard_judge(struct shard *s, struct flow *f, enum flow_block block,
	const struct rule *const *rules, unsigned count);
/* The same of the `added` newest hits of a transaction, whose packet is under way; sets
 * t->is_blocked if it was a request. */
void shard_judge_transaction(struct shard *s, struct transaction *t, unsigned added);
/* Whether the packet under way passes though its flow is blocked; else it is dropped. */
bool shard_passes(struct shard *s, const struct flow *f, const struct packet *p);
/* The verdict on the packet under way, counted. */
uint8_t shard_verdict(struct shard *s);

/* ---- shard_learn.c ---- */

/* Whether `what`, a hash, was told in this second, each shard's own; from now on it was. A
 * repetition of the transaction under way is silent until the next. */
bool shard_is_told(struct shard *s, uint64_t what);
/* Of an object's or a protocol's name; NULL is 0. */
uint64_t shard_hash_name(const char *name);
static inline uint64_t hash_address(const struct address *a)
{
	uint64_t halves[2];
	memcpy(halves, a, sizeof(halves));
	return hash_mix(halves[0], halves[1]);
}
/* Whose points of which kind an operation is about. Keyed: nobody makes two of them meet. */
uint64_t shard_place_of(struct shard *s, const struct transaction *t,
	const struct operation *op);
/* What its operations change, as it was last seen: t->values_prev, which is the shard's and holds
 * until the next call; whether what they write stood there already. */
void shard_look_back(struct shard *s, struct transaction *t);
/* Keeps the values of accepted operations. */
void shard_learn(struct shard *s, const struct transaction *t);
/* What a poll that is recognised by its bytes will need to be kept in the same way. */
void shard_remember(struct shard *s, const struct transaction *t, struct repeat_memo *memos);
void shard_learn_repeated(struct shard *s, const struct repeat_news *news);
/* The ends of a flow are reported once, and a server whenever it says what it is. */
void shard_sight_ends(struct shard *s, const struct transaction *t);

#endif
