/* The proposed grade: how important what was hit is, and how much it costs, through a
 * matrix; raised by thresholds that are reached. It never falls by itself. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incident/evaluate_state.h"
#include "incident/time.h"

enum { GRAVEST = 1, LEAST = 4 };

/* What a proposal rests on. */
struct proposal {
	int level;
	const char *importance, *loss;
	json_t *basis; /* strings */
};

static void __attribute__((format(printf, 2, 3))) add_basis(json_t *basis,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_array_append_new(basis, json_vsprintf(format, args));
	va_end(args);
}

/* ---- importance ---- */

static int rank_of(const char *importance)
{
	static const char *const order[] = { "general", "important",
		"especially_important" };

	for (int i = 0; i < 3; i++)
		if (importance && strcmp(importance, order[i]) == 0)
			return i;
	return -1;
}

static const char *raised(const struct evaluation *e, const char *importance,
	const char *by, const json_t *asset, json_t *basis)
{
	const char *least = json_string_value(json_object_get(
		json_object_get(e->rules, "importance"), by));

	if (!json_is_true(json_object_get(asset, by)) ||
		rank_of(least) <= rank_of(importance))
		return importance;
	add_basis(basis, "%s=true", by);
	return least;
}

static const char *importance_of(const struct evaluation *e, const json_t *asset,
	json_t *basis)
{
	const char *importance = evaluate_text(asset, "criticality");

	if (rank_of(importance) < 0) {
		importance = evaluate_text(e->rules, "importance.unknown");
		add_basis(basis, "criticality unknown, taken as %s", importance);
	}
	importance = raised(e, importance, "safety", asset, basis);
	return raised(e, importance, "cii", asset, basis);
}

/* ---- loss ---- */

static int loss_of_view(const struct evaluation *e, json_int_t seconds)
{
	int loss = 0;
	json_t *step;
	size_t i;

	json_array_foreach(evaluate_at(e->rules, "loss_of_view.steps"), i, step)
		if (seconds >= json_integer_value(json_object_get(step, "at_least_s")))
			for (int k = loss; k < 4; k++)
				if (strcmp(evaluate_losses[k],
					evaluate_text(step, "loss")) == 0)
					loss = k;
	return loss;
}

static int loss_of_asset(const struct evaluation *e, const json_t *asset, json_t *basis)
{
	json_int_t blind_s = json_integer_value(json_object_get(asset, "loss_of_view_s"));
	const char *gravest = NULL;
	int loss = -1;
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(asset, "outcome"), i, word) {
		const char *impact = json_is_string(word) ?
			evaluate_impact(e, json_string_value(word)) : NULL;
		if (impact && evaluate_loss_of(e, impact) > loss) {
			loss = evaluate_loss_of(e, impact);
			gravest = impact;
		}
	}
	if (gravest)
		add_basis(basis, "impact_class=%s", gravest);
	if (blind_s > 0)
		add_basis(basis, "loss_of_view_s=%lld", (long long)blind_s);
	int blind = loss_of_view(e, blind_s);
	return loss > blind ? loss : blind;
}

/* ---- the proposal ---- */

static struct proposal grade_asset(const struct evaluation *e, const json_t *asset)
{
	struct proposal p = { .basis = json_array() };
	const char *name = evaluate_text(asset, "asset");

	if (name)
		add_basis(p.basis, "asset=%s", name);
	p.importance = importance_of(e, asset, p.basis);
	p.loss = evaluate_losses[loss_of_asset(e, asset, p.basis)];
	const json_t *row = json_object_get(evaluate_at(e->rules, "matrix.levels"),
		p.importance);
	p.level = (int)json_integer_value(json_object_get(row, p.loss));
	return p;
}

/* The gravest of the assets' grades; of equals the first. */
static struct proposal grade_matrix(const struct evaluation *e)
{
	struct proposal worst = grade_asset(e, json_array_get(e->affected, 0));
	json_t *asset;
	size_t i;

