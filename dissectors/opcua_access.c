/* Reading and writing of attributes. */
#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_operate.h"
#include "opcua_text.h"

const char *opcua_attribute_name(uint64_t attribute)
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

	return names[attribute < sizeof(names) / sizeof(*names) ? attribute : 0];
}

const char *opcua_attribute_of(const struct picked *from)
{
	const struct item *item = from->item[PICK_ATTRIBUTE];

	return opcua_attribute_name(item ? item->u : 0);
}

/* An empty index range is none. */
enum extent opcua_extent_of(const struct picked *from)
{
	const struct item *range = from->item[PICK_RANGE];

	return range && range->len ? EXTENT_PART : EXTENT_WHOLE;
}

/* What a server says of itself in answer to a read: `text`, empty where it is another value. */
static void identify_node(struct dissect *d, uint32_t id, struct bytes text)
{
	enum { FIRST = 2261 };
	static const uint8_t identities[] = { IDENTITY_PRODUCT, IDENTITY_URI,
		IDENTITY_VENDOR, IDENTITY_FIRMWARE };

	if (id - FIRST < sizeof(identities) && text.len)
		identity_add(d, (enum identity)identities[id - FIRST], text);
}

static struct bytes text_of(const struct picked *result, const struct values *value)
{
	const struct item *item = result->item[PICK_VALUE];

	return item && item->field == F_VALUE_TEXT ? value->bytes : (struct bytes){ NULL, 0 };
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
		const struct item *item = opcua_whole_item(m, fields[i].field);
		if (item && item->len)
			identity_add(
				d, (enum identity)fields[i].identity, item_bytes(item));
	}
}

void opcua_operate_read(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	struct operation op = opcua_begin(d, m);
	struct picked one, result;

	while (opcua_pick(&asked, F_NODES_TO_READ, &one)) {
		const struct item *node = one.item[PICK_NODE];
		opcua_pick(&answered, F_RESULTS, &result);
		op.object = opcua_attribute_of(&one);
		op.extent = opcua_extent_of(&one);
		opcua_set_point(d, &op, node);
		op.value = opcua_values_of(d, &result);
		opcua_set_outcome(&op, result.item[PICK_STATUS]);
		operation_add(d, &op);
		if (node)
			identify_node(d, opcua_standard_id(item_bytes(node)),
				text_of(&result, &op.value));
	}
	identify_build(d, p.response);
}

void opcua_operate_write(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	struct operation op = opcua_begin(d, m);
	struct picked one, result;

	while (opcua_pick(&asked, F_NODES_TO_WRITE, &one)) {
		opcua_pick(&answered, F_RESULTS, &result);
		op.object = opcua_attribute_of(&one);
		op.extent = opcua_extent_of(&one);
		opcua_set_point(d, &op, one.item[PICK_NODE]);
		op.value = opcua_values_of(d, &one);
		opcua_set_outcome(&op, result.item[PICK_STATUS]);
		operation_add(d, &op);
	}
}
