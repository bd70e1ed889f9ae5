/* Thresholds as rows of matches: when, by whom, and whether it alerts. */
#include "detect/threshold.h"
#include "test.h"

enum { SECOND = 1000000000 };

struct match {
	unsigned time_s;
	const char *src, *dst;
	uint64_t value;
	bool alerts;
	enum order order;
};

static const struct {
	const char *what;
	struct threshold threshold, filter;
	struct match matches[16]; /* up to the first without a src */
} cases[] = {
	{ "limit: the first two of each window",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 2, .seconds = 10 }, { 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true }, { 1, "10.0.0.1", "10.0.0.9", 0, true },
			{ 2, "10.0.0.1", "10.0.0.9", 0, false },
			{ 3, "10.0.0.2", "10.0.0.9", 0, true },
			{ 10, "10.0.0.1", "10.0.0.9", 0, false },
			{ 11, "10.0.0.1", "10.0.0.9", 0, true },
			{ 12, "10.0.0.1", "10.0.0.9", 0, true },
			{ 13, "10.0.0.1", "10.0.0.9", 0, false } } },
	{ "threshold: every third",
		{ .type = THRESHOLD_THRESHOLD, .track = TRACK_BY_DST, .count = 3, .seconds = 10 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, false },
			{ 1, "10.0.0.2", "10.0.0.9", 0, false },
			{ 2, "10.0.0.3", "10.0.0.9", 0, true },
			{ 3, "10.0.0.3", "10.0.0.9", 0, false },
			{ 4, "10.0.0.3", "10.0.0.8", 0, false },
			{ 5, "10.0.0.3", "10.0.0.9", 0, false },
			{ 6, "10.0.0.3", "10.0.0.9", 0, true },
			{ 7, "10.0.0.3", "10.0.0.9", 0, false },
			{ 20, "10.0.0.3", "10.0.0.9", 0, false },
			{ 21, "10.0.0.3", "10.0.0.9", 0, false },
			{ 22, "10.0.0.3", "10.0.0.9", 0, true } } },
	{ "threshold of one alerts always",
		{ .type = THRESHOLD_THRESHOLD, .track = TRACK_BY_SRC, .count = 1, .seconds = 10 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true }, { 1, "10.0.0.1", "10.0.0.9", 0, true } } },
	{ "both: once a window, at the third",
		{ .type = THRESHOLD_BOTH, .track = TRACK_BY_RULE, .count = 3, .seconds = 10 }, { 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, false },
			{ 1, "10.0.0.2", "10.0.0.8", 0, false },
			{ 2, "10.0.0.3", "10.0.0.7", 0, true },
			{ 3, "10.0.0.1", "10.0.0.9", 0, false },
			{ 11, "10.0.0.1", "10.0.0.9", 0, false },
			{ 12, "10.0.0.1", "10.0.0.9", 0, false },
			{ 13, "10.0.0.1", "10.0.0.9", 0, true } } },
	{ "backoff: the first, second, fourth, eighth",
		{ .type = THRESHOLD_BACKOFF, .track = TRACK_BY_FLOW, .count = 1, .multiplier = 2 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true }, { 1, "10.0.0.1", "10.0.0.9", 0, true },
			{ 2, "10.0.0.1", "10.0.0.9", 0, false },
			{ 300, "10.0.0.1", "10.0.0.9", 0, true },
			{ 301, "10.0.0.1", "10.0.0.9", 0, false },
			{ 302, "10.0.0.1", "10.0.0.9", 0, false },
			{ 303, "10.0.0.1", "10.0.0.9", 0, false },
			{ 304, "10.0.0.1", "10.0.0.9", 0, true } } },
	{ "detection_filter: each one after the second",
		{ 0 },
		{ .type = THRESHOLD_DETECTION_FILTER, .track = TRACK_BY_SRC, .count = 2,
			.seconds = 10 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, false },
			{ 1, "10.0.0.1", "10.0.0.9", 0, false },
			{ 2, "10.0.0.1", "10.0.0.9", 0, true },
			{ 10, "10.0.0.1", "10.0.0.9", 0, true },
			{ 11, "10.0.0.1", "10.0.0.9", 0, false } } },
	{ "filter, and what passes it is limited",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 1, .seconds = 60 },
		{ .type = THRESHOLD_DETECTION_FILTER, .track = TRACK_BY_SRC, .count = 1,
			.seconds = 60 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, false }, { 1, "10.0.0.1", "10.0.0.9", 0, true },
			{ 2, "10.0.0.1", "10.0.0.9", 0, false } } },
	{ "by_both: either may be the source",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_BOTH, .count = 1, .seconds = 10 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true }, { 1, "10.0.0.9", "10.0.0.1", 0, false },
			{ 2, "10.0.0.1", "10.0.0.8", 0, true },
			{ 3, "2001:db8::1", "2001:db8::2", 0, true } } },
	{ "no seconds: the window never ends",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 1 }, { 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true },
			{ 4000000, "10.0.0.1", "10.0.0.9", 0, false } } },
	{ "time that goes back stays in the window",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 1, .seconds = 10 }, { 0 },
		{ { 50, "10.0.0.1", "10.0.0.9", 0, true },
			{ 20, "10.0.0.1", "10.0.0.9", 0, false } } },
	{ "distinct: the third different value, once a window",
		{ 0 },
		{ .type = THRESHOLD_DISTINCT, .track = TRACK_BY_SRC, .count = 3, .seconds = 10 },
		{ { 0, "10.0.0.1", "10.0.0.9", 71, false },
			{ 1, "10.0.0.1", "10.0.0.9", 71, false },
			{ 2, "10.0.0.1", "10.0.0.9", 0, false },
			{ 3, "10.0.0.1", "10.0.0.9", 73, true },
			{ 4, "10.0.0.1", "10.0.0.9", 71, false },
			{ 5, "10.0.0.1", "10.0.0.9", 74, false },
			{ 6, "10.0.0.2", "10.0.0.9", 75, false },
			{ 10, "10.0.0.1", "10.0.0.9", 76, false },
			{ 11, "10.0.0.1", "10.0.0.9", 77, false },
			{ 12, "10.0.0.1", "10.0.0.9", 73, false },
			{ 14, "10.0.0.1", "10.0.0.9", 71, true } } },
	{ "distinct: a window that ended takes its values along",
		{ 0 },
		{ .type = THRESHOLD_DISTINCT, .track = TRACK_BY_SRC, .count = 2, .seconds = 10 },
		{ { 0, "10.0.0.1", "10.0.0.9", 71, false },
			{ 11, "10.0.0.1", "10.0.0.9", 72, false },
			{ 12, "10.0.0.1", "10.0.0.9", 71, true } } },
	{ "distinct and limit: the first window with enough values, and one after the limit's",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 1, .seconds = 60 },
		{ .type = THRESHOLD_DISTINCT, .track = TRACK_BY_SRC, .count = 2, .seconds = 10 },
		{ { 0, "10.0.0.1", "10.0.0.9", 71, false },
			{ 1, "10.0.0.1", "10.0.0.9", 72, true },
			{ 20, "10.0.0.1", "10.0.0.9", 71, false },
			{ 21, "10.0.0.1", "10.0.0.9", 72, false },
			{ 62, "10.0.0.1", "10.0.0.9", 71, false },
			{ 63, "10.0.0.1", "10.0.0.9", 72, true } } },
	{ "limit: the first accepted command behind refused ones",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 2, .seconds = 10 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true, ORDER_TRIED },
			{ 1, "10.0.0.1", "10.0.0.9", 0, true, ORDER_TRIED },
			{ 2, "10.0.0.1", "10.0.0.9", 0, false, ORDER_TRIED },
			{ 3, "10.0.0.1", "10.0.0.9", 0, true, ORDER_OBEYED },
			{ 4, "10.0.0.1", "10.0.0.9", 0, false, ORDER_OBEYED },
			{ 5, "10.0.0.1", "10.0.0.9", 0, false, ORDER_TRIED },
			{ 11, "10.0.0.1", "10.0.0.9", 0, true, ORDER_OBEYED },
			{ 12, "10.0.0.1", "10.0.0.9", 0, true, ORDER_TRIED },
			{ 13, "10.0.0.1", "10.0.0.9", 0, false, ORDER_OBEYED } } },
	{ "limit: what is no command is no attempt",
		{ .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC, .count = 1, .seconds = 10 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, true, ORDER_NONE },
			{ 1, "10.0.0.1", "10.0.0.9", 0, false, ORDER_OBEYED } } },
	{ "both: it waits for its count, accepted or not",
		{ .type = THRESHOLD_BOTH, .track = TRACK_BY_SRC, .count = 2, .seconds = 10 },
		{ 0 },
		{ { 0, "10.0.0.1", "10.0.0.9", 0, false, ORDER_OBEYED },
			{ 1, "10.0.0.1", "10.0.0.9", 0, true, ORDER_TRIED },
			{ 2, "10.0.0.1", "10.0.0.9", 0, false, ORDER_TRIED },
			{ 3, "10.0.0.1", "10.0.0.9", 0, true, ORDER_OBEYED },
			{ 4, "10.0.0.1", "10.0.0.9", 0, false, ORDER_OBEYED } } },
	{ "distinct of one alerts at the first value",
		{ 0 },
		{ .type = THRESHOLD_DISTINCT, .track = TRACK_BY_SRC, .count = 1, .seconds = 10 },
		{ { 0, "10.0.0.1", "10.0.0.9", 71, true },
			{ 1, "10.0.0.1", "10.0.0.9", 72, false } } },
};

