/* Puts transport segments together, and notes who sends them to whom. */
#include "dnp3_fields.h"
#include "dnp3_state.h"

enum {
	FIN_BIT = 0x80,
	FIR_BIT = 0x40,
	SEQUENCE_BITS = 0x3f, /* of the transport header */
	FCB_BIT = 0x20,
	FCV_BIT = 0x10, /* of the link's control byte */
	UNFINISHED = 8, /* fragments in a row */
};

/* ---- peers ---- */

struct dnp3_peer *dnp3_other(struct dissect *d, const struct dnp3_peer *peer)
{
	struct dnp3_state *st = d->state;
	uint32_t id = peer->id << 16 | peer->id >> 16;

	for (unsigned i = 0; i < PEERS; i++) {
		struct dnp3_peer *p = &st->peers[i];
		if (p->id == id && p->is_used && p->from_client != peer->from_client)
			return p;
	}
	return NULL;
}

struct dnp3_peer *dnp3_peer(struct dissect *d, uint32_t id)
{
	struct dnp3_state *st = d->state;
	bool from_client = d->side == SIDE_CLIENT;
	struct dnp3_peer *oldest = st->peers;

	st->frames++;
	for (unsigned i = 0; i < PEERS; i++) {
		struct dnp3_peer *p = &st->peers[i];
		if (p->id == id && p->is_used && p->from_client == from_client) {
			p->used = st->frames;
			return p;
		}
		if (p->used < oldest->used)
			oldest = p;
	}
	st->has_forgotten |= oldest->is_used;
	*oldest = (struct dnp3_peer){ .id = id,
		.is_used = true,
		.from_client = from_client,
		.used = st->frames };
	return oldest;
}

/* ---- fields ---- */

/* The first items of every message: the tape has room for them. The first ten always, all of
 * them where a whole fragment is in one frame and nothing is wrong with it. */
static const struct item first_items[] = { { .field = TYPE }, { .field = LINK_DIR },
	{ .field = LINK_PRM }, { .field = LINK_FCB }, { .field = LINK_FCV },
	{ .field = LINK_CODE }, { .field = LINK_FUNCTION }, { .field = LINK_SRC },
	{ .field = LINK_DST }, { .field = LINK_LENGTH }, { .field = LINK_HEADER_CRC, .u = true },
	{ .field = LINK_DATA_CRC, .u = true }, { .field = LINK_BLOCKS },
	{ .field = TRANSPORT_FIR }, { .field = TRANSPORT_FIN }, { .field = TRANSPORT_SEQUENCE },
	{ .field = FRAMES, .u = 1 } };
enum { FIRST_ITEMS = sizeof(first_items) / sizeof(*first_items) };

static inline void set_link(struct item *at, const struct dnp3_link *l, unsigned type)
{
	at[TYPE].u = type;
	at[LINK_DIR].u = l->control >> 7;
	at[LINK_PRM].u = l->control >> 6 & 1;
	at[LINK_FCB].u = l->control >> 5 & 1;
	at[LINK_FCV].u = l->control >> 4 & 1;
	at[LINK_CODE].u = l->control & FUNCTION_BITS;
	at[LINK_FUNCTION].u = l->control & (PRIMARY | FUNCTION_BITS);
	at[LINK_SRC].u = l->src;
	at[LINK_DST].u = l->dst;
	at[LINK_LENGTH].u = l->length;
}

static inline void set_transport(struct item *at, const struct dnp3_link *l)
{
	at[0].u = (l->transport & FIR_BIT) != 0;
	at[1].u = (l->transport & FIN_BIT) != 0;
	at[2].u = l->transport & SEQUENCE_BITS;
}

/* A good frame that is a fragment. */
static void put_frame(struct dissect *d, const struct dnp3_link *l, unsigned type)
{
	enum { BLOCKS = LINK_LENGTH + 3, TRANSPORT };
	d->message->count = 0; /* it is; now the places are known when this is compiled */
	struct item *at = put_new_items(d, first_items, FIRST_ITEMS);
	set_link(at, l, type);
	at[BLOCKS].u = l->blocks;
	set_transport(at + TRANSPORT, l);
}

