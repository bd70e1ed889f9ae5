/* S7comm-plus, which S7-1200 and S7-1500 speak to engineering stations and panels.
 *
 * No public specification; TPKT (RFC 1006) and COTP (ISO 8073) below it are. See
 * s7commplus_parts.h for the files and for what "inferred" means.
 *
 *      0      1      2      3      4 …
 *   +------+------+-------------+---------------------------+------+------+------+------+
 *   | 0x72 | vers | data length | data                      | 0x72 | vers |   0  |   0  |
 *   +------+------+-------------+---------------------------+------+------+------+------+
 *   data, in version 3 behind the digest of its fragment:
 *   request       opcode, 0 0, function 2, 0 0, sequence 2, session 4, flags, body
 *   response      opcode, 0 0, function 2, 0 0, sequence 2, flags, return value, body
 *   notification  opcode, subscription 4, body
 *
 * A keep-alive has a number in place of the length and nothing behind it; a system event
 * has no trailer. Since firmware 2.9 (S7-1500) and 4.5 (S7-1200) a session may begin with
 * InitSSL; after it COTP carries TLS and nothing of this can be seen. */
#include "s7commplus_parts.h"

enum {
	FLAG_NO_ANSWER = 0x40, /* of the transport flags: an answer is not insisted on */
	UNANSWERED_MAX = 8,
};

/* ---- the data ---- */

/* The key: function over sequence number; connections count their references instead. */
enum { KEY_COTP = 0x10000 };

static void set_key(struct dissect *d, uint32_t function, uint16_t number)
{
	d->message->key = (uint64_t)function << 16 | number;
}

/* Whether an answer to such a request comes depends on the PLC; at first newer versions
 * are believed to send none. */
static void unanswered(struct dissect *d, uint8_t version)
{
	struct plus_flow *flow = d->state;

	if (flow->unanswered == UNANSWERED_MAX)
		flow->has_response2 = false;
	if (!flow->has_response2 &&
	    (version == VERSION_3 || flow->unanswered == UNANSWERED_MAX)) {
		d->message->kind = MESSAGE_ONEWAY;
	} else {
		flow->unanswered++;
		d->message->is_patient = true;
	}
}

static void request(struct plus *p, struct cursor *c)
{
	put_be32(p->d, FIELD_SESSION, c);
	uint8_t flags = put_u8(p->d, FIELD_TRANSPORT_FLAGS, c);

	p->d->message->kind = MESSAGE_REQUEST;
	if (flags & FLAG_NO_ANSWER)
		unanswered(p->d, p->version);
	plus_request(p, c);
}

/* The first one may belong to a request that nobody waits for. */
static void note_response2(struct plus *p)
{
	struct plus_flow *flow = p->d->state;
	bool none_waits = flow->unanswered == 0 || flow->unanswered == UNANSWERED_MAX;

	p->d->message->is_continuation = !flow->has_response2 && none_waits;
	flow->has_response2 = true;
	flow->unanswered = 0;
}

static void response(struct plus *p, struct cursor *c)
{
	struct plus_flow *flow = p->d->state;

	p->d->message->kind = MESSAGE_RESPONSE;
	if (p->opcode == OPCODE_RESPONSE2)
		note_response2(p);
	put_u8(p->d, FIELD_TRANSPORT_FLAGS, c);
	plus_response(p, c);
	if (p->function == INIT_SSL && !p->d->message->code && !p->is_wrong)
		flow->is_tls = true;
}

static void call(struct plus *p, struct cursor *c)
{
	cursor_skip(c, 2);
	p->function = cursor_be16(c);
	if (cursor_ok(c)) {
		put_uint(p->d, FIELD_FUNCTION, p->function);
		put_uint(p->d, FIELD_FUNCTION_RAW, p->function);
	}
	cursor_skip(c, 2);
	set_key(p->d, p->function, put_be16(p->d, FIELD_SEQUENCE, c));
	if (p->opcode == OPCODE_REQUEST)
		request(p, c);
	else
		response(p, c);
}

static bool is_fill(const struct cursor *c)
{
	for (size_t i = 0; i < c->left; i++)
		if (c->at[i])
			return false;
	return true;
}

