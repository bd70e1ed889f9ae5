/* TLS 1.0 to 1.3: found on any port, so that an encrypted industrial protocol is
 * reported as that, with what its handshake says in the clear. What is encrypted gives
 * no messages and is not kept.
 *
 * RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 6066 (server name), RFC 7301 (ALPN).
 *
 *      0         1      2      3      4      5 …
 *   +---------+-------------+-------------+---------------
 *   | content | version     | length      | up to 2^14 + 2048 bytes
 *   +---------+-------------+-------------+---------------
 *   The version is 3.0 to 3.4. Handshake messages (content 22) have a type and a
 *   length of 24 bits of their own; several may stand in a record, and one may go on
 *   over several, in which case they are put together up to where both end. */
#include "tls_fields.h"

enum {
	HEADER = 5,
	HANDSHAKE_HEADER = 4,
	RECORD_MAX = (1 << 14) + 2048,
	MESSAGE_MAX = 1 << 16, /* of handshake messages together */
	SESSION_ID_MAX = 32,
	HELLO_HEAD = HEADER + HANDSHAKE_HEADER + 2 + TLS_RANDOM + 1,
};

/* How far one side has come. */
struct progress {
	uint8_t head[HANDSHAKE_HEADER]; /* of the handshake message under way */
	uint8_t have;                   /* bytes of it; 0: between two messages */
	uint32_t left;                  /* bytes of the message still to come */
	bool is_encrypted;
	bool is_telling;                /* what is under way has something to tell */
};

struct tls_flow {
	struct progress side[2];
	bool has_told; /* a message of this flow was shown */
};

/* ---- records ---- */

static bool is_content(uint8_t type)
{
	return type >= CHANGE_CIPHER_SPEC && type <= HEARTBEAT;
}

/* As far as the bytes go. */
static bool is_header(struct bytes head)
{
	return (head.len < 1 || is_content(head.at[0])) &&
		(head.len < 2 || head.at[1] == 3) && (head.len < 3 || head.at[2] <= 4) &&
		(head.len < HEADER || be16_at(head.at + 3) <= RECORD_MAX);
}

static uint32_t handshake_length(const uint8_t *at)
{
	return (uint32_t)at[1] << 16 | be16_at(at + 2);
}

static bool is_handshake(const uint8_t *at)
{
	return name_of(tls_handshake_names, at[0]) && handshake_length(at) <= MESSAGE_MAX;
}

/* Version, random and a session id of possible length: a hello, and nothing else. */
static enum probe probe_hello(struct bytes head)
{
	uint32_t least = 2 + TLS_RANDOM + 1 + 2;

	if (handshake_length(head.at + HEADER) < least)
		return PROBE_NO;
	if (head.len < HELLO_HEAD)
		return PROBE_MORE;
	const uint8_t *hello = head.at + HEADER + HANDSHAKE_HEADER;
	return hello[0] == 3 && hello[1] <= 4 && hello[2 + TLS_RANDOM] <= SESSION_ID_MAX ?
		PROBE_STRONG : PROBE_NO;
}

static enum probe probe_handshake(struct bytes head)
{
	if (head.len < HEADER + HANDSHAKE_HEADER)
		return PROBE_MORE;
	uint8_t type = head.at[HEADER];
	if (type == CLIENT_HELLO || type == SERVER_HELLO)
		return probe_hello(head);
	return PROBE_WEAK; /* another message, or an encrypted one */
}

static enum probe tls_probe(struct bytes head)
{
	if (!is_header(head))
		return PROBE_NO;
	if (head.len < HEADER)
		return PROBE_MORE;
	uint32_t length = be16_at(head.at + 3);
	if (length == 0 && head.at[0] != APPLICATION_DATA)
		return PROBE_NO;
	if (head.at[0] == HANDSHAKE)
		return length < HANDSHAKE_HEADER ? PROBE_WEAK : probe_handshake(head);
	if (head.at[0] == CHANGE_CIPHER_SPEC)
		return length == 1 ? PROBE_WEAK : PROBE_NO;
	return PROBE_WEAK;
}

static struct progress *progress_of(const struct dissect *d)
{
	return &((struct tls_flow *)d->state)->side[d->side == SIDE_SERVER];
}

/* A record that tls_assemble() would drop whatever is in it. */
static bool is_opaque(const struct dissect *d, uint8_t content)
{
	const struct tls_flow *flow = d->state;

	if (!flow || content == CHANGE_CIPHER_SPEC)
		return false;
	if (content == APPLICATION_DATA)
		return flow->has_told;
	return content == HEARTBEAT || progress_of(d)->is_encrypted;
}

