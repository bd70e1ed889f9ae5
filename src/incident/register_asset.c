/* Assets by address, MAC, address and unit, and id. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/register_state.h"

enum { KEY = 256 };

static int tristate(const json_t *v)
{
	return json_is_boolean(v) ? json_is_true(v) : -1;
}

/* ---- keys ---- */

static void ip_key(char key[KEY], const struct address *a)
{
	memcpy(key, "ip:", 3);
	address_text(a, key + 3);
}

static void unit_key(char key[KEY], const struct address *a, const char *unit)
{
	char text[ADDRESS_TEXT];

	address_text(a, text);
	snprintf(key, KEY, "unit:%s %s", text, unit);
}

static void mac_key(char key[KEY], const uint8_t mac[6])
{
	snprintf(key, KEY, "mac:%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3],
		mac[4], mac[5]);
}

/* The schema has seen to its form. */
static void read_mac(const char *text, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)strtoul(text + 3 * i, NULL, 16);
}

/* ---- loading ---- */

static struct register_asset asset_of(const json_t *row)
{
	return (struct register_asset){ .id = register_text(row, "id"),
		.name = register_text(row, "name"),
		.role = register_text(row, "role"),
		.vendor = register_text(row, "vendor"),
		.model = register_text(row, "model"), .zone = register_text(row, "zone"),
		.site = register_text(row, "site"), .owner = register_text(row, "owner"),
		.criticality = register_text(row, "criticality"),
		.safety = tristate(json_object_get(row, "safety")),
		.cii = tristate(json_object_get(row, "cii")),
		.mlps_level = (int)json_integer_value(json_object_get(row, "mlps_level")),
		.json = row };
}

static void add_key(struct loader *l, const char *key, const char *pointer,
	const char *what)
{
	int64_t other = register_index_find(l->r, key);

	if (other >= 0 && other != l->r->asset_count)
		register_wrong(l, "assets", pointer, "%s belongs to %s already", what,
			l->r->assets[other].id);
	else
		register_index_add(l->r, key, json_integer(l->r->asset_count));
}

static void add_address(struct loader *l, const json_t *row, const char *pointer,
	bool by_mac)
{
	const char *ip = register_text(row, "ip"), *mac = register_text(row, "mac");
	const char *unit = register_text(row, "unit");
	struct address a;
	uint8_t bytes[6];
	char key[KEY];

	if (ip && !address_parse(&a, ip)) {
		register_wrong(l, "assets", pointer, "%s is no address", ip);
		return;
	}
	if (ip && unit)
		unit_key(key, &a, unit);
	else if (ip)
		ip_key(key, &a);
	if (ip)
		add_key(l, key, pointer, ip);
	if (mac && by_mac) {
		read_mac(mac, bytes);
		mac_key(key, bytes);
		add_key(l, key, pointer, mac);
	}
	if (unit && !ip)
		register_wrong(l, "assets", pointer,
			"a unit needs the address it is reached by");
}

/* Where it belongs: its own site, else its zone's. */
static void place_asset(struct loader *l, struct register_asset *a, size_t i)
{
	char at[64], key[KEY];

	snprintf(at, sizeof(at), "/assets/%zu/zone", i);
	if (a->zone) {
		snprintf(key, sizeof(key), "zone:%s", a->zone);
		const json_t *site = json_object_get(l->r->index, key);
		if (!site)
			register_wrong(l, "assets", at, "zones.json has no zone \"%s\"",
				a->zone);
		else if (!a->site && json_string_length(site) > 0)
			a->site = json_string_value(site);
	}
	snprintf(at, sizeof(at), "/assets/%zu/site", i);
	if (a->site && !registers_site(l->r, a->site))
		register_wrong(l, "assets", at, "organization.json has no site \"%s\"",
			a->site);
}

static void add_asset(struct loader *l, const json_t *row, size_t i)
{
	struct register_asset *a = &l->r->assets[l->r->asset_count];
	char key[KEY], at[80];
	json_t *address;
	size_t k;

	*a = asset_of(row);
	place_asset(l, a, i);
	snprintf(at, sizeof(at), "/assets/%zu/id", i);
	snprintf(key, sizeof(key), "id:%s", a->id);
	if (!register_index_add(l->r, key, json_integer(l->r->asset_count)))
		register_wrong(l, "assets", at, "a second asset \"%s\"", a->id);
	json_array_foreach(json_object_get(row, "addresses"), k, address) {
		snprintf(at, sizeof(at), "/assets/%zu/addresses/%zu", i, k);
		add_address(l, address, at, !json_is_true(json_object_get(row,
			"behind_mac")));
	}
	l->r->asset_count++;
}

void register_link_assets(struct loader *l)
{
	const json_t *rows = register_rows(l->r, "assets", "assets");
	json_t *row;
	size_t i;

	l->r->assets = mem_array(json_array_size(rows), sizeof(*l->r->assets));
	json_array_foreach(rows, i, row)
		add_asset(l, row, i);
}

/* ---- looking up ---- */

static const struct register_asset *at_key(const struct registers *r, const char *key)
{
	int64_t place = register_index_find(r, key);

	return place >= 0 ? &r->assets[place] : NULL;
}

const struct register_asset *registers_asset(const struct registers *r,
	const struct address *address, const uint8_t mac[6])
{
	const struct register_asset *a = NULL;
	char key[KEY];

	if (address) {
		ip_key(key, address);
		a = at_key(r, key);
	}
	if (!a && mac) {
		mac_key(key, mac);
		a = at_key(r, key);
	}
	return a;
}

const struct register_asset *registers_asset_unit(const struct registers *r,
	const struct address *address, const char *unit)
{
	char key[KEY];

	unit_key(key, address, unit);
	return at_key(r, key);
}

const struct register_asset *registers_asset_operated(const struct registers *r,
	const struct address *address, const json_t *operation)
{
	const json_t *unit = json_object_get(operation, "unit");
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(unit));
	return unit ? registers_asset_unit(r, address,
			     json_is_string(unit) ? json_string_value(unit) : number)
		    : NULL;
}

const struct register_asset *registers_asset_by_id(const struct registers *r,
	const char *id)
{
	char key[KEY];

	snprintf(key, sizeof(key), "id:%s", id);
	return at_key(r, key);
}