static void put_digest(struct plus *p, struct cursor *c)
{
	cursor_skip(c, 1);
	put_run(p->d, FIELD_INTEGRITY_DIGEST, c, DIGEST);
	p->is_protected = true;
}

static bool is_digest(const struct plus *p, const struct cursor *c)
{
	return p->version == VERSION_2 && c->left >= DIGEST_PART && c->at[0] == DIGEST;
}

/* Behind the body: an id (some answers have none), in version 2 maybe a digest, zeros. */
static void tail(struct plus *p, struct cursor *c)
{
	if (!cursor_ok(c) || is_fill(c))
		return;
	if (!is_digest(p, c) || c->left != DIGEST_PART)
		plus_put_vlq(p, FIELD_INTEGRITY_ID, c);
	if (is_digest(p, c))
		put_digest(p, c);
	if (!is_fill(c))
		plus_unknown(p, c);
}

static void data(struct plus *p, struct cursor *c)
{
	p->opcode = cursor_u8(c);
	if (!cursor_ok(c))
		return;
	put_uint(p->d, FIELD_OPCODE, p->opcode);
	put_uint(p->d, FIELD_OPCODE_RAW, p->opcode);
	if (!name_of(plus_opcode_names, p->opcode)) {
		plus_fail(p, c, EVENT_UNKNOWN_OPCODE);
		return;
	}
	if (p->opcode == OPCODE_NOTIFICATION)
		plus_notification(p, c);
	else
		call(p, c);
	tail(p, c);
}

/* ---- header and trailer ---- */

static void put_fragments(struct dissect *d)
{
	const struct plus_side *s = plus_side(d);
	uint16_t count = s->fragments < LENGTHS_MAX ? s->fragments : LENGTHS_MAX;

	if (!s->is_assembled || s->fragments < 2)
		return;
	put_uint(d, FIELD_FRAGMENTS, s->fragments);
	put_bytes(d, FIELD_FRAGMENT_LENGTHS,
		keep(d, (struct bytes){ s->lengths[0], (size_t)count * 2 }));
}

/* In version 3 in front of the data. */
static void first_digest(struct plus *p, struct cursor *c)
{
	if (c->left && c->at[0] != DIGEST)
		plus_fail(p, c, EVENT_INVALID_INTEGRITY);
	else
		put_digest(p, c);
}

/* Fragments behind the first have lengths of their own. */
static bool is_trailer(const struct plus *p, const struct bytes *b)
{
	return b->len == TRAILER && b->at[0] == PROTOCOL && b->at[1] == p->version &&
		be16_at(b->at + 2) == 0;
}

static void trailer(struct plus *p, struct cursor *c)
{
	struct bytes end = cursor_rest(c);

	if (end.len > TRAILER)
		plus_fail(p, c, EVENT_INVALID_LENGTH);
	else if (!is_trailer(p, &end))
		plus_fail(p, c, EVENT_INVALID_TRAILER);
}

/* The data of all fragments. What protects them is known when they have been read. */
static void protected_data(struct plus *p, struct cursor *c)
{
	struct message *m = p->d->message;
	uint32_t item = m->count;

	put_uint(p->d, FIELD_PROTECTION, PROTECTION_NONE);
	if (p->version == VERSION_3)
		first_digest(p, c);
	data(p, c);
	if (p->is_protected && item < m->count)
		m->items[item].u = PROTECTION_INTEGRITY;
	if (!cursor_ok(c))
		plus_fail(p, c, EVENT_TRUNCATED);
}

static void data_and_trailer(struct plus *p, struct cursor *c, uint16_t length)
{
	const struct plus_side *s = plus_side(p->d);
	bool is_many = s->is_assembled && s->fragments > 1;
	size_t len = is_many && c->left > TRAILER ? c->left - TRAILER : length;
	struct cursor inner = { c->at, len < c->left ? len : c->left, false };

	if (len > c->left) {
		p->is_wrong = true;
		p->wrong = EVENT_INVALID_LENGTH;
	}
	cursor_skip(c, inner.left);
	protected_data(p, &inner);
	trailer(p, c);
}

static void system_event(struct plus *p, struct cursor *c, uint16_t length)
{
	if (length != c->left)
		plus_fail(p, c, EVENT_INVALID_LENGTH);
	p->d->message->kind = MESSAGE_ONEWAY;
	plus_system_event(p, c);
	if (!cursor_ok(c))
		plus_fail(p, c, EVENT_TRUNCATED);
}

