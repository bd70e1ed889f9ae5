/* Modbus over TCP and UDP.
 *
 * MODBUS Application Protocol Specification V1.1b3 (2012) and MODBUS Messaging on
 * TCP/IP Implementation Guide V1.0b (2006). Names in JSON, spelled as Suricata spells
 * them, keep existing consumers working; numbers beside them keep everything that was
 * on the wire.
 *
 *      0      1      2      3      4      5      6      7      8 …
 *   +-------------+-------------+-------------+------+------+---------------
 *   | transaction | protocol 0  | length      | unit | func | data
 *   +-------------+-------------+-------------+------+------+---------------
 *   `length` counts what follows it: 2 to 254. A response repeats transaction, unit
 *   and function; an exception sets bit 7 of the function and carries one byte, its
 *   code.
 *
 * Some devices put the frames of the serial line into TCP instead (modbus_rtu.h): the
 * first message of a flow decides. The functions are in modbus_functions.c and behind
 * it. */
#include "modbus_rtu.h"

enum {
	HEADER = 6,         /* up to and with `length` */
	DATA_AT = 8,        /* where the function's data begin */
	LENGTH_MIN = 2,
	LENGTH_MAX = 254,
	UMAS_LENGTH_MIN = 4, /* UMAS has a session and a function of its own … */
	UMAS_LENGTH_MAX = 2 + 1024, /* … and its messages are longer */
};

/* ---- one message ---- */

static void put_function(struct dissect *d, uint8_t raw, const struct cursor *c)
{
	uint8_t code = raw & 0x7f;
	bool has_name = modbus_functions[code].request ||
		name_of(modbus_function_names, code);

	put_uint(d, FUNCTION_RAW, raw);
	put_uint(d, FUNCTION_CODE, has_name ? code : UNKNOWN);
	put_uint(d, ACCESS_TYPE, modbus_functions[code].access);
	put_uint(d, CATEGORY, modbus_category(raw, *c));
	put_uint(d, ERROR_FLAGS, 0);
	put_bytes(d, BODY, (struct bytes){ c->at, c->left });
}

/* Acknowledge refuses nothing: the server goes on working on a long command. */
static void put_exception(struct dissect *d, struct cursor *c)
{
	uint8_t code = put_u8(d, EXCEPTION_RAW, c);

	if (!cursor_ok(c))
		return;
	const char *name = name_of(modbus_exception_names, code);
	put_uint(d, EXCEPTION_CODE, name ? code : UNKNOWN);
	if (!is_exception_code(code))
		modbus_wrong(d, INVALID_EXCEPTION_CODE);
	if (code != ACKNOWLEDGE)
		d->message->code = name ? name : "Unknown";
}

static void put_data(struct dissect *d, struct cursor *c)
{
	put_bytes(d, DATA, cursor_rest(c));
}

static void parse_body(struct dissect *d, uint8_t raw, struct cursor *c)
{
	const struct function *f = &modbus_functions[raw & 0x7f];
	bool is_response = d->side == SIDE_SERVER;

	if (raw & EXCEPTION_BIT) {
		bool is_known = c->left == 1 || is_assigned(raw);
		if (!is_response)
			modbus_wrong(d,
				is_known ? EXCEPTION_FROM_CLIENT : INVALID_FUNCTION_CODE);
		put_exception(d, c);
	} else if (!f->request) {
		if (raw == 0)
			modbus_wrong(d, INVALID_FUNCTION_CODE);
		put_data(d, c);
	} else {
		if (f->is_plain)
			put_bytes(d, DATA, (struct bytes){ c->at, c->left });
		(is_response ? f->response : f->request)(d, c);
	}
}

/* Units 248 to 254 are reserved; 255 is how a device without units behind it is asked. */
static void check_end(struct dissect *d, uint8_t unit, const struct cursor *c,
	bool is_short)
{
	if (!cursor_ok(c) || is_short)
		modbus_wrong(d, INVALID_LENGTH);
	else if (c->left > 0)
		modbus_wrong(d, EXTRA_BYTES);
	else if (d->side == SIDE_CLIENT && unit >= 248 && unit <= 254)
		modbus_wrong(d, INVALID_UNIT_IDENTIFIER);
}

