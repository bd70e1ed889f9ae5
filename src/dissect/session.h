/* The driver of dissectors: finds the protocol of a flow, cuts its bytes into messages, keeps
 * going after anything broken, and pairs requests with responses.
 *
 * A session belongs to a flow, a sessions object to a shard. What comes out are
 * transactions. Order of calls: request() when a request is whole; finished() when its
 * outcome is known (its answer, the end of the outcome wait, the end of the flow), or at once
 * for a message that stands alone. Where an answer came after the wait (slow lines behind a
 * gateway), requests of the flow are waited for five times as long from then on. */
#ifndef IRONSPAN_SESSION_H
#define IRONSPAN_SESSION_H

#include "dissect/dissect.h"
#include "flow/flow.h"

enum { OPERATIONS_MAX = 64 }; /* of one transaction; more are counted in operations_left_out */

struct transaction {
	struct flow *flow;
	const struct dissector *dissector;
	uint64_t id;               /* EVE tx_id, from 0 in each flow */
	uint8_t protocol;          /* the dissector's place in dissectors[] */
	unsigned client;           /* which end sent the request (or gets the response) */
	bool client_guessed;       /* then no outcome is called accepted */
	struct message *request;   /* either may be NULL, not both */
	struct message *response;
	struct origin request_origin, response_origin; /* the packets that completed them */
	enum outcome outcome;
	const char *code;          /* why it was rejected */
	struct operation *operations; /* set when finished; in request() where asked for */
	unsigned operation_count, operations_left_out;
	const struct values *values_prev; /* of each operation, what it changes as it had been before
	                            * the message; type NONE: not known. NULL: of none */
	const struct bytes *identity; /* IDENTITY_COUNT things the response says of the server; NULL */
	void *hits;                /* detect's: rules that matched so far */
	bool is_blocked;           /* request() set it: its packet is dropped, no answer comes */
	enum outcome told;         /* of an answer alone: what was said of its request before it came
	                            * late; not_seen where nobody asked; none: its request was missed */
	uint32_t looked_at;        /* detect's: by which rules the request was */
	uint64_t sent[2];          /* detect's: bytes of both ends when it came, if a rule asks */
	bool sees_change;          /* detect's: a rule looked at what a repetition may change */
	bool is_unread;            /* only reads (message.is_reading), and the operations are left
	                            * out until session_understand() */
	/* Set by finished(): the same exchange would be as silent until then; 0: it said something. */
	uint64_t silent_until_ns;
};

/* How one of its operations went. */
static inline enum outcome transaction_outcome(
	const struct transaction *t, const struct operation *op)
{
	return op && op->outcome ? op->outcome : t->outcome;
}

/* What became of it, if it is a command. Of several operations the first with the largest says
 * what a message does. */
enum order { ORDER_NONE, ORDER_TRIED, ORDER_OBEYED };
static inline enum order transaction_order(
	const struct transaction *t, const struct operation *op)
{
	if (!op || !operation_is_command(op))
		return ORDER_NONE;
	return transaction_outcome(t, op) == OUTCOME_ACCEPTED ? ORDER_OBEYED : ORDER_TRIED;
}
/* That one; NULL: there is none. */
const struct operation *transaction_operation(const struct transaction *t);

/* The half that completed the transaction. */
static inline const struct origin *transaction_origin(const struct transaction *t)
{
	return t->response ? &t->response_origin : &t->request_origin;
}

/* The transaction with what is lazy on its tapes expanded: `t` itself where nothing is, else
 * `copy`, whose halves may be in `room` (see message_expanded()). */
const struct transaction *transaction_expanded(
	const struct transaction *t, struct transaction *copy, struct message room[2]);

/* What the driver itself reports of a flow: X(name, event, what it means).
 * Rules: `app-layer-event:applayer.NAME`. */
#define SESSION_EVENTS(X) \
	X(UNDECODED, "undecoded", "bytes on a flow of a known protocol that are no message") \
	X(LATE_RESPONSE, "late_response", "the answer came after the outcome wait") \
	X(TOO_MANY_PENDING, "too_many_pending", "more unanswered requests than are kept") \
	X(MESSAGE_TOO_LONG, "message_too_long", "a message beyond the protocol's maximum")

enum session_event {
#define X(name, text, what) SESSION_##name,
	SESSION_EVENTS(X)
#undef X
	SESSION_EVENT_COUNT
};
extern const struct decode_event_info session_events[SESSION_EVENT_COUNT];

/* What the engine notes of an operation of a poll that repeats itself, and finds there the
 * next time. What it is is the engine's. */
struct repeat_memo {
	_Alignas(uint64_t) unsigned char room[40];
};

/* A poll that was known again, of each operation: its memo, its value, and the bytes of the
 * answer that say it. */
