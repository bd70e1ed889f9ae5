/* What a dissector author sees; a file in dissectors/ includes this and nothing else of ours.
 *
 * A dissector is three functions and a table:
 *   probe   is this our protocol?           (on any port; ports are hints)
 *   frame   how long is the message that starts here?
 *   parse   append the message's fields to the tape, in wire order
 * and, where the protocol needs it: per-flow state, assemble (messages carried in pieces),
 * join and check (which request does this response answer, and does it fit), operate (what
 * the message means, in words that are the same for every protocol), and events (what can be
 * wrong with a message).
 *
 * The driver (dissect/session.h) does buffering, gaps, limits, truncation, resynchronisation
 * and pairing. All functions run on the flow's worker; all bytes are borrowed for the call. */
#ifndef IRONSPAN_DISSECT_H
#define IRONSPAN_DISSECT_H

#include "base/bytes.h"
#include "base/names.h"

/* ---- the field table: JSON key, rule keyword and manual line of a field, written once ---- */

enum field_type {
	FIELD_UINT,  /* unsigned; with `names`, rules may use the name */
	FIELD_INT,   /* signed */
	FIELD_REAL,  /* double */
	FIELD_BOOL,
	FIELD_ENUM,  /* unsigned, shown by its name ("unknown" if it has none) */
	FIELD_FLAGS, /* unsigned; names are bits, shown "A | B"; the name of 0 when empty */
	FIELD_TEXT,  /* bytes meant for people: a JSON string */
	FIELD_DATA,  /* bytes as Suricata shows them: printable ASCII, the rest as \xHH */
	FIELD_BYTES, /* bytes in hex */
	FIELD_BITS,  /* packed bits, lowest bit of the first byte first: an array of 0 and 1 */
	FIELD_U16S,  /* big-endian 16-bit numbers: an array of numbers */
	FIELD_GROUP, /* a repeated group: an array of objects; see put_begin() */
	FIELD_LAZY,  /* bytes that become fields when somebody looks; see `expand` */
};

enum {
	FIELD_SELECTS = 1, /* rules are indexed by it (the function code): small numbers */
	FIELD_HIDDEN = 2,  /* for rules only: not written to JSON */
	FIELD_AS_LIST = 4, /* FIELD_FLAGS: JSON shows an array of names */
	FIELD_REPEATS = 8, /* may stand in a group although its name does not begin with it */
	FIELD_IN_LAZY = 16, /* an `expand` may put it */
	FIELD_VALUE = 32,   /* a number that an answer brings: see struct repeat */
};

enum { FORMAT_MAX = 1024 };

struct dissect;

struct field {
	const char *name;         /* JSON path inside the half; dots nest: "read.address" */
	enum field_type type;
	const char *help;         /* the manual's line */
	const struct name *names; /* names of its values, or NULL */
	const char *keyword;      /* in rules after "proto.", where it is not the name */
	const char *aliases;      /* other whole keywords, space separated: "modbus_func" */
	unsigned flags;
	/* FIELD_TEXT whose bytes on the tape are an encoding (a NodeId, a clock): writes the
	 * readable text, at most FORMAT_MAX bytes, and says how many. Parsing only borrows the
	 * bytes; text is made when somebody looks. */
	size_t (*format)(struct bytes value, char *out);
	/* FIELD_LAZY, for what is long and seldom looked at: appends what the bytes mean to
	 * d->message, where they stood. It knows the bytes only, d has no state; all fields that
	 * it puts have FIELD_IN_LAZY. The row has the name of the group that the bytes become. */
	void (*expand)(struct dissect *d, struct bytes value);
};

/* ---- the tape ---- */

enum { ITEM_END = 0xffff }; /* closes the innermost group */

struct item {
	uint16_t field; /* index into the dissector's fields, or ITEM_END */
	uint16_t extra; /* FIELD_BITS: how many bits of the last byte count; 0 means 8 */
	uint32_t len;   /* bytes, where the type has them */
	union {
		uint64_t u;
		int64_t i;
		double real;
		const uint8_t *at;
	};
};

static inline struct bytes item_bytes(const struct item *item)
{
	return (struct bytes){ item->at, item->len };
}

