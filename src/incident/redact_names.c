/* What must not be seen: rules by kind and by pointer, and the texts themselves. */
#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/document.h"
#include "incident/redact_state.h"
#include "incident/register.h"
#include "incident/sheet.h"

enum { NAMES_MAX = 65536, PSEUDONYM_DIGITS = 10, SECRET_LEAST = 2, MAC_DIGITS = 12 };

/* ---- kinds ---- */

static const struct {
	const char *kind, *members, *pseudonym; /* members: " a b " */
} kinds[REDACT_KINDS] = {
	[REDACT_INTERNAL_ADDRESS] = { "internal_address", " ", "addr" },
	[REDACT_MAC_KIND] = { "mac", " ", "mac" },
	[REDACT_PERSON] = { "person", " by person_id owner backup prepared_by approved_by "
		"submitted_by escalated_to user users user_name contact phone email ", "person" },
	[REDACT_PAYLOAD] = { "payload", " payload payload_printable packet content_bytes data "
		"body bytes_hex ", "payload" },
	[REDACT_HOSTNAME] = { "hostname", " host hostname host_name sensor_id sensor ", "host" },
	[REDACT_ASSET_ID] = { "asset_id", " asset asset_id ", "device" },
	[REDACT_PROCESS_VALUE] = { "process_value", " value value_before value_prev limit ",
		"value" },
	[REDACT_FILE_REFERENCE] = { "file_reference", " ref pcap_filename ", "file" },
	[REDACT_FREE_TEXT] = { "free_text", " text effect reason note notes lessons findings item "
		"comment other ransom ", "text" },
};

/* Words that mean something only where they stand: a score has a value, an actor a ref, a
 * threshold the program's own reason. */
static bool is_out_of_place(enum redact_kind kind, const char *pointer)
{
	if (kind == REDACT_PROCESS_VALUE)
		return !strstr(pointer, "/changes/") && !strstr(pointer, "/operation");
	if (kind == REDACT_FREE_TEXT)
		return strstr(pointer, "/threshold_checks/") != NULL;
	return kind == REDACT_FILE_REFERENCE && !strstr(pointer, "/evidence/");
}

enum redact_kind redact_kind_of(const char *pointer)
{
	const char *last = strrchr(pointer, '/');
	char *word = mem_printf(" %s ", last ? last + 1 : pointer);
	enum redact_kind kind = 0;

	while (kind < REDACT_KINDS && !strstr(kinds[kind].members, word))
		kind++;
	free(word);
	return kind < REDACT_KINDS && is_out_of_place(kind, pointer) ? REDACT_KINDS : kind;
}

static enum redact_kind kind_named(const char *name)
{
	enum redact_kind kind = 0;

	while (kind < REDACT_KINDS && strcmp(kinds[kind].kind, name) != 0)
		kind++;
	return kind;
}

/* ---- the profile's rules ---- */

static bool read_rule(const json_t *json, struct redact_rule *rule)
{
	const char *action = document_string(json, "/action");

	rule->why = document_string(json, "/why");
	if (!action || !rule->why)
		return false;
	if (strcmp(action, "keep") == 0)
		rule->action = REDACT_KEEP;
	else if (strcmp(action, "remove") == 0)
		rule->action = REDACT_REMOVE;
	else if (strcmp(action, "pseudonymise") == 0)
		rule->action = REDACT_PSEUDONYM;
	else
		return false;
	return true;
}

static bool is_silent_on_values(const json_t *profile)
{
	const json_t *keep = json_object_get(profile, "keep_process_values");

	return json_is_false(keep);
}

bool redact_rules(struct redaction *r)
{
	const json_t *profile = r->request->profile, *json;
	size_t i;

	if (is_silent_on_values(profile))
		r->kinds[REDACT_PROCESS_VALUE] = (struct redact_rule){ REDACT_REMOVE,
			"process value" };
	json_array_foreach (document_at(profile, "/rules"), i, json) {
		struct redact_rule rule;
		const char *name = document_string(json, "/kind");
		enum redact_kind kind = name ? kind_named(name) : REDACT_KINDS;
		bool ok = read_rule(json, &rule);
		if (!ok || (!name && !document_string(json, "/pointer")) ||
			(name && kind == REDACT_KINDS)) {
			report_error("redaction profile: rule %zu is no rule", i + 1);
			return false;
		}
		if (name)
			r->kinds[kind] = rule;
	}
	return json_is_array(document_at(profile, "/rules"));
}

