/* What the files of the driver share. Bytes come in by session.c; claim.c finds the protocol,
 * repeat.c knows polls again, frames.c cuts the bytes into messages (after a loss of sync from
 * the header that resync.c finds), companion.c changes to another dissector where two are spoken,
 * assemble.c puts together those that come in pieces, and pending.c pairs requests with responses;
 * user.c remembers who logged in. Nobody else includes this. */
#ifndef IRONSPAN_DRIVER_H
#define IRONSPAN_DRIVER_H

#include <assert.h>

#include "dissect/fields.h"
#include "dissect/session.h"

enum {
	PENDING_MAX = 128,      /* unanswered requests kept a flow */
	EXPIRED_MAX = 8,        /* of them, kept to know a late answer */
	SLOW_WAITS = 5,         /* so many times the outcome wait, where an answer came later */
	RETAIN_MAX = 4096,      /* bytes kept of a flow whose protocol is not known yet … */
	RETAIN_CHUNKS = 512,    /* … and in how many pieces they may come */
	CLAIM_TRIES = 4,        /* segments that may be nobody's on ports that hint at nothing */
	CLAIM_MESSAGES = 3,     /* weak messages in a row that make one direction believed */
	SURE = 2,
	MISTAKEN_MAX = 2,       /* broken messages in a row behind a gap that are no violations */
	CUT_HEAD_MIN = 12,      /* bytes between two gaps that may be believed to be a header */
	ASSEMBLIES = 16,        /* messages under way in pieces, a direction */
	LINE = 64,              /* bytes of a cache line */
};

/* A message under way in pieces. */
struct assembly {
	uint32_t id, len, cap;
	bool is_open;
	bool is_lost;       /* some of it is missing: the rest is not wanted */
	uint8_t *bytes;
};

/* What one end has sent and is not a message yet. What every message asks comes first. */
struct direction {
	uint64_t skip;      /* bytes still to come that belong to a message already done with */
	uint32_t len, cap;
	uint32_t need;      /* bytes the message will have; 0: not known yet */
	uint32_t gaps;      /* how many so far */
	bool resync;        /* looking for the next header */
	uint8_t mistaken;   /* headers in a row since the last gap that seemed to be none */
	uint8_t sure;       /* messages in a row; below SURE a loss of sync is no news */
	bool after_gap;     /* no message since the last gap */
	bool from_start;    /* bytes begin where a segment began */
	bool quiet;         /* and the reason was told or is a gap: skipped bytes are no event */
	bool lost_pieces;   /* since the last gap no piece came that tells where it belongs */
	bool in_pieces;     /* the next frame may be a piece of a message under way */
	uint8_t *bytes;
	uint64_t gap_ns;    /* when the last gap was */
	uint64_t weak;      /* bit a dissector: what claim.c thinks of this direction */
	struct assembly *assemblies; /* ASSEMBLIES of them, or NULL */
};

/* Bytes of a flow whose protocol is not known yet, in the order they came. */
struct chunk {
	struct chunk *next;
	struct origin origin;
	uint32_t len, missing;
	uint8_t end;
	uint8_t bytes[];
};

/* Patient requests are only given up for lack of room. */
enum wait { WAIT_SHORT, WAIT_LONG, WAIT_PATIENT, WAITS };

/* What waits for an answer, in the order it will be given up. */
struct due {
	struct due *sooner, *later;
	struct flow *flow;
	uint64_t deadline_ns;
	bool is_light;
	uint8_t wait;
};

/* Those of one queue wait equally long, so the first that came is the first to go. */
struct queue {
	struct due *soonest, *latest;
};

/* Whoever looks through a flow's requests reads the first line of each. */
struct pending {
	struct due due;                  /* first */
	struct pending *prev, *next;     /* of those of the flow that wait */
	uint32_t wire_id;   /* as repeat.c knows it */
	uint8_t end;        /* who sent it */
	bool has_wire_id;
	bool expired;
	struct transaction t;
	struct message request;
	size_t size;
	uint32_t gaps;      /* of both directions when it came */
	uint32_t answer_gaps; /* of the other one */
};
static_assert(offsetof(struct pending, t) <= LINE, "one line");

/* repeat.c: an exchange that was silent, and a request like it that waits. */
enum { REPEATS = 4, REPEAT_REQUEST_MAX = 320, REPEAT_FIXED_MAX = 160, REPEAT_ID_MAX = 4,
	AWAITED = 10 };

/* A value: how many bytes before it are fixed, and then as in struct repeat_value. */
struct repeated_value {
	uint16_t fixed, len;
	uint8_t fill, type;
};

/* Of a short poll, one line to compare, one to remember. */
struct repeated {
	uint64_t until_ns;
	uint64_t unit;         /* as in struct repeat_news */
	uint16_t request_len, answer_len;
	uint16_t memos_at;     /* where the memos begin, from here: one a value */
	uint8_t fixed_len;     /* of the answer without values and what fills up */
	uint8_t value_count;
	uint8_t bytes[];       /* the values' places, the request, the answer's fixed bytes */
};
static_assert(offsetof(struct repeated, bytes) % sizeof(uint16_t) == 0, "places come first");
enum { REPEATED_HEAD_MAX = sizeof(struct repeated) +
	REPEAT_VALUES_MAX * sizeof(struct repeated_value) }; /* without bytes and memos */
