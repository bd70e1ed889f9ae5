/* Sids of imported indicators, for ever. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "incident/stix_rules.h"

enum { COUNT = STIX_SID_END - STIX_SID, LINE_MAX_LEN = 16384 };

struct stix_sids {
	uint8_t taken[COUNT / 8];
	json_t *before; /* "id part": {sid, rev, line} */
};

static bool is_taken(const struct stix_sids *s, unsigned at)
{
	return s->taken[at / 8] >> (at % 8) & 1;
}

static void take(struct stix_sids *s, unsigned at)
{
	s->taken[at / 8] |= (uint8_t)(1 << (at % 8));
}

/* ---- the earlier file ---- */

/* The word behind the last `label` in a line, which is ours: names and rules of others stand
 * before it. false: it is not there. */
static bool word_behind(const char *line, const char *label, char *word, size_t size)
{
	const char *at = NULL;

	for (const char *next = line; (next = strstr(next, label)); )
		at = next += strlen(label);
	if (!at)
		return false;
	size_t len = strcspn(at, ",; ");
	snprintf(word, size, "%.*s", (int)len, at);
	return len > 0 && len < size;
}

static void remember(struct stix_sids *s, const char *line)
{
	char id[STIX_ID_MAX], part[16], sid[16], rev[16];

	if (strncmp(line, "alert ", 6) != 0 ||
		!word_behind(line, "indicator_id ", id, sizeof(id)) ||
		!word_behind(line, "indicator_part ", part, sizeof(part)) ||
		!word_behind(line, " sid:", sid, sizeof(sid)) ||
		!word_behind(line, " rev:", rev, sizeof(rev)))
		return;
	unsigned long number = strtoul(sid, NULL, 10);
	if (number < STIX_SID || number >= STIX_SID_END || is_taken(s, number - STIX_SID))
		return;
	take(s, (unsigned)(number - STIX_SID));
	char *key = mem_printf("%s %s", id, part);
	json_object_set_new(s->before, key, json_pack("{s:I,s:I,s:s}", "sid", (json_int_t)number,
		"rev", (json_int_t)strtoul(rev, NULL, 10) % 1000000, "line", line));
	free(key);
}

struct stix_sids *stix_sids_new(struct bytes earlier)
{
	struct stix_sids *s = mem_new(sizeof(*s));
	const char *at = (const char *)earlier.at, *end = at + earlier.len;

	s->before = json_object();
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		char *line = mem_printf("%.*s", (int)(len < LINE_MAX_LEN ? len : 0), at);
		remember(s, line);
		free(line);
		at += len + 1;
	}
	return s;
}

void stix_sids_free(struct stix_sids *s)
{
	json_decref(s->before);
	free(s);
}

/* ---- new ones ---- */

static unsigned new_sid(struct stix_sids *s, const char *key)
{
	unsigned at = (unsigned)(hash_fast(key, strlen(key), 0) % COUNT);

	while (is_taken(s, at))
		at = (at + 1) % COUNT;
	take(s, at);
	return STIX_SID + at;
}

static char *spell(const struct stix_indicator *about, const char *head, const char *asks,
	unsigned sid, unsigned rev)
{
	return mem_printf("%s(msg:\"Indicator: %s\"; %s metadata:indicator_id %s, "
		"indicator_source %s, indicator_tlp %s, indicator_part %u; sid:%u; rev:%u;)", head,
		about->name, asks, about->id, about->source, about->tlp, about->parts, sid, rev);
}

bool stix_put_rule(struct stix_import *i, struct stix_sids *s, struct stix_indicator *about,
	const char *head, const char *asks)
{
	char *key = mem_printf("%s %u", about->id, about->parts);
	const json_t *before = json_object_get(s->before, key);
	unsigned sid, rev = 1;

	if (i->rule_count == STIX_RULES_MAX) {
		free(key);
		return false;
	}
	if (before) {
		sid = (unsigned)json_integer_value(json_object_get(before, "sid"));
		rev = (unsigned)json_integer_value(json_object_get(before, "rev"));
	} else {
		sid = new_sid(s, key);
	}
	char *line = spell(about, head, asks, sid, rev);
	if (before && strcmp(line, json_string_value(json_object_get(before, "line"))) != 0) {
		free(line);
		line = spell(about, head, asks, sid, rev + 1);
	}
	text_str(&i->rules, line);
	text_char(&i->rules, '\n');
	i->rule_count++;
	about->parts++;
	free(line);
	free(key);
	return true;
}
