/* Thresholds of the rules that say how grave an incident is: true, false, or null where
 * only a person can know. */
#include <stdio.h>
#include <string.h>

#include "incident/evaluate_state.h"

struct answer {
	enum known applies;
	char reason[200];
};

static void judge_number(const struct evaluation *e, const char *input, json_int_t least,
	struct answer *a)
{
	const json_t *value = evaluate_at(e->doc, input);
	json_int_t number = json_integer_value(value);

	a->applies = !json_is_integer(value) ? KNOWN_NOT : number >= least ? KNOWN_YES :
		KNOWN_NO;
	if (a->applies == KNOWN_NOT)
		snprintf(a->reason, sizeof(a->reason), "needs human input: %s",
			input + strlen("human_input."));
	else
		snprintf(a->reason, sizeof(a->reason), "%s is %lld, %s %lld",
			input + strlen("human_input."), (long long)number,
			a->applies == KNOWN_YES ? "at least" : "less than",
			(long long)least);
}

static struct answer judge(const struct evaluation *e, const json_t *condition)
{
	const char *input = evaluate_text(condition, "input");
	const json_t *wanted = json_object_get(condition, "is");
	struct answer a = { e->cii, "" };

	if (!wanted) {
		judge_number(e, input, json_integer_value(json_object_get(condition,
			"at_least")), &a);
		return a;
	}
	if (a.applies != KNOWN_NOT)
		a.applies = (e->cii == KNOWN_YES) == json_is_true(wanted) ? KNOWN_YES :
			KNOWN_NO;
	snprintf(a.reason, sizeof(a.reason), "%s", e->cii_why);
	return a;
}

/* All conditions: one no is no, else one that is not known leaves it open. */
static struct answer judge_all(const struct evaluation *e, const json_t *rule)
{
	struct answer all = { KNOWN_YES, "" };
	json_t *condition;
	size_t i;

	json_array_foreach(json_object_get(rule, "all"), i, condition) {
		struct answer one = judge(e, condition);
		if (one.applies == KNOWN_NO)
			return one;
		if (all.applies == KNOWN_YES)
			all = one;
	}
	return all;
}

void evaluate_thresholds(struct evaluation *e)
{
	json_t *checks = json_array(), *rule;
	size_t i;

	json_array_foreach(json_object_get(e->rules, "thresholds"), i, rule) {
		struct answer a = judge_all(e, rule);
		json_array_append_new(checks, json_pack("{s:s, s:O, s:o, s:s, s:s}",
			"rule", evaluate_text(rule, "rule"),
			"level", json_object_get(rule, "level"),
			"applies", a.applies == KNOWN_NOT ? json_null() :
				json_boolean(a.applies == KNOWN_YES),
			"reason", a.reason,
			"source_status", evaluate_text(rule, "status")));
	}
	json_object_set_new(evaluate_object(e->doc, "grade"), "threshold_checks", checks);
}