static struct frame tls_frame(const struct dissect *d, struct bytes head)
{
	static const uint8_t senses[] = {
		[CLIENT_HELLO] = SENSE_REQUEST, [SERVER_HELLO] = SENSE_RESPONSE,
	};
	struct frame frame = { FRAME_MORE, 0, SENSE_UNKNOWN };

	if (!is_header(head)) {
		frame.is = FRAME_NOT;
	} else if (head.len >= HEADER) {
		frame.is = is_opaque(d, head.at[0]) ? FRAME_SKIP : FRAME_OK;
		frame.len = HEADER + be16_at(head.at + 3);
	}
	if (head.len >= HELLO_HEAD && head.at[0] == HANDSHAKE &&
	    head.at[HEADER] < sizeof(senses) && probe_hello(head) == PROBE_STRONG)
		frame.sense = senses[head.at[HEADER]];
	return frame;
}

/* ---- which records make a message ---- */

static bool tells(uint8_t type)
{
	return type == CLIENT_HELLO || type == SERVER_HELLO || type == CERTIFICATE;
}

/* Go on through the handshake messages under way; false: these are none. */
static bool advance(struct progress *p, struct cursor c)
{
	while (c.left > 0) {
		if (p->have < HANDSHAKE_HEADER) {
			p->head[p->have++] = cursor_u8(&c);
			if (p->have < HANDSHAKE_HEADER)
				continue;
			if (!is_handshake(p->head))
				return false;
			p->left = handshake_length(p->head);
			p->is_telling |= tells(p->head[0]);
		}
		uint32_t here = p->left < c.left ? p->left : (uint32_t)c.left;
		cursor_skip(&c, here);
		p->left -= here;
		p->have = p->left ? p->have : 0;
	}
	return true;
}

static enum assembled assemble_handshake(struct progress *p, struct bytes frame,
	bool is_cut, struct piece *piece)
{
	struct bytes payload = { frame.at + HEADER, frame.len - HEADER };
	bool was_open = p->have > 0;

	if (!was_open)
		p->is_telling = false;
	if (p->is_encrypted || !advance(p, cursor_of(payload))) {
		*p = (struct progress){ .is_encrypted = true };
		return ASSEMBLED_DROP;
	}
	if (is_cut) { /* where the next message begins is not known */
		p->have = 0;
		p->left = 0;
	}
	piece->is_first = !was_open;
	piece->is_later = was_open;
	piece->body = was_open ? payload : frame;
	if (p->have > 0)
		return ASSEMBLED_MORE;
	if (!p->is_telling)
		return ASSEMBLED_DROP;
	return was_open ? ASSEMBLED_DONE : ASSEMBLED_WHOLE;
}

/* Of flows that were joined later, the first encrypted record is shown, and no other. */
static enum assembled assemble_encrypted(struct tls_flow *flow)
{
	bool is_first = !flow->has_told;

	flow->has_told = true;
	return is_first ? ASSEMBLED_WHOLE : ASSEMBLED_DROP;
}

static enum assembled tls_assemble(struct dissect *d, struct bytes frame,
	struct piece *piece)
{
	struct progress *p = progress_of(d);
	uint8_t content = frame.at[0];

	if (frame.len < HEADER)
		return ASSEMBLED_DROP;
	if (content == HANDSHAKE)
		return assemble_handshake(p, frame, d->message->is_cut, piece);
	if (content == CHANGE_CIPHER_SPEC)
		p->is_encrypted = true;
	if (content == APPLICATION_DATA)
		return assemble_encrypted(d->state);
	return content == ALERT && !p->is_encrypted && frame.len == HEADER + 2 ?
		ASSEMBLED_WHOLE : ASSEMBLED_DROP;
}

/* ---- one message ---- */

/* The driver pairs a ServerHello with its ClientHello; certificates that come in a
 * record of their own belong to the hello before them. */
static void put_handshake(struct dissect *d, struct cursor *c)
{
	put_begin(d, HANDSHAKES);
	uint8_t type = put_u8(d, HANDSHAKES_TYPE, c);
	uint32_t length = (uint32_t)cursor_be(c, 3);
	if (cursor_ok(c))
		put_uint(d, HANDSHAKES_LENGTH, length);
	put_end(d);
	bool is_cut = d->message->is_cut && length > c->left;
	struct cursor body = cursor_sub(c, is_cut ? c->left : length);
	if (type == CLIENT_HELLO || type == SERVER_HELLO)
		tls_put_hello(d, &body, type == CLIENT_HELLO);
	else if (type == CERTIFICATE)
		tls_put_certificates(d, &body);
	if (!cursor_ok(&body) && !d->message->is_cut)
		put_event(d, MALFORMED_HANDSHAKE);
}

