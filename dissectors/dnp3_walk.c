#include "dnp3_walk.h"

/* What lies in points. */
static bool begins_group(unsigned field)
{
	return field == LIST || field == ELEMENTS;
}

static void note_header(struct dnp3_walk *w, const struct item *item)
{
	switch (item->field) {
	case GROUP:
		w->group = (uint8_t)item->u;
		break;
	case VARIATION:
		w->variation = (uint8_t)item->u;
		break;
	case PREFIX_CODE:
		w->prefix = (uint8_t)item->u;
		break;
	case START:
		w->start = item->u;
		break;
	case COUNT:
		w->count = item->u;
		break;
	case MEASURES:
		w->measures = item_bytes(item);
		break;
	default:
		break;
	}
}

/* The tape knows where its first object is. */
static uint32_t first_object(const struct message *m)
{
	const struct item *first = message_item(m, OBJECTS);

	return first ? (uint32_t)(first - m->items) : m->count;
}

/* Leaves `at` behind the object's header. */
bool dnp3_next_object(struct dnp3_walk *w)
{
	const struct message *m = w->m;

	if (w->at == 0)
		w->at = first_object(m);
	while (w->at < m->count && m->items[w->at].field != OBJECTS)
		w->at++;
	if (w->at++ >= m->count)
		return false;
	w->has_object = true;
	w->group = w->variation = w->prefix = 0;
	w->start = w->count = 0;
	w->measures = (struct bytes){ NULL, 0 };
	for (; w->at < m->count; w->at++) {
		unsigned field = m->items[w->at].field;
		if (field == POINTS || field == ITEM_END)
			break;
		note_header(w, &m->items[w->at]);
	}
	return true;
}

/* Leaves `at` behind the point; lists inside it are its items too. */
bool dnp3_next_point(struct dnp3_walk *w)
{
	const struct message *m = w->m;
	unsigned open = 1;

	if (w->at >= m->count || m->items[w->at].field != POINTS)
		return false;
	w->from = w->end = ++w->at;
	w->index = 0;
	for (; w->at < m->count && open; w->at++) {
		unsigned field = m->items[w->at].field;
		open += begins_group(field);
		open -= field == ITEM_END;
		w->end = w->at;
		if (field == INDEX)
			w->index = m->items[w->at].u;
	}
	return true;
}

bool dnp3_next_command(struct dnp3_walk *w)
{
	do {
		bool is_command = w->group == COMMAND_GROUP ||
				  w->group == ANALOG_COMMAND_GROUP ||
				  w->group == SET_GROUP;
		if (w->has_object && is_command && dnp3_next_point(w))
			return true;
	} while (dnp3_next_object(w));
	return false;
}

const struct item *dnp3_point_item(const struct dnp3_walk *w, unsigned field)
{
	for (uint32_t i = w->from; i < w->end; i++)
		if (w->m->items[i].field == field)
			return &w->m->items[i];
	return NULL;
}

uint64_t dnp3_point_address(const struct dnp3_walk *w)
{
	bool is_set = w->group == SET_GROUP || w->group == SET_EVENT_GROUP;
	const struct item *id = is_set ? dnp3_point_item(w, SET_ID) : NULL;

	return id ? id->u : w->group == ATTRIBUTE_GROUP ? w->variation : w->index;
}
