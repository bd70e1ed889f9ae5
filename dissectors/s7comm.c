/* S7comm: the protocol of Siemens S7-300 and S7-400, and of those compatible to them.
 *
 * There is no public specification. Names are those of Wireshark's dissector; the error
 * codes are Siemens' own. It rides on COTP (dissect/cotp.h), TCP port 102.
 *
 *      0      1      2      3      4      5      6      7      8      9     10     11
 *   +------+------+-------------+-------------+-------------+-------------+------+-----+
 *   | 0x32 |ROSCTR| redundancy  | PDU ref     | parameter   | data        | class  code|
 *   +------+------+-------------+-------------+-------------+-------------+------+-----+
 *   Class and code of an error stand in answers only. Then come as many bytes of
 *   parameter, which begins with the function, and of data.
 *
 * Files: _probe finds it and cuts it into messages; _address and _data are what Read Var
 * and Write Var carry, _block transfers, _pi program invocations, _userdata the groups of
 * userdata with _szl, _list, _alarm and _test; _operate, _variable, _service and
 * _identity say what all of it means; _poll what of a read is the same again; _fields,
 * _names and _errors are tables, _text how addresses and times read. */
#include "s7comm_names.h"
#include "s7comm_operate.h"

enum { PDU_LENGTH_MIN = 64 };
enum { REF_AT = TPKT_HEADER + 3 + 4 }; /* the PDU reference in a message of one frame */

/* ---- one message ---- */

void s7_wrong(struct dissect *d, unsigned event)
{
	if (!d->message->is_cut && !d->message->events && !s7_of(d)->is_part)
		put_event(d, event);
}

struct pdu {
	uint8_t rosctr, error_class, error_code;
	uint16_t ref, param_len, data_len;
};

/* An error makes an answer a refusal. */
static void put_error(struct dissect *d, const struct pdu *pdu)
{
	unsigned error = (unsigned)pdu->error_class << 8 | pdu->error_code;
	const char *name = name_of(s7_error_names, error);

	if (error == 0)
		return;
	put_uint(d, ERROR_CLASS, pdu->error_class);
	put_uint(d, ERROR_CLASS_RAW, pdu->error_class);
	put_uint(d, ERROR_CODE, pdu->error_code);
	put_uint(d, ERROR_NAME, error);
	if (!name)
		name = name_of(s7_error_class_names, pdu->error_class);
	d->message->code = name ? name : "unknown";
}

static void put_header(struct dissect *d, struct pdu *pdu, struct cursor *c)
{
	cursor_skip(c, 1);
	pdu->rosctr = cursor_u8(c);
	uint16_t redundancy = cursor_be16(c);
	if (!cursor_ok(c))
		return;
	put_uint(d, ROSCTR, pdu->rosctr);
	put_uint(d, ROSCTR_RAW, pdu->rosctr);
	pdu->ref = put_be16(d, PDU_REF, c);
	if (redundancy)
		put_uint(d, REDUNDANCY_ID, redundancy);
	pdu->param_len = cursor_be16(c);
	pdu->data_len = cursor_be16(c);
	if (s7_is_answer(pdu->rosctr)) {
		pdu->error_class = cursor_u8(c);
		pdu->error_code = cursor_u8(c);
	}
	if (cursor_ok(c))
		put_error(d, pdu);
}

static void put_setup(struct dissect *d, struct cursor *param)
{
	struct s7 *s7 = s7_of(d);

	if (param->left == 0 && d->message->code)
		return;
	cursor_skip(param, 1);
	put_be16(d, MAX_AMQ_CALLING, param);
	put_be16(d, MAX_AMQ_CALLED, param);
	uint16_t length = put_be16(d, SETUP_PDU_LENGTH, param);
	if (!cursor_ok(param))
		s7_wrong(d, INVALID_PARAMETER);
	else if (d->message->kind == MESSAGE_RESPONSE)
		s7->pdu_length = length >= PDU_LENGTH_MIN ? length : 0;
	d->has_changed = true;
}

static void put_read_write_job(struct dissect *d, uint8_t function, struct cursor *param,
	struct cursor *data)
{
	uint8_t types[256] = { 0 };
	unsigned count = put_u8(d, ITEM_COUNT, param);

	if (!cursor_ok(param)) {
		s7_wrong(d, INVALID_PARAMETER);
		return;
	}
	s7_put_addresses(d, param, count, types);
	if (param->left > 0 || count == 0)
		s7_wrong(d, INVALID_ITEM_COUNT);
	if (function != S7_WRITE_VAR)
		return;
	s7_put_data(d, data, count, types);
	if (cursor_ok(data) && data->left > 0)
		s7_wrong(d, INVALID_ITEM_COUNT);
}

