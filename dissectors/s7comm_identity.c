/* What status lists tell of the device: for the inventory. */
#include <stdio.h>

#include "s7comm_operate.h"

static void identify_module(struct dissect *d, const struct message *m,
	const struct item *element, uint64_t index)
{
	const struct item *order = s7_in_group(m, element, SZL_R_ORDER);
	const struct item *version = s7_in_group(m, element, SZL_R_VERSION);
	const struct item *ausbe = s7_in_group(m, element, SZL_R_AUSBE);
	char text[8];

	if (index == 1 && order) {
		struct bytes product =
			s7_formatted(d, s7_trimmed_text, item_bytes(order));
		if (product.len)
			identity_add(d, IDENTITY_PRODUCT, product);
		if (s7_begins_with(product, "6ES7") || s7_begins_with(product, "6GK7"))
			identity_add(d, IDENTITY_VENDOR,
				(struct bytes){ (const uint8_t *)"Siemens", 7 });
	}
	if (version && index == 7)
		identity_add(d, IDENTITY_FIRMWARE,
			s7_formatted(d, s7_version_text, item_bytes(version)));
	if (index == 6 && ausbe) {
		size_t len = (size_t)sprintf(text, "%u", (unsigned)ausbe->u);
		identity_add(d, IDENTITY_HARDWARE,
			keep(d, (struct bytes){ (const uint8_t *)text, len }));
	}
}

static bool contains(struct bytes text, const char *what)
{
	return text.len && memmem(text.at, text.len, what, strlen(what));
}

static void identify_component(struct dissect *d, struct bytes text, uint64_t index)
{
	static const uint8_t identities[] = {
		[0] = IDENTITY_COUNT, [1] = IDENTITY_NAME, [2] = IDENTITY_MODULE,
		[3] = IDENTITY_COUNT, [4] = IDENTITY_VENDOR, [5] = IDENTITY_SERIAL,
		[6] = IDENTITY_COUNT, [7] = IDENTITY_MODEL,
	};
	const struct bytes siemens = { (const uint8_t *)"Siemens", 7 };

	if (index >= sizeof(identities) || identities[index] == IDENTITY_COUNT ||
		!text.len)
		return;
	bool is_vendor = identities[index] == IDENTITY_VENDOR;
	identity_add(d, identities[index],
		is_vendor && contains(text, "Siemens") ? siemens : text);
	if (identities[index] == IDENTITY_MODEL && s7_begins_with(text, "CPU"))
		identity_add(
			d, IDENTITY_ROLE, (struct bytes){ (const uint8_t *)"PLC", 3 });
}

void s7_identify(struct dissect *d, const struct message *m)
{
	const struct item *element;
	uint32_t at = 0;

	while ((element = s7_next_group(m, &at, SZL))) {
		const struct item *index = s7_in_group(m, element, SZL_R_INDEX);
		const struct item *text = s7_in_group(m, element, SZL_R_TEXT);
		if (index && text)
			identify_component(d, s7_formatted(d, s7_trimmed_text,
				item_bytes(text)), index->u);
		else if (index)
			identify_module(d, m, element, index->u);
	}
}