static bool is_length(uint32_t length, uint8_t raw)
{
	uint32_t most = raw == UMAS ? UMAS_LENGTH_MAX : LENGTH_MAX;

	return length >= LENGTH_MIN && length <= most;
}

static void set_side(struct dissect *d, enum side side)
{
	d->side = side;
	d->message->kind = side == SIDE_CLIENT ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
}

static struct bytes adu_of(struct bytes head)
{
	return (struct bytes){ head.at + HEADER, head.len - HEADER };
}

/* Nothing but one message, as its header has it. */
static bool is_one(struct bytes head)
{
	return head.len >= HEADER && head.len == HEADER + (size_t)be16_at(head.at + 4);
}

/* Behind mobile links the device opens the connection, and is asked over it. What says so
 * must be a request beyond doubt; of the end that opened, any message is taken for one. */
static unsigned telling_shape(const struct dissect *d, struct bytes head)
{
	struct modbus_flow *flow = d->state;

	if (flow->has_roles || head.len < DATA_AT || be16_at(head.at + 2) != 0 || !is_one(head))
		return FITS_BOTH;
	struct bytes adu = adu_of(head);
	unsigned shape = modbus_shape(adu, (uint32_t)adu.len);
	bool is_first = !flow->has_begun;
	flow->has_begun = true;
	if (is_first && d->from_start && d->side == SIDE_CLIENT && shape == FITS_BOTH)
		return FITS_REQUEST; /* who has called speaks first */
	if (shape == FITS_REQUEST && d->side == SIDE_SERVER)
		return modbus_is_consistent(adu, shape) ? shape : FITS_BOTH;
	return d->side == SIDE_CLIENT && shape == FITS_RESPONSE ? FITS_BOTH : shape;
}

static void parse_mbap(struct dissect *d, struct cursor *c)
{
	set_side(d, modbus_side(d, telling_shape(d, (struct bytes){ c->at, c->left })));
	uint16_t transaction = put_be16(d, TRANSACTION_ID, c);
	uint16_t protocol = put_be16(d, PROTOCOL_ID, c);
	uint16_t length = put_be16(d, LENGTH, c);
	uint8_t unit = put_u8(d, UNIT_ID, c);
	uint8_t raw = cursor_u8(c);

	d->message->key = key_of(transaction, unit, raw);
	if (cursor_ok(c))
		put_function(d, raw, c);
	if (!is_length(length, raw)) {
		modbus_wrong(d, INVALID_LENGTH);
		return;
	}
	bool is_short = c->left + LENGTH_MIN < length; /* the datagram ends too early */
	if (protocol != 0)
		modbus_wrong(d, INVALID_PROTOCOL_ID);
	if (cursor_ok(c))
		parse_body(d, raw, c);
	check_end(d, unit, c, is_short);
}

/* Nothing in it can be believed. */
static void put_broken(struct dissect *d, struct cursor *c)
{
	modbus_wrong(d, INVALID_CRC);
	put_data(d, c);
}

/* Of a cut frame the checksum is missing, or taken for data. */
static void parse_rtu(struct dissect *d, struct cursor *c)
{
	struct bytes frame = { c->at, c->left };
	bool is_cut = d->message->is_cut || frame.len < RTU_MIN;
	bool is_broken = !is_cut && !rtu_is_intact(frame);

	if (!is_cut && !is_broken)
		set_side(d, rtu_side(d, frame));
	struct cursor adu = cursor_sub(c, frame.len - (is_cut ? 0 : RTU_CRC));
	put_uint(d, FRAMING, FRAMING_RTU);
	uint8_t unit = put_u8(d, UNIT_ID, &adu), raw = cursor_u8(&adu);
	d->message->key = key_of(0, unit, raw);
	if (cursor_ok(&adu))
		put_function(d, raw, &adu);
	if (is_broken)
		put_broken(d, &adu);
	else if (cursor_ok(&adu))
		parse_body(d, raw, &adu);
	if (!is_broken)
		check_end(d, unit, &adu, false);
	put_be16(d, CRC, c);
}

/* ---- where messages begin and end ---- */