static void put_read_write_answer(
	struct dissect *d, uint8_t function, struct cursor *param, struct cursor *data)
{
	if (param->left == 0 && d->message->code)
		return;
	unsigned count = put_u8(d, ITEM_COUNT, param);
	if (!cursor_ok(param))
		s7_wrong(d, INVALID_PARAMETER);
	else if (data->left == 0 && d->message->code)
		return;
	else if (function == S7_WRITE_VAR)
		s7_put_codes(d, data, count);
	else
		s7_put_data(d, data, count, NULL);
	if (cursor_ok(data) && data->left > 0)
		s7_wrong(d, INVALID_ITEM_COUNT);
}

static void put_unknown(struct dissect *d, struct cursor *param, struct cursor *data)
{
	if (param->left > 0)
		put_rest(d, PARAMETER, param);
	if (data->left > 0)
		put_rest(d, PDU_DATA, data);
}

static void put_function(struct dissect *d, const struct pdu *pdu, struct cursor *param,
	struct cursor *data)
{
	bool is_job = pdu->rosctr == S7_JOB;
	uint8_t function = cursor_u8(param);

	put_uint(d, FUNCTION, function);
	put_uint(d, FUNCTION_RAW, function);
	d->message->key = s7_key(pdu->ref, pdu->rosctr, function, 0);
	if (function == S7_SETUP)
		put_setup(d, param);
	else if ((function == S7_READ_VAR || function == S7_WRITE_VAR) && is_job)
		put_read_write_job(d, function, param, data);
	else if (function == S7_READ_VAR || function == S7_WRITE_VAR)
		put_read_write_answer(d, function, param, data);
	else if (function >= S7_REQUEST_DOWNLOAD && function <= S7_END_UPLOAD)
		s7_put_transfer(d, function, is_job, param, data);
	else if (function == S7_PI_SERVICE && is_job)
		s7_put_pi(d, param);
	else if (function == S7_PLC_STOP && is_job)
		s7_put_stop(d, param);
	else
		put_unknown(d, param, data);
}

/* The lengths of the header against what is there. */
static void check_lengths(
	struct dissect *d, const struct pdu *pdu, size_t there, size_t header)
{
	uint32_t said = (uint32_t)pdu->param_len + pdu->data_len;
	uint32_t agreed = s7_of(d)->pdu_length;

	if (said != there)
		s7_wrong(d, INVALID_LENGTH);
	else if (agreed && header + said > agreed)
		s7_wrong(d, PDU_TOO_LONG);
}

static void put_pdu(struct dissect *d, struct cursor *c)
{
	struct pdu pdu = { 0 };
	struct message *m = d->message;

	put_header(d, &pdu, c);
	m->key = s7_key(pdu.ref, pdu.rosctr, 0, 0);
	m->kind = pdu.rosctr == S7_JOB ? MESSAGE_REQUEST :
		s7_is_answer(pdu.rosctr) ? MESSAGE_RESPONSE : MESSAGE_ONEWAY;
	if (!cursor_ok(c)) {
		s7_wrong(d, INVALID_LENGTH);
		return;
	}
	if (!s7_is_rosctr(pdu.rosctr)) {
		s7_wrong(d, UNKNOWN_ROSCTR);
		return;
	}
	check_lengths(d, &pdu, c->left,
		s7_is_answer(pdu.rosctr) ? S7_ANSWER_HEADER : S7_HEADER);
	struct cursor param = cursor_of(s7_up_to(c, pdu.param_len));
	struct cursor data = cursor_of(s7_up_to(c, pdu.data_len));
	if (pdu.rosctr == S7_USERDATA)
		s7_put_userdata(d, &param, &data);
	else if (param.left > 0)
		put_function(d, &pdu, &param, &data);
}

/* ---- what carries it ---- */

static void remember_unit(struct s7 *s7, struct bytes tsap)
{
	char text[FORMAT_MAX];
	static const char digits[] = "01234567";
	size_t len;

	if (cotp_is_s7_tsap(tsap)) {
		unsigned slot = tsap.at[1] & 0x1f;
		char *at = mempcpy(text, "rack r slot ", 12);
		text[5] = digits[tsap.at[1] >> 5];
		if (slot >= 10)
			*at++ = (char)('0' + slot / 10);
		*at++ = (char)('0' + slot % 10);
		len = (size_t)(at - text);
	} else {
		len = cotp_tsap_text(tsap, text);
	}
	s7->unit_len = (uint8_t)(len < UNIT_MAX ? len : UNIT_MAX);
	memcpy(s7->unit, text, s7->unit_len);
}

static void put_connection(struct dissect *d, const struct cotp *pdu)
{
	struct s7 *s7 = s7_of(d);
	bool is_answered =
		pdu->type == COTP_CC || pdu->type == COTP_DR || pdu->type == COTP_ER;

	cotp_put(d, COTP_AT, pdu);
	cotp_kind(d->message, pdu, s7->is_connecting);
	d->message->key = s7_key(0, 0, pdu->type, 0);
	if (pdu->type == COTP_CR) {
		remember_unit(s7, pdu->dst_tsap);
		s7->pdu_length = 0;
		d->has_changed = true;
		s7->download.is_open = s7->upload.is_open = false;
		s7->more = 0;
		memset(s7->lists, 0, sizeof(s7->lists));
	}
	s7->is_connecting = pdu->type == COTP_CR || (s7->is_connecting && !is_answered);
}

