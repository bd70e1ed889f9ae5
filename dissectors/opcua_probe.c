/* Is it OPC UA, and where do messages end? Every message begins with three letters, a
 * chunk's kind and its length: chance does not do that, text might. So what follows must
 * fit too. */
#include "opcua_channel.h"
#include "opcua_names.h"
#include "opcua_probe.h"

static const char types[][3] = {
	[MESSAGE_HEL] = "HEL",
	[MESSAGE_ACK] = "ACK",
	[MESSAGE_ERR] = "ERR",
	[MESSAGE_RHE] = "RHE",
	[MESSAGE_OPN] = "OPN",
	[MESSAGE_MSG] = "MSG",
	[MESSAGE_CLO] = "CLO",
};

enum { TYPES = sizeof(types) / sizeof(*types) };

/* Shortest messages of each type. */
static const uint8_t least[] = {
	[MESSAGE_HEL] = 32,
	[MESSAGE_ACK] = 28,
	[MESSAGE_ERR] = 16,
	[MESSAGE_RHE] = 16,
	[MESSAGE_OPN] = 32,
	[MESSAGE_MSG] = BODY_AT,
	[MESSAGE_CLO] = BODY_AT,
};

static uint32_t letters(const char *at)
{
	return (uint32_t)(uint8_t)at[0] | (uint32_t)(uint8_t)at[1] << 8 |
	       (uint32_t)(uint8_t)at[2] << 16;
}

enum message_type opcua_type_of(const uint8_t *at)
{
	uint32_t type = letters((const char *)at);

	for (unsigned i = TYPES - 1; i >= MESSAGE_HEL; i--)
		if (type == letters(types[i]))
			return (enum message_type)i;
	return MESSAGE_NONE;
}

static bool may_become(struct bytes head)
{
	if (head.len >= 3)
		return opcua_type_of(head.at) != MESSAGE_NONE;
	for (unsigned i = MESSAGE_HEL; i < TYPES; i++)
		if (memcmp(head.at, types[i], head.len) == 0)
			return true;
	return false;
}

static bool is_chunk(enum message_type type, uint8_t chunk)
{
	return chunk == 'F' || (type >= MESSAGE_OPN && (chunk == 'C' || chunk == 'A'));
}

static bool is_size(enum message_type type, uint32_t size)
{
	return size >= least[type] && size <= MESSAGE_MAX;
}

/* ---- what must be inside ---- */

/* A string that takes all that is left of the message, or as much as there is yet. */
static bool is_last_string(struct cursor *c, uint32_t left)
{
	uint32_t len = cursor_le32(c);

	return !cursor_ok(c) ||
	       (len == UINT32_MAX ? left == 4 : left >= 4 && len == left - 4);
}

static bool is_buffer(uint32_t size)
{
	return size >= 1024 && size <= INT32_MAX;
}

static bool is_hello(enum message_type type, struct cursor c, uint32_t size)
{
	uint32_t version = cursor_le32(&c), receive = cursor_le32(&c),
		 send = cursor_le32(&c);

	cursor_skip(&c, 8);
	if (!cursor_ok(&c) || version > 0xff || !is_buffer(receive) || !is_buffer(send))
		return false;
	return type == MESSAGE_ACK ? size == least[MESSAGE_ACK]
				   : is_last_string(&c, size - least[MESSAGE_ACK]);
}

static bool is_error(struct cursor c, uint32_t size)
{
	uint32_t code = cursor_le32(&c);

	return opcua_is_bad(code) && opcua_status_name(code) &&
	       is_last_string(&c, size - 12);
}

static bool is_reverse_hello(struct cursor c, uint32_t size)
{
	uint32_t len = cursor_le32(&c);

	if (len > size - 16)
		return false;
	cursor_skip(&c, len);
	return is_last_string(&c, size - 12 - len);
}

static bool is_opening(struct cursor c)
{
	static const char prefix[] = "http://opcfoundation.org/UA/";

	cursor_skip(&c, 4);
	uint32_t len = cursor_le32(&c);
	struct bytes uri = cursor_bytes(&c, sizeof(prefix) - 1);
	return len <= POLICY_MAX && uri.len && memcmp(uri.at, prefix, uri.len) == 0;
}