/* How many elements a FIELD_BITS or FIELD_U16S item has, and each of them. */
static inline uint32_t item_bit_count(const struct item *item)
{
	return item->len * 8 - (item->extra ? 8u - item->extra : 0);
}

static inline unsigned item_bit(const struct item *item, uint32_t i)
{
	return item->at[i / 8] >> (i % 8) & 1;
}

enum message_kind {
	MESSAGE_REQUEST,
	MESSAGE_RESPONSE,
	MESSAGE_ONEWAY, /* asks for no answer and is none: a broadcast, an unsolicited report; its
			 * sender counts as the transaction's client */
};

enum { MESSAGE_ITEMS_MAX = 65536, KEEP_MAX = 256 * 1024, EVENT_MAX = 64, WHERE = 128 };
enum { SECRETS_MAX = 4 };

/* One message, as its fields. */
struct message {
	struct item *items;
	uint32_t count, cap;
	enum message_kind kind; /* preset from the side; parse may say otherwise */
	uint64_t key;           /* the dissector's own: what join compares first */
	uint64_t events;        /* bit an event of the dissector's table */
	const char *code;       /* a response that refuses: the reason's name; else NULL */
	struct bytes raw;       /* the whole message as content rules see it */
	struct secret {         /* conceal()'s: places in raw that nobody may be shown */
		uint32_t at, len;
	} secrets[SECRETS_MAX];
	uint8_t secret_count;
	bool is_secret;         /* nor any of raw: it has more such places, or they are copies */
	uint8_t *kept;          /* keep()'s, KEEP_MAX bytes of room */
	uint32_t kept_len;
	bool is_cut;            /* bytes are missing at the end (snap length, gap): not malformed */
	bool is_full;           /* a bound of the tape was reached; later fields are missing */
	bool is_encrypted;      /* it, or what follows it, cannot be read */
	bool is_patient;        /* a request whose answer may come much later: no outcome wait */
	bool from_device;       /* a request that a device sends unasked: its points are the sender's */
	bool is_continuation;   /* belongs to the response before it, and needs no request */
	bool side_guessed;      /* which end is the client is a guess */
	bool is_lazy;           /* has items that are not expanded; see put_lazy() */
	bool is_reading;        /* a question or an answer that only reads: operate would add
	                         * nothing but reads, that end as the transaction does, of points
	                         * that are measured, and no identity */
	uint8_t where[WHERE];   /* message_item()'s: item + 1 by field, modulo WHERE; 0: none */
};

/* The first item of a field, NULL if it is not there. */
const struct item *message_item(const struct message *m, unsigned field);

static inline bool message_uint(const struct message *m, unsigned field, uint64_t *value)
{
	const struct item *item = message_item(m, field);
	if (item)
		*value = item->u;
	return item != NULL;
}

/* ---- operations: what a message means ---- */

enum verb {
	VERB_NONE, VERB_READ, VERB_WRITE, VERB_CONTROL, VERB_PROGRAM_DOWNLOAD,
	VERB_PROGRAM_UPLOAD, VERB_MODE_CHANGE, VERB_RESTART, VERB_FIRMWARE, VERB_CONFIG,
	VERB_LOGIN, VERB_DISCOVER, VERB_DIAGNOSE, VERB_FILE, VERB_ALARM_ACK, VERB_TIME_SYNC,
	VERB_SESSION,
	VERB_SELECT,         /* arm an output; nothing moves yet */
	VERB_SUBSCRIBE,      /* ask for values from now on */
	VERB_PROGRAM_DELETE,
	VERB_COUNT
};

enum outcome {
	OUTCOME_NONE,     /* not asked for: no answer is due (a broadcast), or none known yet */
	OUTCOME_ACCEPTED,
	OUTCOME_REJECTED, /* with the code's name */
	OUTCOME_NO_REPLY, /* the answer's direction was seen, no answer came in time */
	OUTCOME_NOT_SEEN, /* the answer's direction, or a part of it, was not seen */
	OUTCOME_BLOCKED,  /* ironspan itself dropped it */
};

extern const struct name verb_names[], outcome_names[];

