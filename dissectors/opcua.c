/* OPC UA binary over TCP (opc.tcp).
 *
 * OPC 10000-6 (mappings: UA binary, UA secure conversation, the connection protocol) 1.05
 * and OPC 10000-4 (services) 1.05. Names in JSON are the specification's, in lower case.
 *
 *      0 … 2  3      4 … 7    8 … 11   12 … 15  16 … 19   20 … 23   24 …
 *   +-------+------+--------+---------+-------+----------+---------+--------------------
 *   | type  | F C A| size   | channel | token | sequence | request | type id, header …
 *   +-------+------+--------+---------+-------+----------+---------+--------------------
 *   HEL, ACK, ERR and RHE have their fields at 8. In OPN the policy's URI, the sender's
 *   certificate and the receiver's thumbprint stand in the token's place. All numbers are
 *   little-endian. A body begins with the node id of its type's encoding and a request or
 *   response header; what follows is in opcua_schema.c. */
#include <assert.h>

#include "opcua_channel.h"
#include "opcua_fields.h"
#include "opcua_message.h"
#include "opcua_operate.h"
#include "opcua_probe.h"

static const struct event events[] = {
	[INVALID_HEADER] = { "invalid_header",
		"a message type or a kind of chunk that does not exist there" },
	[INVALID_SIZE] = { "invalid_size",
		"a size too short for the message's type, or beyond all limits" },
	[INVALID_LENGTH] = { "invalid_length",
		"a string, an array or a structure is longer than the message" },
	[INVALID_ENCODING] = { "invalid_encoding",
		"a node id, variant or other value of a kind that does not exist" },
	[INVALID_UTF8] = { "invalid_utf8", "a string that is not UTF-8" },
	[NESTING_TOO_DEEP] = { "nesting_too_deep",
		"more than 16 values inside each other" },
	[EXTRA_BYTES] = { "extra_bytes", "bytes behind the end of the body" },
	[UNKNOWN_SERVICE] = { "unknown_service", "a body whose type is no service" },
	[BUFFER_TOO_SMALL] = { "buffer_too_small",
		"a buffer below 8192 bytes is agreed on" },
	[URL_TOO_LONG] = { "url_too_long", "an endpoint URL beyond 4096 bytes" },
	[CHUNK_TOO_LARGE] = { "chunk_too_large", "a chunk beyond what was agreed on" },
	[TOO_MANY_CHUNKS] = { "too_many_chunks",
		"more chunks of a message than agreed on, or than 4096" },
	[MESSAGE_TOO_LARGE] = { "message_too_large",
		"a message beyond what was agreed on" },
	[SEQUENCE_FAULT] = { "sequence_fault", "a sequence number that goes back" },
	[UNKNOWN_CHANNEL] = { "unknown_channel", "a channel that was not opened here" },
	[UNKNOWN_TOKEN] = { "unknown_token", "a token that the channel was not given" },
	[UNSOLICITED_RESPONSE] = { "unsolicited_response",
		"an answer to nothing that was asked, or a second one" },
	[SERVICE_MISMATCH] = { "service_mismatch",
		"the answer is one to another service" },
	[RESULT_COUNT_MISMATCH] = { "result_count_mismatch",
		"not as many results as were asked for" },
	[UNKNOWN_SESSION] = { "unknown_session",
		"a session that was neither created nor activated on this connection" },
};
static_assert(sizeof(events) / sizeof(*events) == EVENT_COUNT, "every event has a name");

/* ---- one message ---- */

static void see_faults(struct dissect *d)
{
	struct opcua_state *s = d->state;

	for (unsigned i = 0; s->faults && i < EVENT_COUNT; i++)
		if (s->faults >> i & 1)
			opcua_wrong(d, i);
}

/* Behind the first header the chunks' bodies follow each other. */
static void put_header(struct dissect *d, struct cursor *c, enum message_type type)
{
	const struct opcua_state *s = d->state;
	struct bytes header = cursor_bytes(c, HEADER);

	put_uint(d, F_MESSAGE_TYPE, type);
	put_bytes(d, F_CHUNK, (struct bytes){ header.at + 3, 1 });
	if (s->chunks > 1)
		put_uint(d, F_CHUNKS, s->chunks);
	put_uint(d, F_SIZE, s->chunks > 1 ? s->size : le32_at(header.at + 4));
}

