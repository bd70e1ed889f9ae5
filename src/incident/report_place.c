/* Which systems: where they stand and what they are to the plant. */
#include <string.h>

#include "incident/document.h"
#include "incident/report_draft.h"

/* ---- where ---- */

static void put_names(struct text *t, const json_t *list, const char *between)
{
	const json_t *name;
	size_t i;

	json_array_foreach (list, i, name) {
		if (i > 0)
			text_str(t, between);
		text_str(t, json_string_value(name));
	}
}

static json_t *zones_of(const struct report_draft *d, const char *list_pointer)
{
	json_t *zones = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach (document_at(d->incident, list_pointer), i, one)
		report_add_name(zones, document_string(one, "/zone"));
	return zones;
}

static unsigned count_role(const json_t *affected, const char *role)
{
	const json_t *one;
	unsigned count = 0;
	size_t i;

	json_array_foreach (affected, i, one) {
		const char *its = document_string(one, "/role");
		count += its && strcmp(its, role) == 0;
	}
	return count;
}

/* Where nobody has said what they are, their names. */
static json_t *hosts_of(const struct report_draft *d, const json_t *affected)
{
	json_t *hosts = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach (affected, i, one)
		report_add_name(hosts, report_host(d, document_string(one, "/ip"),
			document_string(one, "/asset")));
	return hosts;
}

static void put_roles(const struct report_draft *d, struct text *t)
{
	const json_t *affected = document_at(d->incident, "/affected"), *one, *role;
	json_t *roles = json_array();
	size_t i;

	json_array_foreach (affected, i, one)
		report_add_name(roles, document_string(one, "/role"));
	if (json_array_size(roles) == 0) {
		json_t *hosts = hosts_of(d, affected);
		put_names(t, hosts, report_say(d, "、", ", "));
		json_decref(hosts);
	}
	json_array_foreach (roles, i, role) {
		const char *code = json_string_value(role);
		text_printf(t, report_say(d, "%s%s %u 台", "%s%s: %u"),
			i ? report_say(d, "，", ", ") : "", report_label(d, "role", code),
			count_role(affected, code));
	}
	json_decref(roles);
}

json_t *report_system(const struct report_draft *d)
{
	const char *site = document_string(d->incident, "/site/name");
	json_t *zones = zones_of(d, "/affected");
	struct text t = { 0 };

	if (site)
		text_str(&t, site);
	if (json_array_size(zones)) {
		text_str(&t, report_say(d, " 区域 ", ", zone "));
		put_names(&t, zones, report_say(d, "、", ", "));
	}
	if (json_array_size(document_at(d->incident, "/affected"))) {
		report_separate(&t, report_say(d, "，", "; "));
		put_roles(d, &t);
	}
	json_decref(zones);
	return report_take(&t);
}

/* From the suspected sources' zones to those of what they reached. */
json_t *report_path(const struct report_draft *d)
{
	json_t *from = zones_of(d, "/actors"), *to = zones_of(d, "/affected");
	struct text t = { 0 };

	if (json_array_size(from) && json_array_size(to)) {
		put_names(&t, from, ", ");
		text_str(&t, " → ");
		put_names(&t, to, ", ");
	}
	json_decref(from);
	json_decref(to);
	return report_take(&t);
}

json_t *report_event_type(const struct report_draft *d)
{
	const char *category = document_string(d->incident,
		"/classification/gbt20986/category");
	const char *sub = document_string(d->incident, "/classification/gbt20986/subcategory");

	if (!category)
		return NULL;
	return sub ? json_sprintf("%s / %s", category, sub) : json_string(category);
}

/* ---- which system ---- */

json_t *report_mlps_level(const struct report_draft *d)
{
	const json_t *one;
	json_int_t highest = 0, level_found;
	size_t i;

	json_array_foreach (document_at(d->incident, "/affected"), i, one)
		if (document_integer(one, "/mlps_level", &level_found) && level_found > highest)
			highest = level_found;
	return highest ? json_integer(highest) : NULL;
}

/* What a person said; else true if one asset is marked. Not marked is not "no". */
json_t *report_cii(const struct report_draft *d)
{
	const json_t *said = document_at(d->incident, "/human_input/cii_operator"), *one;
	size_t i;

	if (said)
		return json_incref((json_t *)said);
	json_array_foreach (document_at(d->incident, "/affected"), i, one)
		if (document_is_true(one, "/cii"))
			return json_true();
	return NULL;
}