static void put_link(struct dissect *d, const struct dnp3_link *l, unsigned type)
{
	set_link(put_new_items(d, first_items, LINK_LENGTH + 1), l, type);
	if (l->is_whole)
		put_uint(d, LINK_HEADER_CRC, l->is_checked);
	if (l->blocks || l->has_bad_block) {
		put_uint(d, LINK_DATA_CRC, !l->has_bad_block);
		put_uint(d, LINK_BLOCKS, l->blocks);
	}
	if (l->has_bad_block)
		put_uint(d, LINK_BAD_BLOCK, l->blocks);
	if (l->is_resent)
		put_uint(d, LINK_RESENT, true);
}

static void put_transport(struct dissect *d, const struct dnp3_link *l)
{
	static const struct item header[] = { { .field = TRANSPORT_FIR },
		{ .field = TRANSPORT_FIN }, { .field = TRANSPORT_SEQUENCE } };

	set_transport(put_new_items(d, header, sizeof(header) / sizeof(*header)), l);
}

static void put_segments(struct dissect *d, const struct dnp3_peer *p)
{
	put_uint(d, FRAMES, p->frames);
	for (unsigned i = 0; i + 1 < p->frames && i < SEGMENTS_KEPT; i++) {
		const struct dnp3_segment *s = &p->segments[i];
		put_begin(d, SEGMENTS);
		put_uint(d, SEGMENT_LENGTH, s->length);
		put_uint(d, SEGMENT_SEQUENCE, s->transport & SEQUENCE_BITS);
		put_uint(d, SEGMENT_FIR, (s->transport & FIR_BIT) != 0);
		put_end(d);
	}
}

/* A frame that is a message of its own. */
static enum assembled alone(struct dissect *d)
{
	struct dnp3_state *st = d->state;
	const struct dnp3_link *l = &st->link;

	st->is_fragment = false;
	put_link(d, l, l->control & PRIMARY ? TYPE_REQUEST : TYPE_RESPONSE);
	if (l->has_transport)
		put_transport(d, l);
	return ASSEMBLED_WHOLE;
}

static enum assembled alone_wrong(struct dissect *d, enum dnp3_event event)
{
	dnp3_wrong(d, event);
	return alone(d);
}

/* ---- segments ---- */

/* A segment that came before, sent again: link retries do that. */
static bool is_repeated(const struct dnp3_peer *p, const struct dnp3_link *l)
{
	return p->is_open && p->crc == l->last_crc &&
	       (l->transport & SEQUENCE_BITS) == p->sequence;
}

static bool is_next(const struct dnp3_peer *p, const struct dnp3_link *l)
{
	return p->is_open &&
	       (l->transport & SEQUENCE_BITS) == ((p->sequence + 1) & SEQUENCE_BITS);
}

/* A segment that continues nothing. Who joins in the middle has no reason to complain. */
static enum assembled orphan(struct dissect *d, struct dnp3_peer *p)
{
	if (p->is_open)
		dnp3_wrong(d, TRANSPORT_GAP);
	else if (p->had_fragment)
		dnp3_wrong(d, TRANSPORT_ORPHAN);
	p->is_open = false;
	return alone(d);
}

static void note_segment(struct dnp3_peer *p, const struct dnp3_link *l)
{
	if (l->transport & FIR_BIT)
		p->frames = 0;
	if (p->frames < SEGMENTS_KEPT)
		p->segments[p->frames] = (struct dnp3_segment){ l->length, l->transport };
	p->frames += p->frames < UINT16_MAX;
	p->is_open = !(l->transport & FIN_BIT);
	p->sequence = l->transport & SEQUENCE_BITS;
	p->crc = l->last_crc;
}

static enum assembled done(struct dissect *d, const struct dnp3_peer *p)
{
	struct dnp3_state *st = d->state;

