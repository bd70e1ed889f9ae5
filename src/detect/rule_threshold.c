/* threshold, detection_filter and distinct: how often before an alert, and how many. */
#include "detect/rule_read.h"

static const struct name types[] = {
	{ THRESHOLD_LIMIT, "limit" },
	{ THRESHOLD_THRESHOLD, "threshold" },
	{ THRESHOLD_BOTH, "both" },
	{ THRESHOLD_BACKOFF, "backoff" },
	{ 0, NULL },
};

static const struct name tracks[] = {
	{ TRACK_BY_SRC, "by_src" },
	{ TRACK_BY_DST, "by_dst" },
	{ TRACK_BY_BOTH, "by_both" },
	{ TRACK_BY_RULE, "by_rule" },
	{ TRACK_BY_FLOW, "by_flow" },
	{ 0, NULL },
};

enum { HAS_TYPE = 1, HAS_TRACK = 2, HAS_COUNT = 4, HAS_SECONDS = 8, HAS_MULTIPLIER = 16 };

static bool read_word(struct parse *p, const struct name *words, struct slice key,
	struct slice value, unsigned *out)
{
	uint64_t found;

	if (!name_value(words, value.at, value.len, &found))
		return refuse(p, "'%s' is no %s", shown(p, value), shown(p, key));
	*out = (unsigned)found;
	return true;
}

static bool read_count(
	struct parse *p, struct slice key, struct slice value, uint32_t *out)
{
	int64_t number;

	if (!slice_number(value, &number) || number < 1 || number > UINT32_MAX)
		return refuse(p, "%s needs a number from 1", shown(p, key));
	*out = (uint32_t)number;
	return true;
}

static bool read_part(
	struct parse *p, struct slice part, struct threshold *t, unsigned *has)
{
	struct slice value = part, key = slice_word(&value);
	unsigned word = 0;
	bool ok;

	value = slice_trim(value);
	if (slice_is(key, "type")) {
		*has |= HAS_TYPE;
		ok = read_word(p, types, key, value, &word);
		t->type = word;
	} else if (slice_is(key, "track")) {
		*has |= HAS_TRACK;
		ok = read_word(p, tracks, key, value, &word);
		t->track = word;
	} else if (slice_is(key, "count")) {
		*has |= HAS_COUNT;
		ok = read_count(p, key, value, &t->count);
	} else if (slice_is(key, "seconds")) {
		*has |= HAS_SECONDS;
		ok = read_count(p, key, value, &t->seconds);
	} else if (slice_is(key, "multiplier")) {
		*has |= HAS_MULTIPLIER;
		ok = read_count(p, key, value, &t->multiplier);
	} else {
		ok = refuse(p,
			"'%s' is none of type, track, count, seconds, multiplier",
			shown(p, key));
	}
	return ok;
}

static bool read_parts(struct parse *p, struct slice rest, struct threshold *t,
	unsigned needed)
{
	static const char *const names[] = { "type", "track", "count", "seconds",
		"multiplier" };
	unsigned has = 0;

	while (rest.len) {
		struct slice part = slice_cut(&rest, ',');
		if (part.len && !read_part(p, part, t, &has))
			return false;
	}
	if (t->type == THRESHOLD_BACKOFF)
		needed = HAS_TYPE | HAS_TRACK | HAS_COUNT | HAS_MULTIPLIER;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (needed & 1u << i && !(has & 1u << i))
			return refuse(p, "%s is missing", names[i]);
	return true;
}

static bool is_free(struct parse *p, const struct threshold *t)
{
	return t->type == THRESHOLD_NONE ||
		refuse(p, "a rule has one threshold at most, and one detection_filter or "
			"distinct");
}

bool take_threshold(struct parse *p, const struct option *o)
{
	struct threshold t = { 0 };

	if (!is_free(p, &p->rule.threshold) || !read_parts(p, slice_unquote(o->value), &t,
		HAS_TYPE | HAS_TRACK | HAS_COUNT | HAS_SECONDS))
		return false;
	p->rule.threshold = t;
	return true;
}

bool take_detection_filter(struct parse *p, const struct option *o)
{
	struct threshold t = { .type = THRESHOLD_DETECTION_FILTER };

	if (!is_free(p, &p->rule.filter) ||
		!read_parts(p, slice_unquote(o->value), &t,
			HAS_TRACK | HAS_COUNT | HAS_SECONDS))
		return false;
	t.type = THRESHOLD_DETECTION_FILTER;
	p->rule.filter = t;
	return true;
}

/* ---- distinct ---- */

static const struct name ends[] = {
	{ DISTINCT_SRC_IP, "src_ip" },
	{ DISTINCT_DST_IP, "dst_ip" },
	{ DISTINCT_DST_IP, "dest_ip" },
	{ DISTINCT_SRC_PORT, "src_port" },
	{ DISTINCT_DST_PORT, "dst_port" },
	{ DISTINCT_DST_PORT, "dest_port" },
	{ 0, NULL },
};

static bool read_what(struct parse *p, struct slice what, struct threshold *t)
{
	struct field_ref *ref = &t->distinct;
	uint64_t end;

	if (name_value(ends, what.at, what.len, &end)) {
		t->distinct_what = end;
		return true;
	}
	if (!keyword_find(what, ref))
		return refuse(p, "'%s' is no field: distinct counts a field's values, or "
			"src_ip, dst_ip, src_port, dst_port", shown(p, what));
	if (ref->dissector->fields[ref->field].type == FIELD_GROUP)
		return refuse(p, "%s is a group of fields: name one of them",
			shown(p, what));
	t->distinct_what = DISTINCT_FIELD;
	return use_dissector(p, ref->dissector);
}

bool take_distinct(struct parse *p, const struct option *o)
{
	struct threshold t = { .type = THRESHOLD_DISTINCT };
	struct slice rest = slice_unquote(o->value);
	struct slice what = slice_cut(&rest, ',');

	if (!is_free(p, &p->rule.filter) || !read_what(p, what, &t) ||
		!read_parts(p, rest, &t, HAS_TRACK | HAS_COUNT | HAS_SECONDS))
		return false;
	if (t.type != THRESHOLD_DISTINCT)
		return refuse(p, "distinct takes no type");
	if (t.track > TRACK_BY_BOTH)
		return refuse(p, "distinct tracks by_src, by_dst or by_both");
	p->rule.filter = t;
	return true;
}
