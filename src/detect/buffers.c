/* Rules that wait for a pattern in the bytes of a field.
 *
 * A few such rules are looked at one after the other. Where many are reached together, as
 * hundreds on the names of nodes that nobody may write, Hyperscan looks into the field first.
 *
 * Rules on the bytes of a message wait here, too, when the response may complete what the
 * request has: they look at both messages. */
#include "detect/runtime.h"

/* A text that the field must be, as a content. */
static const struct content *text_as_content(struct ruleset *set, const struct predicate *p)
{
	if (p->negated || p->of_length || p->text_count != 1 || p->texts[0].len == 0)
		return NULL;
	struct content *c = arena_take(&set->arena, sizeof(*c));
	*c = (struct content){ .pattern = p->texts[0], .nocase = true };
	return c;
}

/* The longest that must be in the field's bytes. */
static const struct content *longest_of(const struct content_list *l)
{
	const struct content *best = NULL;
	for (unsigned i = 0; i < l->count; i++) {
		const struct content *c = l->at[i];
		if (c->kind == CONTENT_BYTES && !c->negated && c->pattern.len > 0 &&
			(!best || c->pattern.len > best->pattern.len))
			best = c;
	}
	return best;
}

static const struct condition *condition_to_scan(struct ruleset *set, const struct check *c,
	const struct content **pattern)
{
	const struct condition *best = NULL;
	for (unsigned i = 0; i < c->condition_count; i++) {
		const struct condition *k = &c->conditions[i];
		const struct content *found = k->predicate ? text_as_content(set, k->predicate)
			: longest_of(k->contents);
		if (found && (!best || found->pattern.len > (*pattern)->pattern.len)) {
			best = k;
			*pattern = found;
		}
	}
	return best;
}

static bool looks_at(const struct buffer *b, const struct condition *k)
{
	if (!b->of || !k)
		return b->of == k;
	return b->of->field == k->field && b->of->count == k->count && b->of->half == k->half;
}

static struct buffer *buffer_of(struct ruleset *set, struct check_index *index,
	const struct condition *k)
{
	for (unsigned i = 0; i < index->buffer_count; i++) {
		if (looks_at(&index->buffers[i], k))
			return &index->buffers[i];
	}
	if (index->buffer_count == BUFFERS_MAX)
		return NULL;
	if (!index->buffers)
		index->buffers = arena_take(&set->arena, BUFFERS_MAX * sizeof(*index->buffers));
	struct buffer *b = &index->buffers[index->buffer_count++];
	*b = (struct buffer){ .of = k };
	return b;
}

int buffer_add(struct ruleset *set, struct check_index *index, struct check *c)
{
	const struct content *pattern = NULL;
	const struct condition *k = condition_to_scan(set, c, &pattern);
	if (!k && c->fast)
		pattern = c->fast;
	struct buffer *b = pattern ? buffer_of(set, index, k) : NULL;
	if (!b)
		return -1;
	c->fast_in_field = pattern;
	c->is_shared = c->is_repeated = true;
	check_list_add(&set->arena, &b->waiting, c);
	headers_add(set, &b->scanned, c->header);
	return (int)(b - index->buffers);
}
