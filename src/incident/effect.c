/* What alerts did to their targets, in the words of categories.json, and which is gravest. */
#include "incident/evaluate.h"
#include "incident/register.h"
#include "incident/state.h"

static const char *text_at(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));
	return s ? s : "";
}

void effects_load(struct incidents *i)
{
	const struct registers *r = i->config.registers;
	const json_t *row, *table = r ? registers_data(r, "categories") : NULL;
	size_t e;
	json_array_foreach(json_object_get(table, "effects"), e, row)
		effect_bit(i, text_at(row, "effect"));
}

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

uint64_t effect_of(struct incidents *i, const struct incident_alert *a)
{
	const struct registers *r = i->config.registers;
	return r ? effect_bit(i, incident_effect(r, or_null(a->category), or_null(a->verb),
		or_null(a->outcome))) : 0;
}

/* Of a class of impact, by grade-rules.json: 0 is least. */
static unsigned loss_of(const json_t *grade_rules, const char *impact_class)
{
	static const char *const losses[] = { "minor", "major", "severe", "especially_severe" };
	const json_t *classes = json_object_get(json_object_get(grade_rules, "impact_loss"),
		"classes");
	const char *loss = text_at(classes, impact_class);
	for (unsigned l = 0; l < sizeof(losses) / sizeof(*losses); l++)
		if (strcmp(loss, losses[l]) == 0)
			return l;
	return 0;
}

static bool has_effect(const struct incidents *i, uint64_t bits, const char *word)
{
	for (unsigned e = 0; e < i->effect_count; e++)
		if (strcmp(i->effects[e], word) == 0)
			return bits >> e & 1;
	return false;
}

/* Of equal loss the one that stands first in the table. */
struct effect_words effect_gravest(const struct incidents *i, uint64_t bits)
{
	const struct registers *r = i->config.registers;
	struct effect_words gravest = { "", "", 0, 0 };
	const json_t *row, *rules = r ? registers_data(r, "grade-rules") : NULL;
	const json_t *effects = r ? json_object_get(registers_data(r, "categories"), "effects")
		: NULL;
	size_t e;
	json_array_foreach(effects, e, row) {
		unsigned loss = loss_of(rules, text_at(row, "impact_class"));
		if (!has_effect(i, bits, text_at(row, "effect")) ||
			(gravest.rank && loss <= gravest.loss))
			continue;
		gravest = (struct effect_words){ text_at(row, "en"), text_at(row, "zh"), loss,
			(loss + 1) * 1000 - (unsigned)e };
	}
	return gravest;
}
