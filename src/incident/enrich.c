/* What the registers know of an alert's ends. */
#include "incident/register.h"
#include "incident/state.h"

static const struct register_asset *asset_of(const struct registers *r,
	const struct incident_end *e)
{
	return registers_asset(r, e->has_ip ? &e->ip : NULL, e->has_mac ? e->mac : NULL);
}

/* A device behind a gateway is told by its unit. */
static const struct register_asset *asset_behind(const struct registers *r,
	const struct incident_alert *a)
{
	return a->target.has_ip && *a->verb
		? registers_asset_operated(r, &a->target.ip, a->operation) : NULL;
}

void incident_enrich(const struct incidents *i, struct incident_alert *a)
{
	const struct registers *r = i->config.registers;
	if (!r)
		return;
	a->source.asset = asset_of(r, &a->source);
	a->target.asset = asset_behind(r, a);
	if (!a->target.asset)
		a->target.asset = asset_of(r, &a->target);
}

/* Hosts whose work it is to deal with all others. */
bool incident_is_hub(const struct incident_end *e)
{
	static const char *const roles[] = { "engineering_station", "scada_server", "historian",
		"opc_server", "gateway", "router", "firewall", "switch" };
	const char *role = e->asset ? e->asset->role : NULL;
	for (unsigned i = 0; role && i < sizeof(roles) / sizeof(*roles); i++)
		if (strcmp(role, roles[i]) == 0)
			return true;
	return false;
}

const char *incident_window(const struct incidents *i, const struct register_asset *target,
	uint64_t time_ns)
{
	const json_t *window = target
		? registers_window(i->config.registers, target->id, time_ns) : NULL;
	const char *id = json_string_value(json_object_get(window, "id"));
	return id ? id : "";
}
