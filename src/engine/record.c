#include <stdlib.h>

#include "engine/record.h"

void out_clear(struct out *o)
{
	text_clear(&o->text);
	text_clear(&o->values);
	arena_reset(&o->arena);
	o->record_count = o->point_count = o->match_count = o->sighting_count = o->next = 0;
}

void out_fini(struct out *o)
{
	text_fini(&o->text);
	text_fini(&o->values);
	arena_fini(&o->arena);
	free(o->records);
	free(o->points);
	free(o->matches);
	free(o->sightings);
}

static void grow(void *array_at, unsigned *cap, size_t size)
{
	void **array = array_at;
	*cap = *cap ? *cap * 2 : 64;
	*array = mem_resize(*array, *cap * size);
}

void out_grow_records(struct out *o)
{
	grow(&o->records, &o->record_cap, sizeof(*o->records));
}

void out_grow_points(struct out *o)
{
	grow(&o->points, &o->point_cap, sizeof(*o->points));
}

/* One more element of an array that doubles. */
static unsigned add(void *array_at, unsigned *count, unsigned *cap, size_t size)
{
	if (*count == *cap)
		grow(array_at, cap, size);
	return (*count)++;
}

struct match *out_match(struct out *o, uint32_t *index)
{
	*index = add(&o->matches, &o->match_count, &o->match_cap, sizeof(*o->matches));
	return &o->matches[*index];
}

struct sighting *out_sighting(struct out *o, uint32_t *index)
{
	*index = add(&o->sightings, &o->sighting_count, &o->sighting_cap,
		sizeof(*o->sightings));
	return &o->sightings[*index];
}
