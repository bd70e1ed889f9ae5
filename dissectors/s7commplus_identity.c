/* What the PLC says of itself. */
#include <stdio.h>

#include "s7commplus_parts.h"

/* Identification and maintenance record 0: vendor, order number, serial number, hardware,
 * firmware. */
enum { IM0_HEADER = 6, IM0_MIN = 54, IM0_SIEMENS = 42 };

static struct bytes trimmed(const uint8_t *at, size_t len)
{
	while (len && (at[len - 1] == ' ' || at[len - 1] == 0))
		len--;
	return (struct bytes){ at, len };
}

void plus_identify_record(struct dissect *d, struct bytes b)
{
	static const uint8_t header[IM0_HEADER] = { 0, 0x20, 0, 0x38, 1, 0 };
	char text[32];

	if (b.len < IM0_MIN || memcmp(b.at, header, sizeof(header)) != 0)
		return;
	if (be16_at(b.at + 6) == IM0_SIEMENS)
		identity_add(d, IDENTITY_VENDOR, plus_keep_text(d, "Siemens", 7));
	identity_add(d, IDENTITY_MODEL, trimmed(b.at + 8, 20));
	identity_add(d, IDENTITY_SERIAL, trimmed(b.at + 28, 16));
	int len = snprintf(text, sizeof(text), "%u", (unsigned)be16_at(b.at + 44));
	identity_add(d, IDENTITY_HARDWARE, plus_keep_text(d, text, (size_t)len));
	len = snprintf(text, sizeof(text), "%s%u.%u.%u", b.at[46] == 'V' ? "V" : "",
		b.at[47], b.at[48], b.at[49]);
	identity_add(d, IDENTITY_FIRMWARE, plus_keep_text(d, text, (size_t)len));
}

static void identify(struct dissect *d, struct bytes version)
{
	const uint8_t *first = memchr(version.at, ';', version.len);
	if (!first)
		return;
	size_t left = version.len - (size_t)(first + 1 - version.at);
	const uint8_t *second = memchr(first + 1, ';', left);
	if (!second)
		return;
	struct bytes order = { first + 1, (size_t)(second - first - 1) };
	struct bytes firmware = { second + 1, left - order.len - 1 };
	if (order.len >= 4 && memcmp(order.at, "6ES7", 4) == 0)
		identity_add(d, IDENTITY_VENDOR, plus_keep_text(d, "Siemens", 7));
	if (order.len)
		identity_add(d, IDENTITY_MODEL, order);
	if (firmware.len)
		identity_add(d, IDENTITY_FIRMWARE, firmware);
}

/* "1;6ES7 511-1AK00-0AB0;V1.0" */
void plus_identify(struct dissect *d, const struct message *response)
{
	bool is_version = false;

	for (uint32_t i = 0; response && i < response->count; i++) {
		const struct item *item = &response->items[i];
		if (item->field == FIELD_ATTRIBUTE_VALUE + ROW_ID)
			is_version = item->u == ID_PAOM_STRING;
		else if (item->field == FIELD_ATTRIBUTE_VALUE + ROW_TEXT && is_version)
			identify(d, item_bytes(item));
	}
}
