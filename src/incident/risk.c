#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/eve_lines.h"
#include "incident/operation_text.h"
#include "incident/redact.h"
#include "incident/register.h"
#include "incident/risk_state.h"
#include "output/eve.h"

enum { EXPOSURE_SID = 7060000, EXPOSURE_SID_END = 7070000 };

struct risk *risk_new(const struct registers *registers)
{
	struct risk *r = mem_new(sizeof(*r));

	r->registers = registers;
	r->assets = json_object();
	r->exposures = json_object();
	r->bare_channels = lru_new(RISK_ROWS, 0, sizeof(json_int_t), NULL, NULL);
	return r;
}

void risk_free(struct risk *r)
{
	json_decref(r->assets);
	json_decref(r->exposures);
	lru_free(r->bare_channels);
	free(r);
}

/* ---- rows ---- */

static json_t *find_row(struct risk *r, json_t *rows, const char *key)
{
	json_t *row = json_object_get(rows, key);

	if (row)
		return row;
	if (json_object_size(rows) >= RISK_ROWS) {
		r->left_out++;
		return NULL;
	}
	row = json_object();
	json_object_set_new(rows, key, row);
	return row;
}

/* Into a list that holds each once, and stays short. */
static void add_once(json_t *row, const char *key, const json_t *value)
{
	enum { LIST_MAX = 64 };
	json_t *list = json_object_get(row, key), *have;
	size_t i;

	if (!value)
		return;
	if (!list) {
		list = json_array();
		json_object_set_new(row, key, list);
	}
	json_array_foreach (list, i, have)
		if (json_equal(have, value))
			return;
	if (json_array_size(list) < LIST_MAX)
		json_array_append(list, (json_t *)value);
}

/* ---- exposures ---- */

struct exposure {
	const char *kind;
	const char *subject, *object, *protocol, *detail; /* or NULL */
};

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void expose(struct risk *r, const struct exposure *e)
{
	char *key = mem_printf("%s\t%s\t%s\t%s\t%s", e->kind, or_empty(e->object),
		or_empty(e->subject), or_empty(e->protocol),
		strcmp(e->kind, "finding") == 0 ? or_empty(e->detail) : "");
	json_t *row = find_row(r, r->exposures, key);

	free(key);
	if (!row)
		return;
	if (json_object_size(row) == 0) {
		json_object_set_new(row, "kind", json_string(e->kind));
		json_object_set_new(row, "subject", document_or_null(e->subject));
		json_object_set_new(row, "object", document_or_null(e->object));
		json_object_set_new(row, "protocol", document_or_null(e->protocol));
		json_object_set_new(row, "details", json_array());
	}
	if (e->detail) {
		json_t *detail = json_string(e->detail);
		add_once(row, "details", detail);
		json_decref(detail);
	}
}

/* ---- assets ---- */

static void copy(json_t *row, const char *key, const json_t *from)
{
	json_t *value = json_object_get(from, key);

	if (value && !json_is_null(value))
		json_object_set(row, key, value);
}

static const struct register_asset *registered(const struct risk *r, const char *ip)
{
	struct address address;

	if (!r->registers || !ip || !address_parse(&address, ip))
		return NULL;
	return registers_asset(r->registers, &address, NULL);
}

static json_t *see_host(struct risk *r, const char *ip)
{
	json_t *row = ip ? find_row(r, r->assets, ip) : NULL;
	const struct register_asset *known;

	if (!row || json_object_size(row) > 0)
		return row;
	known = registered(r, ip);
	json_object_set_new(row, "ip", json_string(ip));
	json_object_set_new(row, "asset", document_or_null(known ? known->id : NULL));
	return row;
}

static void take_asset(struct risk *r, const json_t *asset)
{
	static const char *const facts[] = { "mac", "vendor", "model", "product", "firmware",
		"name", "serial" };
	const char *ip = document_string(asset, "/ip");
	const char *role = document_string(asset, "/role");
	json_t *row = see_host(r, ip);
	json_int_t port;

	if (!row)
		return;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		copy(row, facts[i], asset);
	add_once(row, "roles", json_object_get(asset, "role"));
	add_once(row, "protocols", json_object_get(asset, "protocol"));
	if (role && strcmp(role, "server") == 0 && document_integer(asset, "/port", &port)) {
		char *object = mem_printf("%s:%lld", ip, (long long)port);
		expose(r, &(struct exposure){ "service", NULL, object,
			document_string(asset, "/protocol"), NULL });
		free(object);
	}
}

/* ---- what a transaction shows ---- */

/* Protocols that neither encrypt nor ask for a name by themselves. */
static bool is_clear_by_nature(const char *protocol)
{
	return strcmp(protocol, "modbus") == 0 || strcmp(protocol, "s7comm") == 0 ||
		strcmp(protocol, "dnp3") == 0;
}

