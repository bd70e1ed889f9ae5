/* STIX 2.1: indicators, sightings and attack patterns of an incident. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/redact.h"
#include "incident/share_parts.h"
#include "incident/time.h"
#include "incident/uid.h"
#include "output/eve.h"

enum { OBJECTS_MAX = 1000, ID_MAX = 80, NAME_LEAST = 3 };

struct bundle {
	const json_t *incident;
	const struct share_request *request;
	json_t *objects;
	char now[TIME_TEXT], identity[ID_MAX];
	const char *first_seen, *last_seen;
};

/* STIX times: three decimals are enough, and what most tools write. */
static void stix_time(uint64_t ns, char out[TIME_TEXT])
{
	char whole[TIME_TEXT];

	time_rfc3339(ns, whole);
	snprintf(out, TIME_TEXT, "%.23sZ", whole);
}

static void make_id(const char *type, const char *name, char id[ID_MAX])
{
	char uid[UID_TEXT];

	uid_of(type, name, uid);
	snprintf(id, ID_MAX, "%s--%s", type, uid);
}

/* What every object begins with; NULL when there are too many, or it is there already. */
static json_t *add_object(struct bundle *b, const char *type, const char *name, char id[ID_MAX])
{
	const json_t *have;
	size_t i;

	make_id(type, name, id);
	json_array_foreach (b->objects, i, have)
		if (strcmp(document_string(have, "/id"), id) == 0)
			return NULL;
	if (json_array_size(b->objects) >= OBJECTS_MAX)
		return NULL;
	json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", type, "spec_version", "2.1",
		"id", id, "created", b->now, "modified", b->now);
	json_array_append_new(b->objects, object);
	return object;
}

static void mark(struct bundle *b, json_t *object)
{
	json_object_set_new(object, "created_by_ref", json_string(b->identity));
	json_object_set_new(object, "object_marking_refs",
		json_pack("[s]", share_tlp_id(b->request->tlp)));
	if (!share_is_live(b->incident))
		json_object_set_new(object, "labels", json_pack("[s]", "exercise"));
}

/* ---- who, without a name ---- */

static void add_identity(struct bundle *b)
{
	const char *sector = b->request->sector;
	char *name = mem_printf("%s operator (undisclosed)", sector ? sector : "plant");
	json_t *identity = add_object(b, "identity", name, b->identity);

	json_object_set_new(identity, "name", json_string(name));
	json_object_set_new(identity, "identity_class", json_string("class"));
	if (sector)
		json_object_set_new(identity, "sectors", json_pack("[s]", sector));
	free(name);
}

/* ---- techniques ---- */

static void add_technique(struct bundle *b, const char *technique)
{
	char id[ID_MAX];
	json_t *object = add_object(b, "attack-pattern", technique, id);

	if (!object)
		return;
	json_object_set_new(object, "name", json_string(technique));
	json_object_set_new(object, "external_references", json_pack("[{s:s,s:s}]",
		"source_name", "mitre-attack", "external_id", technique));
	mark(b, object);
}

/* "T0836", "T1691.001". */
static bool is_technique(const char *s)
{
	size_t len = s ? strspn(s + (*s == 'T'), "0123456789.") : 0;

	return s && *s == 'T' && len >= 4 && s[1 + len] == '\0';
}

static void add_techniques(struct bundle *b)
{
	const json_t *technique;
	size_t i;

	json_array_foreach (document_at(b->incident, "/progress/techniques"), i, technique)
		if (is_technique(json_string_value(technique)))
			add_technique(b, json_string_value(technique));
}

/* ---- indicators and sightings ---- */

struct sighting {
	const char *first, *last; /* as documents have them; NULL: not known */
	json_int_t count;
};

static json_t *time_of(const char *text, const char *otherwise)
{
	char out[TIME_TEXT];
	uint64_t ns;

	if (!text || !time_read_rfc3339(text, &ns))
		return json_string(otherwise);
	stix_time(ns, out);
	return json_string(out);
}

static void add_sighting(struct bundle *b, const char *of, const struct sighting *s)
{
	char id[ID_MAX];
	char *name = mem_printf("%s %s", of, document_string(b->incident, "/uid") ?
		document_string(b->incident, "/uid") : "");
	json_t *object = add_object(b, "sighting", name, id);

	free(name);
	if (!object)
		return;
	json_object_set_new(object, "first_seen", time_of(s->first, b->now));
	json_object_set_new(object, "last_seen", time_of(s->last, b->now));
	json_object_set_new(object, "count", json_integer(s->count > 0 ? s->count : 1));
	json_object_set_new(object, "sighting_of_ref", json_string(of));
	json_object_set_new(object, "where_sighted_refs", json_pack("[s]", b->identity));
	mark(b, object);
}

static void add_indicator(struct bundle *b, const char *name, const char *pattern,
	const char *pattern_type, const struct sighting *seen)
{
	char id[ID_MAX];
	json_t *object = add_object(b, "indicator", pattern, id);

	if (!object)
		return;
	json_object_set_new(object, "name", json_string(name));
	json_object_set_new(object, "indicator_types", json_pack("[s]", "malicious-activity"));
	json_object_set_new(object, "pattern", json_string(pattern));
	json_object_set_new(object, "pattern_type", json_string(pattern_type));
	json_object_set_new(object, "valid_from", time_of(seen->first, b->now));
	mark(b, object);
	add_sighting(b, id, seen);
}