enum value_type {
	VALUE_NONE,
	VALUE_BITS, /* packed, lowest bit first */
	VALUE_U16,  /* big-endian, two bytes each */
	VALUE_UINT, /* uint64_t each, host order */
	VALUE_INT,  /* int64_t */
	VALUE_REAL, /* double */
	VALUE_TEXT, /* one string, count 1 */
};

struct values {
	enum value_type type;
	uint32_t count;
	struct bytes bytes;
};

/* How much of its point a value is. */
enum extent {
	EXTENT_COUNTED, /* of each of `count` points one */
	EXTENT_WHOLE,   /* all of one point, however many values it has */
	EXTENT_PART,    /* some of those, or of another time: what stands there is not known */
};

enum before { BEFORE_NONE, BEFORE_UNKNOWN, BEFORE_SAME, BEFORE_OTHER };

struct operation {
	enum verb verb;
	enum outcome outcome;    /* OUTCOME_NONE: the transaction's own */
	const char *code;        /* refusal of this item; NULL: the transaction's */
	const char *object;      /* "holding_register"; static */
	bool has_unit;
	uint32_t unit;           /* Modbus unit, DNP3 link address */
	struct bytes unit_text;  /* where the unit is no number: "rack 0 slot 2" */
	bool has_point;
	uint64_t address;        /* first point, as the protocol counts */
	uint32_t count;          /* points */
	struct bytes point_text; /* where the point is no number: a node id */
	/* NULL, or what makes text of point_text, as in struct field. The same point must have
	 * the same bytes, for they are what previous values are kept by. */
	size_t (*point_format)(struct bytes value, char *out);
	struct values value;     /* what was read or written, one a point */
	bool is_measured;        /* nobody can write such points: no previous value is kept */
	uint8_t extent;          /* enum extent */
	uint8_t before;          /* enum before; the engine says it of operation_is_change() */
	/* Where the device's memory is read and written in any shape: the bits that the value takes
	 * (0: nobody knows which), where the first is, lowest bit of a byte first, which memory it
	 * is with it, and the value as it lies there, empty if that is not known. */
	uint32_t memory_bits;
	uint64_t memory_at;
	struct bytes memory;
	bool is_unit_said;       /* unit_text is a client's name for the server, not a place in it */
};

/* Whether it asks to change something in the controller at once; a setting, if it is a number. */
static inline bool operation_is_change(const struct operation *op)
{
	bool has_number = op->value.type != VALUE_NONE && op->value.type != VALUE_TEXT;
	return op->verb == VERB_WRITE || op->verb == VERB_CONTROL ||
		(op->verb == VERB_CONFIG && has_number);
}

/* Whether it asks the device to do something, and not only to tell something. */
static inline bool operation_is_command(const struct operation *op)
{
	return op->verb != VERB_NONE && op->verb != VERB_READ && op->verb != VERB_DISCOVER &&
		op->verb != VERB_DIAGNOSE && op->verb != VERB_SESSION &&
		op->verb != VERB_SUBSCRIBE;
}

/* What a message tells about the device that sent it. */
enum identity {
	IDENTITY_VENDOR, IDENTITY_PRODUCT, IDENTITY_MODEL, IDENTITY_FIRMWARE, IDENTITY_SERIAL,
	IDENTITY_NAME, IDENTITY_HARDWARE, IDENTITY_MODULE, IDENTITY_ROLE, IDENTITY_URI,
	IDENTITY_COUNT
};

/* ---- what the functions are given ---- */

enum side { SIDE_CLIENT, SIDE_SERVER };

struct dissect {
	void *state;             /* this flow's; state_size bytes, zeroed when the flow begins */
	struct message *message; /* the one being parsed */
	enum side side;          /* who sent it; for protocols with a client and a server */
	bool side_known;         /* beyond doubt: frame need not look for its sense */
	bool is_datagram;
	bool after_gap;          /* bytes of this side were lost since its last message */
	bool from_start;         /* of TCP: it was seen to begin, and nothing was lost since */
	uint32_t gaps[2];        /* how many losses so far, by side: what state holds of earlier
	                          * messages may be stale if one changed */
	uint16_t sport, dport;
	uint64_t time_ns;        /* of the packet that completed it */
	bool has_changed;        /* parse's: see struct repeat */
};

