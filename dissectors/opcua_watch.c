/* Monitored items, and what is published of them. */
#include "opcua_channel.h"
#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_operate.h"
#include "opcua_text.h"

void opcua_operate_monitor(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	const struct item *subscription =
		p.request ? message_item(p.request, F_SUBSCRIPTION_ID) : NULL;
	struct stretch element;

	while (opcua_next(&asked, F_ITEMS_TO_CREATE, &element)) {
		struct operation op = opcua_begin(d, m);
		const struct item *node = opcua_item_in(element, F_NODE_ID);
		const struct item *handle = opcua_item_in(element, F_CLIENT_HANDLE);
		op.object = opcua_attribute_of(element);
		op.point_text = opcua_text_of(d, node);
		opcua_set_outcome(&op, opcua_next_of(&answered, F_RESULTS));
		operation_add(d, &op);
		if (node && handle && subscription && op.outcome != OUTCOME_REJECTED)
			opcua_item_see(d->state, (uint32_t)subscription->u,
				(uint32_t)handle->u, item_bytes(node));
	}
}

/* The node that a handle stands for, where it was seen; else the handle. */
static struct bytes watched(
	struct dissect *d, uint32_t subscription, const struct item *handle)
{
	char text[FORMAT_MAX];
	struct opcua_text t = { text, 0, sizeof(text) };
	struct bytes node =
		handle ? opcua_item_find(d->state, subscription, (uint32_t)handle->u)
		       : (struct bytes){ NULL, 0 };

	if (node.len) {
		opcua_text_format(&t, opcua_format_node_id, node);
	} else if (handle) {
		opcua_text_str(&t, "handle ");
		opcua_text_uint(&t, handle->u);
	}
	return keep(d, (struct bytes){ (const uint8_t *)text, t.len });
}

static void operate_notification(struct dissect *d, const struct meaning *m,
	struct stretch notification, uint32_t subscription)
{
	struct stretch element;

	while (opcua_next(&notification, F_MONITORED_ITEMS, &element)) {
		struct operation op = opcua_begin(d, m);
		op.point_text =
			watched(d, subscription, opcua_item_in(element, F_CLIENT_HANDLE));
		op.value = opcua_values_in(d, element);
		opcua_set_outcome(&op, element);
		operation_add(d, &op);
	}
}

/* The answer tells what changed since; a request alone asks for nothing yet. */
void opcua_operate_publish(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch answer = opcua_whole(p.response), notification;
	uint64_t subscription = 0;

	if (!p.response)
		return;
	message_uint(p.response, F_SUBSCRIPTION_ID, &subscription);
	while (opcua_next(&answer, F_NOTIFICATION_DATA, &notification))
		operate_notification(d, m, notification, (uint32_t)subscription);
}