static bool is_shareable_address(const char *ip, bool *is_v4)
{
	struct address a;
	const char *at;
	size_t len;

	if (!ip || !address_parse(&a, ip))
		return false;
	*is_v4 = address_is_ipv4(&a);
	return redact_find(ip, ip, NULL, &at, &len) == REDACT_NOTHING;
}

static void add_actors(struct bundle *b)
{
	const json_t *actor;
	size_t i;

	json_array_foreach (document_at(b->incident, "/actors"), i, actor) {
		const char *ip = document_string(actor, "/ip");
		struct sighting seen = { b->first_seen, b->last_seen, 1 };
		bool is_v4;
		if (!is_shareable_address(ip, &is_v4))
			continue;
		char *pattern = mem_printf("[%s:value = '%s']", is_v4 ? "ipv4-addr" : "ipv6-addr",
			ip);
		add_indicator(b, "address of the suspected source", pattern, "stix", &seen);
		free(pattern);
	}
}

/* "program:sha256:…" and the like: the last 64 characters are the hash. */
static void add_hash(struct bundle *b, const char *key)
{
	size_t len = strlen(key);
	struct sighting seen = { b->first_seen, b->last_seen, 1 };

	if (len < 64 || (len > 64 && isxdigit((unsigned char)key[len - 65])) ||
		strspn(key + len - 64, "0123456789abcdef") != 64)
		return;
	char *pattern = mem_printf("[file:hashes.'SHA-256' = '%s']", key + len - 64);
	add_indicator(b, "program that was transferred", pattern, "stix", &seen);
	free(pattern);
}

static void add_hashes(struct bundle *b)
{
	const json_t *key;
	size_t i;

	json_array_foreach (document_at(b->incident, "/correlation/keys"), i, key)
		if (json_is_string(key))
			add_hash(b, json_string_value(key));
}

/* ---- rules ---- */

static struct sighting sightings_of(const json_t *alerts, json_int_t sid)
{
	struct sighting s = { NULL, NULL, 0 };
	const json_t *alert;
	json_int_t its;
	size_t i;

	json_array_foreach (alerts, i, alert) {
		const char *at = document_string(alert, "/timestamp");
		if (!document_integer(alert, "/alert/signature_id", &its) || its != sid)
			continue;
		s.first = s.first ? s.first : at;
		s.last = at;
		s.count++;
	}
	return s;
}

static bool names_device(const json_t *incident, const char *text)
{
	static const char *const lists[][2] = {
		{ "/affected", "/asset" }, { "/affected", "/name" }, { "/actors", "/asset" },
	};
	const json_t *one;
	size_t i;

	for (unsigned k = 0; k < sizeof(lists) / sizeof(*lists); k++)
		json_array_foreach (document_at(incident, lists[k][0]), i, one) {
			const char *name = document_string(one, lists[k][1]);
			if (name && strlen(name) >= NAME_LEAST && strstr(text, name))
				return true;
		}
	return false;
}

static bool may_be_told(const json_t *incident, const char *text)
{
	const char *at;
	size_t len;

	return redact_find(text, text, NULL, &at, &len) == REDACT_NOTHING &&
		!names_device(incident, text);
}

/* The rule's own text, where alerts carry it and it names nothing of the plant's. */
static void add_rule(struct bundle *b, const json_t *alert)
{
	const char *rule = document_string(alert, "/alert/rule");
	const char *name = document_string(alert, "/alert/signature");
	json_int_t sid;

	if (!rule || !document_integer(alert, "/alert/signature_id", &sid) ||
		!may_be_told(b->incident, rule) || (name && !may_be_told(b->incident, name)))
		return;
	struct sighting seen = sightings_of(b->request->alerts, sid);
	add_indicator(b, name ? name : "rule", rule, "suricata", &seen);
}

static bool has_sighting(const struct bundle *b)
{
	const json_t *object;
	size_t i;

	json_array_foreach (b->objects, i, object)
		if (strcmp(document_string(object, "/type"), "sighting") == 0)
			return true;
	return false;
}

/* Where there is nothing to look for, it is still worth knowing what was done. */
static void sight_techniques(struct bundle *b)
{
	struct sighting seen = { b->first_seen, b->last_seen, 1 };
	size_t count = json_array_size(b->objects);

	for (size_t i = 0; i < count; i++) {
		const json_t *object = json_array_get(b->objects, i);
		if (strcmp(document_string(object, "/type"), "attack-pattern") == 0)
			add_sighting(b, document_string(object, "/id"), &seen);
	}
}

json_t *share_stix(const json_t *incident, const struct share_request *request)
{
	struct bundle b = { incident, request, json_array() };
	const char *uid = document_string(incident, "/uid");
	const json_t *alert;
	char id[ID_MAX];
	size_t i;

	stix_time(request->now_ns, b.now);
	b.first_seen = document_string(incident, "/times/first_activity");
	b.last_seen = document_string(incident, "/times/last_activity");
	add_identity(&b);
	add_techniques(&b);
	add_actors(&b);
	add_hashes(&b);
	json_array_foreach (request->alerts, i, alert)
		add_rule(&b, alert);
	if (!has_sighting(&b))
		sight_techniques(&b);
	make_id("bundle", uid ? uid : b.now, id);
	return json_pack("{s:s,s:s,s:o}", "type", "bundle", "id", id, "objects", b.objects);
}
