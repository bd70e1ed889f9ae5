/* Steps of a rule in new bytes of a stream together with those before them.
 *
 * What the older bytes hold alone was told when they came, so a match counts if it has some of
 * the new bytes. The first match of both may be an old one: then the next is looked for behind
 * where that began. */
#include "detect/runtime.h"

/* Counted from the first byte, not from another step. */
static bool is_placed(const struct content *c)
{
	return !c->relative && (c->kind == CONTENT_NUMBER || c->kind == CONTENT_SIZE ||
		c->has_offset || c->has_depth || c->starts_with);
}

bool contents_are_placed(const struct content_list *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (is_placed(l->at[i]))
			return true;
	return false;
}

/* Behind the first byte of the earliest step. */
static size_t behind_first(const struct content_list *l, const uint32_t *at)
{
	uint32_t first = UINT32_MAX;
	for (unsigned i = 0; i < l->count; i++)
		if (at[i] < first)
			first = at[i];
	return first == UINT32_MAX ? 1 : (size_t)first + 1;
}

bool joined_match(const struct content_list *l, struct bytes all, size_t before)
{
	enum { PLACES = 32, STEPS_MAX = 128 };
	uint32_t at[STEPS_MAX];
	bool stays = contents_are_placed(l);
	for (unsigned place = 0; place < PLACES && l->count <= STEPS_MAX; place++) {
		memset(at, 0xff, l->count * sizeof(*at));
		if (!contents_match(l, all))
			return false;
		if (!contents_search(l, (struct bytes){ all.at, before }, at))
			return true;
		size_t skip = behind_first(l, at);
		if (stays || skip >= before)
			return false;
		all = (struct bytes){ all.at + skip, all.len - skip };
		before -= skip;
	}
	return false;
}
