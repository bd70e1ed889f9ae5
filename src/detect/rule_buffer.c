/* Where in its buffer a content has to stand, and how it is compared. */

#include "detect/rule_read.h"

enum { PLACE_MAX = 65535 };

static struct content *last_content(struct parse *p)
{
	for (unsigned i = p->rule.content_count; i-- > 0;)
		if (p->contents[i].kind == CONTENT_BYTES)
			return &p->contents[i];
	refuse(p, "%s needs a content before it", p->name);
	return NULL;
}

static bool read_place(struct parse *p, const struct option *o, struct content *c, int64_t low,
	int32_t *out, uint8_t *extracted)
{
	struct operand place;

	if (!operand_read(p, slice_unquote(o->value), low, PLACE_MAX, &place))
		return false;
	*out = (int32_t)place.value;
	*extracted = place.extracted;
	c->uses_extracted |= place.extracted > 0;
	return true;
}

bool take_nocase(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	(void)o;
	if (c)
		c->nocase = true;
	return c != NULL;
}

bool take_depth(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	if (!c)
		return false;
	c->has_depth = true;
	return read_place(p, o, c, 1, &c->depth, &c->extracted.depth);
}

bool take_offset(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	if (!c)
		return false;
	c->has_offset = true;
	return read_place(p, o, c, 0, &c->offset, &c->extracted.offset);
}

bool take_distance(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	if (!c)
		return false;
	c->has_distance = c->relative = true;
	return read_place(p, o, c, -PLACE_MAX, &c->distance, &c->extracted.distance);
}

bool take_within(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	if (!c)
		return false;
	c->has_within = c->relative = true;
	return read_place(p, o, c, 1, &c->within, &c->extracted.within);
}

bool take_startswith(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	(void)o;
	if (c)
		c->starts_with = true;
	return c != NULL;
}

bool take_endswith(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);

	(void)o;
	if (c)
		c->ends_with = true;
	return c != NULL;
}

bool take_rawbytes(struct parse *p, const struct option *o)
{
	(void)o;
	return last_content(p) != NULL;
}

/* Alone, `only`, or `offset,length`: a hint where to look first, never what matches. */
bool take_fast_pattern(struct parse *p, const struct option *o)
{
	struct content *c = last_content(p);
	struct slice rest = o->value;
	int64_t offset, length;

	if (!c)
		return false;
	if (c->negated)
		return refuse(p, "a negated content cannot be the fast pattern");
	c->is_fast = true;
	if (!o->has_value || o->value.len == 0 || slice_is(o->value, "only"))
		return true;
	struct slice first = slice_cut(&rest, ',');
	if (!slice_number(first, &offset) || !slice_number(rest, &length) || offset < 0 ||
		length < 1 || offset + length > (int64_t)c->pattern.len)
		return refuse(p, "write fast_pattern, fast_pattern:only or "
			"fast_pattern:OFFSET,LENGTH with a part of the content");
	return true;
}

/* ---- after the rule: do the places make sense? ---- */

static bool same_buffer(const struct content *a, const struct content *b)
{
	return a->field == b->field && a->decoded == b->decoded &&
		(a->field < 0 || a->half == b->half);
}

static bool follows_another(const struct parse *p, unsigned index)
{
	for (unsigned i = index; i-- > 0;)
		if (content_moves(&p->contents[i]) &&
			same_buffer(&p->contents[i], &p->contents[index]))
			return p->is_anywhere[i] == p->is_anywhere[index];
	return false;
}

/* Counting from the start of the buffer is offset and depth. */
static void make_absolute(struct content *c)
{
	int32_t start = c->has_distance && c->distance > 0 ? c->distance : 0;
	int32_t lost = c->has_distance && c->distance < 0 ? c->distance : 0;

	c->has_offset = c->has_distance;
	c->offset = start;
	c->has_depth = c->has_within;
	c->depth = c->has_within ? c->within + lost : 0;
	c->extracted.offset = c->extracted.distance;
	c->extracted.depth = c->extracted.within;
	c->relative = c->has_distance = c->has_within = false;
	c->distance = c->within = 0;
}

static void forget_places(struct content *c)
{
	c->has_offset = c->has_depth = c->starts_with = c->ends_with = false;
	c->offset = c->depth = 0;
}

static const char *clash(const struct content *c)
{
	if (c->relative && (c->has_offset || c->has_depth))
		return "distance and within count from the content before, offset and "
			"depth from the start: use one kind";
	if (c->starts_with && (c->relative || c->has_offset || c->has_depth))
		return "startswith says the place already: take depth, offset, distance "
			"and within out";
	if (c->ends_with && (c->relative || c->has_offset))
		return "endswith says the place already: take offset, distance and "
			"within out";
	return NULL;
}

static bool too_small(const struct content *c, const char **what, int32_t *room)
{
	*what = c->has_within ? "within" : "depth";
	*room = c->has_within ? c->within : c->depth;
	if (c->has_within ? c->extracted.within : c->extracted.depth)
		return false;
	return (c->has_within || c->has_depth) && *room < (int64_t)c->pattern.len;
}

static bool check(struct parse *p, unsigned index)
{
	struct content *c = &p->contents[index];
	const char *what = clash(c);
	int32_t room;

	p->name = "content";
	p->at = p->content_at[index];
	if (c->kind != CONTENT_BYTES)
		return true;
	if (what)
		return refuse(p, "%s", what);
	if (too_small(c, &what, &room))
		return refuse(p,
			"%s %d is less than the content's %zu bytes: it can never match",
			what, room, c->pattern.len);
	if (c->relative && !follows_another(p, index))
		make_absolute(c);
	if (too_small(c, &what, &room))
		return refuse(p, "the content can never match so near the start");
	if (p->is_domain[index] && !domain_settle(p, c))
		return false;
	if (p->is_anywhere[index])
		forget_places(c);
	return true;
}

static bool is_looked_at(const struct parse *p, const struct base64_at *at)
{
	for (unsigned i = 0; i < p->rule.content_count; i++)
		if (p->contents[i].decoded == at->number)
			return true;
	return false;
}

static void note_undecoded(struct parse *p, unsigned index)
{
	const struct base64_at *at = p->contents[index].base64;

	if (!at || is_looked_at(p, at))
		return;
	p->name = "base64_decode";
	p->at = p->content_at[index];
	fall_back(p, "nothing looks at what is decoded: the rule only asks whether something can "
		"be; write base64_data and a content behind it");
}

bool contents_check(struct parse *p)
{
	for (unsigned i = 0; i < p->rule.content_count; i++)
		if (!check(p, i))
			return false;
	for (unsigned i = 0; i < p->rule.content_count; i++)
		note_undecoded(p, i);
	return true;
}
