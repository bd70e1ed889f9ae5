/* How polls are known again without parsing them (struct repeat): Read Var jobs that came in
 * one frame, and their answers. Both are the same again but for the PDU reference, the values,
 * and what fills those of odd size up. */
#include "s7comm_operate.h"

/* Behind a TPKT and the shortest COTP header, at its message's end. */
bool s7_poll_has_id(struct bytes message)
{
	enum { COTP_LENGTH = 4, TYPE, END, PROTOCOL };
	const uint8_t *at = message.at;

	return at[0] == TPKT_VERSION && at[COTP_LENGTH] == 2 && at[TYPE] == COTP_DT &&
		at[END] & 0x80 && at[PROTOCOL] == S7_PROTOCOL_ID;
}

/* Where an item's value stands, and what type its address gives it. */
static bool find_value(const struct message *request, const struct item *address,
	const struct message *response, const struct item *data, struct repeat_value *value)
{
	const struct item *syntax = s7_in_group(request, address, ITEM_SYNTAX);
	const struct item *point = s7_in_group(request, address, ITEM_POINT);
	const struct item *bytes = s7_in_group(response, data, DATA_BYTES);
	const struct bytes *raw = &response->raw;

	if (!syntax || syntax->u != S7_SYNTAX_ANY || !point || !bytes)
		return false;
	*value = (struct repeat_value){ .at = (uint16_t)(bytes->at - raw->at),
		.len = (uint16_t)bytes->len, .type = s7_address_read(item_bytes(point)).type };
	value->fill = value->len % 2 && (size_t)value->at + value->len < raw->len;
	return true;
}

unsigned s7_poll_values(const struct message *request, const struct message *response,
	struct repeat_value *values)
{
	uint32_t at = 0, data_at = 0;
	unsigned count = 0;
	const struct item *address;

	if (s7_key_rosctr(request->key) != S7_JOB ||
		s7_key_function(request->key) != S7_READ_VAR)
		return 0;
	while ((address = s7_next_group(request, &at, ITEMS))) {
		const struct item *data = s7_next_group(response, &data_at, DATA);
		if (count == REPEAT_VALUES_MAX ||
			!find_value(request, address, response, data, &values[count++]))
			return 0;
	}
	return count;
}