static void put_fault(struct dissect *d, const struct cotp *pdu, enum cotp_fault fault)
{
	if (fault == COTP_BAD_PARAMETER)
		put_connection(d, pdu);
	else
		d->message->kind = MESSAGE_ONEWAY;
	s7_wrong(d, fault == COTP_BAD_LENGTH || fault == COTP_SHORT ? BAD_TPKT_LENGTH :
		BAD_COTP_HEADER);
}

/* Data that came in one piece still have their TPKT; others are the S7 message alone. */
static void s7comm_parse(struct dissect *d, struct cursor *c)
{
	bool is_tpkt = !s7_of(d)->cotp.is_bare;
	struct cotp pdu;
	enum cotp_fault fault = is_tpkt ? cotp_read(c, &pdu) : COTP_FINE;

	s7_of(d)->is_part = false;
	if (fault != COTP_FINE) {
		put_fault(d, &pdu, fault);
	} else if (is_tpkt && pdu.type != COTP_DT) {
		put_connection(d, &pdu);
		if (c->left > 0)
			s7_wrong(d, BAD_TPKT_LENGTH);
	} else if (c->left > 0 && c->at[0] != S7_PROTOCOL_ID) {
		d->message->kind = MESSAGE_ONEWAY;
		put_uint(d, PROTOCOL_ID, c->at[0]);
		s7_wrong(d, UNKNOWN_PROTOCOL_ID);
	} else {
		put_pdu(d, c);
	}
}

static enum assembled s7comm_assemble(struct dissect *d, struct bytes frame,
	struct piece *piece)
{
	return cotp_assemble(&s7_of(d)->cotp, d, S7_PROTOCOL_ID, frame, piece);
}

/* Programming tools speak S7comm-plus on the same connection. */
static bool is_foreign(struct bytes frame)
{
	return cotp_is_foreign(frame, S7_PROTOCOL_ID);
}

/* ---- requests and their answers ---- */

enum { NOT_ITS, OTHER_FUNCTION, NO_FUNCTION, EXACT };

/* Connections are asked for with ROSCTR 0 in the key, the COTP type as function. */
static unsigned s7comm_join(const struct message *request, const struct message *response)
{
	uint64_t ask = request->key, answer = response->key;
	uint8_t ask_kind = s7_key_rosctr(ask), answer_kind = s7_key_rosctr(answer);

	if (ask_kind == 0 || answer_kind == 0)
		return ask_kind == answer_kind ? EXACT : NOT_ITS;
	if (ask >> 32 != answer >> 32 ||
		(ask_kind == S7_USERDATA) != (answer_kind == S7_USERDATA))
		return NOT_ITS;
	if ((ask & 0xffff) == (answer & 0xffff))
		return EXACT;
	bool has_function =
		answer_kind == S7_USERDATA || message_item(response, FUNCTION_RAW);
	return has_function && !response->is_cut ? OTHER_FUNCTION : NO_FUNCTION;
}

static void s7comm_check(struct dissect *d, const struct message *request)
{
	struct message *m = d->message;
	uint64_t asked, answered;

	if (s7_key_rosctr(m->key) == 0 || request->is_cut)
		return;
	if (s7comm_join(request, m) == OTHER_FUNCTION)
		s7_wrong(d, FUNCTION_MISMATCH);
	else if (s7_key_rosctr(m->key) == S7_ACK_DATA && !m->code && !request->events &&
		 message_uint(request, ITEM_COUNT, &asked) &&
		 message_uint(m, ITEM_COUNT, &answered) && asked != answered)
		s7_wrong(d, ITEM_COUNT_MISMATCH);
}

static const uint16_t ports[] = { 102, 0 };

const struct dissector s7comm_dissector = {
	.name = "s7comm",
	.title = "S7comm over TCP: Siemens S7-300, S7-400 and compatible",
	.source = "no public specification: Wireshark's names, Siemens' error codes; "
		"RFC 1006, ISO 8073",
	.fields = s7_fields,
	.field_count = FIELD_COUNT,
	.events = s7_events,
	.event_count = S7_EVENT_COUNT,
	.tcp_ports = ports,
	.max_message = TPKT_MAX,
	.state_size = sizeof(struct s7),
	.probe = s7_probe,
	.repeat = { .id_at = REF_AT, .id_len = 2, .id_field = PDU_REF, .has_id = s7_poll_has_id,
		.values = s7_poll_values, .value = s7_values },
	.frame = s7_frame,
	.assemble = s7comm_assemble,
	.parse = s7comm_parse,
	.join = s7comm_join,
	.check = s7comm_check,
	.operate = s7_operate,
	.lone_response_event = UNSOLICITED_RESPONSE,
	.companion = "s7commplus",
	.is_foreign = is_foreign,
};
