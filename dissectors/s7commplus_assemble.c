/* Messages in several pieces. COTP may cut anywhere; S7comm-plus itself cuts a long
 * message into fragments, each with a header, and only the last with a trailer. Put
 * together are the first fragment as it is and of the others what follows header and
 * digest.
 *
 * After InitSSL the COTP messages carry TLS records, whose lengths are followed. */
#include "s7commplus_parts.h"

enum { TLS_HEADER = 5, TLS_FIRST = 0x14, TLS_LAST = 0x17, TLS_MAX = 0x4800 };

/* ---- records ---- */

static bool is_record(const uint8_t *head)
{
	uint16_t length = be16_at(head + 3);

	return head[0] >= TLS_FIRST && head[0] <= TLS_LAST && head[1] == 3 &&
		head[2] <= 4 && length > 0 && length <= TLS_MAX;
}

bool plus_is_tls(struct bytes payload)
{
	return payload.len >= TLS_HEADER && is_record(payload.at);
}

/* ---- fragments ---- */

static bool has_data(uint8_t version)
{
	return version >= VERSION_CONNECT && version <= VERSION_3;
}

/* The COTP message under way is a fragment that others follow. */
static bool is_open_fragment(const struct plus_side *s)
{
	return s->head_len >= HEADER && s->head[0] == PROTOCOL && has_data(s->head[1]) &&
		s->tsdu_len == HEADER + (uint32_t)be16_at(s->head + 2);
}

static void note_fragment(struct plus_side *s)
{
	if (s->fragments < LENGTHS_MAX && s->head_len >= HEADER)
		memcpy(s->lengths[s->fragments], s->head + 2, 2);
	s->fragments += s->fragments < UINT16_MAX;
}

static void begin_tsdu(struct plus_side *s)
{
	s->tsdu_len = 0;
	s->head_len = 0;
	s->skip = 0;
	if (!s->in_message)
		s->fragments = s->total = 0;
}

/* Of a later fragment the header and, in version 3, the digest. */
static uint8_t left_out(const struct plus_side *s, struct bytes payload)
{
	uint8_t version = payload.len > 1 ? payload.at[1] : s->head[1];

	return version == VERSION_3 ? HEADER + DIGEST_PART : HEADER;
}

static void take_head(struct plus_side *s, struct bytes payload)
{
	for (size_t i = 0; i < payload.len && s->head_len < HEADER; i++)
		s->head[s->head_len++] = payload.at[i];
}

static struct bytes without_front(struct plus_side *s, struct bytes body)
{
	size_t len = s->skip < body.len ? s->skip : body.len;

	s->skip -= (uint8_t)len;
	return (struct bytes){ body.at + len, body.len - len };
}

static enum assembled add(struct plus_side *s, const struct cotp *pdu, uint32_t announced,
	struct piece *piece)
{
	bool begins = !s->in_tsdu;

	if (begins) {
		begin_tsdu(s);
		s->skip = s->in_message ? left_out(s, pdu->payload) : 0;
	}
	piece->is_first = begins && !s->in_message;
	piece->is_later = !piece->is_first;
	take_head(s, pdu->payload);
	piece->body = without_front(s, pdu->payload);
	s->tsdu_len += announced;
	s->total += announced;
	s->in_tsdu = !pdu->is_end;
	s->is_assembled = true;
	piece->is_open = true;
	if (s->in_tsdu)
		return ASSEMBLED_MORE;
	note_fragment(s);
	s->in_message = piece->is_open = is_open_fragment(s);
	return s->in_message ? ASSEMBLED_MORE : ASSEMBLED_DONE;
}

/* A message in one packet, the common case: it needs no assembling. */
static bool is_alone(const struct plus_side *s, const struct cotp *pdu,
	uint32_t announced)
{
	struct bytes b = pdu->payload;

	return !s->in_tsdu && !s->in_message && pdu->is_end &&
		!(b.len >= HEADER && b.at[0] == PROTOCOL && has_data(b.at[1]) &&
		announced == HEADER + (uint32_t)be16_at(b.at + 2));
}

enum assembled plus_assemble(struct dissect *d, struct bytes frame, struct piece *piece)
{
	struct plus_side *s = plus_side(d);
	struct cursor c = cursor_of(frame);
	struct cotp pdu;

	s->is_assembled = false;
	if (cotp_read(&c, &pdu) != COTP_FINE || pdu.type != COTP_DT)
		return ASSEMBLED_WHOLE;
	/* After a loss, what begins like a message is none's later piece. */
	if (s->gaps != d->gaps[d->side] && pdu.payload.len && pdu.payload.at[0] == PROTOCOL)
		s->in_tsdu = false;
	s->gaps = d->gaps[d->side];
	uint32_t announced = pdu.length - (TPKT_HEADER + 1u + pdu.header);
	if (announced == 0 && !s->in_tsdu)
		return ASSEMBLED_DROP;
	if (is_alone(s, &pdu, announced))
		return ASSEMBLED_WHOLE;
	return add(s, &pdu, announced, piece);
}

/* ---- TLS ---- */

static void put_record(struct dissect *d, const uint8_t *head)
{
	put_begin(d, FIELD_TLS_RECORDS);
	put_uint(d, FIELD_TLS_RECORD_TYPE, head[0]);
	put_uint(d, FIELD_TLS_RECORD_VERSION, be16_at(head + 1));
	put_uint(d, FIELD_TLS_RECORD_LENGTH, be16_at(head + 3));
	put_end(d);
}

static void skip_record(struct plus_side *s, struct cursor *c)
{
	size_t len = s->tls_left < c->left ? s->tls_left : c->left;

	s->tls_left -= (uint32_t)len;
	cursor_skip(c, len);
}

/* What is no record where one should begin is left out; the next message may be one. */
void plus_tls(struct dissect *d, struct cursor *c)
{
	struct plus_side *s = plus_side(d);

	put_uint(d, FIELD_PROTECTION, PROTECTION_TLS);
	while (c->left > 0) {
		skip_record(s, c);
		if (c->left == 0)
			break;
		if (c->left < TLS_HEADER || !is_record(c->at)) {
			cursor_skip(c, c->left);
			break;
		}
		put_record(d, c->at);
		s->tls_left = be16_at(c->at + 3);
		cursor_skip(c, TLS_HEADER);
	}
}
