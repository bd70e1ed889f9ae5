/* What OPC UA's messages mean; see opcua_operate.h. A service has a row; those that do
 * something to several nodes make one operation a node. */
#include "opcua_channel.h"
#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_names.h"
#include "opcua_operate.h"
#include "opcua_text.h"

/* ---- pieces of operations ---- */

struct operation opcua_begin(struct dissect *d, const struct meaning *m)
{
	const struct opcua_state *s = d->state;

	return (struct operation){ .verb = (enum verb)m->verb,
		.object = m->object,
		.unit_text = { s->endpoint, s->endpoint_len },
		.is_unit_said = true,
		.extent = EXTENT_WHOLE,
		.count = 1 };
}

/* An item as text: node ids and the like by their format, numbers by their digits. */
struct bytes opcua_text_of(struct dissect *d, const struct item *item)
{
	char digits[24];

	if (!item)
		return (struct bytes){ NULL, 0 };
	const struct field *f = &opcua_fields[item->field];
	if (f->format)
		return opcua_kept_text(d, f->format, item);
	if (f->type == FIELD_TEXT)
		return item_bytes(item);
	struct opcua_text t = { digits, 0, sizeof(digits) };
	opcua_text_uint(&t, item->u);
	return keep(d, (struct bytes){ (const uint8_t *)digits, t.len });
}

void opcua_set_text(struct operation *op, struct bytes text)
{
	if (text.len)
		op->value = (struct values){ VALUE_TEXT, 1, text };
}

/* A point's own status; without one it went as the whole did. */
void opcua_set_outcome(struct operation *op, const struct item *status)
{
	op->outcome = OUTCOME_NONE;
	op->code = NULL;
	if (!status || !opcua_is_bad((uint32_t)status->u))
		return;
	const char *name = opcua_status_name((uint32_t)status->u);
	op->outcome = OUTCOME_REJECTED;
	op->code = name ? name : "unknown";
}

/* One node may be written in several ways. */
void opcua_set_node(struct dissect *d, struct operation *op, struct bytes node_id)
{
	uint8_t room[NODE_ID_SHORT];

	op->point_text = opcua_shortest(node_id, room);
	if (op->point_text.at == room)
		op->point_text = keep(d, op->point_text);
	op->point_format = opcua_format_node_id;
}

void opcua_set_point(struct dissect *d, struct operation *op, const struct item *item)
{
	if (item && opcua_fields[item->field].format == opcua_format_node_id) {
		opcua_set_node(d, op, item_bytes(item));
	} else {
		op->point_text = opcua_text_of(d, item);
		op->point_format = NULL;
	}
}

/* ---- services in general ---- */

static void operate_message(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct operation op = opcua_begin(d, m);
	const struct message *from = p.request ? p.request : p.response;

	if (m->point)
		opcua_set_point(d, &op, message_item(from, m->point));
	if (m->value)
		opcua_set_text(&op, opcua_text_of(d, message_item(from, m->value)));
	operation_add(d, &op);
}

static bool is_null_id(const struct item *item)
{
	uint8_t room[NODE_ID_SHORT];
	struct bytes id = item ? opcua_shortest(item_bytes(item), room) : (struct bytes){ NULL, 0 };

	return id.len == 2 && id.at[0] == 0 && id.at[1] == 0;
}

/* Of a node that is added without an id the server chooses one, if it accepts it. */
static const struct item *point_in(const struct meaning *m, struct stretch element,
	const struct picked *result)
{
	const struct item *item = opcua_item_in(element, m->point);

	if (m->point != F_REQUESTED_NEW_NODE_ID || !is_null_id(item))
		return item;
	item = opcua_item_in(result->element, F_ADDED_NODE_ID);
	return is_null_id(item) ? NULL : item;
}

/* The status of a node that is updated may be good where each of its entries was refused. */
static const struct item *status_in(const struct meaning *m, const struct picked *result)
{
	const struct item *status = result->item[PICK_STATUS], *refusal = NULL;
	struct stretch in = result->element, entry;

	if (m->service != HISTORY_UPDATE_REQUEST || !status || opcua_is_bad((uint32_t)status->u))
		return status;
	while (opcua_next(&in, F_OPERATION_RESULTS, &entry)) {
		const struct item *item = opcua_item_in(entry, F_STATUS_CODE);
		if (!item || !opcua_is_bad((uint32_t)item->u))
			return status;
		refusal = refusal ? refusal : item;
	}
	return refusal && !in.m->is_cut ? refusal : status;
}

/* An operation an element of the request, with the result that stands in its place; one where
 * the capture cut them all off. */
static void operate_each(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	struct stretch element;
	struct picked result;
	struct operation op = opcua_begin(d, m);
	bool is_read = false;

	while (opcua_next(&asked, m->group, &element)) {
		op = opcua_begin(d, m);
		is_read = true;
		opcua_pick(&answered, F_RESULTS, &result);
		opcua_set_point(d, &op, point_in(m, element, &result));
		if (m->value)
			opcua_set_text(
				&op, opcua_text_of(d, opcua_item_in(element, m->value)));
		opcua_set_outcome(&op, status_in(m, &result));
		operation_add(d, &op);
	}
	if (!is_read && m->verb == VERB_CONFIG && p.request && p.request->is_cut)
		operation_add(d, &op);
}