/* Append to the tape of d->message. Values that come through a failed cursor are left out,
 * so a cut message shows what it has. */
static inline void put_uint(struct dissect *d, unsigned field, uint64_t value);
void put_int(struct dissect *d, unsigned field, int64_t value);
void put_real(struct dissect *d, unsigned field, double value);
static inline void put_bytes(struct dissect *d, unsigned field, struct bytes value);
void put_text(struct dissect *d, unsigned field, const char *value); /* static or state */
void put_bits(struct dissect *d, unsigned field, struct bytes value, uint32_t count);
/* For a FIELD_LAZY: bytes of the message, or kept ones. */
void put_lazy(struct dissect *d, unsigned field, struct bytes value);
static inline void put_begin(struct dissect *d, unsigned group);
static inline void put_end(struct dissect *d);

void put_item(struct message *m, struct item item); /* any item, where the tape must grow */

/* One item, in line: for what stands in every message. */
static inline void put_fast(struct dissect *d, struct item item)
{
	struct message *m = d->message;
	uint8_t *where = &m->where[item.field % WHERE];
	if (m->count >= m->cap) {
		put_item(m, item);
		return;
	}
	if (*where == 0 && m->count < UINT8_MAX)
		*where = (uint8_t)(m->count + 1);
	m->items[m->count++] = item;
}

/* Several items in a row, whose values may be filled in afterwards; NULL: the tape is full, and
 * nothing was put. `is_again`: all of these fields are on the tape already. With a constant
 * table the loop is as many comparisons. */
bool tape_reserve(struct message *m, uint32_t count);
static inline __attribute__((always_inline)) struct item *put_items(struct dissect *d,
	const struct item *items, uint32_t count, bool is_again)
{
	struct message *m = d->message;
	if (count > m->cap - m->count && !tape_reserve(m, count))
		return NULL;
	uint32_t first = m->count;
	memcpy(m->items + first, items, count * sizeof(*items));
	m->count += count;
	if (is_again || m->count > UINT8_MAX)
		return m->items + first;
	for (uint32_t i = 0; i < count; i++)
		if (m->where[items[i].field % WHERE] == 0)
			m->where[items[i].field % WHERE] = (uint8_t)(first + i + 1);
	return m->items + first;
}

/* The same where none of the fields is on the tape yet. */
static inline __attribute__((always_inline)) struct item *put_new_items(struct dissect *d,
	const struct item *items, uint32_t count)
{
	struct message *m = d->message;
	uint32_t first = m->count;
	if (count > m->cap - first && !tape_reserve(m, count))
		return NULL;
	memcpy(m->items + first, items, count * sizeof(*items));
	m->count = first + count;
	if (first + count <= UINT8_MAX)
		for (uint32_t i = 0; i < count; i++)
			m->where[items[i].field % WHERE] = (uint8_t)(first + i + 1);
	return m->items + first;
}

static inline void put_uint(struct dissect *d, unsigned field, uint64_t value)
{
	put_fast(d, (struct item){ .field = (uint16_t)field, .u = value });
}

static inline void put_bytes(struct dissect *d, unsigned field, struct bytes value)
{
	put_fast(d, (struct item){ .field = (uint16_t)field, .len = (uint32_t)value.len,
			       .at = value.at });
}

static inline void put_begin(struct dissect *d, unsigned group)
{
	put_uint(d, group, 0);
}

static inline void put_end(struct dissect *d)
{
	put_uint(d, ITEM_END, 0);
}

#define PUT_READER(name, type, read) \
	static inline type name(struct dissect *d, unsigned field, struct cursor *c) \
	{ \
		type v = read(c); \
		if (cursor_ok(c)) \
			put_uint(d, field, v); \
		return v; \
	}
PUT_READER(put_u8, uint8_t, cursor_u8)
PUT_READER(put_be16, uint16_t, cursor_be16)
PUT_READER(put_be32, uint32_t, cursor_be32)
PUT_READER(put_le16, uint16_t, cursor_le16)
PUT_READER(put_le32, uint32_t, cursor_le32)
PUT_READER(put_be64, uint64_t, cursor_be64)
PUT_READER(put_le64, uint64_t, cursor_le64)

