#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "people.h"

struct words number_text(uint64_t number)
{
	struct words w;
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	char *at = w.text;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return w;
}

struct words size_text(uint64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	struct words w;
	double size = (double)bytes / 1000;
	unsigned unit = 0;

	if (bytes < 1000) {
		snprintf(w.text, sizeof(w.text), "%u B", (unsigned)bytes);
		return w;
	}
	for (; size >= 999.95 && unit < 5; unit++)
		size /= 1000;
	snprintf(w.text, sizeof(w.text), "%.1f %s", size, units[unit]);
	return w;
}

struct words duration_text(uint64_t seconds)
{
	struct words w;
	uint64_t days = seconds / 86400, hours = seconds / 3600 % 24;
	unsigned minute = (unsigned)(seconds / 60 % 60), second = (unsigned)(seconds % 60);

	if (days > 0)
		snprintf(w.text, sizeof(w.text), "%" PRIu64 " d %u:%02u:%02u", days,
			(unsigned)hours, minute, second);
	else if (hours > 0)
		snprintf(w.text, sizeof(w.text), "%u:%02u:%02u", (unsigned)hours, minute, second);
	else
		snprintf(w.text, sizeof(w.text), "%u:%02u", minute, second);
	return w;
}

struct words time_text(uint64_t time_ns)
{
	struct words w = { "" };
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(w.text, sizeof(w.text), "%Y-%m-%d %H:%M:%S", &tm);
	return w;
}

bool people_watch(FILE *out)
{
	const char *terminal = getenv("TERM");
	return isatty(fileno(out)) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

bool people_see_colours(FILE *out)
{
	const char *refused = getenv("NO_COLOR");
	return people_watch(out) && !(refused && *refused);
}

unsigned people_columns(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

/* ---- tables ---- */

enum { LABEL = 12, NUMBER = 14, WORDS = LABEL + NUMBER + 2 };

const char *table_colour(const struct table *t, const char *code)
{
	return t->colours ? code : "";
}

static void print_label(struct table *t)
{
	fprintf(t->out, "%s%-*s%s", table_colour(t, BOLD), LABEL, t->label, table_colour(t, PLAIN));
	t->label = "";
}

void table_words(const struct table *t, const char *words, unsigned indent)
{
	size_t width = t->columns > indent + 20 ? t->columns - indent : 20;

	while (strlen(words) > width) {
		size_t len = width;
		while (len > 0 && words[len] != ' ')
			len--;
		if (len == 0) /* one long word: it sticks out */
			len = strcspn(words, " ");
		fprintf(t->out, "%.*s", (int)len, words);
		words += len + strspn(words + len, " ");
		if (*words)
			fprintf(t->out, "\n%*s", (int)indent, "");
	}
	fprintf(t->out, "%s\n", words);
}

void table_line(struct table *t, const char *number, const char *mark, const char *words)
{
	print_label(t);
	fprintf(t->out, "%s%*s%s", table_colour(t, mark), NUMBER, number, table_colour(t, PLAIN));
	if (!*words) {
		fputc('\n', t->out);
		return;
	}
	fputs("  ", t->out);
	table_words(t, words, WORDS);
}

void table_count(struct table *t, uint64_t count, const char *mark, const char *words)
{
	table_line(t, number_text(count).text, mark, words);
}
