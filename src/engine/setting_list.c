/* Values that are lists, variables or names of protocols. */
#include <ctype.h>
#include <stdlib.h>

#include "base/report.h"
#include "base/text.h"
#include "engine/nearest.h"
#include "engine/setting_value.h"

/* Room for one item more: an array that is as long as a power of two is copied to one of twice
 * its length. */
static void *longer(struct config *c, void *list, unsigned count, size_t size)
{
	if (count & (count - 1))
		return list;
	void *copy = arena_take(&c->memory, (count ? 2 * (size_t)count : 1) * size);
	if (count > 0)
		memcpy(copy, list, count * size);
	return copy;
}

void config_append(struct config *c, const char ***list, unsigned *count, const char *s)
{
	*list = longer(c, *list, *count, sizeof(**list));
	(*list)[(*count)++] = gift_keep(c, s, strlen(s));
}

/* One text with commas, or the items of a list, one after the other; NULL at the end.
 * `rest` begins as NULL. The item lives as long as the configuration. */
static const char *next_item(const struct gift *g, unsigned *index, const char **rest)
{
	while (*index < g->value->count) {
		const char *at = *rest ? *rest : g->value->items[*index];
		at += strspn(at, " ");
		size_t len = g->value->is_list ? strlen(at) : strcspn(at, ",");
		*rest = at[len] ? at + len + 1 : NULL;
		if (!*rest)
			(*index)++;
		while (len > 0 && at[len - 1] == ' ')
			len--;
		if (len > 0)
			return gift_keep(g->config, at, len);
	}
	return NULL;
}

bool give_list(const struct gift *g)
{
	unsigned index = 0, *count = (unsigned *)((char *)g->base + g->row->count_at);
	const char *rest = NULL, *item;

	*count = 0;
	while ((item = next_item(g, &index, &rest)))
		config_append(g->config, gift_member(g), count, item);
	return true;
}

static const struct name event_names[] = {
	{ EVENTS_ALERT, "alert" }, { EVENTS_ANOMALY, "anomaly" }, { EVENTS_ASSET, "asset" },
	{ EVENTS_INCIDENT, "incident" }, { EVENTS_FLOW, "flow" }, { EVENTS_HEALTH, "health" },
	{ EVENTS_STATS, "stats" }, { 0, NULL },
};

static void offer_event(struct nearest *n, const char *name, struct text *all)
{
	nearest_offer(n, name);
	text_printf(all, "%s, ", name);
}

static bool unknown_event(const struct gift *g, const char *item)
{
	struct nearest n = { .word = item };
	struct text all = { 0 };

	for (const struct name *e = event_names; e->text; e++)
		offer_event(&n, e->text, &all);
	for (unsigned i = 0; dissectors[i]; i++)
		offer_event(&n, dissectors[i]->name, &all);
	if (n.best[0])
		report_error("%s: %s has no event \"%s\"; did you mean \"%s\"?", g->where, g->key,
			item, n.best);
	else
		report_error("%s: %s has no event \"%s\"; it is made of %.*sor all", g->where,
			g->key, item, (int)all.len, all.at);
	text_fini(&all);
	return false;
}

bool event_add(const char *item, unsigned *events, uint64_t *protocols)
{
	uint64_t bit;
	const struct dissector *d = dissector_find(item, strlen(item));

	if (strcasecmp(item, "all") == 0) {
		*events = EVENTS_ALL_OTHERS;
		for (unsigned i = 0; dissectors[i]; i++)
			*protocols |= UINT64_C(1) << i;
	} else if (name_value(event_names, item, strlen(item), &bit)) {
		*events |= (unsigned)bit;
	} else if (d && d != &ot_dissector) {
		*protocols |= UINT64_C(1) << dissector_index(d);
	} else {
		return false;
	}
	return true;
}

bool give_events(const struct gift *g)
{
	unsigned index = 0, events = 0;
	uint64_t protocols = 0;
	const char *rest = NULL, *item;

	while ((item = next_item(g, &index, &rest)))
		if (!event_add(item, &events, &protocols))
			return unknown_event(g, item);
	g->config->events = events;
	g->config->event_protocols = protocols;
	return true;
}

/* A list whose items are events; one that holds `all` is as good as none. */
bool give_event_names(const struct gift *g)
{
	unsigned index = 0, events = 0, *count = (unsigned *)((char *)g->base + g->row->count_at);
	uint64_t protocols = 0;
	const char *rest = NULL, *item;

	while ((item = next_item(g, &index, &rest)))
		if (!event_add(item, &events, &protocols))
			return unknown_event(g, item);
	give_list(g);
	const char ***list = gift_member(g);
	for (unsigned i = 0; i < *count; i++)
		if (strcasecmp((*list)[i], "all") == 0)
			*count = 0;
	return true;
}

