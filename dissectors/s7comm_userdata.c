/* Userdata: services of the CPU's operating system, in groups.
 *
 *   parameter: 0 | 1 | 0x12 | length | method | type and group | subfunction | sequence,
 *              and in answers data unit reference | last data unit | error code (2)
 *   data:      return code | transport size | length (2) | what the function says
 * An answer that is too long for one PDU comes in several data units of one reference. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum {
	LONG_PARAMETER = 8, /* length where the data unit and the error are there */
	DATA_HEAD = 4,
	SET_PASSWORD = 1,
	CYCLIC_UNSUBSCRIBE = 4,
	CYCLIC_READ_RECORD = 8,
	READ_CLOCK = 1,
	SET_CLOCK = 2,
	READ_CLOCK_FOLLOWING = 3,
	SET_CLOCK_2 = 4,
	NC_REQUEST_DOWNLOAD = 1,
	NC_START_UPLOAD = 6,
	CPU_READ_SZL = 1,
	CPU_MESSAGE_SERVICE = 2,
	CPU_DIAGNOSTIC = 3,
	CPU_SECOND_ALARM = 5,
	CPU_AR_SEND = 16,
	CLOCK_LENGTH = 10,
	USEND = 0,
};

static bool is_answer(uint8_t type)
{
	return type == S7_ANSWER || type == S7_NC_ANSWER;
}

static void put_raw(struct dissect *d, struct cursor *c)
{
	if (c->left > 0)
		put_rest(d, UD_DATA, c);
}

/* ---- small groups ---- */

static void put_cyclic(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->sub == CYCLIC_UNSUBSCRIBE && u->type == S7_ASK) {
		put_u8(d, CYCLIC_FUNCTION, c);
		put_u8(d, CYCLIC_JOB, c);
		return;
	}
	if (u->sub == CYCLIC_UNSUBSCRIBE ||
	    (u->sub == CYCLIC_READ_RECORD && u->type != S7_ASK)) {
		put_raw(d, c);
		return;
	}
	cursor_skip(c, 1);
	unsigned count = put_u8(d, ITEM_COUNT, c);
	if (u->type == S7_ASK && u->sub != CYCLIC_READ_RECORD) {
		put_u8(d, CYCLIC_BASE, c);
		put_u8(d, CYCLIC_FACTOR, c);
	}
	if (!cursor_ok(c))
		return;
	if (u->type == S7_ASK)
		s7_put_addresses(d, c, count, NULL);
	else
		s7_put_data(d, c, count, NULL);
}

/* The eight bytes of the password stay out. */
static void put_security(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->type == S7_ASK && u->sub == SET_PASSWORD) {
		put_uint(d, PASSWORD_PRESENT, c->left > 0);
		conceal(d, (struct bytes){ c->at, c->left });
	}
	cursor_skip(c, c->left);
}

static void put_time(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	bool reads = u->sub == READ_CLOCK || u->sub == READ_CLOCK_FOLLOWING;
	bool sets = u->sub == SET_CLOCK || u->sub == SET_CLOCK_2;

	if ((reads && u->type == S7_ANSWER) || (sets && u->type == S7_ASK))
		put_fixed(d, CLOCK, c, CLOCK_LENGTH);
	else
		put_raw(d, c);
}

/* BSEND: the address with the R_ID of the connection's program block, then its data. */
static void put_pbc(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	(void)u;
	cursor_skip(c, 4);
	put_be32(d, R_ID, c);
	put_raw(d, c);
}

static void put_nc(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->type == S7_NC_ASK && u->sub == NC_START_UPLOAD)
		cursor_skip(c, 2);
	if (u->type == S7_NC_ASK &&
	    (u->sub == NC_START_UPLOAD || u->sub == NC_REQUEST_DOWNLOAD))
		put_rest(d, FILE_NAME, c);
	else
		put_raw(d, c);
}

static void put_diagnostic(struct dissect *d, struct cursor *c)
{
	const struct s7_records record = { .id = 0xa0 };

	put_begin(d, SZL);
	s7_put_szl_record(d, &record, c);
	put_end(d);
}

