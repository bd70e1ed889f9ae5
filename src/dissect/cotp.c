#include "dissect/cotp.h"

const struct name cotp_type_names[] = {
	{ COTP_ED, "ED" }, { COTP_EA, "EA" }, { COTP_RJ, "RJ" }, { COTP_AK, "AK" },
	{ COTP_ER, "ER" }, { COTP_DR, "DR" }, { COTP_DC, "DC" }, { COTP_CC, "CC" },
	{ COTP_CR, "CR" }, { COTP_DT, "DT" }, { 0, NULL },
};

const struct name cotp_connection_names[] = {
	{ 1, "PG" }, { 2, "OP" }, { 3, "S7_basic" },
	{ COTP_CONNECTION_CONFIGURED, "S7_configured" }, { 0, NULL },
};

const struct name cotp_reason_names[] = {
	{ 0, "reason_not_specified" },
	{ 1, "congestion_at_tsap" },
	{ 2, "session_entity_not_attached" },
	{ 3, "address_unknown" },
	{ 128, "normal_disconnect" },
	{ 129, "remote_congestion" },
	{ 130, "negotiation_failed" },
	{ 131, "duplicate_source_reference" },
	{ 132, "mismatched_references" },
	{ 133, "protocol_error" },
	{ 135, "reference_overflow" },
	{ 136, "connection_refused" },
	{ 138, "invalid_length" },
	{ 0, NULL },
};

const struct name cotp_reject_names[] = {
	{ 0, "reason_not_specified" },
	{ 1, "invalid_parameter_code" },
	{ 2, "invalid_tpdu_type" },
	{ 3, "invalid_parameter_value" },
	{ 0, NULL },
};

enum {
	PARAMETER_TPDU_SIZE = 0xc0,
	PARAMETER_SRC_TSAP = 0xc1,
	PARAMETER_DST_TSAP = 0xc2,
	TPDU_SIZE_MIN = 7,  /* 128 bytes */
	TPDU_SIZE_MAX = 13, /* 8192 bytes */
	EOT = 0x80,
	WALK_MAX = 4, /* packets that are walked over before the first data */
};

/* ---- one packet ---- */

/* The least LI of a type; 0: there is no such type. */
static uint8_t least_header(uint8_t type)
{
	switch (type) {
	case COTP_DT:
	case COTP_ED:
		return 2;
	case COTP_ER:
	case COTP_EA:
	case COTP_AK:
	case COTP_RJ:
		return 4;
	case COTP_DC:
		return 5;
	case COTP_CR:
	case COTP_CC:
	case COTP_DR:
		return 6;
	}
	return 0;
}

static enum cotp_fault check_header(uint16_t length, uint8_t header, uint8_t type)
{
	uint8_t least = least_header(type);

	if (!least)
		return COTP_BAD_TYPE;
	if (header < least || header > length - TPKT_HEADER - 1)
		return COTP_BAD_HEADER;
	return COTP_FINE;
}

static void read_parameter(struct cotp *pdu, uint8_t code, struct bytes value)
{
	if (code == PARAMETER_SRC_TSAP)
		pdu->src_tsap = value;
	else if (code == PARAMETER_DST_TSAP)
		pdu->dst_tsap = value;
	else if (code == PARAMETER_TPDU_SIZE && value.len)
		pdu->tpdu_size = value.at[0];
}

static void read_parameters(struct cursor *c, struct cotp *pdu)
{
	while (c->left > 0) {
		uint8_t code = cursor_u8(c);
		uint8_t len = cursor_u8(c);
		struct bytes value = cursor_bytes(c, len);
		if (cursor_ok(c))
			read_parameter(pdu, code, value);
	}
}

/* Data: number and EOT stand behind the type, in other classes behind a reference. */
static void read_data(struct cursor *c, struct cotp *pdu)
{
	if (pdu->header > 2)
		pdu->dst_ref = cursor_be16(c);
	pdu->is_end = cursor_u8(c) & EOT;
}

