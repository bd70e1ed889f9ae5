/* How addresses, times and versions read: at most FORMAT_MAX bytes each. */
#include <stdio.h>
#include <stdlib.h>

#include "s7comm_fields.h"
#include "s7comm_names.h"

enum { DB_PREFIX = 2, DATE_LENGTH = 6, DAY_MS = 86400000, DAYS_BEFORE_1984 = 5113 };

static size_t hex(struct bytes b, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < b.len && len + 2 < FORMAT_MAX; i++)
		len += (size_t)sprintf(out + len, "%02x", b.at[i]);
	return len;
}

/* ---- addresses, as Siemens writes them ---- */

/* The letter of a type's width: DBX0.0, DBB0, DBW0, DBD0. */
static char width_letter(uint8_t type)
{
	size_t size = s7_type_size(type);

	return type == S7_BIT ? 'X' : size == 2 ? 'W' : size == 4 ? 'D' : 'B';
}

static const char *area_prefix(uint8_t area)
{
	static const char *const prefixes[256] = {
		[S7_AREA_P] = "P",
		[S7_AREA_I] = "I",
		[S7_AREA_Q] = "Q",
		[S7_AREA_M] = "M",
		[S7_AREA_L] = "L",
		[S7_AREA_V] = "V",
		[S7_AREA_C] = "C",
		[S7_AREA_T] = "T",
		[S7_AREA_IEC_C] = "C",
		[S7_AREA_IEC_T] = "T",
		[0x01] = "DR",
		[0x03] = "SI",
		[0x05] = "SM",
		[0x06] = "AI",
		[0x07] = "AQ",
	};

	return prefixes[area];
}

