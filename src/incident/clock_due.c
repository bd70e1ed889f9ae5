#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incident/clock.h"
#include "incident/evaluate_state.h"

#define NS 1000000000ull
enum { DAYS_MOST = 10000 };

/* The date with what runs over carried. */
static struct tm date_of(const struct local_time *t)
{
	struct tm tm = { .tm_year = t->year - 1900, .tm_mon = t->month - 1,
		.tm_mday = t->day };

	timegm(&tm);
	return tm;
}

static bool is_business_day(const struct clock_rule *rule, const struct local_time *t)
{
	struct tm tm = date_of(t);
	char date[40];

	snprintf(date, sizeof(date), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday);
	if (evaluate_names(rule->workdays, date))
		return true;
	return tm.tm_wday != 0 && tm.tm_wday != 6 &&
		!evaluate_names(rule->holidays, date);
}

static void add_days(const struct clock_rule *rule, struct local_time *t, long count)
{
	if (!rule->business) {
		t->day += (int)count;
		return;
	}
	for (int most = DAYS_MOST; count > 0 && most > 0; most--) {
		t->day++;
		count -= is_business_day(rule, t);
	}
}

static void add_months(struct local_time *t, long count)
{
	int month = t->month - 1 + (int)count;

	t->year += month / 12;
	t->month = month % 12 + 1;
	if (t->day > days_in_month(t->year, t->month))
		t->day = days_in_month(t->year, t->month);
}

uint64_t clock_due(const struct clock_rule *rule, const struct time_zone *z, uint64_t t0)
{
	bool is_span = strncmp(rule->duration, "PT", 2) == 0;
	long count = strtol(rule->duration + (is_span ? 2 : 1), NULL, 10);
	char unit = rule->duration[strlen(rule->duration) - 1];
	struct local_time t;

	if (is_span)
		t0 += (uint64_t)count * (unit == 'H' ? 3600 : 60) * NS;
	if (is_span && !rule->until_end_of_day)
		return t0;
	t = time_zone_local(z, t0);
	if (!is_span && unit == 'D')
		add_days(rule, &t, count);
	else if (!is_span)
		add_months(&t, count);
	if (rule->until_end_of_day) {
		t.day++;
		t.second = 0;
		t.ns = 0;
	}
	return time_zone_moment(z, t);
}
