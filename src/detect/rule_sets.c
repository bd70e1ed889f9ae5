/* Sets of addresses and ports: `[10.0.0.0/8,!10.1.0.0/16,$PLCS]`, `!502`,
 * `[1024:,!1502]`.
 *
 * Both are ranges of numbers, 128 bits wide or 16. A list is what its positive members
 * hold together, without what its negated ones hold; a list of negated ones only is
 * everything without them. Lists nest, and a variable stands for its value. */
#include <stdlib.h>

#include "detect/rule_read.h"

enum { DEPTH_MAX = 16, RANGES_MAX = 65536 };

static u128 last_of(enum set_kind kind)
{
	return kind == SET_PORTS ? 65535 : ~(u128)0;
}

/* ---- ranges ---- */

void ranges_add(struct ranges *r, struct arena *a, u128 low, u128 high)
{
	if (r->count == r->cap) {
		struct range *old = r->at;
		r->cap = r->cap ? r->cap * 2 : 8;
		r->at = arena_take(a, r->cap * sizeof(*r->at));
		if (r->count)
			memcpy(r->at, old, r->count * sizeof(*old));
	}
	r->at[r->count++] = (struct range){ low, high };
}

static int by_low(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

void ranges_sort(struct ranges *r)
{
	unsigned kept = 0;

	if (r->count == 0)
		return;
	qsort(r->at, r->count, sizeof(*r->at), by_low);
	for (unsigned i = 1; i < r->count; i++) {
		struct range *last = &r->at[kept], *next = &r->at[i];
		if (next->low > last->high && next->low - last->high > 1)
			r->at[++kept] = *next;
		else if (next->high > last->high)
			last->high = next->high;
	}
	r->count = kept + 1;
}

struct ranges ranges_minus(const struct ranges *from, const struct ranges *take,
	struct arena *a)
{
	struct ranges out = { 0 };
	unsigned t = 0;

	for (unsigned i = 0; i < from->count; i++) {
		u128 low = from->at[i].low, high = from->at[i].high;
		bool left = true;
		while (t < take->count && take->at[t].high < low)
			t++;
		for (unsigned j = t; left && j < take->count && take->at[j].low <= high;
			j++) {
			if (take->at[j].low > low)
				ranges_add(&out, a, low, take->at[j].low - 1);
			left = take->at[j].high < high;
			low = take->at[j].high + left;
		}
		if (left)
			ranges_add(&out, a, low, high);
	}
	return out;
}

static struct ranges everything(enum set_kind kind, struct arena *a)
{
	struct ranges all = { 0 };

	ranges_add(&all, a, 0, last_of(kind));
	return all;
}

static struct ranges complement(
	enum set_kind kind, const struct ranges *of, struct arena *a)
{
	struct ranges all = everything(kind, a);

	return ranges_minus(&all, of, a);
}

/* ---- expressions ---- */

/* The next member of a list, up to a comma outside of inner brackets. */
static struct slice member_next(struct slice *rest)
{
	size_t end = 0;
	int depth = 0;

	for (; end < rest->len; end++) {
		depth += (rest->at[end] == '[') - (rest->at[end] == ']');
		if (rest->at[end] == ',' && depth == 0)
			break;
	}
	struct slice member = slice_trim((struct slice){ rest->at, end });
	end += end < rest->len;
	rest->at += end;
	rest->len -= end;
	return member;
}

static void add_all(struct ranges *to, const struct ranges *from, struct arena *a)
{
	for (unsigned i = 0; i < from->count; i++)
		ranges_add(to, a, from->at[i].low, from->at[i].high);
}

static bool read_list(struct parse *p, enum set_kind kind, struct slice inner,
	unsigned depth, struct ranges *out)
{
	struct arena *a = &p->load->scratch;
	struct ranges sum[2] = { 0 };
	bool has_positive = false, has_any = false;

	while (inner.len) {
		struct slice member = member_next(&inner);
		bool negated = member.len && *member.at == '!';
		struct ranges part = { 0 };
		if (member.len == 0)
			continue;
		member.at += negated;
		member.len -= negated;
		if (!set_read(p, kind, member, depth + 1, &part))
			return false;
		has_any = true;
		has_positive |= !negated;
		add_all(&sum[negated], &part, a);
		if (sum[negated].count > RANGES_MAX)
			return refuse(
				p, "the list is too long: %d ranges at most", RANGES_MAX);
	}
	if (!has_any)
		return refuse(p, "the list is empty");
	ranges_sort(&sum[0]);
	ranges_sort(&sum[1]);
	if (!has_positive)
		sum[0] = everything(kind, a);
	*out = ranges_minus(&sum[0], &sum[1], a);
	return true;
}

static bool read_element(struct parse *p, enum set_kind kind, struct slice text,
	struct ranges *out)
{
	struct range one;

	if (!element_read(kind, text, &one))
		return refuse(p, "'%s' is no %s: write %s",
			shown(p, text),
			kind == SET_PORTS ? "port" : "address",
			kind == SET_PORTS
				? "502, 1024:, 80:90 or a [list]"
				: "10.0.0.1, 10.0.0.0/8, 10.0.0.1-10.0.0.9 or a [list]");
	ranges_add(out, &p->load->scratch, one.low, one.high);
	return true;
}

bool set_read(struct parse *p, enum set_kind kind, struct slice text, unsigned depth,
	struct ranges *out)
{
	struct arena *a = &p->load->scratch;

	text = slice_unquote(text);
	if (depth > DEPTH_MAX)
		return refuse(
			p, "lists and variables are nested deeper than %d", DEPTH_MAX);
	if (text.len == 0)
		return refuse(p, "an %s is missing",
			kind == SET_PORTS ? "end's port" : "address");
	if (slice_is(text, "any")) {
		*out = everything(kind, a);
		return true;
	}
	if (*text.at == '!') {
		struct ranges not = { 0 };
		if (!set_read(p, kind, (struct slice){ text.at + 1, text.len - 1 },
			    depth + 1, &not ))
			return false;
		*out = complement(kind, &not, a);
		return true;
	}
	if (*text.at == '$')
		return variable_read(
			p, kind, (struct slice){ text.at + 1, text.len - 1 }, depth, out);
	if (*text.at == '[' && text.at[text.len - 1] == ']')
		return read_list(
			p, kind, (struct slice){ text.at + 1, text.len - 2 }, depth, out);
	return read_element(p, kind, text, out);
}
