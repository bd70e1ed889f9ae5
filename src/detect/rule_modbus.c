/* Suricata's `modbus:` keyword, turned into predicates on requests:
 *   modbus: function 8, subfunction 4      modbus: function !reserved
 *   modbus: access write holding, address 100<>200, value >500
 *   modbus: unit 10, function 5
 * Its addresses count from 1, and its ranges leave their ends out. */
#include <stdio.h>

#include "detect/rule_read.h"

/* Modbus application protocol V1.1b3, 4.1 and annex A. Codes in use by a subfunction only
 * (8/19, 8/21 and on, 43 other than 13 and 14) count as their function. */
static const struct {
	const char *name, *codes;
} categories[] = {
	{ "assigned", "[1-8,11,12,15-17,20-24,43]" },
	{ "unassigned", "[18,19,25-40,44-64,73-89,92-99,111-124]" },
	{ "public", "[1-8,11,12,15-40,43-64,73-89,92-99,111-124]" },
	{ "user", "[65-72,100-110]" },
	{ "reserved", "[9,10,13,14,41,42,90,91,125-127]" },
	{ "all", "[1-127]" },
};

static const struct name tables[] = {
	{ 1, "discretes" }, { 2, "coils" }, { 4, "input" }, { 8, "holding" }, { 0, NULL },
};

static bool add(struct parse *p, const char *keyword, int64_t last, struct slice value,
	bool one_range)
{
	struct field_ref ref;
	struct numbers numbers = { 0 };

	if (!field_find(keyword, strlen(keyword), &ref))
		return refuse(p, "Modbus is not in this build");
	ref.half = HALF_REQUEST;
	if (one_range ? !number_range_read(p, value, &numbers.ranges[0]) :
		!numbers_read(p, value, NULL, &numbers))
		return false;
	numbers.count += one_range;
	return use_dissector(p, ref.dissector) && numbers_within(p, &numbers, last) &&
		predicate_add(p, &ref, &numbers, spelled(p, slice_of(keyword), value));
}

static bool read_category(struct parse *p, struct slice word)
{
	struct slice name = word;
	char value[80];

	name.at += *word.at == '!';
	name.len -= *word.at == '!';
	name = slice_trim(name);
	for (size_t i = 0; i < sizeof(categories) / sizeof(*categories); i++)
		if (slice_is(name, categories[i].name)) {
			snprintf(value, sizeof(value), "%s%s", *word.at == '!' ? "!" : "",
				categories[i].codes);
			return add(p, "modbus.function", UINT8_MAX, slice_of(value), false);
		}
	return refuse(p,
		"'%s' is no function: write a code from 1 to 255, or assigned, "
		"unassigned, public, user, reserved, all",
		shown(p, word));
}

/* "8, subfunction 4" */
static bool read_function(struct parse *p, struct slice rest)
{
	struct slice function = slice_cut(&rest, ',');
	int64_t code, subcode;

	if (function.len == 0)
		return refuse(p, "function needs a code or a category");
	if (!slice_number(function, &code))
		return rest.len ? refuse(p, "a category has no subfunction") :
			read_category(p, function);
	if (code < 1 || code > 255)
		return refuse(p, "a function code is a number from 1 to 255");
	if (!add(p, "modbus.function", UINT8_MAX, function, true))
		return false;
	rest = slice_trim(rest);
	if (rest.len == 0)
		return true;
	struct slice key = slice_word(&rest);
	if (!slice_is(key, "subfunction") || !slice_number(rest, &subcode) ||
		subcode < 0 || subcode > 65535)
		return refuse(p, "only subfunction and a number can follow a function");
	return add(p, "modbus.subfunction", UINT16_MAX, slice_trim(rest), true);
}

static bool clamp(struct parse *p, struct number_range *r)
{
	r->low = r->low < 0 ? 0 : r->low;
	r->high = r->high > 65535 ? 65535 : r->high;
	return r->low <= r->high || refuse(p, "nothing lies in that range");
}

/* "address R", "value R" */
static bool read_place(struct parse *p, struct slice rest, const char *word, bool *has,
	struct number_range *out)
{
	struct slice key = slice_word(&rest);

	rest = slice_trim(rest);
	*has = true;
	if (!slice_is(key, word))
		return refuse(p, "%s and a number or range have to stand here", word);
	return number_range_read(p, rest, out);
}

static bool read_address(struct parse *p, struct slice part, struct modbus_access *m)
{
	if (!read_place(p, part, "address", &m->has_address, &m->address))
		return false;
	if (m->address.low == 0 && m->address.high == 0)
		return refuse(p, "addresses count from 1 here");
	m->address.low -= m->address.low != INT64_MIN;
	m->address.high -= m->address.high != INT64_MAX;
	return clamp(p, &m->address);
}

static bool read_value(struct parse *p, struct slice part, struct modbus_access *m)
{
	if (!m->is_write)
		return refuse(p, "a value can only be asked for with access write");
	return read_place(p, part, "value", &m->has_value, &m->value) &&
		clamp(p, &m->value);
}

static bool read_table(struct parse *p, struct slice word, struct modbus_access *m)
{
	uint64_t table;

	if (!name_value(tables, word.at, word.len, &table))
		return refuse(p, "'%s' is no table: discretes, coils, input or holding",
			shown(p, word));
	if (m->is_write && table & (1 | 4))
		return refuse(p, "%s can only be read", shown(p, word));
	m->table = (uint8_t)table;
	return true;
}

/* "write holding, address 100, value >500" */
static bool read_access(struct parse *p, struct slice rest)
{
	struct modbus_access *m = &p->rule.modbus;
	struct slice first = slice_cut(&rest, ',');
	struct slice kind = slice_word(&first);
	struct slice address = slice_cut(&rest, ','), value = slice_cut(&rest, ',');

	first = slice_trim(first);
	m->used = true;
	m->is_write = slice_is(kind, "write");
	if (!m->is_write && !slice_is(kind, "read"))
		return refuse(p, "access is read or write");
	if (first.len && !read_table(p, first, m))
		return false;
	if (slice_trim(rest).len)
		return refuse(p, "nothing can follow the value");
	return (!address.len || read_address(p, address, m)) &&
		(!value.len || read_value(p, value, m));
}

bool take_modbus(struct parse *p, const struct option *o)
{
	const struct dissector *modbus = dissector_find("modbus", 6);
	struct slice rest = slice_unquote(o->value);
	struct slice word = slice_word(&rest);

	if (!modbus || !use_dissector(p, modbus))
		return refuse(p, "Modbus is not in this build");
	if (p->rule.modbus.used)
		return refuse(p, "a rule has one modbus: access at most");
	if (slice_is(word, "unit")) {
		if (!add(p, "modbus.unit_id", UINT8_MAX, slice_cut(&rest, ','), true))
			return false;
		rest = slice_trim(rest);
		if (rest.len == 0)
			return true;
		word = slice_word(&rest);
	}
	rest = slice_trim(rest);
	if (slice_is(word, "function"))
		return read_function(p, rest);
	if (slice_is(word, "access"))
		return read_access(p, rest);
	return refuse(p, "modbus: begins with function, access or unit");
}
