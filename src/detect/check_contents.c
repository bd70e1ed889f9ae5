/* The contents of a check: which look at the same bytes, and which of them Hyperscan looks for. */
#include "detect/compile.h"
#include "detect/regex.h"

static bool same_bytes(const struct content_list *l, const struct content *c, enum half half)
{
	return l->field == c->field && !c->decoded && (c->field < 0 || l->half == half);
}

/* The contents that look at what contents[step], a base64_decode, gives. */
static const struct content_list *decoded_collect(struct ruleset *set, const struct rule *r,
	const struct content *step)
{
	struct content_list *l = arena_take(&set->arena, sizeof(*l));
	*l = (struct content_list){ .field = step->field, .half = step->half,
		.at = arena_take(&set->arena, r->content_count * sizeof(*l->at)) };
	for (unsigned i = 0; i < r->content_count; i++) {
		if (r->contents[i].decoded != step->base64->number)
			continue;
		l->at[l->count++] = &r->contents[i];
		l->uses_extracted |= r->contents[i].uses_extracted;
	}
	return l;
}

static void collect_inside(struct ruleset *set, const struct rule *r, struct content_list *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		if (l->at[i]->kind != CONTENT_BASE64)
			continue;
		if (!l->inside)
			l->inside = arena_take(&set->arena, l->count * sizeof(*l->inside));
		l->inside[i] = decoded_collect(set, r, l->at[i]);
		l->uses_extracted |= l->inside[i]->uses_extracted;
	}
}

/* The contents of one buffer, which is that of contents[first]. */
static void contents_collect(struct ruleset *set, const struct check *check, unsigned first,
	struct content_list *l)
{
	const struct rule *r = check->rule;
	const struct content *c = &r->contents[first];
	*l = (struct content_list){ .field = c->field, .half = check_half(check, c->half),
		.is_fixed = true };
	l->at = arena_take(&set->arena, r->content_count * sizeof(*l->at));
	for (unsigned i = first; i < r->content_count; i++) {
		c = &r->contents[i];
		if (!same_bytes(l, c, check_half(check, c->half)))
			continue;
		l->at[l->count++] = c;
		l->is_fixed = l->is_fixed && content_is_fixed(c);
		l->uses_extracted |= c->uses_extracted;
	}
	collect_inside(set, r, l);
}

/* Whether contents[i] is the first that looks at its buffer. */
static bool begins_buffer(const struct check *check, unsigned i)
{
	const struct content *all = check->rule->contents;
	if (all[i].decoded)
		return false;
	for (unsigned k = 0; k < i; k++)
		if (all[k].field == all[i].field && (all[i].field < 0 ||
			check_half(check, all[k].half) ==
			check_half(check, all[i].half)))
			return false;
	return true;
}

static void add_contents(struct ruleset *set, struct check *c, unsigned first)
{
	int field = c->rule->contents[first].field;
	if (field < 0)
		contents_collect(set, c, first, &c->raw);
	if (field < 0 || !c->dissector)
		return;
	struct content_list *l = arena_take(&set->arena, sizeof(*l));
	contents_collect(set, c, first, l);
	struct field_ref ref = { .dissector = c->dissector, .field = (unsigned)field,
		.count = field_rows(c->dissector, (unsigned)field) };
	struct condition condition = condition_on(&ref, l->half);
	condition.contents = l;
	c->conditions[c->condition_count++] = condition;
}

/* A rule without bytes may have an expression that can be looked for beforehand. */
static const struct content *scannable_of(const struct content_list *l)
{
	unsigned flags;
	for (unsigned i = 0; i < l->count; i++) {
		const struct content *c = l->at[i];
		if (c->kind == CONTENT_REGEX && !c->negated &&
			regex_scannable(c->regex, c->relative, &flags))
			return c;
	}
	return NULL;
}

/* How seldom other messages have such bytes: longer is rarer; letters, zeros and their like are
 * everywhere, and a byte that comes again says little new. */
static unsigned rarity(struct bytes pattern)
{
	enum { AGAIN = 1, COMMON = 3, RARE = 6 };
	unsigned sum = 0;
	for (size_t i = 0; i < pattern.len; i++) {
		uint8_t byte = pattern.at[i];
		bool is_common = byte <= 8 || byte == 0xff || (byte >= ' ' && byte <= '~');
		sum += memchr(pattern.at, byte, i) ? AGAIN : is_common ? COMMON : RARE;
	}
	return sum;
}

/* Hyperscan looks for the one that the rule asks for, else the rarest that must be there. */
const struct content *fast_of(const struct content_list *l)
{
	const struct content *best = NULL;
	for (unsigned i = 0; i < l->count; i++) {
		const struct content *c = l->at[i];
		if (c->kind != CONTENT_BYTES || c->negated || c->pattern.len == 0)
			continue;
		if (!best || (c->is_fast && !best->is_fast) ||
			(c->is_fast == best->is_fast && rarity(c->pattern) > rarity(best->pattern)))
			best = c;
	}
	return best ? best : scannable_of(l);
}

/* The longest that must be there and can be at one place only. A rule without direction is
 * about either message: it is left to Hyperscan. */
const struct content *anchor_of(const struct check *check)
{
	const struct content_list *l = &check->raw;
	const struct content *best = NULL;
	for (unsigned i = 0; i < l->count && check->side != HALF_ANY; i++) {
		const struct content *c = l->at[i];
		if (!c->negated && content_is_fixed(c) &&
			(!best || c->pattern.len > best->pattern.len))
			best = c;
	}
	return best;
}

void contents_add(struct ruleset *set, struct check *c)
{
	for (unsigned i = 0; i < c->rule->content_count; i++)
		if (begins_buffer(c, i))
			add_contents(set, c, i);
}
