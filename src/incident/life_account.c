/* How long people took; null where they were there before the detection. */
#include <string.h>

#include "incident/life_change.h"

static json_t *seconds_between(const json_t *from, const json_t *to)
{
	uint64_t a, b;
	if (!json_is_string(from) || !json_is_string(to) ||
		!time_read_rfc3339(json_string_value(from), &a) ||
		!time_read_rfc3339(json_string_value(to), &b) || b < a)
		return json_null();
	return json_integer((json_int_t)((b - a) / 1000000000));
}

/* When the first of all reports was filed; NULL: none was. */
static const json_t *first_filed(const json_t *doc)
{
	size_t i;
	const json_t *report, *first = NULL;
	json_array_foreach(json_object_get(doc, "reports"), i, report) {
		const json_t *at = json_object_get(report, "submitted");
		if (json_is_string(at) && (!first ||
			strcmp(json_string_value(at), json_string_value(first)) < 0))
			first = at;
	}
	return first;
}

void life_account(json_t *doc)
{
	const json_t *times = json_object_get(doc, "times");
	const json_t *from = json_object_get(times, "detected");
	if (life_state_of(doc) < LIFE_RESOLVED && !json_object_get(doc, "accountability"))
		return;
	json_t *figures = life_object(doc, "accountability");
	json_object_set_new(figures, "ack_s",
		seconds_between(from, json_object_get(times, "acknowledged")));
	json_object_set_new(figures, "confirm_s",
		seconds_between(from, json_object_get(times, "confirmed")));
	json_object_set_new(figures, "contain_s",
		seconds_between(from, json_object_get(times, "contained")));
	json_object_set_new(
		figures, "first_report_s", seconds_between(from, first_filed(doc)));
	if (!json_object_get(figures, "findings"))
		json_object_set_new(figures, "findings", json_null());
}
