/* Sites with their time zones, zones by network, conduits between them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/register_state.h"
#include "incident/time_zone.h"

/* ---- sites ---- */

static void add_site(struct loader *l, const json_t *row, size_t i)
{
	struct registers *r = l->r;
	char key[160], at[40];
	const char *zone = register_text(row, "time_zone");

	snprintf(at, sizeof(at), "/sites/%zu/time_zone", i);
	snprintf(key, sizeof(key), "site:%s", register_text(row, "id"));
	r->sites[r->site_count] = (struct site){ row, time_zone_load(zone) };
	if (!r->sites[r->site_count].zone)
		register_wrong(l, "organization", at,
			"this machine knows no time zone %s (package "
			"tzdata)", zone);
	snprintf(at, sizeof(at), "/sites/%zu/id", i);
	if (!register_index_add(r, key, json_integer(r->site_count++)))
		register_wrong(l, "organization", at, "a second site \"%s\"",
			register_text(row, "id"));
}

void register_link_sites(struct loader *l)
{
	const json_t *rows = register_rows(l->r, "organization", "sites");
	json_t *row;
	size_t i;

	l->r->sites = mem_array(json_array_size(rows), sizeof(*l->r->sites));
	json_array_foreach(rows, i, row)
		add_site(l, row, i);
}

static const struct site *site_of(const struct registers *r, const char *id)
{
	char key[160];
	int64_t place = 0;

	if (id) {
		snprintf(key, sizeof(key), "site:%s", id);
		place = register_index_find(r, key);
	}
	return place >= 0 && place < r->site_count ? &r->sites[place] : NULL;
}

const json_t *registers_site(const struct registers *r, const char *id)
{
	const struct site *s = site_of(r, id);

	return s ? s->row : NULL;
}

const struct time_zone *registers_time_zone(const struct registers *r,
	const char *site_id)
{
	const struct site *s = site_of(r, site_id);

	if (!s)
		s = site_of(r, NULL); /* a sensor's own name for a site: the plant's first */
	return s ? s->zone : NULL;
}

/* ---- networks ---- */

/* The first `len` bits of an address, as a key. */
static void net_key(char key[160], const struct address *a, unsigned len)
{
	struct address net = *a;
	char text[ADDRESS_TEXT];

	for (unsigned i = 0; i < 16; i++) {
		unsigned bits = len > 8 * i ? len - 8 * i : 0;
		if (bits < 8)
			net.at[i] &= (uint8_t)(0xff00 >> bits);
	}
	address_text(&net, text);
	snprintf(key, 160, "net:%u:%s", len, text);
}

/* "10.10.1.0/24"; len counts in 128 bits. Bits behind the prefix must be 0. */
static bool read_net(const char *text, struct address *a, unsigned *len)
{
	char part[64], key[160], whole[160];
	const char *slash = strchr(text, '/');
	char *end;

	if (!slash || (size_t)(slash - text) >= sizeof(part))
		return false;
	memcpy(part, text, (size_t)(slash - text));
	part[slash - text] = '\0';
	unsigned long bits = strtoul(slash + 1, &end, 10);
	if (!address_parse(a, part) || *end || end == slash + 1)
		return false;
	bool is_ipv4 = strchr(part, '.') && !strchr(part, ':');
	if (bits > (is_ipv4 ? 32 : 128))
		return false;
	*len = (unsigned)bits + (is_ipv4 ? 96 : 0);
	net_key(key, a, *len);
	net_key(whole, a, 128);
	return strcmp(strchr(key + 4, ':'), strchr(whole + 4, ':')) == 0;
}

static void note_prefix(struct registers *r, unsigned len)
{
	unsigned i = 0;

	while (i < r->prefix_count && r->prefixes[i] > len)
		i++;
	if (i < r->prefix_count && r->prefixes[i] == len)
		return;
	memmove(&r->prefixes[i + 1], &r->prefixes[i], r->prefix_count - i);
	r->prefixes[i] = (uint8_t)len;
	r->prefix_count++;
}

static void add_net(struct loader *l, const json_t *zone, const char *net,
	const char *pointer)
{
	struct address a;
	unsigned len;
	char key[160];

	if (!read_net(net, &a, &len)) {
		register_wrong(l, "zones", pointer,
			"%s is no network such as 10.1.2.0/24 or "
			"2001:db8::/64", net);
		return;
	}
	net_key(key, &a, len);
	note_prefix(l->r, len);
	if (!register_index_add(l->r, key, json_string(register_text(zone, "id"))))
		register_wrong(l, "zones", pointer, "%s belongs to another zone already",
			net);
}

static void add_zone(struct loader *l, const json_t *zone, size_t i)
{
	char key[160], at[64];
	const char *site = register_text(zone, "site");
	json_t *net;
	size_t k;

	snprintf(key, sizeof(key), "zone:%s", register_text(zone, "id"));
	snprintf(at, sizeof(at), "/zones/%zu/id", i);
	if (!register_index_add(l->r, key, json_string(site ? site : "")))
		register_wrong(l, "zones", at, "a second zone \"%s\"",
			register_text(zone, "id"));
	snprintf(at, sizeof(at), "/zones/%zu/site", i);
	if (site && !site_of(l->r, site))
		register_wrong(l, "zones", at, "organization.json has no site \"%s\"",
			site);
	json_array_foreach(json_object_get(zone, "cidr"), k, net) {
		snprintf(at, sizeof(at), "/zones/%zu/cidr/%zu", i, k);
		add_net(l, zone, json_string_value(net), at);
	}
}

static bool is_zone(const struct registers *r, const char *id)
{
	char key[160];

	snprintf(key, sizeof(key), "zone:%s", id);
	return json_object_get(r->index, key) != NULL;
}

/* One key for both directions. */
static void conduit_key(char key[320], const char *a, const char *b)
{
	bool in_order = strcmp(a, b) < 0;

	snprintf(key, 320, "conduit:%s %s", in_order ? a : b, in_order ? b : a);
}

static void add_conduit(struct loader *l, const json_t *row, size_t i)
{
	static const char *const ends[] = { "from", "to" };
	char key[320], at[64];

	for (unsigned k = 0; k < 2; k++) {
		snprintf(at, sizeof(at), "/conduits/%zu/%s", i, ends[k]);
		if (!is_zone(l->r, register_text(row, ends[k])))
			register_wrong(l, "zones", at, "there is no zone \"%s\"",
				register_text(row, ends[k]));
	}
	conduit_key(key, register_text(row, "from"), register_text(row, "to"));
	if (!register_index_add(l->r, key, json_string(register_text(row, "id"))))
		register_wrong(l, "zones", at, "a second conduit between these zones");
}

void register_link_zones(struct loader *l)
{
	json_t *row;
	size_t i;

	json_array_foreach(register_rows(l->r, "zones", "zones"), i, row)
		add_zone(l, row, i);
	json_array_foreach(register_rows(l->r, "zones", "conduits"), i, row)
		add_conduit(l, row, i);
}

const char *registers_zone(const struct registers *r, const struct address *address)
{
	char key[160];

	for (unsigned i = 0; i < r->prefix_count; i++) {
		net_key(key, address, r->prefixes[i]);
		const char *id = register_text(r->index, key);
		if (id)
			return id;
	}
	return NULL;
}

const char *registers_conduit(const struct registers *r, const char *zone,
	const char *other)
{
	char key[320];

	conduit_key(key, zone, other);
	return register_text(r->index, key);
}
