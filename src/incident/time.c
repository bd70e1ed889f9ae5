#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incident/time.h"

#define NS 1000000000ull

/* Days from 1970-01-01 of a date in the Gregorian calendar: years begin in March, so that the
 * leap day is the last of its year, and months before it sum up as (153 m + 2) / 5. */
static int64_t days_of(int year, unsigned month, unsigned day)
{
	int64_t y = month > 2 ? year : year - 1;
	unsigned m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

void time_rfc3339(uint64_t ns, char out[TIME_TEXT])
{
	time_t seconds = (time_t)(ns / NS);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(out, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
		(unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
		(unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		(unsigned)tm.tm_sec % 100, (unsigned)(ns % NS / 1000));
}

/* `count` digits; false where there is something else. Moves on. */
static bool read_digits(const char **at, unsigned count, unsigned *v)
{
	*v = 0;
	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*v = *v * 10 + (unsigned)(**at - '0');
	}
	return true;
}

static bool read_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool read_date(const char **at, int64_t *days)
{
	static const unsigned lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year, month, day;

	if (!read_digits(at, 4, &year) || !read_char(at, '-') || !read_digits(at, 2, &month) ||
		!read_char(at, '-') || !read_digits(at, 2, &day))
		return false;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
		(month == 2 && day == 29 && !is_leap))
		return false;
	*days = days_of((int)year, month, day);
	return true;
}

/* A leap second counts as the first of the next minute. */
static bool read_clock(const char **at, int64_t *seconds)
{
	unsigned hour, minute, second;

	if (!read_digits(at, 2, &hour) || !read_char(at, ':') || !read_digits(at, 2, &minute) ||
		!read_char(at, ':') || !read_digits(at, 2, &second))
		return false;
	*seconds = (int64_t)hour * 3600 + minute * 60 + second;
	return hour < 24 && minute < 60 && second <= 60;
}

static bool read_decimals(const char **at, uint64_t *ns)
{
	uint64_t worth = NS / 10;

	*ns = 0;
	if (!read_char(at, '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, worth /= 10)
		*ns += worth * (uint64_t)(**at - '0');
	return true;
}

static bool read_offset(const char **at, int64_t *seconds)
{
	unsigned hours, minutes;
	int64_t sign = **at == '-' ? -1 : 1;

	*seconds = 0;
	if (read_char(at, 'Z') || read_char(at, 'z'))
		return true;
	if (!read_char(at, '+') && !read_char(at, '-'))
		return false;
	if (!read_digits(at, 2, &hours) || (read_char(at, ':'), !read_digits(at, 2, &minutes)))
		return false;
	*seconds = sign * ((int64_t)hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

bool time_read_rfc3339(const char *text, uint64_t *ns)
{
	int64_t days, clock, offset;
	uint64_t decimals;

	if (!read_date(&text, &days) || !(read_char(&text, 'T') || read_char(&text, 't')) ||
		!read_clock(&text, &clock) || !read_decimals(&text, &decimals) ||
		!read_offset(&text, &offset) || *text)
		return false;
	int64_t seconds = days * 86400 + clock - offset;
	if (seconds < 0 || seconds >= (int64_t)(UINT64_MAX / NS))
		return false;
	*ns = (uint64_t)seconds * NS + decimals;
	return true;
}

uint64_t time_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

static bool read_age(const char *text, uint64_t *seconds)
{
	static const struct { char letter; unsigned seconds; } units[] = { { 's', 1 },
		{ 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end;
	unsigned long count = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || !*end || end[1] || count > 100000)
		return false;
	for (unsigned i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (units[i].letter == *end) {
			*seconds = count * units[i].seconds;
			return true;
		}
	return false;
}

bool time_read_written(const char *text, uint64_t now_ns, uint64_t *ns)
{
	uint64_t seconds;
	char midnight[32];

	if (time_read_rfc3339(text, ns))
		return true;
	snprintf(midnight, sizeof(midnight), "%.10sT00:00:00Z", text);
	if (strlen(text) == 10 && time_read_rfc3339(midnight, ns))
		return true;
	if (!read_age(text, &seconds))
		return false;
	*ns = now_ns > seconds * NS ? now_ns - seconds * NS : 0;
	return true;
}