	json_array_foreach(e->affected, i, asset) {
		struct proposal p = grade_asset(e, asset);
		bool is_worse = p.level < worst.level;
		json_decref(is_worse ? worst.basis : p.basis);
		if (is_worse)
			worst = p;
	}
	return worst;
}

/* Drafts and what nobody verified are shown, but move nothing. */
static void apply_thresholds(const struct evaluation *e, struct proposal *p)
{
	json_t *check;
	size_t i;

	json_array_foreach(evaluate_at(e->doc, "grade.threshold_checks"), i, check) {
		const char *status = evaluate_text(check, "source_status");
		int level = (int)json_integer_value(json_object_get(check, "level"));
		if (!json_is_true(json_object_get(check, "applies")) ||
			(strcmp(status, "verbatim") != 0 &&
			strcmp(status, "secondary") != 0))
			continue;
		add_basis(p->basis, "threshold=%s", evaluate_text(check, "rule"));
		p->level = level < p->level ? level : p->level;
	}
}

static const char *label(const struct evaluation *e, int level, const char *language)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(e->rules, "labels"), i, row)
		if (json_integer_value(json_object_get(row, "level")) == level)
			return evaluate_text(row, language);
	return NULL;
}

static json_t *written(const struct evaluation *e, const struct proposal *p)
{
	char now[TIME_TEXT];

	time_rfc3339(e->now_ns, now);
	return json_pack("{s:i, s:s?, s:s?, s:s?, s:{s:s, s:s, s:s}, s:O, s:s, s:o}",
		"level", p->level,
		"label_zh", label(e, p->level, "zh"), "label_en", label(e, p->level, "en"),
		"method", evaluate_text(e->rules, "matrix.method"),
		"factors", "object_importance", p->importance, "business_loss", p->loss,
			"social_harm", "not_assessed",
		"basis", p->basis, "computed_at", now,
		"ruleset", json_sprintf("grade-rules/%s", evaluate_text(e->rules, "version")));
}

/* Whether two proposals say the same; when they were computed is no difference. */
static bool is_same(json_t *a, const json_t *b)
{
	static const char *const keys[] = { "level", "factors", "basis", "ruleset" };

	for (unsigned i = 0; i < 4; i++)
		if (!json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i])))
			return false;
	return !json_object_get(a, "latest_level");
}

static int level_of(const json_t *proposal)
{
	int level = (int)json_integer_value(json_object_get(proposal, "level"));

	return level >= GRAVEST && level <= LEAST ? level : LEAST + 1;
}

void evaluate_grade(struct evaluation *e)
{
	json_t *grade = evaluate_object(e->doc, "grade");
	json_t *earlier = json_object_get(grade, "proposed");
	struct proposal p = grade_matrix(e);

	apply_thresholds(e, &p);
	json_t *fresh = written(e, &p);
	if (level_of(earlier) < p.level)
		json_object_set_new(earlier, "latest_level", json_integer(p.level));
	else if (!earlier || !is_same(earlier, fresh))
		json_object_set(grade, "proposed", fresh);
	if (!json_object_get(grade, "confirmed"))
		json_object_set_new(grade, "confirmed", json_null());
	json_decref(fresh);
	json_decref(p.basis);
}

void incident_grade_keep(json_t *doc, const json_t *earlier)
{
	const json_t *kept = evaluate_at(earlier, "grade.proposed");
	json_t *grade = evaluate_object(doc, "grade");

	if (json_is_object(kept) && level_of(kept) <= level_of(json_object_get(grade,
		"proposed")))
		json_object_set_new(grade, "proposed", json_deep_copy(kept));
}

int incident_grade(const json_t *doc)
{
	int confirmed = level_of(evaluate_at(doc, "grade.confirmed"));
	int proposed = level_of(evaluate_at(doc, "grade.proposed"));

	if (confirmed <= LEAST)
		return confirmed;
	return proposed <= LEAST ? proposed : 0;
}