/* What a service changes element by element. */
static bool changes_each(const struct meaning *m)
{
	return m->operate != operate_message &&
		(m->verb == VERB_WRITE || m->verb == VERB_CONFIG || m->verb == VERB_CONTROL);
}

/* Of an answer whose request was not seen, how it went with each element. */
static void operate_results(struct dissect *d, const struct meaning *m,
	const struct message *response)
{
	struct stretch answered = opcua_whole(response);
	struct picked result;

	while (opcua_pick(&answered, F_RESULTS, &result)) {
		struct operation op = opcua_begin(d, m);
		opcua_set_outcome(&op, status_in(m, &result));
		operation_add(d, &op);
	}
}

/* ---- who talks ---- */

/* The application behind the server's first endpoint. */
static void identify_application(struct dissect *d, const struct message *m)
{
	const struct item *uri = opcua_whole_item(m, F_APPLICATION_URI);
	const struct item *product = opcua_whole_item(m, F_PRODUCT_URI);
	struct bytes name = opcua_text_of(d, opcua_whole_item(m, F_APPLICATION_NAME));

	if (uri && uri->len)
		identity_add(d, IDENTITY_URI, item_bytes(uri));
	if (product && product->len)
		identity_add(d, IDENTITY_PRODUCT, item_bytes(product));
	if (name.len)
		identity_add(d, IDENTITY_NAME, name);
}

static void operate_discover(struct dissect *d, const struct meaning *m, struct pair p)
{
	operate_message(d, m, p);
	if (p.response)
		identify_application(d, p.response);
}

/* Who sends no token is anonymous; of one that is lost nobody knows which it was. */
static const char *login_object(const struct message *request)
{
	static const struct {
		uint32_t id;
		const char *object;
	} kinds[] = {
		{ 321, "anonymous" },
		{ 324, "user_name" },
		{ 327, "certificate" },
		{ 940, "issued_token" },
	};
	const struct item *type =
		request ? message_item(request, F_USER_IDENTITY_TYPE) : NULL;

	if (!type)
		return request && !request->is_cut ? "anonymous" : NULL;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (opcua_standard_id(item_bytes(type)) == kinds[i].id)
			return kinds[i].object;
	return NULL;
}

static void operate_login(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct operation op = opcua_begin(d, m);
	const struct item *user = opcua_whole_item(p.request, F_USER_IDENTITY_USER_NAME);
	const struct item *subject =
		opcua_whole_item(p.request, F_USER_IDENTITY_CERTIFICATE_SUBJECT);

	op.object = login_object(p.request);
	opcua_set_text(&op, opcua_text_of(d, user ? user : subject));
	operation_add(d, &op);
}

/* ---- the table ---- */