static bool is_service(struct cursor c)
{
	cursor_skip(&c, BODY_AT - HEADER);
	return opcua_service_at(cursor_rest(&c)) != NULL;
}

static bool is_sound(enum message_type type, struct bytes head, uint32_t size)
{
	struct cursor c = { head.at + HEADER, head.len - HEADER, false };

	if (c.left > size - HEADER)
		c.left = size - HEADER;
	switch (type) {
	case MESSAGE_HEL:
	case MESSAGE_ACK:
		return is_hello(type, c, size);
	case MESSAGE_ERR:
		return is_error(c, size);
	case MESSAGE_RHE:
		return is_reverse_hello(c, size);
	case MESSAGE_OPN:
		return is_opening(c);
	default:
		return is_service(c);
	}
}

/* Encrypted messages, and later chunks, have no inside to look at, and what an attacker sends
 * may have anything in it: their heads are believed where others like them are. */
enum probe opcua_probe(struct bytes head)
{
	enum { LOOK = 64 }; /* bytes after which the inside is known */

	if (!may_become(head))
		return PROBE_NO;
	if (head.len < HEADER)
		return head.len < 4 || is_chunk(opcua_type_of(head.at), head.at[3])
			       ? PROBE_MORE
			       : PROBE_NO;
	enum message_type type = opcua_type_of(head.at);
	uint32_t size = le32_at(head.at + 4);
	if (!is_chunk(type, head.at[3]) || !is_size(type, size))
		return PROBE_NO;
	if (is_sound(type, head, size))
		return PROBE_STRONG;
	if (head.len < LOOK && head.len < size)
		return PROBE_MORE;
	return PROBE_WEAK;
}

/* ---- frames ---- */

size_t opcua_opening_body(struct bytes head)
{
	struct cursor c = cursor_of(head);

	cursor_skip(&c, HEADER + 4);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t len = cursor_le32(&c);
		if (len != UINT32_MAX)
			cursor_skip(&c, len);
	}
	cursor_skip(&c, 8);
	return cursor_ok(&c) ? head.len - c.left : 0;
}

/* Who sends it, where that shows. */
static enum sense sense_of(
	const struct dissect *d, enum message_type type, struct bytes head)
{
	const struct opcua_state *s = d->state;

	if (d->side_known || (s && s->is_reversed) || type == MESSAGE_RHE ||
		type == MESSAGE_ERR)
		return SENSE_UNKNOWN;
	if (type == MESSAGE_HEL || type == MESSAGE_CLO)
		return SENSE_REQUEST;
	if (type == MESSAGE_ACK)
		return SENSE_RESPONSE;
	size_t at = BODY_AT;
	if (type == MESSAGE_OPN && !(at = opcua_opening_body(head)))
		return SENSE_UNKNOWN;
	const struct encoding *e =
		head.len > at
			? opcua_service_at((struct bytes){ head.at + at, head.len - at })
			: NULL;
	if (!e)
		return SENSE_UNKNOWN;
	return e->is_request ? SENSE_REQUEST : SENSE_RESPONSE;
}

/* No application would take a chunk that is longer than it said it could: so it is no
 * reason to wait for its end. */
static bool is_refused(const struct dissect *d, uint32_t size)
{
	const struct opcua_state *s = d->state;
	uint32_t most = s ? s->limits[opcua_role(d)].chunk_size : 0;

	return most && size > most && size - most > most;
}

struct frame opcua_frame(const struct dissect *d, struct bytes head)
{
	if (head.len < HEADER)
		return (struct frame){ may_become(head) ? FRAME_MORE : FRAME_NOT, 0,
			SENSE_UNKNOWN };
	enum message_type type = opcua_type_of(head.at);
	if (type == MESSAGE_NONE)
		return (struct frame){ FRAME_NOT, 0, SENSE_UNKNOWN };
	uint32_t size = le32_at(head.at + 4);
	if (!is_chunk(type, head.at[3]) || !is_size(type, size) || is_refused(d, size))
		return (struct frame){ FRAME_BAD, HEADER, SENSE_UNKNOWN };
	if (head.len > FRAME_HEAD_MAX)
		head.len = FRAME_HEAD_MAX;
	return (struct frame){ FRAME_OK, size, sense_of(d, type, head) };
}
