#include <stdlib.h>

#include "engine/record.h"

enum { FEW = 64 }; /* records and the like */

/* As text_shrink(). */
static void shrink(void *array_at, unsigned used, unsigned *cap, size_t size)
{
	void **array = array_at;
	if (*cap <= FEW || used >= *cap / 4)
		return;
	*cap /= 2;
	*array = mem_resize(*array, *cap * size);
}

/* What a storm of alerts or losses took in one of many is for the others when it is over. */
static void shrink_all(struct out *o)
{
	text_shrink(&o->text);
	text_shrink(&o->values);
	shrink(&o->records, o->record_count, &o->record_cap, sizeof(*o->records));
	shrink(&o->matches, o->match_count, &o->match_cap, sizeof(*o->matches));
	shrink(&o->sightings, o->sighting_count, &o->sighting_cap, sizeof(*o->sightings));
}

void out_clear(struct out *o)
{
	shrink_all(o);
	text_clear(&o->text);
	text_clear(&o->values);
	arena_reset(&o->arena);
	o->record_count = o->match_count = o->sighting_count = o->next = 0;
}

void out_fini(struct out *o)
{
	text_fini(&o->text);
	text_fini(&o->values);
	arena_fini(&o->arena);
	free(o->records);
	free(o->matches);
	free(o->sightings);
}

static void grow(void *array_at, unsigned *cap, size_t size)
{
	void **array = array_at;
	*cap = *cap ? *cap * 2 : FEW;
	*array = mem_resize(*array, *cap * size);
}

void out_grow_records(struct out *o)
{
	grow(&o->records, &o->record_cap, sizeof(*o->records));
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