/* Operations are made of these all the time: without printf. */
static char *say(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *say_number(char *at, uint32_t number)
{
	char digits[10];
	unsigned count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		*at++ = digits[--count];
	return at;
}

/* "4.0" of a bit, "4" of what is wider. */
static char *say_place(char *at, char letter, uint32_t address)
{
	at = say_number(at, address >> 3);
	if (letter != 'X')
		return at;
	*at++ = '.';
	return say_number(at, address & 7);
}

static bool is_block(uint8_t area)
{
	return area == S7_AREA_DB || area == S7_AREA_DI;
}

/* Area, the width's letter, data block, bit; zeros where the area has none of it. */
void s7_place(const struct s7_address *a, uint8_t place[S7_PLACE])
{
	uint32_t address = a->address;
	uint16_t db = is_block(a->area) ? a->db : 0;
	char letter = s7_area_is_numbered(a->area) ? 0
		: address & 7			   ? 'X'
						   : width_letter(a->type);

	memcpy(place, (uint8_t[]){ a->area, (uint8_t)letter }, 2);
	memcpy(place + 2, &db, sizeof(db));
	memcpy(place + 4, &address, sizeof(address));
}

size_t s7_place_text(struct bytes place, char *out)
{
	uint8_t area = place.at[0];
	char letter = (char)place.at[1], *at = out;
	const char *prefix = area_prefix(area);
	uint32_t address;
	uint16_t db;

	memcpy(&db, place.at + 2, sizeof(db));
	memcpy(&address, place.at + 4, sizeof(address));
	if (s7_area_is_numbered(area))
		return (size_t)(say_number(say(at, prefix), address) - out);
	if (is_block(area)) {
		prefix = area == S7_AREA_DB ? "DB" : "DI";
		at = say_number(say(at, prefix), db);
		*at++ = '.';
		at = say(at, prefix);
		*at++ = letter;
	} else if (!prefix) {
		at += sprintf(at, "area 0x%02x %c", area, letter);
	} else {
		at = say(at, prefix);
		if (letter != 'X')
			*at++ = letter;
	}
	return (size_t)(say_place(at, letter, address) - out);
}

static size_t any_text(const struct s7_address *a, char *out)
{
	uint8_t place[S7_PLACE];

	s7_place(a, place);
	return s7_place_text((struct bytes){ place, sizeof(place) }, out);
}

static size_t nck_text(struct cursor c, char *out)
{
	uint8_t area = cursor_u8(&c);
	unsigned column = cursor_be16(&c), line = cursor_be16(&c), module = cursor_u8(&c);

	return (size_t)sprintf(out, "%s %u module %u column %u line %u",
		name_of(s7_nck_area_names, area >> 5), area & 0x1fu, module, column,
		line);
}

/* An area or data block and the numbers behind it: "DB5.9.10", "merker.3". */
static size_t symbol_text(struct cursor c, char *out)
{
	cursor_skip(&c, 1);
	unsigned kind = cursor_be16(&c), area = cursor_be16(&c);
	const char *name = kind ? "DB" : name_of(s7_symbol_area_names, area);
	size_t len = (size_t)sprintf(out, "%s", name ? name : "area ");

	if (kind || !name)
		len += (size_t)sprintf(out + len, "%u", area);
	cursor_skip(&c, 4);
	while (c.left > 0 && len + 16 < FORMAT_MAX)
		len += (size_t)sprintf(out + len, ".%u", cursor_be32(&c) & 0x0fffffff);
	return len;
}

size_t s7_point_text(struct bytes specification, char *out)
{
	struct cursor c = cursor_of(specification);
	struct s7_address a = s7_address_read(specification);
	unsigned number, index;

	cursor_skip(&c, 2);
	switch (cursor_u8(&c)) {
	case S7_SYNTAX_ANY:
		return any_text(&a, out);
	case S7_SYNTAX_SYMBOL:
		return symbol_text(c, out);
	case S7_SYNTAX_DRIVE:
		cursor_skip(&c, 5);
		number = cursor_be16(&c);
		index = cursor_be16(&c);
		return (size_t)sprintf(out, "p%u[%u]", number, index);
	}
	return nck_text(c, out);
}

/* One place of a list: length, data block, byte. */
size_t s7_area_text(struct bytes area, char *out)
{
	struct cursor c = cursor_of(area);

	cursor_skip(&c, 1);
	char *at = say_number(say(out, "DB"), cursor_be16(&c));
	return (size_t)(say_number(say(at, ".DBB"), cursor_be16(&c)) - out);
}

/* A variable of the programmer commands: area with its width, count or bit, DB, byte. */
size_t s7_variable_text(struct bytes variable, char *out)
{
	struct cursor c = cursor_of(variable);
	uint8_t area = cursor_u8(&c), bit = cursor_u8(&c);
	unsigned db = cursor_be16(&c), byte = cursor_be16(&c);
	const char *name = name_of(s7_variable_area_names, area);
	bool is_db = area >> 4 == 7, is_bit = (area & 0x0f) == 0;
	size_t len = is_db ? (size_t)sprintf(out, "DB%u.", db) : 0;

	if (!name)
		return len + (size_t)sprintf(out + len, "area 0x%02x %u", area, byte);
	if (is_bit && !is_db)
		return len + (size_t)sprintf(out + len, "%c%u.%u", *name, byte, bit);
	if (is_bit)
		return len + (size_t)sprintf(out + len, "%s%u.%u", name, byte, bit);
	return len + (size_t)sprintf(out + len, "%s%u", name, byte);
}

/* ---- blocks: "0A00001P", or behind a file identifier "_0A00001P" ---- */

size_t s7_block_text(struct bytes name, char *out)
{
	const uint8_t *at = name.at + (name.len > 8);
	char digits[] = { (char)at[0], (char)at[1], '\0' };
	const char *type = name_of(s7_block_type_names, strtoul(digits, NULL, 16));
	unsigned number = 0;

	for (unsigned i = 2; i < 7; i++)
		number = number * 10 + (unsigned)(at[i] - '0');
	return (size_t)sprintf(out, "%s%u", type ? type : digits, number);
}

/* ---- times and versions ---- */

static int decimal(uint8_t bcd)
{
	return (bcd >> 4) > 9 || (bcd & 0x0f) > 9 ? -1 : (bcd >> 4) * 10 + (bcd & 0x0f);
}

/* Eight bytes of BCD, from the year on; before them may stand a reserved byte and the
 * century, which devices do not keep reliably: 90 to 99 are of the last one. */
size_t s7_clock_text(struct bytes bcd, char *out)
{
	struct bytes b = bcd.len == 10 ? (struct bytes){ bcd.at + 2, 8 } : bcd;
	int part[7];

	if (b.len != 8)
		return hex(bcd, out);
	for (unsigned i = 0; i < 7; i++)
		part[i] = decimal(b.at[i]);
	for (unsigned i = 0; i < 7; i++)
		if (part[i] < 0 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
			part[2] > 31)
			return hex(bcd, out);
	return (size_t)sprintf(out, "%u-%02u-%02uT%02u:%02u:%02u.%02u%u",
		(unsigned)part[0] + (part[0] < 90 ? 2000 : 1900), (unsigned)part[1],
		(unsigned)part[2], (unsigned)part[3], (unsigned)part[4],
		(unsigned)part[5], (unsigned)part[6], b.at[7] >> 4);
}

/* Milliseconds of the day, and days since 1984. */
size_t s7_date_text(struct bytes time, char *out)
{
	struct cursor c = cursor_of(time);
	uint32_t ms = cursor_be32(&c);
	uint32_t days = cursor_be16(&c) + DAYS_BEFORE_1984;

	if (time.len != DATE_LENGTH || ms >= DAY_MS)
		return hex(time, out);
	/* Days since 1970 to a date: eras of 400 years that begin in March. */
	uint32_t from_march = days + 719468, era = from_march / 146097;
	uint32_t of_era = from_march % 146097;
	uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint32_t month = (5 * of_year + 2) / 153,
		 day = of_year - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	return (size_t)sprintf(out, "%u-%02u-%02uT%02u:%02u:%02u.%03u",
		year + era * 400 + (month <= 2), month, day, ms / 3600000,
		ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

size_t s7_version_text(struct bytes version, char *out)
{
	const uint8_t *at = version.at;

	if (version.len != 4)
		return hex(version, out);
	return (size_t)sprintf(out, "V%u.%u.%u", at[1], at[2], at[3]);
}

size_t s7_header_version_text(struct bytes version, char *out)
{
	if (version.len != 1)
		return 0;
	return (size_t)sprintf(out, "%u.%u", version.at[0] >> 4, version.at[0] & 0x0fu);
}

size_t s7_ip_text(struct bytes ip, char *out)
{
	if (ip.len != 4)
		return hex(ip, out);
	return (size_t)sprintf(
		out, "%u.%u.%u.%u", ip.at[0], ip.at[1], ip.at[2], ip.at[3]);
}

size_t s7_mac_text(struct bytes mac, char *out)
{
	if (mac.len != 6)
		return hex(mac, out);
	return (size_t)sprintf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac.at[0], mac.at[1],
		mac.at[2], mac.at[3], mac.at[4], mac.at[5]);
}

/* Text of fixed room ends at the first zero, or where only spaces follow. */
size_t s7_trimmed_text(struct bytes text, char *out)
{
	size_t len = text.len < FORMAT_MAX ? text.len : FORMAT_MAX;

	if (len == 0)
		return 0;
	len = strnlen((const char *)text.at, len);
	while (len > 0 && text.at[len - 1] == ' ')
		len--;
	memcpy(out, text.at, len);
	return len;
}