static void versioned(struct plus *p, struct cursor *c)
{
	if (p->version == VERSION_KEEPALIVE) {
		put_u8(p->d, FIELD_KEEPALIVE, c);
		return;
	}
	uint16_t length = put_be16(p->d, FIELD_DATA_LENGTH, c);
	put_fragments(p->d);
	if (p->version == VERSION_EVENT)
		system_event(p, c, length);
	else if (name_of(plus_version_names, p->version))
		data_and_trailer(p, c, length);
	else
		plus_fail(p, c, EVENT_UNKNOWN_VERSION);
}

/* A message of another protocol tells nothing more. */
static void foreign(struct plus *p, struct cursor *c)
{
	put_u8(p->d, FIELD_PROTOCOL_ID, c);
	plus_fail(p, c, EVENT_INVALID_PROTOCOL);
}

/* ---- one message ---- */

/* Header, trailer and the length of the packet fit each other; or it is a fragment. */
static enum probe look_at(struct bytes b, uint32_t announced)
{
	if (b.len < HEADER)
		return announced < HEADER ? PROBE_NO : PROBE_MORE;
	uint32_t length = be16_at(b.at + 2);
	if (b.at[1] == VERSION_KEEPALIVE)
		return announced == HEADER ? PROBE_STRONG : PROBE_FAINT;
	if (b.at[1] == VERSION_EVENT)
		return announced == HEADER + length ? PROBE_STRONG : PROBE_FAINT;
	if (b.at[1] < VERSION_CONNECT || b.at[1] > VERSION_3)
		return PROBE_NO;
	if (announced == HEADER + length + TRAILER || announced == HEADER + length)
		return PROBE_STRONG;
	return PROBE_FAINT;
}

/* Where TLS is spoken, only what fits in all parts is not a piece of it. */
static bool is_tls(struct dissect *d, struct bytes all, uint32_t length)
{
	struct plus_flow *flow = d->state;
	bool is_sure = plus_is_tls(all) || plus_side(d)->tls_left;

	flow->is_tls |= is_sure;
	if (is_sure || !flow->is_tls)
		return is_sure;
	return !all.len || all.at[0] != PROTOCOL || look_at(all, length) != PROBE_STRONG;
}

static void payload(struct dissect *d, struct cursor *c, uint32_t length)
{
	struct plus p = { .d = d };
	struct bytes all = { c->at, c->left };

	d->message->kind = MESSAGE_ONEWAY;
	put_uint(d, FIELD_LENGTH, length);
	if (is_tls(d, all, length)) {
		plus_tls(d, c);
	} else if (all.len && all.at[0] != PROTOCOL) {
		foreign(&p, c);
	} else {
		cursor_skip(c, 1);
		p.version = put_u8(d, FIELD_VERSION, c);
		versioned(&p, c);
	}
	if (p.undecoded.len)
		put_bytes(d, FIELD_UNDECODED, p.undecoded);
	if (p.is_wrong && p.wrong != EVENT_COUNT && !d->message->is_cut)
		put_event(d, p.wrong);
}

static void connection(struct dissect *d, const struct cotp *pdu, enum cotp_fault fault)
{
	struct plus_flow *flow = d->state;

	cotp_put(d, FIELD_COTP, pdu);
	cotp_kind(d->message, pdu, flow->is_connecting);
	flow->is_connecting = pdu->type == COTP_CR;
	set_key(d, KEY_COTP, pdu->type == COTP_CR ? pdu->src_ref : pdu->dst_ref);
	if (fault != COTP_FINE && !d->message->is_cut)
		put_event(d, EVENT_MALFORMED_COTP);
}

static void s7commplus_parse(struct dissect *d, struct cursor *c)
{
	struct cotp pdu;

	if (plus_side(d)->is_assembled) {
		payload(d, c, plus_side(d)->total);
		return;
	}
	enum cotp_fault fault = cotp_read(c, &pdu);
	if (fault != COTP_FINE || pdu.type != COTP_DT)
		connection(d, &pdu, fault);
	else
		payload(d, c, pdu.length - (TPKT_HEADER + 1u + pdu.header));
}

/* ---- where messages begin and end ---- */