/* The next `len` bytes as one item; what is left of them if the message is cut. */
void put_rest(struct dissect *d, unsigned field, struct cursor *c);
void put_run(struct dissect *d, unsigned field, struct cursor *c, size_t len);
/* The same, of all of them or not at all: a time or an address that is cut is none. */
void put_fixed(struct dissect *d, unsigned field, struct cursor *c, size_t len);

/* A copy that lives as long as the message, or in operate as long as the transaction: for
 * texts, hashes and the like that are not bytes of the message. Empty, and the message
 * is_full, when KEEP_MAX is reached. */
struct bytes keep(struct dissect *d, struct bytes value);

/* The same of a number, in host order. */
static inline struct bytes keep_number(struct dissect *d, uint64_t value)
{
	struct message *m = d->message;
	if (!m->kept || sizeof(value) > KEEP_MAX - m->kept_len)
		return keep(d, (struct bytes){ (const uint8_t *)&value, sizeof(value) });
	uint8_t *at = m->kept + m->kept_len;
	memcpy(at, &value, sizeof(value));
	m->kept_len += (uint32_t)sizeof(value);
	return (struct bytes){ at, sizeof(value) };
}

/* Where the tape is, and back to there: what was put since is gone. */
struct tape_place {
	uint32_t count, kept_len;
	uint8_t where[WHERE];
};
struct tape_place tape_place(const struct dissect *d);
void tape_return(struct dissect *d, const struct tape_place *place);

/* A password, a token, a key: these bytes of the message are on no tape, and whoever shows the
 * message itself leaves them out. As many of them as there are, if it is cut. */
void conceal(struct dissect *d, struct bytes secret);

/* This message shows event `event` of the dissector's table (once, however often said). A wrong
 * message shows one, the most telling; a cut one (is_cut) is not wrong for lacking its end. */
static inline void put_event(struct dissect *d, unsigned event)
{
	d->message->events |= (uint64_t)1 << event;
}

void operation_add(struct dissect *d, const struct operation *op);
void identity_add(struct dissect *d, enum identity what, struct bytes value);

/* ---- the dissector ---- */

enum probe {
	PROBE_NO,     /* cannot be ours; zeros must be no, or faint */
	PROBE_MORE,   /* too short to say; `head` is all that this side sent so far, up to
	               * FRAME_HEAD_MAX. What still says so when the flow ends is believed on a
	               * hinted port if it is whole messages */
	PROBE_FAINT,  /* an unusual message of ours: believed on a hinted port, if it is whole, and
	               * after losses, if it is all of a segment */
	PROBE_WEAK,   /* could be ours: believed on a hinted port, or when both sides look so */
	PROBE_STRONG, /* ours on any port */
};

enum frame_is {
	FRAME_MORE, /* the length is not known yet; at most FRAME_HEAD_MAX bytes may be asked for */
	FRAME_OK,   /* a message of `len` bytes */
	FRAME_BAD,  /* broken: parse sees `len` bytes, then the next header is looked for */
	FRAME_NOT,  /* not ours: the next header is looked for */
	FRAME_SKIP, /* `len` bytes of ours that nobody needs: neither kept nor parsed. Not said
	             * while a flow is being claimed, which is when there is no state */
};

enum { FRAME_HEAD_MAX = 512 };

enum sense {
	SENSE_UNKNOWN,
	SENSE_REQUEST,  /* only a client sends this */
	SENSE_RESPONSE, /* only a server sends this */
};

struct frame {
	enum frame_is is;
	uint32_t len;
	enum sense sense; /* finds the client in flows that were joined in the middle */
};

enum assembled {
	ASSEMBLED_WHOLE, /* this frame is a whole message; parse sees all of it */
	ASSEMBLED_MORE,  /* kept, wait for the next piece */
	ASSEMBLED_SHOWN, /* the same, and parse sees this frame too: it has something to tell */
	ASSEMBLED_DONE,  /* the pieces kept for `id`, with this one, are now a message: parse sees
			  * their bodies, also when there is but one (then where it lies) */
	ASSEMBLED_DROP,  /* not needed, or does not fit: forget the pieces of `id` */
};