	st->is_fragment = true;
	if (p->frames == 1 && st->link.blocks && !st->link.is_resent) {
		put_frame(d, &st->link, TYPE_REQUEST);
		return ASSEMBLED_DONE;
	}
	put_link(d, &st->link, TYPE_REQUEST);
	put_transport(d, &st->link);
	put_segments(d, p);
	return ASSEMBLED_DONE;
}

/* What nobody takes, or not again, is shown where it is whole, and changes nothing. */
static enum assembled ignored(struct dissect *d, struct piece *piece)
{
	static const struct dnp3_peer nobody = { .frames = 1 };
	struct dnp3_state *st = d->state;
	uint8_t both = FIR_BIT | FIN_BIT;

	if ((st->link.transport & both) != both)
		return alone(d);
	st->is_ignored = true;
	piece->id = ~piece->id;
	piece->is_first = true;
	return done(d, &nobody);
}

/* A first segment takes the place of a fragment that has not ended: it may. Again and again
 * nobody does so, unless the receiver shall wait for ends that never come. True once a peer;
 * a retry of the link is no new segment. */
static bool is_endless(struct dnp3_peer *p, const struct dnp3_link *l)
{
	bool is_new = l->transport & FIR_BIT && p->is_open && !is_repeated(p, l);

	if (p->unfinished == UNFINISHED)
		return false;
	if (!p->is_open)
		p->unfinished = 0;
	p->unfinished += is_new;
	return p->unfinished == UNFINISHED;
}

/* A part of a fragment that is to be seen now, because of its event. */
static enum assembled shown(struct dissect *d)
{
	alone(d);
	return ASSEMBLED_SHOWN;
}

static enum assembled segment(struct dissect *d, struct piece *piece)
{
	struct dnp3_state *st = d->state;
	const struct dnp3_link *l = &st->link;
	struct dnp3_peer *p = st->peer;
	bool is_first = l->transport & FIR_BIT;

	if (!is_first && is_repeated(p, l)) {
		piece->body.len = 0;
		return ASSEMBLED_MORE;
	}
	if (!is_first && !is_next(p, l))
		return orphan(d, p);
	bool has_news = is_endless(p, l);
	if (has_news)
		dnp3_wrong(d, TRANSPORT_ENDLESS);
	note_segment(p, l);
	piece->is_first = is_first;
	piece->is_later = !is_first;
	if (p->is_open && !d->message->is_cut)
		return has_news ? shown(d) : ASSEMBLED_MORE;
	p->is_open = false;
	p->had_fragment = true;
	return done(d, p);
}

/* ---- one frame ---- */

static enum dnp3_event header_event(const struct dissect *d, const struct dnp3_link *l)
{
	bool is_short = l->is_whole ? l->is_checked : d->is_datagram;

	return is_short ? LENGTH_INVALID : HEADER_CRC;
}

/* Those that dnp3_link_functions names. */
static bool is_function(const struct dnp3_link *l)
{
	enum {
		PRIMARIES = 1 << RESET_LINK | 1 << RESET_USER | 1 << TEST_LINK |
			1 << CONFIRMED_DATA | 1 << UNCONFIRMED_DATA | 1 << REQUEST_STATUS,
		SECONDARIES = 1 << ACK | 1 << NACK | 1 << LINK_STATUS |
			1 << NOT_FUNCTIONING | 1 << NOT_SUPPORTED,
	};
	unsigned functions = l->control & PRIMARY ? PRIMARIES : SECONDARIES;

	return functions >> (l->control & FUNCTION_BITS) & 1;
}

static void check_header(struct dissect *d, const struct dnp3_link *l, size_t len)
{
	bool is_data = dnp3_carries_data(l), has_data = l->length > LINK_LEN_MIN;

	if (l->src >= RESERVED_FIRST ||
		(l->dst >= RESERVED_FIRST && l->dst < SELF_ADDRESS))
		dnp3_wrong(d, RESERVED_ADDRESS);
	else if (!is_function(l))
		dnp3_wrong(d, LINK_FUNCTION_INVALID);
	else if (len < dnp3_frame_size(l->length) || is_data != has_data)
		dnp3_wrong(d, LENGTH_INVALID);
}

