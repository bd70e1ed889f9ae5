/* Reading and writing of attributes. */
#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_operate.h"
#include "opcua_text.h"

const char *opcua_attribute_of(struct stretch in)
{
	static const char *const names[] = {
		"attribute",
		"node_id",
		"node_class",
		"browse_name",
		"display_name",
		"description",
		"write_mask",
		"user_write_mask",
		"is_abstract",
		"symmetric",
		"inverse_name",
		"contains_no_loops",
		"event_notifier",
		"value",
		"data_type",
		"value_rank",
		"array_dimensions",
		"access_level",
		"user_access_level",
		"minimum_sampling_interval",
		"historizing",
		"executable",
		"user_executable",
		"data_type_definition",
		"role_permissions",
		"user_role_permissions",
		"access_restrictions",
		"access_level_ex",
	};
	const struct item *item = opcua_item_in(in, F_ATTRIBUTE_ID);

	return names[item && item->u < sizeof(names) / sizeof(*names) ? item->u : 0];
}

/* What a server says of itself in answer to a read. */
static void identify_node(struct dissect *d, struct stretch asked, struct stretch answer)
{
	static const struct {
		uint16_t id;
		uint8_t identity;
	} nodes[] = {
		{ 2261, IDENTITY_PRODUCT },
		{ 2262, IDENTITY_URI },
		{ 2263, IDENTITY_VENDOR },
		{ 2264, IDENTITY_FIRMWARE },
	};
	const struct item *node = opcua_item_in(asked, F_NODE_ID), *value;
	uint32_t id = node ? opcua_standard_id(item_bytes(node)) : 0;

	for (unsigned i = 0; id && i < sizeof(nodes) / sizeof(*nodes); i++)
		if (nodes[i].id == id && (value = opcua_item_in(answer, F_VALUE_TEXT)) &&
			value->len)
			identity_add(
				d, (enum identity)nodes[i].identity, item_bytes(value));
}

static void identify_build(struct dissect *d, const struct message *m)
{
	static const struct {
		uint16_t field;
		uint8_t identity;
	} fields[] = {
		{ F_MANUFACTURER_NAME, IDENTITY_VENDOR },
		{ F_PRODUCT_NAME, IDENTITY_PRODUCT },
		{ F_SOFTWARE_VERSION, IDENTITY_FIRMWARE },
		{ F_PRODUCT_URI, IDENTITY_URI },
	};

	if (!m || !message_item(m, F_MANUFACTURER_NAME))
		return;
	for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct item *item = message_item(m, fields[i].field);
		if (item && item->len)
			identity_add(
				d, (enum identity)fields[i].identity, item_bytes(item));
	}
}

void opcua_operate_read(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	struct stretch element;

	while (opcua_next(&asked, F_NODES_TO_READ, &element)) {
		struct operation op = opcua_begin(d, m);
		struct stretch result = opcua_next_of(&answered, F_RESULTS);
		op.object = m->object ? m->object : opcua_attribute_of(element);
		op.point_text = opcua_text_of(d, opcua_item_in(element, F_NODE_ID));
		op.value = opcua_values_in(d, result);
		opcua_set_outcome(&op, result);
		operation_add(d, &op);
		identify_node(d, element, result);
	}
	identify_build(d, p.response);
}

void opcua_operate_write(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	struct stretch element;

	while (opcua_next(&asked, F_NODES_TO_WRITE, &element)) {
		struct operation op = opcua_begin(d, m);
		op.object = opcua_attribute_of(element);
		op.point_text = opcua_text_of(d, opcua_item_in(element, F_NODE_ID));
		op.value = opcua_values_in(d, element);
		opcua_set_outcome(&op, opcua_next_of(&answered, F_RESULTS));
		operation_add(d, &op);
	}
}
