/* What alerts say of a rule: spelled when it alerts for the first time. Bounded, so that an
 * alert's line stays within its limit whatever a rule file holds. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "output/eve_event.h"

enum { MSG_MAX = 512, CATEGORY_MAX = 128, MORE_MAX = 6000, ATTACK_MAX = 2000 };

static void put_cut(struct text *out, const char *s, size_t limit)
{
	text_json(out, (struct bytes){ (const uint8_t *)s, strnlen(s, limit) });
}

static void put_what(const struct rule *r, struct text *out)
{
	text_lit(out, "\"gid\":");
	text_uint(out, r->gid);
	text_lit(out, ",\"signature_id\":");
	text_uint(out, r->sid);
	text_lit(out, ",\"rev\":");
	text_uint(out, r->rev);
	text_lit(out, ",\"signature\":");
	put_cut(out, r->msg ? r->msg : "", MSG_MAX);
	text_lit(out, ",\"category\":");
	put_cut(out, r->category ? r->category : "", CATEGORY_MAX);
	text_lit(out, ",\"severity\":");
	text_uint(out, r->priority);
}

/* Keep what was appended since `before` if it fits. */
static bool fits(struct text *out, size_t before, size_t most)
{
	if (out->len <= most)
		return true;
	out->len = before;
	return false;
}

static bool is_first_of_key(const struct rule *r, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (strcmp(r->metadata[i].key, r->metadata[at].key) == 0)
			return false;
	return true;
}

/* "key":["value", …] of all values that the key has from `at` on. */
static void put_key(const struct rule *r, unsigned at, struct text *out)
{
	text_json_str(out, r->metadata[at].key);
	text_lit(out, ":[");
	for (unsigned i = at; i < r->metadata_count; i++) {
		if (strcmp(r->metadata[i].key, r->metadata[at].key) != 0)
			continue;
		if (i > at)
			text_char(out, ',');
		text_json_str(out, r->metadata[i].value);
	}
	text_char(out, ']');
}

static bool put_metadata(const struct rule *r, size_t most, struct text *out)
{
	bool is_whole = true;
	if (!r->metadata_count)
		return true;
	text_lit(out, ",\"metadata\":{");
	for (unsigned i = 0; i < r->metadata_count; i++) {
		size_t before = out->len;
		if (!is_first_of_key(r, i))
			continue;
		if (out->at[out->len - 1] != '{')
			text_char(out, ',');
		put_key(r, i, out);
		is_whole &= fits(out, before, most);
	}
	text_char(out, '}');
	return is_whole;
}

static void put_reference(const struct rule_reference *ref, struct text *out)
{
	if (ref->url) {
		text_json_str(out, ref->url);
		return;
	}
	char *name = mem_printf("%s,%s", ref->system, ref->id);
	text_json_str(out, name);
	free(name);
}

static bool put_references(const struct rule *r, size_t most, struct text *out)
{
	bool is_whole = true;
	if (!r->reference_count)
		return true;
	text_lit(out, ",\"references\":[");
	for (unsigned i = 0; i < r->reference_count; i++) {
		size_t before = out->len;
		if (out->at[out->len - 1] != '[')
			text_char(out, ',');
		put_reference(&r->references[i], out);
		is_whole &= fits(out, before, most);
	}
	text_char(out, ']');
	return is_whole;
}

static bool put_rule(const struct rule *r, struct text *out)
{
	size_t before = out->len;
	text_lit(out, ",\"rule\":");
	text_json_str(out, r->text);
	return fits(out, before, MORE_MAX);
}

static void put_technique(const struct eve *e, const char *id, struct text *out)
{
	const struct attack_technique *t = e->rules ? ruleset_attack(e->rules, id) : NULL;
	text_lit(out, "{\"id\":");
	text_json_str(out, id);
	if (t && t->name) {
		text_lit(out, ",\"name\":");
		text_json_str(out, t->name);
	}
	if (t && t->tactic) {
		text_lit(out, ",\"tactic\":");
		text_json_str(out, t->tactic);
	}
	if (t && t->successor) {
		text_lit(out, ",\"successor\":");
		text_json_str(out, t->successor);
	}
	text_char(out, '}');
}

static bool put_attack(const struct eve *e, const struct rule *r, struct text *out)
{
	const char *version = e->rules ? ruleset_attack_version(e->rules) : NULL;
	bool is_whole = true;
	if (!r->attack_count)
		return true;
	text_lit(out, ",\"attack\":{");
	if (version) {
		text_lit(out, "\"version\":");
		text_json_str(out, version);
		text_char(out, ',');
	}
	text_lit(out, "\"techniques\":[");
	for (unsigned i = 0; i < r->attack_count; i++) {
		size_t before = out->len;
		if (out->at[out->len - 1] != '[')
			text_char(out, ',');
		put_technique(e, r->attack[i], out);
		is_whole &= fits(out, before, ATTACK_MAX);
	}
	text_lit(out, "]}");
	return is_whole;
}

static const char *metadata_of(const struct rule *r, const char *key)
{
	for (unsigned i = 0; i < r->metadata_count; i++)
		if (strcmp(r->metadata[i].key, key) == 0)
			return r->metadata[i].value;
	return NULL;
}

/* ,"indicator":{…} of a rule that was made from a shared indicator. */
static void put_indicator(const struct rule *r, struct text *out)
{
	static const char *const keys[] = { "id", "source", "tlp" };
	char name[32];

	if (!metadata_of(r, "indicator_id"))
		return;
	text_lit(out, ",\"indicator\":{");
	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		snprintf(name, sizeof(name), "indicator_%s", keys[i]);
		const char *value = metadata_of(r, name);
		if (!value)
			continue;
		text_printf(out, "%s\"%s\":", i ? "," : "", keys[i]);
		put_cut(out, value, CATEGORY_MAX);
	}
	text_char(out, '}');
}

static void spell(const struct eve *e, struct rule_text *t, const struct rule *r)
{
	rule_text_fini(t);
	t->rule = r;
	put_what(r, &t->what);
	t->is_cut = !put_metadata(r, MORE_MAX / 2, &t->more);
	t->is_cut |= !put_references(r, MORE_MAX, &t->more);
	if (e->config.rule_text && r->text)
		t->is_cut |= !put_rule(r, &t->more);
	t->is_cut |= !put_attack(e, r, &t->attack);
	put_indicator(r, &t->attack);
}

const struct rule_text *eve_rule_text(struct eve *e, const struct rule *r)
{
	if (r->index >= e->rule_count) {
		unsigned count = r->index + 1;
		e->rule_texts = mem_resize(e->rule_texts, count * sizeof(*e->rule_texts));
		memset(e->rule_texts + e->rule_count, 0,
			(count - e->rule_count) * sizeof(*e->rule_texts));
		e->rule_count = count;
	}
	struct rule_text *t = &e->rule_texts[r->index];
	if (t->rule != r)
		spell(e, t, r);
	return t;
}

void rule_text_fini(struct rule_text *t)
{
	text_fini(&t->what);
	text_fini(&t->more);
	text_fini(&t->attack);
	*t = (struct rule_text){ 0 };
}
