/* Who acted, and who was affected, as documents tell it. */
#include "incident/describe.h"
#include "incident/register.h"
#include "incident/time.h"

json_t *describe_text(const char *s)
{
	json_t *text = s && *s ? json_string(s) : NULL;
	return text ? text : json_null();
}

json_t *describe_time(uint64_t ns)
{
	char text[TIME_TEXT];
	time_rfc3339(ns, text);
	return json_string(text);
}

static struct end_text mac_text(const uint8_t m[6])
{
	struct end_text t;
	snprintf(t.text, sizeof(t.text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
		m[3], m[4], m[5]);
	return t;
}

struct end_text incident_end_text(const struct incident_end *e)
{
	struct end_text t = { "unknown" };
	if (e->asset)
		snprintf(t.text, sizeof(t.text), "%s", e->asset->id);
	else if (e->has_ip)
		address_text(&e->ip, t.text);
	else if (e->has_mac)
		t = mac_text(e->mac);
	return t;
}

static json_t *mac_json(const struct incident_end *e)
{
	return e->has_mac ? json_string(mac_text(e->mac).text) : json_null();
}

static json_t *ip_json(const struct incident_end *e)
{
	char text[ADDRESS_TEXT];
	if (!e->has_ip)
		return json_null();
	address_text(&e->ip, text);
	return json_string(text);
}

static json_t *zone_json(const struct incidents *i, const struct incident_end *e)
{
	const struct registers *r = i->config.registers;
	if (e->asset && e->asset->zone)
		return json_string(e->asset->zone);
	return describe_text(r && e->has_ip ? registers_zone(r, &e->ip) : NULL);
}

/* Nobody is unknown where nobody was registered. */
static json_t *known_json(const struct incidents *i, const struct incident_end *e)
{
	const struct registers *r = i->config.registers;
	return r && registers_data(r, "assets") ? json_boolean(e->asset != NULL)
		: json_null();
}

/* The latest; where there were several, all of them too. */
static void put_users(json_t *actor, const struct told_end *e)
{
	unsigned count = e->users.count;
	if (count)
		json_object_set_new(actor, "user",
			json_string(*list_item(&e->users, char *, count - 1)));
	json_t *users = count > 1 ? json_array() : NULL;
	if (!users)
		return;
	list_each(&e->users, char *, user)
		json_array_append_new(users, json_string(*user));
	json_object_set_new(actor, "users", users);
}

static json_t *actor_json(const struct incidents *i, const struct told_end *e,
	unsigned number)
{
	const struct register_asset *a = e->end.asset;
	json_t *actor = json_pack("{so so so so so so so sI sI so so}",
		"ref", json_sprintf("host-%u", number), "ip", ip_json(&e->end),
		"mac", mac_json(&e->end), "known_asset", known_json(i, &e->end),
		"asset", describe_text(a ? a->id : NULL),
		"role", describe_text(a ? a->role : NULL), "zone", zone_json(i, &e->end),
		"alerts", (json_int_t)e->alerts, "accepted", (json_int_t)e->accepted,
		"first_activity", describe_time(e->first_ns),
		"last_activity", describe_time(e->last_ns));
	put_users(actor, e);
	return actor;
}

static json_t *effects_json(const struct incidents *i, uint64_t bits)
{
	json_t *array = json_array();
	for (unsigned e = 0; e < i->effect_count; e++)
		if (bits >> e & 1)
			json_array_append_new(array, json_string(i->effects[e]));
	return array;
}

static json_t *flag(int v)
{
	return v < 0 ? json_null() : json_boolean(v);
}

/* Whoever answered when it began, however things are today. */
static json_t *responsible_json(const struct incidents *i, const struct told_end *e)
{
	struct responsible who;
	const struct register_asset *a = e->end.asset;
	if (!a || !registers_responsible(i->config.registers, a->id, e->first_ns, &who))
		return json_null();
	return json_pack("{so so so so}", "department", describe_text(who.department),
		"person_id", describe_text(who.person_id), "role", describe_text(who.role),
		"valid_from", describe_text(who.valid_from));
}

static json_t *affected_json(const struct incidents *i, const struct told_end *e)
{
	static const struct register_asset unknown = { .safety = -1, .cii = -1 };
	const struct register_asset *a = e->end.asset ? e->end.asset : &unknown;
	uint64_t lost_s = view_lost_s(e);
	return json_pack("{so so so so so so so so so so so so so so so sI sI so so}",
		"asset", describe_text(a->id), "name", describe_text(a->name),
		"ip", ip_json(&e->end), "mac", mac_json(&e->end),
		"role", describe_text(a->role),
		"vendor", describe_text(a->vendor), "model", describe_text(a->model),
		"zone", zone_json(i, &e->end), "criticality", describe_text(a->criticality),
		"safety", flag(a->safety),
		"mlps_level", a->mlps_level ? json_integer(a->mlps_level) : json_null(),
		"cii", flag(a->cii), "outcome", effects_json(i, e->effects),
		"loss_of_view_s", lost_s ? json_integer((json_int_t)lost_s) : json_null(),
		"responsible", responsible_json(i, e), "alerts", (json_int_t)e->alerts,
		"accepted", (json_int_t)e->accepted,
		"first_activity", describe_time(e->first_ns), "last_activity", describe_time(e->last_ns));
}

json_t *describe_actors(const struct incidents *i, const struct incident *n)
{
	json_t *array = json_array();
	unsigned number = 0;
	list_each(&n->actors, struct told_end, e)
		json_array_append_new(array, actor_json(i, e, ++number));
	return array;
}

json_t *describe_affected(const struct incidents *i, const struct incident *n)
{
	json_t *array = json_array();
	list_each(&n->targets, struct told_end, e)
		json_array_append_new(array, affected_json(i, e));
	return array;
}
