/* Sessions and their tokens. A token is good on the channel where its session was created, or
 * activated last (OPC 10000-4, 5.6.3). Where a connection was seen from its beginning and the
 * session was neither, the token was taken from somebody else. */
#include "opcua_channel.h"
#include "opcua_fields.h"
#include "opcua_text.h"

static bool needs_session(uint16_t service)
{
	static const uint16_t without[] = { FIND_SERVERS_REQUEST,
		FIND_SERVERS_ON_NETWORK_REQUEST, GET_ENDPOINTS_REQUEST,
		REGISTER_SERVER_REQUEST, REGISTER_SERVER2_REQUEST,
		OPEN_SECURE_CHANNEL_REQUEST, CLOSE_SECURE_CHANNEL_REQUEST,
		CREATE_SESSION_REQUEST };

	for (unsigned i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (without[i] == service)
			return false;
	return true;
}

static bool is_null(struct bytes token)
{
	static const uint8_t null[] = { 0, 0 };

	return token.len == sizeof(null) && memcmp(token.at, null, sizeof(null)) == 0;
}

static struct opcua_session *find(struct opcua_state *s, struct bytes token)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct opcua_session *session = &s->sessions[i];
		if (session->len == token.len && memcmp(session->token, token.at, token.len) == 0)
			return session;
	}
	return NULL;
}

static struct opcua_session *add(struct opcua_state *s, struct bytes token)
{
	struct opcua_session *session = s->sessions;

	while (session < s->sessions + SESSIONS && session->len && !session->is_closed)
		session++;
	if (session == s->sessions + SESSIONS || token.len > TOKEN_MAX) {
		s->has_other_sessions = true;
		return NULL;
	}
	*session = (struct opcua_session){ .len = (uint8_t)token.len };
	memcpy(session->token, token.at, token.len);
	return session;
}

/* Until the answer says that it is not. */
static void see_activation(struct opcua_state *s, struct bytes token, uint32_t request_id)
{
	struct opcua_session *session = find(s, token);

	if (!session) {
		session = add(s, token);
		if (!session)
			return;
		session->is_foreign = true;
	}
	session->is_asked = true;
	session->request_id = request_id;
}

static void see_activated(struct opcua_state *s, uint32_t request_id, bool is_refused)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct opcua_session *session = &s->sessions[i];
		if (!session->is_asked || session->request_id != request_id)
			continue;
		session->is_asked = false;
		if (is_refused && session->is_foreign)
			session->len = 0;
		session->is_foreign = false;
	}
}

static void see_request(
	struct dissect *d, uint16_t service, struct bytes token, uint32_t request_id)
{
	struct opcua_state *s = d->state;
	struct opcua_session *session;

	if (service == ACTIVATE_SESSION_REQUEST) {
		see_activation(s, token, request_id);
	} else if ((session = find(s, token))) {
		session->is_closed = service == CLOSE_SESSION_REQUEST;
	} else if (d->from_start && s->is_from_start && !s->has_other_sessions &&
		   needs_session(service)) {
		opcua_wrong(d, UNKNOWN_SESSION);
	}
}

void opcua_session_see(struct dissect *d, const struct encoding *e, uint32_t request_id)
{
	struct opcua_state *s = d->state;
	const struct message *m = d->message;
	bool has_token = e->is_request || e->id == CREATE_SESSION_RESPONSE;
	const struct item *item = has_token ? message_item(m, F_AUTHENTICATION_TOKEN) : NULL;
	uint8_t room[NODE_ID_SHORT];

	s->has_other_sessions |= s->skipped || (has_token && !item && m->is_cut);
	if (e->id == ACTIVATE_SESSION_RESPONSE || e->id == SERVICE_FAULT)
		see_activated(s, request_id, m->code != NULL);
	if (!item)
		return;
	struct bytes token = opcua_shortest(item_bytes(item), room);
	if (is_null(token))
		return;
	if (e->is_request)
		see_request(d, e->id, token, request_id);
	else if (!find(s, token))
		add(s, token);
}