/* These say all by their header; others are looked into. */
static bool is_header_only(const struct dnp3_link *l)
{
	unsigned function = l->control & FUNCTION_BITS;

	return function == RESET_LINK || function == REQUEST_STATUS ||
	       function == LINK_STATUS;
}

/* Confirmed user data whose frame count bit did not change since the last: the receiver
 * had it already, and acknowledges it once more. */
static bool is_resent(struct dnp3_peer *p, const struct dnp3_link *l)
{
	bool fcb = l->control & FCB_BIT;
	bool is_confirmed = dnp3_carries_data(l) &&
		(l->control & FUNCTION_BITS) == CONFIRMED_DATA && l->control & FCV_BIT;
	bool is_again = is_confirmed && p->had_confirmed && p->fcb == fcb &&
		p->confirmed_crc == l->last_crc && p->confirmed_length == l->length;

	if (is_confirmed) {
		p->had_confirmed = true;
		p->fcb = fcb;
		p->confirmed_crc = l->last_crc;
		p->confirmed_length = l->length;
	}
	return is_again;
}

static void note_ack(struct dnp3_peer *p, const struct dnp3_link *l)
{
	unsigned function = l->control & (PRIMARY | FUNCTION_BITS);

	if (function == (PRIMARY | CONFIRMED_DATA) && p->acks_due < UINT8_MAX)
		p->acks_due++;
	else if (l->control & PRIMARY) /* it waits no longer: the next answer is this one's */
		p->acks_due = 0;
	if (function == (PRIMARY | RESET_LINK))
		p->had_confirmed = false;
}

static enum assembled assemble(struct dissect *d, struct bytes frame, struct piece *piece)
{
	struct dnp3_state *st = d->state;
	struct dnp3_link *l = &st->link;

	*l = dnp3_link_of(frame);
	st->peer = NULL;
	st->is_ignored = false;
	if (!l->is_good)
		return alone_wrong(d, header_event(d, l));
	check_header(d, l, frame.len);
	st->peer = dnp3_peer(d, dnp3_id(l->src, l->dst));
	note_ack(st->peer, l);
	struct bytes data = { NULL, 0 };
	if (!is_header_only(l))
		data = dnp3_strip(l, frame, st->data);
	if (l->has_bad_block) {
		st->peer->is_open &= !dnp3_carries_data(l);
		return alone_wrong(d, DATA_CRC);
	}
	if (data.len == 0)
		return alone(d);
	piece->id = st->peer->id;
	piece->body = (struct bytes){ data.at + 1, data.len - 1 };
	l->is_resent = is_resent(st->peer, l);
	return dnp3_carries_data(l) && !l->is_resent ? segment(d, piece)
						     : ignored(d, piece);
}

/* Bytes are missing: what this end sends next may continue what was not seen. */
static void forget(struct dissect *d)
{
	struct dnp3_state *st = d->state;

	st->gaps[d->side] = d->gaps[d->side];
	st->has_forgotten = true;
	for (unsigned i = 0; i < PEERS; i++) {
		struct dnp3_peer *p = &st->peers[i];
		if (p->from_client != (d->side == SIDE_CLIENT))
			continue;
		p->is_open = p->had_fragment = p->had_confirmed = false;
		p->had_request = p->had_select = false;
	}
}

enum assembled dnp3_assemble(struct dissect *d, struct bytes frame, struct piece *piece)
{
	const struct dnp3_state *st = d->state;
	bool is_cut = d->message->is_cut; /* the gap lies behind this frame */

	if (!is_cut && st->gaps[d->side] != d->gaps[d->side])
		forget(d);
	enum assembled is = assemble(d, frame, piece);
	if (is_cut)
		forget(d);
	return is;
}
