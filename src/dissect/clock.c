#include "dissect/clock.h"

enum { DAY = 86400, MARCH_0 = 719468 /* days from 0000-03-01 to 1970 */, ERA = 146097 };

char *clock_digits(char *out, uint32_t value, unsigned width)
{
	uint32_t left = value;
	unsigned needs = 1;

	while (left /= 10)
		needs++;
	if (width < needs)
		width = needs;
	for (unsigned i = width; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + width;
}

/* What stands before each pair of digits, and the pair. */
static char *put_pair(char *out, char before, uint32_t value)
{
	out[0] = before;
	out[1] = (char)('0' + value / 10);
	out[2] = (char)('0' + value % 10);
	return out + 3;
}

/* By eras of 400 years that begin in March, so that the leap day is the last of its year. */
static char *put_date(char *out, int64_t days)
{
	int64_t since = days + MARCH_0, era = since / ERA;
	uint32_t day = (uint32_t)(since - era * ERA);
	uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	uint32_t of_year = day - (365 * year + year / 4 - year / 100);
	uint32_t month = (5 * of_year + 2) / 153;

	out = clock_digits(out, year + (uint32_t)era * 400 + (month >= 10), 4);
	out = put_pair(out, '-', month < 10 ? month + 3 : month - 9);
	return put_pair(out, '-', of_year - (153 * month + 2) / 5 + 1);
}

char *clock_text(char *out, int64_t seconds)
{
	int64_t days = seconds / DAY - (seconds % DAY < 0);
	uint32_t of_day = (uint32_t)(seconds - days * DAY);

	out = put_date(out, days);
	out = put_pair(out, 'T', of_day / 3600);
	out = put_pair(out, ':', of_day / 60 % 60);
	return put_pair(out, ':', of_day % 60);
}
