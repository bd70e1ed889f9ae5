/* Between the files that read values of settings; nothing else includes it. */
#ifndef IRONSPAN_SETTING_VALUE_H
#define IRONSPAN_SETTING_VALUE_H

#include "engine/settings.h"

/* One value on its way into the configuration. */
struct gift {
	struct config *config;
	void *base;               /* what the row's offsets count from: that, or one of its lists */
	const struct setting *row;
	struct setting_name name; /* what the row's "*" stands for */
	const char *where, *key;
	const struct setting_value *value;
};

static inline void *gift_member(const struct gift *g)
{
	return (char *)g->base + g->row->at;
}

/* The text of a value that is no list. */
static inline const char *gift_text(const struct gift *g)
{
	return g->value->items[0];
}

/* A copy that lives as long as the configuration. */
char *gift_keep(struct config *c, const char *s, size_t len);
/* Reports `text` as wrong; false. */
bool gift_refuse(const struct gift *g, const char *text, const char *wants);

extern const struct name switch_words[]; /* yes, no and their like */

bool give_list(const struct gift *g);
bool give_events(const struct gift *g);
bool give_variable(const struct gift *g);
bool give_protocol(const struct gift *g);
bool give_event_names(const struct gift *g);

/* The sink of the gift's number, a new one if it is the next; NULL after a reported error. */
struct sink_config *gift_sink(const struct gift *g);

#endif
