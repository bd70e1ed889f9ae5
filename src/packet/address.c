#include <arpa/inet.h>

#include "packet/packet.h"

static size_t put_decimal(char *at, uint8_t v)
{
	size_t len = 0;
	if (v >= 100)
		at[len++] = (char)('0' + v / 100);
	if (v >= 10)
		at[len++] = (char)('0' + v / 10 % 10);
	at[len++] = (char)('0' + v % 10);
	return len;
}

static size_t ipv4_text(const uint8_t at[4], char *text)
{
	size_t len = put_decimal(text, at[0]);
	for (unsigned i = 1; i < 4; i++) {
		text[len++] = '.';
		len += put_decimal(text + len, at[i]);
	}
	return len;
}

static size_t ipv6_text(const uint8_t at[16], char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;
	for (unsigned i = 0; i < 16; i++) {
		if (i > 0 && i % 2 == 0)
			text[len++] = ':';
		text[len++] = digits[at[i] >> 4];
		text[len++] = digits[at[i] & 15];
	}
	return len;
}

size_t address_text(const struct address *a, char text[ADDRESS_TEXT])
{
	size_t len =
		address_is_ipv4(a) ? ipv4_text(a->at + 12, text) : ipv6_text(a->at, text);
	text[len] = '\0';
	return len;
}

bool address_parse(struct address *a, const char *text)
{
	struct address parsed = { .at = { [10] = 0xff, [11] = 0xff } };
	if (inet_pton(AF_INET, text, parsed.at + 12) != 1 &&
		inet_pton(AF_INET6, text, parsed.at) != 1)
		return false;
	*a = parsed;
	return true;
}
