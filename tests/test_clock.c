/* Times as text, against the C library's calendar. */
#include <string.h>
#include <time.h>

#include "dissect/clock.h"
#include "test.h"

static const struct { int64_t seconds; const char *text; } cases[] = {
	{ 0, "1970-01-01T00:00:00" },
	{ -1, "1969-12-31T23:59:59" },
	{ -11644473600, "1601-01-01T00:00:00" },
	{ 951782400, "2000-02-29T00:00:00" },
	{ 951868799, "2000-02-29T23:59:59" },
	{ 4107542399, "2100-02-28T23:59:59" },
	{ 4107542400, "2100-03-01T00:00:00" },
	{ 253402300799, "9999-12-31T23:59:59" },
	{ 253402300800, "10000-01-01T00:00:00" },
	{ 910692730085, "30828-09-14T02:48:05" },
};

static void check(int64_t seconds, const char *want)
{
	char text[CLOCK_TEXT + 1];
	*clock_text(text, seconds) = 0;
	CHECK(strcmp(text, want) == 0, "%lld: %s, want %s", (long long)seconds, text, want);
}

int main(void)
{
	char text[CLOCK_TEXT + 1];
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(cases[i].seconds, cases[i].text);
	for (time_t t = -11644473600; t < 32503680000; t += 86400 * 5 + 12345) {
		struct tm tm;
		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
		check(t, text);
	}
	*clock_digits(text, 7, 3) = 0;
	CHECK(strcmp(text, "007") == 0, "%s", text);
	*clock_digits(text, 12345, 3) = 0;
	CHECK(strcmp(text, "12345") == 0, "%s", text);
	return test_end();
}