static_assert(REPEAT_FIXED_MAX <= UINT8_MAX, "they are counted in bytes");

/* A request like `known`, but for its id. The flow's transaction before the next is its. While
 * there is none, `known` is what may be asked next; it is only fetched, and may be gone. */
struct light {
	struct due due;
	struct repeated *known;
	uint32_t wire_id;   /* its bytes */
	bool is_open;
	uint8_t lines;      /* of `known` that the next message will touch */
};
enum { REQUEST_LINES = 2, ANSWER_LINES_MAX = 8 };

struct repeats {
	struct light light;
	_Alignas(LINE) struct origin origin; /* the light request's */
	uint16_t awaited[AWAITED]; /* last bits of ids of other requests that wait */
	uint8_t awaited_count, awaited_others; /* others: without an id, or there was no room */
	uint8_t next, oldest;
	struct repeated *known[REPEATS];
	uint64_t seen_ns[2];       /* when the last was taken, by direction */
};
static_assert(offsetof(struct repeats, origin) == LINE, "nothing else in the first line");
static_assert(offsetof(struct repeats, known) == 2 * LINE, "what is awaited lies in one line");
static_assert(PENDING_MAX <= UINT8_MAX, "they are counted in bytes");

/* The other protocol of a flow on which two are spoken. */
struct voice {
	const struct dissector *dissector;
	void *state;
	uint8_t protocol;
};

/* What a repeated poll asks lies in the first two lines. */
struct session {
	const struct dissector *dissector;
	struct repeats *repeats;   /* NULL until there is one */
	uint16_t waiting_count, expired_count;
	uint16_t retained_chunks;
	uint8_t tries;
	uint8_t protocol;          /* the dissector's place in dissectors[] */
	bool given_up;             /* nobody's */
	bool joined_since_gap;     /* a request and its response were seen since the last gap */
	bool told_too_many;
	bool is_encrypted;         /* some message was */
	bool is_settled;           /* the flow ends, nothing is pending any more */
	bool is_slow;              /* an answer came after the outcome wait */
	struct direction dir[2];
	void *state;
	struct pending *first, *last; /* that wait, oldest first */
	struct pending *expired[EXPIRED_MAX + 1]; /* went out without their answers, oldest first */
	struct chunk *retained, *retained_last;
	uint32_t retained_bytes;
	uint64_t blind_bytes, undecoded_bytes, blind_ns;
	struct {
		uint64_t message_ns; /* when the last message was parsed */
		uint64_t lost_ns;    /* after_gap: when the last one before it was */
	} seen[2];                   /* by direction */
	uint64_t shed_ns;          /* when a request was last given up for lack of room */
	struct voice *other;       /* NULL: only `dissector` is spoken */
	struct flow *longer, *shorter; /* its neighbours among those that hold bytes */
	struct origin held;        /* since when it does */
	uint8_t held_end;          /* who sent that */
	bool is_holding;
};
static_assert(offsetof(struct session, dir[1].bytes) <= 2 * LINE, "two lines");

struct sessions {
	struct dissect d;          /* what dissectors are given; must be first */
	struct transaction *current; /* operation_add() and identity_add() write to it */
	struct message tape;
	struct operation operations[OPERATIONS_MAX];
	struct bytes identity[IDENTITY_COUNT];
	struct pool pool;          /* what waits, and known polls: at most config.memory */
	struct pool lasting;       /* what a flow has until it ends: as many as there are flows */
	struct message spare;      /* while another message is unfolded */
	struct queue due[WAITS];   /* requests that wait */
	struct due *replaces;      /* whose place the next request takes */
	struct flow *held_longest, *held_last; /* whose bytes wait for more */
	bool begins_to_hold;       /* the flow at hand: bytes that nobody held before */
	bool is_short;             /* there was no room for some */
	uint64_t now_ns;
	struct session_config config;
	uint64_t asked;            /* bit a dissector: whose requests are shown with operations */
	struct session_sink sink;
	void *context;
	struct session_counters counters;
};

static inline struct session *session_of(const struct flow *f)
{
	return f->session;
}

/* Late requests and known polls, which are kept because they may be of use, leave half of the
 * room to what waits. */
static inline bool has_room_to_keep(const struct sessions *s, size_t bytes)
{
	return s->pool.used + bytes <= s->config.memory / 2;
}

/* What is counted of the flow's protocol. */
static inline struct protocol_counters *session_count(struct sessions *s, const struct flow *f)
{
	return &s->counters.protocols[session_of(f)->protocol];
}

/* session.c */
void session_say(struct sessions *s, struct flow *f, unsigned end, enum session_event event,
	const struct origin *origin);
