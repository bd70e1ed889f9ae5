/* Messages of a secure channel: OPN, MSG, CLO, and the bodies in them. */
#include "opcua_body.h"
#include "opcua_channel.h"
#include "opcua_fields.h"
#include "opcua_message.h"
#include "opcua_names.h"

void opcua_set_key(
	struct message *m, enum message_type type, uint32_t request_id, uint32_t service)
{
	m->key = (uint64_t)request_id << 32 | (uint64_t)type << 28 |
		 (uint64_t)service << 14;
}

/* How many were asked for, or answered, where each answer belongs to one that was asked.
 */
static void set_count(struct message *m, const struct encoding *service, uint32_t count)
{
	bool is_paired = service->request != ACTIVATE_SESSION_REQUEST &&
			 service->request != PUBLISH_REQUEST && count <= 0x3fff;

	if (is_paired)
		m->key |= count;
}

/* ---- bodies ---- */

/* The answer's result, which stands behind its time and its handle. */
static void see_result(struct dissect *d, struct cursor c)
{
	cursor_skip(&c, 12);
	uint32_t code = cursor_le32(&c);

	if (!cursor_ok(&c) || !opcua_is_bad(code))
		return;
	const char *name = opcua_status_name(code);
	d->message->code = name ? name : "unknown";
}

/* A password that nobody encrypted, on a channel that does not either. Where the message is
 * cut, the algorithm may have been lost with its end. */
static void see_identity(struct dissect *d, const struct cursor *rest)
{
	const struct message *m = d->message;
	const struct item *algorithm =
		message_item(m, F_USER_IDENTITY_ENCRYPTION_ALGORITHM);
	const struct item *password = message_item(m, F_USER_IDENTITY_PASSWORD_LENGTH);
	bool is_told = algorithm || !m->is_cut || cursor_ok(rest);

	if (password && is_told)
		put_uint(d, F_SENT_IN_CLEAR,
			password->u > 0 && (!algorithm || !algorithm->len));
}

/* Where the hello was not seen, the client says it again here. */
static void see_endpoint(struct dissect *d)
{
	const struct opcua_state *s = d->state;
	const struct item *url = message_item(d->message, F_ENDPOINT_URL);

	if (url && !s->endpoint_len)
		opcua_endpoint_see(d, item_bytes(url));
}

/* What the message is for whoever waits: a request, its answer, or neither. */
static void set_kind(struct dissect *d, const struct encoding *e)
{
	struct message *m = d->message;

	m->kind = e->is_request ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	m->is_patient = e->id == PUBLISH_REQUEST;
	if (e->id == CLOSE_SECURE_CHANNEL_REQUEST)
		m->kind = MESSAGE_ONEWAY;
}

/* The newest is looked at first: mostly one waits, or few. */
static uint32_t *waiting_publish(struct opcua_state *s, uint32_t request_id)
{
	for (unsigned i = 1; i <= PUBLISH_MAX; i++) {
		uint32_t *waiting = &s->publish[(s->publish_next - i) % PUBLISH_MAX];
		if (*waiting == request_id)
			return waiting;
	}
	return NULL;
}

/* A publish request may be older than the capture, or than its last gap: an answer to one that
 * was not seen is no surprise. */
static void see_publish(struct dissect *d, const struct encoding *e, uint32_t request_id)
{
	struct opcua_state *s = d->state;

	if (e->id == PUBLISH_REQUEST)
		s->publish[s->publish_next++ % PUBLISH_MAX] = request_id;
	if (e->id != PUBLISH_RESPONSE)
		return;
	uint32_t *waiting = request_id ? waiting_publish(s, request_id) : NULL;
	if (waiting)
		*waiting = 0;
	else
		d->message->is_continuation = true;
}

/* Ids go up: what is below all that were seen was asked before the capture began. */
static void see_request(struct dissect *d, const struct encoding *e, uint32_t request_id)
{
	struct opcua_state *s = d->state;

	if (e->is_request && (!s->has_request || request_id < s->lowest_request)) {
		s->has_request = true;
		s->lowest_request = request_id;
	} else if (!e->is_request && !d->from_start && s->has_request &&
		   request_id < s->lowest_request) {
		d->message->is_continuation = true;
	}
}

static void put_service(struct dissect *d, uint16_t id)
{
	static const struct item items[] = { { .field = F_SERVICE }, { .field = F_SERVICE_ID } };
	struct item *at = put_items(d, items, 2, false);

	if (at)
		at[0].u = at[1].u = id;
}

static void parse_service(struct dissect *d, struct cursor *c, const struct encoding *e)
{
	struct body b = { .d = d, .c = *c, .counted = e->is_request ? 0 : F_RESULTS };

	put_service(d, e->id);
	set_kind(d, e);
	if (!e->is_request)
		see_result(d, b.c);
	opcua_put_structure(&b, e->structure);
	set_count(d->message, e, b.count);
	if (e->id == ACTIVATE_SESSION_REQUEST)
		see_identity(d, &b.c);
	if (e->id == CREATE_SESSION_REQUEST || e->id == GET_ENDPOINTS_REQUEST)
		see_endpoint(d);
	*c = b.c;
}

