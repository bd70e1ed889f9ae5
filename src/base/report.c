#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/report.h"

static bool verbose;
static atomic_uint warnings;
static _Thread_local struct {
	char *at;
	size_t size;
} kept;

void report_keep(char *first, size_t size)
{
	kept.at = first;
	kept.size = size;
	if (first)
		*first = '\0';
}

static void keep(const char *format, va_list args)
{
	va_list again;

	if (!kept.at || *kept.at)
		return;
	va_copy(again, args);
	vsnprintf(kept.at, kept.size, format, again);
	va_end(again);
}

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
		va_start(args, format); \
		before; \
		say(kind, format, args); \
		va_end(args); \
	}
REPORT(report_error, "error: ", keep(format, args))
REPORT(report_warning, "warning: ", warnings++)
REPORT(report_news, "", (void)0)
REPORT(report_note, "", if (!verbose) { va_end(args); return; })

void report_verbose(bool on)
{
	verbose = on;
}

unsigned report_warnings(void)
{
	return warnings;
}
