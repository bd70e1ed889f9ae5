#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/report.h"

static bool verbose;
static atomic_uint warnings;

static void say(const char *kind, const char *format, va_list args)
{
	flockfile(stderr); /* one line each, whoever else speaks */
	fprintf(stderr, "ironspan: %s", kind);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	funlockfile(stderr);
}

#define REPORT(name, kind, before) \
	void name(const char *format, ...) \
	{ \
		va_list args; \
		before; \
		va_start(args, format); \
		say(kind, format, args); \
		va_end(args); \
	}
REPORT(report_error, "error: ", (void)0)
REPORT(report_warning, "warning: ", warnings++)
REPORT(report_news, "", (void)0)
REPORT(report_note, "", if (!verbose) return)

void report_verbose(bool on)
{
	verbose = on;
}

unsigned report_warnings(void)
{
	return warnings;
}
