/* An incident in one line, for people: the gravest thing that happened, to whom, from where. */
#include "incident/state.h"

static bool leads(const struct told_end *a, const struct told_end *b)
{
	return a->accepted != b->accepted ? a->accepted > b->accepted : a->alerts > b->alerts;
}

static bool is_end(const struct told_end *e, const struct told_end *other)
{
	return other && incident_is_end(&e->end, &other->end);
}

/* Another than the target, if there is one: who sends in one alert may be the target of the next. */
static const struct told_end *lead_actor(const struct incident *n, const struct told_end *target)
{
	const struct told_end *lead = NULL;
	list_each(&n->actors, struct told_end, e)
		if (!lead || (is_end(e, target) == is_end(lead, target)
				? leads(e, lead) : is_end(lead, target)))
			lead = e;
	return lead;
}

/* Whom the gravest happened to. */
static const struct told_end *lead_target(const struct incidents *i, const struct incident *n,
	struct effect_words *words)
{
	const struct told_end *lead = NULL;
	*words = (struct effect_words){ "", "", 0, 0 };
	list_each(&n->targets, struct told_end, e) {
		struct effect_words w = effect_gravest(i, e->effects);
		if (lead && (w.rank < words->rank || (w.rank == words->rank && !leads(e, lead))))
			continue;
		lead = e;
		*words = w;
	}
	return lead;
}

static const char *gravest_signature(const struct incident *n)
{
	const struct told_rule *gravest = NULL;
	list_each(&n->rules, struct told_rule, r)
		if (!gravest || r->severity < gravest->severity)
			gravest = r;
	return gravest && *gravest->signature ? gravest->signature : "Alerts";
}

static void put_name(const struct told_end *e, const char *unknown, struct text *out)
{
	text_str(out, e ? incident_end_text(&e->end).text : unknown);
}

/* "; 3 targets, 2 sources": what the names alone do not say. */
static void put_numbers(const struct incident *n, struct text *out)
{
	static const char *const more[] = { "", " or more" };
	if (n->targets.count > 1)
		text_printf(out, "; %u%s targets", n->targets.count,
			more[n->targets.count == ENDS_MAX]);
	if (n->actors.count > 1)
		text_printf(out, "%s %u%s sources", n->targets.count > 1 ? "," : ";",
			n->actors.count, more[n->actors.count == ENDS_MAX]);
	if (n->expected == n->alerts)
		text_lit(out, "; in a maintenance window");
}

static void put_numbers_zh(const struct incident *n, struct text *out)
{
	static const char *const more[] = { "", "以上" };
	if (n->targets.count > 1)
		text_printf(out, "；共%u个%s目标", n->targets.count,
			more[n->targets.count == ENDS_MAX]);
	if (n->actors.count > 1)
		text_printf(out, "；共%u个%s来源", n->actors.count,
			more[n->actors.count == ENDS_MAX]);
	if (n->expected == n->alerts)
		text_lit(out, "；检修窗口内");
}

static json_t *finish(struct text *t)
{
	json_t *title = json_stringn(t->at, t->len);
	text_fini(t);
	return title ? title : json_string("");
}

/* Which of several targets one of several rules spoke of is not known. */
static void put_object(const struct incident *n, const struct told_end *target, struct text *out)
{
	if (n->rules.count > 1 && n->targets.count > 1)
		return;
	text_lit(out, " → ");
	put_name(target, "unknown", out);
}

/* "PLC-022 was silenced, source 10.10.9.77; 2 targets"; where nothing much happened, what the
 * gravest rule says. */
static json_t *title(const struct incident *n, const struct told_end *target,
	const struct effect_words *w)
{
	struct text t = { 0 };
	if (w->loss > 0) {
		put_name(target, "An unknown device", &t);
		text_printf(&t, " %s, source ", w->en);
		put_name(lead_actor(n, target), "unknown", &t);
	} else {
		text_printf(&t, "%s: ", gravest_signature(n));
		put_name(lead_actor(n, target), "unknown", &t);
		put_object(n, target, &t);
	}
	put_numbers(n, &t);
	return finish(&t);
}

static json_t *title_zh(const struct incident *n, const struct told_end *target,
	const struct effect_words *w)
{
	struct text t = { 0 };
	put_name(target, "未知设备", &t);
	text_str(&t, *w->zh ? w->zh : "出现可疑活动");
	text_lit(&t, "，来源");
	put_name(lead_actor(n, target), "未知", &t);
	put_numbers_zh(n, &t);
	return finish(&t);
}

void incident_titles(const struct incidents *i, const struct incident *n, json_t *doc)
{
	struct effect_words words;
	const struct told_end *target = lead_target(i, n, &words);
	json_object_set_new(doc, "title", title(n, target, &words));
	json_object_set_new(doc, "title_zh", title_zh(n, target, &words));
}
