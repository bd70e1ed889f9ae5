/* Options of `ironspan tier`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "command_tier_parts.h"
#include "incident/time.h"
#include "options.h"

static bool read_lane(const char *text, int *lane)
{
	*lane = text ? text[0] - '0' : -1;
	if (!text || (strlen(text) == 1 && *lane >= 0 && *lane < ENVELOPE_LANES))
		return true;
	report_error("--lane %s: not 0, 1, 2 or 3", text);
	return false;
}

static bool read_seconds(const char *text, uint64_t *seconds)
{
	char *end = NULL;

	*seconds = text ? strtoull(text, &end, 10) : 0;
	if (!text || (end != text && !*end && *text != '-' && *seconds > 0 &&
			     *seconds <= 366 * 86400))
		return true;
	report_error("--expires %s: not a number of seconds, up to a year", text);
	return false;
}

static bool read_time(const char *option, const char *text, uint64_t *ns)
{
	*ns = 0;
	if (!text || time_read_rfc3339(text, ns))
		return true;
	report_error("%s %s: not a time like 2026-11-20T18:00:00+08:00", option, text);
	return false;
}

int tier_words_read(struct tier_words *w, const char *help, int argc, char **argv)
{
	struct command_words words = { "tier", help };
	const char *lane = NULL, *expires = NULL, *ack_by = NULL, *report_back_by = NULL;
	const struct command_word rows[] = {
		{ "to", .list = &w->to },
		{ "type", .value = &w->type },
		{ "by", .value = &w->by },
		{ "level", .value = &w->level },
		{ "title", .value = &w->title },
		{ "text", .value = &w->text },
		{ "indicators", .value = &w->indicators },
		{ "report", .value = &w->report },
		{ "lane", .value = &lane },
		{ "expires", .value = &expires },
		{ "ack-by", .value = &ack_by },
		{ "report-back-by", .value = &report_back_by },
		{ "json", .flag = &w->json },
		{ "one-way", .flag = &w->one_way },
		{ "remove", .flag = &w->remove },
		{ NULL },
	};

	if (!command_words_read(&words, rows, argc, argv))
		return words.exit_code;
	if (!read_lane(lane, &w->lane_number) || !read_seconds(expires, &w->expires_s) ||
		!read_time("--ack-by", ack_by, &w->ack_by_ns) ||
		!read_time("--report-back-by", report_back_by, &w->report_back_by_ns))
		return EXIT_CANNOT_RUN;
	w->folder = words.count > 0 ? words.operands[0] : NULL;
	w->operands = words.operands + 1;
	w->count = words.count - 1;
	return TIER_WORDS_FINE;
}
