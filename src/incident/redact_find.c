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

/* ---- MACs ---- */

/* Where digits alone would be dates and versions as well, one must be a letter. */
struct mac_form {
	unsigned groups, least, most; /* digits of a group */
	char separator;
	bool has_letter;
};

static size_t mac_len(const char *at, const struct mac_form *form)
{
	const char *from = at;
	bool has_letter = false;

	for (unsigned g = 0; g < form->groups; g++) {
		unsigned digits = 0;
		if (g > 0 && *at++ != form->separator)
			return 0;
		for (; digits < form->most && isxdigit((unsigned char)*at); digits++, at++)
			has_letter |= isalpha((unsigned char)*at) != 0;
		if (digits < form->least)
			return 0;
	}
	bool goes_on = isalnum((unsigned char)*at) ||
		(*at == form->separator && isxdigit((unsigned char)at[1]));
	return goes_on || (form->has_letter && !has_letter) ? 0 : (size_t)(at - from);
}

static size_t find_mac(const char *text, const char *at)
{
	static const struct mac_form forms[] = {
		{ 6, 2, 2, ':', false }, { 6, 2, 2, '-', false },
		{ 3, 4, 4, '.', false }, { 3, 4, 4, '-', true },
		{ 6, 2, 2, '.', true }, { 6, 2, 2, '_', true },
	};
	static const struct mac_form short_form = { 6, 1, 2, ':', false };
	bool is_inside = at > text && at[-1] == ':'; /* maybe of an IPv6 address */
	size_t len = 0;

	for (unsigned i = 0; i < sizeof(forms) / sizeof(*forms) && !len; i++)
		len = mac_len(at, &forms[i]);
	return len || is_inside ? len : mac_len(at, &short_form);
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

/* Up to 255, in decimal whatever zeros it begins with; not a part of a longer number. */
static size_t octet_len(const char *at, unsigned *value)
{
	size_t len = strspn(at, "0123456789");

	*value = 0;
	for (size_t i = 0; i < len && len <= 3; i++)
		*value = 10 * *value + (unsigned)(at[i] - '0');
	return len <= 3 && *value <= 255 ? len : 0;
}

static size_t quad_len(const char *at, const char *separator, char text[INET6_ADDRSTRLEN])
{
	const char *from = at;
	unsigned octets[4];

	for (unsigned i = 0; i < 4; i++) {
		if (i > 0 && strncmp(at, separator, strlen(separator)) != 0)
			return 0;
		at += i > 0 ? strlen(separator) : 0;
		size_t len = octet_len(at, &octets[i]);
		if (!len)
			return 0;
		at += len;
	}
	snprintf(text, INET6_ADDRSTRLEN, "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
	return (size_t)(at - from);
}

/* As addresses stand in sentences, in host names and in what was made harmless. */
static size_t ipv4_len(const char *at, char text[INET6_ADDRSTRLEN])
{
	static const char *const separators[] = { ".", "-", "_", "[.]" };
	size_t len = 0;

	for (unsigned i = 0; i < sizeof(separators) / sizeof(*separators) && !len; i++)
		len = quad_len(at, separators[i], text);
	return len;
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
	size_t len = ipv4_len(at, text);

	len = len ? len : ipv6_len(at, text);
	return len && is_internal(text, registers) ? len : 0;
}

/* Behind letters, too: "ip10.1.2.3". A colon behind a group goes on with it. */
static bool may_begin(const char *text, const char *at)
{
	char before = at > text ? at[-1] : ' ';

	if (*at == ':')
		return !is_word(before);
	return isxdigit((unsigned char)*at) && !isdigit((unsigned char)before);
}

enum redact_found redact_find(const char *text, const char *from, const struct registers *registers,
	const char **at, size_t *len)
{
	for (; *from; from++) {
		if (!may_begin(text, from))
			continue;
		*at = from;
		*len = find_mac(text, from);
		if (*len)
			return REDACT_MAC;
		*len = find_address(from, registers);
		if (*len)
			return REDACT_ADDRESS;
	}
	return REDACT_NOTHING;
}
