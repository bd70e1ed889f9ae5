#include <stdio.h>
#include <string.h>

#include "incident/evaluate_state.h"
#include "incident/time.h"

const char *const evaluate_losses[4] = { "minor", "major", "severe",
	"especially_severe" };

/* ---- looking into a document ---- */

const json_t *evaluate_at(const json_t *doc, const char *path)
{
	char key[64];

	while (doc && *path) {
		size_t len = strcspn(path, ".");
		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		doc = json_object_get(doc, key);
		path += len + (path[len] == '.');
	}
	return doc;
}

const char *evaluate_text(const json_t *doc, const char *path)
{
	return json_string_value(evaluate_at(doc, path));
}

bool evaluate_time(const json_t *doc, const char *path, uint64_t *ns)
{
	const char *text = evaluate_text(doc, path);

	return text && time_read_rfc3339(text, ns);
}

json_t *evaluate_object(json_t *doc, const char *key)
{
	json_t *object = json_object_get(doc, key);

	if (!json_is_object(object)) {
		json_object_set_new(doc, key, json_object());
		object = json_object_get(doc, key);
	}
	return object;
}

bool evaluate_names(const json_t *list, const char *word)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (json_is_string(one) && strcmp(json_string_value(one), word) == 0)
			return true;
	return false;
}

/* ---- effects ---- */

int evaluate_loss_of(const struct evaluation *e, const char *impact_class)
{
	const json_t *classes = evaluate_at(e->rules, "impact_loss.classes");
	const char *loss = json_string_value(json_object_get(classes, impact_class));

	for (int i = 0; i < 4 && loss; i++)
		if (strcmp(evaluate_losses[i], loss) == 0)
			return i;
	return -1;
}

/* ---- critical information infrastructure ---- */

/* Of the affected assets: one is enough for yes, all are needed for no. */
static enum known assets_cii(const json_t *affected)
{
	enum known found = json_array_size(affected) > 0 ? KNOWN_NO : KNOWN_NOT;
	json_t *row;
	size_t i;

	json_array_foreach(affected, i, row) {
		const json_t *cii = json_object_get(row, "cii");
		if (json_is_true(cii))
			return KNOWN_YES;
		if (!json_is_false(cii))
			found = KNOWN_NOT;
	}
	return found;
}

static void judge_cii(struct evaluation *e)
{
	const char *kind = evaluate_text(registers_data(e->r, "organization"),
		"operator_kind");

	e->cii = assets_cii(e->affected);
	e->cii_why = e->cii == KNOWN_YES ? "an affected asset is marked CII" :
		e->cii == KNOWN_NO ? "affected assets not marked CII" :
		"not known whether the affected assets are CII";
	if (e->cii != KNOWN_NOT)
		return;
	if (json_is_false(evaluate_at(e->doc, "human_input.cii_operator"))) {
		e->cii = KNOWN_NO;
		e->cii_why = "a person entered that the operator has no CII";
	} else if (kind && strcmp(kind, "other_operator") == 0) {
		e->cii = KNOWN_NO;
		e->cii_why = "the organisation is registered as one without CII";
	}
}

/* ---- all of it ---- */

void incident_evaluate(json_t *doc, const struct registers *r, uint64_t now_ns)
{
	struct evaluation e = { .doc = doc, .r = r, .now_ns = now_ns,
		.rules = registers_data(r, "grade-rules"),
		.categories = registers_data(r, "categories"),
		.affected = json_object_get(doc, "affected") };

	judge_cii(&e);
	evaluate_category(&e);
	evaluate_thresholds(&e);
	evaluate_grade(&e);
	evaluate_safety(&e);
	evaluate_score(&e);
	evaluate_clocks(&e);
}
