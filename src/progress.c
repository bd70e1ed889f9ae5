#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "people.h"
#include "progress.h"

#define SECOND UINT64_C(1000000000)
enum { BAR_MAX = 30, BAR_MIN = 8 };

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

void progress_begin(struct progress *p, bool quiet)
{
	*p = (struct progress){ .on = !quiet && people_watch(stderr), .begun_ns = now_ns() };
}

uint64_t progress_elapsed_ns(const struct progress *p)
{
	return now_ns() - p->begun_ns;
}

static void wipe(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}

/* "1.2 GB of 2.5 GB  812,345 packets/s  0:12 left" */
static int describe(char *text, size_t size, const struct source_counters *c, uint64_t ns)
{
	double seconds = (double)ns / SECOND;
	struct words rate = number_text((uint64_t)((double)c->packets / seconds));

	if (c->total == 0)
		return snprintf(text, size, "%s packets  %s packets/s",
			number_text(c->packets).text, rate.text);
	double left = c->done ? seconds * (double)(c->total - c->done) / (double)c->done : 0;
	return snprintf(text, size, "%s of %s  %s packets/s  %s left", size_text(c->done).text,
		size_text(c->total).text, rate.text, duration_text((uint64_t)(left + 0.5)).text);
}

/* "[=====>    ]  47%  " in at most `room` columns, or nothing. */
static void draw_bar(double share, int room)
{
	int width = room - 9 < BAR_MAX ? room - 9 : BAR_MAX;
	int full = (int)(share * width);

	if (width < BAR_MIN)
		return;
	fputc('[', stderr);
	for (int i = 0; i < width; i++)
		fputc(i < full ? '=' : i == full ? '>' : ' ', stderr);
	fprintf(stderr, "] %3d%%  ", (int)(share * 100));
}

static void draw(struct progress *p, const struct source_counters *c, uint64_t now)
{
	char text[160];
	int columns = (int)people_columns(stderr) - 1;
	struct source_counters bounded = *c;

	if (bounded.done > bounded.total)
		bounded.done = bounded.total;
	int len = describe(text, sizeof(text), &bounded, now - p->begun_ns);
	fputs("\r\033[K", stderr);
	if (c->total > 0)
		draw_bar((double)bounded.done / (double)c->total, columns - len);
	fprintf(stderr, "%.*s", columns, text);
	fflush(stderr);
	p->drawn = true;
	p->drawn_ns = now;
}

void progress_show(void *progress, const struct source_counters *c)
{
	struct progress *p = progress;

	if (!p->on)
		return;
	uint64_t now = now_ns();
	if (now - p->begun_ns >= SECOND && now - p->drawn_ns >= SECOND / 5)
		draw(p, c, now);
}

void progress_end(struct progress *p)
{
	wipe(p);
	p->on = false;
}

/* ---- the sink around standard output ---- */

static struct progress *progress_of(struct sink *s)
{
	return (struct progress *)s; /* its first member */
}

static bool wiping_write(struct sink *s, struct bytes lines, enum line_value value)
{
	struct progress *p = progress_of(s);

	wipe(p);
	return sink_write(p->inner, lines, value) && sink_flush(p->inner);
}

static bool wiping_flush(struct sink *s)
{
	return sink_flush(progress_of(s)->inner);
}

static void wiping_reopen(struct sink *s)
{
	sink_reopen(progress_of(s)->inner);
}

static bool wiping_finish(struct sink *s)
{
	return sink_finish(progress_of(s)->inner);
}

static bool wiping_count(struct sink *s, unsigned index, struct sink_counters *c)
{
	return sink_count(progress_of(s)->inner, index, c);
}

static void wiping_close(struct sink *s)
{
	sink_close(progress_of(s)->inner);
}

static const struct sink_ops wiping = {
	.write = wiping_write,
	.flush = wiping_flush,
	.reopen = wiping_reopen,
	.finish = wiping_finish,
	.count = wiping_count,
	.close = wiping_close,
};

struct sink *progress_sink(struct progress *p, struct sink *inner)
{
	if (!p->on || !isatty(STDOUT_FILENO))
		return inner;
	p->sink = (struct sink){ .ops = &wiping };
	p->inner = inner;
	return &p->sink;
}