/* One piece of a message that comes in several frames (COTP, DNP3 transport, OPC UA chunks).
 * `assemble` may put fields only when it says WHOLE, SHOWN or DONE.
 * The driver keeps the pieces in order, a few ids a direction, bounded by max_message. */
struct piece {
	uint32_t id;        /* which message it belongs to, where several are open */
	bool is_first;      /* forget what was kept for id */
	bool is_later;      /* not the first: nothing without those before it. Neither: not told */
	struct bytes body;  /* what to append */
	bool is_open;       /* set by who has `repeat` or `companion`: the next frame may be a piece */
};

enum { REPEAT_VALUES_MAX = 20 };

/* A value in an answer: its bytes, and how many behind them mean nothing (they fill up). */
struct repeat_value {
	uint16_t at, len;
	uint8_t fill, type;
};

/* How a repeated exchange is known without parsing it: the bytes that tell one message from
 * the next are the same in the answer; all others of a request are the same again, and so are
 * an answer's but its values. Length 0: the protocol has no such id. join() must prefer the
 * request that has the answer's id, if the answer is as it always is. Numbers that rules may
 * ask for and that are among the values have FIELD_VALUE. What else parsing such messages
 * would look at in the flow's state: when that changes, parse says d->has_changed.
 *
 * Without functions every message has the id, and an answer one value, of one operation, from
 * somewhere near its start to its end. */
struct repeat {
	uint8_t id_at, id_len;
	uint16_t id_field; /* where that id is on the tape */
	bool (*has_id)(struct bytes message);
	/* Where the values of the answer's operations stand, one each, at most
	 * REPEAT_VALUES_MAX, in order; 0: that cannot be said. */
	unsigned (*values)(const struct message *request, const struct message *response,
		struct repeat_value *values);
	/* The bytes as an operation's value: the `type` is what values() said. */
	struct values (*value)(struct dissect *d, uint8_t type, struct bytes bytes);
};

struct event {
	const char *name;    /* `app-layer-event:modbus.NAME` and anomaly.event */
	const char *help;
};

struct dissector {
	const char *name;    /* rule protocol, EVE key and event type: "modbus" */
	const char *title;
	const char *source;  /* specification and version */
	const struct field *fields;
	unsigned field_count;
	const struct event *events;
	unsigned event_count;
	const uint16_t *tcp_ports, *udp_ports; /* hints, ending in 0; NULL: not over it */
	uint32_t max_message;                  /* longest frame, and longest assembled message */
	size_t state_size;
	bool is_flat;                          /* its events hold one message each, on top */
	struct repeat repeat;

	enum probe (*probe)(struct bytes head);
	/* `head` is at least one byte. Must look at no more than FRAME_HEAD_MAX bytes. */
	struct frame (*frame)(const struct dissect *d, struct bytes head);
	enum assembled (*assemble)(struct dissect *d, struct bytes frame, struct piece *piece);
	void (*parse)(struct dissect *d, struct cursor *c);
	/* How well `response` answers `request`: 0 not at all; the best and oldest is taken. */
	unsigned (*join)(const struct message *request, const struct message *response);
	/* Once for a joined pair: events of a response that does not fit, trims. d->message is
	 * the response. Only when no gap lies between the two. */
	void (*check)(struct dissect *d, const struct message *request);
	/* Say what the transaction means; either half may be NULL. When it is complete; inline also
	 * when the request is there. */
	void (*operate)(struct dissect *d, const struct message *request,
			const struct message *response);
	/* The event that a response without any request shows; -1: none. Raised only when the
	 * client's side was seen without a gap, and the response shows no other event. */
	int lone_response_event;
	/* Another protocol's name that speaks on the same connections, in the same frames, and
	 * whether a frame that begins a message carries data that are surely not ours: then the
	 * other one is asked. NULL: there is none. */
	const char *companion;
	bool (*is_foreign)(struct bytes frame);
};

/* All dissectors of this build, in the order of dissectors/meson.build; ends with NULL. */
extern const struct dissector *const dissectors[];

#endif