static void read_header(struct cursor *c, struct cotp *pdu)
{
	if (pdu->type == COTP_DT || pdu->type == COTP_ED) {
		read_data(c, pdu);
		return;
	}
	pdu->dst_ref = cursor_be16(c);
	if (pdu->type == COTP_ER) {
		pdu->reason = cursor_u8(c);
		return;
	}
	if (pdu->type < COTP_DR) /* acknowledgements, which class 0 does not have */
		return;
	pdu->src_ref = cursor_be16(c);
	if (pdu->type == COTP_DR)
		pdu->reason = cursor_u8(c);
	else if (pdu->type != COTP_DC)
		pdu->class = cursor_u8(c);
	read_parameters(c, pdu);
}

enum cotp_fault cotp_read(struct cursor *c, struct cotp *pdu)
{
	*pdu = (struct cotp){ 0 };
	cursor_skip(c, 2);
	pdu->length = cursor_be16(c);
	if (cursor_ok(c) && pdu->length < TPKT_MIN)
		return COTP_BAD_LENGTH;
	pdu->header = cursor_u8(c);
	uint8_t type = cursor_u8(c);
	if (!cursor_ok(c))
		return COTP_SHORT;
	pdu->type = type & 0xf0;
	enum cotp_fault fault = check_header(pdu->length, pdu->header, pdu->type);
	if (fault != COTP_FINE)
		return fault;
	struct cursor header = cursor_sub(c, pdu->header - 1u);
	if (!cursor_ok(c))
		return COTP_SHORT;
	read_header(&header, pdu);
	pdu->payload = (struct bytes){ c->at, c->left };
	return cursor_ok(&header) ? COTP_FINE : COTP_BAD_PARAMETER;
}

/* A length that leaves no room for a header, or stands before one that is none, does not
 * say where the next packet is. */
struct frame cotp_frame(struct bytes head)
{
	struct frame frame = { FRAME_MORE, 0, SENSE_UNKNOWN };

	if (head.at[0] != TPKT_VERSION || (head.len > 1 && head.at[1] != 0)) {
		frame.is = FRAME_NOT;
	} else if (head.len >= TPKT_HEADER && be16_at(head.at + 2) < TPKT_MIN) {
		frame.is = FRAME_BAD;
		frame.len = TPKT_HEADER;
	} else if (head.len >= TPKT_MIN) {
		uint16_t length = be16_at(head.at + 2);
		bool is_fine =
			check_header(length, head.at[4], head.at[5] & 0xf0) == COTP_FINE;
		frame.is = is_fine ? FRAME_OK : FRAME_BAD;
		frame.len = is_fine ? length : TPKT_MIN;
	}
	return frame;
}

/* ---- finding a protocol ---- */

bool cotp_is_s7_tsap(struct bytes tsap)
{
	return tsap.len == 2 && ((tsap.at[0] >= 1 && tsap.at[0] <= 3) ||
		tsap.at[0] >= COTP_CONNECTION_CONFIGURED);
}

bool cotp_is_tsap(struct bytes tsap, const char *begins_with)
{
	size_t len = strlen(begins_with);

	return tsap.len >= len && memcmp(tsap.at, begins_with, len) == 0;
}

/* As far as the bytes go. Of the acknowledged kinds, class 0 has none. */
static bool is_start(struct bytes head)
{
	static const uint8_t types[] = { COTP_DT, COTP_CR, COTP_CC, COTP_DR, COTP_DC,
		COTP_ER };
	unsigned i = 0;

	if ((head.len > 0 && head.at[0] != TPKT_VERSION) ||
		(head.len > 1 && head.at[1] != 0) ||
		(head.len > 3 && be16_at(head.at + 2) < TPKT_MIN))
		return false;
	while (head.len > 5 && i < sizeof(types) && (head.at[5] & 0xf0) != types[i])
		i++;
	return i < sizeof(types);
}

static struct cotp_look look_is(struct cotp_look look, int is)
{
	look.is = is;
	return look;
}

