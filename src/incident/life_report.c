/* What an incident knows of its reports: drafted, approved by somebody else, filed. The
 * reports themselves are kept by the store. */
#include <string.h>

#include "incident/life_change.h"

static const char *member(const json_t *report, const char *name)
{
	return json_string_value(json_object_get(report, name));
}

static json_t *find_report(struct life_change *c, const char *uid)
{
	size_t i;
	json_t *report;
	json_array_foreach(json_object_get(c->doc, "reports"), i, report)
		if (member(report, "uid") && strcmp(member(report, "uid"), uid) == 0)
			return report;
	return NULL;
}

static json_t *named_report(struct life_change *c)
{
	json_t *report = find_report(c, life_text(c, "report"));
	if (!report)
		life_refuse(c, "the incident has no report %s", life_text(c, "report"));
	return report;
}

static bool is_filed(struct life_change *c, const char *kind)
{
	size_t i;
	json_t *report;
	json_array_foreach(json_object_get(c->doc, "reports"), i, report)
		if (member(report, "submitted") && member(report, "kind") &&
			strcmp(member(report, "kind"), kind) == 0)
			return true;
	return false;
}

/* Until it is approved a draft may be put in again. */
bool life_report(struct life_change *c)
{
	static const char *const later[] = { "approved_by", "approved", "submitted_by",
		"submitted", "channel", "receipt" };
	const char *uid = life_text(c, "uid");
	json_t *old = find_report(c, uid);
	if (old && member(old, "approved"))
		return life_refuse(c, "report %s is approved: draft another", uid);
	json_t *report = json_deep_copy(c->args);
	json_object_set_new(report, "prepared_by", json_string(c->person));
	json_object_set_new(report, "prepared", json_string(c->at));
	for (unsigned i = 0; i < sizeof(later) / sizeof(*later); i++)
		json_object_set_new(report, later[i], json_null());
	if (!old)
		return life_append(c, "reports", report);
	json_object_clear(old);
	json_object_update(old, report);
	json_decref(report);
	return true;
}

/* What leaves the plant has been seen by two persons. */
bool life_approve(struct life_change *c)
{
	json_t *report = named_report(c);
	if (!report)
		return false;
	if (member(report, "approved"))
		return life_refuse(
			c, "%s approved it already", member(report, "approved_by"));
	if (!member(report, "prepared_by") ||
		strcmp(member(report, "prepared_by"), c->person) == 0)
		return life_refuse(c,
			"%s drafted this report; another person must approve it",
			c->person);
	json_object_set_new(report, "approved_by", json_string(c->person));
	json_object_set_new(report, "approved", json_string(c->at));
	return true;
}

/* A first report may be filed before or after handling ends, a final one only after. */
static bool move_by_kind(struct life_change *c, const char *kind)
{
	if (strcmp(kind, "first") == 0 && c->state == LIFE_CONFIRMED)
		c->next = LIFE_REPORTED_FIRST;
	if (strcmp(kind, "progress") == 0 && c->state == LIFE_REPORTED_FIRST)
		c->next = LIFE_FOLLOW_UP;
	if (strcmp(kind, "final") != 0)
		return true;
	if (c->state != LIFE_RESOLVED && c->state != LIFE_REPORTED_FINAL)
		return life_refuse(c,
			"a final report is filed when the incident is resolved; it "
			"is %s",
			life_state_name(c->state));
	c->next = LIFE_REPORTED_FINAL;
	return true;
}

bool life_submit(struct life_change *c)
{
	json_t *report = named_report(c);
	if (!report)
		return false;
	if (!member(report, "approved"))
		return life_refuse(c, "nobody has approved this report");
	if (member(report, "submitted"))
		return life_refuse(c, "it was filed at %s", member(report, "submitted"));
	if (!life_not_before(c, json_object_get(report, "approved"), "the report was approved"))
		return false;
	if (!move_by_kind(c, member(report, "kind")))
		return false;
	json_object_set_new(report, "submitted_by", json_string(c->person));
	json_object_set_new(report, "submitted", json_string(c->at));
	json_object_set(report, "channel", json_object_get(c->args, "channel"));
	if (life_text(c, "receipt"))
		json_object_set(report, "receipt", json_object_get(c->args, "receipt"));
	return true;
}

/* Handed over again, because nobody knew whether it was, it goes in the same envelope. */
bool life_forward(struct life_change *c)
{
	json_t *report = named_report(c);
	if (!report)
		return false;
	if (!member(report, "approved"))
		return life_refuse(c, "nobody has approved this report");
	json_object_set_new(report, "forwarded",
		json_pack("{s:s, s:s, s:s, s:s}", "at", c->at, "by", c->person, "to",
			life_text(c, "to"), "envelope", life_text(c, "envelope")));
	return true;
}

bool life_close(struct life_change *c)
{
	json_t *note = json_pack("{s:s, s:s, s:s}", "at", c->at, "by", c->person, "text",
		life_text(c, "reason"));
	if (is_filed(c, "first") && !is_filed(c, "final")) {
		json_decref(note);
		return life_refuse(c, "the first report was filed, the final one is not");
	}
	if (life_text(c, "lessons"))
		json_object_set(c->doc, "lessons", json_object_get(c->args, "lessons"));
	json_object_set_new(life_object(c->doc, "times"), "closed", json_string(c->at));
	return life_append(c, "notes", note);
}
