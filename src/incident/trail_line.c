#include <stdio.h>

#include "incident/time.h"
#include "incident/trail_line.h"

static bool is_hash(const json_t *v)
{
	const char *s = json_string_value(v);

	return s && strlen(s) == SHA256_TEXT - 1 &&
		strspn(s, "0123456789abcdef") == SHA256_TEXT - 1;
}

static bool is_time(const json_t *v)
{
	uint64_t ns;

	return json_is_string(v) && time_read_rfc3339(json_string_value(v), &ns);
}

static bool has_all_keys(const json_t *entry)
{
	const json_t *prev = json_object_get(entry, "prev");
	const json_t *log = json_object_get(entry, "log");
	const char *schema = json_string_value(json_object_get(entry, "schema"));

	return schema && strcmp(schema, TRAIL_SCHEMA) == 0 &&
		is_hash(json_object_get(entry, "hash")) && (json_is_null(prev) || is_hash(prev)) &&
		json_integer_value(json_object_get(entry, "seq")) > 0 && json_is_string(log) &&
		json_string_length(log) < TRAIL_LOG && is_time(json_object_get(entry, "at")) &&
		json_is_string(json_object_get(entry, "action")) &&
		json_is_object(json_object_get(entry, "actor")) &&
		json_is_object(json_object_get(entry, "object"));
}

static void fill(struct trail_line *l, const json_t *entry)
{
	const json_t *prev = json_object_get(entry, "prev");

	l->seq = (uint64_t)json_integer_value(json_object_get(entry, "seq"));
	snprintf(l->log, sizeof(l->log), "%s", json_string_value(json_object_get(entry, "log")));
	snprintf(l->hash, sizeof(l->hash), "%s", json_string_value(json_object_get(entry, "hash")));
	snprintf(l->prev, sizeof(l->prev), "%s", prev && json_is_string(prev) ?
		json_string_value(prev) : "");
}

static bool hash_fits(json_t *entry, const char *want)
{
	char hash[SHA256_TEXT];

	json_object_del(entry, "hash");
	return canonical_sha256(entry, hash) && strcmp(hash, want) == 0;
}

static bool is_canonical(const json_t *entry, struct bytes line)
{
	struct text t = { 0 };
	bool same = canonical_put(&t, entry) &&
		bytes_equal(line, (struct bytes){ (const uint8_t *)t.at, t.len });

	text_fini(&t);
	return same;
}

static enum trail_fault check(struct trail_line *l, json_t *entry, struct bytes line)
{
	const json_t *alg = json_object_get(entry, "alg");

	if (!has_all_keys(entry))
		return TRAIL_NOT_ENTRY;
	if (alg && (!json_is_string(alg) || strcmp(json_string_value(alg), "SHA-256") != 0))
		return TRAIL_UNKNOWN_ALG;
	fill(l, entry);
	bool same = is_canonical(entry, line);
	if (!hash_fits(entry, l->hash))
		return TRAIL_CHANGED;
	return same ? TRAIL_FINE : TRAIL_NOT_CANONICAL;
}

enum trail_fault trail_line_read(struct trail_line *l, struct bytes line)
{
	json_t *entry = line.len < TRAIL_LINE ? canonical_read(line) : NULL;

	*l = (struct trail_line){ 0 };
	if (!entry)
		return TRAIL_NOT_JSON;
	enum trail_fault fault = check(l, entry, line);
	json_decref(entry);
	return fault;
}

const char *trail_fault_text(enum trail_fault fault)
{
	static const char *const texts[] = {
		[TRAIL_FINE] = "fine",
		[TRAIL_NOT_JSON] = "not a JSON object",
		[TRAIL_NOT_ENTRY] = "no entry of the trail's schema",
		[TRAIL_UNKNOWN_ALG] = "hashed with an algorithm that is not known here",
		[TRAIL_NOT_CANONICAL] = "not in canonical form",
		[TRAIL_CHANGED] = "changed: its hash does not fit its content",
	};

	return texts[fault];
}
