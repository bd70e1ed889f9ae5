/* Rows as EVE events, so that whoever reads events can read a store. What a row does not
 * hold is left out. */
#include <string.h>

#include "incident/store_state.h"

static void put(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new(object, name, json_string(text));
}

static json_t *operation_of(const struct store_operation *o)
{
	const struct { const char *name, *text;
	} members[] = { { "verb", o->verb }, { "unit", o->unit }, { "object", o->object },
		{ "value", o->value }, { "value_prev", o->value_prev },
		{ "outcome", o->outcome }, { "code", o->code }, { "user", o->user } };
	json_t *operation = json_object();
	for (unsigned i = 0; i < sizeof(members) / sizeof(*members); i++)
		put(operation, members[i].name, members[i].text);
	if (o->point)
		json_object_set_new(
			operation, "point", json_pack("{s:s}", "addr", o->point));
	return operation;
}

/* The form of EVE's own: no Z, an offset without a colon. */
static void put_time(json_t *event, uint64_t ns)
{
	char at[TIME_TEXT + 8];
	time_rfc3339(ns, at);
	strcpy(strchr(at, 'Z'), "+0000");
	put(event, "timestamp", at);
}

json_t *store_operation_event(const struct store_operation *o)
{
	json_t *event = json_object();
	put_time(event, o->time_ns);
	put(event, "event_type", "operation");
	put(event, "src_ip", o->src);
	put(event, "dest_ip", o->dst);
	put(event, "app_proto", o->protocol);
	json_object_set_new(
		event, "ot", json_pack("{s:o}", "operation", operation_of(o)));
	return event;
}

json_t *store_alert_event(const struct store_alert *a)
{
	json_t *event = a->line.len ?
		json_loadb((const char *)a->line.at, a->line.len, JSON_ALLOW_NUL, NULL) :
		NULL;
	if (event)
		return event;
	event = store_operation_event(&a->operation);
	json_t *alert = json_object(), *ot = json_object_get(event, "ot");
	json_object_set_new(alert, "signature_id", json_integer(a->sid));
	put(alert, "signature", a->msg);
	json_object_set_new(alert, "severity", json_integer(a->severity));
	put(event, "event_type", "alert");
	json_object_set_new(event, "alert", alert);
	put(ot, "uid", a->uid);
	put(ot, "incident", a->incident);
	if (!a->operation.verb)
		json_object_del(ot, "operation");
	return event;
}
