/* Things that hold from a time until another, by asset, zone or site. */
#include <stdlib.h>

#include "base/memory.h"
#include "incident/register_state.h"

void spans_add(struct spans *s, const char *kind, const char *id, uint64_t from,
	uint64_t to, const json_t *row)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->at = mem_resize(s->at, s->room * sizeof(*s->at));
	}
	s->at[s->count++] = (struct span){ mem_printf("%s:%s", kind, id), from, to, row };
}

static int by_key_and_begin(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order : (x->from > y->from) - (x->from < y->from);
}

void spans_sort(struct spans *s)
{
	if (s->count > 0)
		qsort(s->at, s->count, sizeof(*s->at), by_key_and_begin);
}

/* How many spans lie before or at (key, at). */
static unsigned place_of(const struct spans *s, const char *key, uint64_t at_ns)
{
	struct span wanted = { (char *)key, at_ns, 0, NULL };
	unsigned low = 0, high = s->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (by_key_and_begin(&s->at[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const json_t *spans_find(const struct spans *s, const char *kind, const char *id,
	uint64_t at_ns)
{
	char *key = mem_printf("%s:%s", kind, id);
	const json_t *row = NULL;

	for (unsigned i = place_of(s, key, at_ns); i > 0 && !row; i--) {
		if (strcmp(s->at[i - 1].key, key) != 0)
			break;
		if (at_ns < s->at[i - 1].to)
			row = s->at[i - 1].row;
	}
	free(key);
	return row;
}

void spans_fini(struct spans *s)
{
	for (unsigned i = 0; i < s->count; i++)
		free(s->at[i].key);
	free(s->at);
}