/* `length` alone says where a message ends, if it is one that every function may have. */
static struct frame frame_of_start(struct bytes head)
{
	bool is_known = head.len >= HEADER && be16_at(head.at + 2) == 0 &&
		is_length(be16_at(head.at + 4), 0);

	if (!is_known)
		return (struct frame){ FRAME_MORE, 0, SENSE_UNKNOWN };
	return (struct frame){ FRAME_OK, HEADER + be16_at(head.at + 4), SENSE_UNKNOWN };
}

/* A header whose protocol id is not 0 is still ours in the middle of a flow, if all the
 * rest of it is. */
static struct frame mbap_frame(const struct dissect *d, struct bytes head)
{
	static const uint8_t senses[] = {
		[FITS_REQUEST] = SENSE_REQUEST, [FITS_RESPONSE] = SENSE_RESPONSE,
		[FITS_BOTH] = SENSE_UNKNOWN,
	};

	if (head.len < DATA_AT)
		return frame_of_start(head);
	uint32_t protocol = be16_at(head.at + 2), length = be16_at(head.at + 4);
	bool is_bad = !is_length(length, head.at[DATA_AT - 1]);
	if (!is_bad && protocol == 0 && d->side_known)
		return (struct frame){ FRAME_OK, HEADER + length, SENSE_UNKNOWN };
	unsigned shape = is_bad ? FITS_NONE : modbus_shape(adu_of(head), length);
	if (protocol != 0 && shape == FITS_NONE)
		return (struct frame){ FRAME_NOT, 0, SENSE_UNKNOWN };
	if (is_bad)
		return (struct frame){ FRAME_BAD,
			length < LENGTH_MIN ? HEADER + length : DATA_AT, SENSE_UNKNOWN };
	return (struct frame){ FRAME_OK, HEADER + length, senses[shape] };
}

/* As far as the bytes go, a header with protocol id 0 and a length that is possible. */
static bool is_header(struct bytes head)
{
	if (head.len >= DATA_AT && !is_length(be16_at(head.at + 4), head.at[DATA_AT - 1]))
		return false;
	return (head.len < 3 || head.at[2] == 0) && (head.len < 4 || head.at[3] == 0) &&
		(head.len < 5 || head.at[4] <= UMAS_LENGTH_MAX >> 8) &&
		(head.len < HEADER || is_length(be16_at(head.at + 4), UMAS));
}

/* Whether it is a function that somebody defines, of a length that is its own: bytes
 * from the middle of messages often look like a header, but seldom like that. */
static bool is_defined(struct bytes head, uint32_t length)
{
	uint8_t raw = head.at[DATA_AT - 1], code = raw & 0x7f;
	bool has_data = head.len > DATA_AT;

	if (!is_assigned(code) && code != UMAS)
		return false;
	if (raw == UMAS)
		return length >= UMAS_LENGTH_MIN;
	if (raw & EXCEPTION_BIT)
		return length == 3 && (!has_data || is_exception_code(head.at[DATA_AT]));
	return modbus_shape(adu_of(head), length) != FITS_NONE;
}

/* Six bytes that many protocols could begin with: so what follows must be a message
 * that is defined; to be sure, the numbers in it must fit, and it must end where the
 * bytes end or where the next header stands. */
static enum probe mbap_probe(struct bytes head)
{
	if (!is_header(head))
		return PROBE_NO;
	if (head.len < DATA_AT)
		return PROBE_MORE;
	uint32_t length = be16_at(head.at + 4), whole = HEADER + length;
	if (!is_defined(head, length))
		return head.len < whole ? PROBE_MORE : PROBE_FAINT;
	if (head.len < whole)
		return PROBE_WEAK;
	struct bytes next = { head.at + whole, head.len - whole };
	struct bytes adu = { head.at + HEADER, length };
	return is_header(next) && modbus_is_consistent(adu, modbus_shape(adu, length)) ?
		PROBE_STRONG : PROBE_WEAK;
}

/* ---- which of the two framings ---- */

static enum probe modbus_probe(struct bytes head)
{
	enum probe mbap = mbap_probe(head);
	enum probe rtu = mbap == PROBE_STRONG ? PROBE_NO : rtu_probe(head);