/* '*' stands for one step. The pattern may end before the pointer: all below goes too. */
static bool pointer_fits(const char *pattern, const char *pointer)
{
	while (*pattern) {
		size_t want = strcspn(pattern + 1, "/") + 1, have;
		if (*pattern != '/' || *pointer != '/')
			return false;
		have = strcspn(pointer + 1, "/") + 1;
		bool is_any = want == 2 && pattern[1] == '*';
		if (!is_any && (want != have || memcmp(pattern, pointer, want) != 0))
			return false;
		pattern += want;
		pointer += have;
	}
	return true;
}

const struct redact_rule *redact_pointer_rule(const struct redaction *r, const char *pointer,
	struct redact_rule *room)
{
	const json_t *json;
	size_t i;

	json_array_foreach (document_at(r->request->profile, "/rules"), i, json) {
		const char *pattern = document_string(json, "/pointer");
		if (pattern && read_rule(json, room) && pointer_fits(pattern, pointer))
			return room;
	}
	return NULL;
}

/* ---- texts ---- */

char *redact_pseudonym(const struct redaction *r, enum redact_kind kind, const char *secret)
{
	char hex[PSEUDONYM_DIGITS + 1];
	const char *name = kind < REDACT_KINDS ? kinds[kind].pseudonym : "name";

	redact_mac(r->request->key, "pseudonym", name, secret, hex, PSEUDONYM_DIGITS);
	return mem_printf("%s-%s", name, hex);
}

static void add_name(struct redaction *r, enum redact_kind kind, const char *secret,
	const struct redact_rule *rule)
{
	size_t len = strlen(secret);

	if (rule->action == REDACT_KEEP || len < SECRET_LEAST || strstr(secret, SHEET_FILL) ||
		json_object_get(r->known, secret))
		return;
	if (r->name_count == NAMES_MAX) {
		r->failed = true; /* what cannot be looked for cannot be kept in */
		return;
	}
	json_object_set_new(r->known, secret, json_true());
	if (r->name_count == r->name_room) {
		r->name_room = r->name_room ? 2 * r->name_room : 64;
		r->names = mem_resize(r->names, r->name_room * sizeof(*r->names));
	}
	r->names[r->name_count++] = (struct redact_name){ mem_string(secret), len,
		rule->action == REDACT_PSEUDONYM ? redact_pseudonym(r, kind, secret) : NULL,
		rule->why };
}

/* A MAC without separators has no form of its own: it is known, or not found. */
static void add_bare_mac(struct redaction *r, const char *text)
{
	char lower[MAC_DIGITS + 1] = "", upper[MAC_DIGITS + 1] = "";
	const char *at;
	size_t len, digits = 0;

	if (redact_find(text, text, NULL, &at, &len) != REDACT_MAC || text[len] != '\0')
		return;
	for (; *text && digits < MAC_DIGITS; text++)
		if (isxdigit((unsigned char)*text)) {
			lower[digits] = (char)tolower((unsigned char)*text);
			upper[digits++] = (char)toupper((unsigned char)*text);
		}
	add_name(r, REDACT_MAC_KIND, lower, &r->kinds[REDACT_MAC_KIND]);
	add_name(r, REDACT_MAC_KIND, upper, &r->kinds[REDACT_MAC_KIND]);
}

static void learn(struct redaction *r, const json_t *value, enum redact_kind kind,
	const struct redact_rule *rule, const char *pointer);

/* What a member is: by a rule of its pointer, else by its name, else what holds it. */
static void learn_member(struct redaction *r, const json_t *value, const char *key,
	enum redact_kind kind, const struct redact_rule *rule, const char *pointer)
{
	char *step = document_step(key), *here = mem_printf("%s/%s", pointer, step);
	enum redact_kind its = redact_kind_of(here);
	struct redact_rule room;
	const struct redact_rule *own = redact_pointer_rule(r, here, &room);

