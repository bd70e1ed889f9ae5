/* Messages in chunks; see opcua_channel.h. */
#include "opcua_channel.h"

static struct open_message *find_open(
	struct opcua_state *s, unsigned role, uint32_t request_id)
{
	for (unsigned i = 0; i < OPEN_MESSAGES; i++)
		if (s->open[role][i].is_open && s->open[role][i].request_id == request_id)
			return &s->open[role][i];
	return NULL;
}

static struct open_message *begin(
	struct opcua_state *s, unsigned role, uint32_t request_id)
{
	struct open_message *m = &s->open[role][s->open_next[role]++ % OPEN_MESSAGES];

	*m = (struct open_message){ .request_id = request_id, .is_open = true };
	return m;
}

/* In the clear, both numbers count from near 0; encrypted, they are anything. */
static bool is_plain(const uint8_t *frame)
{
	return le32_at(frame + SYMMETRIC) >> 26 == 0 &&
	       le32_at(frame + SYMMETRIC + 4) >> 26 == 0;
}

/* Whether the body can be read, of a chunk that begins or continues a message. */
static bool is_readable(const struct dissect *d, struct bytes frame, bool is_open)
{
	const struct opcua_state *s = d->state;

	if (s->service || is_open || s->mode == MODE_NONE || s->mode == MODE_SIGN)
		return true;
	if (d->after_gap && is_plain(frame.at)) /* the rest of a message, more likely */
		return true;
	if (s->mode == MODE_ENCRYPT || (s->policy && !opcua_is_none(s->policy)))
		return false;
	return is_plain(frame.at);
}

static bool is_too_much(struct opcua_state *s, unsigned role, struct open_message *m)
{
	const struct limits *l = &s->limits[role];
	uint32_t most = l->chunks ? l->chunks : CHUNKS_MAX;

	if (m->chunks > most)
		opcua_fault(s, TOO_MANY_CHUNKS);
	else if (l->message_size && m->body > l->message_size)
		opcua_fault(s, MESSAGE_TOO_LARGE);
	else
		return false;
	m->is_refused = true;
	return true;
}

/* The body without header and signature; the first chunk's header stays, it is the
 * message's. */
static struct bytes body_of(
	const struct opcua_state *s, struct bytes frame, bool is_first)
{
	size_t head = is_first ? 0 : BODY_AT;
	size_t tail = s->mode == MODE_NONE ? 0 : s->signature;

	if (s->mode == MODE_UNKNOWN && s->policy)
		tail = s->policy->signature; /* it is readable, so it is signed alone */
	if (frame.len < BODY_AT + tail)
		tail = frame.len - BODY_AT;
	return (struct bytes){ frame.at + head, frame.len - head - tail };
}

static enum assembled add_chunk(struct dissect *d, struct bytes frame,
	struct open_message *m, struct piece *piece)
{
	struct opcua_state *s = d->state;
	unsigned role = opcua_role(d);
	bool is_last = frame.at[3] == 'F';

	if (!m)
		m = begin(s, role, piece->id);
	piece->body = body_of(s, frame, piece->is_first);
	m->chunks++;
	m->body += (uint32_t)piece->body.len - (piece->is_first ? (uint32_t)BODY_AT : 0);
	m->size += (uint32_t)frame.len;
	m->is_open = !is_last;
	s->chunks = m->chunks;
	s->size = m->size;
	if (m->is_refused)
		return ASSEMBLED_DROP;
	return is_too_much(s, role, m) || is_last ? ASSEMBLED_DONE : ASSEMBLED_MORE;
}

static void see_size(struct dissect *d, size_t size)
{
	struct opcua_state *s = d->state;
	const struct limits *l = &s->limits[opcua_role(d)];

	s->size = (uint32_t)size;
	s->chunks = 1;
	if (l->chunk_size && size > l->chunk_size)
		opcua_fault(s, CHUNK_TOO_LARGE);
}

/* Nobody cuts a service's id, but who wants not to be seen. `is_surely`: it must be the
 * beginning of something, since no chunk before it was missed. */
static bool begins_message(const struct opcua_state *s, struct bytes body, bool is_surely)
{
	static const uint8_t least[] = { [1] = 4, [2] = 7 }; /* by the node id's form */
	uint8_t form = body.len ? body.at[0] : 1;
	bool is_cut = form && form < sizeof(least) && body.len < least[form] &&
		      (body.len < 2 || body.at[1] == 0);

	return s->service || (is_cut && is_surely);
}

/* A chunk that can be read. One that begins no service and belongs to no message that began
 * stands alone: where something before it was not seen it is the rest of a message, else it
 * is none of any service. */
static enum assembled take_chunk(struct dissect *d, struct bytes frame,
	struct open_message *m, struct piece *piece)
{
	struct opcua_state *s = d->state;
	unsigned role = opcua_role(d);
	bool is_first_seen = !s->is_from_start && !s->has_sequence[role];
	struct bytes body = { frame.at + BODY_AT, frame.len - BODY_AT };

	if (s->mode == MODE_ENCRYPT) /* no longer, or it never was */
		s->mode = MODE_UNKNOWN;
	opcua_sequence_see(d, le32_at(frame.at + SYMMETRIC));
	opcua_channel_see(d, le32_at(frame.at + HEADER), le32_at(frame.at + HEADER + 4));
	bool is_in_rest = s->has_rest[role] && s->rest[role] == piece->id;
	bool is_seen = !is_first_seen && !s->skipped && !is_in_rest;
	bool begins = begins_message(s, body, is_seen);
	s->is_rest = !m && !begins && (!is_seen || frame.at[3] == 'C');
	s->has_rest[role] = s->is_rest && frame.at[3] == 'C';
	s->rest[role] = piece->id;
	piece->is_first = !m;
	piece->is_later = m != NULL;
	if (frame.at[3] == 'A' && m)
		m->is_open = false;
	if (frame.at[3] == 'A' || (!m && (frame.at[3] == 'F' || !begins)))
		return ASSEMBLED_WHOLE;
	return add_chunk(d, frame, m, piece);
}

/* One chunk of a message of the channel. Encrypted ones stand alone: which message they
 * belong to is hidden too. */
enum assembled opcua_assemble(struct dissect *d, struct bytes frame, struct piece *piece)
{
	struct opcua_state *s = d->state;

	see_size(d, frame.len);
	s->is_readable = s->is_rest = false;
	s->service_at = NULL;
	if (frame.len < BODY_AT || opcua_type_of(frame.at) != MESSAGE_MSG)
		return ASSEMBLED_WHOLE;
	s->service_at = frame.at + BODY_AT;
	s->service = opcua_service_at((struct bytes){ s->service_at, frame.len - BODY_AT });
	piece->id = le32_at(frame.at + SYMMETRIC + 4);
	struct open_message *m = find_open(s, opcua_role(d), piece->id);
	s->is_readable = is_readable(d, frame, m);
	if (s->is_readable)
		return take_chunk(d, frame, m, piece);
	opcua_channel_see(d, le32_at(frame.at + HEADER), le32_at(frame.at + HEADER + 4));
	if (!d->message->is_cut)
		s->mode = MODE_ENCRYPT; /* till a service shows that it is not */
	return ASSEMBLED_WHOLE;
}