struct repeat_news {
	struct repeat_memo *memos;
	const struct bytes *values, *said;
	unsigned count;
	uint64_t unit; /* hash of the operations' unit_text: what else they tell is in the bytes */
};

struct session_sink {
	void (*request)(void *context, struct transaction *t);
	void (*finished)(void *context, struct transaction *t);
	void (*event)(void *context, struct flow *f, const struct dissector *dissector,
		unsigned end, enum session_event event, const struct origin *origin);
	/* Bytes that no dissector claims: TCP data as it comes, or a datagram. */
	void (*unclaimed)(void *context, struct flow *f, unsigned end, struct bytes data,
		const struct origin *origin);
	/* Exchanges like this one will be known by their bytes: note what they will need, of
	 * each operation. This and the next are called only if the configuration wants repeats. */
	void (*remembered)(void *context, const struct transaction *t, struct repeat_memo *memos);
	/* One was, answered and accepted: what it read, and the whole transaction where the
	 * configuration wants it retold (else NULL). */
	void (*repeated)(void *context, struct flow *f, const struct repeat_news *news,
		const struct transaction *t);
	/* The transaction goes away: free what hangs on it (hits). */
	void (*released)(void *context, struct transaction *t);
	/* Before repeated(), where a transaction is to be retold: false if the bytes of its halves
	 * (`raw`), which is all that they have, are not enough. NULL: they never are. */
	bool (*again)(void *context, const struct transaction *t, const struct repeat_news *news);
};

struct session_config {
	uint64_t outcome_wait_ns;   /* default 1 s */
	size_t memory;              /* bytes for buffers and pending requests of all sessions */
	bool skims;                 /* finished() is given what only reads without operations */
	bool repeats;               /* know silent polls again without parsing them */
	uint64_t retold;            /* bit a dissector: those are parsed all the same, to be shown */
	uint64_t disabled;          /* bit a dissector: switched off in the configuration */
};

enum { PROTOCOLS_MAX = 16 };

struct protocol_counters {
	uint64_t flows, messages, transactions;
	uint64_t no_reply;   /* transactions whose request nobody answered */
	uint64_t violations; /* messages that show an event of their dissector's table */
};

struct session_counters {
	uint64_t messages, transactions, undecoded_bytes, blind_bytes, resyncs, no_reply, not_seen,
		late, pending_shed, shed;
	struct protocol_counters protocols[PROTOCOLS_MAX]; /* by dissector, as in dissectors[] */
};

struct sessions;

struct sessions *sessions_new(const struct session_config *config,
	const struct session_sink *sink, void *context);
void sessions_free(struct sessions *s);
/* Of which dissectors request() is given the operations, bit each; of none at first. */
void sessions_ask(struct sessions *s, uint64_t asked);
const struct session_counters *sessions_counters(const struct sessions *s);
/* In finished(): the operations of what is_unread, which it is no longer. */
void session_understand(struct sessions *s, struct transaction *t);

void session_data(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin);
void session_gap(struct sessions *s, struct flow *f, unsigned end, uint64_t len,
	const struct origin *origin);
/* `missing`: bytes that the snap length cut from its end. */
void session_datagram(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin);
/* Time goes on: requests that waited too long are finished, in the order they came. */
void session_advance(struct sessions *s, uint64_t now_ns);
/* The flow ends: what is pending is finished (its time may not have come: not_seen unless
 * the connection itself was closed); then everything is freed. */
void session_settle(struct sessions *s, struct flow *f);
void session_end(struct sessions *s, struct flow *f); /* both, if the one was not done */

/* The rules are about to change: polls that were silent may not be, so none is known any more. */
void session_forget_polls(struct sessions *s, struct flow *f);
/* Every transaction of the flow that waits for its answer. */
void session_each_pending(struct flow *f, void (*visit)(void *context, struct transaction *t),
	void *context);

/* Fetch into the cache what the flow's next data will touch; then, when that is there, what
 * hangs on it. */
static inline void session_prefetch(const struct flow *f)
{
	for (unsigned i = 0; f->session && i < 2; i++)
		__builtin_prefetch((const char *)f->session + 64 * i);
}
void session_prefetch_rest(const struct flow *f);

/* What could not be seen of a flow. */
struct session_health {
	uint64_t blind_bytes;     /* of messages that were not captured */
	uint64_t undecoded_bytes; /* of a known protocol that are no message */
	uint32_t gaps;
	uint64_t gap_ns;          /* when the last one was; 0: never */
	uint64_t blind_ns;        /* how long a direction could not be followed: from the last
	                           * message before a gap to the first behind it, of both
	                           * directions together */
	bool is_encrypted;        /* some message cannot be read */
};
struct session_health session_health(const struct flow *f);

/* The dissector that claimed the flow, NULL if none did (yet). */
const struct dissector *session_dissector(const struct flow *f);

#endif
