/* What opens and ends a connection: HEL, ACK, ERR, RHE. */
#include "opcua_body.h"
#include "opcua_channel.h"
#include "opcua_fields.h"
#include "opcua_message.h"
#include "opcua_names.h"

static void put_string_of(
	struct dissect *d, struct cursor *c, unsigned field, bool is_url)
{
	struct body b = { .d = d, .c = *c };
	struct bytes text;

	if (opcua_take_text(&b, &text)) {
		put_bytes(d, field, text);
		if (is_url && text.len > URL_MAX)
			opcua_wrong(d, URL_TOO_LONG);
	}
	*c = b.c;
}

/* What a side says it takes, binds the other. */
static void put_hello(struct dissect *d, struct cursor *c, enum message_type type)
{
	struct opcua_state *s = d->state;
	struct limits l;

	put_le32(d, F_PROTOCOL_VERSION, c);
	l.chunk_size = put_le32(d, F_RECEIVE_BUFFER_SIZE, c);
	uint32_t send = put_le32(d, F_SEND_BUFFER_SIZE, c);
	l.message_size = put_le32(d, F_MAX_MESSAGE_SIZE, c);
	l.chunks = put_le32(d, F_MAX_CHUNK_COUNT, c);
	if (!cursor_ok(c))
		return;
	if (l.chunk_size < BUFFER_MIN || send < BUFFER_MIN)
		opcua_wrong(d, BUFFER_TOO_SMALL);
	s->limits[type == MESSAGE_HEL ? SIDE_SERVER : SIDE_CLIENT] = l;
	if (type == MESSAGE_HEL)
		put_string_of(d, c, F_ENDPOINT_URL, true);
}

void opcua_put_error(struct dissect *d, struct cursor *c)
{
	struct body b = { .d = d, .c = *c };
	uint32_t code = cursor_le32(c);

	opcua_put_status(&b, F_ERROR, F_ERROR_RAW);
	const char *name = opcua_status_name(code);
	d->message->code = name ? name : "unknown";
	put_string_of(d, c, F_REASON, false);
}

/* A new connection knows nothing of one before it. */
static void begin_connection(struct opcua_state *s, enum side client)
{
	s->is_reversed = client == SIDE_SERVER;
	s->is_from_start = true;
	s->has_channel = s->knows_channel = false;
	s->has_sequence[0] = s->has_sequence[1] = false;
	s->token_count = 0;
	s->mode = MODE_UNKNOWN;
	s->policy = NULL;
}

void opcua_parse_hello(struct dissect *d, struct cursor *c)
{
	struct opcua_state *s = d->state;
	struct cursor url = *c;
	struct bytes text;

	begin_connection(s, d->side);
	d->message->kind = MESSAGE_REQUEST;
	s->is_opening = true;
	put_hello(d, c, MESSAGE_HEL);
	cursor_skip(&url, 20);
	struct body b = { .d = d, .c = url };
	if (opcua_take_string(&b, &text))
		opcua_endpoint_see(d, text);
}

void opcua_parse_acknowledge(struct dissect *d, struct cursor *c)
{
	struct opcua_state *s = d->state;

	s->is_opening = false;
	d->message->kind = MESSAGE_RESPONSE;
	put_hello(d, c, MESSAGE_ACK);
}

/* It answers what opens a connection or a channel; later it ends both, unasked. */
void opcua_parse_error(struct dissect *d, struct cursor *c)
{
	struct opcua_state *s = d->state;

	d->message->kind = MESSAGE_RESPONSE;
	d->message->is_continuation = !s->is_opening;
	s->is_opening = false;
	opcua_put_error(d, c);
}

void opcua_parse_reverse_hello(struct dissect *d, struct cursor *c)
{
	begin_connection(d->state, (enum side) !d->side);
	d->message->kind = MESSAGE_ONEWAY;
	put_string_of(d, c, F_SERVER_URI, false);
	put_string_of(d, c, F_ENDPOINT_URL, true);
}
