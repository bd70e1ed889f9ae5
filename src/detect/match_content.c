/* Contents and the other steps of a search against bytes, as Suricata matches them.
 *
 * Contents are tried in the rule's order. One without distance or within counts from the
 * start of the bytes and begins a chain; one with them counts from the end of the last match,
 * which tests and negated contents do not move.
 * When a relative content fails, the one before it is tried at its next place: `A` then
 * `B; within:1` in "A..AB" fits at the second A. A failing chain is never mended by an
 * earlier one, so it ends the search. A negated content holds when it is not in its window;
 * it does not move the last match's end.
 *
 * Contents that can stand at one place only are compared there; nothing is searched.
 *
 * Retrying is bounded: each search takes from a budget, by what it looked at. When the budget
 * is used up, or an expression is given up, the rule does not match: what holds if something is
 * not found does not hold either. That is counted. */
#include "detect/detect.h"
#include "detect/regex.h"
#include "detect/search.h"

/* As many retries as Suricata's inspection-recursion-limit. */
enum { BUDGET = 3000, BUDGET_BYTES = 256, REGEX_COST = 16 };

/* Where a match may begin at the earliest and must end at the latest. */
struct window {
	size_t from, to;
};

static size_t clamp(int64_t v, size_t max)
{
	return v < 0 ? 0 : (uint64_t)v > max ? max : (size_t)v;
}

static int64_t place_of(const struct search *s, int32_t value, uint8_t extracted)
{
	return operand_value(s, &(struct operand){ value, extracted });
}

static struct window window_of(const struct search *s, const struct content *c, size_t base)
{
	size_t len = s->data.len;
	int64_t from = 0, to = (int64_t)len;
	if (c->has_offset)
		from = place_of(s, c->offset, c->extracted.offset);
	if (c->has_depth)
		to = from + place_of(s, c->depth, c->extracted.depth);
	if (c->relative) {
		int64_t near = (int64_t)base + (c->has_distance ?
			place_of(s, c->distance, c->extracted.distance) : 0);
		int64_t within = place_of(s, c->within, c->extracted.within);
		if (near > from)
			from = near;
		if (c->has_within && near + within < to)
			to = near + within;
	}
	if (c->starts_with && to > (int64_t)c->pattern.len)
		to = (int64_t)c->pattern.len;
	struct window w = { clamp(from, len), clamp(to, len) };
	if (c->ends_with && w.to < len)
		w.to = w.from;
	else if (c->ends_with && len - w.from > c->pattern.len)
		w.from = len - c->pattern.len;
	if (w.to < w.from)
		w.to = w.from;
	return w;
}