	if (its == REDACT_KINDS)
		its = kind;
	if (!own)
		own = its < REDACT_KINDS ? &r->kinds[its] : rule;
	learn(r, value, its, own, here);
	free(here);
	free(step);
}

static void learn(struct redaction *r, const json_t *value, enum redact_kind kind,
	const struct redact_rule *rule, const char *pointer)
{
	const char *key, *text = json_string_value(value);
	json_t *child;
	size_t i;

	/* Numbers and single words of values stand for too much to be hunted in all texts. */
	if (text && rule && kind != REDACT_PROCESS_VALUE)
		add_name(r, kind, text, rule);
	if (text)
		add_bare_mac(r, text);
	json_object_foreach ((json_t *)value, key, child)
		learn_member(r, child, key, kind, rule, pointer);
	json_array_foreach ((json_t *)value, i, child) {
		char *index = mem_printf("%zu", i);
		learn_member(r, child, index, kind, rule, pointer);
		free(index);
	}
}

void redact_learn(struct redaction *r, const json_t *doc)
{
	learn(r, doc, REDACT_KINDS, NULL, "");
}

static const json_t *registered(const struct redaction *r, const char *name, const char *list)
{
	const struct registers *registers = r->request->registers;

	return registers ? document_at(registers_data(registers, name), list) : NULL;
}

static void learn_persons(struct redaction *r)
{
	static const char *const members[] = { "/id", "/name", "/phone", "/email" };
	const json_t *person;
	size_t i;

	json_array_foreach (registered(r, "persons", "/persons"), i, person)
		for (unsigned k = 0; k < sizeof(members) / sizeof(*members); k++) {
			const char *text = document_string(person, members[k]);
			if (text)
				add_name(r, REDACT_PERSON, text, &r->kinds[REDACT_PERSON]);
		}
}

/* Numbers stand for too much else. */
static bool has_letter(const char *text)
{
	for (; text && *text; text++)
		if (isalpha((unsigned char)*text))
			return true;
	return false;
}

/* As devices that the incident affects are called. */
static void learn_assets(struct redaction *r)
{
	struct redact_rule room;
	const struct redact_rule *rule = redact_pointer_rule(r, "/affected/0/asset", &room);
	const json_t *asset, *address;
	size_t i, k;

	rule = rule ? rule : &r->kinds[REDACT_ASSET_ID];
	json_array_foreach (registered(r, "assets", "/assets"), i, asset) {
		const char *id = document_string(asset, "/id");
		if (has_letter(id))
			add_name(r, REDACT_ASSET_ID, id, rule);
		json_array_foreach (document_at(asset, "/addresses"), k, address) {
			const char *mac = document_string(address, "/mac");
			if (mac)
				add_bare_mac(r, mac);
		}
	}
}

void redact_learn_registers(struct redaction *r)
{
	learn_persons(r);
	learn_assets(r);
}

static int compare_names(const void *a, const void *b)
{
	const struct redact_name *x = a, *y = b;

	if (x->secret[0] != y->secret[0])
		return (uint8_t)x->secret[0] < (uint8_t)y->secret[0] ? -1 : 1;
	if (x->len != y->len)
		return x->len > y->len ? -1 : 1;
	return strcmp(x->secret, y->secret);
}

void redact_names_sort(struct redaction *r)
{
	unsigned i = 0;

	if (r->name_count)
		qsort(r->names, r->name_count, sizeof(*r->names), compare_names);
	for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
		r->names_from[byte] = i;
		while (i < r->name_count && (uint8_t)r->names[i].secret[0] == byte)
			i++;
	}
	r->names_from[UINT8_MAX + 1] = i;
}

void redact_names_fini(struct redaction *r)
{
	for (unsigned i = 0; i < r->name_count; i++) {
		free(r->names[i].secret);
		free(r->names[i].instead);
	}
	free(r->names);
	json_decref(r->known);
}