static void put_cpu(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->sub == CPU_READ_SZL)
		s7_put_szl(d, u, c);
	else if (u->sub == CPU_MESSAGE_SERVICE)
		s7_put_message_service(d, u, c);
	else if (u->sub == CPU_DIAGNOSTIC)
		put_diagnostic(d, c);
	else if (u->sub >= CPU_SECOND_ALARM && u->sub != CPU_AR_SEND)
		s7_put_alarm(d, u, c);
	else
		put_raw(d, c);
}

/* ---- the parameter ---- */

/* Two bits and a group of six; only Sinumerik's bits are all ones in the group. */
static void split_type(struct s7_userdata *u, uint8_t byte)
{
	uint8_t group = byte & 0x3f;

	if (group > S7_NC && group != 0x3f) {
		u->type = byte >> 6 << 2;
		u->group = group;
	} else {
		u->type = byte >> 4;
		u->group = byte & 0x0f;
	}
}

static void put_error(struct dissect *d, struct cursor *c)
{
	uint16_t error = cursor_be16(c);
	struct message *m = d->message;

	if (!cursor_ok(c))
		return;
	put_uint(d, UD_ERROR_RAW, error);
	if (error == 0)
		return;
	put_uint(d, UD_ERROR, error);
	if (m->kind == MESSAGE_RESPONSE) {
		m->code = name_of(s7_error_names, error);
		m->code = m->code ? m->code : "unknown";
	}
}

static void set_kind(struct dissect *d, const struct s7_userdata *u)
{
	bool asks = u->type == S7_ASK || u->type == S7_NC_ASK;

	d->message->kind = asks ? MESSAGE_REQUEST :
		is_answer(u->type) ? MESSAGE_RESPONSE : MESSAGE_ONEWAY;
	d->message->key |= s7_key(0, 0, u->group, u->sub);
}

static void put_function(struct dissect *d, const struct s7_userdata *u)
{
	put_uint(d, UD_TYPE, u->type);
	put_uint(d, UD_TYPE_RAW, u->type);
	put_uint(d, UD_GROUP, u->group);
	put_uint(d, UD_GROUP_RAW, u->group);
	put_uint(d, UD_SUB, s7_ud_function(u->group, u->sub));
	put_uint(d, UD_SUB_RAW, u->sub);
	set_kind(d, u);
}

static void put_data_unit(struct dissect *d, struct s7_userdata *u, struct cursor *c)
{
	u->ref = put_u8(d, UD_DATA_UNIT_REF, c);
	u->is_last = put_u8(d, UD_LAST_DATA_UNIT, c) == 0;
	put_error(d, c);
}

/* USEND: the address of the parameter is an R_ID, and there is no function. */
static void put_usend(struct dissect *d, struct cursor *param, struct cursor *data)
{
	const struct s7_userdata u = { .type = S7_PUSH, .group = S7_PBC, .sub = USEND };

	put_function(d, &u);
	cursor_skip(param, 1);
	put_be32(d, R_ID, param);
	cursor_skip(data, 2);
	uint16_t count = put_be16(d, ITEM_COUNT, data);
	if (cursor_ok(data))
		s7_put_data(d, data, count, NULL);
}

/* ---- the data ---- */

/* Which data units go on with what came before. Lists of several jobs may be under way at
 * once; each block that is sent (PBC) has a head of its own. */
static bool find_list(struct s7 *s7, const struct s7_userdata *u)
{
	for (s7->list = LISTS_MAX - 1; s7->list > 0; s7->list--) {
		const struct s7_records *r = &s7->lists[s7->list];
		if (r->is_open && r->type == u->type && r->ref == u->ref &&
			r->group == u->group && r->sub == u->sub)
			return true;
	}
	return false;
}

static void open_list(struct s7 *s7, const struct s7_userdata *u)
{
	for (s7->list = LISTS_MAX - 1; s7->list > 0 && s7->lists[s7->list].is_open;)
		s7->list--;
	if (s7->list == 0)
		s7->list = (uint8_t)(1 + s7->oldest++ % (LISTS_MAX - 1));
	s7->lists[s7->list] = (struct s7_records){ .is_open = true, .type = u->type,
		.ref = u->ref, .group = u->group, .sub = u->sub };
}