static void parse_type(
	struct dissect *d, struct cursor *c, enum message_type type, uint8_t chunk)
{
	if (type == MESSAGE_HEL)
		opcua_parse_hello(d, c);
	else if (type == MESSAGE_ACK)
		opcua_parse_acknowledge(d, c);
	else if (type == MESSAGE_ERR)
		opcua_parse_error(d, c);
	else if (type == MESSAGE_RHE)
		opcua_parse_reverse_hello(d, c);
	else if (type == MESSAGE_OPN)
		opcua_parse_open(d, c);
	else
		opcua_parse_symmetric(d, c, type, chunk);
	if (type < MESSAGE_OPN && !cursor_ok(c))
		opcua_wrong(d, INVALID_LENGTH);
	else if (type < MESSAGE_OPN && c->left)
		opcua_wrong(d, EXTRA_BYTES);
}

/* False: nothing but its header is to be had of it. */
static bool parse_any(struct dissect *d, struct cursor *c, enum message_type type)
{
	uint8_t chunk = c->at[3];
	/* of a broken one nothing but the header comes */
	bool is_bad = c->left == HEADER &&
		      opcua_frame(d, (struct bytes){ c->at, HEADER }).is == FRAME_BAD;

	opcua_set_key(d->message, type, 0, 0);
	put_header(d, c, type);
	if (is_bad) {
		d->message->kind = MESSAGE_ONEWAY;
		opcua_wrong(d, chunk == 'F' ? INVALID_SIZE : INVALID_HEADER);
		return false;
	}
	if (type != MESSAGE_OPN)
		see_faults(d);
	parse_type(d, c, type, chunk);
	return true;
}

static void opcua_parse(struct dissect *d, struct cursor *c)
{
	struct opcua_state *s = d->state;
	enum message_type type = c->left >= HEADER ? opcua_type_of(c->at) : MESSAGE_NONE;

	if (type == MESSAGE_NONE) {
		opcua_set_key(d->message, type, 0, 0);
		return;
	}
	if (opcua_is_usual(d, c, type)) {
		see_faults(d);
		opcua_parse_usual(d, c);
	} else if (!parse_any(d, c, type)) {
		return;
	}
	see_faults(d);
	s->faults = s->skipped = 0;
}

/* ---- requests and their answers ---- */

enum { NOT_ITS, OPENS, OTHER_SERVICE, SAME_SERVICE };

/* An ERR refuses what opens a connection or a channel; of encrypted ones there is only
 * one. */
static unsigned join_opening(const struct message *request, enum message_type answer)
{
	enum message_type type = opcua_type_in(request);

	if (answer == MESSAGE_ERR)
		return type == MESSAGE_HEL || type == MESSAGE_OPN ? OPENS : NOT_ITS;
	if (answer == MESSAGE_ACK)
		return type == MESSAGE_HEL ? OPENS : NOT_ITS;
	return NOT_ITS;
}

static unsigned opcua_join(const struct message *request, const struct message *response)
{
	enum message_type type = opcua_type_in(response);
	uint64_t differ = request->key ^ response->key;

	if (type != MESSAGE_MSG && type != MESSAGE_OPN)
		return join_opening(request, type);
	if (differ >> 28) /* request id and type */
		return NOT_ITS;
	return opcua_service_in(response) &&
			       opcua_service_in(request) != opcua_service_in(response)
		       ? OTHER_SERVICE
		       : SAME_SERVICE;
}

static void opcua_check(struct dissect *d, const struct message *request)
{
	const struct message *m = d->message;
	uint32_t asked = opcua_service_in(request), answered = opcua_service_in(m);

	if (asked && answered && asked != answered)
		opcua_wrong(d, SERVICE_MISMATCH);
	else if (opcua_count_in(m) && !request->events && !request->is_cut &&
		 opcua_count_in(m) != opcua_count_in(request))
		opcua_wrong(d, RESULT_COUNT_MISMATCH);
}

static const uint16_t ports[] = { 4840, 4841, 4843, 4855, 48010, 48020, 48030, 48031,
	48050, 49320, 53530, 51210, 62541, 0 };

const struct dissector opcua_dissector = {
	.name = "opcua",
	.title = "OPC UA binary over TCP",
	.source = "OPC 10000-6 Mappings 1.05; OPC 10000-4 Services 1.05; "
		  "OPC 10000-5 Information Model 1.05",
	.fields = opcua_fields,
	.field_count = F_COUNT,
	.events = events,
	.event_count = EVENT_COUNT,
	.tcp_ports = ports,
	.max_message = MESSAGE_MAX,
	.state_size = sizeof(struct opcua_state),
	.probe = opcua_probe,
	.frame = opcua_frame,
	.assemble = opcua_assemble,
	.parse = opcua_parse,
	.join = opcua_join,
	.check = opcua_check,
	.operate = opcua_operate,
	.lone_response_event = UNSOLICITED_RESPONSE,
};
