/* Monitored items, and what is published of them. */
#include "opcua_channel.h"
#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_operate.h"
#include "opcua_text.h"

static void remember(struct dissect *d, uint64_t subscription, const struct picked *one)
{
	const struct item *attribute = one->item[PICK_ATTRIBUTE];
	struct opcua_item item = { .subscription = (uint32_t)subscription,
		.handle = (uint32_t)one->item[PICK_HANDLE]->u,
		.is_part = opcua_extent_of(one) == EXTENT_PART };

	if (attribute && attribute->u <= UINT8_MAX)
		item.attribute = (uint8_t)attribute->u;
	opcua_item_see(d->state, &item, item_bytes(one->item[PICK_NODE]));
}

void opcua_operate_monitor(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	const struct item *subscription =
		p.request ? message_item(p.request, F_SUBSCRIPTION_ID) : NULL;
	struct operation op = opcua_begin(d, m);
	struct picked one, result;

	while (opcua_pick(&asked, F_ITEMS_TO_CREATE, &one)) {
		opcua_pick(&answered, F_RESULTS, &result);
		op.object = opcua_attribute_of(&one);
		opcua_set_point(d, &op, one.item[PICK_NODE]);
		opcua_set_outcome(&op, result.item[PICK_STATUS]);
		operation_add(d, &op);
		if (one.item[PICK_NODE] && one.item[PICK_HANDLE] && subscription &&
			op.outcome != OUTCOME_REJECTED)
			remember(d, subscription->u, &one);
	}
}

static size_t format_handle(struct bytes handle, char *out)
{
	struct opcua_text t = { out, 0, FORMAT_MAX };
	uint64_t number;

	memcpy(&number, handle.at, sizeof(number));
	opcua_text_str(&t, "handle ");
	opcua_text_uint(&t, number);
	return t.len;
}

/* The node that a handle stands for, where it was seen; else the handle, which is where its
 * item has it. */
static void set_watched(struct dissect *d, struct operation *op, uint32_t subscription,
	const struct picked *one)
{
	const struct item *handle = one->item[PICK_HANDLE];
	const struct opcua_item *item =
		handle ? opcua_item_find(d->state, subscription, (uint32_t)handle->u) : NULL;

	if (item) {
		op->object = opcua_attribute_name(item->attribute);
		if (item->is_part)
			op->extent = EXTENT_PART;
		opcua_set_node(d, op, (struct bytes){ item->node_id, item->len });
		return;
	}
	op->point_text = (struct bytes){ NULL, 0 };
	op->point_format = format_handle;
	if (handle)
		op->point_text = opcua_number(d, one, PICK_HANDLE);
}

/* `in` goes on behind the notification. */
static void operate_notification(struct dissect *d, const struct meaning *m,
	struct stretch *in, uint32_t subscription, enum extent extent)
{
	struct operation op = opcua_begin(d, m);
	struct picked one;

	while (opcua_pick(in, F_MONITORED_ITEMS, &one)) {
		op.object = m->object;
		op.extent = (uint8_t)extent;
		set_watched(d, &op, subscription, &one);
		op.value = opcua_values_of(d, &one);
		opcua_set_outcome(&op, one.item[PICK_STATUS]);
		operation_add(d, &op);
	}
}

/* The answer tells what changed since; a request alone asks for nothing yet. */
void opcua_operate_publish(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch answer = opcua_whole(p.response);
	uint64_t subscription = 0;
	enum extent extent = EXTENT_WHOLE;

	if (!p.response)
		return;
	/* What is published again names its subscription in the request alone, and may be old. */
	if (!message_uint(p.response, F_SUBSCRIPTION_ID, &subscription)) {
		extent = EXTENT_PART;
		if (p.request)
			message_uint(p.request, F_SUBSCRIPTION_ID, &subscription);
	}
	while (opcua_enter(&answer, F_NOTIFICATION_DATA))
		operate_notification(d, m, &answer, (uint32_t)subscription, extent);
}