static bool is_whole(const struct cotp *pdu, struct bytes head)
{
	return pdu->length <= head.len;
}

static struct cotp_look look_at_data(struct cotp_look look, const struct cotp *pdu,
	struct bytes head)
{
	uint32_t header = TPKT_HEADER + 1u + pdu->header;

	look.is = COTP_LOOK_DATA;
	look.data = *pdu;
	look.payload_len = pdu->length - header;
	if (is_whole(pdu, head)) {
		look.data.payload.len = look.payload_len;
		look.behind = (struct bytes){ head.at + pdu->length,
			head.len - pdu->length };
	}
	return look;
}

struct cotp_look cotp_look(struct bytes head)
{
	struct cotp_look look = { .is = COTP_LOOK_MORE };

	for (unsigned i = 0; i < WALK_MAX; i++) {
		struct cursor c = cursor_of(head);
		struct cotp pdu;
		if (!is_start(head))
			return look_is(look, COTP_LOOK_NO);
		enum cotp_fault fault = cotp_read(&c, &pdu);
		if (fault != COTP_FINE)
			return look_is(look, fault == COTP_SHORT ? COTP_LOOK_MORE :
				COTP_LOOK_NO);
		bool is_empty = pdu.length == TPKT_HEADER + 1u + pdu.header;
		if (pdu.type == COTP_DT && !is_empty)
			return look_at_data(look, &pdu, head);
		if (pdu.type != COTP_DT && !is_empty)
			return look_is(look, COTP_LOOK_NO);
		if (pdu.dst_tsap.len)
			look.dst_tsap = pdu.dst_tsap;
		look.has_request |= pdu.type == COTP_CR;
		if (!is_whole(&pdu, head))
			return look;
		head.at += pdu.length;
		head.len -= pdu.length;
	}
	return look_is(look, COTP_LOOK_NO);
}

/* ---- messages in several data TPDUs ---- */

/* Which piece is the first one is known from the one before it; after a gap, from what
 * messages begin with. */
static enum assembled assemble_data(
	bool *is_open, uint8_t protocol, const struct cotp *pdu, struct piece *piece)
{
	bool is_start = pdu->payload.len && pdu->payload.at[0] == protocol;
	bool was_open = *is_open;

	*is_open = !pdu->is_end && (was_open || pdu->payload.len);
	if (!was_open && is_start && pdu->is_end)
		return ASSEMBLED_WHOLE;
	if (!was_open && !pdu->payload.len)
		return ASSEMBLED_DROP;
	piece->is_first = !was_open && is_start;
	piece->is_later = was_open;
	piece->body = pdu->payload;
	return pdu->is_end ? ASSEMBLED_DONE : ASSEMBLED_MORE;
}

enum assembled cotp_assemble(struct cotp_flow *flow, const struct dissect *d,
	uint8_t protocol, struct bytes frame, struct piece *piece)
{
	struct cursor c = cursor_of(frame);
	struct cotp pdu;
	bool *is_open = &flow->is_open[d->side == SIDE_SERVER];
	uint32_t *gaps = &flow->gaps[d->side == SIDE_SERVER];
	bool is_cut = d->message->is_cut; /* the gap lies behind this frame */

	flow->is_bare = false;
	*is_open &= is_cut || *gaps == d->gaps[d->side];
	*gaps = d->gaps[d->side];
	piece->is_open = *is_open;
	if (cotp_read(&c, &pdu) != COTP_FINE || pdu.type != COTP_DT)
		return ASSEMBLED_WHOLE;
	enum assembled is = assemble_data(is_open, protocol, &pdu, piece);
	*is_open &= !is_cut;
	flow->is_bare = is != ASSEMBLED_WHOLE;
	piece->is_open = *is_open;
	return is;
}

