#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/store_line.h"
#include "incident/time.h"

enum { NUMBER = 24, VALUES = 2, VALUE_MAX = 1024 };

/* The texts of one operation; numbers and lists are spelled out here. */
struct spelled {
	struct store_operation operation;
	char unit[NUMBER];
	struct text point, value[VALUES], address;
};

static void spelled_fini(struct spelled *s)
{
	text_fini(&s->point);
	text_fini(&s->address);
	for (unsigned i = 0; i < VALUES; i++)
		text_fini(&s->value[i]);
}

static const char *text_at(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* A string as it is, all else as JSON, cut where it is long; NULL for nothing. */
static const char *spell(struct text *t, const json_t *value)
{
	if (!value || json_is_null(value))
		return NULL;
	char *json = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT |
		JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	const char *all = json ? json : json_string_value(value);
	size_t len = strnlen(all, VALUE_MAX);
	while (len > 0 && ((uint8_t)all[len] & 0xc0) == 0x80)
		len--; /* not within a character */
	text_clear(t);
	text_put(t, all, len);
	text_char(t, '\0');
	free(json);
	return t->at;
}

/* "20", "DB1.DBB2 (4)": where, and how many. */
static const char *spell_point(struct spelled *s, const json_t *point)
{
	const json_t *count = json_object_get(point, "count");
	const char *at = spell(&s->address, json_object_get(point, "addr"));
	if (!at)
		return NULL;
	text_clear(&s->point);
	text_str(&s->point, at);
	if (json_integer_value(count) > 1)
		text_printf(&s->point, " (%d)", (int)json_integer_value(count));
	text_char(&s->point, '\0');
	return s->point.at;
}

static const char *spell_unit(struct spelled *s, const json_t *unit)
{
	if (!json_is_integer(unit))
		return json_string_value(unit);
	snprintf(s->unit, sizeof(s->unit), "%" JSON_INTEGER_FORMAT,
		json_integer_value(unit));
	return s->unit;
}

static void read_ends(struct spelled *s, const json_t *event)
{
	s->operation.src = text_at(event, "src_ip");
	s->operation.dst = text_at(event, "dest_ip");
	s->operation.protocol = text_at(event, "app_proto");
	s->operation.user = text_at(json_object_get(event, "ot"), "user");
}

static void read_operation(struct spelled *s, const json_t *operation)
{
	struct store_operation *o = &s->operation;
	o->verb = text_at(operation, "verb");
	o->object = text_at(operation, "object");
	o->outcome = text_at(operation, "outcome");
	o->code = text_at(operation, "code");
	o->unit = spell_unit(s, json_object_get(operation, "unit"));
	o->point = spell_point(s, json_object_get(operation, "point"));
	o->value = spell(&s->value[0], json_object_get(operation, "value"));
	o->value_prev = spell(&s->value[1], json_object_get(operation, "value_prev"));
}

static json_t *read_line(struct bytes line, uint64_t *time_ns)
{
	json_t *event = json_loadb((const char *)line.at, line.len, JSON_ALLOW_NUL, NULL);
	const char *at = text_at(event, "timestamp");
	if (at && time_read_rfc3339(at, time_ns))
		return event;
	json_decref(event);
	return NULL;
}

bool store_line_alert(struct store *s, struct bytes line, const char *incident)
{
	struct spelled spelled = { .operation = { 0 } };
	json_t *event = read_line(line, &spelled.operation.time_ns);
	if (!event)
		return false;
	const json_t *ot = json_object_get(event, "ot"),
		     *alert = json_object_get(event, "alert");
	read_ends(&spelled, event);
	read_operation(&spelled, json_object_get(ot, "operation"));
	struct store_alert a = { .uid = text_at(ot, "uid"),
		.msg = text_at(alert, "signature"),
		.sid = (uint32_t)json_integer_value(
			json_object_get(alert, "signature_id")),
		.severity =
			(uint32_t)json_integer_value(json_object_get(alert, "severity")),
		.incident = incident,
		.operation = spelled.operation,
		.line = line };
	bool ok = store_add_alert(s, &a);
	spelled_fini(&spelled);
	json_decref(event);
	return ok;
}

/* What only looks, or comes before. */
static bool alters(const json_t *operation)
{
	static const char *const looks[] = { "read", "discover", "diagnose", "subscribe",
		"program_upload", "session", "login" };
	const char *verb = text_at(operation, "verb");
	for (unsigned i = 0; verb && i < sizeof(looks) / sizeof(*looks); i++)
		if (strcmp(verb, looks[i]) == 0)
			return false;
	return verb != NULL;
}

static bool add_operation(
	struct store *s, struct spelled *spelled, const json_t *operation)
{
	if (!alters(operation))
		return true;
	read_operation(spelled, operation);
	return store_add_operation(s, &spelled->operation);
}

static bool same_place(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "point"), json_object_get(b, "point")) &&
		json_equal(json_object_get(a, "value"), json_object_get(b, "value"));
}

/* The one that is shown alone has the previous value. */
static bool add_all(struct store *s, struct spelled *spelled, const json_t *ot)
{
	size_t i;
	json_t *one;
	const json_t *shown = json_object_get(ot, "operation");
	const json_t *all = json_object_get(ot, "operations");
	bool ok = shown && add_operation(s, spelled, shown), left_out = false;
	json_array_foreach(all, i, one) {
		if (!left_out && same_place(one, shown))
			left_out = true;
		else
			ok = add_operation(s, spelled, one) && ok;
	}
	return ok;
}

bool store_line_operations(struct store *s, struct bytes line)
{
	struct spelled spelled = { .operation = { 0 } };
	json_t *event = read_line(line, &spelled.operation.time_ns);
	if (!event)
		return false;
	read_ends(&spelled, event);
	bool ok = add_all(s, &spelled, json_object_get(event, "ot"));
	spelled_fini(&spelled);
	json_decref(event);
	return ok;
}
