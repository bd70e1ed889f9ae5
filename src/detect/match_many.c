/* How many of a field's values in one message fit, and whether the one does that is asked for.
 *
 * The values are those of all items of the field, in wire order, also of different elements of
 * a repeated group. */
#include "detect/runtime.h"

struct tally {
	uint64_t seen, fit; /* of the part that counts */
	bool has_one, one_fits;
};

static uint64_t values_of(const struct condition *c, const struct item *item)
{
	return condition_compares(c, item) ? element_count(c, item) : 0;
}

static uint64_t count_values(const struct condition *c, const struct message *m)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < m->count; i++)
		if (condition_is_about(c, &m->items[i]))
			count += values_of(c, &m->items[i]);
	return count;
}

/* Of so many, the place meant; negative ones count from the end. */
static int64_t place_of(int32_t place, bool from_end, uint64_t count)
{
	return from_end ? (int64_t)count + place : place;
}

static void look_at(struct tally *t, const struct condition *c, const struct item *item,
	uint32_t element, bool is_the_one)
{
	bool fits = element_matches(c, item, element) != c->predicate->negated;
	t->seen++;
	t->fit += fits;
	if (!is_the_one)
		return;
	t->has_one = true;
	t->one_fits = fits;
}

static struct tally tally_of(const struct condition *c, const struct message *m)
{
	const struct many *many = c->predicate->many;
	uint64_t count = count_values(c, m);
	int64_t from = place_of(many->from, many->from < 0, count);
	int64_t to = place_of(many->to, many->to <= 0, count), at = 0;
	struct tally t = { 0 };
	if (from < 0 || to > (int64_t)count || from >= to) /* there is no such part */
		return t;
	int64_t one = from + place_of(many->at, many->at < 0, (uint64_t)(to - from));
	for (uint32_t i = 0; i < m->count && at < to; i++) {
		const struct item *item = &m->items[i];
		uint64_t values = condition_is_about(c, item) ? values_of(c, item) : 0;
		for (uint32_t k = 0; k < values; k++, at++)
			if (at >= from && at < to)
				look_at(&t, c, item, k, at == one);
	}
	return t;
}

static bool number_fits(const struct predicate *number, uint64_t count)
{
	return unsigned_in(number, count) != number->negated;
}

bool many_hold(const struct condition *c, const struct message *m)
{
	const struct many *many = c->predicate->many;
	struct tally t = tally_of(c, m);
	switch (many->kind) {
	case MANY_ANY:
		return t.fit > 0;
	case MANY_ALL:
		return t.seen > 0 && t.fit == t.seen;
	case MANY_OR_ABSENT:
		return t.seen == 0 || t.fit > 0;
	case MANY_ALL_OR_ABSENT:
		return t.fit == t.seen;
	case MANY_AT:
		return t.has_one && t.one_fits;
	case MANY_AT_OR_BEYOND:
		return !t.has_one || t.one_fits;
	case MANY_NUMBER:
		return number_fits(many->number, t.fit);
	case MANY_COUNT:
		return number_fits(many->number, t.seen);
	}
	return false;
}