bool cotp_is_foreign(struct bytes frame, uint8_t protocol)
{
	size_t at = frame.len > TPKT_HEADER ? TPKT_HEADER + 1u + frame.at[TPKT_HEADER] : 0;

	return at && at < frame.len && (frame.at[TPKT_HEADER + 1] & 0xf0) == COTP_DT &&
		frame.at[at] != protocol;
}

/* ---- fields ---- */

static bool is_printable(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.at[i] < 0x20 || b.at[i] > 0x7e)
			return false;
	return true;
}

size_t cotp_tsap_text(struct bytes tsap, char *out)
{
	static const char digits[] = "0123456789abcdef";

	if (tsap.len > 2 && is_printable(tsap)) {
		memcpy(out, tsap.at, tsap.len);
		return tsap.len;
	}
	for (size_t i = 0; i < tsap.len; i++) {
		out[2 * i] = digits[tsap.at[i] >> 4];
		out[2 * i + 1] = digits[tsap.at[i] & 0x0f];
	}
	return 2 * tsap.len;
}

static void put_s7_tsap(struct dissect *d, unsigned at, struct bytes tsap)
{
	uint8_t type = tsap.at[0], place = tsap.at[1];

	put_uint(d, at + COTP_CONNECTION_TYPE, type < COTP_CONNECTION_CONFIGURED ? type :
		COTP_CONNECTION_CONFIGURED);
	put_uint(d, at + COTP_RACK, place >> 5);
	put_uint(d, at + COTP_SLOT, place & 0x1f);
}

static void put_connection(struct dissect *d, unsigned at, const struct cotp *pdu)
{
	put_uint(d, at + COTP_CLASS, pdu->class >> 4);
	if (pdu->tpdu_size >= TPDU_SIZE_MIN && pdu->tpdu_size <= TPDU_SIZE_MAX)
		put_uint(d, at + COTP_TPDU_SIZE, 1u << pdu->tpdu_size);
	if (pdu->src_tsap.len)
		put_bytes(d, at + COTP_SRC_TSAP, pdu->src_tsap);
	if (pdu->dst_tsap.len)
		put_bytes(d, at + COTP_DST_TSAP, pdu->dst_tsap);
	if (cotp_is_s7_tsap(pdu->dst_tsap))
		put_s7_tsap(d, at, pdu->dst_tsap);
}

void cotp_put(struct dissect *d, unsigned at, const struct cotp *pdu)
{
	put_uint(d, at + COTP_PDU_TYPE, pdu->type);
	if (pdu->type >= COTP_DR && pdu->type < COTP_DT)
		put_uint(d, at + COTP_SRC_REF, pdu->src_ref);
	if (pdu->type != COTP_DT && pdu->type != COTP_ED)
		put_uint(d, at + COTP_DST_REF, pdu->dst_ref);
	if (pdu->type == COTP_CR || pdu->type == COTP_CC)
		put_connection(d, at, pdu);
	if (pdu->type == COTP_ER)
		put_uint(d, at + COTP_REJECT_CAUSE, pdu->reason);
	if (pdu->type == COTP_DR) {
		put_uint(d, at + COTP_REASON, pdu->reason);
		put_uint(d, at + COTP_REASON_RAW, pdu->reason);
	}
}

/* ---- connections as requests and responses ---- */

static const char *refusal(const struct cotp *pdu)
{
	const struct name *names =
		pdu->type == COTP_DR ? cotp_reason_names : cotp_reject_names;
	const char *name = name_of(names, pdu->reason);

	return name ? name : "unknown";
}

void cotp_kind(struct message *m, const struct cotp *pdu, bool is_refusal)
{
	m->kind = MESSAGE_ONEWAY;
	if (pdu->type == COTP_CR)
		m->kind = MESSAGE_REQUEST;
	if (pdu->type == COTP_CC ||
		(is_refusal && (pdu->type == COTP_DR || pdu->type == COTP_ER)))
		m->kind = MESSAGE_RESPONSE;
	if (m->kind == MESSAGE_RESPONSE && pdu->type != COTP_CC)
		m->code = refusal(pdu);
}
