/* Which of a field's values a predicate is about, as Suricata's multi-integers say it:
 *
 *   field:>3,all        also any, or_absent, all_or_absent
 *   field:>3,0          the first; -1 the last; oob_or 0: or there are not so many
 *   field:>3,nb >=2     so many of them are
 *   field:>3,all,1:-1   of the values from the second to the last but one
 *   field:count >2      how many there are, whatever they are */
#include <ctype.h>

#include "detect/rule_read.h"

/* "nb" of "nb >2": the word, if the rest is not the rest of a longer one. */
static bool cut_word(struct slice *text, const char *word)
{
	size_t len = strlen(word);

	if (text->len <= len || strncasecmp(text->at, word, len) != 0 ||
		isalpha((unsigned char)text->at[len]) || text->at[len] == '_')
		return false;
	*text = slice_trim((struct slice){ text->at + len, text->len - len });
	return true;
}

static bool read_how_many(struct parse *p, struct slice text, struct many *m)
{
	struct predicate number;
	struct numbers numbers;

	if (!numbers_read(p, text, NULL, &numbers))
		return false;
	predicate_fill(p, &number, &numbers, "");
	m->number = arena_copy(&p->load->list->arena, &number, sizeof(number));
	return true;
}

static bool read_place(struct slice text, int32_t *place)
{
	int64_t value;

	if (!slice_number(text, &value) || value < INT32_MIN || value > INT32_MAX)
		return false;
	*place = (int32_t)value;
	return true;
}

static bool read_index(struct parse *p, struct slice text, struct many *m)
{
	static const struct name words[] = {
		{ MANY_ANY, "any" }, { MANY_ALL, "all" }, { MANY_OR_ABSENT, "or_absent" },
		{ MANY_ALL_OR_ABSENT, "all_or_absent" }, { 0, NULL },
	};
	uint64_t kind;

	if (name_value(words, text.at, text.len, &kind)) {
		m->kind = (enum many_kind)kind;
		return true;
	}
	struct slice rest = text;
	if (cut_word(&rest, "nb")) {
		m->kind = MANY_NUMBER;
		return read_how_many(p, rest, m);
	}
	m->kind = cut_word(&rest, "oob_or") ? MANY_AT_OR_BEYOND : MANY_AT;
	return read_place(rest, &m->at) || refuse(p, "'%s' does not say which values: any, all, "
		"or_absent, all_or_absent, nb >2, oob_or 0 or the number of one, 0 for the first "
		"and -1 for the last", shown(p, text));
}

/* "1:-1"; nothing: all of them. */
static bool read_part(struct parse *p, struct slice text, struct many *m)
{
	struct slice rest = text, from = slice_cut(&rest, ':');

	if (text.len == 0)
		return true;
	if (!read_place(from, &m->from) || !read_place(rest, &m->to))
		return refuse(p, "'%s' is no part of the values: write FROM:TO, as in 1:-1",
			shown(p, text));
	bool same_end = (m->from < 0) == (m->to < 0) && m->to != 0;
	return !same_end || m->from < m->to || refuse(p, "the part %s of the values is empty",
		shown(p, text));
}

/* The value up to the comma that no bracket holds; what stands behind it is `rest`. */
static struct slice cut_value(struct slice text, struct slice *rest)
{
	const char *end = memchr(text.at, ']', text.len);
	size_t skip = end ? (size_t)(end - text.at) : 0;
	const char *comma = memchr(text.at + skip, ',', text.len - skip);

	*rest = (struct slice){ text.at + text.len, 0 };
	if (!comma)
		return text;
	*rest = (struct slice){ comma + 1, (size_t)(text.at + text.len - comma) - 1 };
	return slice_trim((struct slice){ text.at, (size_t)(comma - text.at) });
}

bool many_read(struct parse *p, const struct name *names, struct slice *value,
	const struct many **out)
{
	struct slice text = slice_unquote(*value), rest;
	struct many m = { 0 };
	uint64_t named;

	*out = NULL;
	text = cut_value(text, &rest);
	bool is_count = !value_named(names, text, &named) && cut_word(&text, "count");
	if (!is_count && rest.len == 0)
		return true;
	if (is_count && rest.len)
		return refuse(p, "count is about all values: take what follows the comma out");
	m.kind = MANY_COUNT;
	if (is_count ? !read_how_many(p, text, &m) :
		!read_index(p, slice_cut(&rest, ','), &m) || !read_part(p, slice_trim(rest), &m))
		return false;
	*value = is_count ? (struct slice){ text.at, 0 } : text;
	*out = arena_copy(&p->load->list->arena, &m, sizeof(m));
	return true;
}
