#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/document.h"
#include "incident/share.h"
#include "incident/stix_rules.h"
#include "incident/time.h"

enum { OBJECTS_MAX = 200000 };

static void leave_out(struct stix_import *i, const char *id, const char *why)
{
	i->left_out++;
	if (json_array_size(i->notes) < STIX_NOTES_MAX)
		json_array_append_new(i->notes, json_pack("{s:o,s:s}", "id", document_or_null(id),
			"why", why));
}

/* ---- words that are safe in a rule ---- */

static void safe_word(const char *from, char *out, size_t size)
{
	size_t len = 0;

	for (; *from && len < size - 1; from++)
		out[len++] = isalnum((unsigned char)*from) || strchr("._-", *from) ? *from : '_';
	out[len] = '\0';
}

/* Whole characters, without what ends a text or an option. */
static void safe_text(const char *from, char *out, size_t size)
{
	size_t len = 0;

	for (; *from && len < size - 1; from++) {
		unsigned char c = (unsigned char)*from;
		out[len++] = c < 0x20 || c == 0x7f || strchr("\";\\", c) ? ' ' : *from;
	}
	while (*from && len > 0 && ((unsigned char)*from & 0xc0) == 0x80) {
		from--; /* the cut is inside a character */
		len--;
	}
	out[len] = '\0';
}

/* "indicator--" and a UUID. */
static bool is_id(const char *id)
{
	size_t len = id ? strlen(id) : 0;

	return len == 47 && strncmp(id, "indicator--", 11) == 0 &&
		strspn(id + 11, "0123456789abcdefABCDEF-") == 36;
}

/* ---- one indicator ---- */

static const char *tlp_of(const json_t *object)
{
	const json_t *ref;
	size_t i;

	json_array_foreach (document_at(object, "/object_marking_refs"), i, ref) {
		const char *tlp = json_is_string(ref) ? share_tlp_of(json_string_value(ref)) : NULL;
		if (tlp)
			return tlp;
	}
	return "none";
}

/* Why it does not count now; NULL: it does. */
static const char *validity(const json_t *object, uint64_t now_ns)
{
	const char *from = document_string(object, "/valid_from");
	const char *until = document_string(object, "/valid_until");
	uint64_t ns;

	if (document_is_true(object, "/revoked"))
		return "revoked";
	if (from && (!time_read_rfc3339(from, &ns) || ns > now_ns))
		return "not valid yet";
	if (until && (!time_read_rfc3339(until, &ns) || ns <= now_ns))
		return "no longer valid";
	return NULL;
}

static const char *put_pattern(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const json_t *object)
{
	const json_t *pattern = document_at(object, "/pattern");
	const char *type = document_string(object, "/pattern_type");
	struct stix_pattern p;

	if (!json_is_string(pattern) || !type)
		return "no pattern";
	if (strcmp(type, "suricata") == 0)
		return stix_put_foreign(i, s, about, json_string_value(pattern));
	if (strcmp(type, "stix") != 0)
		return "a pattern in a language that is not read here";
	if (!stix_pattern_read(&p, json_string_value(pattern), json_string_length(pattern)))
		return p.refused;
	const char *why = stix_put_ways(i, s, about, &p);
	free(p.ways);
	return why;
}

static void take_indicator(struct stix_import *i, struct stix_sids *s, const json_t *object)
{
	const char *id = document_string(object, "/id"), *name;
	struct stix_indicator about = { .tlp = tlp_of(object) };

	i->indicators++;
	if (!is_id(id)) {
		leave_out(i, id, "no id of an indicator");
		return;
	}
	name = document_string(object, "/name");
	safe_word(id, about.id, sizeof(about.id));
	safe_word(i->source, about.source, sizeof(about.source));
	safe_text(name ? name : id, about.name, sizeof(about.name));
	const char *why = validity(object, i->now_ns);
	if (!why)
		why = put_pattern(i, s, &about, object);
	if (why)
		leave_out(i, id, why);
	i->imported += about.parts > 0;
}

/* ---- the bundle ---- */

static json_t *read_bundle(struct bytes bytes)
{
	json_error_t error;
	json_t *bundle = bytes.len <= STIX_BUNDLE_MAX ? json_loadb((const char *)bytes.at,
		bytes.len, JSON_REJECT_DUPLICATES, &error) : NULL;
	const char *type = document_string(bundle, "/type");

	if (bytes.len > STIX_BUNDLE_MAX)
		report_error("the bundle is longer than %d bytes", STIX_BUNDLE_MAX);
	else if (!bundle)
		report_error("the bundle is not JSON: line %d: %s", error.line, error.text);
	else if (!type || strcmp(type, "bundle") != 0 ||
		!json_is_array(json_object_get(bundle, "objects")))
		report_error("not a STIX bundle: it has no type \"bundle\" with objects");
	else if (json_array_size(json_object_get(bundle, "objects")) > OBJECTS_MAX)
		report_error("the bundle holds more than %d objects", OBJECTS_MAX);
	else
		return bundle;
	json_decref(bundle);
	return NULL;
}

bool stix_import(struct stix_import *i, struct bytes bytes)
{
	json_t *bundle = read_bundle(bytes), *object;
	size_t k;

	if (!bundle)
		return false;
	struct stix_sids *sids = stix_sids_new(i->earlier);
	i->notes = json_array();
	text_printf(&i->rules, "# Indicators of others, written by `ironspan share import`; "
		"sids %d to %d.\n# Written again with every import: do not edit.\n", STIX_SID,
		STIX_SID_END - 1);
	json_array_foreach (json_object_get(bundle, "objects"), k, object) {
		const char *type = document_string(object, "/type");
		if (type && strcmp(type, "indicator") == 0)
			take_indicator(i, sids, object);
	}
	stix_sids_free(sids);
	json_decref(bundle);
	return true;
}

void stix_import_fini(struct stix_import *i)
{
	text_fini(&i->rules);
	json_decref(i->notes);
	i->notes = NULL;
}