static uint8_t folded(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool equal_folded(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (folded(a[i]) != folded(b[i]))
			return false;
	return true;
}

static const uint8_t *find_folded(struct bytes in, struct bytes pattern)
{
	uint8_t first = folded(pattern.at[0]);
	for (size_t i = 0; i + pattern.len <= in.len; i++)
		if (folded(in.at[i]) == first &&
			equal_folded(in.at + i, pattern.at, pattern.len))
			return in.at + i;
	return NULL;
}

static void give_up(struct search *s)
{
	s->is_hopeless = s->gave_up = true;
}

static void pay(struct search *s, uint32_t cost)
{
	s->budget -= cost < s->budget ? cost : s->budget;
	if (s->budget == 0)
		give_up(s);
}

/* The first place in the window; false if there is none or the budget is used up. */
static bool find(struct search *s, const struct content *c, struct window w, size_t *place)
{
	struct bytes in = { s->data.at + w.from, w.to - w.from };
	if (c->pattern.len == 0 || in.len < c->pattern.len)
		return false;
	const uint8_t *at = c->nocase ? find_folded(in, c->pattern)
		: memmem(in.at, in.len, c->pattern.at, c->pattern.len);
	size_t looked_at = at ? (size_t)(at - in.at) : in.len;
	pay(s, (uint32_t)(1 + looked_at / BUDGET_BYTES));
	*place = at ? (size_t)(at - s->data.at) : 0;
	return at && !s->is_hopeless;
}

static bool match_from(struct search *s, unsigned i, size_t base);

static bool match_negated(struct search *s, unsigned i, struct window w, size_t base)
{
	size_t place;
	if (find(s, s->list->at[i], w, &place) || s->is_hopeless)
		return false;
	return match_from(s, i + 1, base);
}

static bool match_positive(struct search *s, unsigned i, struct window w)
{
	const struct content *c = s->list->at[i];
	size_t place;
	for (; find(s, c, w, &place); w.from = place + 1) {
		if (s->at)
			s->at[i] = (uint32_t)place;
		if (match_from(s, i + 1, place + c->pattern.len))
			return true;
		if (s->is_hopeless)
			break;
	}
	return false;
}

static bool match_bytes(struct search *s, unsigned i, size_t base)
{
	const struct content *c = s->list->at[i];
	struct window w = window_of(s, c, base);
	return c->negated ? match_negated(s, i, w, base) : match_positive(s, i, w);
}

/* Relative, the expression sees nothing before `base`. If the steps behind it do not hold,
 * its next match is tried. */
static bool match_regex(struct search *s, unsigned i, size_t base)
{
	const struct content *c = s->list->at[i];
	size_t skip = c->relative ? base : 0, start = 0;
	struct bytes in = { s->data.at + skip, s->data.len - skip };
	struct regex_match m;
	for (;;) {
		enum regex_result result = regex_find(c->regex, in, start, &m);
		pay(s, (uint32_t)(REGEX_COST + in.len / BUDGET_BYTES));
		if (result == REGEX_GAVE_UP)
			give_up(s);
		if (s->is_hopeless || (result == REGEX_FOUND) == c->negated)
			return false;
		if (c->negated)
			return match_from(s, i + 1, base);
		if (s->at)
			s->at[i] = (uint32_t)(skip + m.from);
		if (match_from(s, i + 1, skip + m.to))
			return true;
		start = m.from + 1;
		if (s->is_hopeless || start > in.len || regex_is_anchored(c->regex))
			return false;
	}
}

static bool match_number(struct search *s, unsigned i, size_t base)
{
	const struct content *c = s->list->at[i];
	if (s->at)
		s->at[i] = (uint32_t)base;
	return s->data.len && number_step_holds(s, c, &base) && match_from(s, i + 1, base);
}

/* Relative, the byte before the place is asked for: as Suricata does. */
static bool match_size(struct search *s, unsigned i, size_t base)
{
	const struct content *c = s->list->at[i];
	int64_t at = place_of(s, c->offset, c->extracted.offset);
	bool is_there = c->relative ? at + (int64_t)base <= (int64_t)s->data.len
		: at < (int64_t)s->data.len;
	if (s->at)
		s->at[i] = (uint32_t)base;
	return is_there != c->negated && match_from(s, i + 1, base);
}

/* Whether what the step decodes is there and holds what the rule wants in it. Not in line: its
 * room is large, and gone when the next step is tried. */
static __attribute__((noinline)) bool decoded_holds(struct search *s, unsigned i, size_t base)
{
	const struct content_list *inside = s->list->inside[i];
	uint8_t room[BASE64_ROOM];
	struct search in = *s;
	in.data = (struct bytes){ room, base64_decode(s->list->at[i], s->data, base, room) };
	in.list = inside;
	in.at = NULL;
	pay(s, (uint32_t)(1 + in.data.len / BUDGET_BYTES));
	in.budget = s->budget;
	bool holds = in.data.len && (inside->count == 0 || match_from(&in, 0, 0));
	s->budget = in.budget;
	if (in.gave_up)
		give_up(s);
	return holds;
}

static bool match_base64(struct search *s, unsigned i, size_t base)
{
	if (s->at)
		s->at[i] = (uint32_t)base;
	return decoded_holds(s, i, base) && !s->is_hopeless && match_from(s, i + 1, base);
}

/* Whether steps i and later hold, when the last one ended at `base`. */
static bool match_from(struct search *s, unsigned i, size_t base)
{
	static bool (*const kinds[])(struct search *s, unsigned i, size_t base) = {
		[CONTENT_BYTES] = match_bytes, [CONTENT_REGEX] = match_regex,
		[CONTENT_NUMBER] = match_number, [CONTENT_SIZE] = match_size,
		[CONTENT_BASE64] = match_base64,
	};
	if (i == s->list->count)
		return true;
	const struct content *c = s->list->at[i];
	bool fits = kinds[c->kind](s, i, base);
	if (!fits && !c->relative && !s->list->uses_extracted && content_moves(c))
		s->is_hopeless = true;
	return fits;
}

bool content_is_fixed(const struct content *c)
{
	if (c->kind != CONTENT_BYTES || c->uses_extracted || c->relative || c->nocase ||
		c->ends_with || c->pattern.len == 0 || c->offset < 0)
		return false;
	if (c->starts_with)
		return !c->has_depth && !c->has_offset;
	return c->has_depth && c->depth >= 0 && (size_t)c->depth == c->pattern.len;
}

bool contents_search(const struct content_list *l, struct bytes data, uint32_t *at)
{
	struct search s = { .list = l, .data = data, .at = at, .budget = BUDGET };
	bool holds = match_from(&s, 0, 0);
	detect_lost.searches += s.gave_up;
	return holds;
}
