/* Which nodes a client watches under which handles. Bounded: a table in the flow's state.
 */
#include "opcua_channel.h"

enum { PLACES = 8 }; /* where an item may stand, from its own on */

static struct opcua_item *place(
	struct opcua_state *s, uint32_t subscription, uint32_t handle, unsigned i)
{
	uint32_t hash = (handle + subscription * 31) * 2654435761u;

	return &s->items[((hash >> 24) + i) % ITEMS];
}

static bool is_it(const struct opcua_item *item, uint32_t subscription, uint32_t handle)
{
	return item->len && item->subscription == subscription && item->handle == handle;
}

void opcua_item_expect(const struct opcua_state *s, uint32_t subscription, uint32_t handle)
{
	const struct opcua_item *item = place((struct opcua_state *)s, subscription, handle, 0);

	__builtin_prefetch(item);
	__builtin_prefetch(item->node_id);
}

const struct opcua_item *opcua_item_find(
	const struct opcua_state *s, uint32_t subscription, uint32_t handle)
{
	for (unsigned i = 0; i < PLACES; i++) {
		const struct opcua_item *item =
			place((struct opcua_state *)s, subscription, handle, i);
		if (is_it(item, subscription, handle))
			return item;
	}
	return NULL;
}

/* Its own place is taken from another if all are taken. A node id that is too long, or empty, is
 * forgotten rather than cut. */
void opcua_item_see(struct opcua_state *s, const struct opcua_item *item, struct bytes node_id)
{
	uint32_t subscription = item->subscription, handle = item->handle;
	struct opcua_item *to = place(s, subscription, handle, 0);

	for (unsigned i = PLACES; i-- > 0;)
		if (!place(s, subscription, handle, i)->len)
			to = place(s, subscription, handle, i);
	for (unsigned i = 0; i < PLACES; i++)
		if (is_it(place(s, subscription, handle, i), subscription, handle))
			to = place(s, subscription, handle, i);
	*to = *item;
	to->len = 0;
	if (!node_id.len || node_id.len > ITEM_ID_MAX)
		return;
	memcpy(to->node_id, node_id.at, node_id.len);
	to->len = (uint8_t)node_id.len;
}