static enum message_kind kind_of_handshake(const struct dissect *d)
{
	uint64_t type = 0;

	message_uint(d->message, HANDSHAKES_TYPE, &type);
	d->message->is_continuation = type != SERVER_HELLO && d->side == SIDE_SERVER;
	if (type == CLIENT_HELLO)
		return MESSAGE_REQUEST;
	return type == SERVER_HELLO || d->side == SIDE_SERVER ? MESSAGE_RESPONSE :
		MESSAGE_ONEWAY;
}

static void put_handshakes(struct dissect *d, struct cursor *c)
{
	((struct tls_flow *)d->state)->has_told = true;
	while (c->left > 0)
		put_handshake(d, c);
	d->message->kind = kind_of_handshake(d);
}

/* A server's fatal alert refuses the hello that waits. */
static void put_alert(struct dissect *d, struct cursor *c)
{
	uint8_t level = put_u8(d, ALERT_LEVEL, c), alert = put_u8(d, ALERT_RAW, c);
	const char *name = name_of(tls_alert_names, alert);

	put_uint(d, ALERT_DESCRIPTION, alert);
	d->message->kind = d->side == SIDE_SERVER && level == 2 ? MESSAGE_RESPONSE :
		MESSAGE_ONEWAY;
	if (d->message->kind == MESSAGE_RESPONSE)
		d->message->code = name ? name : "unknown";
}

static unsigned service_of_port(uint16_t port)
{
	static const struct {
		uint16_t port;
		uint8_t service;
	} known[] = {
		{ 802, SERVICE_MODBUS }, { 502, SERVICE_MODBUS }, { 19999,
		SERVICE_DNP3 },
		{ 20000, SERVICE_DNP3 }, { 102, SERVICE_S7COMM }, { 4840,
		SERVICE_OPCUA },
		{ 4843, SERVICE_OPCUA }, { 19998, SERVICE_IEC104 },
		{ 2404, SERVICE_IEC104 }, { 2221, SERVICE_ENIP }, { 44818,
		SERVICE_ENIP }, { 3782, SERVICE_MMS },
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].port == port)
			return known[i].service;
	return 0;
}

static void put_service(struct dissect *d)
{
	unsigned service = service_of_port(d->sport);

	service = service ? service : service_of_port(d->dport);
	if (service)
		put_uint(d, SERVICE, service);
}

static void tls_parse(struct dissect *d, struct cursor *c)
{
	uint8_t content = put_u8(d, CONTENT, c);

	d->message->is_encrypted = true; /* what follows, if not this */
	put_be16(d, RECORD_VERSION, c);
	cursor_skip(c, 2);
	put_service(d);
	if (content == HANDSHAKE)
		put_handshakes(d, c);
	else if (content == ALERT)
		put_alert(d, c);
	else
		d->message->kind = MESSAGE_ONEWAY;
}

/* ---- what it means ---- */

static unsigned tls_join(const struct message *request, const struct message *response)
{
	(void)request;
	(void)response;
	return 1;
}

static void tls_operate(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	const struct item *name = request ? message_item(request, SNI) : NULL;
	struct operation op = { .verb = VERB_SESSION, .object = "tls" };

	if (!message_item(m, HANDSHAKES) || m->kind == MESSAGE_ONEWAY ||
	    m->is_continuation)
		return;
	if (name)
		op.value = (struct values){ VALUE_TEXT, 1, item_bytes(name) };
	operation_add(d, &op);
}

static const uint16_t ports[] = { 802, 4843, 19999, 443, 8443, 8883, 0 };

const struct dissector tls_dissector = {
	.name = "tls",
	.title = "TLS: encrypted connections, as far as their handshake tells",
	.source = "RFC 8446, RFC 5246, RFC 6066, RFC 7301",
	.fields = tls_fields,
	.field_count = FIELD_COUNT,
	.events = tls_events,
	.event_count = EVENT_COUNT,
	.tcp_ports = ports,
	.max_message = MESSAGE_MAX + HEADER,
	.state_size = sizeof(struct tls_flow),
	.probe = tls_probe,
	.frame = tls_frame,
	.assemble = tls_assemble,
	.parse = tls_parse,
	.join = tls_join,
	.operate = tls_operate,
	.lone_response_event = -1,
};
