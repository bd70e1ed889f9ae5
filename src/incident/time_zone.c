#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "incident/time_zone.h"

#define NS 1000000000ull
enum { DAY_S = 86400, STEP_S = 7 * DAY_S, SHIFTS_MAX = 1024 };
#define LAST_S 4102444800ll /* 2100-01-01: later the last rule stands still */

/* From `since` on local time is UTC plus `offset` seconds. */
struct shift {
	int64_t since;
	int32_t offset;
};

struct time_zone {
	char *name;
	struct shift *shifts;
	unsigned count;
};

/* Seconds of a local time as if it were UTC; what runs over is carried. */
static int64_t seconds_of(int year, int month, int day, int64_t second)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };

	return (int64_t)timegm(&tm) + second;
}

int days_in_month(int year, int month)
{
	return (int)((seconds_of(year, month + 1, 1, 0) - seconds_of(year, month, 1,
		0)) / DAY_S);
}

/* ---- the library's table ---- */

static int32_t offset_at(int64_t s)
{
	time_t at = (time_t)s;
	struct tm tm;

	localtime_r(&at, &tm);
	return (int32_t)tm.tm_gmtoff;
}

/* The first second in (low, high] that has the offset of `high`. */
static int64_t find_shift(int64_t low, int64_t high)
{
	int32_t after = offset_at(high);

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (offset_at(middle) == after)
			high = middle;
		else
			low = middle;
	}
	return high;
}

static void read_shifts(struct time_zone *z)
{
	z->shifts = mem_array(SHIFTS_MAX, sizeof(*z->shifts));
	z->shifts[z->count++] = (struct shift){ 0, offset_at(0) };
	for (int64_t s = 0; s < LAST_S && z->count < SHIFTS_MAX; s += STEP_S)
		if (offset_at(s + STEP_S) != offset_at(s))
			z->shifts[z->count++] = (struct shift){ find_shift(s, s + STEP_S),
				offset_at(s + STEP_S) };
}

/* The C library takes an unknown name for UTC without a word, so look for its file. */
static bool is_known(const char *name)
{
	const char *folder = getenv("TZDIR");

	if (strcmp(name, "UTC") == 0)
		return true;
	if (*name == '\0' || *name == '/' || strstr(name, ".."))
		return false;
	char *path = mem_printf("%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
	bool known = access(path, R_OK) == 0;
	free(path);
	return known;
}

static void set_zone(const char *name)
{
	if (name)
		setenv("TZ", name, 1);
	else
		unsetenv("TZ");
	tzset();
}

struct time_zone *time_zone_load(const char *name)
{
	if (!is_known(name))
		return NULL;
	const char *set = getenv("TZ");
	char *before = set ? mem_string(set) : NULL;
	struct time_zone *z = mem_new(sizeof(*z));

	z->name = mem_string(name);
	set_zone(name);
	read_shifts(z);
	set_zone(before);
	free(before);
	return z;
}

void time_zone_free(struct time_zone *z)
{
	if (!z)
		return;
	free(z->name);
	free(z->shifts);
	free(z);
}

const char *time_zone_name(const struct time_zone *z)
{
	return z ? z->name : "UTC";
}

/* ---- both ways ---- */

/* The last shift that is not after `s`. */
static unsigned shift_of(const struct time_zone *z, int64_t s)
{
	unsigned low = 0, high = z->count;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;
		if (z->shifts[middle].since <= s)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct local_time time_zone_local(const struct time_zone *z, uint64_t ns)
{
	int64_t s = (int64_t)(ns / NS);
	time_t local = (time_t)(s + (z ? z->shifts[shift_of(z, s)].offset : 0));
	struct tm tm;

	gmtime_r(&local, &tm);
	return (struct local_time){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec, (uint32_t)(ns % NS) };
}

/* Of the offsets around a local time, the first that leads back to it; in a gap none
 * does, and the moment of the change stands for it. */
static int64_t to_utc(const struct time_zone *z, int64_t local)
{
	unsigned from = shift_of(z, local - DAY_S), to = shift_of(z, local + DAY_S);

	for (unsigned i = from; i <= to; i++) {
		int64_t s = local - z->shifts[i].offset;
		if (shift_of(z, s) == i || (i == 0 && s < z->shifts[0].since))
			return s;
		if (i < to && s >= z->shifts[i + 1].since &&
			local - z->shifts[i + 1].offset < z->shifts[i + 1].since)
			return z->shifts[i + 1].since;
	}
	return local - z->shifts[to].offset;
}

uint64_t time_zone_moment(const struct time_zone *z, struct local_time t)
{
	int64_t local = seconds_of(t.year, t.month, t.day, t.second);
	int64_t s = z ? to_utc(z, local) : local;

	return s < 0 ? 0 : (uint64_t)s * NS + t.ns;
}

bool time_zone_date(const struct time_zone *z, const char *date, uint64_t *ns)
{
	struct local_time t = { 0 };
	int used = 0;

	if (strlen(date) != 10 || strspn(date, "0123456789-") != 10 ||
		sscanf(date, "%4d-%2d-%2d%n", &t.year, &t.month, &t.day, &used) != 3 ||
		used != 10 || t.year < 1970 || t.year > 2500 || t.month < 1 ||
		t.month > 12 || t.day < 1 || t.day > days_in_month(t.year, t.month))
		return false;
	*ns = time_zone_moment(z, t);
	return true;
}