static enum threshold_answer ask(struct thresholds *t, const struct rule *r,
	const struct match *m)
{
	struct address src, dst;
	address_parse(&src, m->src);
	address_parse(&dst, m->dst);
	return threshold_pass(t, r, &src, &dst, 1, m->time_s * (uint64_t)SECOND, m->value,
		m->order);
}

static bool pass(struct thresholds *t, const struct rule *r, const struct match *m)
{
	return ask(t, r, m) == THRESHOLD_ALERTS;
}

static void test_cases(void)
{
	struct thresholds *t = thresholds_new(100);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rule r = { .index = i, .sid = i + 1, .threshold = cases[i].threshold,
			.filter = cases[i].filter };
		const struct match *m = cases[i].matches;
		for (; m->src; m++)
			CHECK(pass(t, &r, m) == m->alerts, "%s: at %u s", cases[i].what,
				m->time_s);
	}
	CHECK(thresholds_forgotten(t) == 0, "room for all");
	thresholds_free(t);
}

/* Two keys are remembered: a third pushes out the one that was silent longest. */
static void test_bound(void)
{
	static const struct match matches[] = {
		{ 0, "10.0.0.1", "10.0.0.9", 0, true }, { 1, "10.0.0.2", "10.0.0.9", 0, true },
		{ 2, "10.0.0.1", "10.0.0.9", 0, false }, { 3, "10.0.0.3", "10.0.0.9", 0, true },
		{ 4, "10.0.0.1", "10.0.0.9", 0, false }, { 5, "10.0.0.2", "10.0.0.9", 0, true },
		{ 6, "10.0.0.3", "10.0.0.9", 0, true },
	};
	struct rule r = { .threshold = { .type = THRESHOLD_LIMIT, .track = TRACK_BY_SRC,
		.count = 1, .seconds = 60 } };
	struct thresholds *t = thresholds_new(2);
	for (unsigned i = 0; i < sizeof(matches) / sizeof(*matches); i++)
		CHECK(pass(t, &r, &matches[i]) == matches[i].alerts, "match %u", i);
	CHECK(thresholds_forgotten(t) == 3, "%lu", (unsigned long)thresholds_forgotten(t));
	thresholds_free(t);
}