/* A channel without security is no finding by itself, since clients discover servers over
 * one; a session on it is. */
static void take_protection(struct risk *r, const json_t *event, const char *server,
	const char *protocol)
{
	const char *mode = document_string(event, "/opcua/request/security_mode");
	const char *verb = document_string(event, "/ot/operation/verb");
	json_int_t flow;
	bool is_new;

	if (is_clear_by_nature(protocol))
		expose(r, &(struct exposure){ "clear_text", NULL, server, protocol, NULL });
	if (!document_integer(event, "/flow_id", &flow))
		return;
	if (mode && strcmp(mode, "None") == 0)
		lru_make(r->bare_channels, &flow, 1, &is_new);
	if (verb && strcmp(verb, "login") == 0 && lru_find(r->bare_channels, &flow))
		expose(r, &(struct exposure){ "clear_text", NULL, server, protocol,
			"SecurityMode None" });
}

static void take_operation(struct risk *r, const json_t *operation, const char *client,
	const char *server, const char *protocol)
{
	const char *verb = document_string(operation, "/verb");
	const char *outcome = document_string(operation, "/outcome");
	const char *object = document_string(operation, "/object");

	if (!verb || !outcome || strcmp(outcome, "accepted") != 0)
		return;
	if (strcmp(verb, "login") == 0 && object && strcmp(object, "anonymous") == 0)
		expose(r, &(struct exposure){ "anonymous", NULL, server, protocol, NULL });
	if (operation_alters(operation))
		expose(r, &(struct exposure){ "writer", client, server, protocol, verb });
}

static bool is_outside(const char *ip)
{
	const char *at;
	size_t len;
	struct address address;

	if (!address_parse(&address, ip) || address.at[0] == 0xff)
		return false;
	bool is_v4_group = address_is_ipv4(&address) && address.at[12] >= 224;
	return !is_v4_group && redact_find(ip, ip, NULL, &at, &len) == REDACT_NOTHING;
}

/* Who talks to whom over a control protocol. */
static void take_ends(struct risk *r, const char *client, const char *server_ip,
	const char *server, const char *protocol)
{
	see_host(r, client);
	see_host(r, server_ip);
	if (r->registers && !registered(r, client))
		expose(r, &(struct exposure){ "unknown_master", client, server, protocol, NULL });
	if (is_outside(client) || is_outside(server_ip))
		expose(r, &(struct exposure){ "external", client, server, protocol, NULL });
}

static void take_transaction(struct risk *r, const json_t *event)
{
	const char *client = document_string(event, "/src_ip");
	const char *server_ip = document_string(event, "/dest_ip");
	const char *protocol = document_string(event, "/app_proto");
	const json_t *operations = document_at(event, "/ot/operations"), *each;
	json_int_t port;
	size_t i;

	if (!client || !server_ip || !protocol)
		return;
	char *server = document_integer(event, "/dest_port", &port) ?
		mem_printf("%s:%lld", server_ip, (long long)port) : mem_string(server_ip);
	take_ends(r, client, server_ip, server, protocol);
	take_protection(r, event, server, protocol);
	if (!json_is_array(operations))
		take_operation(r, document_at(event, "/ot/operation"), client, server, protocol);
	json_array_foreach (operations, i, each)
		take_operation(r, each, client, server, protocol);
	free(server);
}

static void take_alert(struct risk *r, const json_t *event)
{
	const char *target = document_string(event, "/alert/target/ip");
	const char *signature = document_string(event, "/alert/signature");
	json_int_t sid;

	if (!document_integer(event, "/alert/signature_id", &sid) || sid < EXPOSURE_SID ||
		sid >= EXPOSURE_SID_END || !signature)
		return;
	if (!target)
		target = document_string(event, "/dest_ip");
	expose(r, &(struct exposure){ "finding", NULL, target,
		document_string(event, "/app_proto"), signature });
}

/* ---- events ---- */

static void see_time(struct risk *r, const json_t *event)
{
	uint64_t at_ns;

	if (!eve_event_time(event, &at_ns))
		return;
	if (!r->first_ns || at_ns < r->first_ns)
		r->first_ns = at_ns;
	if (at_ns > r->last_ns)
		r->last_ns = at_ns;
}

void risk_event(struct risk *r, const json_t *event)
{
	const char *type = document_string(event, "/event_type");

	if (!type)
		return;
	see_time(r, event);
	r->events++;
	if (strcmp(type, "asset") == 0)
		take_asset(r, document_at(event, "/ot/asset"));
	if (strcmp(type, "alert") == 0)
		take_alert(r, event);
	if (document_at(event, "/ot/operation"))
		take_transaction(r, event);
}