static void parse_unknown(struct dissect *d, struct cursor *c)
{
	struct body b = { .d = d, .c = *c };

	opcua_put_node_id(&b, F_TYPE_ID, 0, true);
	opcua_wrong(d, UNKNOWN_SERVICE);
	c->at = b.c.at;
	c->left = 0;
}

/* A body that can be read, from its type id on; returns its service, NULL for none. */
static const struct encoding *parse_body(
	struct dissect *d, struct cursor *c, enum message_type type, uint32_t request_id)
{
	const struct opcua_state *s = d->state;
	struct bytes body = { c->at, c->left };
	bool is_known = s->service_at && s->service_at == body.at;
	const struct encoding *e = is_known ? s->service : opcua_service_at(body);

	opcua_set_key(d->message, type, request_id, e ? e->request : 0);

	if (!e) {
		if (c->left)
			parse_unknown(d, c);
		return NULL;
	}
	cursor_skip(c, body.at[0] == 1 ? 4 : 7);
	parse_service(d, c, e);
	see_request(d, e, request_id);
	see_publish(d, e, request_id);
	if (!cursor_ok(c))
		opcua_wrong(d, INVALID_LENGTH);
	return e;
}

/* What stands behind the body must be its signature. */
static void see_end(struct dissect *d, const struct cursor *c)
{
	if (!cursor_ok(c) || d->message->is_cut || d->message->events)
		return;
	if (!opcua_channel_end(d, c->left))
		opcua_wrong(d, EXTRA_BYTES);
	else if (c->left)
		put_uint(d, F_SIGNATURE_LENGTH, c->left);
}

static void put_sequence(struct dissect *d, uint32_t sequence, uint32_t request_id)
{
	struct opcua_state *s = d->state;

	put_uint(d, F_SEQUENCE_NUMBER, sequence);
	if (s->skipped)
		put_uint(d, F_SEQUENCE_SKIPPED, s->skipped);
	put_uint(d, F_REQUEST_ID, request_id);
}

/* Encrypted: who asks and who answers is known, but not which of the questions. */
static void parse_encrypted(struct dissect *d, struct cursor *c, enum message_type type)
{
	struct opcua_state *s = d->state;
	struct message *m = d->message;
	bool is_client = opcua_role(d) == SIDE_CLIENT;

	m->is_encrypted = true;
	put_uint(d, F_ENCRYPTED, true);
	put_uint(d, F_ENCRYPTED_LENGTH, c->left);
	s->has_other_sessions |= type == MESSAGE_MSG;
	if (type == MESSAGE_OPN)
		m->kind = is_client ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	else if (is_client)
		m->kind = MESSAGE_ONEWAY;
	else
		m->kind = MESSAGE_RESPONSE;
	m->is_continuation = type != MESSAGE_OPN && !is_client;
	opcua_set_key(m, type, 0, 0);
	c->left = 0;
}

/* ---- OPN ---- */

static const struct policy *put_asymmetric(struct dissect *d, struct cursor *c)
{
	struct body b = { .d = d, .c = *c };
	struct bytes uri = { NULL, 0 }, thumbprint;

	if (opcua_take_text(&b, &uri))
		put_bytes(d, F_SECURITY_POLICY, uri);
	if (cursor_ok(&b.c) && uri.len > POLICY_MAX)
		opcua_fail(&b, INVALID_LENGTH);
	opcua_put_certificate(&b, F_SENDER_CERTIFICATE_LENGTH);
	if (opcua_take_string(&b, &thumbprint) && thumbprint.len)
		put_bytes(d, F_RECEIVER_THUMBPRINT, thumbprint);
	*c = b.c;
	return opcua_policy(uri);
}

static void see_token(struct dissect *d)
{
	uint64_t channel, token;

	if (message_uint(d->message, F_SECURITY_TOKEN_CHANNEL_ID, &channel) &&
		message_uint(d->message, F_SECURITY_TOKEN_TOKEN_ID, &token))
		opcua_channel_token(d, (uint32_t)channel, (uint32_t)token);
}

void opcua_parse_open(struct dissect *d, struct cursor *c)
{
	struct opcua_state *s = d->state;
	uint32_t channel = put_le32(d, F_SECURE_CHANNEL_ID, c);
	const struct policy *policy = put_asymmetric(d, c);

	if (!cursor_ok(c)) {
		opcua_wrong(d, INVALID_LENGTH);
		return;
	}
	opcua_channel_open(d, channel, policy);
	if (!opcua_is_none(policy)) {
		parse_encrypted(d, c, MESSAGE_OPN);
		s->is_opening = d->message->kind == MESSAGE_REQUEST;
		return;
	}
	uint32_t sequence = cursor_le32(c), request_id = cursor_le32(c);
	if (!cursor_ok(c)) {
		opcua_wrong(d, INVALID_LENGTH);
		return;
	}
	opcua_sequence_see(d, sequence);
	put_sequence(d, sequence, request_id);
	const struct encoding *e = parse_body(d, c, MESSAGE_OPN, request_id);
	s->is_opening = d->message->kind == MESSAGE_REQUEST || d->message->is_cut;
	see_end(d, c);
	if (e && e->id == OPEN_SECURE_CHANNEL_RESPONSE)
		see_token(d);
}

