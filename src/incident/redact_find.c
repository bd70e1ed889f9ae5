/* Addresses in text, by their form. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "incident/redact.h"
#include "incident/register.h"
#include "output/eve.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* ---- MACs: 3c:ec:ef:10:77:01, 3c-ec-…, 3cec.ef10.7701 ---- */

static size_t mac_len(const char *at, unsigned groups, unsigned digits, char separator)
{
	const char *from = at;

	for (unsigned g = 0; g < groups; g++) {
		if (g > 0 && *at++ != separator)
			return 0;
		for (unsigned i = 0; i < digits; i++, at++)
			if (!isxdigit((unsigned char)*at))
				return 0;
	}
	bool goes_on = is_word(*at) || (*at == separator && isxdigit((unsigned char)at[1]));
	return goes_on ? 0 : (size_t)(at - from);
}

static size_t find_mac(const char *at)
{
	size_t len = mac_len(at, 6, 2, ':');

	len = len ? len : mac_len(at, 6, 2, '-');
	return len ? len : mac_len(at, 3, 4, '.');
}

/* ---- which addresses are internal ---- */

static bool is_in(const struct address *a, const uint8_t *prefix, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a->at, prefix, whole) != 0)
		return false;
	return !rest || (a->at[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

static bool is_internal(const char *text, const struct registers *registers)
{
#define IPV4(a, b) { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b }
	static const struct {
		uint8_t prefix[16];
		unsigned bits;
	} internal[] = {
		{ IPV4(10, 0), 104 }, { IPV4(172, 16), 108 }, { IPV4(192, 168), 112 },
		{ IPV4(127, 0), 104 }, { IPV4(169, 254), 112 }, { IPV4(100, 64), 106 },
		{ { 0xfc }, 7 }, { { 0xfe, 0x80 }, 10 }, { { [15] = 1 }, 128 },
	};
#undef IPV4
	struct address a;

	if (!address_parse(&a, text))
		return false;
	for (unsigned i = 0; i < sizeof(internal) / sizeof(*internal); i++)
		if (is_in(&a, internal[i].prefix, internal[i].bits))
			return true;
	return registers && registers_zone(registers, &a) != NULL;
}

/* ---- addresses ---- */

/* Four numbers up to 255; not five, and not a part of a longer number. */
static size_t ipv4_len(const char *at)
{
	char piece[20] = ""; /* sscanf() measures all of a text */
	unsigned a, b, c, d;
	int len = 0;

	memcpy(piece, at, strnlen(at, sizeof(piece) - 1));
	if (sscanf(piece, "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &len) != 4 || len > 15)
		return 0;
	for (int i = 0; i < len; i++)
		if (at[i] != '.' && !isdigit((unsigned char)at[i]))
			return 0;
	bool goes_on = isdigit((unsigned char)at[len]) ||
		(at[len] == '.' && isdigit((unsigned char)at[len + 1]));
	return a > 255 || b > 255 || c > 255 || d > 255 || goes_on ? 0 : (size_t)len;
}

/* The longest piece of hex digits, colons and dots that is an IPv6 address. */
static size_t ipv6_len(const char *at, char text[INET6_ADDRSTRLEN])
{
	size_t len = strspn(at, "0123456789abcdefABCDEF:.");
	uint8_t binary[16];

	if (len >= INET6_ADDRSTRLEN)
		len = INET6_ADDRSTRLEN - 1;
	for (; len >= 2 && memchr(at, ':', len); len--) {
		memcpy(text, at, len);
		text[len] = '\0';
		if (inet_pton(AF_INET6, text, binary) == 1)
			return len;
	}
	return 0;
}

static size_t find_address(const char *at, const struct registers *registers)
{
	char text[INET6_ADDRSTRLEN];
	size_t len = ipv4_len(at);

	if (len) {
		memcpy(text, at, len);
		text[len] = '\0';
	} else {
		len = ipv6_len(at, text);
	}
	return len && is_internal(text, registers) ? len : 0;
}

enum redact_found redact_find(const char *text, const char *from, const struct registers *registers,
	const char **at, size_t *len)
{
	for (; *from; from++) {
		bool may_begin = isxdigit((unsigned char)*from) || *from == ':';
		if (!may_begin || (from > text && is_word(from[-1])))
			continue;
		*at = from;
		*len = find_mac(from);
		if (*len)
			return REDACT_MAC;
		*len = find_address(from, registers);
		if (*len)
			return REDACT_ADDRESS;
	}
	return REDACT_NOTHING;
}