/* A large count is counted exactly up to the limit, and beyond it never alerts. */
static void test_many_values(void)
{
	struct rule r = { .filter = { .type = THRESHOLD_DISTINCT, .track = TRACK_BY_SRC,
		.count = THRESHOLD_VALUES_MAX, .seconds = 60 } };
	struct match m = { 0, "10.0.0.1", "10.0.0.9", 0, false };
	struct thresholds *t = thresholds_new(64);
	unsigned alerts = 0;
	for (m.value = 1; m.value < THRESHOLD_VALUES_MAX; m.value++)
		alerts += pass(t, &r, &m);
	CHECK(alerts == 0, "%u before the last", alerts);
	CHECK(pass(t, &r, &m), "the last one");
	r.index = 1;
	r.filter.count = THRESHOLD_VALUES_MAX + 1;
	for (m.value = 1; m.value < 3 * THRESHOLD_VALUES_MAX; m.value++)
		alerts += pass(t, &r, &m);
	CHECK(alerts == 0, "%u beyond the limit", alerts);
	thresholds_free(t);
}

/* What comes before it is enough is counted; what comes after it is held back. */
static void test_answers(void)
{
	static const enum threshold_answer want[] = { THRESHOLD_COUNTS, THRESHOLD_ALERTS,
		THRESHOLD_HOLDS_BACK, THRESHOLD_HOLDS_BACK, THRESHOLD_COUNTS };
	static const struct match matches[] = {
		{ 0, "10.0.0.1", "10.0.0.9", 1, 0 }, { 1, "10.0.0.1", "10.0.0.9", 2, 0 },
		{ 2, "10.0.0.1", "10.0.0.9", 1, 0 }, { 3, "10.0.0.1", "10.0.0.9", 3, 0 },
		{ 99, "10.0.0.1", "10.0.0.9", 1, 0 },
	};
	static const enum threshold_type types[] = { THRESHOLD_BOTH, THRESHOLD_DISTINCT };
	for (unsigned k = 0; k < 2; k++) {
		struct rule r = { .filter = { .type = types[k], .track = TRACK_BY_SRC, .count = 2,
			.seconds = 60 } };
		struct thresholds *t = thresholds_new(64);
		for (unsigned i = 0; i < sizeof(matches) / sizeof(*matches); i++)
			CHECK(ask(t, &r, &matches[i]) == want[i], "type %u, match %u", types[k], i);
		thresholds_free(t);
	}
}

int main(void)
{
	test_answers();
	test_cases();
	test_bound();
	test_many_values();
	return test_end();
}
