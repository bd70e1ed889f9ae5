/* What concerns the device itself: diagnostics, counters, identification. Functions 7,
 * 8, 11, 12, 17 and 43. */
#include "modbus_pdu.h"

/* ---- serial line functions: 7, 8, 11, 12, 17 ---- */

void modbus_put_nothing(struct dissect *d, struct cursor *c)
{
	(void)d;
	(void)c;
}

void modbus_put_exception_status(struct dissect *d, struct cursor *c)
{
	put_u8(d, EXCEPTION_STATUS, c);
}

/* Two bytes of data, in requests mostly zeros; in subfunction 0 they are the client's. */
static void check_diagnostic(struct dissect *d, uint16_t sub, struct bytes data)
{
	if (data.len != 2) {
		modbus_wrong(d, data.len < 2 ? INVALID_LENGTH : EXTRA_BYTES);
		return;
	}
	uint16_t value = be16_at(data.at);
	bool is_fine = value == 0 || (sub == RESTART && value == 0xff00) ||
		(sub == CHANGE_DELIMITER && (value & 0xff) == 0);
	if (d->side == SIDE_CLIENT && !is_fine)
		modbus_wrong(d, INVALID_VALUE);
}

void modbus_put_diagnostic(struct dissect *d, struct cursor *c)
{
	uint16_t sub = put_be16(d, DIAGNOSTIC_RAW, c);

	if (!cursor_ok(c))
		return;
	bool is_known = sub < UNKNOWN && name_of(modbus_diagnostic_names, sub);
	put_uint(d, DIAGNOSTIC_CODE, is_known ? sub : UNKNOWN);
	key_sub(d, sub);
	struct bytes data = cursor_rest(c);
	put_bytes(d, DIAGNOSTIC_DATA, data);
	put_bytes(d, DIAGNOSTIC_VALUES, data);
	if (is_known && sub != QUERY_DATA && sub <= CLEAR_OVERRUN)
		check_diagnostic(d, sub, data);
}

void modbus_put_comm_event_counter(struct dissect *d, struct cursor *c)
{
	put_be16(d, COMM_STATUS, c);
	put_be16(d, COMM_EVENT_COUNT, c);
}

void modbus_put_comm_event_log(struct dissect *d, struct cursor *c)
{
	uint8_t count = put_u8(d, COMM_BYTE_COUNT, c);

	if (cursor_ok(c) && (count < 6 || count != c->left))
		modbus_wrong(d, INVALID_BYTE_COUNT);
	put_be16(d, COMM_STATUS, c);
	put_be16(d, COMM_EVENT_COUNT, c);
	put_be16(d, COMM_MESSAGE_COUNT, c);
	put_run(d, COMM_EVENTS, c, count < 6 ? 0 : count - 6u);
}

static bool is_run_indicator(uint8_t value)
{
	return value == 0 || value == 0xff;
}

/* The specification leaves the layout to the device. Found in the field: one byte of
 * id, run indicator, more; or an id as text with the run indicator at its end. */