/* What most messages are stands first. */
static const struct meaning meanings[] = {
	{ PUBLISH_REQUEST, VERB_READ, "value", opcua_operate_publish },
	{ READ_REQUEST, VERB_READ, NULL, opcua_operate_read },
	{ WRITE_REQUEST, VERB_WRITE, NULL, opcua_operate_write },
	{ FIND_SERVERS_REQUEST, VERB_DISCOVER, "servers", operate_discover, 0,
		F_ENDPOINT_URL },
	{ FIND_SERVERS_ON_NETWORK_REQUEST, VERB_DISCOVER, "servers", operate_message },
	{ GET_ENDPOINTS_REQUEST, VERB_DISCOVER, "endpoints", operate_discover, 0,
		F_ENDPOINT_URL },
	{ REGISTER_SERVER_REQUEST, VERB_CONFIG, "server", operate_message, 0,
		F_SERVER_URI },
	{ REGISTER_SERVER2_REQUEST, VERB_CONFIG, "server", operate_message, 0,
		F_SERVER_URI },
	{ OPEN_SECURE_CHANNEL_REQUEST, VERB_SESSION, "channel", operate_message },
	{ CLOSE_SECURE_CHANNEL_REQUEST, VERB_SESSION, "channel", operate_message },
	{ CREATE_SESSION_REQUEST, VERB_SESSION, "session", operate_discover, 0,
		F_SESSION_NAME, F_APPLICATION_URI },
	{ ACTIVATE_SESSION_REQUEST, VERB_LOGIN, NULL, operate_login },
	{ CLOSE_SESSION_REQUEST, VERB_SESSION, "session", operate_message },
	{ CANCEL_REQUEST, VERB_SESSION, "request", operate_message, 0,
		F_CANCELLED_REQUEST_HANDLE },
	{ ADD_NODES_REQUEST, VERB_CONFIG, "node", operate_each, F_NODES_TO_ADD,
		F_REQUESTED_NEW_NODE_ID, F_BROWSE_NAME },
	{ ADD_REFERENCES_REQUEST, VERB_CONFIG, "reference", operate_each,
		F_REFERENCES_TO_ADD, F_SOURCE_NODE_ID, F_TARGET_NODE_ID },
	{ DELETE_NODES_REQUEST, VERB_CONFIG, "node", operate_each, F_NODES_TO_DELETE,
		F_NODE_ID },
	{ DELETE_REFERENCES_REQUEST, VERB_CONFIG, "reference", operate_each,
		F_REFERENCES_TO_DELETE, F_SOURCE_NODE_ID, F_TARGET_NODE_ID },
	{ BROWSE_REQUEST, VERB_DISCOVER, "node", operate_each, F_NODES_TO_BROWSE,
		F_NODE_ID },
	{ BROWSE_NEXT_REQUEST, VERB_DISCOVER, "node", operate_message },
	{ TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_REQUEST, VERB_DISCOVER, "node", operate_each,
		F_BROWSE_PATHS, F_STARTING_NODE },
	{ REGISTER_NODES_REQUEST, VERB_DISCOVER, "node", operate_each,
		F_NODES_TO_REGISTER, F_NODE_ID },
	{ UNREGISTER_NODES_REQUEST, VERB_DISCOVER, "node", operate_each,
		F_NODES_TO_UNREGISTER, F_NODE_ID },
	{ QUERY_FIRST_REQUEST, VERB_DISCOVER, "query", operate_message },
	{ QUERY_NEXT_REQUEST, VERB_DISCOVER, "query", operate_message },
	{ HISTORY_READ_REQUEST, VERB_READ, "history", operate_each, F_NODES_TO_READ,
		F_NODE_ID },
	{ HISTORY_UPDATE_REQUEST, VERB_WRITE, "history", operate_each,
		F_HISTORY_UPDATE_DETAILS, F_NODE_ID, F_TYPE },
	{ CALL_REQUEST, VERB_CONTROL, "method", opcua_operate_call },
	{ CREATE_MONITORED_ITEMS_REQUEST, VERB_SUBSCRIBE, NULL, opcua_operate_monitor },
	{ MODIFY_MONITORED_ITEMS_REQUEST, VERB_CONFIG, "monitored_item", operate_each,
		F_ITEMS_TO_MODIFY, F_MONITORED_ITEM_ID },
	{ SET_MONITORING_MODE_REQUEST, VERB_CONFIG, "monitored_item", operate_each,
		F_MONITORED_ITEM_IDS, F_MONITORED_ITEM_ID },
	{ SET_TRIGGERING_REQUEST, VERB_CONFIG, "monitored_item", operate_message, 0,
		F_TRIGGERING_ITEM_ID },
	{ DELETE_MONITORED_ITEMS_REQUEST, VERB_CONFIG, "monitored_item", operate_each,
		F_MONITORED_ITEM_IDS, F_MONITORED_ITEM_ID },
	{ CREATE_SUBSCRIPTION_REQUEST, VERB_SUBSCRIBE, "subscription", operate_message },
	{ MODIFY_SUBSCRIPTION_REQUEST, VERB_CONFIG, "subscription", operate_message, 0,
		F_SUBSCRIPTION_ID },
	{ SET_PUBLISHING_MODE_REQUEST, VERB_CONFIG, "subscription", operate_each,
		F_SUBSCRIPTION_IDS, F_SUBSCRIPTION_ID },
	{ REPUBLISH_REQUEST, VERB_READ, "value", opcua_operate_publish },
	{ TRANSFER_SUBSCRIPTIONS_REQUEST, VERB_CONFIG, "subscription", operate_each,
		F_SUBSCRIPTION_IDS, F_SUBSCRIPTION_ID },
	{ DELETE_SUBSCRIPTIONS_REQUEST, VERB_CONFIG, "subscription", operate_each,
		F_SUBSCRIPTION_IDS, F_SUBSCRIPTION_ID },
};

static const struct meaning *meaning_of(uint32_t service)
{
	for (unsigned i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].service == service)
			return &meanings[i];
	return NULL;
}

/* Connections, and channels whose messages cannot be read. */
static void operate_type(struct dissect *d, enum message_type type, struct pair p)
{
	static const struct meaning connection = { .verb = VERB_SESSION,
		.object = "connection" };
	static const struct meaning channel = { .verb = VERB_SESSION,
		.object = "channel" };

	if (type == MESSAGE_HEL || type == MESSAGE_ACK || type == MESSAGE_RHE)
		operate_message(d, &connection, p);
	else if (type == MESSAGE_OPN || type == MESSAGE_CLO)
		operate_message(d, &channel, p);
}

/* An answer to another service says nothing about this one. */
void opcua_operate(
	struct dissect *d, const struct message *request, const struct message *response)
{
	const struct message *m = request ? request : response;
	struct pair p = { request, response };
	const struct meaning *meaning = meaning_of(opcua_service_in(m));

	if (request && response && opcua_service_in(response) &&
		opcua_service_in(response) != opcua_service_in(request))
		p.response = NULL;
	if (meaning && !request && changes_each(meaning))
		operate_results(d, meaning, response);
	else if (meaning)
		meaning->operate(d, meaning, p);
	else
		operate_type(d, opcua_type_in(m), p);
}
