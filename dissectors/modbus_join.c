/* Requests and their answers, and what the two together say. */
#include "modbus_pdu.h"

/* ---- which request does a response answer? ---- */

/* Where the keys differ. Parts of a cut message's key that are 0 may be missing. */
static uint64_t difference(const struct message *request, const struct message *response)
{
	static const uint64_t parts[] = { /* unit, function, subfunction, fit */
		0xff0000000000, 0xff00000000, 0xffff0000, 0xffff,
	};
	uint64_t differ = request->key ^ response->key;

	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if ((request->is_cut && !(request->key & parts[i])) ||
		    (response->is_cut && !(response->key & parts[i])))
			differ &= ~parts[i];
	return differ;
}

/* Whether the answer repeats what it must, as far as both are there. */
static bool is_echo(const struct message *request, const struct message *response)
{
	const struct item *asked = message_item(request, BODY);
	const struct item *answer = message_item(response, BODY);
	uint8_t code = function_of(response);
	uint32_t echo = modbus_functions[code].echo;

	if (code == DIAGNOSTICS && (response->key >> 16 & 0xffff) == QUERY_DATA)
		echo = ECHO_ALL;
	if (!asked || !answer || !echo)
		return true;
	uint32_t first = asked->len < echo ? asked->len : echo;
	uint32_t second = answer->len < echo ? answer->len : echo;
	uint32_t both = first < second ? first : second;
	return (first == second || request->is_cut || response->is_cut) &&
		bytes_equal((struct bytes){ asked->at, both },
			(struct bytes){ answer->at, both });
}

enum { NOT_ITS, NO_ID, OTHER_FUNCTION, OTHER_UNIT, OTHER_VALUES, AS_FAR_AS_SEEN, EXACT };

/* Of one unit and function: which request has the size, the place and the values that
 * the answer has? An exception says nothing of them. */
static unsigned join_values(const struct message *request, const struct message *response)
{
	if (is_exception(response))
		return EXACT;
	if ((uint32_t)difference(request, response) || !is_echo(request, response))
		return OTHER_VALUES;
	return request->is_cut || response->is_cut ? AS_FAR_AS_SEEN : EXACT;
}

/* Units 0 and 255 behind MBAP's header: the device itself, which may answer by its own name. */
static bool is_itself(const struct message *request)
{
	uint8_t unit = request->key >> 40 & 0xff;

	return (unit == 0 || unit == 255) && message_item(request, TRANSACTION_ID);
}

/* A server repeats the transaction id; a client that always uses the same one is
 * answered in order, so the oldest of equals is right, if an answer before was not
 * lost: then what the answer repeats tells. Some gateways answer everything with id 0.
 * An answer with any other id belongs to a request that was not seen. A wrong unit or
 * function is believed to answer only under an id that tells something, not under 0,
 * which serial framing always has: there answers come in the order of the requests. */
unsigned modbus_join(const struct message *request, const struct message *response)
{
	uint64_t differ = difference(request, response);
	bool same_unit = (differ >> 40 & 0xff) == 0;
	bool same_function = (differ >> 32 & 0x7f) == 0;

	if ((request->events | response->events) >> INVALID_CRC & 1)
		return NOT_ITS;
	if (differ >> 48)
		return response->key >> 48 == 0 && same_unit && same_function &&
			join_values(request, response) > OTHER_VALUES ? NO_ID : NOT_ITS;
	if (same_unit && same_function)
		return join_values(request, response);
	if (request->key >> 48 == 0)
		return same_function && is_itself(request) &&
			join_values(request, response) > OTHER_VALUES ? OTHER_UNIT : NOT_ITS;
	return same_function ? OTHER_UNIT : same_unit ? OTHER_FUNCTION : NOT_ITS;
}

/* The last byte of coils holds as many as are left of the quantity. */
static void trim_bits(struct message *response, const struct message *request)
{
	const struct item *quantity = message_item(request, READ_QUANTITY);
	struct item *bits = modbus_find(response, READ_BITS);

	if (quantity && bits && bits->len == (quantity->u + 7) / 8)
		bits->extra = quantity->u % 8;
}

void modbus_check(struct dissect *d, const struct message *request)
{
	struct message *m = d->message;
	uint64_t differ = difference(request, m);

	if (differ >> 48)
		modbus_wrong(d, TRANSACTION_ID_MISMATCH);
	if (differ >> 32 & 0x7f)
		modbus_wrong(d, FUNCTION_MISMATCH);
	if (differ >> 40 & 0xff)
		modbus_wrong(d, UNIT_MISMATCH);
	if (is_exception(m) || differ >> 32 || request->events || request->is_cut)
		return;
	if (differ >> 16 & 0xffff)
		modbus_wrong(d, FUNCTION_MISMATCH);
	if ((differ & 0xffff) || !is_echo(request, m))
		modbus_wrong(d, VALUE_MISMATCH);
	trim_bits(m, request);
}

/* ---- for what they mean ---- */

struct operation modbus_operation(const struct message *request,
	const struct message *response, enum verb verb)
{
	const struct message *m = request ? request : response;

	return (struct operation){ .verb = verb,
		.object = modbus_functions[function_of(m)].object,
		.has_unit = true,
		.unit = m->key >> 40 & 0xff };
}

const struct item *modbus_either(const struct message *a, const struct message *b,
	unsigned field)
{
	const struct item *item = a ? message_item(a, field) : NULL;

	return !item && b ? message_item(b, field) : item;
}

void modbus_set_point(struct operation *op, const struct item *address,
	const struct item *quantity)
{
	op->has_point = address != NULL;
	op->address = address ? address->u : 0;
	op->count = quantity ? (uint32_t)quantity->u : 1;
}

void modbus_set_value(struct operation *op, enum value_type type, const struct item *data)
{
	if (!data || data->len == 0)
		return;
	uint32_t there = type == VALUE_BITS ? item_bit_count(data) : data->len / 2;
	op->value.type = type;
	op->value.count = op->has_point && op->count < there ? op->count : there;
	op->value.bytes = item_bytes(data);
	if (!op->has_point)
		op->count = there;
}