void modbus_put_server_id(struct dissect *d, struct cursor *c)
{
	uint8_t count = put_u8(d, SERVER_BYTE_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (count != c->left)
		modbus_wrong(d, INVALID_BYTE_COUNT);
	bool is_cut = count > c->left;
	struct cursor s = cursor_of(up_to(c, count));
	bool has_short_id = s.left >= 2 && is_run_indicator(s.at[1]);
	bool has_run = has_short_id || (s.left >= 2 &&
			!is_cut && is_run_indicator(s.at[s.left - 1]));
	put_run(d, SERVER_ID, &s, has_short_id ? 1 : s.left - has_run);
	if (has_run)
		put_u8(d, SERVER_RUN, &s);
	if (s.left > 0)
		put_rest(d, SERVER_ADDITIONAL, &s);
}

/* ---- encapsulated interface transport: 43 ---- */

static void put_read_code(struct dissect *d, struct cursor *c)
{
	uint8_t code = put_u8(d, MEI_READ_CODE, c);

	if (cursor_ok(c) && !name_of(modbus_read_device_id_names, code))
		modbus_wrong(d, INVALID_VALUE);
	key_fit(d, code);
}

static void put_object(struct dissect *d, struct cursor *c)
{
	put_begin(d, MEI_OBJECTS);
	uint8_t id = put_u8(d, MEI_OBJECTS_ID, c);
	if (cursor_ok(c) && name_of(modbus_object_names, id))
		put_uint(d, MEI_OBJECTS_NAME, id);
	put_run(d, MEI_OBJECTS_VALUE, c, put_u8(d, MEI_OBJECTS_LENGTH, c));
	put_end(d);
}

static void put_device_id(struct dissect *d, struct cursor *c)
{
	put_read_code(d, c);
	put_u8(d, MEI_CONFORMITY, c);
	put_u8(d, MEI_MORE_FOLLOWS, c);
	put_u8(d, MEI_NEXT_OBJECT, c);
	uint8_t count = put_u8(d, MEI_OBJECT_COUNT, c);
	for (; count > 0 && cursor_ok(c); count--)
		put_object(d, c);
}

void modbus_put_mei(struct dissect *d, struct cursor *c)
{
	uint8_t type = put_u8(d, MEI_RAW, c);

	if (!cursor_ok(c))
		return;
	put_uint(d, MEI_CODE, name_of(modbus_mei_names, type) ? type : UNKNOWN);
	key_sub(d, type);
	put_bytes(d, MEI_DATA, (struct bytes){ c->at, c->left });
	if (type != MEI_DEVICE_ID) {
		cursor_skip(c, c->left);
	} else if (d->side == SIDE_SERVER) {
		put_device_id(d, c);
	} else {
		put_read_code(d, c);
		put_u8(d, MEI_OBJECT_ID, c);
	}
}

/* ---- what they mean ---- */

void modbus_operate_discover(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct item *additional = modbus_either(response, NULL, SERVER_ADDITIONAL);
	struct operation op = modbus_operation(request, response, VERB_DISCOVER);

	operation_add(d, &op);
	for (uint32_t i = 0; additional && i < additional->len; i++)
		if (additional->at[i] < 0x20 || additional->at[i] > 0x7e)
			return;
	if (additional && additional->len > 2)
		identity_add(d, IDENTITY_PRODUCT, item_bytes(additional));
}

void modbus_operate_diagnose(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct operation op = modbus_operation(request, response, VERB_DIAGNOSE);

	operation_add(d, &op);
}

/* A device forced to listen does not answer that request; some refuse it, though: so
 * the answer is waited for. */
void modbus_operate_diagnostic(struct dissect *d, const struct message *request,
	const struct message *response)
{
	static const uint8_t verbs[] = {
		[RESTART] = VERB_RESTART, [CHANGE_DELIMITER] = VERB_CONFIG,
		[LISTEN_ONLY] = VERB_MODE_CHANGE, [CLEAR_COUNTERS] = VERB_CONFIG,
		[CLEAR_OVERRUN] = VERB_CONFIG,
	};
	const struct item *sub = modbus_either(request, response, DIAGNOSTIC_RAW);
	struct operation op = modbus_operation(request, response, VERB_DIAGNOSE);

	if (sub && sub->u < sizeof(verbs) && verbs[sub->u])
		op.verb = verbs[sub->u];
	operation_add(d, &op);
}

static void identify(struct dissect *d, const struct message *response)
{
	/* By object id. A model's name says more than the product's, and comes later. */
	static const uint8_t identities[] = {
		IDENTITY_VENDOR, IDENTITY_PRODUCT, IDENTITY_FIRMWARE, IDENTITY_COUNT,
		IDENTITY_MODEL, IDENTITY_MODEL, IDENTITY_NAME,
	};
	uint32_t at = 0;
	const struct item *id, *value;

	while ((id = modbus_next(response, &at, MEI_OBJECTS_ID)) &&
	       (value = modbus_next(response, &at, MEI_OBJECTS_VALUE)))
		if (id->u < sizeof(identities) && identities[id->u] < IDENTITY_COUNT)
			identity_add(d, identities[id->u], item_bytes(value));
}

/* Inside CANopen, reading and writing are not told apart: it may be a command. */
void modbus_operate_mei(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct item *type = modbus_either(request, response, MEI_RAW);
	bool is_canopen = type && type->u == MEI_CANOPEN;
	struct operation op = modbus_operation(request, response, VERB_DISCOVER);

	if (!type || (!is_canopen && type->u != MEI_DEVICE_ID))
		return;
	if (is_canopen) {
		op.verb = VERB_CONTROL;
		op.object = "canopen";
	}
	operation_add(d, &op);
	if (response && !response->events && !response->is_cut)
		identify(d, response);
}
