/* Incidents that are kept elsewhere while they are open: by a collector, in its store. */
#include <stdlib.h>

#include "incident/correlate.h"

struct saving {
	const struct incidents *incidents;
	void (*save)(void *context, const json_t *doc);
	void *context;
};

static bool save_one(void *context, const void *serial, const void *body)
{
	const struct saving *s = context;
	const struct incident *n = body;
	(void)serial;
	if (n->touched != s->incidents->saves)
		return true;
	json_t *doc = incident_document(s->incidents, n);
	json_object_set_new(doc, "news", json_integer(n->news));
	s->save(s->context, doc);
	json_decref(doc);
	return true;
}

void incidents_save(struct incidents *i, void (*save)(void *context, const json_t *doc),
	void *context)
{
	struct saving s = { i, save, context };
	uint64_t place = 0;
	lru_each(i->open, &place, save_one, &s);
	i->saves++;
}

static bool note_news(void *context, const void *serial, const void *body)
{
	const struct incident *n = body;
	if (n->news != NEWS_NONE)
		*(uint64_t *)list_add(context, sizeof(uint64_t), UINT32_MAX) =
			*(const uint64_t *)serial;
	return true;
}

void incidents_tell(struct incidents *i)
{
	struct list serials = { 0 };
	uint64_t place = 0;
	lru_each(i->open, &place, note_news, &serials);
	list_each(&serials, uint64_t, serial) incident_tell(i, lru_peek(i->open, serial));
	free(serials.at);
}

static void emit_nothing(void *context, const json_t *doc)
{
	(void)context;
	(void)doc;
}

void incidents_drop(struct incidents *i)
{
	i->config.emit = emit_nothing;
	incidents_free(i);
}
