/* What alerts mean: the effect on a device, and from the gravest effect the category of
 * GB/T 20986-2023. */
#include <string.h>

#include "incident/evaluate_state.h"
#include "incident/register_state.h"

/* ---- one alert ---- */

/* A rule without a list fits everything; null in a list fits an alert that says
 * nothing. */
static bool fits(const json_t *list, const char *word)
{
	json_t *one;
	size_t i;

	if (!list || word)
		return !list || evaluate_names(list, word);
	json_array_foreach(list, i, one)
		if (json_is_null(one))
			return true;
	return false;
}

const char *incident_effect(const struct registers *r, const char *category,
	const char *verb, const char *outcome)
{
	const json_t *rules = category ? json_object_get(r->effect_rules, category) :
		NULL;
	json_t *rule;
	size_t i;

	if (!rules)
		rules = json_object_get(r->effect_rules, "");
	json_array_foreach(rules, i, rule)
		if (fits(json_object_get(rule, "verbs"), verb) &&
			fits(json_object_get(rule, "outcomes"), outcome))
			return register_text(rule, "effect");
	return "noticed"; /* the loader has seen to a last rule that fits all */
}

const json_t *evaluate_effect(const struct evaluation *e, const char *word)
{
	return json_object_get(e->r->effects, word);
}

const char *evaluate_impact(const struct evaluation *e, const char *word)
{
	return register_text(evaluate_effect(e, word), "impact_class");
}

/* ---- an incident ---- */

static json_t *words_of(const struct evaluation *e)
{
	json_t *words = json_object(), *asset, *word;
	size_t i, k;

	json_array_foreach(e->affected, i, asset)
		json_array_foreach(json_object_get(asset, "outcome"), k, word)
			if (json_is_string(word))
				json_object_set_new(words, json_string_value(word),
					json_true());
	return words;
}

/* All effects of the incident, each once, the costliest first; of equals the one that
 * comes first in categories.json, so that the order of alerts does not matter. */
static json_t *collect(const struct evaluation *e)
{
	json_t *words = words_of(e), *found = json_array(), *row;
	size_t i;

	for (int loss = 3; loss >= 0; loss--)
		json_array_foreach(json_object_get(e->categories, "effects"), i, row)
			if (json_object_get(words, register_text(row, "effect")) &&
				evaluate_loss_of(e,
				register_text(row, "impact_class")) == loss)
				json_array_append(found, row);
	json_decref(words);
	return found;
}

/* The code of a subcategory; null while nobody verified it. */
static const json_t *code_of(const struct evaluation *e, const json_t *effect)
{
	json_t *category, *sub;
	size_t i, k;

	json_array_foreach(json_object_get(e->categories, "categories"), i, category)
		json_array_foreach(json_object_get(category, "subcategories"), k, sub)
			if (strcmp(register_text(sub, "name"),
				register_text(effect, "subcategory")) == 0)
				return json_object_get(sub, "code");
	return NULL;
}

static json_t *secondary(const json_t *effects)
{
	json_t *names = json_array(), *row;
	const char *first = register_text(json_array_get(effects, 0), "subcategory");
	size_t i;

	json_array_foreach(effects, i, row) {
		const char *name = register_text(row, "subcategory");
		if (strcmp(name, first) != 0 && !evaluate_names(names, name))
			json_array_append_new(names, json_string(name));
	}
	return names;
}

void evaluate_category(struct evaluation *e)
{
	json_t *classification = evaluate_object(e->doc, "classification");

	if (evaluate_text(classification, "gbt20986.by"))
		return;
	json_t *effects = collect(e);
	const json_t *gravest = json_array_get(effects, 0);
	const json_t *code = gravest ? code_of(e, gravest) : NULL;
	json_object_set_new(classification, "gbt20986",
		json_pack("{s:s, s:s?, s:s?, s:o, s:o, s:s}",
		"edition", register_text(e->categories, "edition"),
		"category", register_text(gravest, "category"),
		"subcategory", register_text(gravest, "subcategory"),
		"secondary", secondary(effects),
		"code", json_is_string(code) ? json_copy((json_t *)code) : json_null(),
		"code_status", register_text(e->categories, "code_status")));
	json_decref(effects);
	if (!json_object_get(classification, "data_security"))
		json_object_set_new(classification, "data_security",
			json_pack("{s:n, s:n}",
			"data_touched", "data_class"));
}
