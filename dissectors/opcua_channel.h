/* What is known of a connection: which secure channel it carries and how it is protected,
 * what its ends agreed on, which messages are under way in chunks, which sessions it has,
 * which nodes its clients watch.
 *
 * Nobody tells whether a channel signs or encrypts once its policy is not None: so each
 * chunk is looked at. What begins as a service's body is readable. */
#ifndef IRONSPAN_OPCUA_CHANNEL_H
#define IRONSPAN_OPCUA_CHANNEL_H

#include <assert.h>

#include "opcua.h"
#include "opcua_schema.h"

enum security_mode { MODE_UNKNOWN, MODE_NONE, MODE_SIGN, MODE_ENCRYPT };

/* A security policy, by what stands behind the '#' of its URI. */
struct policy {
	const char *name;
	uint8_t signature; /* bytes behind each chunk */
};

/* What one side agreed to take from the other; 0: no limit. */
struct limits {
	uint32_t chunk_size, message_size, chunks;
};

enum { OPEN_MESSAGES = 4, PUBLISH_MAX = 64, ITEMS = 256, ITEM_ID_MAX = 47, ENDPOINT_MAX = 126,
	SESSIONS = 6, TOKEN_MAX = 44 };

/* A message under way in chunks. */
struct open_message {
	uint32_t request_id, chunks, body,
		size;		  /* body, size: bytes without and with headers */
	bool is_open, is_refused; /* refused: too much of it, the rest is not wanted */
};

/* A monitored item: what a notification's handle stands for. */
struct opcua_item {
	uint32_t subscription, handle;
	uint8_t attribute;
	bool is_part; /* of an array */
	uint8_t len;  /* of the node id; 0: free */
	uint8_t node_id[ITEM_ID_MAX];
};

/* A session that may be used here: it was created here, or activated. */
struct opcua_session {
	uint32_t request_id; /* of the activation that waits for its answer */
	bool is_asked;	     /* one does */
	bool is_foreign;     /* refused, it may not be used here */
	bool is_closed;	     /* another may have its place */
	uint8_t len;	     /* of the token; 0: free */
	uint8_t token[TOKEN_MAX];
};

/* One a flow, zeroed at its beginning. Arrays of two are by the role of the sender. */
struct opcua_state {
	bool is_reversed; /* the server has opened the connection */
	bool is_from_start; /* its HEL or RHE was seen */
	bool is_opening;  /* a HEL or OPN waits for its answer, which may be an ERR */
	bool has_channel;
	bool knows_channel;  /* from an OPN's answer, not from a message of it */
	uint8_t mode;	     /* enum security_mode */
	uint8_t signature;   /* bytes behind each chunk, where it signs */
	uint8_t token_count; /* how many of `tokens` are known, the newest first */
	bool has_old_token;  /* joined midway: the one before the newest is valid and not known */
	uint8_t endpoint_len;
	uint32_t channel;
	uint32_t tokens[2];
	const struct policy *policy; /* NULL: not seen, or not known */
	struct limits limits[2];     /* of what this side sends */
	uint32_t sequence[2];
	bool has_sequence[2];
	struct open_message open[2][OPEN_MESSAGES];
	uint8_t open_next[2];
	/* The last chunk was of a message whose beginning was missed, of this request. */
	bool has_rest[2];
	uint32_t rest[2];

	/* About the message at hand, told by assemble to parse; faults and what was
	 * skipped since the last message that was parsed. */
	uint64_t faults; /* bit an event */
	uint32_t skipped, chunks, size;
	bool is_readable;
	bool is_rest; /* of a message whose beginning was not seen */
	const struct encoding *service; /* that the chunk's body begins with, or NULL, … */
	const uint8_t *service_at;      /* … and where; NULL: nobody looked */

	uint32_t publish[PUBLISH_MAX]; /* requests that wait for news, a ring; 0: none */
	uint8_t publish_next;
	bool has_request;
	uint32_t lowest_request; /* id of all that were seen */

	struct opcua_session sessions[SESSIONS];
	bool has_other_sessions; /* or may have: they were not seen, or are too many */

	uint8_t endpoint[ENDPOINT_MAX];
	struct opcua_item items[ITEMS];
};
static_assert(sizeof(struct opcua_state) <= 16 * 1024, "a power of two holds it");

/* Who sends, whichever end opened the connection. */
static inline enum side opcua_role(const struct dissect *d)
{
	const struct opcua_state *s = d->state;

	return s->is_reversed ? (enum side) !d->side : d->side;
}

/* Something is wrong with the chunk at hand. */
static inline void opcua_fault(struct opcua_state *s, enum opcua_event event)
{
	s->faults |= (uint64_t)1 << event;
}

const struct policy *opcua_policy(struct bytes uri); /* NULL: none that is known */
bool opcua_is_none(const struct policy *p);

/* The service that a body begins with; NULL: none, as in the middle of a message or where
 * it is encrypted. */
const struct encoding *opcua_service_at(struct bytes body);

/* An OPN's security header was read. `channel` is 0 in a first request. */
void opcua_channel_open(struct dissect *d, uint32_t channel, const struct policy *policy);
void opcua_channel_token(struct dissect *d, uint32_t channel, uint32_t token);
/* A symmetric header, a sequence header. What is wrong with them goes to `faults`. */
void opcua_channel_see(struct dissect *d, uint32_t channel, uint32_t token);
void opcua_sequence_see(struct dissect *d, uint32_t sequence);
/* A readable message ended with `left` bytes: its signature? False: they are too many. */
bool opcua_channel_end(struct dissect *d, size_t left);
void opcua_endpoint_see(struct dissect *d, struct bytes url);

/* opcua_session.c: a service's message was read; whose session is it? */
void opcua_session_see(struct dissect *d, const struct encoding *e, uint32_t request_id);

/* opcua_item.c: monitored items, remembered from their creation; the newest take the
 * place of others. */
void opcua_item_see(
	struct opcua_state *s, const struct opcua_item *item, struct bytes node_id);
/* Somebody is going to ask for it: fetch where it stands. */
void opcua_item_expect(const struct opcua_state *s, uint32_t subscription, uint32_t handle);
const struct opcua_item *opcua_item_find(const struct opcua_state *s, uint32_t subscription,
	uint32_t handle); /* NULL: not known */

/* opcua_chunk.c */
enum assembled opcua_assemble(struct dissect *d, struct bytes frame, struct piece *piece);

#endif
