/* Anomalies, and the events of the ordered stage: assets and incidents. */
#include "output/eve_event.h"

/* ---- anomalies ---- */

static void put_string(struct text *out, const char *key, const char *value)
{
	text_lit(out, ",\"");
	text_str(out, key);
	text_lit(out, "\":");
	text_json_str(out, value);
}

/* As Suricata says it; rules leave the prefix out. */
static const char *prefix_of(const char *type)
{
	return strcmp(type, "decode") == 0 ? "decoder." :
		strcmp(type, "stream") == 0 ? "stream." : "";
}

static void put_anomaly(struct eve *e, struct eve_event *v, const char *type,
	const char *event, const char *layer, struct text *out)
{
	event_begin(e, v, out);
	text_lit(out, ",\"anomaly\":{\"type\":");
	text_json_str(out, type);
	text_lit(out, ",\"event\":\"");
	text_str(out, prefix_of(type));
	text_str(out, event);
	text_char(out, '"');
	if (layer)
		put_string(out, "layer", layer);
	text_lit(out, "},\"ot\":{");
	eve_uid(e, v->flow ? v->flow->id : 0, v->has_tx ? v->tx_id + 1 : 0,
		name_hash(event), v->origin->number, out);
	eve_sensor(e, out);
	text_char(out, '}');
	event_end(out);
}

void eve_anomaly(struct eve *e, const char *type, const char *event, const char *layer,
	const struct flow *f, unsigned from, const struct packet *p,
	const struct origin *origin, struct text *out)
{
	struct eve_event v;
	event_of_packet(&v, "anomaly", f, from, p, origin);
	put_anomaly(e, &v, type, event, layer, out);
}

void eve_anomaly_message(struct eve *e, const struct transaction *t, const char *event,
	bool on_response, struct text *out)
{
	struct eve_event v;
	event_of_transaction(e, &v, "anomaly", t, on_response);
	v.origin = on_response ? &t->response_origin : &t->request_origin;
	v.is_answer = false;
	put_anomaly(e, &v, "applayer", event, "proto_parser", out);
}

/* ---- assets ---- */

static bool has_address(const struct address *a)
{
	static const struct address none;
	return memcmp(a, &none, sizeof(none)) != 0;
}

static void put_identity(const struct eve_asset *a, struct text *out)
{
	static const char *const keys[IDENTITY_COUNT] = {
		[IDENTITY_VENDOR] = ",\"vendor\":", [IDENTITY_PRODUCT] = ",\"product\":",
		[IDENTITY_MODEL] = ",\"model\":", [IDENTITY_FIRMWARE] = ",\"firmware\":",
		[IDENTITY_SERIAL] = ",\"serial\":", [IDENTITY_NAME] = ",\"name\":",
		[IDENTITY_HARDWARE] = ",\"hardware\":", [IDENTITY_MODULE] = ",\"module\":",
		[IDENTITY_ROLE] = ",\"device_role\":", [IDENTITY_URI] = ",\"uri\":",
	};
	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		if (a->identity[i].len) {
			text_str(out, keys[i]);
			text_json(out, a->identity[i]);
		}
}

/* Who and what it is, each member behind a comma. */
static void put_asset(const struct eve_asset *a, struct text *out)
{
	if (has_address(&a->address)) {
		text_lit(out, ",\"ip\":");
		json_address(out, &a->address);
	}
	if (a->has_mac) {
		text_lit(out, ",\"mac\":");
		json_mac(out, a->mac);
	}
	if (a->role)
		put_string(out, "role", a->role);
	if (a->protocol)
		put_string(out, "protocol", a->protocol);
	if (a->port) {
		text_lit(out, ",\"port\":");
		text_uint(out, a->port);
	}
	put_identity(a, out);
}

void eve_asset_row(const struct eve_asset *a, struct text *out)
{
	text_lit(out, "{\"first_seen\":");
	json_time(out, a->time_ns, "Z");
	put_asset(a, out);
	text_char(out, '}');
}

void eve_asset(struct eve *e, const struct eve_asset *a, struct text *out)
{
	event_begin_plain(e, "asset", a->time_ns, a->number, out);
	text_lit(out, ",\"ot\":{\"schema\":\"ironspan.asset/1\",");
	eve_uid(e, hash_fast(&a->address, sizeof(a->address), 0),
		hash_fast(a->mac, sizeof(a->mac), a->port),
		name_hash(a->protocol ? a->protocol : ""), a->number, out);
	text_str(out, a->is_new ? ",\"asset\":{\"change\":\"new\""
		: ",\"asset\":{\"change\":\"changed\"");
	put_asset(a, out);
	text_char(out, '}');
	eve_sensor(e, out);
	text_char(out, '}');
	event_end(out);
}

/* ---- incidents ---- */

void eve_incident(struct eve *e, const struct eve_incident *i, struct text *out)
{
	event_begin_plain(e, "incident", i->time_ns, i->number, out);
	text_lit(out, ",\"ot\":{\"schema\":\"ironspan.incident/1\",");
	eve_uid(e, name_hash(i->id), i->revision, i->time_ns, i->number, out);
	text_lit(out, ",\"incident\":");
	text_str(out, i->body);
	eve_sensor(e, out);
	text_char(out, '}');
	event_end(out);
}