	if (mbap == PROBE_FAINT && rtu == PROBE_MORE && !is_one(head))
		return PROBE_MORE;
	return rtu > mbap ? rtu : mbap;
}

/* As far as the bytes go, nothing but MBAP. */
static bool is_usual(struct bytes head)
{
	return is_header(head) &&
		(head.len < DATA_AT || is_defined(head, be16_at(head.at + 4)));
}

/* What the flow is known to be, or else what these bytes are. A message that is
 * certainly of the other framing is believed: nobody can hide commands behind a first
 * one. */
static enum framing framing_of(const struct dissect *d, struct bytes head)
{
	const struct modbus_flow *flow = d->state;
	enum framing known = flow ? flow->framing : FRAMING_UNDECIDED;

	if ((known == FRAMING_MBAP && is_usual(head)) ||
	    (known == FRAMING_RTU && !is_header(head)))
		return known;
	enum probe mbap = mbap_probe(head), rtu = rtu_probe(head);
	if (known == FRAMING_MBAP)
		return mbap < PROBE_WEAK && rtu == PROBE_STRONG ? FRAMING_RTU : known;
	if (known == FRAMING_RTU)
		return mbap >= PROBE_WEAK && rtu == PROBE_NO ? FRAMING_MBAP : known;
	if (mbap == PROBE_STRONG)
		return FRAMING_MBAP;
	if (rtu >= PROBE_WEAK) /* address 0 and a quantity look like a header; a checksum */
		return FRAMING_RTU; /* seldom fits by chance */
	return mbap == PROBE_WEAK || (mbap == PROBE_FAINT && (rtu != PROBE_MORE || is_one(head)))
		? FRAMING_MBAP : FRAMING_UNDECIDED;
}

static struct frame modbus_frame(const struct dissect *d, struct bytes head)
{
	enum framing framing = framing_of(d, head);

	if (framing == FRAMING_UNDECIDED && rtu_probe(head) == PROBE_MORE)
		return (struct frame){ FRAME_MORE, 0, SENSE_UNKNOWN };
	return framing == FRAMING_RTU ? rtu_frame(d, head) : mbap_frame(d, head);
}

static void modbus_parse(struct dissect *d, struct cursor *c)
{
	struct modbus_flow *flow = d->state;
	enum framing framing = framing_of(d, (struct bytes){ c->at, c->left });

	flow->framing = (uint8_t)framing;
	if (framing == FRAMING_RTU)
		parse_rtu(d, c);
	else
		parse_mbap(d, c);
}

/* ---- what they mean ---- */

/* What functions that nobody defines do is unknown, and a frame whose checksum is
 * wrong does nothing: no operation. */
static void modbus_operate(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	const struct function *f = &modbus_functions[function_of(m)];

	if (!f->operate || (request && is_exception(request)) ||
	    m->events >> INVALID_CRC & 1)
		return;
	if (request && response && (is_exception(response) ||
			function_of(response) != function_of(request)))
		response = NULL;
	f->operate(d, request, response);
}

static const uint16_t ports[] = { 502, 0 };

const struct dissector modbus_dissector = {
	.name = "modbus",
	.title = "Modbus over TCP and UDP",
	.source = "MODBUS Application Protocol Specification V1.1b3; "
		"MODBUS Messaging on TCP/IP Implementation Guide V1.0b; "
		"MODBUS over Serial Line V1.02; UMAS as public research knows it",
	.fields = modbus_fields,
	.field_count = FIELD_COUNT,
	.events = modbus_events,
	.event_count = EVENT_COUNT,
	.tcp_ports = ports,
	.udp_ports = ports,
	.max_message = HEADER + UMAS_LENGTH_MAX,
	.state_size = sizeof(struct modbus_flow),
	.probe = modbus_probe,
	.repeat = { .id_at = 0, .id_len = 2, .id_field = TRANSACTION_ID },
	.frame = modbus_frame,
	.parse = modbus_parse,
	.join = modbus_join,
	.check = modbus_check,
	.operate = modbus_operate,
	.lone_response_event = UNSOLICITED_RESPONSE,
};
