/* The shared tables: do they fit each other, and what speeds up looking into them. */
#include <stdio.h>

#include "incident/register_state.h"

/* ---- categories: what an alert did ---- */

static void index_effects(struct loader *l)
{
	json_t *row;
	size_t i;
	char at[64];

	json_array_foreach(register_rows(l->r, "categories", "effects"), i, row) {
		snprintf(at, sizeof(at), "/effects/%zu/effect", i);
		if (json_object_get(l->r->effects, register_text(row, "effect")))
			register_wrong(l, "categories", at, "a second \"%s\"",
				register_text(row, "effect"));
		json_object_set(l->r->effects, register_text(row, "effect"), row);
	}
}

/* One list for each alert.category that a rule names: the rules that name it or none, in
 * their order. "" has those that name none. */
static void open_lists(struct loader *l, const json_t *rules)
{
	json_t *rule, *category;
	size_t i, k;

	json_object_set_new(l->r->effect_rules, "", json_array());
	json_array_foreach(rules, i, rule)
		json_array_foreach(json_object_get(rule, "categories"), k, category)
			json_object_set_new(l->r->effect_rules,
				json_string_value(category), json_array());
}

static bool names(const json_t *list, const char *word)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (strcmp(json_string_value(one), word) == 0)
			return true;
	return false;
}

static void fill_lists(struct loader *l, const json_t *rules)
{
	const char *category;
	json_t *rule, *list;
	size_t i;

	json_array_foreach(rules, i, rule) {
		const json_t *named = json_object_get(rule, "categories");
		json_object_foreach(l->r->effect_rules, category, list)
			if (!named || names(named, category))
				json_array_append(list, rule);
	}
}

static void link_effect_rules(struct loader *l)
{
	const json_t *rules = register_rows(l->r, "categories", "rules");
	json_t *rule;
	size_t i;
	char at[64];

	json_array_foreach(rules, i, rule) {
		snprintf(at, sizeof(at), "/rules/%zu/effect", i);
		if (!json_object_get(l->r->effects, register_text(rule, "effect")))
			register_wrong(l, "categories", at, "there is no effect \"%s\"",
				register_text(rule, "effect"));
	}
	if (json_array_size(json_object_get(json_array_get(rules,
		json_array_size(rules) - 1),
			"categories")) > 0)
		register_wrong(l, "categories", at, "the last rule must fit every alert");
	open_lists(l, rules);
	fill_lists(l, rules);
}

/* ---- grades ---- */

/* Every impact class that an effect has needs a loss and a score. */
static void link_impacts(struct loader *l)
{
	const json_t *losses = register_rows(l->r, "grade-rules", "impact_loss");
	const json_t *classes = json_object_get(losses, "classes");
	const char *effect;
	json_t *row;

	json_object_foreach(l->r->effects, effect, row)
		if (!json_object_get(classes, register_text(row, "impact_class")))
			register_wrong(l, "grade-rules", "/impact_loss/classes",
				"lacks \"%s\", the impact class of \"%s\"",
				register_text(row, "impact_class"), effect);
}

/* ---- clocks and profiles ---- */

static bool has(const struct registers *r, const char *folder, const char *id)
{
	char name[200];

	snprintf(name, sizeof(name), "%s/%s", folder, id);
	return registers_data(r, name) != NULL;
}

static void link_clocks(struct loader *l)
{
	json_t *row, *profile;
	size_t i, k;
	char at[64];

	json_array_foreach(register_rows(l->r, "clocks", "clocks"), i, row) {
		snprintf(at, sizeof(at), "/clocks/%zu/reports/profiles", i);
		const json_t *reports = json_object_get(row, "reports");
		json_array_foreach(json_object_get(reports, "profiles"), k, profile)
			if (!has(l->r, "profiles", json_string_value(profile)))
				register_wrong(l, "clocks", at,
					"there is no profile \"%s\"",
					json_string_value(profile));
	}
}

static void link_profiles(struct loader *l)
{
	const char *name;
	json_t *file;

	json_object_foreach(l->r->files, name, file) {
		const char *redaction = register_text(file, "redaction");
		if (redaction && !has(l->r, "redaction", redaction))
			register_wrong(l, name, "/redaction",
				"there is no redaction profile \"%s\"", redaction);
	}
}

void register_link_effects(struct loader *l)
{
	index_effects(l);
	if (l->errors == 0)
		link_effect_rules(l);
	if (l->errors == 0)
		link_impacts(l);
}

void register_link_rules(struct loader *l)
{
	link_clocks(l);
	link_profiles(l);
}