/* ---- lists of sections ---- */

static void initialise_sink(struct config *c, unsigned number)
{
	for (unsigned i = 0; i < sink_setting_count; i++) {
		const char *key = sink_settings[i].key, *sign = strchr(key, '#');
		char *own = mem_printf("%.*s%u%s", (int)(sign - key), key, number, sign + 1);
		setting_give_text(c, "settings", own, sink_settings[i].initial);
		free(own);
	}
}

struct sink_config *gift_sink(const struct gift *g)
{
	struct config *c = g->config;
	unsigned long number = strtoul(g->name.at, NULL, 10);

	if (number == 0 || number > c->sink_count + 1ul || number > SINKS_MAX) {
		report_error("%s: %s: the number must be from 1 to %u", g->where, g->key,
			c->sink_count < SINKS_MAX ? c->sink_count + 1 : SINKS_MAX);
		return NULL;
	}
	if (number > c->sink_count) {
		struct sink_config *longer =
			arena_take(&c->memory, number * sizeof(*longer));
		memset(longer, 0, number * sizeof(*longer));
		if (c->sink_count > 0)
			memcpy(longer, c->sinks, c->sink_count * sizeof(*longer));
		c->sinks = longer;
		c->sink_count++;
		initialise_sink(c, c->sink_count);
	}
	return &c->sinks[number - 1];
}

/* ---- variables and protocols ---- */

/* `[a, b]` of a YAML list, or the text as it is. */
static const char *variable_value(const struct gift *g)
{
	struct text t = { 0 };

	if (!g->value->is_list)
		return gift_keep(g->config, gift_text(g), strlen(gift_text(g)));
	text_char(&t, '[');
	for (unsigned i = 0; i < g->value->count; i++) {
		text_str(&t, i ? "," : "");
		text_str(&t, g->value->items[i]);
	}
	text_char(&t, ']');
	const char *kept = gift_keep(g->config, t.at, t.len);
	text_fini(&t);
	return kept;
}

static struct rule_variable *find_variable(struct rule_variable *all, unsigned count,
	struct setting_name name)
{
	for (unsigned i = 0; i < count; i++)
		if (strlen(all[i].name) == (size_t)name.len &&
			memcmp(all[i].name, name.at, (size_t)name.len) == 0)
			return &all[i];
	return NULL;
}

bool give_variable(const struct gift *g)
{
	struct rule_variable **all = gift_member(g), *v;
	unsigned *count = (unsigned *)((char *)g->config + g->row->count_at);

	for (int i = 0; i < g->name.len; i++)
		if (!isalnum((unsigned char)g->name.at[i]) && g->name.at[i] != '_')
			return gift_refuse(g, g->name.at, "named with letters, digits and _");
	if (!g->value->is_list && !*gift_text(g))
		return gift_refuse(g, "", "a group, such as \"[10.0.0.0/8,!10.1.0.0/16]\", or any");
	v = find_variable(*all, *count, g->name);
	if (!v) {
		*all = longer(g->config, *all, *count, sizeof(*v));
		v = &(*all)[(*count)++];
		v->name = gift_keep(g->config, g->name.at, (size_t)g->name.len);
	}
	v->value = variable_value(g);
	v->where = gift_keep(g->config, g->where, strlen(g->where));
	return true;
}

bool give_protocol(const struct gift *g)
{
	const struct dissector *d = dissector_find(g->name.at, (size_t)g->name.len);
	struct nearest n = { .word = gift_keep(g->config, g->name.at, (size_t)g->name.len) };
	uint64_t on;

	for (unsigned i = 0; dissectors[i]; i++)
		nearest_offer(&n, dissectors[i]->name);
	if (!d || d == &ot_dissector) {
		report_error("%s: %s: no protocol is called \"%s\"%s%s%s", g->where, g->key, n.word,
			n.best[0] ? "; did you mean \"" : "", n.best, n.best[0] ? "\"?" : "");
		return false;
	}
	if (!name_value(switch_words, gift_text(g), strlen(gift_text(g)), &on))
		return gift_refuse(g, gift_text(g), "yes or no");
	uint64_t bit = UINT64_C(1) << dissector_index(d);
	g->config->disabled = on ? g->config->disabled & ~bit : g->config->disabled | bit;
	return true;
}