/* ---- MSG and CLO ---- */

/* A chunk that cannot be read without those before it. */
static void parse_rest(struct dissect *d, struct cursor *c, enum message_type type,
	uint32_t request_id)
{
	struct opcua_state *s = d->state;
	bool is_client = opcua_role(d) == SIDE_CLIENT;

	s->has_other_sessions = true;
	put_uint(d, F_INCOMPLETE, true);
	opcua_set_key(d->message, type, request_id, 0);
	d->message->kind = is_client ? MESSAGE_ONEWAY : MESSAGE_RESPONSE;
	d->message->is_continuation = !is_client;
	c->left = 0;
}

/* The message is given up: by a client before it is a request, by a server as the answer.
 */
static void parse_abort(struct dissect *d, struct cursor *c, uint32_t request_id)
{
	bool is_client = opcua_role(d) == SIDE_CLIENT;

	d->message->kind = is_client ? MESSAGE_ONEWAY : MESSAGE_RESPONSE;
	opcua_set_key(d->message, MESSAGE_MSG, request_id, 0);
	opcua_put_error(d, c);
	if (!cursor_ok(c))
		opcua_wrong(d, INVALID_LENGTH);
	else
		see_end(d, c);
}

static void parse_readable(struct dissect *d, struct cursor *c, enum message_type type,
	uint8_t chunk, uint32_t request_id)
{
	const struct opcua_state *s = d->state;
	const struct encoding *e;

	if (s->is_rest && chunk != 'A') {
		parse_rest(d, c, type, request_id);
	} else if (chunk == 'A') {
		parse_abort(d, c, request_id);
	} else if ((e = parse_body(d, c, type, request_id))) {
		see_end(d, c);
		opcua_session_see(d, e, request_id);
	}
}

void opcua_parse_symmetric(
	struct dissect *d, struct cursor *c, enum message_type type, uint8_t chunk)
{
	struct opcua_state *s = d->state;
	uint32_t channel = put_le32(d, F_SECURE_CHANNEL_ID, c);
	uint32_t token = put_le32(d, F_TOKEN_ID, c);
	struct bytes rest = { c->at, c->left };

	if (type == MESSAGE_CLO && cursor_ok(c)) {
		s->is_readable =
			rest.len > 8 &&
			(s->mode == MODE_NONE || opcua_service_at((struct bytes){
							 rest.at + 8, rest.len - 8 }));
	}
	if (!s->is_readable) { /* or too little is left of it to see that it is */
		if (rest.len >= (type == MESSAGE_CLO ? 12u : 8u) || !d->message->is_cut)
			parse_encrypted(d, c, type);
		return;
	}
	uint32_t sequence = cursor_le32(c), request_id = cursor_le32(c);
	if (type == MESSAGE_CLO) {
		opcua_sequence_see(d, sequence);
		opcua_channel_see(d, channel, token);
	}
	put_sequence(d, sequence, request_id);
	parse_readable(d, c, type, chunk, request_id);
}

/* ---- MSG as nearly all are ---- */

bool opcua_is_usual(const struct dissect *d, const struct cursor *c, enum message_type type)
{
	const struct opcua_state *s = d->state;

	return type == MESSAGE_MSG && c->left >= BODY_AT && s->is_readable && s->chunks == 1 &&
	       !s->skipped;
}

/* All that stands before the body, at once. */
static void put_headers(struct dissect *d, const uint8_t *from)
{
	static const struct item items[] = {
		{ .field = F_MESSAGE_TYPE, .u = MESSAGE_MSG },
		{ .field = F_CHUNK, .len = 1 },
		{ .field = F_SIZE },
		{ .field = F_SECURE_CHANNEL_ID },
		{ .field = F_TOKEN_ID },
		{ .field = F_SEQUENCE_NUMBER },
		{ .field = F_REQUEST_ID },
	};
	enum { NUMBERS = 2, COUNT = sizeof(items) / sizeof(*items) };
	struct item *at = put_items(d, items, COUNT, false);

	if (!at)
		return;
	at[1].at = from + 3;
	for (unsigned i = NUMBERS; i < COUNT; i++)
		at[i].u = le32_at(from + 4 * (i - 1));
}

void opcua_parse_usual(struct dissect *d, struct cursor *c)
{
	const uint8_t *from = c->at;

	put_headers(d, from);
	cursor_skip(c, BODY_AT);
	parse_readable(d, c, MESSAGE_MSG, from[3], le32_at(from + SYMMETRIC + 4));
}
