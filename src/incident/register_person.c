/* Who answers for what since when, and when work on it was announced. */
#include <stdio.h>

#include "base/report.h"
#include "incident/register_state.h"
#include "incident/time.h"
#include "incident/time_zone.h"

enum { WARNINGS_MAX = 20 };

static const char *const kinds[] = { "asset", "zone", "site" };

static bool exists(const struct registers *r, const char *kind, const char *id)
{
	char key[160];

	snprintf(key, sizeof(key), "%s:%s", strcmp(kind, "asset") == 0 ? "id" : kind, id);
	return json_object_get(r->index, key) != NULL;
}

static const char *site_of_row(const struct registers *r, const char *kind,
	const char *id)
{
	char key[160];

	if (strcmp(kind, "site") == 0)
		return id;
	if (strcmp(kind, "zone") == 0) {
		snprintf(key, sizeof(key), "zone:%s", id);
		return register_text(r->index, key);
	}
	const struct register_asset *a = registers_asset_by_id(r, id);
	return a ? a->site : NULL;
}

/* ---- responsible persons ---- */

static bool is_person(const struct registers *r, const char *id)
{
	char key[160];

	snprintf(key, sizeof(key), "person:%s", id);
	return json_object_get(r->index, key) != NULL;
}

void register_link_persons(struct loader *l)
{
	char key[160], at[64];
	json_t *row;
	size_t i;

	json_array_foreach(register_rows(l->r, "persons", "persons"), i, row) {
		snprintf(key, sizeof(key), "person:%s", register_text(row, "id"));
		snprintf(at, sizeof(at), "/persons/%zu/id", i);
		if (!register_index_add(l->r, key, json_true()))
			register_wrong(l, "persons", at, "a second person \"%s\"",
				register_text(row, "id"));
	}
}

/* A row names one of asset, zone and site; NULL after a reported error. */
static const char *kind_of(struct loader *l, const char *name, const json_t *row,
	const char *at)
{
	const char *kind = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < 3; i++)
		if (register_text(row, kinds[i])) {
			kind = kinds[i];
			count++;
		}
	if (count == 1 && exists(l->r, kind, register_text(row, kind)))
		return kind;
	if (count == 1)
		register_wrong(l, name, at, "there is no %s \"%s\"", kind,
			register_text(row, kind));
	else
		register_wrong(l, name, at, "must name one of asset, zone and site");
	return NULL;
}

/* Days are the site's: a duty begins and ends at its midnight. The last day is inside. */
static bool read_days(struct loader *l, const json_t *row, const char *at,
	const struct time_zone *z, uint64_t *from, uint64_t *to)
{
	const char *first = register_text(row, "valid_from"),
		*last = register_text(row, "valid_to");

	*to = UINT64_MAX;
	if (!time_zone_date(z, first, from) || (last && !time_zone_date(z, last, to)))
		register_wrong(l, "responsible", at, "there is no such day");
	else if (last && *to < *from)
		register_wrong(l, "responsible", at, "ends before it begins");
	else
		return true;
	return false;
}

static void add_duty(struct loader *l, const json_t *row, size_t i)
{
	const char *person = register_text(row, "person_id");
	char at[64];
	uint64_t from, to;

	snprintf(at, sizeof(at), "/responsible/%zu", i);
	const char *kind = kind_of(l, "responsible", row, at);
	if (person && registers_data(l->r, "persons") && !is_person(l->r, person))
		register_wrong(l, "responsible", at, "persons.json has no \"%s\"",
			person);
	if (!kind)
		return;
	const char *id = register_text(row, kind);
	const struct time_zone *z = registers_time_zone(l->r,
		site_of_row(l->r, kind, id));
	if (!read_days(l, row, at, z, &from, &to))
		return;
	if (to != UINT64_MAX) {
		struct local_time end = time_zone_local(z, to);
		end.day++;
		to = time_zone_moment(z, end);
	}
	spans_add(&l->r->duties, kind, id, from, to, row);
}

void register_link_duties(struct loader *l)
{
	json_t *row;
	size_t i;

	json_array_foreach(register_rows(l->r, "responsible", "responsible"), i, row)
		add_duty(l, row, i);
	spans_sort(&l->r->duties);
}

/* The asset's own row, else its zone's, else its site's. */
static const json_t *span_of(const struct registers *r, const struct spans *s,
	const char *id, uint64_t at_ns)
{
	const struct register_asset *a = registers_asset_by_id(r, id);
	const json_t *row = spans_find(s, "asset", id, at_ns);

	if (!row && a && a->zone)
		row = spans_find(s, "zone", a->zone, at_ns);
	if (!row && a && a->site)
		row = spans_find(s, "site", a->site, at_ns);
	return row;
}

bool registers_responsible(const struct registers *r, const char *asset_id,
	uint64_t at_ns, struct responsible *out)
{
	const json_t *row = span_of(r, &r->duties, asset_id, at_ns);

	*out = (struct responsible){ register_text(row, "department"),
		register_text(row, "person_id"),
		register_text(row, "role"), register_text(row, "valid_from") };
	return row != NULL;
}

/* ---- maintenance ---- */

static void add_window(struct loader *l, const json_t *row, size_t i)
{
	static const char *const lists[] = { "assets", "zones", "sites" };
	uint64_t from, to;
	char at[64];
	json_t *id;
	size_t k;

	snprintf(at, sizeof(at), "/windows/%zu", i);
	if (!time_read_rfc3339(register_text(row, "from"), &from) ||
		!time_read_rfc3339(register_text(row, "to"), &to) || to <= from) {
		register_wrong(l, "maintenance", at,
			"from and to must be times, one after the other, "
			"such as 2026-11-20T02:00:00+08:00");
		return;
	}
	for (unsigned n = 0; n < 3; n++)
		json_array_foreach(json_object_get(row, lists[n]), k, id) {
			if (!exists(l->r, kinds[n], json_string_value(id)))
				register_wrong(l, "maintenance", at,
					"there is no %s \"%s\"", kinds[n],
					json_string_value(id));
			spans_add(&l->r->windows, kinds[n], json_string_value(id), from,
				to, row);
		}
}

void register_link_windows(struct loader *l)
{
	json_t *row;
	size_t i;

	json_array_foreach(register_rows(l->r, "maintenance", "windows"), i, row)
		add_window(l, row, i);
	spans_sort(&l->r->windows);
}

const json_t *registers_window(const struct registers *r, const char *asset_id,
	uint64_t at_ns)
{
	return span_of(r, &r->windows, asset_id, at_ns);
}

/* ---- what a plant would want to know ---- */

unsigned registers_warn(const struct registers *r, uint64_t now_ns)
{
	unsigned count = 0;
	struct responsible who;

	for (unsigned i = 0; i < r->asset_count; i++)
		if (!registers_responsible(r, r->assets[i].id, now_ns, &who) &&
			count++ < WARNINGS_MAX)
			report_warning("asset %s: nobody is responsible for it now; "
				"responsible.json has no row for it, its zone or its site",
				r->assets[i].id);
	if (count > WARNINGS_MAX)
		report_warning("%u more assets that nobody is responsible for",
			count - WARNINGS_MAX);
	return count;
}