/* Opcode, two zeros, a known function, two zeros. */
static bool is_data_start(struct bytes data)
{
	if (data.len < 7 || be16_at(data.at + 1) || be16_at(data.at + 5))
		return false;
	bool is_opcode = data.at[0] == OPCODE_REQUEST || data.at[0] == OPCODE_RESPONSE ||
		data.at[0] == OPCODE_RESPONSE2;
	return is_opcode && plus_is_function(be16_at(data.at + 3));
}

static bool begins_message(struct bytes payload)
{
	size_t front = HEADER;

	if (payload.len < 2 || payload.at[0] != PROTOCOL)
		return false;
	if (payload.at[1] >= VERSION_EVENT)
		return true;
	if (payload.at[1] == VERSION_3)
		front += DIGEST_PART;
	return payload.len > front &&
		is_data_start((struct bytes){ payload.at + front, payload.len - front });
}

static enum sense sense_of(const struct cotp *pdu)
{
	struct bytes b = pdu->payload;

	if (pdu->type == COTP_CR || pdu->type == COTP_CC)
		return pdu->type == COTP_CR ? SENSE_REQUEST : SENSE_RESPONSE;
	if (pdu->type != COTP_DT || !begins_message(b) || b.at[1] >= VERSION_EVENT)
		return SENSE_UNKNOWN;
	uint8_t opcode = b.at[HEADER + (b.at[1] == VERSION_3 ? DIGEST_PART : 0)];
	return opcode == OPCODE_REQUEST ? SENSE_REQUEST : SENSE_RESPONSE;
}

static struct frame s7commplus_frame(const struct dissect *d, struct bytes head)
{
	struct frame frame = cotp_frame(head);
	struct cursor c = cursor_of(head);
	struct cotp pdu;

	if (frame.is == FRAME_OK && !d->side_known && cotp_read(&c, &pdu) == COTP_FINE)
		frame.sense = sense_of(&pdu);
	return frame;
}

/* COTP has cut the message: what is there of the header fits. */
static enum probe look_at_piece(struct bytes b)
{
	return b.len < 2 || name_of(plus_version_names, b.at[1]) ? PROBE_WEAK : PROBE_NO;
}

static enum probe s7commplus_probe(struct bytes head)
{
	struct cotp_look look = cotp_look(head);

	if (look.is != COTP_LOOK_DATA)
		return look.is == COTP_LOOK_MORE ? PROBE_MORE : PROBE_NO;
	struct bytes b = look.data.payload;
	if (b.len == 0)
		return PROBE_MORE;
	if (plus_is_tls(b))
		return PROBE_WEAK;
	if (b.at[0] != PROTOCOL)
		return PROBE_NO;
	return look.data.is_end ? look_at(b, look.payload_len) : look_at_piece(b);
}

static bool is_foreign(struct bytes frame)
{
	return cotp_is_foreign(frame, PROTOCOL);
}

/* ---- requests and their answers ---- */

static bool is_error(uint64_t key)
{
	return key >> 16 == ERROR || key >> 16 == ERROR_2;
}

/* An error has a function of its own; a connection is never taken for a call. */
static unsigned s7commplus_join(const struct message *request,
	const struct message *response)
{
	if (request->key == response->key)
		return 2;
	return is_error(response->key) && request->key >> 16 != KEY_COTP &&
		(uint16_t)request->key == (uint16_t)response->key;
}

static const uint16_t ports[] = { 102, 0 };

const struct dissector s7commplus_dissector = {
	.name = "s7commplus",
	.title = "S7comm-plus (S7-1200, S7-1500)",
	.source = "no public specification, observed; RFC 1006; ISO 8073",
	.fields = plus_fields,
	.field_count = FIELD_COUNT,
	.events = plus_events,
	.event_count = EVENT_COUNT,
	.tcp_ports = ports,
	.max_message = 1 << 19,
	.state_size = sizeof(struct plus_flow),
	.probe = s7commplus_probe,
	.frame = s7commplus_frame,
	.assemble = plus_assemble,
	.parse = s7commplus_parse,
	.join = s7commplus_join,
	.operate = plus_operate,
	.lone_response_event = EVENT_UNSOLICITED_RESPONSE,
	.companion = "s7comm",
	.is_foreign = is_foreign,
};