/* What dissectors are told of this end; before any of their functions but probe(). */
void session_set_dissect(struct sessions *s, struct flow *f, unsigned end, uint64_t time_ns);
/* Parse one message, or put it to the pieces before it. */
static inline void session_undecoded(struct sessions *s, struct flow *f, uint64_t bytes)
{
	s->counters.undecoded_bytes += bytes;
	session_of(f)->undecoded_bytes += bytes;
}

void session_message(struct sessions *s, struct flow *f, unsigned end, struct bytes bytes,
	bool is_cut, enum sense sense, const struct origin *origin);
/* Parse a request again that was taken as a repetition. */
void session_reparse(struct sessions *s, struct flow *f, unsigned end, struct bytes bytes,
	const struct origin *origin);

/* frames.c: bytes of a claimed flow; `missing` as in session_datagram(). */
void session_feed(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin);
/* After the bytes kept of this end, `missing` bytes will never come. */
void session_cut_message(struct sessions *s, struct flow *f, unsigned end, uint64_t missing,
	const struct origin *origin);
/* Room for `cap` bytes in all; false if that would go over the memory of all sessions. */
bool direction_reserve(struct sessions *s, struct direction *dir, uint32_t cap);
void direction_clear(struct sessions *s, struct direction *dir);

/* resync.c: sync is lost; `quiet`: that is no news. */
void resync_begin(struct direction *dir, bool quiet);
/* Move `*done` to the next header; false if there is none (yet). No header begins in the
 * `refused` bytes after it; `boundary` is where the newest segment begins. */
bool resync_skip(struct sessions *s, struct flow *f, unsigned end, struct bytes window,
	size_t *done, size_t refused, size_t boundary, const struct origin *origin);

/* companion.c: the frame that begins here is the other protocol's; from now on the session's
 * dissector is that one. */
bool companion_takes(struct sessions *s, struct flow *f, unsigned end, struct bytes frame,
	uint64_t time_ns);
void companion_free(struct sessions *s, struct session *ses);
/* The state and counters of one of the flow's two dissectors. */
void *session_state(const struct session *ses, const struct dissector *d);
struct protocol_counters *session_count_of(struct sessions *s, const struct session *ses,
	const struct dissector *d);

/* assemble.c: put `*frame` to the pieces before it and make it the whole message, which
 * stays until assemble_release(); false: there is none yet. */
bool assemble_frame(struct sessions *s, struct flow *f, unsigned end, struct bytes *frame,
	const struct origin *origin);
void assemble_release(struct sessions *s, struct direction *dir);
/* A gap: what is under way will not be whole. */
void assemble_forget(struct sessions *s, struct direction *dir);
void assemble_free(struct sessions *s, struct direction *dir);

/* claim.c: bytes of a flow nobody has claimed; `missing` as in session_datagram(). */
void claim_look(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin);
void claim_forget(struct sessions *s, struct flow *f);
/* `len` bytes of this end are missing: what was kept does not join on to what comes. */
void claim_gap(struct sessions *s, struct flow *f, unsigned end, uint64_t len);
/* The flow ends: what is kept is claimed now, or forgotten. */
void claim_last(struct sessions *s, struct flow *f);

/* repeat.c: true if this was a repetition, and is done with. */
bool repeat_take(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin);
/* Make an ordinary request of a light one that waits, before anything else happens. */
void repeat_unfold(struct sessions *s, struct flow *f);
/* Note the id that tells this request from its repetitions. */
void repeat_note_id(struct pending *p, const struct dissector *d);
/* An ordinary request begins to wait for its answer; it does no more. */
void repeat_wait(struct session *ses, const struct pending *p);
void repeat_wait_over(struct session *ses, const struct pending *p);
/* repeat_known.c: what is known means something else now; it goes away. */
void repeat_forget(struct sessions *s, struct session *ses);
/* The transaction may be known the next time. */
void repeat_remember(struct sessions *s, const struct transaction *t);
void repeat_free(struct sessions *s, struct session *ses);

/* pending.c: one parsed message (s->tape) of this end. */
/* Requests that waited longest go out without their answers, until there is room for so many
 * bytes; not for what takes more than half of all. False: there is none. */
bool pending_make_room(struct sessions *s, size_t bytes);
void pending_message(struct sessions *s, struct flow *f, unsigned end,
	const struct origin *origin);
void pending_end(struct sessions *s, struct flow *f);
/* room.c: what came of a flow is done with; whether it holds bytes is noted. */
void room_settle(struct sessions *s, struct flow *f, unsigned end, const struct origin *origin);
void room_leave(struct sessions *s, struct session *ses);
/* user.c: who is logged in, as an accepted login of this transaction says. */
void user_learn(struct sessions *s, const struct transaction *t);
void user_forget(struct sessions *s, struct flow *f);
/* What the transaction means: its operations. */
void transaction_understand(struct sessions *s, struct transaction *t);
void due_enter_light(struct sessions *s, struct due *d, struct flow *f);
void due_leave(struct sessions *s, struct due *d);

#endif