/* A question without data for the rest of an answer; mostly without its reference. */
static void ask_more(struct s7 *s7, uint16_t ref)
{
	unsigned at = s7->next_more++ % LISTS_MAX;

	s7->more_refs[at] = ref;
	s7->more |= (uint8_t)(1u << at);
}

static bool end_question(struct s7 *s7, uint16_t ref)
{
	for (unsigned i = 0; i < LISTS_MAX; i++)
		if (s7->more >> i & 1 && s7->more_refs[i] == ref) {
			s7->more &= (uint8_t)~(1u << i);
			return true;
		}
	return false;
}

static void follow_units(struct dissect *d, struct s7_userdata *u)
{
	struct s7 *s7 = s7_of(d);
	uint16_t ref = (uint16_t)(d->message->key >> 32);
	bool asks_more = u->type == S7_ASK && u->sequence && u->length == 0;
	bool goes_on = u->type == S7_ANSWER && end_question(s7, ref);

	s7->list = 0;
	if (asks_more)
		ask_more(s7, ref);
	else if (u->type == S7_ASK)
		end_question(s7, ref);
	if (!u->ref || u->group == S7_PBC || asks_more)
		return;
	u->is_later = find_list(s7, u) || goes_on;
	if (u->is_later ? s7->list == 0 : !u->is_last)
		open_list(s7, u);
	s7->is_part = !u->is_last;
}

static void put_body(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	static void (*const groups[])(struct dissect *, const struct s7_userdata *,
		struct cursor *) = {
		[S7_PROGRAMMER] = s7_put_test, [S7_CYCLIC] = put_cyclic,
		[S7_BLOCK] = s7_put_block_function, [S7_CPU] = put_cpu,
		[S7_SECURITY] = put_security, [S7_PBC] = put_pbc, [S7_TIME] = put_time,
		[S7_NC] = put_nc,
	};

	if (u->is_later && u->type != S7_ANSWER)
		put_raw(d, c);
	else if (u->is_later)
		s7_put_records(d, u, c);
	else if (u->group < sizeof(groups) / sizeof(*groups) && groups[u->group])
		groups[u->group](d, u, c);
	else
		put_raw(d, c);
}

/* An answer may refuse in its data alone; 0x0a stands there when it has none, too. */
static void see_refusal(struct message *m, uint8_t code)
{
	bool is_good = code == S7_SUCCESS || code == S7_NO_OBJECT || code == 0;

	if (m->kind == MESSAGE_RESPONSE && !m->code && !is_good)
		m->code = name_of(s7_code_names, code);
}

static void put_data(struct dissect *d, struct s7_userdata *u, struct cursor *data)
{
	u->length = s7_put_data_head(d, data, &u->code);
	uint32_t length = u->length;
	if (!cursor_ok(data))
		return;
	see_refusal(d->message, u->code);
	follow_units(d, u);
	struct s7_records *r = s7_list(d);
	if (length > data->left)
		s7_wrong(d, INVALID_DATA_LENGTH);
	struct cursor body = cursor_of(s7_up_to(data, length));
	if (body.left > 0)
		put_body(d, u, &body);
	if (!cursor_ok(&body))
		s7_wrong(d, INVALID_DATA_LENGTH);
	if (u->is_later && u->is_last)
		r->is_open = false;
}

void s7_put_userdata(struct dissect *d, struct cursor *param, struct cursor *data)
{
	struct s7_userdata u = { .is_last = true };

	cursor_skip(param, 3);
	uint8_t length = cursor_u8(param);
	uint8_t method = cursor_u8(param);
	if (cursor_ok(param) && method == S7_SYNTAX_PBC) {
		put_usend(d, param, data);
		return;
	}
	split_type(&u, cursor_u8(param));
	u.sub = cursor_u8(param);
	if (!cursor_ok(param)) {
		s7_wrong(d, INVALID_PARAMETER);
		return;
	}
	put_function(d, &u);
	u.sequence = put_u8(d, UD_SEQUENCE, param);
	if (length >= LONG_PARAMETER)
		put_data_unit(d, &u, param);
	if (!cursor_ok(param))
		s7_wrong(d, INVALID_PARAMETER);
	if (data->left >= DATA_HEAD && u.group != S7_MODE_TRANSITION)
		put_data(d, &u, data);
}
