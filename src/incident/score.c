/* 0 to 100: what to look at first, and why. Each contribution is a number from a
 * table. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "incident/evaluate_state.h"

struct score {
	const struct evaluation *e;
	const json_t *table;
	json_t *contributions;
	json_int_t sum;
};

/* `facts` is what `why` tells in English, for other languages; taken over. */
static void __attribute__((format(printf, 5, 6))) add(struct score *s, const char *factor,
	json_int_t points, json_t *facts, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	json_array_append_new(s->contributions,
		json_pack("{s:s, s:I, s:o, s:o}", "factor", factor, "points", points,
		"why", json_vsprintf(why, args), "facts", facts));
	va_end(args);
	s->sum += points;
}

static json_int_t points_of(const struct score *s, const char *list, const char *word)
{
	return json_integer_value(json_object_get(json_object_get(s->table, list), word));
}

static void add_severity(struct score *s)
{
	static const char *const names[] = { "critical", "major", "minor",
		"informational" };
	json_int_t severity = json_integer_value(evaluate_at(s->e->doc,
		"alerts.severity"));

	if (severity < 1)
		return;
	size_t at = severity > 4 ? 3 : (size_t)severity - 1;
	add(s, "alert_severity", json_integer_value(json_array_get(
		json_object_get(s->table, "severity"), at)),
		json_pack("{s:I, s:s}", "severity", severity, "word", names[at]), "max severity %lld (%s)",
		(long long)severity, names[at]);
}

static void add_criticality(struct score *s)
{
	json_int_t most = -1;
	const char *name = NULL, *word = NULL;
	json_t *asset;
	size_t i;

	json_array_foreach(s->e->affected, i, asset) {
		const char *criticality = evaluate_text(asset, "criticality");
		json_int_t points = points_of(s, "criticality",
			criticality ? criticality : "unknown");
		if (points > most) {
			most = points;
			word = criticality;
			name = evaluate_text(asset, "asset");
		}
	}
	if (most >= 0)
		add(s, "asset_criticality", most, json_pack("{s:s?, s:s?}", "asset", name,
			"criticality", word), "%s: %s", name ? name :
			"unregistered device",
			word ? word : "criticality not registered");
}

static void add_impact(struct score *s)
{
	json_int_t most = -1;
	const char *effect = NULL;
	json_t *asset, *word;
	size_t i, k;

	json_array_foreach(s->e->affected, i, asset)
		json_array_foreach(json_object_get(asset, "outcome"), k, word) {
			const char *impact = json_is_string(word) ?
				evaluate_impact(s->e, json_string_value(word)) : NULL;
			if (impact && points_of(s, "impact", impact) > most) {
				most = points_of(s, "impact", impact);
				effect = json_string_value(word);
			}
		}
	if (most >= 0)
		add(s, "outcome", most, json_pack("{s:s, s:s}", "effect", effect, "impact",
			evaluate_impact(s->e, effect)), "%s (%s)", effect, evaluate_impact(s->e, effect));
}

/* "Impair Process Control" and "impair-process-control" are the same. */
static void tactic_key(const char *name, char key[64])
{
	size_t i;

	for (i = 0; name[i] && i < 63; i++)
		key[i] = name[i] == ' ' ? '-' : (char)tolower((unsigned char)name[i]);
	key[i] = '\0';
}

static void add_stage(struct score *s)
{
	const json_t *stages = evaluate_at(s->e->doc, "progress.stages");
	const char *reached = NULL;
	json_int_t most = 0;
	char key[64];
	json_t *stage;
	size_t i;

	json_array_foreach(stages, i, stage) {
		if (!json_is_string(stage))
			continue;
		tactic_key(json_string_value(stage), key);
		if (points_of(s, "tactics", key) > most) {
			most = points_of(s, "tactics", key);
			reached = json_string_value(stage);
		}
	}
	if (reached)
		add(s, "stage", most, json_pack("{s:s}", "stage", reached), "%s reached", reached);
}

static size_t count_zones(const json_t *affected)
{
	json_t *zones = json_object(), *asset;
	size_t i, count;

	json_array_foreach(affected, i, asset) {
		const char *zone = evaluate_text(asset, "zone");
		if (zone)
			json_object_set_new(zones, zone, json_true());
	}
	count = json_object_size(zones);
	json_decref(zones);
	return count;
}

static void add_breadth(struct score *s)
{
	size_t assets = json_array_size(s->e->affected),
		zones = count_zones(s->e->affected), i;
	json_int_t points = 0;
	json_t *step;

	json_array_foreach(json_object_get(s->table, "breadth"), i, step)
		if (assets >= (size_t)json_integer_value(json_object_get(step, "assets")))
			points = json_integer_value(json_object_get(step, "points"));
	if (points > 0)
		add(s, "breadth", points, json_pack("{s:I, s:I}", "assets", (json_int_t)assets,
			"zones", (json_int_t)zones), "%zu asset%s, %zu zone%s", assets,
			assets == 1 ? "" : "s", zones, zones == 1 ? "" : "s");
}

static void add_loss_of_view(struct score *s)
{
	json_int_t longest = 0;
	json_t *asset;
	size_t i;

	json_array_foreach(s->e->affected, i, asset) {
		json_int_t blind_s = json_integer_value(json_object_get(asset,
			"loss_of_view_s"));
		longest = blind_s > longest ? blind_s : longest;
	}
	if (longest > 0)
		add(s, "loss_of_view", json_integer_value(json_object_get(s->table,
			"loss_of_view")), json_pack("{s:I}", "seconds", longest), "%lld min %lld s without replies",
			(long long)(longest / 60), (long long)(longest % 60));
}

/* Announced work explains an incident if it covers every affected asset all the time. */
static const json_t *window_of(const struct evaluation *e)
{
	const json_t *window = NULL;
	uint64_t first, last;
	json_t *asset;
	size_t i;

	if (!evaluate_time(e->doc, "times.first_activity", &first) ||
		!evaluate_time(e->doc, "times.last_activity", &last))
		return NULL;
	json_array_foreach(e->affected, i, asset) {
		const char *id = evaluate_text(asset, "asset");
		window = id ? registers_window(e->r, id, first) : NULL;
		if (!window || registers_window(e->r, id, last) != window)
			return NULL;
	}
	return window;
}

static void add_expected(struct score *s)
{
	const json_t *window = window_of(s->e);

	if (window)
		add(s, "expected", json_integer_value(json_object_get(s->table,
			"expected")), json_pack("{s:s?, s:s?}", "window",
			evaluate_text(window, "id"), "reason", evaluate_text(window, "reason")),
			"inside maintenance window %s: %s", evaluate_text(window, "id"),
			evaluate_text(window, "reason"));
}

void evaluate_score(struct evaluation *e)
{
	struct score s = { e, json_object_get(e->rules, "score"), json_array(), 0 };

	add_severity(&s);
	add_criticality(&s);
	add_impact(&s);
	add_stage(&s);
	add_breadth(&s);
	add_loss_of_view(&s);
	add_expected(&s);
	json_int_t value = s.sum < 0 ? 0 : s.sum > 100 ? 100 : s.sum;
	json_object_set_new(e->doc, "score", json_pack("{s:I, s:o}", "value", value,
		"contributions", s.contributions));
}
