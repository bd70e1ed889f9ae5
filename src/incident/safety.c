/* Did the incident touch what can hurt people? Then safety law may ask for a report of
 * its own, and a person must look: suspected is true, false, or null where a device's
 * role is unknown. */
#include <stdio.h>

#include "incident/evaluate_state.h"

static void note(json_t *why, const char *asset, const char *effect, const char *what)
{
	json_array_append_new(why, json_sprintf("%s: %s (%s)", asset ? asset :
		"unknown device", effect, what));
}

static enum known judge(const struct evaluation *e, const json_t *asset,
	const char *effect, json_t *why)
{
	const json_t *rules = json_object_get(e->rules, "safety");
	const json_t *safety = json_object_get(asset, "safety");
	const char *impact = evaluate_impact(e, effect);
	const char *name = evaluate_text(asset, "asset");

	if (!impact)
		return KNOWN_NO;
	bool process = evaluate_names(json_object_get(rules, "process_classes"), impact);
	bool on_safety = evaluate_names(json_object_get(rules, "safety_asset_classes"),
		impact);
	if (!process && (!on_safety || json_is_false(safety)))
		return KNOWN_NO;
	if (json_is_true(safety))
		note(why, name, effect, "safety controller");
	else
		note(why, name, effect, process ? "process touched" :
			"not known whether it is a safety controller");
	return process || json_is_true(safety) ? KNOWN_YES : KNOWN_NOT;
}

void evaluate_safety(struct evaluation *e)
{
	json_t *out = evaluate_object(e->doc, "safety_accident"), *why = json_array();
	json_t *asset, *word;
	enum known suspected = KNOWN_NO;
	size_t i, k;

	json_array_foreach(e->affected, i, asset)
		json_array_foreach(json_object_get(asset, "outcome"), k, word) {
			enum known one = json_is_string(word) ?
				judge(e, asset, json_string_value(word), why) : KNOWN_NO;
			if (one == KNOWN_YES ||
				(one == KNOWN_NOT && suspected == KNOWN_NO))
				suspected = one;
		}
	json_object_set_new(out, "suspected", suspected == KNOWN_NOT ? json_null() :
		json_boolean(suspected == KNOWN_YES));
	json_object_set_new(out, "why", why);
	json_object_set_new(out, "proposed_regime", suspected == KNOWN_NO ? json_null() :
		json_string(evaluate_text(e->rules, "safety.regime")));
	if (!json_object_get(out, "note"))
		json_object_set_new(out, "note", json_null());
	if (!json_object_get(out, "regime"))
		json_object_set_new(out, "regime", json_null());
}
